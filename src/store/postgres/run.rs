//! A run on a cast, which may be one of several workers: its start, its selection of characters, its end with an exit code.
//!
//! Several runs may work on a cast at once. Each has a row of its own, with a lease by the clock of the server; what it holds is its
//! own until it ends or the lease does.

use super::Postgres;
use super::clock::Clock;
use super::progress::Progress;
use super::session::{Limits, Transaction};
use super::trouble::is_conflict;
use super::values::{integer, millis_of};
use super::{count, recipes, rescue};
use crate::domain::character::CastId;
use crate::domain::money::BudgetChange;
use crate::store::process::{this_host, this_place};
use crate::store::rescue::Terms;
use crate::store::{NewRun, Reopen, RunId, Settlement, StoreError, lease};
use sha2::{Digest, Sha256};
use sqlx::{Row, query};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Mutex, watch};

/// How often a transaction is repeated that another one was in the way of.
const CONFLICTS_MAX: u32 = 5;

/// A started run. The runner uses it as its ledger.
pub(in crate::store) struct PostgresRun {
    pub(super) db: Arc<Postgres>,
    pub(super) id: RunId,
    pub(super) cast_id: CastId,
    pub(super) only: Option<Vec<i64>>,
    pub(super) needs_columns: bool,
    /// How long a commit waits for a database that is away.
    pub(super) patience: Duration,
    /// Whether nothing waits for the database any more.
    pub(super) hurry: watch::Sender<bool>,
    pub(super) progress: Mutex<Progress>,
    pub(super) clock: Clock,
    terms: Terms,
    last_start: Option<SystemTime>,
}

/// What a new run gets from the database.
struct Begun {
    id: i64,
    recipe_id: i64,
    last_start_ms: i64,
}

impl Postgres {
    /// Starts a run on a cast, beside those that work on it already.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; no run is started then.
    pub(in crate::store) async fn begin_run(
        self: &Arc<Self>,
        new: NewRun,
    ) -> Result<PostgresRun, StoreError> {
        self.recover().await?;
        let mut conflicts = 0;
        let begun = loop {
            match self.try_begin_run(&new).await {
                Err(err) if is_conflict(&err) && conflicts < CONFLICTS_MAX => conflicts += 1,
                begun => break begun?,
            }
        };
        let id = RunId(begun.id);
        Ok(PostgresRun {
            db: Arc::clone(self),
            id,
            cast_id: new.cast,
            only: ids(&new),
            needs_columns: new.needs_columns,
            patience: new.patience,
            hurry: watch::Sender::new(false),
            progress: Mutex::new(Progress::new()),
            clock: Clock::new(),
            terms: Terms {
                run: id,
                recipe_id: begun.recipe_id,
                provider: new.recipe.provider.to_string(),
                model: new.recipe.model,
                endpoint: new.endpoint,
            },
            last_start: (begun.last_start_ms > 0)
                .then(|| UNIX_EPOCH + Duration::from_millis(count(begun.last_start_ms))),
        })
    }

    /// What stands for an API key in this database: a hash that is keyed with the identity of the database, so that it says
    /// nothing of the key, and is another one in each database. Empty without a key.
    fn hash_of(&self, key_digest: Option<[u8; 32]>) -> Vec<u8> {
        let Some(key) = key_digest else {
            return Vec::new();
        };
        let mut hash = Sha256::new();
        hash.update(self.id.as_bytes());
        hash.update(key);
        hash.finalize().to_vec()
    }

    /// Changes the budget of the cast, where the run changes it.
    async fn set_budget(&self, new: &NewRun) -> Result<(), StoreError> {
        let doing = "remember the budget";
        let budget = match new.budget {
            BudgetChange::Keep => return Ok(()),
            BudgetChange::Remove => None,
            BudgetChange::Set(budget) => Some(budget.stored()),
        };
        // An import holds the row of the cast for as long as it takes.
        let mut tx = self.writer.write(Limits::Long).await?;
        let statement = query("SELECT set_budget($1, $2)");
        tx.execute(doing, statement.bind(new.cast).bind(budget))
            .await?;
        tx.commit(doing).await
    }

