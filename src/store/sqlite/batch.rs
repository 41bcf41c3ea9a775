//! Converts rows into statements and values for the database.
//!
//! This part of an import needs no database, so it can run while earlier rows are stored.

use super::integer;
use super::values::{bind, parts, placeholders};
use crate::domain::character::CastId;
use crate::domain::row::Row;
use crate::domain::text;
use crate::store::Sheet;
use crate::store::staged::{StagedRow, Staging};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, query_with};
use std::ops::Range;

/// Converts rows for one import.
pub(in crate::store) struct Form {
    staging: Staging,
    target: Target,
}

/// Where an import puts its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A temporary table, to compare the rows with their cast first.
    Staging,
    /// The table of this cast, which is new.
    Cast(CastId),
}

/// Converted rows.
pub(in crate::store) struct Batch {
    /// Rows that are to be compared with their cast.
    pub(super) rows: Vec<StagedRow>,
    /// Statements that store rows.
    pub(super) parts: Vec<Part>,
}

/// Rows that one statement inserts.
pub(super) struct Part {
    pub(super) sql: String,
    pub(super) values: SqliteArguments,
    /// The numbers of these rows, without gaps.
    pub(super) numbers: Range<u64>,
    /// The line and the key of each row that has a key. Such a row can repeat the key of an earlier row.
    pub(super) keys: Vec<(u64, String)>,
}

impl Form {
    pub(super) fn new(sheet: &Sheet, target: Target) -> Self {
        Self {
            staging: Staging::new(sheet),
            target,
        }
    }

    /// Converts rows.
    #[must_use]
    pub(super) fn batch(&self, rows: Vec<Row>) -> Batch {
        match self.target {
            Target::Staging => Batch {
                rows: rows
                    .into_iter()
                    .map(|row| self.staging.staged(row))
                    .collect(),
                parts: Vec::new(),
            },
            Target::Cast(cast) => Batch {
                rows: Vec::new(),
                parts: in_parts(rows, |rows| self.enrolling(rows, cast)),
            },
        }
    }

    fn enrolling(&self, rows: Vec<Row>, cast: CastId) -> Part {
        let first = rows.first().map_or(0, |row| row.number);
        Part {
            numbers: first..rows.last().map_or(0, |row| row.number + 1),
            sql: enrolling(rows.len(), cast),
            keys: keys(&rows),
            values: self.enrolled(rows),
        }
    }

    fn enrolled(&self, rows: Vec<Row>) -> SqliteArguments {
        let mut values = SqliteArguments::default();
        for row in rows {
            let content = self.staging.content(&row);
            bind(&mut values, integer(row.number));
            bind(&mut values, row.key.map(|key| key.trim().to_owned()));
            bind(&mut values, row.name);
            bind(&mut values, row.description);
            bind(&mut values, self.staging.columns(&row.cells));
            bind(&mut values, content.0.to_vec());
        }
        values
    }
}

impl Part {
    /// Inserts the rows. Returns how many were inserted: a row that repeats a key is not.
    pub(super) async fn insert(&self, tx: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
        // A copy is passed on, so that this thread frees the originals. Freeing memory of another thread would take most of
        // the time of the database's thread (measured).
        let values = self.values.clone();
        let inserted = query_with(AssertSqlSafe(self.sql.clone()), values).execute(tx);
        Ok(inserted.await?.rows_affected())
    }
}

/// The statements that insert rows into the temporary table.
pub(super) fn staging(rows: Vec<StagedRow>) -> Vec<Part> {
    in_parts(rows, |rows| {
        Part {
        numbers: rows.first().map_or(0, |row| row.number)..rows.last().map_or(0, |row| row.number + 1),
        sql: format!(
            "INSERT INTO temp.incoming (row, line, key, name, description, columns, content, have, have_words, have_flags)
             VALUES {}",
            placeholders(rows.len(), 10)
        ),
        keys: Vec::new(),
        values: staged(rows),
    }
    })
}

fn staged(rows: Vec<StagedRow>) -> SqliteArguments {
    let mut values = SqliteArguments::default();
    for row in rows {
        let words = row.have.as_deref().map(text::words);
        let flags = words.map(|_| row.have_flags.bits());
        bind(&mut values, integer(row.number));
        bind(&mut values, integer(row.line));
        bind(&mut values, row.key);
        bind(&mut values, row.name);
        bind(&mut values, row.description);
        bind(&mut values, row.columns);
        bind(&mut values, row.content.0.to_vec());
        bind(&mut values, row.have);
        bind(&mut values, words.map(integer));
        bind(&mut values, flags);
    }
    values
}

/// Splits rows into parts, one for each statement.
fn in_parts<R>(rows: Vec<R>, part: impl Fn(Vec<R>) -> Part) -> Vec<Part> {
    let sizes: Vec<usize> = parts(&rows).map(<[R]>::len).collect();
    let mut rows = rows.into_iter();
    let part = |size| part(rows.by_ref().take(size).collect());
    sizes.into_iter().map(part).collect()
}

fn enrolling(rows: usize, cast: CastId) -> String {
    let row = format!("({},?,?,?,?,?,?),", cast.0);
    let rows = row.repeat(rows);
    format!(
        "INSERT INTO stored_characters (cast_id, row, key, name, description, columns, content)
         VALUES {} ON CONFLICT (cast_id, key) WHERE key IS NOT NULL DO NOTHING",
        rows.trim_end_matches(',')
    )
}

fn keys(rows: &[Row]) -> Vec<(u64, String)> {
    rows.iter()
        .filter_map(|row| Some((row.line, row.key.as_deref()?.trim().to_owned())))
        .collect()
}
