//! Searches in scripts without spaces between words or between the parts of a name. The index cannot separate such words, so
//! this search reads every text.

use super::hit::{Hit, hit};
use crate::store::Wanted;
use sqlx::{SqliteConnection, query};

/// All characters whose texts contain every word, as a part of any text; those with a word in their name come first.
pub(super) async fn inside(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
) -> Result<Vec<Hit>, sqlx::Error> {
    let words: Vec<&str> = wanted.words.split_whitespace().collect();
    let rows = query(
        "SELECT c.id, CASE WHEN EXISTS (SELECT 1 FROM json_each(?1) WHERE instr(lower(c.name), lower(value))) THEN -2.0 ELSE -1.0 END
         FROM stored_characters c
         JOIN stored_casts k ON k.id = c.cast_id
         LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         WHERE (c.gone = 0 OR ?2) AND (?3 IS NULL OR k.name = ?3) AND NOT EXISTS (
             SELECT 1 FROM json_each(?1)
             WHERE NOT instr(lower(c.name || char(10) || c.description || char(10) || coalesce(t.text, '')), lower(value))
         )
         ORDER BY 2, c.id",
    )
    .bind(serde_json::json!(words).to_string())
    .bind(wanted.gone)
    .bind(wanted.cast.as_deref())
    .fetch_all(tx)
    .await?;
    Ok(rows.iter().map(hit).collect())
}
