//! The values that a caller passes to the store: a sheet to import, and which failed characters to try again.

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
