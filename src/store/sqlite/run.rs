//! A run on a cast: its start, its selection of characters, its end with an exit code.
//!
//! A run needs the lock of the database. What earlier, killed runs left is cleaned up in `recover.rs`, when the database is
//! opened.

use super::backfill::Backfill;
use super::terms::{Terms, alive_until};
use super::{Sqlite, budget, count, crash, failed, millis, rescue};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::money::Money;
use crate::domain::recipe::{Describe, Recipe};
use crate::store::process::this_host;
use crate::store::{Ledger, NewRun, Reopen, RunId, Settlement, StoreError};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A started run. The runner uses it as its ledger.
pub(in crate::store) struct SqliteRun {
    pub(super) db: Arc<Sqlite>,
    pub(super) cast_id: CastId,
    pub(super) endpoint_id: i64,
    pub(super) terms: Terms,
    pub(super) backfill: Backfill,
    pub(super) only: Option<String>,
    pub(super) needs_columns: bool,
    /// The most that the cast may cost in all. It cannot change during the run, which holds the lock.
    pub(super) budget: Option<Money>,
    last_start: Option<SystemTime>,
}

impl Sqlite {
    /// Starts a run on a cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; no run is started then.
    ///
    /// # Panics
    ///
    /// When the database was opened without the lock: only the holder of the lock may send.
    pub(in crate::store) async fn begin_run(
        self: &Arc<Self>,
        new: NewRun,
    ) -> Result<SqliteRun, StoreError> {
        assert!(self.lock.is_some(), "a run needs the lock");
        let mut writer = self.writer.lock().await;
        let doing = "begin a run";
        let mut tx = writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed(doing))?;
        if new.reopen != Reopen::None {
            reopen(&mut tx, &new).await.map_err(failed("reopen"))?;
        }
        let recipe_id = recipe_id(&mut tx, &new.recipe)
            .await
            .map_err(failed(doing))?;
        let (endpoint_id, last_start_ms) = endpoint(&mut tx, &new.endpoint)
            .await
            .map_err(failed(doing))?;
        let id = insert(&mut tx, &new, recipe_id, endpoint_id)
            .await
            .map_err(failed(doing))?;
        let budget = budget::remember(&mut tx, new.cast, new.budget).await?;
        tx.commit().await.map_err(failed(doing))?;
        drop(writer);
        let only = new.only.as_deref().map(ids);
        Ok(SqliteRun {
            db: Arc::clone(self),
            cast_id: new.cast,
            endpoint_id,
            backfill: Backfill::new(self.path.clone()),
            terms: Terms {
                run: id,
                recipe_id,
                provider: new.recipe.provider.to_string(),
                model: new.recipe.model,
                endpoint: new.endpoint,
            },
            only,
            needs_columns: new.needs_columns,
            budget,
            last_start: (last_start_ms > 0)
                .then(|| UNIX_EPOCH + Duration::from_millis(count(last_start_ms))),
        })
    }
}

impl SqliteRun {
    /// The cast of the run.
    #[must_use]
    pub(in crate::store) fn cast(&self) -> CastId {
        self.cast_id
    }

    /// When the last request to this endpoint started, in any run.
    #[must_use]
    pub(in crate::store) fn last_start(&self) -> Option<SystemTime> {
        self.last_start
    }

    /// The number of pending characters that this run may try.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn wanted(&self) -> Result<u64, StoreError> {
        let Some(only) = &self.only else {
            return Ok(self.counts().await?.pending);
        };
        let wanted: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM stored_characters
             WHERE id IN (SELECT value FROM json_each(?)) AND status = 'pending' AND gone = 0",
        )
        .bind(only)
        .fetch_one(&mut *self.db.reader().await)
        .await
        .map_err(failed("count the pending"))?;
        Ok(count(wanted))
    }

    /// The number of failed characters; if the run is limited to some characters, only of these.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn failed(&self) -> Result<u64, StoreError> {
        let Some(only) = &self.only else {
            return Ok(self.counts().await?.failed);
        };
        let failed_ones: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM stored_characters
             WHERE id IN (SELECT value FROM json_each(?)) AND status = 'failed' AND gone = 0",
        )
        .bind(only)
        .fetch_one(&mut *self.db.reader().await)
        .await
        .map_err(failed("count the failed"))?;
        Ok(count(failed_ones))
    }

    /// Writes settlements that could not be stored to a rescue file, which the next run imports. Returns its path.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] when no file could be written either.
    pub(in crate::store) fn rescue(&self, unsaved: &[Settlement]) -> Result<PathBuf, StoreError> {
        rescue::write(&self.db, &self.terms, unsaved)
    }

    /// Ends the run with its exit code, and copies the log into the database file, so that this file alone is complete.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that cannot be written. All settlements before are stored in any case.
    pub(in crate::store) async fn end(self, exit: u8) -> Result<(), StoreError> {
        self.backfill.end().await;
        let mut writer = self.db.writer.lock().await;
        sqlx::query("UPDATE runs SET ended_ms = ?, exit = ? WHERE id = ?")
            .bind(millis(SystemTime::now()))
            .bind(exit)
            .bind(self.terms.run.0)
            .execute(&mut *writer)
            .await
            .map_err(failed("end the run"))?;
        crash::point("ended");
        // A reader can prevent this; then the next run does it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *writer)
            .await
            .map_err(failed("write back the log"))?;
        Ok(())
    }
}

