//! What became of a group whose COMMIT had no answer.
//!
//! The row of the run has the number of its last group that was stored. If that is the group in doubt, the answer is put together from
//! the rows: results by their attempts, and what it has claimed by the characters that the run has in flight and does not know of.
//!
//! The row of the run is locked while it is read, so a transaction of ours that the server has not ended yet ends first.

use super::group::{CHARACTER, character, place, stored};
use super::progress::Progress;
use super::run::PostgresRun;
use super::session::{Limits, Transaction};
use super::values::millis;
use crate::domain::character::Character;
use crate::store::{Committed, Group, StoreError, Stored};
use sqlx::{Row, query};
use std::collections::HashMap;

const DOING: &str = "find out what was stored";

/// What the group in doubt has changed; `None` if it was not stored. If an earlier group is in doubt, returns only
/// what became of the results of `group`, and gives back what the earlier one has claimed, because none of its requests was sent.
pub(super) async fn resolve(
    run: &PostgresRun,
    progress: &Progress,
    group: &Group<'_>,
    is_same: bool,
) -> Result<Option<Committed>, StoreError> {
    let mut tx = run.db.writer.write(Limits::Group).await?;
    let last = query("SELECT last_group FROM runs WHERE id = $1 FOR UPDATE");
    let last: Option<i64> = tx.value(DOING, last.bind(run.id.0)).await?;
    if last.is_none_or(|last| last < progress.number) {
        tx.finish().await;
        return Ok(None);
    }
    let mut found = Committed {
        settled: settled(&mut tx, run, group).await?,
        ..Committed::default()
    };
    let unknown = unknown(&mut tx, run, progress, group).await?;
    if is_same {
        adopt(&mut found, group, unknown);
        tx.finish().await;
    } else {
        give_back(&mut tx, run, &unknown).await?;
        tx.commit(DOING).await?;
    }
    Ok(Some(found))
}

/// What is stored of each result of the group. An attempt has it if it ended in this way at this time.
async fn settled(
    tx: &mut Transaction<'_>,
    run: &PostgresRun,
    group: &Group<'_>,
) -> Result<Vec<Stored>, StoreError> {
    let mut settled = vec![Stored::NotOurs; group.settlements.len()];
    if settled.is_empty() {
        return Ok(settled);
    }
    let statement = query(
        "SELECT s.ord, coalesce(t.take, 0)
         FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[]) WITH ORDINALITY AS s (id, claim, outcome, ended_ms, ord)
         JOIN stored_attempts a ON a.character_id = s.id AND a.attempt = s.claim
         LEFT JOIN stored_takes t ON t.character_id = s.id AND t.attempt = s.claim
         WHERE a.run_id = $1 AND a.outcome = s.outcome AND a.ended_ms = s.ended_ms",
    );
    let of = &group.settlements;
    let statement = statement
        .bind(run.id.0)
        .bind(of.iter().map(|it| it.id.0).collect::<Vec<_>>())
        .bind(of.iter().map(|it| it.claim.0).collect::<Vec<_>>())
        .bind(
            of.iter()
                .map(|it| it.ending.outcome.word())
                .collect::<Vec<_>>(),
        )
        .bind(of.iter().map(|it| millis(it.at)).collect::<Vec<_>>());
    for row in tx.rows(DOING, statement).await? {
        let settlement = place(row.get(0)).and_then(|place| settled.get_mut(place));
        if let Some(settlement) = settlement {
            *settlement = stored(row.get(1));
        }
    }
    Ok(settled)
}

/// What the run has in flight and does not know of, in the order of the sheet.
async fn unknown(
    tx: &mut Transaction<'_>,
    run: &PostgresRun,
    progress: &Progress,
    group: &Group<'_>,
) -> Result<Vec<Character>, StoreError> {
    let mut known: HashMap<i64, i64> = progress.in_flight.clone();
    known.extend(group.settlements.iter().map(|it| (it.id.0, it.claim.0)));
    let sql = format!(
        "SELECT {CHARACTER} FROM stored_characters c WHERE c.run_id = $1 AND c.status = 'running' ORDER BY c.row"
    );
    let statement = query(sqlx::AssertSqlSafe(sql));
    let statement = statement.bind(run.id.0).bind(run.needs_columns);
    let rows = tx.rows(DOING, statement).await?;
    let characters = rows.iter().map(|row| character(row, 0));
    Ok(characters
        .filter(|it| known.get(&it.id.0) != Some(&it.claim.0))
        .collect())
}

/// Takes over what the group has claimed: first the characters that it starts again, then the others.
fn adopt(found: &mut Committed, group: &Group<'_>, unknown: Vec<Character>) {
    let mut claimed = unknown;
    for start in &group.starts {
        let place = claimed.iter().position(|it| it.id == start.id);
        let claim = place.map(|place| claimed.remove(place).claim);
        found.started.push(claim);
    }
    found.claimed = claimed;
}

/// Gives back what was claimed and never sent.
async fn give_back(
    tx: &mut Transaction<'_>,
    run: &PostgresRun,
    unknown: &[Character],
) -> Result<(), StoreError> {
    let statement = query(
        "WITH c AS (
             UPDATE stored_characters c SET status = 'pending', run_id = NULL
             WHERE c.id = ANY ($2) AND c.run_id = $1 AND c.status = 'running'
             RETURNING c.id, c.claim
         ),
         a AS (
             UPDATE stored_attempts a SET outcome = 'not_sent', error = 'not sent: the database did not answer in time',
                 ended_ms = greatest(now_ms(), a.started_ms), cost_maybe = NULL
             FROM c WHERE a.character_id = c.id AND a.attempt = c.claim
         )
         UPDATE runs SET requests = requests - (SELECT count(*) FROM c) WHERE id = $1",
    );
    let ids: Vec<i64> = unknown.iter().map(|it| it.id.0).collect();
    tx.execute(DOING, statement.bind(run.id.0).bind(ids))
        .await?;
    Ok(())
}
