//! Workers that are killed or frozen.

use super::{all_done, all_is_whole, counting, database, holding_first, surplus, worker};
use crate::harness::{Folder, finished, killed, signal};
use rustix::process::Signal;

const WORKERS: usize = 4;
const KILLS: usize = 10;
const CONCURRENCY: usize = 6;

#[test]
fn workers_that_are_killed_at_any_moment_are_replaced_by_the_others() {
    let rows = 2_000;
    let Some(database) = database(rows) else {
        return;
    };
    let (fake, come) = counting();
    let folder = Folder::new();
    let start = || {
        let switches = format!("--concurrency {CONCURRENCY}");
        worker(&folder, &database.url, &fake, &switches)
    };
    let mut workers: Vec<_> = (0..WORKERS).map(|_| start()).collect();
    for kill in 1..=KILLS {
        // Wherever it is with its request, its commit or its start.
        come.wait(kill * rows / (KILLS + 2));
        killed(workers.remove(kill * 7 % WORKERS));
        workers.push(start());
    }
    all_done(workers);
    database.execute(&all_is_whole(rows));
    let surplus = surplus(&fake);
    assert!(
        surplus <= KILLS * CONCURRENCY,
        "{surplus} requests too many"
    );
    // Each of them is counted as one that may have been charged.
    database.execute(&format!(
        "DO $$ BEGIN
             ASSERT (SELECT maybe_charged FROM backstory.z_cast_counts) BETWEEN {surplus} AND {};
         END $$",
        KILLS * CONCURRENCY
    ));
}

#[test]
fn a_worker_that_was_frozen_longer_than_its_lease_brings_its_stories_as_further_takes() {
    let rows = 2_000;
    let Some(database) = database(rows) else {
        return;
    };
    let (fake, come, release) = holding_first(3);
    let folder = Folder::new();
    let frozen = worker(&folder, &database.url, &fake, "--concurrency 3");
    come.wait(3);
    signal(&frozen, Signal::STOP);
    // As if half a minute had passed.
    database.execute("UPDATE backstory.runs SET alive_until_ms = 0");
    let others = (0..WORKERS - 1).map(|_| worker(&folder, &database.url, &fake, ""));
    all_done(others.collect());
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.results WHERE status = 'done') = 2000;
             ASSERT (SELECT count(*) FROM backstory.attempts WHERE outcome = 'interrupted') = 3;
         END $$",
    );
    release.on();
    signal(&frozen, Signal::CONT);
    let ran = finished(frozen);
    assert_eq!(ran.code, 0, "{}", ran.err);
    database.execute(&all_is_whole(rows));
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.takes) = 2003, 'its three stories are takes';
             ASSERT (SELECT count(*) FROM backstory.takes WHERE current = 1) = 2000, 'one current take each';
             ASSERT (SELECT maybe_charged FROM backstory.z_cast_counts) = 0, 'nothing is uncertain any more';
         END $$",
    );
    assert_eq!(surplus(&fake), 3);
}
