//! The search of the page, which must be fast while the user types: first the identities of all matches, then the full
//! records of those that are shown.
//!
//! The first typed letters match almost every character, and ranking 100,000 matches takes too long. So where there are many
//! matches, only those in names are ranked, and the others follow in the order of the index. Characters that are not in the
//! index yet are searched separately if they are few. Otherwise they are left out, and counted.

use super::Sqlite;
use super::failed;
use super::hit::Hit;
use super::inside::{inside, is_unspaced};
use super::search::{best_first, describe, expression, indexed, note_waiting, scan};
use crate::domain::character::CharacterId;
use crate::store::{Found, Hits, StoreError, Wanted};
use sqlx::{SqliteConnection, query, query_scalar};
use std::collections::HashSet;

/// The most hits that are ranked.
const RANKED_MAX: usize = 5_000;

/// The most characters outside the index that are searched separately.
const SCANNED_MAX: u64 = 2_000;

impl Sqlite {
    pub(in crate::store) async fn hits(&self, words: &str) -> Result<Hits, StoreError> {
        let Some(expression) = expression(words) else {
            return Ok(Hits::default());
        };
        let mut reader = self.reader().await;
        let doing = "search";
        query("BEGIN")
            .execute(&mut *reader)
            .await
            .map_err(failed(doing))?;
        let hits = hits(&mut reader, words, &expression).await;
        // The transaction only read, so an error of the rollback loses nothing.
        let _ = query("ROLLBACK").execute(&mut *reader).await;
        hits.map_err(failed(doing))
    }

    pub(in crate::store) async fn found(
        &self,
        words: &str,
        ids: &[CharacterId],
    ) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        let Some(expression) = expression(words) else {
            return Ok(found);
        };
        let hits: Vec<Hit> = ids.iter().map(|id| unranked(id.0)).collect();
        let mut each = |one| {
            found.push(one);
            Ok::<_, StoreError>(())
        };
        let reader = &mut *self.reader().await;
        let wanted = anywhere(words);
        describe(reader, &hits, &wanted, &expression, &mut each).await?;
        Ok(found)
    }
}

async fn hits(
    tx: &mut SqliteConnection,
    words: &str,
    expression: &str,
) -> Result<Hits, sqlx::Error> {
    let wanted = anywhere(words);
    if is_unspaced(words) {
        let hits = inside(tx, &wanted).await?;
        return Ok(Hits {
            ids: hits.into_iter().map(|hit| CharacterId(hit.id)).collect(),
            left_out: 0,
        });
    }
    let waiting = note_waiting(tx).await?;
    let all = ids(tx, expression).await?;
    let mut hits = if all.len() <= RANKED_MAX {
        indexed(tx, &wanted, expression).await?
    } else {
        let named = format!("name : ({expression})");
        let ids = ids(tx, &named).await?;
        if ids.len() <= RANKED_MAX {
            indexed(tx, &wanted, &named).await?
        } else {
            ids.into_iter().map(unranked).collect()
        }
    };
    let left_out = if waiting > SCANNED_MAX { waiting } else { 0 };
    if left_out == 0 {
        scan(tx, &wanted, expression, &mut hits).await?;
    }
    best_first(&mut hits);
    let ranked: HashSet<i64> = hits.iter().map(|hit| hit.id).collect();
    let others = all.into_iter().filter(|id| !ranked.contains(id));
    let ids = hits.iter().map(|hit| hit.id).chain(others);
    Ok(Hits {
        ids: ids.map(CharacterId).collect(),
        left_out,
    })
}

/// A search for `words` in all casts, with characters that are no longer in the sheet.
fn anywhere(words: &str) -> Wanted {
    Wanted {
        words: words.to_owned(),
        cast: None,
        gone: true,
        limit: None,
    }
}

fn unranked(id: i64) -> Hit {
    Hit { id, rank: 0.0 }
}

/// The identities of all matches, in the order of the index. They come as one JSON value: a row for each would take ten times
/// as long.
async fn ids(tx: &mut SqliteConnection, expression: &str) -> Result<Vec<i64>, sqlx::Error> {
    let ids: String = query_scalar(
        "SELECT json_group_array(rowid) FROM (
             SELECT rowid FROM main.search
             WHERE search MATCH ? AND rowid NOT IN (SELECT character_id FROM temp.waiting)
         )",
    )
    .bind(expression)
    .fetch_one(tx)
    .await?;
    serde_json::from_str(&ids).map_err(|err| sqlx::Error::Decode(Box::new(err)))
}
