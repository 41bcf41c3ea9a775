//! An import in progress, as its steps see it.

use super::session::Transaction;
use crate::domain::character::CastId;
use crate::store::Sheet;

/// An import in progress. It holds the connection for changes.
pub(in crate::store) struct Import<'a> {
    pub(super) tx: Transaction<'a>,
    pub(super) sheet: Sheet,
    /// The database's address, for messages.
    pub(super) db: String,
    /// The cast, if it existed before.
    pub(super) cast: Option<CastId>,
    /// Whether the sheet and its cast have the same key column.
    pub(super) keyed: bool,
    pub(super) stage: Stage,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Adding,
    /// All rows are there.
    Complete,
}