    async fn try_begin_run(&self, new: &NewRun) -> Result<Begun, StoreError> {
        self.set_budget(new).await?;
        let doing = "begin a run";
        // An import holds the row of the cast for as long as it takes.
        let mut tx = self.writer.write(Limits::Long).await?;
        let memory = query("UPDATE stored_casts SET memory = $2 WHERE id = $1")
            .bind(new.cast)
            .bind(&new.memory);
        if tx.execute(doing, memory).await? == 0 {
            return Err(StoreError::Impossible { what: "cast" });
        }
        let recipe_id = recipes::recipe_id(&mut tx, &new.recipe).await?;
        let (endpoint_id, last_start_ms) =
            endpoint(&mut tx, &new.endpoint, &self.hash_of(new.key_digest)).await?;
        let insert = query(
            "INSERT INTO runs (cast_id, recipe_id, endpoint_id, version, host, pid, place, started_ms, alive_until_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, now_ms(), now_ms() + $8) RETURNING id",
        );
        let insert = insert
            .bind(new.cast)
            .bind(recipe_id)
            .bind(endpoint_id)
            .bind(env!("CARGO_PKG_VERSION"))
            .bind(this_host())
            .bind(i64::from(std::process::id()))
            .bind(this_place())
            .bind(millis_of(lease::ON_A_SERVER));
        let id = tx.value(doing, insert).await?;
        let id = id.ok_or(StoreError::Impossible { what: "run" })?;
        if new.reopen != Reopen::None {
            reopen(&mut tx, id, new).await?;
        }
        tx.commit(doing).await?;
        Ok(Begun {
            id,
            recipe_id,
            last_start_ms,
        })
    }
}

impl PostgresRun {
    /// The cast of the run.
    pub(in crate::store) fn cast(&self) -> CastId {
        self.cast_id
    }

    /// When the last request to this endpoint started, in any run that has ended.
    pub(in crate::store) fn last_start(&self) -> Option<SystemTime> {
        self.last_start
    }

    /// The number of pending characters that this run may try.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn wanted(&self) -> Result<u64, StoreError> {
        self.number_of("pending").await
    }

    /// The number of failed characters; if the run is limited to some characters, only of these.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn failed(&self) -> Result<u64, StoreError> {
        self.number_of("failed").await
    }

    /// How many characters in the sheet are in this state: of those that the run is limited to, or of all.
    async fn number_of(&self, status: &'static str) -> Result<u64, StoreError> {
        let statement = match &self.only {
            Some(only) => query(
                "SELECT count(*) FROM stored_characters
                 WHERE id = ANY ($1) AND cast_id = $2 AND status = $3 AND NOT gone",
            )
            .bind(only),
            None => query(
                "SELECT CASE $3 WHEN 'failed' THEN failed ELSE pending END
                 FROM z_cast_counts WHERE $1::bigint IS NULL AND cast_id = $2",
            )
            .bind(None::<i64>),
        };
        let mut tx = self.db.reader.read(Limits::Group).await?;
        let statement = statement.bind(self.cast_id).bind(status);
        let number = tx.value("count characters", statement).await?;
        tx.finish().await;
        Ok(count(number.unwrap_or_default()))
    }

    /// Writes settlements that could not be stored to a rescue file in the current directory, which the next run imports. Returns
    /// its path.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] when no file could be written.
    pub(in crate::store) fn rescue(&self, unsaved: &[Settlement]) -> Result<PathBuf, StoreError> {
        rescue::write(&self.db, &self.terms, unsaved)
    }

    /// Ends the run with its exit code, and frees what it holds.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that cannot be written. All settlements before are stored in any case, and the others free what it holds
    /// when its lease ends.
    pub(in crate::store) async fn end(self, exit: u8) -> Result<(), StoreError> {
        let mut conflicts = 0;
        loop {
            match self.try_end(exit).await {
                Err(err) if is_conflict(&err) && conflicts < CONFLICTS_MAX => conflicts += 1,
                ended => return ended,
            }
        }
    }

    async fn try_end(&self, exit: u8) -> Result<(), StoreError> {
        let doing = "end the run";
        let mut tx = self.db.writer.write(Limits::Group).await?;
        let lock = query("SELECT endpoint_id FROM runs WHERE id = $1 FOR UPDATE");
        let endpoint: Option<i64> = tx.value(doing, lock.bind(self.id.0)).await?;
        let free = query("SELECT interrupt_runs(ARRAY[$1::bigint])");
        tx.execute(doing, free.bind(self.id.0)).await?;
        let ended = query("UPDATE runs SET ended_ms = now_ms(), exit = $2 WHERE id = $1");
        let ended = ended.bind(self.id.0).bind(i64::from(exit));
        tx.execute(doing, ended).await?;
        let last =
            query("UPDATE endpoints SET last_start_ms = greatest(last_start_ms, $2) WHERE id = $1");
        let last = last
            .bind(endpoint)
            .bind(self.progress.lock().await.last_start_ms());
        tx.execute(doing, last).await?;
        tx.commit(doing).await
    }
}

