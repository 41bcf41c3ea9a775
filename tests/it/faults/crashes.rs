//! Runs that crash or are killed, at each critical step and at any moment. The next run finishes and pays nothing twice.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, finished, killed, sheet_of};
use crate::witness::{Done, hold_to_the_invariants};
use std::process::Child;
use std::time::Duration;

const ROWS: usize = 12;
const CONCURRENCY: usize = 3;

fn start(folder: &Folder, fake: &Fake, crash_at: &str) -> Child {
    let url = fake.url();
    let args = [
        "run",
        "cast.csv",
        "--base-url",
        &url,
        "--rate",
        "unlimited",
        "--concurrency",
        "3",
        "--progress",
        "none",
    ];
    let mut command = folder.command(args);
    command
        .env("BACKSTORY_CRASH_AT", crash_at)
        .spawn()
        .expect("it starts")
}

/// Dies at `places`, one after the other, then runs to the end.
fn die_at(places: &[String]) {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(ROWS)), Fake::telling());
    let mut kills = 0;
    for place in places {
        let ran = finished(start(&folder, &fake, place));
        assert_eq!(ran.code, -9, "{place} is passed: {}", ran.err);
        kills += 1;
        let status = folder.run("status --json");
        assert!(matches!(status.code, 0 | 2), "{place}: {}", status.err);
        let no_run_is_alive = status.code == 2 || status.out.contains(r#""running":0"#);
        assert!(no_run_is_alive, "{}", status.out);
    }
    let ran = folder.generate(&fake, "");
    assert_eq!(ran.code, 0, "{places:?}: {}", ran.err);
    let done = Done {
        rows: ROWS,
        concurrency: CONCURRENCY,
        kills,
        rate: None,
    };
    hold_to_the_invariants(&folder, &fake, &done);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn a_run_may_crash_at_any_step() {
    let mut died = 0;
    for place in ["made", "migrated", "importing", "imported", "ended"] {
        die_at(&[format!("{place}:1")]);
        died += 1;
    }
    for place in ["begun", "written", "committed"] {
        for time in 1..=5 {
            die_at(&[format!("{place}:{time}")]);
            died += 1;
        }
    }
    assert_eq!(died, 20);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn a_recovery_may_crash_too() {
    let places = [
        "committed:3",
        "recovering:1",
        "recovering:1",
        "written:2",
        "recovering:1",
        "committed:2",
    ];
    die_at(&places.map(str::to_owned));
}

/// How many runs are killed: a few in the suite, hundreds with `BACKSTORY_TEST_KILLS=500 cargo test crashes`.
fn kills_asked() -> u32 {
    let asked = std::env::var("BACKSTORY_TEST_KILLS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(20)
}

#[test]
fn a_run_may_be_killed_at_any_moment() {
    let rows = 40;
    let folder = Folder::with_sheet(&sheet_of(rows));
    let fake = Fake::start(|asked| {
        let mut answer = Answer::begun();
        for part in story_of(&asked.name).split('|') {
            answer = answer
                .event(part)
                .then(Step::Wait(Duration::from_millis(3)));
        }
        answer.ended()
    });
    let mut kills = 0;
    // The times differ, but they are the same in each run of this test, so that a failure can be reproduced.
    for nth in 0..kills_asked() {
        let child = start(&folder, &fake, "");
        std::thread::sleep(Duration::from_millis(u64::from(nth * 37 % 101)));
        killed(child);
        kills += 1;
        let check = "select * from pragma_integrity_check";
        let integrity = folder.run_args(["query", check, "--format", "csv"]);
        let no_cast_yet = integrity.code == 2;
        assert!(
            no_cast_yet || integrity.out == "integrity_check\nok\n",
            "{integrity:?}"
        );
    }
    let ran = folder.generate(&fake, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let done = Done {
        rows,
        concurrency: CONCURRENCY,
        kills,
        rate: None,
    };
    hold_to_the_invariants(&folder, &fake, &done);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn a_crashed_import_leaves_no_partial_cast() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(5)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("cast.csv", sheet_of(900));
    for place in ["importing:1", "imported:1"] {
        assert_eq!(finished(start(&folder, &fake, place)).code, -9);
        assert_eq!(folder.status()["total"], 5, "as it was before");
    }
}

#[test]
fn the_database_file_alone_is_complete_after_a_run() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(50)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let copy = Folder::new();
    std::fs::copy(folder.path("backstory.db"), copy.path("backstory.db")).expect("copied");
    assert_eq!(copy.status()["done"], 50);
}

#[test]
fn a_plan_counts_those_that_a_killed_run_held() {
    let (folder, reached, until) = (
        Folder::with_sheet(&sheet_of(3)),
        Switch::default(),
        Switch::default(),
    );
    let (arrived, held) = (reached.clone(), until.clone());
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("half a ")
            .then(Step::Reached(arrived.clone()))
            .then(Step::Until(held.clone()))
            .ended()
    });
    let run = start(&folder, &fake, "nowhere");
    reached.wait(1);
    killed(run);
    let plan = folder.run("plan cast.csv --json");
    let plan: serde_json::Value = serde_json::from_str(&plan.out).expect("an object");
    assert_eq!(
        (&plan["pending"], &plan["requests"]),
        (&3.into(), &3.into()),
        "{plan}"
    );
    assert!(
        folder
            .run("check cast.csv")
            .out
            .contains("3 requests to send")
    );
    until.on();
}

#[test]
fn a_killed_export_does_not_change_its_target() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3_000)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--max-requests 1").code, 4);
    folder.write("out.csv", "as it was");
    for nth in 0..10 {
        let child = folder
            .command(["export", "-o", "out.csv"])
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(nth * 7));
        killed(child);
        let out = folder.read("out.csv");
        assert!(
            out == "as it was" || out.lines().count() == 3_003,
            "half an export: {} bytes",
            out.len()
        );
    }
}

#[test]
fn what_a_killed_export_left_is_removed_by_the_next_one() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    // Numbers that no process has.
    folder.write(".out.csv.backstory-999999999", "half");
    std::fs::create_dir(folder.path(".out.backstory-999999998")).expect("made");
    folder.write(".out.backstory-999999998/Name 1.md", "half");
    let others = [
        ".out.csv.backstory-1",
        ".out.csv.backstory-last",
        ".out.csv.2024",
        ".in.csv.backstory-999999999",
    ];
    for other in others {
        folder.write(other, "of another program, or of a live one");
    }
    for line in ["export -o out.csv", "export -o out/"] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let mut hidden = folder.files();
    hidden.retain(|name| name.starts_with('.'));
    let mut kept = others.map(str::to_owned);
    kept.sort();
    assert_eq!(hidden, kept);
}
