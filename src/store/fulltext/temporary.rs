//! A temporary index of a few texts, on a connection to `SQLite`: its table is `temp.search`.

use super::snippet::MARKS;
use crate::store::Snippet;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query};
use std::collections::HashMap;

/// How much of a text is searched for a snippet, in letters. Finding the best one is slow where a word occurs often.
pub(in crate::store) const SNIPPET_FROM_CHARS: i64 = 12_000;

/// Words in a snippet.
const SNIPPET_WORDS: i64 = 24;

/// Creates the index, empty. An earlier one is removed.
pub(in crate::store) async fn create(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.search;
         CREATE VIRTUAL TABLE temp.search USING fts5 (
             name, description, story, tokenize = 'unicode61 remove_diacritics 2'
         )",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The snippets of all texts that match.
pub(in crate::store) async fn snippets(
    tx: &mut SqliteConnection,
    expression: &str,
) -> Result<HashMap<i64, Snippet>, sqlx::Error> {
    let (open, close) = (u32::from(MARKS.0), u32::from(MARKS.1));
    let around = |column: usize| {
        format!("snippet(search, {column}, char({open}), char({close}), '…', {SNIPPET_WORDS})")
    };
    let (description, story) = (around(1), around(2));
    let sql = format!("SELECT rowid, {description}, {story} FROM temp.search WHERE search MATCH ?");
    let rows = query(AssertSqlSafe(sql))
        .bind(expression)
        .fetch_all(tx)
        .await?;
    let snippet = |row: &SqliteRow| (row.get(0), Snippet::of(row.get(1), row.get(2)));
    Ok(rows.iter().map(snippet).collect())
}
