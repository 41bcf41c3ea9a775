//! The words and numbers of the domain as both kinds of database store them.
//!
//! A word that this program never writes is an error, because a newer program or a person may have written it.

use super::StoreError;
use crate::domain::flag::Flags;
use crate::domain::outcome::Outcome;
use crate::domain::status::Status;
use serde_json::value::RawValue;

/// The state that a word of the database stands for.
pub(in crate::store) fn status(word: &str) -> Result<Status, StoreError> {
    Status::of(word).ok_or(StoreError::Impossible { what: "status" })
}

/// The outcome that a word of the database stands for.
pub(in crate::store) fn outcome(word: &str) -> Result<Outcome, StoreError> {
    Outcome::of(word).ok_or(StoreError::Impossible { what: "outcome" })
}

/// The flags of a JSON array of words.
pub(in crate::store) fn flags(json: &str) -> Result<Flags, StoreError> {
    // Most stories have none, and an export reads millions.
    if json == "[]" {
        return Ok(Flags::default());
    }
    let words: Option<Vec<&str>> = serde_json::from_str(json).ok();
    words
        .and_then(|words| Flags::of(&words))
        .ok_or(StoreError::Impossible { what: "flag" })
}

/// A JSON text of the database, unchanged.
pub(in crate::store) fn raw(json: String) -> Result<Box<RawValue>, StoreError> {
    RawValue::from_string(json).map_err(|_| StoreError::Impossible { what: "JSON value" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flag;

    #[test]
    fn a_word_that_this_program_never_writes_is_an_error() {
        assert_eq!(status("failed").ok(), Some(Status::Failed));
        assert_eq!(outcome("bad_text").ok(), Some(Outcome::BadText));
        let stale = Flags::default().with(Flag::Stale);
        assert_eq!(flags(r#"["stale"]"#).ok(), Some(stale));
        assert_eq!(flags("[]").ok(), Some(Flags::default()));
        for err in [
            status("Failed").err(),
            outcome("").err(),
            flags(r#"["stale","late"]"#).err(),
            flags("stale").err(),
        ] {
            assert!(matches!(err, Some(StoreError::Impossible { .. })));
        }
    }
}
