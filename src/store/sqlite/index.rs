//! Bringing the full-text index up to date, in steps so short that a run never waits for one.
//!
//! Each step is a transaction of its own, so it can be left at any time. A step takes as many characters as fit into its time,
//! and leaves the database alone for a moment when a run is alive. Nothing is lost with the index: it can be made again.

use super::file::connect;
use super::handles::Reader;
use super::{count, failed};
use crate::store::StoreError;
use sqlx::{Connection, SqliteConnection, query, query_scalar};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// As long as a step is meant to take: a run may be kept waiting three times as long.
const STEP: Duration = Duration::from_millis(15);

/// How long the database is left alone between two steps when a run is alive: longer than a writer that waits for it sleeps.
const PAUSE: Duration = Duration::from_millis(30);

/// Characters in a step: the first one, and the most.
const FIRST: usize = 16;
const MOST: usize = 4_096;

impl Reader {
    pub(super) async fn unindexed(&self) -> Result<u64, StoreError> {
        let waiting: i64 = query_scalar("SELECT count(*) FROM z_search_waiting")
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("read the index"))?;
        Ok(count(waiting))
    }

    pub(super) async fn index(
        &self,
        mut told: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut writer = connect(&self.path, false).await?;
        // Whoever writes now comes first: the rest can be searched without an index. And no step waits for the disk: should
        // the power go, the index is a little older than it was.
        query("PRAGMA busy_timeout = 100; PRAGMA synchronous = NORMAL")
            .execute(&mut writer)
            .await
            .map_err(failed("open the index"))?;
        let mut many = FIRST;
        loop {
            let start = Instant::now();
            let taken = step(&mut writer, many).await.map_err(failed("index"))?;
            let took = start.elapsed();
            if taken == 0 {
                break;
            }
            if told(count(super::integer(taken))).is_break() {
                break;
            }
            many = if took > STEP {
                (many / 2).max(1)
            } else if took < STEP / 3 {
                (many * 2).min(MOST)
            } else {
                many
            };
            let alive: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM z_live_runs)")
                .fetch_one(&mut writer)
                .await
                .map_err(failed("look for a run"))?;
            if alive {
                sleep(PAUSE).await;
            }
        }
        // A copy of the file alone is then complete. A run that is alive does that at its end; here it may be held up.
        let _ = query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut writer)
            .await;
        let _ = writer.close().await;
        Ok(())
    }
}

/// Takes up to `many` characters into the index. Returns how many it looked at; 0 when it is up to date.
async fn step(writer: &mut SqliteConnection, many: usize) -> Result<usize, sqlx::Error> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let who = next(&mut tx, super::integer(many)).await?;
    if who.is_empty() {
        return Ok(0);
    }
    take_in(&mut tx, &serde_json::json!(who).to_string()).await?;
    tx.commit().await?;
    Ok(who.len())
}

/// Who comes next, noted as taken in: first those that changed, then new characters, then those with new takes.
async fn next(tx: &mut SqliteConnection, many: i64) -> Result<Vec<i64>, sqlx::Error> {
    // An empty index takes all takes that there are along with their characters.
    query(
        "UPDATE search_progress SET take_id = (SELECT coalesce(max(id), 0) FROM stored_takes) WHERE character_id = 0",
    )
    .execute(&mut *tx)
    .await?;
    let changed: Vec<i64> = query_scalar(
        "DELETE FROM search_changed WHERE character_id IN (SELECT character_id FROM search_changed LIMIT ?)
         RETURNING character_id",
    )
    .bind(many)
    .fetch_all(&mut *tx)
    .await?;
    if !changed.is_empty() {
        return Ok(changed);
    }
    let new: Vec<i64> = query_scalar(
        "SELECT id FROM stored_characters WHERE id > (SELECT character_id FROM search_progress) ORDER BY id LIMIT ?",
    )
    .bind(many)
    .fetch_all(&mut *tx)
    .await?;
    if let Some(last) = new.last() {
        query("UPDATE search_progress SET character_id = ?")
            .bind(last)
            .execute(tx)
            .await?;
        return Ok(new);
    }
    let takes: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT id, character_id FROM stored_takes WHERE id > (SELECT take_id FROM search_progress) ORDER BY id LIMIT ?",
    )
    .bind(many)
    .fetch_all(&mut *tx)
    .await?;
    if let Some((last, _)) = takes.last() {
        query("UPDATE search_progress SET take_id = ?")
            .bind(last)
            .execute(tx)
            .await?;
    }
    Ok(takes.into_iter().map(|(_, id)| id).collect())
}

/// Replaces what the index holds of the characters `who`, a JSON array, where it is not as they stand.
async fn take_in(tx: &mut SqliteConnection, who: &str) -> Result<(), sqlx::Error> {
    query(
        "CREATE TEMP TABLE IF NOT EXISTS step (character_id INTEGER PRIMARY KEY);
         DELETE FROM temp.step;
         INSERT OR IGNORE INTO temp.step (character_id)
         SELECT c.id
         FROM json_each(?) JOIN stored_characters c ON c.id = value
         LEFT JOIN search_documents d ON d.character_id = c.id
         WHERE d.character_id IS NULL OR d.name <> c.name OR d.description <> c.description OR d.take IS NOT c.take;
         INSERT INTO search (search, rowid, name, description, story)
         SELECT 'delete', character_id, name, description, story
         FROM temp.step JOIN search_texts USING (character_id);
         INSERT OR REPLACE INTO search_documents (character_id, name, description, take)
         SELECT c.id, c.name, c.description, c.take
         FROM temp.step s JOIN stored_characters c ON c.id = s.character_id;
         INSERT INTO search (rowid, name, description, story)
         SELECT character_id, name, description, story
         FROM temp.step JOIN search_texts USING (character_id)",
    )
    .bind(who)
    .execute(tx)
    .await?;
    Ok(())
}
