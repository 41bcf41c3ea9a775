//! Whole runs: from sheet to database, interrupted, continued, finished.

use crate::fake::{Answer, Fake, Switch, event, story_of, text_of};
use crate::harness::{Folder, finished, killed, sheet_of, signal, wait_for};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

#[test]
fn a_sheet_becomes_a_cast_with_finished_backstories() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(12)), Fake::telling());
    let ran = folder.generate(&fake, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, "");
    let stories = folder.stories();
    assert_eq!(stories.len(), 12);
    for (name, story) in stories {
        assert_eq!(story, Some(text_of(&name)));
    }
    assert_eq!(fake.asked().len(), 12);
}

#[test]
fn the_same_command_again_costs_nothing() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(5)), Fake::telling());
    folder.generate(&fake, "");
    let again = folder.generate(&fake, "");
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(fake.asked().len(), 5);
}

#[test]
fn the_request_is_the_documented_one() {
    let (folder, fake) = (
        Folder::with_sheet("name,description\nMindy,Lawyer. Stubborn.\n"),
        Fake::telling(),
    );
    folder.generate(&fake, "");
    let [asked] = &fake.asked()[..] else {
        panic!("one request")
    };
    assert_eq!(asked.line, "POST /character/generate-backstory HTTP/1.1");
    let header = |name: &str| asked.headers.get(name).map(String::as_str);
    assert_eq!(header("convai-api-key"), Some(crate::harness::KEY));
    assert_eq!(header("accept"), Some("text/event-stream"));
    assert_eq!(
        header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(header("accept-encoding"), None);
    assert_eq!(asked.body, b"inputText=Lawyer.+Stubborn.&charName=Mindy");
}

/// Sixty rows of everything that is hard to send.
fn hard_rows() -> Vec<(String, String)> {
    let hard = [
        "\"quotes\" and 'single'",
        "a & b",
        "1 + 1",
        "100 %",
        "%41%2B",
        "東京の魔女",
        "👩‍🚀🏳️‍🌈",
        "=SUM(A1)",
        "a=b&c=d",
        "tab\there",
        "new\nline",
        "ümläut",
        "\\backslash\\",
        "semi;colon",
        "{{ braces }}",
    ];
    (0..60)
        .map(|nth| {
            let hard = hard[nth % hard.len()];
            (format!("{hard} {nth}"), format!("{nth} {hard} — {hard}"))
        })
        .collect()
}

fn csv(rows: &[(String, String)]) -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let lines: String = rows
        .iter()
        .map(|(name, about)| format!("{},{}\n", cell(name), cell(about)))
        .collect();
    format!("name,description\n{lines}")
}

#[test]
fn every_character_arrives_as_it_stands_and_every_story_is_stored_as_it_was_sent() {
    let rows = hard_rows();
    let folder = Folder::with_sheet(&csv(&rows));
    // Cut into chunks of 1 to 7 bytes, through characters and line ends.
    let fake = Fake::start(|asked| {
        let story: String = story_of(&asked.name).split('|').map(event).collect();
        Answer::chunks(story.as_bytes().chunks(asked.nth % 7 + 1))
    });
    let ran = folder.generate(&fake, "--concurrency 8");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut asked: Vec<(String, String)> = fake
        .asked()
        .into_iter()
        .map(|asked| (asked.name, asked.description))
        .collect();
    let mut expected = rows.clone();
    asked.sort();
    expected.sort();
    assert_eq!(asked, expected);
    let stories: Vec<_> = rows
        .iter()
        .map(|(name, _)| (name.clone(), Some(text_of(name))))
        .collect();
    assert_eq!(folder.stories(), stories);
}

#[test]
fn the_first_request_is_sent_alone_until_its_first_text() {
    let (folder, first_text, others) = (
        Folder::with_sheet(&sheet_of(6)),
        Switch::default(),
        Switch::default(),
    );
    let arrived = Switch::default();
    let (hold, reached, first) = (first_text.clone(), others.clone(), arrived.clone());
    let fake = Fake::start(move |asked| {
        if asked.nth == 0 {
            Answer::begun()
                .then(crate::fake::Step::Reached(first.clone()))
                .then(crate::fake::Step::Until(hold.clone()))
                .event("a story.")
                .then(crate::fake::Step::Until(reached.clone()))
                .ended()
        } else {
            others.on();
            Answer::story("a story.")
        }
    });
    let child = folder.start(&fake, "--concurrency 3");
    arrived.wait(1);
    let text_sent = Instant::now();
    first_text.on();
    let ran = finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let asked = fake.asked();
    assert_eq!(asked.len(), 6);
    assert!(asked[1..].iter().all(|later| later.at > text_sent));
}

