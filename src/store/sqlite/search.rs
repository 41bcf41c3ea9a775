//! Full-text search in names, descriptions and stories: the best match first, each with a snippet.
//!
//! A search uses the index, and for characters that are not in it a temporary index of the same kind, a part at a time. So the
//! result is the same whether or not the index is up to date.
//!
//! The input is words, never the query syntax of the index. Each word must occur, or be the start of a word that occurs. Case
//! and accents are ignored.

use super::Sqlite;
use super::hit::{Hit, hit};
use super::inside::inside;
use super::read::{RECORD, record};
use super::{count, failed};
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::fulltext::expression::{expression, is_unspaced};
use crate::store::fulltext::temporary::{self, SNIPPET_FROM_CHARS};
use crate::store::{Found, Snippet, StoreError, Wanted};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, query_scalar};
use std::collections::HashMap;

/// How many characters are searched together without the index, and how many records are read together.
const PART: usize = 200;

/// A match in a name ranks before one in a description, and that before one in a story.
const RANK: &str = "bm25(search, 8.0, 2.0, 1.0)";

impl Sqlite {
    pub(in crate::store) async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Some(expression) = expression(&wanted.words) else {
            return Ok(0);
        };
        let mut reader = self.reader().await;
        let doing = "search";
        query("BEGIN")
            .execute(&mut *reader)
            .await
            .map_err(failed(doing))?;
        let hits = hits(&mut reader, wanted, &expression).await;
        let described = match hits {
            Ok(hits) => describe(&mut reader, &hits, wanted, &expression, &mut each).await,
            Err(err) => Err(failed(doing)(err).into()),
        };
        // The transaction only read, so an error of the rollback loses nothing.
        let _ = query("ROLLBACK").execute(&mut *reader).await;
        described
    }
}

/// All matches, best first.
async fn hits(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
) -> Result<Vec<Hit>, sqlx::Error> {
    if is_unspaced(&wanted.words) {
        return inside(tx, wanted).await;
    }
    note_waiting(tx).await?;
    let mut hits = indexed(tx, wanted, expression).await?;
    scan(tx, wanted, expression, &mut hits).await?;
    best_first(&mut hits);
    Ok(hits)
}

/// Fills `temp.waiting` with the characters that are not up to date in the index; returns how many.
pub(super) async fn note_waiting(tx: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    query(
        "CREATE TEMP TABLE IF NOT EXISTS waiting (character_id INTEGER PRIMARY KEY);
         DELETE FROM temp.waiting;
         INSERT INTO temp.waiting (character_id) SELECT character_id FROM main.z_search_waiting",
    )
    .execute(&mut *tx)
    .await?;
    let waiting: i64 = query_scalar("SELECT count(*) FROM temp.waiting")
        .fetch_one(tx)
        .await?;
    Ok(count(waiting))
}

/// The matches in the index.
pub(super) async fn indexed(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
) -> Result<Vec<Hit>, sqlx::Error> {
    let sql = format!(
        "SELECT search.rowid, {RANK} FROM main.search
         JOIN stored_characters c ON c.id = search.rowid
         JOIN stored_casts k ON k.id = c.cast_id
         WHERE search MATCH ?1 AND (c.gone = 0 OR ?2) AND (?3 IS NULL OR k.name = ?3)
             AND search.rowid NOT IN (SELECT character_id FROM temp.waiting)"
    );
    let rows = query(AssertSqlSafe(sql))
        .bind(expression)
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref())
        .fetch_all(tx)
        .await?;
    Ok(rows.iter().map(hit).collect())
}

pub(super) fn best_first(hits: &mut [Hit]) {
    hits.sort_by(|a, b| a.rank.total_cmp(&b.rank).then(a.id.cmp(&b.id)));
}

