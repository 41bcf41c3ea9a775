//! A match of a search, before its record is read.

use sqlx::Row;
use sqlx::postgres::PgRow;

/// A match: a higher rank is better.
pub(super) struct Hit {
    pub(super) id: i64,
    pub(super) rank: f64,
}

pub(super) fn hit(row: &PgRow) -> Hit {
    Hit {
        id: row.get(0),
        rank: row.get(1),
    }
}
