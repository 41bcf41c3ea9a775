//! Several runs on one cast of a server that has a budget: what they hold of it, and what becomes of that.

use super::claims::next_after;
use super::conformance::given::{recipe_of, settlement};
use crate::harness::postgres::{self, Database};
use backstory::facade::domain::character::{CastId, Character};
use backstory::facade::domain::money::{BudgetChange, Cost, Money};
use backstory::facade::store::{
    Allowance, CastRun, Committed, Group, Held, Ledger, Location, NewRun, NextCharacters, Reopen,
    Settled, Settlement,
};
use futures_util::future::join_all;
use std::time::Duration;

/// A database with a cast of so many characters.
async fn database(characters: usize) -> Option<Database> {
    let database = postgres::database()?;
    let db = Location::of((&database.url).into()).open().await;
    db.expect("it opens").close().await;
    database.execute(&postgres::cast(characters));
    Some(database)
}

fn euros(amount: &str) -> Money {
    amount.parse().expect("an amount")
}

/// A run on the cast, which keeps the budget or gives it one.
async fn run_on(database: &Database, budget: Option<&str>) -> CastRun {
    let new = NewRun {
        cast: CastId(1),
        recipe: recipe_of(None),
        endpoint: "http://127.0.0.1:8787".into(),
        key_digest: None,
        reopen: Reopen::None,
        characters_max: None,
        only: None,
        needs_columns: false,
        patience: Duration::from_secs(20),
        memory: "{}".into(),
        budget: budget.map_or(BudgetChange::Keep, |it| BudgetChange::Set(euros(it))),
    };
    let db = Location::of((&database.url).into()).open().await;
    let run = db.expect("it opens").begin_run(new).await;
    run.expect("a run")
}

/// A group that stores these results and claims up to `most` characters at 1 each, while so many requests are in flight.
fn group(settlements: Vec<Settlement>, most: usize, in_flight: u64) -> Group<'static> {
    let next = (most > 0).then(|| NextCharacters {
        allowance: Some(Allowance {
            price: Box::new(|_| euros("1")),
            left: None,
        }),
        ..next_after(0, most)
    });
    Group {
        settlements,
        next,
        reserved: Some(euros("1").times(in_flight)),
        ..Group::default()
    }
}

async fn commit(run: &CastRun, group: Group<'_>) -> Committed {
    run.commit(group).await.expect("stored")
}

/// The story of a character, which cost so much.
fn paid(character: &Character, known: Money) -> Settlement {
    Settlement {
        cost: Some(Cost {
            known,
            maybe: Money::ZERO,
        }),
        ..settlement(character, character.claim, Settled::Done)
    }
}

/// How many were claimed, and what was spent and held where not all could be.
fn short(committed: &Committed) -> (usize, Option<(Money, Held)>) {
    let over = committed.over_budget.map(|over| (over.spent, over.held));
    (committed.claimed.len(), over)
}

fn check(database: &Database) {
    database.execute(postgres::INVARIANTS);
}

#[tokio::test]
async fn runs_borrow_from_one_budget_and_what_one_holds_is_free_when_it_ends() {
    let Some(database) = database(9).await else {
        return;
    };
    let [one, other] = [
        run_on(&database, Some("3")).await,
        run_on(&database, None).await,
    ];
    let two = commit(&one, group(vec![], 2, 0)).await;
    assert_eq!(short(&two), (2, None));
    let third = commit(&other, group(vec![], 2, 0)).await;
    assert_eq!(short(&third), (1, Some((Money::ZERO, Held::ByOthers))));
    // It is charged for one, and keeps the part of the other one for itself until it ends.
    let settled = vec![
        paid(&two.claimed[0], euros("1")),
        paid(&two.claimed[1], Money::ZERO),
    ];
    commit(&one, group(settled, 0, 0)).await;
    let none = commit(&other, group(vec![], 1, 1)).await;
    assert_eq!(short(&none), (0, Some((euros("1"), Held::ByOthers))));
    check(&database);
    one.end(0).await.expect("ended");
    let fourth = commit(&other, group(vec![], 2, 1)).await;
    assert_eq!(short(&fourth), (1, Some((euros("1"), Held::ByNone))));
    check(&database);
}

#[tokio::test]
async fn a_run_that_was_frozen_holds_nothing_when_it_comes_back() {
    let Some(database) = database(9).await else {
        return;
    };
    let frozen = run_on(&database, Some("2")).await;
    let two = commit(&frozen, group(vec![], 2, 0)).await.claimed;
    database.execute("UPDATE backstory.runs SET alive_until_ms = 0 WHERE ended_ms IS NULL");
    let other = run_on(&database, None).await;
    let none = commit(&other, group(vec![], 1, 0)).await;
    assert_eq!(short(&none), (0, Some((euros("2"), Held::ByNone))));
    // It knows of one more request in flight, which counts as spent already.
    let first = vec![paid(&two[0], euros("0.5"))];
    let none = commit(&frozen, group(first, 1, 1)).await;
    assert_eq!(short(&none), (0, Some((euros("1.5"), Held::ByNone))));
    check(&database);
    let second = vec![paid(&two[1], Money::ZERO)];
    let one = commit(&frozen, group(second, 2, 0)).await;
    assert_eq!(short(&one), (1, Some((euros("0.5"), Held::ByNone))));
    check(&database);
}

#[tokio::test]
async fn a_budget_that_is_given_while_another_run_works_counts_what_that_has_in_flight() {
    let Some(database) = database(9).await else {
        return;
    };
    let first = run_on(&database, None).await;
    let two = commit(&first, group(vec![], 2, 0)).await;
    assert_eq!(short(&two), (2, None));
    let second = run_on(&database, Some("2.5")).await;
    check(&database);
    let none = commit(&second, group(vec![], 1, 0)).await;
    assert_eq!(short(&none), (0, Some((Money::ZERO, Held::ByOthers))));
    let none = commit(&first, group(vec![], 1, 2)).await;
    assert_eq!(short(&none), (0, Some((Money::ZERO, Held::ByNone))));
    let settled = vec![paid(&two.claimed[0], Money::ZERO)];
    let third = commit(&first, group(settled, 1, 1)).await;
    assert_eq!(short(&third), (1, None));
    check(&database);
}

#[tokio::test]
async fn runs_that_borrow_at_the_same_time_never_exceed_the_budget_together() {
    let Some(database) = database(400).await else {
        return;
    };
    let first = run_on(&database, Some("40")).await;
    let others = join_all((0..3).map(|_| run_on(&database, None))).await;
    // Each story costs some tenths of what was reserved for it.
    let cost = |it: &Character| euros("0.1").times(u64::try_from(it.row % 11).expect("a row"));
    let work = async |run: CastRun| {
        let mut spent = Money::ZERO;
        let mut in_flight: Vec<Character> = Vec::new();
        loop {
            let kept = in_flight.len() / 2;
            let ended: Vec<Character> = in_flight.split_off(kept);
            spent += ended.iter().map(cost).sum();
            let settled = ended.iter().map(|it| paid(it, cost(it))).collect();
            let reserved = u64::try_from(kept).expect("few");
            let committed = commit(&run, group(settled, 7, reserved)).await;
            let over = committed.over_budget;
            in_flight.extend(committed.claimed);
            if in_flight.is_empty() && over.is_some_and(|over| over.held == Held::ByNone) {
                run.end(4).await.expect("ended");
                return spent;
            }
        }
    };
    let spent = join_all([first].into_iter().chain(others).map(work)).await;
    let spent: Money = spent.into_iter().sum();
    assert!(spent <= euros("40") && spent > euros("39"), "{spent}");
    check(&database);
}
