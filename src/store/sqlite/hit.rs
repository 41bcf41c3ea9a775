//! What is searched for, and what is found before it is described.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Words as they were typed.
    pub words: String,
    /// In this cast only.
    pub cast: Option<String>,
    /// Among those that left the sheet, too.
    pub gone: bool,
    /// At most so many are described; all are counted.
    pub limit: Option<u64>,
}

/// A place among all that was found.
pub(super) struct Hit {
    pub(super) id: i64,
    pub(super) rank: f64,
}

pub(super) fn hit(row: &SqliteRow) -> Hit {
    Hit {
        id: row.get(0),
        rank: row.get(1),
    }
}
