//! The values that a caller passes to the store: a sheet to import, and which failed characters to try again.

use crate::domain::outcome::Outcome;
use crate::domain::recipe::Recipe;
use crate::domain::verdict::Finished;

/// A sheet to import, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The cast's name.
    pub cast: String,
    /// The sheet's columns, in order.
    pub columns: Vec<String>,
    /// The column that identifies its rows, if there is one.
    pub key_column: Option<String>,
    /// Whether its rows may contain finished stories.
    pub have: bool,
    /// The recipe of its stories.
    pub recipe: Recipe,
    /// The positions of the columns that the prompt names, without those of name and description.
    pub prompt_columns: Vec<usize>,
    /// What happens to finished characters whose stories were made with another recipe.
    pub finished: Finished,
}

/// Which failed characters to try again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failed {
    /// Only those whose failure is of this class, or whose message contains this text, in upper or lower case.
    pub cause: Option<String>,
    /// Only those whose name contains this text, in upper or lower case.
    pub name: Option<String>,
}

impl Failed {
    /// Whether a failed character with this name, this class of failure and this message is one of them.
    #[must_use]
    pub fn has(&self, name: &str, error_kind: Outcome, error: &str) -> bool {
        let within = |part: &String, text: &str| text.to_lowercase().contains(&part.to_lowercase());
        let caused = |cause: &String| cause == error_kind.word() || within(cause, error);
        self.cause.as_ref().is_none_or(caused)
            && self.name.as_ref().is_none_or(|part| within(part, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_a_class_of_failures_or_a_part_of_a_message() {
        let fits = |cause: Option<&str>, name: Option<&str>| {
            let which = Failed {
                cause: cause.map(str::to_owned),
                name: name.map(str::to_owned),
            };
            which.has("Ada Pine", Outcome::RefusedRow, "400: too Long")
        };
        assert!(fits(None, None));
        assert!(fits(Some("refused_row"), None) && !fits(Some("refused"), None));
        assert!(fits(Some("TOO long"), Some("pine")) && !fits(Some("TOO long"), Some("bo")));
    }
}
