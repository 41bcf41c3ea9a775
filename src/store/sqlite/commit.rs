//! One group, one transaction: settle what has ended, claim and write down what is about to begin.
//!
//! Each statement carries many rows. Settling and claiming are compare-and-set on the claim number, so a late word from an
//! old claim changes nothing.

use super::crash;
use super::run::{SqliteRun, Terms, alive_until};
use super::values::{parts, places};
use super::{failed, integer, millis, millis_of};
use crate::domain::character::{CharacterId, Claim, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::Outcome;
use crate::domain::text;
use crate::store::{Committed, Group, Settled, Settlement, Start, StoreError, Stored};
use sqlx::sqlite::{Sqlite as Driver, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row, query};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// A request leaves up to this long after it was written down; what is remembered for the pace is the latest moment.
const LEAVES_LATER: Duration = Duration::from_millis(20);

/// As much of an attempt's text as is kept when it did not become a take.
const PARTIAL_BYTES_MAX: usize = 64 << 10;

type Query<'q> = sqlx::query::Query<'q, Driver, sqlx::sqlite::SqliteArguments>;

/// Stores `group` for `run`, all of it or nothing.
pub(super) async fn commit(run: &SqliteRun, group: &Group) -> Result<Committed, StoreError> {
    let mut writer = run.db.writer.lock().await;
    let mut tx = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed("begin to write"))?;
    let mut committed = Committed::default();
    crash::point("begun");
    for part in parts(&group.settlements) {
        committed
            .settled
            .extend(settle(&mut tx, &run.terms, part).await?);
    }
    for part in parts(&group.starts) {
        committed
            .started
            .extend(start(&mut tx, &run.terms, part).await?);
    }
    count(&mut tx, run, group, &committed).await?;
    crash::point("written");
    tx.commit().await.map_err(failed("commit"))?;
    crash::point("committed");
    Ok(committed)
}

/// Settles what has ended under `terms`; see [`Committed::settled`].
pub(super) async fn settle(
    tx: &mut SqliteConnection,
    terms: &Terms,
    part: &[Settlement],
) -> Result<Vec<Stored>, StoreError> {
    let takes = settle_characters(tx, terms, part).await?;
    let ours: Vec<(&Settlement, TakeNumber)> = part
        .iter()
        .filter_map(|settlement| Some((settlement, *takes.get(&settlement.id)?)))
        .collect();
    for some in parts(&ours) {
        settle_attempts(tx, some).await?;
    }
    let brought: Vec<(&Settlement, TakeNumber)> = ours
        .into_iter()
        .filter(|(settlement, _)| settlement.state == Settled::Done)
        .collect();
    for some in parts(&brought) {
        insert_takes(tx, terms, some).await?;
    }
    let stored = |settlement: &Settlement| match takes.get(&settlement.id) {
        Some(take) if settlement.state == Settled::Done => Stored::Take(*take),
        Some(_) => Stored::NoTake,
        None => Stored::NotOurs,
    };
    Ok(part.iter().map(stored).collect())
}

/// Moves the characters whose claim is still ours; returns how many takes each has now.
async fn settle_characters(
    tx: &mut SqliteConnection,
    terms: &Terms,
    part: &[Settlement],
) -> Result<HashMap<CharacterId, TakeNumber>, StoreError> {
    let sql = format!(
        "WITH v (id, claim, status, tries, brought, flags, error_kind, error) AS (VALUES {})
         UPDATE stored_characters AS c SET
             status = v.status,
             run_id = NULL,
             tries = v.tries,
             takes = c.takes + v.brought,
             take = CASE WHEN v.brought AND NOT c.picked THEN c.takes + 1 ELSE c.take END,
             flags = CASE WHEN v.brought AND NOT c.picked THEN v.flags ELSE c.flags END,
             error_kind = v.error_kind,
             error = v.error
         FROM v
         WHERE c.id = v.id AND c.claim = v.claim AND c.status = 'running' AND c.run_id = ?
         RETURNING id, takes",
        places(part.len(), 8)
    );
    let mut update = query(AssertSqlSafe(sql));
    for settlement in part {
        update = bind_character(update, settlement);
    }
    let rows = update
        .bind(terms.run.0)
        .fetch_all(tx)
        .await
        .map_err(failed("settle characters"))?;
    let taken = |row: sqlx::sqlite::SqliteRow| (CharacterId(row.get(0)), TakeNumber(row.get(1)));
    Ok(rows.into_iter().map(taken).collect())
}

