//! `pick`, `edit`, `redo`, `retry` and `casts`: takes are never destroyed, a pick counts everywhere, and nothing is paid unasked.

use crate::fake::{Answer, Fake, Step, Switch};
use crate::harness::{Folder, Ran, finished, sheet_of};
use serde_json::{Value, json};

/// A service that sends a different story for each request.
fn inventive() -> Fake {
    Fake::start(|asked| Answer::story(&story_nth(&asked.name, asked.nth_for_name + 1)))
}

fn story_nth(name: &str, time: usize) -> String {
    format!("{name} left home {time} times.")
}

fn cast(many: usize) -> (Folder, Fake) {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(many)), inventive());
    assert_eq!(folder.generate(&fake, "").code, 0);
    (folder, fake)
}

/// A service that sends its story, turns on the first switch, and ends the answer when the second one is on.
fn holding(story: &'static str) -> (Fake, Switch, Switch) {
    let (reached, go_on) = (Switch::default(), Switch::default());
    let (arrived, until) = (reached.clone(), go_on.clone());
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event(story)
            .then(Step::Reached(arrived.clone()))
            .then(Step::Until(until.clone()))
            .ended()
    });
    (fake, reached, go_on)
}

/// A command that continues the cast without a pace.
fn again(folder: &Folder, line: &str) -> Ran {
    folder.run(&format!("{line} --rate unlimited"))
}

fn shown(folder: &Folder, who: &str) -> Value {
    let ran = folder.run_args(["show", who, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// The numbers of a character's takes, and which of them counts.
fn takes(folder: &Folder, who: &str) -> (Vec<i64>, Option<i64>) {
    let shown = shown(folder, who);
    let takes = shown["takes"].as_array().expect("an array");
    let number = |take: &Value| take["take"].as_i64().expect("a number");
    let counts = takes
        .iter()
        .find(|take| take["current"] == true)
        .map(number);
    assert_eq!(counts, shown["take"].as_i64());
    (takes.iter().map(number).collect(), counts)
}

#[test]
fn redo_adds_one_take_to_the_given_characters_and_keeps_the_old_ones() {
    let (folder, fake) = cast(3);
    let ran = again(&folder, "redo #2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fake.asked().len(), 4);
    assert_eq!(takes(&folder, "#2"), (vec![1, 2], Some(2)));
    assert_eq!(shown(&folder, "#2")["backstory"], story_nth("Name 2", 2));
    assert_eq!(
        shown(&folder, "#2")["takes"][0]["text"],
        story_nth("Name 2", 1)
    );
    assert_eq!(takes(&folder, "#1"), (vec![1], Some(1)));
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 4, "the next run pays for nothing");
}

/// The same command would pay for one more take of those that have just got theirs.
#[test]
fn after_redo_only_failed_characters_are_offered_again() {
    let folder = Folder::with_sheet(&sheet_of(3));
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 3" => Answer::status(400, "", "no"),
        name => Answer::story(&story_nth(name, asked.nth_for_name + 1)),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    let ran = again(&folder, "redo #1");
    assert_eq!(ran.code, 0, "nothing that was asked for: {}", ran.err);
    let ran = again(&folder, "redo #1 #3");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let hint = "again: backstory retry, then backstory resume";
    assert!(ran.err.contains(hint), "{}", ran.err);
}

#[test]
fn a_stopped_redo_is_continued_without_paying_again() {
    let (folder, fake) = cast(4);
    let ran = again(&folder, "redo #1 #2 #3 #4 --max-requests 2");
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.err.ends_with("continue: backstory resume\n"),
        "{}",
        ran.err
    );
    assert_eq!(again(&folder, "resume").code, 0);
    assert_eq!(fake.asked().len(), 8);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(2)));
    assert_eq!(takes(&folder, "#4"), (vec![1, 2], Some(2)));
}

#[test]
fn redo_accepts_filters() {
    let folder = Folder::with_sheet(&sheet_of(4));
    let fake = Fake::start(|asked| match (asked.name.as_str(), asked.nth_for_name) {
        ("Name 2" | "Name 3", 0) => Answer::story("It does not end"),
        _ => Answer::story("It ends."),
    });
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(again(&folder, "redo --flag abrupt").code, 0);
    assert_eq!(fake.by_name()["Name 2"] + fake.by_name()["Name 3"], 4);
    assert_eq!(fake.asked().len(), 6);
    let none = again(&folder, "redo --flag abrupt");
    assert_eq!((none.code, fake.asked().len()), (0, 6), "{}", none.err);
    assert_eq!(again(&folder, "redo --name name --limit 1").code, 0);
    assert_eq!(fake.asked().len(), 7);
    for wrong in [
        "redo",
        "redo #1 --flag abrupt",
        "redo nobody",
        "redo --flag red",
    ] {
        let ran = again(&folder, wrong);
        assert_eq!(
            (ran.code, fake.asked().len()),
            (2, 7),
            "{wrong}: {}",
            ran.err
        );
    }
}

