//! Helpers for statements: many rows in one statement, trimmed texts, identities and words as values.
//!
//! Each statement costs a call to the thread of `SQLite`, so many rows share one statement. The number of rows is one of a few
//! fixed sizes, so that each statement is prepared once and reused.

use crate::domain::character::CastId;
use crate::domain::flag::Flags;
use crate::domain::outcome::Outcome;
use crate::domain::status::Status;
use crate::domain::text::WHITE_SPACE;
use crate::store::StoreError;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{Sqlite as Driver, SqliteArguments};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Arguments, Encode, Type};

/// The numbers of rows in a statement, largest first.
const SIZES: [usize; 4] = [500, 64, 8, 1];

/// Splits `rows` into parts of the fixed sizes, in order.
pub(super) fn parts<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (part, behind) = rest.split_at(size);
        rest = behind;
        Some(part)
    })
}

/// Adds a value for the next placeholder.
///
/// # Panics
///
/// Never: numbers, texts and bytes can always be encoded.
pub(super) fn bind<'v>(
    values: &mut SqliteArguments,
    value: impl Encode<'v, Driver> + Type<Driver>,
) {
    values
        .add(value)
        .expect("numbers, texts and bytes can always be encoded");
}

/// Placeholders for `rows` rows of `columns` values: `(?,?),(?,?)`.
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({}?)", "?,".repeat(columns.saturating_sub(1)));
    let mut placeholders = format!("{row},").repeat(rows);
    placeholders.pop();
    placeholders
}

/// SQL that trims a text as `str::trim` does. The `trim` of `SQLite` alone removes only spaces.
pub(super) fn trimmed(text: &str) -> String {
    format!("trim({text}, '{WHITE_SPACE}')")
}

/// The state that a word of the database stands for.
pub(super) fn status(word: &str) -> Result<Status, StoreError> {
    Status::of(word).ok_or(StoreError::Impossible { what: "status" })
}

/// The outcome that a word of the database stands for.
pub(super) fn outcome(word: &str) -> Result<Outcome, StoreError> {
    Outcome::of(word).ok_or(StoreError::Impossible { what: "outcome" })
}

/// The flags of a JSON array of words.
pub(super) fn flags(json: &str) -> Result<Flags, StoreError> {
    // Most stories have none, and an export reads millions.
    if json == "[]" {
        return Ok(Flags::default());
    }
    let words: Option<Vec<&str>> = serde_json::from_str(json).ok();
    words
        .and_then(|words| Flags::of(&words))
        .ok_or(StoreError::Impossible { what: "flag" })
}

/// A cast's identity is a number in the database.
impl sqlx::Type<sqlx::Sqlite> for CastId {
    fn type_info() -> SqliteTypeInfo {
        <i64 as sqlx::Type<sqlx::Sqlite>>::type_info()
    }

    fn compatible(found: &SqliteTypeInfo) -> bool {
        <i64 as sqlx::Type<sqlx::Sqlite>>::compatible(found)
    }
}

impl<'q> sqlx::Encode<'q, sqlx::Sqlite> for CastId {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as sqlx::Encode<'q, sqlx::Sqlite>>::encode_by_ref(&self.0, buffer)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Sqlite> for CastId {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as sqlx::Decode<'r, sqlx::Sqlite>>::decode(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flag;

    #[test]
    fn every_row_is_in_exactly_one_part() {
        let rows: Vec<usize> = (0..1_145).collect();
        let sizes: Vec<usize> = parts(&rows).map(<[usize]>::len).collect();
        assert_eq!(sizes, [500, 500, 64, 64, 8, 8, 1]);
        assert!(parts(&rows).flatten().eq(&rows));
        assert_eq!(parts::<usize>(&[]).count(), 0);
    }

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

    #[test]
    fn each_row_has_its_placeholders() {
        assert_eq!(placeholders(2, 3), "(?,?,?),(?,?,?)");
        assert_eq!(placeholders(1, 1), "(?)");
    }
}
