//! The search of the page, which must be fast while the user types: first the identities of all matches, then the full records of
//! those that are shown.
//!
//! Ranking very many matches takes too long. There only those in names are ranked, and the others follow in the order of their
//! identities. Characters that are not in the index yet are searched separately if they are few. Otherwise they are left out, and
//! counted.

use super::Postgres;
use super::asked::{Asked, asked};
use super::inside::inside;
use super::search::{best_first, describe, indexed, proven, ranked, scan, waiting};
use super::session::{Limits, Transaction};
use crate::domain::character::CharacterId;
use crate::store::fulltext::expression::is_unspaced;
use crate::store::fulltext::scratch::Scratch;
use crate::store::{Found, Hits, StoreError, Wanted};
use std::collections::HashSet;

/// The most hits that are ranked.
const RANKED_MAX: usize = 5_000;

/// The most characters outside the index that are searched separately.
const SCANNED_MAX: usize = 2_000;

impl Postgres {
    pub(in crate::store) async fn hits(&self, words: &str) -> Result<Hits, StoreError> {
        let mut scratch = Scratch::new().await?;
        let Some(asked) = asked(&mut scratch, words).await? else {
            return Ok(Hits::default());
        };
        let mut tx = self.reader.read(Limits::Long).await?;
        let hits = if is_unspaced(words) {
            let hits = inside(&mut tx, &anywhere(words)).await?;
            Hits {
                ids: hits.into_iter().map(|hit| CharacterId(hit.id)).collect(),
                left_out: 0,
            }
        } else {
            hits(&mut tx, &mut scratch, words, &asked).await?
        };
        tx.finish().await;
        Ok(hits)
    }

    pub(in crate::store) async fn found(
        &self,
        words: &str,
        ids: &[CharacterId],
    ) -> Result<Vec<Found>, StoreError> {
        let mut scratch = Scratch::new().await?;
        let Some(asked) = asked(&mut scratch, words).await? else {
            return Ok(Vec::new());
        };
        let mut tx = self.reader.read(Limits::Long).await?;
        let found = describe(&mut tx, &mut scratch, ids, words, &asked).await?;
        tx.finish().await;
        Ok(found)
    }
}

async fn hits(
    tx: &mut Transaction<'_>,
    scratch: &mut Scratch,
    words: &str,
    asked: &Asked,
) -> Result<Hits, StoreError> {
    let wanted = anywhere(words);
    let mut waiting = waiting(tx, &wanted).await?;
    let all = indexed(tx, &wanted, &asked.matches).await?;
    let all = proven(tx, scratch, all, asked).await?;
    let first = if all.len() <= RANKED_MAX {
        all.clone()
    } else {
        let named = indexed(tx, &wanted, &asked.named).await?;
        let all: HashSet<&i64> = all.iter().collect();
        named.into_iter().filter(|id| all.contains(id)).collect()
    };
    let mut hits = if first.len() <= RANKED_MAX {
        ranked(tx, &first, asked).await?
    } else {
        Vec::new()
    };
    let mut left_out = 0;
    if waiting.len() > SCANNED_MAX {
        left_out = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
        waiting.clear();
    }
    scan(tx, scratch, &waiting, asked, &mut hits).await?;
    best_first(&mut hits);
    let mut seen = HashSet::new();
    let ids = hits.iter().map(|hit| hit.id).chain(first).chain(all);
    let ids = ids.filter(|id| seen.insert(*id));
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
