//! Changes by the user: picking a take, storing a take written by hand, trying failed characters again.
//!
//! Each change is one short transaction without the run's lock. A live run continues, and its later settlements keep the
//! picked take. No take is ever deleted. Nothing is written into a file that was removed or replaced.

use super::Sqlite;
use super::file::write_back;
use super::{count, failed, integer, millis};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::text;
use crate::store::shown_flags::shown_flags;
use crate::store::stored_words::outcome;
use crate::store::{Failed, StoreError};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, query, query_scalar};
use std::time::SystemTime;

impl Sqlite {
    /// Carries out a small change, all of it or nothing. No change by hand goes another way: nothing may be written into a file that
    /// was removed or replaced, and no log of it may be left for the file that is there now.
    ///
    /// # Errors
    ///
    /// [`StoreError::Replaced`]; what `carry_out` returns; another when the database cannot be written. Nothing has changed then.
    pub(super) async fn change<T>(
        &self,
        doing: &'static str,
        carry_out: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer.lock().await;
        let mut tx = writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed(doing))?;
        let changed = carry_out(&mut tx).await?;
        self.check_place()?;
        tx.commit().await.map_err(failed(doing))?;
        write_back(&mut writer).await;
        Ok(changed)
    }

    pub(in crate::store) async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        let doing = "pick a take";
        self.change(doing, async |tx| {
            pick(tx, id, take).await.map_err(failed(doing))
        })
        .await
    }

    pub(in crate::store) async fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
        flags: Flags,
    ) -> Result<TakeNumber, StoreError> {
        let doing = "store the take";
        self.change(doing, async |tx| {
            let written = insert_by_hand(tx, id, story, flags).await;
            written.map(TakeNumber).map_err(failed(doing))
        })
        .await
    }

    pub(in crate::store) async fn retry(
        &self,
        cast: CastId,
        which: &Failed,
    ) -> Result<u64, StoreError> {
        let doing = "make failed characters pending";
        self.change(doing, async |tx| retry(tx, cast, which, doing).await)
            .await
    }
}

/// Picks a take; without a number, makes the newest one current. Returns its number, if the character has it.
async fn pick(
    tx: &mut SqliteConnection,
    id: CharacterId,
    take: Option<TakeNumber>,
) -> Result<Option<TakeNumber>, sqlx::Error> {
    let chosen: Option<i64> = query_scalar(
        "SELECT take FROM stored_takes WHERE character_id = ?1 AND (?2 IS NULL OR take = ?2) ORDER BY take DESC LIMIT 1",
    )
    .bind(id.0)
    .bind(take.map(|take| take.0))
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(chosen) = chosen {
        let why = if take.is_some() {
            Why::Picked
        } else {
            Why::Newest
        };
        make_current(tx, id, chosen, why).await?;
    }
    Ok(chosen.map(TakeNumber))
}

/// Makes failed characters of a cast pending. Returns how many.
async fn retry(
    tx: &mut SqliteConnection,
    cast: CastId,
    which: &Failed,
    doing: &'static str,
) -> Result<u64, StoreError> {
    let rows = query(
        "SELECT id, name, error_kind, coalesce(error, '') FROM stored_characters
         WHERE cast_id = ? AND status = 'failed' AND gone = 0",
    )
    .bind(cast)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(doing))?;
    let mut ids: Vec<i64> = Vec::new();
    for row in &rows {
        if which.has(row.get(1), outcome(row.get(2))?, row.get(3)) {
            ids.push(row.get(0));
        }
    }
    query(
        "UPDATE stored_characters SET status = 'pending', tries = 0, error_kind = NULL, error = NULL
         WHERE id IN (SELECT value FROM json_each(?))",
    )
    .bind(serde_json::json!(ids).to_string())
    .execute(tx)
    .await
    .map_err(failed(doing))?;
    Ok(count(integer(ids.len())))
}

/// Why a take becomes the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is the newest take. The next take will replace it.
    Newest,
    /// The user picked it. No newer take replaces it, and its character becomes done.
    Picked,
    /// The user wrote it, and its character becomes done. The take of a request that is in flight now does not replace it.
    ByHand,
}

/// Makes `take` the current take of a character.
async fn make_current(
    tx: &mut SqliteConnection,
    id: CharacterId,
    take: i64,
    why: Why,
) -> Result<(), sqlx::Error> {
    // The old pick is cleared also where it belongs to an earlier content of the row. Otherwise it would come back when the
    // sheet has that content again.
    query(
        "UPDATE stored_takes SET picked = 0
         WHERE character_id = ?1 AND take = (SELECT take FROM stored_characters WHERE id = ?1)",
    )
    .bind(id.0)
    .execute(&mut *tx)
    .await?;
    let sql = format!(
        "UPDATE stored_characters AS c SET
             take = ?2,
             picked = ?3 OR (?4 AND c.status = 'running'),
             is_answered = c.is_answered OR ((?3 OR ?4) AND c.status = 'running'),
             flags = {},
             status = CASE WHEN (?3 OR ?4) AND c.status <> 'running' THEN 'done' ELSE c.status END,
             error_kind = CASE WHEN NOT (?3 OR ?4) THEN c.error_kind END,
             error = CASE WHEN NOT (?3 OR ?4) THEN c.error END
         FROM stored_takes t, stored_casts k
         WHERE c.id = ?1 AND t.character_id = c.id AND t.take = ?2 AND k.id = c.cast_id",
        shown_flags("k.recipe_id")
    );
    query(AssertSqlSafe(sql))
        .bind(id.0)
        .bind(take)
        .bind(why == Why::Picked)
        .bind(why == Why::ByHand)
        .execute(&mut *tx)
        .await?;
    // The pick is also stored with the take. If the row changes and later changes back, the pick holds again.
    query(
        "UPDATE stored_takes SET picked = take = ?2 AND (SELECT picked FROM stored_characters WHERE id = ?1)
         WHERE character_id = ?1
             AND content = (SELECT content FROM stored_takes WHERE character_id = ?1 AND take = ?2)",
    )
    .bind(id.0)
    .bind(take)
    .execute(&mut *tx)
    .await?;
    query("INSERT OR IGNORE INTO search_changed (character_id) VALUES (?)")
        .bind(id.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Inserts a take written by hand and makes it the current one; returns its number.
async fn insert_by_hand(
    tx: &mut SqliteConnection,
    id: CharacterId,
    story: &str,
    flags: Flags,
) -> Result<i64, sqlx::Error> {
    let now = millis(SystemTime::now());
    let words = text::words(story);
    let take: i64 =
        query_scalar("UPDATE stored_characters SET takes = takes + 1 WHERE id = ? RETURNING takes")
            .bind(id.0)
            .fetch_one(&mut *tx)
            .await?;
    query(
        "INSERT INTO stored_takes (character_id, take, text, words, flags, content, provider, finished_ms)
         SELECT id, takes, ?2, ?3, ?4, content, 'hand', ?5 FROM stored_characters WHERE id = ?1",
    )
    .bind(id.0)
    .bind(story)
    .bind(integer(words))
    .bind(flags.union(text::flags(story, words)).bits())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    query(
        "UPDATE stored_casts SET oldest_ms = coalesce(oldest_ms, ?1), newest_ms = ?1
         WHERE id = (SELECT cast_id FROM stored_characters WHERE id = ?2)",
    )
    .bind(now)
    .bind(id.0)
    .execute(&mut *tx)
    .await?;
    make_current(tx, id, take, Why::ByHand).await?;
    Ok(take)
}