/// A server whose third and later stories wait for the switch before they end.
fn holding(many: usize) -> (Fake, Switch, Switch) {
    let (hold, reached) = (Switch::default(), Switch::default());
    let (until, arrived) = (hold.clone(), reached.clone());
    let fake = Fake::start(move |asked| {
        if asked.nth < many {
            return Answer::story(&story_of(&asked.name));
        }
        Answer::begun()
            .event("half a ")
            .then(crate::fake::Step::Reached(arrived.clone()))
            .then(crate::fake::Step::Until(until.clone()))
            .event("story.")
            .ended()
    });
    (fake, hold, reached)
}

#[test]
fn ctrl_c_lets_streams_finish_and_the_same_command_continues() {
    let folder = Folder::with_sheet(&sheet_of(10));
    let (fake, hold, reached) = holding(4);
    let mut child = folder.start(&fake, "--concurrency 3");
    reached.wait(3);
    signal(&child, Signal::INT);
    wait_for(&mut child, "stopping: waiting up to 30s for 3 requests");
    hold.on();
    let ran = finished(child);
    assert_eq!(ran.code, 130, "{}", ran.err);
    assert!(ran.err.contains("stopped by Ctrl-C"), "{}", ran.err);
    let url = fake.url();
    let command = format!(
        "continue: backstory run cast.csv --base-url {url} --rate unlimited --concurrency 3"
    );
    assert!(ran.err.contains(&command), "{}", ran.err);
    let status = folder.status();
    assert_eq!(
        (status["done"].clone(), status["pending"].clone()),
        (json!(7), json!(3))
    );
    assert_eq!(status["maybe_charged"], 0);
    let ran = folder.generate(&fake, "--concurrency 3");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        fake.by_name().values().all(|times| *times == 1),
        "{:?}",
        fake.by_name()
    );
}

#[test]
fn a_second_ctrl_c_drops_the_streams_at_once_and_says_what_may_have_been_charged() {
    let folder = Folder::with_sheet(&sheet_of(10));
    let (fake, _hold, reached) = holding(4);
    let mut child = folder.start(&fake, "--concurrency 3");
    reached.wait(3);
    signal(&child, Signal::INT);
    wait_for(&mut child, "stopping: waiting up to 30s for 3 requests");
    signal(&child, Signal::INT);
    let ran = finished(child);
    assert_eq!(ran.code, 130, "{}", ran.err);
    let status = folder.status();
    assert_eq!(
        (status["done"].clone(), status["pending"].clone()),
        (json!(4), json!(6))
    );
    assert_eq!(status["maybe_charged"], 3);
    let partial =
        folder.query("select outcome, partial from attempts where outcome <> 'ok' group by 1, 2");
    assert_eq!(
        partial,
        [json!({"outcome": "interrupted", "partial": "half a "})]
    );
}

#[test]
fn sigterm_ends_the_run_with_its_own_exit_code() {
    let folder = Folder::with_sheet(&sheet_of(10));
    let (fake, hold, reached) = holding(1);
    let mut child = folder.start(&fake, "");
    reached.wait(1);
    signal(&child, Signal::TERM);
    wait_for(&mut child, "stopping");
    hold.on();
    assert_eq!(finished(child).code, 143);
}

#[test]
fn a_killed_run_is_continued_without_paying_twice_and_names_what_was_in_flight() {
    let folder = Folder::with_sheet(&sheet_of(10));
    let (fake, hold, reached) = holding(4);
    let child = folder.start(&fake, "--concurrency 3");
    reached.wait(3);
    let done_before = folder.status()["done"].clone();
    killed(child);
    hold.on();
    let status = folder.status();
    assert_eq!(
        (status["running"].clone(), status["done"].clone()),
        (json!(0), done_before)
    );
    assert_eq!(status["maybe_charged"], 3);
    let ran = folder.generate(&fake, "--concurrency 3");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("3 requests were in flight when an earlier run was killed"),
        "{}",
        ran.err
    );
    let twice = fake.by_name().values().filter(|times| **times > 1).count();
    assert_eq!(twice, 3, "only what was in flight");
    let attempts =
        folder.query("select count(*) as many from attempts where outcome = 'interrupted'");
    assert_eq!(attempts, [json!({"many": 3})]);
}

#[test]
fn a_second_run_on_the_same_database_is_refused_and_readers_are_not() {
    let folder = Folder::with_sheet(&sheet_of(10));
    let (fake, hold, reached) = holding(4);
    let child = folder.start(&fake, "--concurrency 3");
    reached.wait(3);
    let second = folder.generate(&fake, "");
    assert_eq!(second.code, 3, "{}", second.err);
    assert!(
        second
            .err
            .contains(&format!("process {}, since ", child.id())),
        "{}",
        second.err
    );
    let status = folder.status();
    assert_eq!(
        (status["running"].clone(), status["done"].clone()),
        (json!(3), json!(4))
    );
    assert_eq!(folder.run("list --status running").out.lines().count(), 3);
    hold.on();
    assert_eq!(finished(child).code, 0);
}

