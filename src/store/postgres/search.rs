//! Full-text search in names, descriptions and stories: the best match first, each with a snippet.
//!
//! The index of the server says which characters match. Characters that are not in it as they stand now are cut into words and
//! compared, a part at a time. So the result is the same whether or not the index is up to date, and it is that of a database file
//! but for the order of matches of different rank.

use super::Postgres;
use super::asked::{Asked, asked};
use super::browse::records;
use super::hit::{Hit, hit};
use super::index::{Document, INDEXED_CHARS, documents};
use super::inside::inside;
use super::session::{Limits, Transaction};
use crate::domain::character::CharacterId;
use crate::store::fulltext::expression::is_unspaced;
use crate::store::fulltext::scratch::{Scratch, Texts};
use crate::store::fulltext::temporary::SNIPPET_FROM_CHARS;
use crate::store::{Found, Snippet, StoreError, Wanted};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row, query};

/// How many characters are searched together without the index, and how many records are read together.
const PART: usize = 200;

/// A match in a name ranks before one in a description, and that before one in a story. The first weight is not used.
const RANK: &str = "ts_rank('{0.1, 0.125, 0.25, 1.0}', words, $2::tsquery)::float8";

impl Postgres {
    pub(in crate::store) async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut scratch = Scratch::new().await?;
        let Some(asked) = asked(&mut scratch, &wanted.words).await? else {
            return Ok(0);
        };
        let mut tx = self.reader.read(Limits::Long).await?;
        let hits = if is_unspaced(&wanted.words) {
            inside(&mut tx, wanted).await?
        } else {
            hits(&mut tx, &mut scratch, wanted, &asked).await?
        };
        let limit = wanted.limit.and_then(|limit| usize::try_from(limit).ok());
        let best = &hits[..limit.unwrap_or(usize::MAX).min(hits.len())];
        let best: Vec<_> = best.iter().map(|hit| CharacterId(hit.id)).collect();
        for part in best.chunks(PART) {
            for found in describe(&mut tx, &mut scratch, part, &wanted.words, &asked).await? {
                each(found)?;
            }
        }
        tx.finish().await;
        Ok(u64::try_from(hits.len()).unwrap_or(u64::MAX))
    }
}

/// All matches, best first.
async fn hits(
    tx: &mut Transaction<'_>,
    scratch: &mut Scratch,
    wanted: &Wanted,
    asked: &Asked,
) -> Result<Vec<Hit>, StoreError> {
    let waiting = waiting(tx, wanted).await?;
    let ids = indexed(tx, wanted, &asked.matches).await?;
    let ids = proven(tx, scratch, ids, asked).await?;
    let mut hits = ranked(tx, &ids, asked).await?;
    scan(tx, scratch, &waiting, asked, &mut hits).await?;
    best_first(&mut hits);
    Ok(hits)
}

pub(super) fn best_first(hits: &mut [Hit]) {
    hits.sort_by(|a, b| b.rank.total_cmp(&a.rank).then(a.id.cmp(&b.id)));
}

/// The characters that are not in the index as they stand now.
pub(super) async fn waiting(
    tx: &mut Transaction<'_>,
    wanted: &Wanted,
) -> Result<Vec<i64>, StoreError> {
    let waiting = query(
        "SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}')
         FROM z_search_waiting w
         JOIN stored_characters c ON c.id = w.character_id
         JOIN stored_casts k ON k.id = c.cast_id
         WHERE (NOT c.gone OR $1) AND ($2::text IS NULL OR k.name = $2)",
    );
    let waiting = waiting.bind(wanted.gone).bind(wanted.cast.as_deref());
    let waiting = tx.value("look at the index", waiting).await?;
    Ok(waiting.unwrap_or_default())
}

