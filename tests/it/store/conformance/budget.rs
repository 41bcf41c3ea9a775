//! The budget of a cast: what a run may still start, whatever earlier runs have spent.

use super::backend::Backend;
use super::given::{
    begun, begun_on, cast_of, commit, find, imported, new_run, settlement, sheet, start,
};
use crate::store::claims::next_after;
use backstory::facade::domain::character::{Character, CharacterId};
use backstory::facade::domain::money::{Cost, Money};
use backstory::facade::domain::status::Status;
use backstory::facade::store::{
    Allowance, Committed, Group, Held, Ledger, Library, NewRun, NextCharacters, OverBudget, Reopen,
    Settled, Settlement, Start,
};

const FOUR: &str = "name,description\nAda,bakes\nBo,rows\nCy,sings\nDi,flies";

fn euros(amount: &str) -> Money {
    amount.parse().expect("an amount")
}

/// A run on the cast of these four, which has this budget. Each request of the stories costs 1 at most.
async fn run_with<B: Backend>(store: &B, budget: &str) -> B::Run {
    if store
        .reader()
        .await
        .casts()
        .await
        .expect("casts")
        .is_empty()
    {
        imported(store, &sheet(FOUR)).await;
    }
    let new = NewRun {
        budget: budget.parse().expect("a budget"),
        ..new_run(cast_of(store).await, Reopen::None)
    };
    store.begin(new).await
}

/// A group that claims up to `most` characters, while `in_flight` requests of the run are in flight.
fn claims(most: usize, in_flight: u64) -> Group<'static> {
    Group {
        next: Some(NextCharacters {
            allowance: Some(Allowance {
                price: Box::new(|_| euros("1")),
                left: None,
            }),
            ..next_after(0, most)
        }),
        ..holding(in_flight)
    }
}

/// An empty group of a run with so many requests in flight.
fn holding(in_flight: u64) -> Group<'static> {
    Group {
        reserved: Some(euros("1").times(in_flight)),
        ..Group::default()
    }
}

/// The end of an attempt that cost this much, and perhaps more.
fn cost(character: &Character, state: Settled, known: &str, maybe: &str) -> Settlement {
    Settlement {
        cost: Some(Cost {
            known: euros(known),
            maybe: euros(maybe),
        }),
        ..settlement(character, character.claim, state)
    }
}

fn again(id: CharacterId, character: &Character) -> Start {
    Start {
        reserved: Some(euros("1")),
        ..start(id, character.claim)
    }
}

/// The names of what was claimed, and the refusal.
fn short(committed: &Committed) -> (Vec<&str>, Option<OverBudget>) {
    let names = committed.claimed.iter().map(|it| it.name.as_str());
    (names.collect(), committed.over_budget)
}

fn over(budget: &str, spent: &str) -> OverBudget {
    OverBudget {
        budget: euros(budget),
        spent: euros(spent),
        next: Some(euros("1")),
        held: Held::ByNone,
    }
}

async fn no_more_is_claimed_than_the_budget_of_the_cast_allows<B: Backend>(store: B) {
    let run = run_with(&store, "2.5").await;
    let first = commit(&run, claims(4, 0)).await;
    assert_eq!(short(&first), (vec!["Ada", "Bo"], Some(over("2.5", "0"))));
    assert!(!first.is_end);
    let none = commit(&run, claims(4, 2)).await;
    assert_eq!(short(&none), (vec![], Some(over("2.5", "0"))));
    let counts = run.counts().await.expect("counts");
    assert_eq!((counts.pending, counts.running), (2, 2));
}

async fn a_request_that_cost_less_frees_the_rest_in_the_same_group<B: Backend>(store: B) {
    let run = run_with(&store, "2.5").await;
    let first = commit(&run, claims(4, 0)).await.claimed;
    let group = Group {
        settlements: vec![
            cost(&first[0], Settled::Done, "0.5", "0"),
            cost(&first[1], Settled::Done, "0.25", "0.75"),
        ],
        ..claims(4, 0)
    };
    let next = commit(&run, group).await;
    assert_eq!(short(&next), (vec!["Cy"], Some(over("2.5", "1.5"))));
    let group = Group {
        settlements: vec![cost(&next.claimed[0], Settled::Done, "0", "0")],
        ..claims(4, 0)
    };
    let last = commit(&run, group).await;
    assert_eq!(short(&last), (vec!["Di"], None));
    assert!(last.is_end);
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!(cast.budget, Some(euros("2.5")));
    assert_eq!(cast.budget_left, Some(euros("1")));
}

