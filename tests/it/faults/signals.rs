//! Signals, time limits and a closed standard error: how the run ends, and with which exit code.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, finished, from_a_shell, sheet_of, signal, wait_for};
use rustix::process::Signal;

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let folder = Folder::with_sheet(&sheet_of(6));
    let (hold, reached) = (Switch::default(), Switch::default());
    let (until, arrived) = (hold.clone(), reached.clone());
    let fake = Fake::start(move |asked| {
        let answer = Answer::begun().event(&story_of(&asked.name).replace('|', ""));
        match asked.nth {
            0 => answer
                .then(Step::Reached(arrived.clone()))
                .then(Step::Until(until.clone()))
                .ended(),
            _ => answer.ended(),
        }
    });
    let child = from_a_shell(
        &folder,
        &fake,
        "trap '' HUP",
        "--concurrency 1 --progress none",
    );
    reached.wait(1);
    signal(&child, Signal::HUP);
    hold.on();
    assert_eq!(finished(child).code, 0);
    assert_eq!(folder.status()["done"], 6);
}

#[test]
fn sighup_ends_the_run_with_its_own_exit_code() {
    let folder = Folder::with_sheet(&sheet_of(6));
    let (hold, reached) = (Switch::default(), Switch::default());
    let (until, arrived) = (hold.clone(), reached.clone());
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("a story.")
            .then(Step::Reached(arrived.clone()))
            .then(Step::Until(until.clone()))
            .ended()
    });
    let mut child = folder.start(&fake, "");
    reached.wait(1);
    signal(&child, Signal::HUP);
    wait_for(&mut child, "stopping");
    hold.on();
    assert_eq!(finished(child).code, 129);
}

#[test]
fn streams_are_dropped_at_the_end_of_grace() {
    let folder = Folder::with_sheet(&sheet_of(6));
    let reached = Switch::default();
    let arrived = reached.clone();
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("half a story")
            .then(Step::Reached(arrived.clone()))
            .then(Step::Until(Switch::default()))
    });
    let child = folder.start(&fake, "--grace 2s");
    reached.wait(1);
    signal(&child, Signal::INT);
    assert_eq!(finished(child).code, 130);
    let attempts =
        folder.query("select outcome, partial from attempts where partial is not null limit 1");
    assert_eq!(
        attempts,
        [serde_json::json!({"outcome": "interrupted", "partial": "half a story"})]
    );
}

#[test]
fn a_run_ends_at_its_time_limit() {
    // Without the limit it would take 20 seconds.
    let folder = Folder::with_sheet(&sheet_of(400));
    let fake = Fake::telling();
    let ran = folder.generate(&fake, "--rate 20/s --max-time 1s");
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("reached `--max-time`"), "{}", ran.err);
    let many = fake.asked().len();
    assert!((1..200).contains(&many), "{many}");
}

#[test]
fn one_signal_after_a_time_limit_cancels_the_requests() {
    let folder = Folder::with_sheet(&sheet_of(6));
    let fake = Fake::start(|_| {
        Answer::begun()
            .event("half a story")
            .then(Step::Until(Switch::default()))
    });
    let mut child = folder.start(&fake, "--max-time 3s");
    wait_for(&mut child, "Ctrl-C cancels");
    signal(&child, Signal::INT);
    assert_eq!(finished(child).code, 130);
    assert_eq!(folder.status()["maybe_charged"], 3);
}

#[test]
fn a_time_limit_that_passes_during_the_last_character_does_not_stop_the_run() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let go_on = Switch::default();
    let until = go_on.clone();
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("A story")
            .then(Step::Until(until.clone()))
            .event(" that ends.")
            .ended()
    });
    let mut child = folder.start(&fake, "--max-time 3s");
    wait_for(&mut child, "Ctrl-C cancels");
    go_on.on();
    let ran = finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.err.contains("reached `--max"), "{}", ran.err);
}

#[test]
fn a_closed_standard_error_does_not_change_the_exit_code() {
    for (status, code) in [(401, 3), (400, 1)] {
        let (folder, fake) = (
            Folder::with_sheet(&sheet_of(1)),
            Fake::start(move |_| Answer::status(status, "", "")),
        );
        let mut child = folder.start(&fake, "--progress none");
        drop(child.stderr.take());
        assert_eq!(finished(child).code, code, "{status}");
    }
}
