//! An import in progress: what it holds, for all the files that carry out a part of it.

use super::Sqlite;
use super::enroll::Enrolment;
use super::unchanged::Unchanged;
use crate::domain::alignment::Limits;
use crate::domain::character::CastId;
use crate::store::Sheet;
use sqlx::SqliteConnection;
use tokio::sync::MutexGuard;

/// An import in progress. It holds the only connection that writes.
pub(in crate::store) struct Import<'a> {
    pub(super) db: &'a Sqlite,
    pub(super) writer: MutexGuard<'a, SqliteConnection>,
    pub(super) sheet: Sheet,
    /// The cast, if it existed before.
    pub(super) cast: Option<CastId>,
    /// Whether the sheet and its cast have the same key column.
    pub(super) keyed: bool,
    /// The cast, if it is new and is filled without staging.
    pub(super) enrolment: Option<Enrolment>,
    /// The rows that did not change, where they are looked for.
    pub(super) unchanged: Option<Unchanged>,
}

/// How an import finds out what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Rows that did not change are found while they are read, where that gives the same result.
    Short(Limits),
    /// All rows are staged and compared; tests compare the other way with it.
    #[cfg(test)]
    Full,
}