#[test]
fn a_redo_that_is_killed_is_continued_by_the_next_run_and_loses_no_story() {
    let (folder, fake) = cast(2);
    let (reached, go_on) = (Switch::default(), Switch::default());
    let slow = {
        let (reached, go_on) = (reached.clone(), go_on.clone());
        Fake::start(move |_| {
            Answer::begun()
                .event("It begins")
                .then(crate::fake::Step::Reached(reached.clone()))
                .then(crate::fake::Step::Until(go_on.clone()))
                .ended()
        })
    };
    let line = format!("redo #1 --rate unlimited --base-url {}", slow.url());
    let child = folder.command(line.split(' ')).spawn().expect("it starts");
    reached.wait(1);
    crate::harness::killed(child);
    go_on.on();
    let before = shown(&folder, "#1");
    assert_eq!(
        (&before["status"], &before["backstory"]),
        (&json!("pending"), &json!(story_nth("Name 1", 1)))
    );
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(2)));
    assert_eq!(fake.asked().len(), 3);
}

#[test]
fn a_redo_for_later_marks_characters_for_the_next_run_and_sends_nothing() {
    let (folder, fake) = cast(3);
    let ran = folder.run("redo #1 #3 --later");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "2 characters are pending again\nnext: backstory resume (or `backstory run SHEET`)\n"
        )
    );
    assert_eq!(
        folder.run("redo #1 --later").err,
        "nothing changed: pending or running already\nnext: backstory resume (or `backstory run SHEET`)\n"
    );
    assert_eq!(
        folder.run("redo --flag loop --later").err,
        "no character matches; nothing changed\n"
    );
    assert_eq!(fake.asked().len(), 3);
    let status = folder.status();
    assert_eq!(
        (&status["done"], &status["pending"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(2)));
    assert_eq!(takes(&folder, "#2"), (vec![1], Some(1)));
    assert_eq!(fake.asked().len(), 5);
}

#[test]
fn a_live_run_writes_what_is_marked_for_later() {
    let (reached, go_on) = (Switch::default(), Switch::default());
    let fake = {
        let (reached, go_on) = (reached.clone(), go_on.clone());
        Fake::start(
            move |asked| match (asked.name.as_str(), asked.nth_for_name) {
                ("Name 2", 0) => Answer::begun()
                    .event("It begins.")
                    .then(Step::Reached(reached.clone()))
                    .then(Step::Until(go_on.clone()))
                    .ended(),
                _ => Answer::story(&story_nth(&asked.name, asked.nth_for_name + 1)),
            },
        )
    };
    let folder = Folder::with_sheet(&sheet_of(2));
    let child = folder.start(&fake, "");
    reached.wait(1);
    while folder.status()["done"] != 1 {
        std::thread::yield_now();
    }
    let ran = folder.run("redo #1 --later");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "1 character is pending again; the run that is going on writes them, unless it is limited\n"
        )
    );
    go_on.on();
    let ran = finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(2)));
    assert_eq!(fake.asked().len(), 3);
}

#[test]
fn only_a_model_with_a_prompt_can_be_told_what_to_avoid() {
    let (folder, fake) = cast(1);
    let ran = again(&folder, "redo #1 --avoid");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err.starts_with("error: `convai` takes no prompt, so it cannot be told what to avoid\nhint: leave out `--avoid`"),
        "{}",
        ran.err
    );
    assert_eq!(folder.run("redo #1 --avoid --later").code, 2);
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn a_picked_take_counts_in_results_exports_and_against_newer_ones() {
    let (folder, _fake) = cast(2);
    assert_eq!(again(&folder, "redo #1").code, 0);
    let ran = folder.run("pick #1 1");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "Name 1: take 1 of 2 is now the current take\n")
    );
    let first = story_nth("Name 1", 1);
    let results = folder.query("select backstory from results order by row");
    assert_eq!(results[0]["backstory"], first);
    assert!(folder.run("export").out.contains(&first));
    assert_eq!(folder.run("export -o book.html").code, 0);
    assert!(folder.read("book.html").contains(&first));
    let more = again(&folder, "redo #1");
    assert!(
        more.err.contains("1 character keeps the picked take"),
        "{}",
        more.err
    );
    assert_eq!(takes(&folder, "#1"), (vec![1, 2, 3], Some(1)));
    assert_eq!(folder.run("pick #1 --newest").code, 0);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2, 3], Some(3)));
    assert_eq!(again(&folder, "redo #1").code, 0);
    assert_eq!(takes(&folder, "#1").1, Some(4), "newer ones count again");
    for wrong in [
        "pick #1 9",
        "pick #1 0",
        "pick #1",
        "pick #9 1",
        "pick #1 1 --newest",
    ] {
        assert_eq!(folder.run(wrong).code, 2, "{wrong}");
    }
    assert_eq!(takes(&folder, "#1").1, Some(4));
}

