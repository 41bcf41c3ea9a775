//! The six invariants of a run, checked against the requests that the server got and the database.

use crate::fake::{Answer, Fake, text_of};
use crate::harness::{Folder, needs, sheet_of};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// What was done to a cast of `sheet_of(rows)` with [`Fake::telling`] or a faulty server with the same stories.
pub(crate) struct Done {
    pub(crate) rows: usize,
    pub(crate) concurrency: usize,
    /// Runs that were killed.
    pub(crate) kills: usize,
    /// Starts in a second, if that was limited.
    pub(crate) rate: Option<f64>,
}

/// Holds a finished cast to the invariants.
pub(crate) fn hold_to_the_invariants(folder: &Folder, fake: &Fake, done: &Done) {
    let asked = fake.by_name();
    let attempts = attempts(folder);
    let mut extra = 0;
    for nth in 1..=done.rows {
        let name = format!("Name {nth}");
        let outcomes = attempts.get(&name).cloned().unwrap_or_default();
        let count = |wanted: &[&str]| {
            outcomes
                .iter()
                .filter(|outcome| wanted.contains(&outcome.as_str()))
                .count()
        };
        let requests = asked.get(&name).copied().unwrap_or(0);
        // 1: the attempt that brought the take is the last one, and no request is without an attempt.
        let taken = outcomes.iter().position(|outcome| outcome == "ok");
        assert!(
            taken.is_none_or(|at| at + 1 == outcomes.len()),
            "{name} was asked for after its take: {outcomes:?}"
        );
        let sent = outcomes.len() - count(&["not_sent"]);
        assert!(
            requests <= sent,
            "{name}: {requests} requests, {sent} written down"
        );
        // 3: no more requests than the counted tries, the kills while it was in flight, and the waits explain.
        let explained = 1 + count(&["unknown", "bad_text", "interrupted", "wait", "refused_run"]);
        assert!(
            requests <= explained,
            "{name}: {requests} requests, {outcomes:?}"
        );
        extra +=
            requests.saturating_sub(1 + count(&["unknown", "bad_text", "wait", "refused_run"]));
    }
    // 4: kills cost no more than what was in flight.
    let allowed = done.concurrency * done.kills;
    assert!(
        extra <= allowed,
        "{extra} requests too many, {allowed} allowed"
    );
    stories_are_whole(folder, done.rows);
    if let Some(rate) = done.rate {
        pace_was_kept(fake, rate);
    }
    let check = folder.query("select * from pragma_integrity_check");
    assert_eq!(check, [serde_json::json!({"integrity_check": "ok"})]);
}

/// 2 and 5: each row is there once, in one state, with exactly the text that the server sends for it.
fn stories_are_whole(folder: &Folder, rows: usize) {
    let stories = folder.stories();
    assert_eq!(stories.len(), rows);
    for (nth, (name, story)) in (1..).zip(stories) {
        assert_eq!(name, format!("Name {nth}"));
        assert_eq!(story, Some(text_of(&name)));
    }
    let counted = folder.query("select status, count(*) as many from results group by 1");
    assert_eq!(
        counted,
        [serde_json::json!({"status": "done", "many": rows})]
    );
    let status = folder.status();
    assert_eq!(
        (&status["done"], &status["pending"], &status["running"]),
        (&rows.into(), &0.into(), &0.into())
    );
    let unsettled = folder.query("select count(*) as many from attempts where outcome is null");
    assert_eq!(unsettled, [serde_json::json!({"many": 0})]);
}

/// How much later than it was sent the server may see a request. Windows are that much longer.
const SEEN_LATE_MAX: Duration = Duration::from_millis(500);

/// 6: no window of a second or more holds more than rate × window + 1 requests, plus what fits in 10 ms.
///
/// On a busy machine the server sees a request later than it was sent: see [`SEEN_LATE_MAX`].
pub(crate) fn pace_was_kept(fake: &Fake, rate: f64) {
    let asked = fake.asked();
    for (from, first) in asked.iter().enumerate() {
        for (to, last) in asked.iter().enumerate().skip(from + 1) {
            let window = (last.at - first.at).max(Duration::from_secs(1)) + SEEN_LATE_MAX;
            let many = f64::from(u32::try_from(to - from + 1).expect("few"));
            assert!(
                many <= rate * window.as_secs_f64() + 1.0,
                "{many} requests in {window:?}"
            );
        }
    }
}

/// The outcomes of each character's attempts, in order.
fn attempts(folder: &Folder) -> HashMap<String, Vec<String>> {
    let mut attempts: HashMap<String, Vec<String>> = HashMap::new();
    for row in folder.query("select name, outcome from attempts order by name, attempt") {
        let text = |value: &Value| value.as_str().unwrap_or("in flight").to_owned();
        attempts
            .entry(text(&row["name"]))
            .or_default()
            .push(text(&row["outcome"]));
    }
    attempts
}

#[test]
fn the_witness_counts_every_request_by_name() {
    let fake = Fake::start(|asked| match asked.nth_for_name {
        0 => Answer::status(500, "", ""),
        _ => Answer::story(&crate::fake::story_of(&asked.name)),
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!((fake.by_name()["Name 1"], fake.by_name()["Name 2"]), (2, 2));
    let done = Done {
        rows: 2,
        concurrency: 3,
        kills: 0,
        rate: None,
    };
    hold_to_the_invariants(&folder, &fake, &done);
}

#[test]
fn the_witness_detects_a_story_that_was_paid_twice() {
    let Some(sqlite3) = needs("sqlite3") else {
        return;
    };
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    folder.generate(&fake, "");
    // As if a run had forgotten its take.
    let forget = "update stored_characters set status = 'pending'";
    let done = std::process::Command::new(sqlite3)
        .arg(folder.path("backstory.db"))
        .arg(forget)
        .status();
    assert!(done.expect("it runs").success());
    folder.generate(&fake, "");
    let done = Done {
        rows: 1,
        concurrency: 3,
        kills: 0,
        rate: None,
    };
    let held = std::panic::AssertUnwindSafe(|| hold_to_the_invariants(&folder, &fake, &done));
    let objection = std::panic::catch_unwind(held).expect_err("it was bought twice");
    let words = objection.downcast_ref::<String>().expect("words");
    assert!(words.contains("was asked for after its take"), "{words}");
}

#[test]
#[should_panic(expected = "requests in")]
fn the_witness_detects_an_exceeded_pace() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(10)), Fake::telling());
    folder.generate(&fake, "");
    pace_was_kept(&fake, 5.0);
}
