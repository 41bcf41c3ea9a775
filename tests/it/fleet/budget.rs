//! The budget of a cast, over all workers: the service counts what it charges.

use super::{database, worker};
use crate::fake::{Answer, Asked, Fake, Step, Switch, story_of};
use crate::harness::postgres::{self, Database};
use crate::harness::{Folder, Ran, finished, killed};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const WORKERS: usize = 4;

/// How many requests the budget pays for.
const PAID: usize = 150;

/// How many requests all workers together have in flight.
const CONCURRENCY: usize = 6;

const SWITCHES: &str = "--concurrency 6 --price-per-request 1 --budget 150";

/// How long the service thinks before the end of a story.
const THINKS: Duration = Duration::from_millis(150);

/// A service that refuses every fifth request, which is free, and counts what it charges for.
struct Service {
    fake: Fake,
    charged: Arc<AtomicUsize>,
    /// On at each request that is held.
    held: Switch,
    release: Switch,
}

/// The service. It holds back the ends of stories from this request on, until `release` is on.
fn service(hold_from: usize) -> Service {
    let charged = Arc::new(AtomicUsize::new(0));
    let (held, release) = (Switch::default(), Switch::default());
    let counts = Arc::clone(&charged);
    let (is_held, until) = (held.clone(), release.clone());
    let fake = Fake::start(move |asked: &Asked| {
        if asked.nth % 5 == 4 {
            return Answer::status(422, "", "{}");
        }
        counts.fetch_add(1, Ordering::SeqCst);
        let story = story_of(&asked.name);
        let (first, rest) = story.split_once('|').expect("several events");
        let begun = Answer::begun().then(Step::Wait(THINKS)).event(first);
        // Held after its first text, so that a worker whose first request is held may send more.
        let begun = if asked.nth < hold_from {
            begun
        } else {
            let held = begun.then(Step::Reached(is_held.clone()));
            held.then(Step::Until(until.clone()))
        };
        rest.split('|').fold(begun, Answer::event).ended()
    });
    Service {
        fake,
        charged,
        held,
        release,
    }
}

fn start(folder: &Folder, database: &Database, service: &Service) -> Child {
    worker(folder, &database.url, &service.fake, SWITCHES)
}

/// Waits for workers that the budget stops.
fn all_stopped(workers: Vec<Child>) {
    let ended: Vec<Ran> = workers.into_iter().map(finished).collect();
    for ran in &ended {
        assert_eq!(ran.code, 4, "{}", ran.err);
        let says = "reached the budget of the cast, 150.00: the cast may have cost 150.00";
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

/// Says that the cast has cost this much, and that no run holds anything.
fn has_cost(known: usize, maybe: usize) -> String {
    format!(
        "{}; DO $$ BEGIN
             ASSERT (SELECT (cost / 1000000000000, cost_maybe / 1000000000000)::text FROM z_cast_counts) = '({known},{maybe})',
                 (SELECT format('%s and %s', cost, cost_maybe) FROM z_cast_counts);
             ASSERT (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) = 0, 'deadlocks';
         END $$",
        postgres::INVARIANTS
    )
}

#[test]
fn all_workers_together_never_pass_the_budget_and_use_it_up() {
    let Some(database) = database(400) else {
        return;
    };
    let service = service(usize::MAX);
    let folder = Folder::new();
    let workers = (0..WORKERS).map(|_| start(&folder, &database, &service));
    all_stopped(workers.collect());
    assert_eq!(service.charged.load(Ordering::SeqCst), PAID);
    database.execute(&has_cost(PAID, 0));
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.runs WHERE done > 0) = 4, 'all four did something';
         END $$",
    );
    // The next worker starts nothing, and one with a higher budget goes on.
    all_stopped(vec![start(&folder, &database, &service)]);
    let higher = SWITCHES.replace("150", "151");
    let ran = finished(worker(&folder, &database.url, &service.fake, &higher));
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert_eq!(service.charged.load(Ordering::SeqCst), PAID + 1);
}

#[test]
fn what_killed_workers_had_in_flight_counts_as_spent() {
    let Some(database) = database(400) else {
        return;
    };
    let service = service(40);
    let folder = Folder::new();
    let workers = || (0..WORKERS).map(|_| start(&folder, &database, &service));
    let first: Vec<Child> = workers().collect();
    service.held.wait(CONCURRENCY);
    for worker in first {
        killed(worker);
    }
    service.release.on();
    all_stopped(workers().collect());
    assert_eq!(service.charged.load(Ordering::SeqCst), PAID);
    database.execute(&has_cost(PAID - CONCURRENCY, CONCURRENCY));
}