#[test]
fn a_take_written_by_hand_is_stored_unchanged_and_costs_nothing() {
    let (folder, fake) = cast(2);
    let story = " Written by hand, \r\n\twith care \u{1F9D9}\n";
    folder.write("story.txt", story);
    let ran = folder.run("edit #2 --from story.txt");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let shown = shown(&folder, "#2");
    assert_eq!(shown["backstory"], story);
    assert_eq!(
        (&shown["provider"], &shown["take"], &shown["flags"]),
        (&json!("hand"), &json!(2), &json!(["abrupt", "unnamed"]))
    );
    assert_eq!(
        folder.run("edit #2 --from story.txt").err,
        "nothing changed for Name 2\n"
    );
    assert_eq!(takes(&folder, "#2"), (vec![1, 2], Some(2)));
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 2);
    folder.write("empty.txt", " \n");
    folder.write("latin.txt", b"caf\xe9");
    for wrong in [
        "edit #2 --from empty.txt",
        "edit #2 --from latin.txt",
        "edit #2 --from nowhere.txt",
        "edit #9 --from story.txt",
    ] {
        let ran = folder.run(wrong);
        assert_eq!(ran.code, 2, "{wrong}: {}", ran.err);
    }
    assert_eq!(takes(&folder, "#2"), (vec![1, 2], Some(2)));
}

#[test]
fn an_editor_gets_the_story_and_its_result_is_stored() {
    let (folder, _fake) = cast(1);
    folder.write("editor", "#!/bin/sh\nsed -i 's/left home/stayed/' \"$2\"\n");
    let edit = |editor: &str| {
        let mut command = folder.command(["edit", "#1"]);
        command.env("PATH", "/usr/bin:/bin").env("EDITOR", editor);
        finished(command.spawn().expect("it starts"))
    };
    let ran = edit("sh ./editor --wait");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(shown(&folder, "#1")["backstory"], "Name 1 stayed 1 times.");
    assert_eq!(edit("true").err, "nothing changed for Name 1\n");
    assert_eq!(edit("false").code, 2);
    assert_eq!(edit("no-such-editor-here").code, 2);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(2)));
}

#[test]
fn a_take_written_by_hand_finishes_a_failed_character() {
    let folder = Folder::with_sheet(&sheet_of(2));
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 1" => Answer::status(422, "", "no"),
        _ => Answer::story("It ends."),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    folder.write("story.txt", "By hand.");
    assert_eq!(folder.run("edit #1 --from story.txt").code, 0);
    let shown = shown(&folder, "#1");
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("done"), &Value::Null)
    );
    assert_eq!(folder.status()["failed"], 0);
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 2);
}

#[test]
fn a_take_written_during_a_run_stays_the_current_take() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let (fake, reached, go_on) = holding("From the service.");
    let run = folder.start(&fake, "");
    reached.wait(1);
    folder.write("story.txt", "By hand.");
    let ran = folder.run("edit #1 --from story.txt");
    assert_eq!(ran.code, 0, "{}", ran.err);
    go_on.on();
    assert_eq!(finished(run).code, 0);
    assert_eq!(takes(&folder, "#1"), (vec![1, 2], Some(1)));
    assert_eq!(shown(&folder, "#1")["backstory"], "By hand.");
    assert_eq!(folder.status()["done"], 1);
}

