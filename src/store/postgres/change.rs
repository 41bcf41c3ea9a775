//! Changes by the user: picking a take, storing a take written by hand, trying failed characters again; renaming and deleting casts.
//!
//! Each change is one short transaction. A live run continues, and its later settlements keep the picked take. No take is ever deleted
//! without its cast. The character is locked first and the row of its cast last, as everywhere.

use super::Postgres;
use super::session::{Limits, Transaction};
use super::trouble::is_unique_violation;
use super::values::{integer, storable};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::outcome::Outcome;
use crate::domain::text;
use crate::store::shown_flags::shown_flags;
use crate::store::{Failed, StoreError};
use sqlx::{AssertSqlSafe, Row, query};

impl Postgres {
    pub(in crate::store) async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        let doing = "pick a take";
        let mut tx = self.writer.write(Limits::Short).await?;
        let before = lock(&mut tx, doing, id).await?;
        let chosen = query(
            "SELECT take FROM stored_takes WHERE character_id = $1 AND ($2::bigint IS NULL OR take = $2)
             ORDER BY take DESC LIMIT 1",
        );
        let chosen = chosen.bind(id.0).bind(take.map(|take| take.0));
        let chosen: Option<i64> = tx.value(doing, chosen).await?;
        if let (Some(chosen), Some(before)) = (chosen, before) {
            let why = match take {
                Some(_) => Why::Picked,
                None => Why::Newest,
            };
            make_current(&mut tx, doing, id, chosen, why).await?;
            count_change(&mut tx, doing, id, &before).await?;
        }
        tx.commit(doing).await?;
        Ok(chosen.map(TakeNumber))
    }

    pub(in crate::store) async fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
        flags: Flags,
    ) -> Result<TakeNumber, StoreError> {
        let doing = "store the take";
        let mut tx = self.writer.write(Limits::Short).await?;
        let before = lock(&mut tx, doing, id).await?;
        let before = before.ok_or(StoreError::Impossible { what: "character" })?;
        let take = insert_by_hand(&mut tx, doing, id, &storable(story), flags).await?;
        make_current(&mut tx, doing, id, take, Why::ByHand).await?;
        count_change(&mut tx, doing, id, &before).await?;
        let dates = query(
            "UPDATE stored_casts SET oldest_ms = coalesce(oldest_ms, t.finished_ms), newest_ms = t.finished_ms
             FROM stored_takes t WHERE stored_casts.id = $3 AND t.character_id = $1 AND t.take = $2",
        );
        let dates = dates.bind(id.0).bind(take).bind(before.cast);
        tx.execute(doing, dates).await?;
        tx.commit(doing).await?;
        Ok(TakeNumber(take))
    }

    pub(in crate::store) async fn retry(
        &self,
        cast: CastId,
        which: &Failed,
    ) -> Result<u64, StoreError> {
        let doing = "make failed characters pending";
        let mut tx = self.writer.write(Limits::Long).await?;
        let failed = query(
            "SELECT id, name, error_kind, coalesce(error, '') FROM stored_characters
             WHERE cast_id = $1 AND status = 'failed' AND NOT gone ORDER BY id FOR NO KEY UPDATE",
        );
        let mut ids: Vec<i64> = Vec::new();
        for row in tx.rows(doing, failed.bind(cast)).await? {
            let kind = Outcome::of(row.get(2)).ok_or(StoreError::Impossible { what: "outcome" })?;
            if which.has(row.get(1), kind, row.get(3)) {
                ids.push(row.get(0));
            }
        }
        let pending = query(
            "UPDATE stored_characters SET status = 'pending', tries = 0, error_kind = NULL, error = NULL WHERE id = ANY($1)",
        );
        let many = tx.execute(doing, pending.bind(&ids)).await?;
        let counts = query(
            "UPDATE stored_casts SET failed = failed - $2, pending = pending + $2 WHERE id = $1 AND $2 > 0",
        );
        tx.execute(doing, counts.bind(cast).bind(integer(many)))
            .await?;
        tx.commit(doing).await?;
        Ok(many)
    }

    pub(in crate::store) async fn rename(
        &self,
        cast: CastId,
        name: &str,
    ) -> Result<(), StoreError> {
        let doing = "rename the cast";
        let mut tx = self.writer.write(Limits::Short).await?;
        let name = storable(name).into_owned();
        let rename = query("UPDATE stored_casts SET name = $2 WHERE id = $1");
        match tx.execute(doing, rename.bind(cast).bind(&name)).await {
            Err(err) if is_unique_violation(&err) => Err(StoreError::CastExists {
                db: self.db(),
                cast: name,
            }),
            Err(err) => Err(err),
            Ok(_) => tx.commit(doing).await,
        }
    }

    /// Deletes a cast with its characters, takes, attempts and runs. The server frees the space.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] when a run works on the cast; another error when the database cannot be written. The cast still exists
    /// then.
    pub(in crate::store) async fn forget(&self, cast: CastId) -> Result<(), StoreError> {
        let doing = "delete the cast";
        let mut tx = self.writer.write(Limits::Long).await?;
        // No run can begin on it and no sheet can be imported into it from here on.
        let lock = query("SELECT 1 FROM stored_casts WHERE id = $1 FOR UPDATE");
        tx.row(doing, lock.bind(cast)).await?;
        let live = query(
            "SELECT ': process ' || pid || ' on ' || host || ', since ' || iso(started_ms) FROM z_live_runs
             WHERE cast_id = $1 ORDER BY id LIMIT 1",
        );
        if let Some(holder) = tx.value(doing, live.bind(cast)).await? {
            return Err(StoreError::Locked {
                db: self.db(),
                holder: Some(holder),
            });
        }
        // Table by table: left to the references, the server would look for the rows of each character one by one.
        for delete in [
            "DELETE FROM search_documents d USING stored_characters c WHERE d.character_id = c.id AND c.cast_id = $1",
            "DELETE FROM stored_attempts a USING stored_characters c WHERE a.character_id = c.id AND c.cast_id = $1",
            "DELETE FROM stored_takes t USING stored_characters c WHERE t.character_id = c.id AND c.cast_id = $1",
            "DELETE FROM stored_characters WHERE cast_id = $1",
            "DELETE FROM runs WHERE cast_id = $1",
            "DELETE FROM stored_casts WHERE id = $1",
        ] {
            tx.execute(doing, query(delete).bind(cast)).await?;
        }
        tx.commit(doing).await
    }
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

