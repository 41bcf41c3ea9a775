//! Cleans up after killed runs, at the start of the next run.

use super::{crash, millis};
use sqlx::{Connection, SqliteConnection};
use std::time::SystemTime;

/// Ends all runs that did not end themselves: we hold the lock, so their processes are dead. Their attempts become
/// `interrupted` and their characters pending, or done where a person has given them a story meanwhile. Returns
/// how many requests were in flight.
pub(super) async fn recover(writer: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let now = millis(SystemTime::now());
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        // The index is named, because the planner would choose the one by cast. That one has a million entries, this one a few.
        "UPDATE stored_casts SET maybe_charged = maybe_charged + (
             SELECT count(*) FROM stored_characters c INDEXED BY characters_running
             WHERE c.status = 'running' AND c.cast_id = stored_casts.id
         );
         UPDATE stored_casts AS k SET cost = coalesce(k.cost, 0), cost_maybe = coalesce(k.cost_maybe, 0) + lost.cost
         FROM (
             SELECT c.cast_id, sum(a.cost_maybe) AS cost
             FROM stored_characters c INDEXED BY characters_running
             JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
             WHERE c.status = 'running' GROUP BY c.cast_id
         ) lost
         WHERE lost.cast_id = k.id AND lost.cost IS NOT NULL",
    )
    .execute(&mut *tx)
    .await?;
    crash::point("recovering");
    let interrupted = sqlx::query(
        "UPDATE stored_attempts AS a
         SET outcome = 'interrupted', error = 'the run ended while the request was in flight', ended_ms = max(?, a.started_ms)
         FROM stored_characters c
         WHERE c.status = 'running' AND a.character_id = c.id AND a.attempt = c.claim AND a.outcome IS NULL",
    )
    .bind(now)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    sqlx::query(
        "UPDATE stored_characters SET status = CASE WHEN is_answered THEN 'done' ELSE 'pending' END, is_answered = 0, run_id = NULL
         WHERE status = 'running'",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query("UPDATE runs SET ended_ms = ? WHERE ended_ms IS NULL")
        .bind(now)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(interrupted)
}