fn bind_character<'q>(update: Query<'q>, settlement: &Settlement) -> Query<'q> {
    let failed = settlement.state == Settled::Failed;
    let ending = &settlement.ending;
    update
        .bind(settlement.id.0)
        .bind(settlement.claim.0)
        .bind(settlement.state.word())
        .bind(i64::from(settlement.tries))
        .bind(settlement.state == Settled::Done)
        .bind(flags(settlement).bits())
        .bind(failed.then(|| ending.outcome.word()))
        .bind(failed.then(|| ending.error.clone()).flatten())
}

/// All flags of the story: what the transport noted and what its text shows.
fn flags(settlement: &Settlement) -> Flags {
    settlement
        .ending
        .flags
        .union(text::flags(&settlement.ending.text))
}

async fn settle_attempts(
    tx: &mut SqliteConnection,
    part: &[(&Settlement, TakeNumber)],
) -> Result<(), StoreError> {
    let sql = format!(
        "WITH v (id, attempt, outcome, http_status, error, first_text_ms, ended_ms, bytes, tokens_in, tokens_out,
             cost, cost_maybe, partial) AS (VALUES {})
         UPDATE stored_attempts AS a SET
             outcome = v.outcome,
             http_status = v.http_status,
             error = v.error,
             first_text_ms = v.first_text_ms,
             ended_ms = v.ended_ms,
             bytes = v.bytes,
             tokens_in = v.tokens_in,
             tokens_out = v.tokens_out,
             cost = v.cost,
             cost_maybe = v.cost_maybe,
             partial = v.partial
         FROM v
         WHERE a.character_id = v.id AND a.attempt = v.attempt AND a.outcome IS NULL",
        places(part.len(), 13)
    );
    let mut update = query(AssertSqlSafe(sql));
    for (settlement, _) in part {
        let ending = &settlement.ending;
        let kept = settlement.state != Settled::Done && !ending.text.is_empty();
        let partial = kept.then(|| {
            let end = ending.text.floor_char_boundary(PARTIAL_BYTES_MAX);
            ending.text[..end].to_owned()
        });
        update = update
            .bind(settlement.id.0)
            .bind(settlement.claim.0)
            .bind(ending.outcome.word())
            .bind(ending.http_status.map(i64::from))
            .bind(ending.error.clone())
            .bind(ending.first_text.map(millis_of))
            .bind(millis(settlement.at))
            .bind(integer(ending.bytes))
            .bind(ending.tokens.map(|tokens| integer(tokens.read)))
            .bind(ending.tokens.map(|tokens| integer(tokens.written)))
            .bind(settlement.cost.map(|cost| cost.known.stored()))
            .bind(settlement.cost.map(|cost| cost.maybe.stored()))
            .bind(partial);
    }
    update
        .execute(tx)
        .await
        .map_err(failed("settle attempts"))?;
    Ok(())
}

async fn insert_takes(
    tx: &mut SqliteConnection,
    terms: &Terms,
    part: &[(&Settlement, TakeNumber)],
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint,
             attempt, finished_ms)
         VALUES {}",
        places(part.len(), 12)
    );
    let mut insert = query(AssertSqlSafe(sql));
    for (settlement, take) in part {
        insert = insert
            .bind(settlement.id.0)
            .bind(take.0)
            .bind(settlement.ending.text.clone())
            .bind(integer(settlement.words))
            .bind(flags(settlement).bits())
            .bind(settlement.content.0.to_vec())
            .bind(terms.recipe_id)
            .bind(terms.provider.clone())
            .bind(terms.model.clone())
            .bind(terms.endpoint.clone())
            .bind(settlement.claim.0)
            .bind(millis(settlement.at));
    }
    insert.execute(tx).await.map_err(failed("store takes"))?;
    Ok(())
}

/// Claims those that are still as they were read, and writes their attempts down.
async fn start(
    tx: &mut SqliteConnection,
    terms: &Terms,
    part: &[Start],
) -> Result<Vec<Option<Claim>>, StoreError> {
    let sql = format!(
        "WITH v (id, claim) AS (VALUES {})
         UPDATE stored_characters AS c SET status = 'running', claim = c.claim + 1, run_id = ?
         FROM v
         WHERE c.id = v.id AND c.claim = v.claim AND c.status = 'pending' AND c.gone = 0
         RETURNING id, claim",
        places(part.len(), 2)
    );
    let mut update = query(AssertSqlSafe(sql));
    for start in part {
        update = update.bind(start.id.0).bind(start.claim.0);
    }
    let rows = update
        .bind(terms.run.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed("claim characters"))?;
    let claims: HashMap<CharacterId, Claim> = rows
        .into_iter()
        .map(|row| (CharacterId(row.get(0)), Claim(row.get(1))))
        .collect();
    let ours: Vec<(&Start, Claim)> = part
        .iter()
        .filter_map(|start| Some((start, *claims.get(&start.id)?)))
        .collect();
    for some in parts(&ours) {
        insert_attempts(tx, terms, some).await?;
    }
    Ok(part
        .iter()
        .map(|start| claims.get(&start.id).copied())
        .collect())
}