/// What the counts of a cast depend on.
struct Counted {
    cast: CastId,
    status: String,
    flags: i64,
}

/// Locks a character. Returns what the counts depend on; `None` if there is no such character.
async fn lock(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    id: CharacterId,
) -> Result<Option<Counted>, StoreError> {
    let lock = query(
        "SELECT cast_id, status, flags FROM stored_characters WHERE id = $1 FOR NO KEY UPDATE",
    );
    let row = tx.row(doing, lock.bind(id.0)).await?;
    Ok(row.map(|row| Counted {
        cast: row.get(0),
        status: row.get(1),
        flags: row.get(2),
    }))
}

/// Adds to the counts of the cast what has changed since `before`. A gone character is not counted but as gone.
async fn count_change(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    id: CharacterId,
    before: &Counted,
) -> Result<(), StoreError> {
    let counts = query(
        "UPDATE stored_casts k SET
             done = k.done + (c.status = 'done')::int - ($2 = 'done')::int,
             failed = k.failed + (c.status = 'failed')::int - ($2 = 'failed')::int,
             pending = k.pending + (c.status IN ('pending', 'running'))::int - ($2 IN ('pending', 'running'))::int,
             flagged = k.flagged + (c.flags <> 0)::int - ($3 <> 0)::int
         FROM stored_characters c
         WHERE c.id = $1 AND k.id = c.cast_id AND NOT c.gone AND (c.status <> $2 OR c.flags <> $3)",
    );
    let counts = counts.bind(id.0).bind(&before.status).bind(before.flags);
    tx.execute(doing, counts).await?;
    Ok(())
}

/// Makes `take` the current take of a character.
async fn make_current(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    id: CharacterId,
    take: i64,
    why: Why,
) -> Result<(), StoreError> {
    // The old pick is cleared also where it belongs to an earlier content of the row. Otherwise it would come back when the sheet has
    // that content again.
    let clear = query(
        "UPDATE stored_takes t SET picked = false FROM stored_characters c
         WHERE c.id = $1 AND t.character_id = c.id AND t.take = c.take AND t.picked",
    );
    tx.execute(doing, clear.bind(id.0)).await?;
    let sql = format!(
        "UPDATE stored_characters c SET
             take = $2,
             picked = $3 OR ($4 AND c.status = 'running'),
             is_answered = c.is_answered OR (($3 OR $4) AND c.status = 'running'),
             flags = {},
             status = CASE WHEN ($3 OR $4) AND c.status <> 'running' THEN 'done' ELSE c.status END,
             run_id = CASE WHEN NOT ($3 OR $4) OR c.status = 'running' THEN c.run_id END,
             error_kind = CASE WHEN NOT ($3 OR $4) THEN c.error_kind END,
             error = CASE WHEN NOT ($3 OR $4) THEN c.error END
         FROM stored_takes t, stored_casts k
         WHERE c.id = $1 AND t.character_id = c.id AND t.take = $2 AND k.id = c.cast_id",
        shown_flags("k.recipe_id")
    );
    let current = query(AssertSqlSafe(sql))
        .bind(id.0)
        .bind(take)
        .bind(why == Why::Picked)
        .bind(why == Why::ByHand);
    tx.execute(doing, current).await?;
    // The pick is also stored with the take. If the row changes and later changes back, the pick holds again.
    let picked = query(
        "UPDATE stored_takes t SET picked = t.take = $2 AND c.picked
         FROM stored_characters c, stored_takes chosen
         WHERE c.id = $1 AND t.character_id = c.id AND chosen.character_id = c.id AND chosen.take = $2
             AND t.content = chosen.content",
    );
    tx.execute(doing, picked.bind(id.0).bind(take)).await?;
    Ok(())
}

/// Inserts a take written by hand; returns its number.
async fn insert_by_hand(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    id: CharacterId,
    story: &str,
    flags: Flags,
) -> Result<i64, StoreError> {
    let words = text::words(story);
    let insert = query(
        "WITH c AS (UPDATE stored_characters SET takes = takes + 1 WHERE id = $1 RETURNING id, takes, content)
         INSERT INTO stored_takes (character_id, take, text, words, flags, content, provider, finished_ms)
         SELECT id, takes, $2, $3, $4, content, 'hand', now_ms() FROM c RETURNING take",
    )
    .bind(id.0)
    .bind(story)
    .bind(integer(words))
    .bind(flags.union(text::flags(story, words)).bits());
    let take = tx.value(doing, insert).await?;
    take.ok_or(StoreError::Impossible { what: "character" })
}
