//! The budget of a cast: it is remembered here, and limits what a group may start.
//!
//! Only the holder of the lock sends requests, so all that is not spent, and not reserved by the run itself, is the run's.

use super::failed;
use crate::domain::character::CastId;
use crate::domain::lending::covered;
use crate::domain::money::{BudgetChange, Cost, Money};
use crate::store::{Held, OverBudget, Settlement, Start, StoreError};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, query, query_scalar};

/// Carries out `change`. Returns the budget that the cast has then.
pub(super) async fn remember(
    tx: &mut SqliteConnection,
    cast: CastId,
    change: BudgetChange,
) -> Result<Option<Money>, StoreError> {
    let doing = "remember the budget";
    let before: Option<i64> = query_scalar("SELECT budget FROM stored_casts WHERE id = ?")
        .bind(cast)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed(doing))?;
    let before = before.map(Money::from_stored);
    let budget = change.applied_to(before);
    if budget != before {
        query("UPDATE stored_casts SET budget = ? WHERE id = ?")
            .bind(budget.map(Money::stored))
            .bind(cast)
            .execute(tx)
            .await
            .map_err(failed(doing))?;
    }
    Ok(budget)
}

/// How many of `starts` the budget of this cast allows, from the first one on, once `settlements` are stored; and why not all.
/// `reserved` is what the requests in flight may cost.
pub(super) async fn allowed(
    tx: &mut SqliteConnection,
    (cast, budget): (CastId, Option<Money>),
    settlements: &[Settlement],
    starts: &[Start],
    reserved: Option<Money>,
) -> Result<(usize, Option<OverBudget>), StoreError> {
    let Some(budget) = budget.filter(|_| !starts.is_empty()) else {
        return Ok((starts.len(), None));
    };
    let spent = spent(tx, cast).await? + costs(settlements);
    let prices = starts.iter().map(|start| start.reserved);
    let prices: Option<Vec<Money>> = prices.collect();
    let (many, next) = match prices.zip(reserved) {
        Some((prices, reserved)) => {
            let left = budget.without(spent).without(reserved);
            let (many, next) = covered(left, &prices);
            (many, next.map(Some))
        }
        None => (0, Some(None)),
    };
    let over = next.map(|next| OverBudget {
        budget,
        spent,
        next,
        held: Held::ByNone,
    });
    Ok((many, over))
}

/// The most that the cast has cost so far.
async fn spent(tx: &mut SqliteConnection, cast: CastId) -> Result<Money, StoreError> {
    let row =
        query("SELECT coalesce(cost, 0), coalesce(cost_maybe, 0) FROM stored_casts WHERE id = ?")
            .bind(cast)
            .fetch_one(tx)
            .await
            .map_err(failed("read what the cast has cost"))?;
    Ok(Money::from_stored(row.get(0)) + Money::from_stored(row.get(1)))
}

/// The most that these attempts have cost.
fn costs(settlements: &[Settlement]) -> Money {
    let costs = settlements.iter().filter_map(|it| it.cost);
    costs.map(Cost::at_most).sum()
}