async fn insert_attempts(
    tx: &mut SqliteConnection,
    terms: &Terms,
    part: &[(&Start, Claim)],
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, cost_maybe) VALUES {}",
        places(part.len(), 5)
    );
    let mut insert = query(AssertSqlSafe(sql));
    for (start, claim) in part {
        insert = insert
            .bind(start.id.0)
            .bind(claim.0)
            .bind(terms.run.0)
            .bind(millis(start.at))
            .bind(start.reserved.map(Money::stored));
    }
    insert
        .execute(tx)
        .await
        .map_err(failed("write attempts down"))?;
    Ok(())
}

/// What settlements add to the counts of their cast.
pub(super) struct Tallied {
    pub(super) requests: i64,
    pub(super) maybe_charged: i64,
    pub(super) newest: Option<i64>,
    /// Where prices are known.
    pub(super) cost: Option<Cost>,
}

/// Adds up what was settled; what was not ours any more does not count.
pub(super) fn tally(settlements: &[Settlement], settled: &[Stored]) -> Tallied {
    let mut tallied = Tallied {
        requests: 0,
        maybe_charged: 0,
        newest: None,
        cost: None,
    };
    for (settlement, stored) in settlements.iter().zip(settled) {
        if *stored == Stored::NotOurs {
            continue;
        }
        let outcome = settlement.ending.outcome;
        tallied.requests -= i64::from(outcome == Outcome::NotSent);
        tallied.maybe_charged += i64::from(outcome.maybe_charged());
        if let Some(cost) = settlement.cost {
            *tallied.cost.get_or_insert_default() += cost;
        }
        if let Stored::Take(_) = stored {
            tallied.newest = tallied.newest.max(Some(millis(settlement.at)));
        }
    }
    tallied
}

/// Adds the group to the counts of its cast, renews the run's life, and remembers the last start for the pace.
async fn count(
    tx: &mut SqliteConnection,
    run: &SqliteRun,
    group: &Group,
    committed: &Committed,
) -> Result<(), StoreError> {
    let Tallied {
        mut requests,
        maybe_charged,
        newest,
        cost,
    } = tally(&group.settlements, &committed.settled);
    requests += integer(committed.started.iter().flatten().count());
    let now = SystemTime::now();
    let done = committed
        .settled
        .iter()
        .filter(|stored| matches!(stored, Stored::Take(_)))
        .count();
    let last_start = group
        .starts
        .iter()
        .map(|start| millis(start.at + LEAVES_LATER))
        .max();
    query(
        "UPDATE stored_casts SET
             requests = requests + ?,
             maybe_charged = maybe_charged + ?,
             oldest_ms = coalesce(oldest_ms, ?),
             newest_ms = coalesce(?, newest_ms)
         WHERE id = ?;
         UPDATE runs SET
             alive_until_ms = ?,
             requests = requests + ?,
             done = done + ?,
             last_commit_ms = ?
         WHERE id = ?;
         UPDATE endpoints SET last_start_ms = coalesce(?, last_start_ms) WHERE id = ?",
    )
    // Without numbers: in several statements at once a number that a statement leaves out shifts those behind it.
    .bind(requests)
    .bind(maybe_charged)
    .bind(newest)
    .bind(newest)
    .bind(run.cast_id)
    .bind(alive_until(now))
    .bind(requests)
    .bind(integer(done))
    .bind(millis(now))
    .bind(run.terms.run.0)
    .bind(last_start)
    .bind(run.endpoint_id)
    .execute(&mut *tx)
    .await
    .map_err(failed("count"))?;
    match cost {
        Some(cost) => charge(tx, &run.terms, cost).await,
        None => Ok(()),
    }
}

/// Adds what was settled under `terms` to the account of its cast.
pub(super) async fn charge(
    tx: &mut SqliteConnection,
    terms: &Terms,
    cost: Cost,
) -> Result<(), StoreError> {
    query(
        "UPDATE stored_casts SET cost = coalesce(cost, 0) + ?, cost_maybe = coalesce(cost_maybe, 0) + ?
         WHERE id = (SELECT cast_id FROM runs WHERE id = ?)",
    )
    .bind(cost.known.stored())
    .bind(cost.maybe.stored())
    .bind(terms.run.0)
    .execute(tx)
    .await
    .map_err(failed("add up the cost"))?;
    Ok(())
}