/// The characters that match a query in the index, by their identity.
pub(super) async fn indexed(
    tx: &mut Transaction<'_>,
    wanted: &Wanted,
    matches: &str,
) -> Result<Vec<i64>, StoreError> {
    // One value for all: a row for each would take longer than the search.
    let ids = query(
        "SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}')
         FROM search_documents d
         JOIN stored_characters c ON c.id = d.character_id
         JOIN stored_casts k ON k.id = c.cast_id
         WHERE d.words @@ $3::tsquery AND d.take IS NOT DISTINCT FROM c.take AND d.content = c.content
             AND (NOT c.gone OR $1) AND ($2::text IS NULL OR k.name = $2)",
    );
    let ids = ids
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref())
        .bind(matches);
    Ok(tx.value("search", ids).await?.unwrap_or_default())
}

/// Those of `ids` that match exactly.
pub(super) async fn proven(
    tx: &mut Transaction<'_>,
    scratch: &mut Scratch,
    mut ids: Vec<i64>,
    asked: &Asked,
) -> Result<Vec<i64>, StoreError> {
    if !asked.needs_proof {
        return Ok(ids);
    }
    let mut proven = Vec::new();
    for part in ids.chunks(PART) {
        let texts = texts(documents(tx, part, INDEXED_CHARS).await?);
        scratch.fill(&texts).await?;
        proven.extend(scratch.matching(&asked.expression).await?);
    }
    proven.sort_unstable();
    ids.retain(|id| proven.binary_search(id).is_ok());
    Ok(ids)
}

/// The ranks of characters that are in the index.
pub(super) async fn ranked(
    tx: &mut Transaction<'_>,
    ids: &[i64],
    asked: &Asked,
) -> Result<Vec<Hit>, StoreError> {
    let sql = format!(
        "SELECT character_id, {RANK} FROM search_documents WHERE character_id = ANY($1::bigint[])"
    );
    let ranked = query(AssertSqlSafe(sql)).bind(ids).bind(&asked.ranks);
    let rows = tx.rows("rank what was found", ranked).await?;
    Ok(rows.iter().map(hit).collect())
}

/// Searches the characters `waiting`, a part at a time, and adds their matches to `hits`.
pub(super) async fn scan(
    tx: &mut Transaction<'_>,
    scratch: &mut Scratch,
    waiting: &[i64],
    asked: &Asked,
    hits: &mut Vec<Hit>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT id, {RANK} FROM (
             SELECT id, words::tsvector AS words FROM unnest($1::bigint[], $3::text[]) AS n (id, words)
         ) n"
    );
    for part in waiting.chunks(PART) {
        let texts = texts(documents(tx, part, INDEXED_CHARS).await?);
        scratch.fill(&texts).await?;
        let matching = scratch.matching(&asked.expression).await?;
        if matching.is_empty() {
            continue;
        }
        let mut vectors = scratch.vectors().await?;
        vectors.retain(|id, _| matching.contains(id));
        let (ids, words): (Vec<i64>, Vec<String>) = vectors.into_iter().unzip();
        let ranked = query(AssertSqlSafe(sql.clone()))
            .bind(ids)
            .bind(&asked.ranks)
            .bind(words);
        let rows = tx.rows("rank what was found", ranked).await?;
        hits.extend(rows.iter().map(hit));
    }
    Ok(())
}

/// The characters `ids` in their order, each with a snippet.
pub(super) async fn describe(
    tx: &mut Transaction<'_>,
    scratch: &mut Scratch,
    ids: &[CharacterId],
    words: &str,
    asked: &Asked,
) -> Result<Vec<Found>, StoreError> {
    let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let texts = texts(documents(tx, &numbers, SNIPPET_FROM_CHARS).await?);
    scratch.fill(&texts).await?;
    let mut snippets = scratch.snippets(&asked.expression).await?;
    let mut records = records(tx, ids).await?;
    let found = ids.iter().filter_map(|id| {
        let record = records.remove(id)?;
        let around = || Snippet::around(&record, words);
        let snippet = snippets.remove(&id.0).unwrap_or_else(around);
        Some(Found {
            id: *id,
            record,
            snippet,
        })
    });
    Ok(found.collect())
}

fn texts(documents: Vec<Document>) -> Vec<Texts> {
    documents.into_iter().map(|it| it.texts).collect()
}
