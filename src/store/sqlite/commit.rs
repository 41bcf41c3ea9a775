//! Stores one group in one transaction: settles the ended attempts, claims characters and inserts their attempts, updates the
//! counts.

use super::budget::allowed;
use super::crash;
use super::group::carry_out;
use super::run::SqliteRun;
use super::terms::{Terms, alive_until};
use super::{failed, integer, millis};
use crate::domain::character::Character;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::Outcome;
use crate::store::{Committed, Group, NextCharacters, Settlement, Start, StoreError, Stored};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, query};
use std::time::{Duration, SystemTime};

/// A request is sent at most this long after its attempt is stored. The time of the last start, which the next run uses for
/// its pace, is this latest possible moment.
const LEAVES_LATER: Duration = Duration::from_millis(20);

/// Stores `group` for `run`, all of it or nothing.
pub(super) async fn commit(run: &SqliteRun, group: Group<'_>) -> Result<Committed, StoreError> {
    if !run.db.is_there() {
        return Err(StoreError::Removed { db: run.db.db() });
    }
    let Group {
        settlements,
        mut starts,
        next,
        reserved,
    } = group;
    if let Some(next) = next.as_ref().filter(|next| next.most == 0)
        && settlements.is_empty()
        && starts.is_empty()
    {
        let pending = run.pending(&mut *run.db.reader().await, next).await?;
        return Ok(Committed {
            is_end: pending.is_empty(),
            ..Committed::default()
        });
    }
    let mut writer = run.db.writer.lock().await;
    let mut tx = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed("begin a transaction"))?;
    crash::point("begun");
    let claims = match &next {
        Some(next) => claims(run, &mut tx, next).await?,
        None => Claims::default(),
    };
    let known = starts.len();
    starts.extend(claims.starts);
    let (many, over_budget) = allowed(
        &mut tx,
        (run.cast_id, run.budget),
        &settlements,
        &starts,
        reserved,
    )
    .await?;
    starts.truncate(many);
    let mut committed = carry_out(&mut tx, &run.terms, &settlements, &starts).await?;
    count(&mut tx, run, &settlements, &starts, &committed).await?;
    crash::point("written");
    tx.commit().await.map_err(failed("commit"))?;
    crash::point("committed");
    run.backfill.stored(&settlements);
    let claimed = committed.started.split_off(known.min(many));
    // What the budget does not allow is not started.
    committed.started.resize(known, None);
    committed.claimed = claims
        .characters
        .into_iter()
        .zip(claimed)
        .filter_map(|(character, claim)| claim.map(|claim| Character { claim, ..character }))
        .collect();
    committed.short = claims.short;
    committed.is_end = claims.is_end && over_budget.is_none();
    committed.over_budget = over_budget;
    Ok(committed)
}

/// The characters that a group claims.
#[derive(Default)]
struct Claims {
    characters: Vec<Character>,
    /// The start of each one.
    starts: Vec<Start>,
    short: Option<Money>,
    is_end: bool,
}

/// The pending characters that `next` asks for and that can be paid. Nothing is written yet.
async fn claims(
    run: &SqliteRun,
    tx: &mut SqliteConnection,
    next: &NextCharacters<'_>,
) -> Result<Claims, StoreError> {
    let mut characters = run.pending(tx, next).await?;
    let has_more = characters.len() > next.most;
    characters.truncate(next.most);
    let (prices, short) = match &next.allowance {
        Some(allowance) => allowance.paid(&characters),
        None => (Vec::new(), None),
    };
    if short.is_some() {
        characters.truncate(prices.len());
    }
    let starts = characters
        .iter()
        .enumerate()
        .map(|(place, character)| Start {
            id: character.id,
            claim: character.claim,
            at: next.at,
            reserved: prices.get(place).copied(),
        });
    Ok(Claims {
        starts: starts.collect(),
        is_end: !has_more && short.is_none(),
        characters,
        short,
    })
}

/// What settlements add to the counts of a cast.
pub(super) struct Tallied {
    pub(super) requests: i64,
    pub(super) maybe_charged: i64,
    pub(super) newest: Option<i64>,
    /// The cost, if prices are known.
    pub(super) cost: Option<Cost>,
}

/// Sums up the settlements. A settlement whose claim no longer held does not count.
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

/// Updates the counts of the cast, the time until which the run counts as live, and the time of the last start.
async fn count(
    tx: &mut SqliteConnection,
    run: &SqliteRun,
    settlements: &[Settlement],
    starts: &[Start],
    committed: &Committed,
) -> Result<(), StoreError> {
    let Tallied {
        mut requests,
        maybe_charged,
        newest,
        cost,
    } = tally(settlements, &committed.settled);
    requests += integer(committed.started.iter().flatten().count());
    let now = SystemTime::now();
    let done = committed
        .settled
        .iter()
        .filter(|stored| matches!(stored, Stored::Take(_)))
        .count();
    let last_start = starts
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
    // The placeholders have no numbers: with several statements in one text, a number that one statement does not use shifts
    // the values of the following statements.
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

/// Adds `cost` to the cost of the cast that the run of `terms` works on.
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
