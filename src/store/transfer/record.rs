//! A cast in the form that both kinds of database share: records of cells, in the order of fixed lists of columns.
//!
//! No identity is part of a record, because identities differ from one database to the other. Where a record refers to another one, it
//! has that record's position instead. So equal casts have equal records, wherever they are stored.
//!
//! The lists say which columns are copied. What a database has besides is made again in the copy: identities, counts, the index of the
//! search, the limits of an endpoint.

use crate::store::StoreError;
use std::borrow::Cow;
use std::collections::HashMap;

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The values of a record, in the order of the list of its columns.
pub(in crate::store) type Record = Vec<Cell>;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) enum Kind {
    Integer,
    /// Yes or no: 1 or 0 in a record.
    Truth,
    Text,
    /// A text that is JSON.
    Json,
    Bytes,
    /// A reference: in a record, the position in the list of recipes.
    Recipe,
    /// A reference: in a record, the position in the list of endpoints.
    Endpoint,
    /// A reference: in a record, the position in the list of runs.
    Run,
}

/// A column of a table, under the name that it has in both kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Column {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) kind: Kind,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// Columns of `recipes`.
pub(in crate::store) const RECIPES: &[Column] = &[
    column("fingerprint", Kind::Bytes),
    column("provider", Kind::Text),
    column("model", Kind::Text),
    column("describe", Kind::Text),
    column("describe_text", Kind::Text),
    column("prompt", Kind::Text),
    column("fields", Kind::Json),
];

/// Columns of `endpoints`. The hash of the key is another one in each database, and the pace belongs to the database.
pub(in crate::store) const ENDPOINTS: &[Column] = &[column("address", Kind::Text)];

/// Columns of `stored_casts`, without the counts.
pub(in crate::store) const CAST: &[Column] = &[
    column("name", Kind::Text),
    column("created_ms", Kind::Integer),
    column("recipe_id", Kind::Recipe),
    column("header", Kind::Json),
    column("key_column", Kind::Text),
    column("memory", Kind::Json),
    column("sheet_digest", Kind::Bytes),
    column("budget", Kind::Integer),
    column("cost", Kind::Integer),
    column("cost_maybe", Kind::Integer),
    column("oldest_ms", Kind::Integer),
    column("newest_ms", Kind::Integer),
];

/// Columns of `runs`.
pub(in crate::store) const RUNS: &[Column] = &[
    column("recipe_id", Kind::Recipe),
    column("endpoint_id", Kind::Endpoint),
    column("version", Kind::Text),
    column("host", Kind::Text),
    column("pid", Kind::Integer),
    column("started_ms", Kind::Integer),
    column("alive_until_ms", Kind::Integer),
    column("last_commit_ms", Kind::Integer),
    column("ended_ms", Kind::Integer),
    column("exit", Kind::Integer),
    column("requests", Kind::Integer),
    column("done", Kind::Integer),
];

/// Columns of `stored_characters`. No run holds a character of a copy.
pub(in crate::store) const CHARACTERS: &[Column] = &[
    column("row", Kind::Integer),
    column("key", Kind::Text),
    column("name", Kind::Text),
    column("description", Kind::Text),
    column("columns", Kind::Json),
    column("content", Kind::Bytes),
    column("status", Kind::Text),
    column("gone", Kind::Truth),
    column("claim", Kind::Integer),
    column("tries", Kind::Integer),
    column("takes", Kind::Integer),
    column("take", Kind::Integer),
    column("picked", Kind::Truth),
    column("flags", Kind::Integer),
    column("dismissed", Kind::Integer),
    column("error_kind", Kind::Text),
    column("error", Kind::Text),
];

/// Columns of `stored_takes`, without its character and the take that it is a copy of.
pub(in crate::store) const TAKES: &[Column] = &[
    column("take", Kind::Integer),
    column("text", Kind::Text),
    column("words", Kind::Integer),
    column("flags", Kind::Integer),
    column("review_flags", Kind::Integer),
    column("dismissed", Kind::Integer),
    column("content", Kind::Bytes),
    column("recipe_id", Kind::Recipe),
    column("provider", Kind::Text),
    column("model", Kind::Text),
    column("endpoint", Kind::Text),
    column("attempt", Kind::Integer),
    column("picked", Kind::Truth),
    column("finished_ms", Kind::Integer),
];

/// Columns of `stored_attempts`, without its character.
pub(in crate::store) const ATTEMPTS: &[Column] = &[
    column("attempt", Kind::Integer),
    column("run_id", Kind::Run),
    column("started_ms", Kind::Integer),
    column("outcome", Kind::Text),
    column("http_status", Kind::Integer),
    column("error", Kind::Text),
    column("first_text_ms", Kind::Integer),
    column("ended_ms", Kind::Integer),
    column("bytes", Kind::Integer),
    column("tokens_in", Kind::Integer),
    column("tokens_out", Kind::Integer),
    column("partial", Kind::Text),
    column("cost", Kind::Integer),
    column("cost_maybe", Kind::Integer),
];

/// The names of columns as a list for a statement.
pub(in crate::store) fn names(columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// Which identities the recipes, endpoints and runs of a cast have in one database.
#[derive(Debug, Default)]
pub(in crate::store) struct References {
    ids: HashMap<(Kind, i64), i64>,
    positions: HashMap<(Kind, i64), i64>,
}

impl References {
    /// Notes that the record at `position` has this identity. An endpoint may have several.
    pub(in crate::store) fn add(&mut self, kind: Kind, position: usize, id: i64) {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        self.ids.insert((kind, position), id);
        self.positions.insert((kind, id), position);
    }

    /// The cell for an identity that was read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Impossible`] when the cast has no such record.
    pub(in crate::store) fn position(
        &self,
        kind: Kind,
        id: Option<i64>,
    ) -> Result<Cell, StoreError> {
        let Some(id) = id else { return Ok(Cell::Null) };
        let position = self.positions.get(&(kind, id));
        position
            .map(|position| Cell::Integer(*position))
            .ok_or(StoreError::Impossible { what: "reference" })
    }

    /// The cell to write for a cell of a record: the identity, where it is a reference.
    ///
    /// # Errors
    ///
    /// [`StoreError::Impossible`] when the cast has no such record.
    pub(in crate::store) fn resolved<'c>(
        &self,
        kind: Kind,
        cell: &'c Cell,
    ) -> Result<Cow<'c, Cell>, StoreError> {
        match (kind, cell) {
            (Kind::Recipe | Kind::Endpoint | Kind::Run, Cell::Integer(position)) => {
                let id = self.ids.get(&(kind, *position));
                id.map(|id| Cow::Owned(Cell::Integer(*id)))
                    .ok_or(StoreError::Impossible { what: "reference" })
            }
            (_, cell) => Ok(Cow::Borrowed(cell)),
        }
    }
}
