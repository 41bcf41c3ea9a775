//! What is searched for, and what is found before it is described.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

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
