//! Brings the full-text index up to date, in short steps, so that a live run is hardly delayed.
//!
//! Each step is one transaction, so the work can stop after any step. The number of characters in a step is adjusted to its
//! duration, and there is a pause between two steps while a run is alive. The index holds no data of its own: it can always
//! be built again.

use super::Sqlite;
use super::file::connect;
use super::{count, failed};
use crate::store::StoreError;
use sqlx::{Connection, SqliteConnection, query, query_scalar};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The intended duration of a step. A step can take longer; a run should wait at most three times as long.
const STEP: Duration = Duration::from_millis(15);

/// The pause between two steps while a run is alive. It is longer than the sleep of a writer that waits for the database.
const PAUSE: Duration = Duration::from_millis(30);

/// The number of characters in the first step, and in the largest.
const FIRST: usize = 16;
const MOST: usize = 4_096;

impl Sqlite {
    pub(in crate::store) async fn unindexed(&self) -> Result<u64, StoreError> {
        let waiting: i64 = query_scalar("SELECT count(*) FROM z_search_waiting")
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("read the index"))?;
        Ok(count(waiting))
    }

    pub(in crate::store) async fn index(
        &self,
        mut progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.check_place()?;
        let mut writer = connect(&self.path, false).await?;
        // Another writer has priority, because the search also works with an incomplete index. No step waits for a disk sync:
        // after a power failure some steps may be missing, and are done again.
        query("PRAGMA busy_timeout = 100; PRAGMA synchronous = NORMAL")
            .execute(&mut writer)
            .await
            .map_err(failed("open the index"))?;
        let mut many = FIRST;
        loop {
            let start = Instant::now();
            self.check_place()?;
            let done = step(&mut writer, many).await.map_err(failed("index"))?;
            let took = start.elapsed();
            if done == 0 {
                break;
            }
            if progress(count(super::integer(done))).is_break() {
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
        // After this the database file alone is complete. A live run may prevent it; the run does it at its end.
        let _ = query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut writer)
            .await;
        let _ = writer.close().await;
        Ok(())
    }
}

/// Indexes up to `many` characters. Returns how many it looked at; 0 when the index is up to date.
async fn step(writer: &mut SqliteConnection, many: usize) -> Result<usize, sqlx::Error> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let ids = next(&mut tx, super::integer(many)).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    update(&mut tx, &serde_json::json!(ids).to_string()).await?;
    tx.commit().await?;
    Ok(ids.len())
}

/// The next characters to index, and marks them as indexed: first changed characters, then new ones, then those with new takes.
async fn next(tx: &mut SqliteConnection, many: i64) -> Result<Vec<i64>, sqlx::Error> {
    // With an empty index, all existing takes are indexed together with their characters.
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

/// Replaces the index entries of the characters `ids`, a JSON array, where they differ from the stored texts.
async fn update(tx: &mut SqliteConnection, ids: &str) -> Result<(), sqlx::Error> {
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
    .bind(ids)
    .execute(tx)
    .await?;
    Ok(())
}