/// Searches the characters in `temp.waiting`, a part at a time, and adds their matches to `hits`.
pub(super) async fn scan(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
    hits: &mut Vec<Hit>,
) -> Result<(), sqlx::Error> {
    let sql = format!("SELECT rowid, {RANK} FROM temp.search WHERE search MATCH ?");
    let mut after = 0_i64;
    loop {
        let part: Vec<i64> = query_scalar(
            "SELECT w.character_id
             FROM temp.waiting w
             JOIN stored_characters c ON c.id = w.character_id
             JOIN stored_casts k ON k.id = c.cast_id
             WHERE w.character_id > ?1 AND (c.gone = 0 OR ?2) AND (?3 IS NULL OR k.name = ?3)
             ORDER BY w.character_id LIMIT ?4",
        )
        .bind(after)
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref())
        .bind(super::integer(PART))
        .fetch_all(&mut *tx)
        .await?;
        let Some(last) = part.last() else {
            return Ok(());
        };
        after = *last;
        index_temporarily(tx, &part, i64::MAX).await?;
        let rows = query(AssertSqlSafe(sql.as_str().to_owned()))
            .bind(expression)
            .fetch_all(&mut *tx)
            .await?;
        hits.extend(rows.iter().map(hit));
    }
}

/// Creates a temporary index of the texts of `ids`, with at most `chars_max` letters of each text.
async fn index_temporarily(
    tx: &mut SqliteConnection,
    ids: &[i64],
    chars_max: i64,
) -> Result<(), sqlx::Error> {
    temporary::create(tx).await?;
    query(
        "INSERT INTO temp.search (rowid, name, description, story)
         SELECT c.id, c.name, substr(c.description, 1, ?1), substr(t.text, 1, ?1)
         FROM stored_characters c
         LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         WHERE c.id IN (SELECT value FROM json_each(?2))",
    )
    .bind(chars_max)
    .bind(serde_json::json!(ids).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Calls `each` with the records and snippets of the best hits, up to the limit; returns the number of all hits.
pub(super) async fn describe<E: From<StoreError>>(
    tx: &mut SqliteConnection,
    hits: &[Hit],
    wanted: &Wanted,
    expression: &str,
    each: &mut impl FnMut(Found) -> Result<(), E>,
) -> Result<u64, E> {
    let limit = wanted.limit.and_then(|limit| usize::try_from(limit).ok());
    let best = &hits[..limit.unwrap_or(usize::MAX).min(hits.len())];
    for part in best.chunks(PART) {
        let ids: Vec<i64> = part.iter().map(|hit| hit.id).collect();
        let reading = failed("read what was found");
        let mut snippets = snippets(tx, &ids, expression).await.map_err(reading)?;
        let mut records = records(tx, &ids).await?;
        for id in ids {
            if let Some(record) = records.remove(&CharacterId(id)) {
                let around = || Snippet::around(&record, &wanted.words);
                let snippet = snippets.remove(&id).unwrap_or_else(around);
                each(Found {
                    id: CharacterId(id),
                    record,
                    snippet,
                })?;
            }
        }
    }
    Ok(count(super::integer(hits.len())))
}

/// The snippets of `ids`, from a temporary index. The full index would search all its entries again for each snippet.
async fn snippets(
    tx: &mut SqliteConnection,
    ids: &[i64],
    expression: &str,
) -> Result<HashMap<i64, Snippet>, sqlx::Error> {
    index_temporarily(tx, ids, SNIPPET_FROM_CHARS).await?;
    temporary::snippets(tx, expression).await
}

/// The records of these characters.
pub(super) async fn records(
    tx: &mut SqliteConnection,
    ids: &[i64],
) -> Result<HashMap<CharacterId, Record>, StoreError> {
    let sql = format!("{RECORD} WHERE id IN (SELECT value FROM json_each(?))");
    let rows = query(AssertSqlSafe(sql))
        .bind(serde_json::json!(ids).to_string())
        .fetch_all(tx)
        .await
        .map_err(failed("read the characters"))?;
    rows.iter()
        .map(|row| Ok((CharacterId(row.get("id")), record(row)?)))
        .collect()
}
