//! Searches in scripts without spaces between words. No index separates such words, so this search reads every text.

use super::hit::{Hit, hit};
use super::session::Transaction;
use crate::store::{StoreError, Wanted};
use sqlx::query;

/// All characters whose texts contain every word, as a part of any text; those with a word in their name come first.
pub(super) async fn inside(
    tx: &mut Transaction<'_>,
    wanted: &Wanted,
) -> Result<Vec<Hit>, StoreError> {
    let words: Vec<String> = wanted
        .words
        .split_whitespace()
        .map(|word| word.replace('\0', " ").to_ascii_lowercase())
        .collect();
    let found = query(
        "SELECT c.id, CASE WHEN EXISTS (SELECT 1 FROM unnest($1::text[]) AS w (word) WHERE strpos(lower(c.name), w.word) > 0)
             THEN 2.0::float8 ELSE 1.0::float8 END AS rank
         FROM stored_characters c
         JOIN stored_casts k ON k.id = c.cast_id
         LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         WHERE (NOT c.gone OR $2) AND ($3::text IS NULL OR k.name = $3) AND NOT EXISTS (
             SELECT 1 FROM unnest($1::text[]) AS w (word)
             WHERE strpos(lower(c.name || chr(10) || c.description || chr(10) || coalesce(t.text, '')), w.word) = 0
         )
         ORDER BY rank DESC, c.id",
    );
    let found = found
        .bind(words)
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref());
    let rows = tx.rows("search", found).await?;
    Ok(rows.iter().map(hit).collect())
}
