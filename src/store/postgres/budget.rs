//! What the requests of a group may cost: their prices are stored, and the part of the cast's budget that the run holds covers them.
//! What it does not cover is given back, in the transaction that has claimed it.
//!
//! A run borrows a larger part only when its own is used up, and then for about a second ahead: only such a group waits for those of
//! other runs. What it has not used a little later it gives back. The rule is `domain::lending`.

use super::session::Transaction;
use crate::domain::lending::{Account, covered};
use crate::domain::money::Money;
use crate::store::{Committed, Group, Held, OverBudget, RunId, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::Duration;
use tokio::time::Instant;

/// A run borrows so much ahead as it uses in this time.
const AHEAD: Duration = Duration::from_secs(1);

/// What was used in a shorter time than this says little about the speed.
const MEASURED_MIN: Duration = Duration::from_millis(250);

/// What was borrowed ahead and not used is given back after this time.
const KEPT: Duration = Duration::from_secs(2);

/// When the run last changed its part of the budget, and to what.
#[derive(Debug, Default)]
pub(super) struct Borrowing {
    last: Option<(Instant, Money)>,
}

impl Borrowing {
    /// How much to borrow ahead, if `part` is left of what the run held: by what it has used since.
    fn ahead(&self, part: Money) -> Money {
        let Some((at, held)) = self.last else {
            return Money::ZERO;
        };
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let took = at.elapsed().max(MEASURED_MIN);
        held.without(part).scaled(millis(AHEAD), millis(took))
    }

    /// Whether it is time to give back what is not needed.
    fn is_over(&self) -> bool {
        self.last.is_none_or(|(at, _)| at.elapsed() > KEPT)
    }

    /// The run holds this part from now on.
    fn holds(&mut self, part: Money) {
        self.last = Some((Instant::now(), part));
    }
}

/// What a group may start.
struct Granted {
    /// This many requests, from the first one on.
    many: usize,
    over: Option<OverBudget>,
    /// The part of the budget that the run holds from now on, where it changes.
    part: Option<Money>,
}

impl Granted {
    fn all(many: usize) -> Self {
        Self {
            many,
            over: None,
            part: None,
        }
    }
}

/// Stores what the claimed characters may cost, and gives back what cannot be paid. `part` is what the run holds of the budget of the
/// cast, once the results of the group are stored; `None` if the cast has no budget.
pub(super) async fn pay(
    tx: &mut Transaction<'_>,
    run: RunId,
    borrowing: &mut Borrowing,
    group: &Group<'_>,
    (committed, part): (&mut Committed, Option<Money>),
) -> Result<(), StoreError> {
    let next = group.next.as_ref();
    let mut prices = Vec::new();
    let mut many = committed.claimed.len();
    if let Some(allowance) = next.and_then(|next| next.allowance.as_ref()) {
        (prices, committed.short) = allowance.paid(&committed.claimed);
        many = prices.len();
    }
    let started = started(committed);
    let granted = match part {
        None => Granted::all(started.len() + many),
        Some(part) => {
            let again = started.iter().map(|place| group.starts[*place].reserved);
            let wanted: Option<Vec<Money>> = again.chain(priced(&prices, many)).collect();
            grant(tx, run, borrowing, (part, group.reserved), wanted).await?
        }
    };
    let mut back = Vec::new();
    for place in started.iter().skip(granted.many) {
        committed.started[*place] = None;
        back.push(group.starts[*place].id.0);
    }
    let kept = many.min(granted.many.saturating_sub(started.len()));
    if kept < committed.claimed.len() {
        (committed.is_end, committed.is_shared) = (false, false);
    }
    let unpaid = committed.claimed.split_off(kept);
    back.extend(unpaid.iter().map(|it| it.id.0));
    prices.truncate(kept);
    committed.over_budget = granted.over;
    store(tx, run, (&*committed, &prices[..]), &back, granted.part).await
}

/// The places of the characters that were started again.
fn started(committed: &Committed) -> Vec<usize> {
    let places = committed.started.iter().enumerate();
    places
        .filter(|(_, claim)| claim.is_some())
        .map(|(place, _)| place)
        .collect()
}

/// The prices of `many` claimed characters; each `None` where prices are not known.
fn priced(prices: &[Money], many: usize) -> impl Iterator<Item = Option<Money>> {
    (0..many).map(|place| prices.get(place).copied())
}

/// How many of the `wanted` requests the budget allows. The run holds `part` of it, and has reserved `reserved` for what is in
/// flight; both the prices and that are `None` if it does not know prices.
async fn grant(
    tx: &mut Transaction<'_>,
    run: RunId,
    borrowing: &mut Borrowing,
    (part, reserved): (Money, Option<Money>),
    wanted: Option<Vec<Money>>,
) -> Result<Granted, StoreError> {
    let is_nothing = wanted.as_ref().is_some_and(Vec::is_empty);
    let Some((wanted, reserved)) = wanted.zip(reserved) else {
        let account = if is_nothing {
            None
        } else {
            account(tx, run).await?
        };
        return Ok(Granted {
            over: account.map(|account| over(account, None)),
            ..Granted::all(0)
        });
    };
    let need = reserved + wanted.iter().copied().sum::<Money>();
    if need <= part {
        let is_too_much = need < part && borrowing.is_over();
        if is_too_much {
            borrowing.holds(need);
        }
        return Ok(Granted {
            part: is_too_much.then_some(need),
            ..Granted::all(wanted.len())
        });
    }
    let account = if is_nothing {
        None
    } else {
        account(tx, run).await?
    };
    let Some(account) = account else {
        return Ok(Granted::all(wanted.len()));
    };
    let mut mine = account.lend(need, borrowing.ahead(part));
    let (many, next) = covered(mine.without(reserved), &wanted);
    if next.is_some() {
        // What does not suffice for one more request may suffice for one of another run.
        mine = mine.min(reserved + wanted[..many].iter().copied().sum::<Money>());
    }
    borrowing.holds(mine);
    Ok(Granted {
        many,
        over: next.map(|next| over(account, Some(next))),
        part: Some(mine),
    })
}

fn over(account: Account, next: Option<Money>) -> OverBudget {
    OverBudget {
        budget: account.budget,
        spent: account.spent,
        next,
        held: if account.lent > Money::ZERO {
            Held::ByOthers
        } else {
            Held::ByNone
        },
    }
}

/// The budget of the cast, which no other run can borrow from before the transaction ends; `None` if the cast has none any more.
async fn account(tx: &mut Transaction<'_>, run: RunId) -> Result<Option<Account>, StoreError> {
    let statement = query("SELECT budget, spent, lent FROM budget_account($1)").bind(run.0);
    let row = tx.row("borrow from the budget", statement).await?;
    let money = |row: &PgRow, at: usize| Money::from_stored(row.get(at));
    Ok(row.map(|row| Account {
        budget: money(&row, 0),
        spent: money(&row, 1),
        lent: money(&row, 2),
    }))
}

/// Stores the prices of what is claimed, what is given back, and the part of the budget that the run holds, where it changes.
async fn store(
    tx: &mut Transaction<'_>,
    run: RunId,
    (committed, prices): (&Committed, &[Money]),
    back: &[i64],
    part: Option<Money>,
) -> Result<(), StoreError> {
    if prices.is_empty() && back.is_empty() && part.is_none() {
        return Ok(());
    }
    let claimed = &committed.claimed[..prices.len()];
    let statement = query("SELECT price_claims($1, $2, $3, $4, $5, $6)")
        .bind(run.0)
        .bind(claimed.iter().map(|it| it.id.0).collect::<Vec<_>>())
        .bind(claimed.iter().map(|it| it.claim.0).collect::<Vec<_>>())
        .bind(prices.iter().map(|it| it.stored()).collect::<Vec<_>>())
        .bind(back)
        .bind(part.map(Money::stored));
    tx.execute("reserve the cost", statement).await?;
    Ok(())
}