/// The characters that a run is limited to.
fn ids(new: &NewRun) -> Option<Vec<i64>> {
    let only = new.only.as_ref()?;
    Some(only.iter().map(|id| id.0).collect())
}

/// Makes the characters pending that `new.reopen` selects, up to the limit of the run. What that changes in the counts of the cast
/// is in the row of the run.
async fn reopen(tx: &mut Transaction<'_>, run: i64, new: &NewRun) -> Result<(), StoreError> {
    let statement = query(
        "WITH o AS MATERIALIZED (
             SELECT id, status FROM stored_characters
             WHERE id = ANY (ARRAY(
                 SELECT id FROM stored_characters
                 WHERE cast_id = $2 AND NOT gone AND (status IN ('pending', 'running', 'failed') OR $5)
                     AND ($3 IS NULL OR id = ANY ($3))
                 ORDER BY row LIMIT $4
             )) AND status IN ('done', 'failed')
             ORDER BY id FOR UPDATE
         ),
         c AS (
             UPDATE stored_characters SET status = 'pending', tries = 0, run_id = NULL, error_kind = NULL, error = NULL
             WHERE id = ANY (ARRAY(SELECT id FROM o))
         )
         UPDATE runs SET
             cast_done = cast_done - n.done,
             cast_failed = cast_failed - n.failed,
             cast_pending = cast_pending + n.done + n.failed
         FROM (SELECT count(*) FILTER (WHERE status = 'done') AS done, count(*) FILTER (WHERE status = 'failed') AS failed FROM o) n
         WHERE runs.id = $1",
    );
    let statement = statement
        .bind(run)
        .bind(new.cast)
        .bind(ids(new))
        .bind(new.characters_max.map(integer))
        .bind(new.reopen == Reopen::All);
    tx.execute("reopen", statement).await?;
    Ok(())
}

/// The identity of an endpoint, and when the last request to it started, or 0.
async fn endpoint(
    tx: &mut Transaction<'_>,
    address: &str,
    key_hash: &[u8],
) -> Result<(i64, i64), StoreError> {
    let statement = query(
        "INSERT INTO endpoints (address, key_hash) VALUES ($1, $2)
         ON CONFLICT (address, key_hash) DO UPDATE SET address = excluded.address
         RETURNING id, last_start_ms",
    );
    let row = tx
        .row("store the endpoint", statement.bind(address).bind(key_hash))
        .await?;
    let row = row.ok_or(StoreError::Impossible { what: "endpoint" })?;
    Ok((row.get(0), row.get(1)))
}
