//! Limits that hold over all workers with the same service and key.

use super::{all_done, all_is_whole, database, surplus, worker};
use crate::fake::{Answer, Asked, Fake, Step, Switch, story_of};
use crate::harness::Folder;
use crate::witness::pace_was_kept;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const WORKERS: usize = 4;

/// How long the service thinks before the first text, and then again before the end.
const THINKS: Duration = Duration::from_millis(100);

/// A story that is sent slowly. `ended` is switched on just before its end is sent.
fn slow_story(asked: &Asked, ended: &Switch) -> Answer {
    let story = story_of(&asked.name);
    let begun = Answer::begun().then(Step::Wait(THINKS));
    let events = story.split('|').fold(begun, Answer::event);
    events
        .then(Step::Wait(THINKS))
        .then(Step::Reached(ended.clone()))
        .ended()
}

#[test]
fn all_workers_together_have_no_more_in_flight_than_the_concurrency() {
    let rows = 400;
    let Some(database) = database(rows) else {
        return;
    };
    let (ended, most) = (Switch::default(), Arc::new(AtomicUsize::new(0)));
    let (at_end, at_most) = (ended.clone(), Arc::clone(&most));
    let begun = Switch::default();
    let fake = Fake::start(move |asked| {
        begun.on();
        let in_flight = begun.times().saturating_sub(at_end.times());
        at_most.fetch_max(in_flight, Ordering::Relaxed);
        slow_story(asked, &at_end)
    });
    let folder = Folder::new();
    let workers = (0..WORKERS).map(|_| worker(&folder, &database.url, &fake, "--concurrency 6"));
    all_done(workers.collect());
    database.execute(&all_is_whole(rows));
    assert_eq!(surplus(&fake), 0);
    assert_eq!(most.load(Ordering::Relaxed), 6);
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.runs WHERE done > 0) = 4, 'all four did something';
             ASSERT (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) = 0, 'deadlocks';
         END $$",
    );
}

#[test]
fn all_workers_together_keep_the_pace() {
    let rows = 200;
    let Some(database) = database(rows) else {
        return;
    };
    let ended = Switch::default();
    let fake = Fake::start(move |asked| slow_story(asked, &ended));
    let folder = Folder::new();
    let switches = "--rate 20/s --concurrency 40";
    let workers = (0..WORKERS).map(|_| {
        let line = format!(
            "resume --db {} --base-url {} {switches}",
            database.url,
            fake.url()
        );
        let started = folder.command(line.split_whitespace()).spawn();
        started.expect("the program starts")
    });
    all_done(workers.collect());
    database.execute(&all_is_whole(rows));
    assert_eq!(fake.asked().len(), rows);
    pace_was_kept(&fake, 20.0);
}

#[test]
fn a_refusal_of_one_worker_pauses_all_and_one_probe_ends_the_pause() {
    let rows = 400;
    let Some(database) = database(rows) else {
        return;
    };
    let ended = Switch::default();
    let fake = Fake::start(move |asked| match asked.nth {
        100 => Answer::status(429, "retry-after: 6\r\n", "{}"),
        _ => slow_story(asked, &ended),
    });
    let folder = Folder::new();
    let workers = (0..WORKERS).map(|_| worker(&folder, &database.url, &fake, "--concurrency 12"));
    all_done(workers.collect());
    database.execute(&all_is_whole(rows));
    assert_eq!(surplus(&fake), 1, "only the refused one");
    let asked = fake.asked();
    let refused = asked
        .iter()
        .find(|asked| asked.nth == 100)
        .expect("refused")
        .at;
    let after = |wait: u64| {
        let from = refused + Duration::from_secs(wait);
        asked
            .iter()
            .map(|asked| asked.at)
            .filter(move |at| *at >= from)
    };
    // The others know of it within three seconds.
    let mut later: Vec<_> = after(3).collect();
    later.sort();
    assert!(
        later[0] >= refused + Duration::from_secs(6),
        "asked in the pause"
    );
    assert!(
        later[1] - later[0] >= THINKS,
        "the probe is alone until its first text"
    );
}