/// Makes the characters pending that `new.reopen` selects, up to the limit of the run.
async fn reopen(tx: &mut SqliteConnection, new: &NewRun) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE stored_characters SET status = 'pending', tries = 0, error_kind = NULL, error = NULL
         WHERE status IN ('done', 'failed') AND id IN (
             SELECT id FROM stored_characters
             WHERE cast_id = ?1 AND gone = 0 AND (status <> 'done' OR ?4)
                 AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
             ORDER BY row LIMIT ?3
         )",
    )
    .bind(new.cast)
    .bind(new.only.as_deref().map(ids))
    .bind(new.characters_max.map_or(-1, super::integer))
    .bind(new.reopen == Reopen::All)
    .execute(tx)
    .await?;
    Ok(())
}

/// Identities as a JSON array, so that one placeholder holds any number of them.
pub(super) fn ids(only: &[CharacterId]) -> String {
    let ids: Vec<i64> = only.iter().map(|id| id.0).collect();
    serde_json::json!(ids).to_string()
}

/// The identity of a recipe; stores the recipe if it is new.
pub(super) async fn recipe_id(
    tx: &mut SqliteConnection,
    recipe: &Recipe,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO recipes (fingerprint, provider, model, describe, describe_text, prompt, fields)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (fingerprint) DO UPDATE SET provider = excluded.provider
         RETURNING id",
    )
    .bind(recipe.fingerprint().to_vec())
    .bind(recipe.provider.word())
    .bind(recipe.model.as_deref())
    .bind(recipe.describe.word())
    .bind(recipe.describe.text())
    .bind(recipe.prompt.as_deref())
    .bind(recipe.fields.as_deref())
    .fetch_one(tx)
    .await
}

/// The recipe of a cast's stories; `None` if this program does not know its provider.
pub(super) async fn recipe_of(
    tx: &mut SqliteConnection,
    cast: CastId,
) -> Result<Option<Recipe>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT p.provider, p.model, p.describe, p.describe_text, p.prompt, p.fields
         FROM stored_casts k JOIN recipes p ON p.id = k.recipe_id WHERE k.id = ?",
    )
    .bind(cast)
    .fetch_one(tx)
    .await?;
    let text = row.get(3);
    let describe = match row.get::<&str, _>(2) {
        "template" => Describe::Template(text),
        _ => Describe::Column(text),
    };
    let provider = row.get::<&str, _>(0).parse().ok();
    Ok(provider.map(|provider| Recipe {
        provider,
        model: row.get(1),
        describe,
        prompt: row.get(4),
        fields: row.get(5),
    }))
}

async fn endpoint(tx: &mut SqliteConnection, address: &str) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query(
        "INSERT INTO endpoints (address) VALUES (?)
         ON CONFLICT (address) DO UPDATE SET address = excluded.address
         RETURNING id, last_start_ms",
    )
    .bind(address)
    .fetch_one(tx)
    .await?;
    Ok((row.get(0), row.get(1)))
}

async fn insert(
    tx: &mut SqliteConnection,
    new: &NewRun,
    recipe_id: i64,
    endpoint_id: i64,
) -> Result<RunId, sqlx::Error> {
    let now = SystemTime::now();
    sqlx::query("UPDATE stored_casts SET memory = ? WHERE id = ?")
        .bind(&new.memory)
        .bind(new.cast)
        .execute(&mut *tx)
        .await?;
    let id = sqlx::query_scalar(
        "INSERT INTO runs (cast_id, recipe_id, endpoint_id, version, host, pid, started_ms, alive_until_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(new.cast)
    .bind(recipe_id)
    .bind(endpoint_id)
    .bind(env!("CARGO_PKG_VERSION"))
    .bind(this_host())
    .bind(i64::from(std::process::id()))
    .bind(millis(now))
    .bind(alive_until(now))
    .fetch_one(tx)
    .await?;
    Ok(RunId(id))
}