#[test]
fn retry_makes_failed_characters_pending_by_cause_and_name_and_sends_nothing() {
    let folder = Folder::with_sheet(&sheet_of(4));
    let fake = Fake::start(|asked| match (asked.name.as_str(), asked.nth_for_name) {
        ("Name 1", 0) => Answer::status(422, "", "Too Long"),
        ("Name 2", 0) => Answer::status(400, "", "bad words"),
        ("Name 3", 0) => Answer::status(500, "", "boom"),
        _ => Answer::story("It ends."),
    });
    assert_eq!(folder.generate(&fake, "--max-attempts 1").code, 1);
    let failed = || folder.status()["failed"].clone();
    assert_eq!(failed(), 3);
    assert_eq!(folder.run("retry --cause nonsense").code, 0);
    assert_eq!(failed(), 3);
    let ran = folder.run_args(["retry", "--cause", "too long"]);
    assert_eq!((ran.code, failed()), (0, json!(2)), "{}", ran.err);
    insta::assert_snapshot!(ran.err, @"
    1 character is pending again
    next: backstory resume (or `backstory run SHEET`)
    ");
    assert_eq!(folder.run("retry --cause unknown").code, 0);
    assert_eq!(failed(), 1);
    assert_eq!(folder.run_args(["retry", "--name", "NAME 2"]).code, 0);
    assert_eq!((failed(), fake.asked().len()), (json!(0), 4));
    assert_eq!(again(&folder, "resume").code, 0);
    assert_eq!(folder.status()["done"], 4);
}

/// What the run says at its end, and what it is continued with, has its name in it.
#[test]
fn a_cast_with_a_live_run_can_neither_be_renamed_nor_deleted() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let (fake, reached, go_on) = holding("It ends.");
    let run = folder.start(&fake, "");
    reached.wait(1);
    for line in ["casts rename cast other", "casts forget cast --yes"] {
        assert_eq!(folder.run(line).code, 3, "{line}");
    }
    go_on.on();
    assert_eq!(
        (finished(run).code, folder.status()["cast_name"].clone()),
        (0, json!("cast"))
    );
}

#[test]
fn a_cast_can_be_renamed_and_continued_under_the_new_name() {
    let (folder, fake) = cast(6);
    let ran = folder.run("casts rename cast villagers");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(folder.status()["cast_name"], "villagers");
    let asked = folder.generate(&fake, "");
    assert_eq!(asked.code, 2, "under its file's name it would be a new one");
    assert_eq!(folder.generate(&fake, "--cast villagers").code, 0);
    assert_eq!(fake.asked().len(), 6);
    folder.write("crew.csv", "name,description\nBo,cook\n");
    assert_eq!(folder.run("run crew.csv --provider demo").code, 0);
    insta::assert_snapshot!(folder.run("casts").out.replace(char::is_numeric, "N"), @r"
    crew        N character  N done  last story NNNN-NN-NN
    villagers  N characters  N done  last story NNNN-NN-NN
    ");
    for wrong in [
        "casts rename crew villagers",
        "casts rename nobody x",
        "casts rename crew",
    ] {
        assert_eq!(folder.run(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn a_cast_is_deleted_only_when_that_is_confirmed_and_its_space_is_freed() {
    let (folder, _fake) = cast(3);
    let stories: String = (0..400)
        .map(|nth| format!("Hero {nth},x,{}\n", "word ".repeat(200)))
        .collect();
    folder.write("heroes.csv", format!("name,description,story\n{stories}"));
    assert_eq!(
        folder
            .run("run heroes.csv --provider demo --have story")
            .code,
        0
    );
    assert_eq!(
        folder
            .run("search --json hero --cast heroes")
            .out
            .lines()
            .count(),
        400
    );
    let size = || {
        std::fs::metadata(folder.path("backstory.db"))
            .expect("there")
            .len()
    };
    let before = size();
    let asked = folder.run("casts forget heroes");
    assert_eq!(asked.code, 2, "there is no terminal for the question");
    assert!(asked.err.contains("400 characters"), "{}", asked.err);
    assert_eq!(folder.run("casts forget nobody --yes").code, 2);
    assert_eq!(
        (folder.query("select * from results").len(), size()),
        (403, before)
    );
    let ran = folder.run("casts forget heroes --yes");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(size() * 2 < before, "{} of {before}", size());
    assert_eq!(folder.status()["total"], 3);
    assert_eq!(folder.run("search --json hero").out, "");
    assert_eq!(folder.run("search --json left").out.lines().count(), 3);
    folder.write("heroes.csv", "name,description\nHera,x\n");
    assert_eq!(folder.run("run heroes.csv --provider demo").code, 0);
    assert_eq!(
        folder.run("search --json hera").out.lines().count(),
        1,
        "who gets an old number is indexed"
    );
    let health = folder.query("select integrity_check as health from pragma_integrity_check");
    assert_eq!(health[0]["health"], "ok");
}
