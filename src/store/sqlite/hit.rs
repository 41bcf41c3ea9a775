//! A match of a search, before its record is read.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A match: the character's identity and its rank. A lower rank is better.
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
