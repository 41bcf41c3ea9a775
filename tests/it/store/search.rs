//! `search`: words are plain text, matches are ranked, and the index follows the cast without delaying a run.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, Holder, sheet_of, wait_for};
use serde_json::Value;

const SHEET: &str = "name,description\n\
    Zoë Marchetti,Drives a night tram in Lisbon\n\
    Łukasz Wrona,Draws maps. Knows Zoë.\n\
    Harbour,A place with a lighthouse\n\
    Ada,Keeps the lighthouse\n";

fn cast() -> (Folder, Fake) {
    let (folder, fake) = (Folder::with_sheet(SHEET), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    (folder, fake)
}

/// The names that are found, the best first.
fn found(folder: &Folder, words: &str) -> Vec<String> {
    let ran = folder.run_args(["search", "--json", "--", words]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words}");
    names(&ran.out)
}

fn names(lines: &str) -> Vec<String> {
    let name = |line| serde_json::from_str::<Value>(line).expect("JSON")["name"].clone();
    lines
        .lines()
        .map(|line| name(line).as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn matches_are_shown_with_the_words_around_them() {
    let (folder, _fake) = cast();
    insta::assert_snapshot!(folder.run("search keeps tuesday").out, @r"
    Ada  #4 · done
        Ada was born on a Tuesday.  Nobody minded.
    ");
    let line = folder.run("search --json lighthouse keeps").out;
    let object: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(object["snippet"], "Keeps the lighthouse");
    assert_eq!(
        object["backstory"],
        "Ada was born on a Tuesday.\n\nNobody minded."
    );
    let some = folder.run("search tuesday --limit 1");
    assert_eq!(some.out.lines().count(), 2);
    assert_eq!(some.err, "showing 1 of 4 matches; `--limit 4` shows all\n");
}

#[test]
fn search_words_are_never_syntax() {
    let (folder, _fake) = cast();
    for words in [
        "\"",
        "ada\"",
        "'",
        "NOT ada",
        "ada NOT",
        "AND",
        "ada OR",
        "NEAR(ada)",
        "name:ada",
        "ada*",
        "^ada",
        "(ada",
        "{ada}:x",
        "-ada",
        "%",
        "_",
        "\u{1b}[31m",
        "ada\0",
        "a+b",
        "…",
    ] {
        let ran = folder.run_args(["search", "--json", "--", &words.replace('\0', "\u{1}")]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words}");
    }
    for nothing in ["*", "\" - (", "👩‍🚀"] {
        assert_eq!(found(&folder, nothing), [""; 0], "{nothing}");
    }
    assert_eq!(
        found(&folder, "name:ada"),
        [""; 0],
        "two words that must stand together"
    );
    assert_eq!(folder.run("search").code, 2);
}

#[test]
fn the_index_follows_edits_new_takes_and_rows_that_leave() {
    let (folder, fake) = cast();
    assert_eq!(found(&folder, "lisbon"), ["Zoë Marchetti"]);
    folder.write(
        "cast.csv",
        SHEET
            .replace("Lisbon", "Porto")
            .replace("Ada,Keeps the lighthouse\n", ""),
    );
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(found(&folder, "lisbon"), [""; 0]);
    assert_eq!(found(&folder, "porto tuesday"), ["Zoë Marchetti"]);
    assert_eq!(found(&folder, "lighthouse"), ["Harbour"], "Ada is gone");
    let gone = folder.run("search --json --gone lighthouse").out;
    assert_eq!(names(&gone).len(), 2);
    folder.write("cast.csv", SHEET);
    assert_eq!(folder.generate(&fake, "").code, 0, "the edit is taken back");
    assert_eq!(found(&folder, "lisbon tuesday"), ["Zoë Marchetti"]);
    assert_eq!(found(&folder, "porto"), [""; 0]);
    let health = folder.query("select count(*) as many from z_search_waiting");
    assert_eq!(health[0]["many"], 0);
}

#[test]
fn a_search_index_that_cannot_be_updated_does_not_change_the_results() {
    let (folder, fake) = cast();
    assert_eq!(found(&folder, "lighthouse").len(), 2);
    folder.write(
        "cast.csv",
        SHEET.replace("Keeps the lighthouse", "Left") + "Bo,Paints a lighthouse\n",
    );
    assert_eq!(folder.generate(&fake, "").code, 0);
    let Some(holder) = Holder::of(&folder) else {
        return;
    };
    let ran = folder.run("search --json lighthouse");
    assert_eq!(ran.code, 0);
    let mut both = names(&ran.out);
    both.sort();
    assert_eq!(both, ["Bo", "Harbour"]);
    assert!(
        ran.err.contains("searching 2 characters without it"),
        "{}",
        ran.err
    );
    drop(holder);
    assert_eq!(found(&folder, "paints tuesday"), ["Bo"]);
}

#[test]
fn a_database_of_an_older_version_gets_an_index_automatically() {
    let folder = Folder::new();
    let older = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/fixtures/version-0.1.0.db"
    );
    std::fs::copy(older, folder.path("backstory.db")).expect("a copy");
    assert_eq!(found(&folder, "stubborn"), ["Åsa Lindqvist"]);
    assert_eq!(folder.status()["done"], 3);
}

#[test]
fn a_database_with_a_live_run_of_an_older_version_is_not_changed() {
    let folder = Folder::new();
    let older = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/fixtures/version-0.1.0.db"
    );
    std::fs::copy(older, folder.path("backstory.db")).expect("a copy");
    folder.write("backstory.db.lock", "");
    let lock = std::fs::File::open(folder.path("backstory.db.lock")).expect("there");
    lock.try_lock().expect("no other process locks it");
    let before = std::fs::read(folder.path("backstory.db")).expect("there");
    for line in ["search stubborn", "status", "list"] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(
            ran.err
                .contains("made by version 0.1.0 of backstory, this is"),
            "{}",
            ran.err
        );
    }
    assert_eq!(
        std::fs::read(folder.path("backstory.db")).expect("there"),
        before
    );
}

#[test]
fn a_search_during_a_run_finds_what_is_stored_and_does_not_disturb_the_run() {
    let folder = Folder::with_sheet(&sheet_of(200));
    let searched = Switch::default();
    let until = searched.clone();
    // The last story ends only after a search.
    let fake = Fake::start(move |asked| {
        let mut answer = Answer::story(&story_of(&asked.name));
        if asked.nth == 199 {
            answer.0.insert(0, Step::Until(until.clone()));
        }
        answer.then(Step::Wait(std::time::Duration::from_millis(20)))
    });
    let mut run = folder.start(&fake, "--progress json --concurrency 4");
    wait_for(&mut run, "character_done");
    while run.try_wait().expect("ours").is_none() {
        let ran = folder.run("search --json tuesday");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.is_empty(), "what is stored is found");
        searched.on();
    }
    assert_eq!(crate::harness::finished(run).code, 0);
    assert_eq!(found(&folder, "tuesday").len(), 200);
    assert_eq!(fake.asked().len(), 200);
}