async fn a_character_that_cannot_be_paid_is_not_tried_again<B: Backend>(store: B) {
    let run = run_with(&store, "2").await;
    let two = commit(&run, claims(2, 0)).await.claimed;
    let group = Group {
        settlements: two
            .iter()
            .map(|it| cost(it, Settled::Pending, "0", "0.5"))
            .collect(),
        ..holding(0)
    };
    commit(&run, group).await;
    let group = || Group {
        starts: two.iter().map(|it| again(it.id, it)).collect(),
        ..claims(4, 0)
    };
    let committed = commit(&run, group()).await;
    assert_eq!(short(&committed), (vec![], Some(over("2", "1"))));
    let claim = committed.started[0].expect("the first one is paid");
    assert_eq!(committed.started[1], None);
    let (bo, record) = find(&store, "Bo").await;
    assert_eq!((record.status, record.requests), (Status::Pending, 1));
    // Nothing was charged for the first one, so the second one can be paid under the claim that the run knows.
    let free = Settlement {
        claim,
        ..cost(&two[0], Settled::Failed, "0", "0")
    };
    let group = Group {
        settlements: vec![free],
        starts: vec![again(bo, &two[1])],
        ..holding(0)
    };
    assert!(commit(&run, group).await.started[0].is_some());
}

async fn what_earlier_runs_have_spent_counts_and_a_higher_budget_goes_on<B: Backend>(store: B) {
    let run = run_with(&store, "1").await;
    let ada = commit(&run, claims(1, 0)).await.claimed.remove(0);
    let group = Group {
        settlements: vec![cost(&ada, Settled::Done, "1", "0")],
        ..holding(0)
    };
    commit(&run, group).await;
    store.end(run, 4).await;
    // A run that says nothing of it keeps the budget.
    let run = begun(&store, Reopen::None).await;
    let none = commit(&run, claims(4, 0)).await;
    assert_eq!(short(&none), (vec![], Some(over("1", "1"))));
    store.end(run, 4).await;
    let run = run_with(&store, "2").await;
    let one = commit(&run, claims(4, 0)).await;
    assert_eq!(short(&one), (vec!["Bo"], Some(over("2", "1"))));
    let group = Group {
        settlements: vec![cost(&one.claimed[0], Settled::Done, "1", "0")],
        ..holding(0)
    };
    commit(&run, group).await;
    store.end(run, 4).await;
    let run = run_with(&store, "none").await;
    let rest = commit(&run, claims(4, 0)).await;
    assert_eq!(short(&rest), (vec!["Cy", "Di"], None));
    assert_eq!(
        store.reader().await.budget("cast").await.expect("read"),
        None
    );
}

async fn what_a_dead_process_had_in_flight_counts_as_spent<B: Backend>(store: B) {
    let run = run_with(&store, "3").await;
    let two = commit(&run, claims(2, 0)).await;
    assert_eq!(short(&two), (vec!["Ada", "Bo"], None));
    drop(run);
    let store = store.reopen().await;
    let run = begun(&store, Reopen::None).await;
    let next = commit(&run, claims(4, 0)).await;
    assert_eq!(short(&next), (vec!["Ada"], Some(over("3", "2"))));
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!(cast.budget_left, Some(euros("1")));
}

async fn a_run_that_knows_no_prices_starts_nothing_on_a_cast_with_a_budget<B: Backend>(store: B) {
    let run = run_with(&store, "3").await;
    let group = Group {
        next: Some(next_after(0, 4)),
        ..Group::default()
    };
    let none = commit(&run, group).await;
    let unknown = Some(OverBudget {
        next: None,
        ..over("3", "0")
    });
    assert_eq!(short(&none), (vec![], unknown));
}

async fn a_cast_without_a_budget_has_no_such_limit<B: Backend>(store: B) {
    let run = begun_on(&store, FOUR).await;
    let all = commit(&run, claims(9, 0)).await;
    assert_eq!((all.claimed.len(), all.over_budget), (4, None));
    let reader = store.reader().await;
    assert_eq!(reader.budget("cast").await.expect("read"), None);
    assert_eq!(reader.budget("another").await.expect("read"), None);
    let cast = reader.one_cast(None).await.expect("a cast");
    assert_eq!((cast.budget, cast.budget_left), (None, None));
}

each_store!(
    no_more_is_claimed_than_the_budget_of_the_cast_allows,
    a_request_that_cost_less_frees_the_rest_in_the_same_group,
    a_character_that_cannot_be_paid_is_not_tried_again,
    what_earlier_runs_have_spent_counts_and_a_higher_budget_goes_on,
    what_a_dead_process_had_in_flight_counts_as_spent,
    a_run_that_knows_no_prices_starts_nothing_on_a_cast_with_a_budget,
    a_cast_without_a_budget_has_no_such_limit,
);