#[test]
fn resume_continues_without_the_sheet() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(6)), Fake::telling());
    let ran = folder.generate(&fake, "--max-requests 2");
    assert_eq!(ran.code, 4, "{}", ran.err);
    std::fs::remove_file(folder.path("cast.csv")).expect("it is there");
    let ran = folder.run("resume --rate unlimited");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fake.asked().len(), 6);
    assert_eq!(folder.status()["done"], 6);
}

#[test]
fn a_limit_of_requests_is_kept_and_the_rest_stays_pending() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(6)), Fake::telling());
    let ran = folder.generate(&fake, "--max-requests 4");
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.err
            .contains("error: reached `--max-requests` (4 requests)"),
        "{}",
        ran.err
    );
    assert_eq!(fake.asked().len(), 4);
    let exactly = folder.generate(&fake, "--max-requests 2");
    assert_eq!(exactly.code, 0, "{}", exactly.err);
}

#[test]
fn the_pace_is_kept_across_a_restart() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(12)), Fake::telling());
    for _ in 0..2 {
        assert_eq!(
            folder.generate(&fake, "--rate 2/s --max-requests 2").code,
            4
        );
    }
    let asked = fake.asked();
    assert_eq!(asked.len(), 4);
    crate::witness::pace_was_kept(&fake, 2.0);
    // A new process takes a few ms to start; what keeps it waiting is the start that the last one wrote down.
    let starts = folder.query(
        "select round((julianday(started_at) - julianday((select min(started_at) from attempts))) * 86400000) as ms
         from attempts order by started_at",
    );
    for (nth, start) in starts.iter().enumerate() {
        let ms = start["ms"].as_f64().expect("a number");
        let planned = f64::from(u32::try_from(nth).expect("few")) * 500.0;
        assert!(ms >= planned - 10.0, "{starts:?}");
    }
}

#[test]
fn progress_as_json_reports_what_the_database_has() {
    let folder = Folder::with_sheet("id,name,description\nm1,Mindy,Lawyer\nz2,Zoë,Keeper\n");
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Mindy" => Answer::story("One two three."),
        _ => Answer::status(422, "", r#"{"detail": "too short"}"#),
    });
    let ran = folder.generate(&fake, "--progress json --concurrency 1");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let events: Vec<Value> = ran
        .err
        .lines()
        .map(|line| {
            let mut event: Value = serde_json::from_str(line).expect("one object per line");
            assert!(event["elapsed_ms"].take().is_u64());
            event
        })
        .collect();
    assert_eq!(
        events,
        [
            json!({"elapsed_ms": null, "event": "run_started", "cast_name": "cast", "pending": 2, "done": 0}),
            json!({"elapsed_ms": null, "event": "character_done", "key": "m1", "name": "Mindy", "take": 1, "words": 3}),
            json!({"elapsed_ms": null, "event": "character_failed", "key": "z2", "name": "Zoë", "error_kind": "refused_row",
            "error": "422: too short"}),
            json!({"elapsed_ms": null, "event": "run_finished", "done": 1, "failed": 1, "pending": 0, "flagged": 1, "requests": 2, "exit": 1}),
        ]
    );
}

#[test]
fn a_stopped_terminal_delays_no_request_in_flight() {
    // Standard error is not read, and each character fails with a message of a kilobyte: the pipe is soon full.
    let folder = Folder::with_sheet(&sheet_of(400));
    let words = "x".repeat(900);
    let fake = Fake::start(move |_| Answer::status(422, "", &words));
    let child = folder.start(&fake, "--progress json --keep-going --concurrency 4");
    let settled = "select count(*) as many from attempts where outcome is not null";
    let (start, mut before) = (Instant::now(), 0);
    // Until no more requests come, and the result of each one is stored.
    loop {
        let sent = fake.asked().len();
        if sent >= 20 && sent == before && folder.query(settled)[0]["many"] == sent {
            break;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{sent} sent");
        before = sent;
        std::thread::sleep(Duration::from_millis(500));
    }
    let ran = finished(child);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err.lines().count(), 402);
}

/// For example a pager that shows its first page: nothing is lost, and a signal ends the program.
#[test]
fn a_signal_ends_the_run_although_its_output_is_not_read() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    // As much as a pipe holds.
    writer.write_all(&vec![b'x'; 64 << 10]).expect("room");
    let url = fake.url();
    let line = format!("run cast.csv --base-url {url} --rate unlimited --progress none");
    let mut child = folder
        .command(line.split(' '))
        .stderr(writer)
        .spawn()
        .expect("it starts");
    let begun = Instant::now();
    while !folder.run("status --json").out.contains(r#""done":2"#) {
        assert!(begun.elapsed() < Duration::from_mins(1), "it finishes");
    }
    let begun = Instant::now();
    let ended = loop {
        // The first signal may come before its last output.
        signal(&child, Signal::INT);
        if let Some(ended) = child.try_wait().expect("ours") {
            break ended;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it ends");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(matches!(ended.code(), Some(0 | 130)), "{ended}");
    drop(reader);
}
