//! `review`: the flags of stories that were imported, for people and for programs. Nothing is stored.

use crate::harness::{Folder, sheet_of};
use serde_json::Value;

/// A cast with one story for each of several flags, a good story, and escape sequences in a name and a story.
fn cast() -> Folder {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "name,description,story\n\
         Ada,baker,\"I'm sorry, but I can't write a backstory for this character.\"\n\
         Bo,cook,\"Here is a backstory for Bo:\n\nBo grew up by the sea and learned to cook from his aunt.\"\n\
         Cy,smith,\"Cy grew up with [Name] in the forge, and the fire was his first friend.\"\n\
         Dee,nurse,\"The harbour was cold that winter, and the boats did not come back.\"\n\
         \u{1b}[31mRed\u{202e},thief,\"Red stole {{\u{1b}[2Jchar}} and a boat, and [Place] never saw her again.\"\n\
         Eve,pilot,\"Eve grew up on the night ward, where her mother worked, and she never slept well.\"\n",
    );
    let ran = folder.run("run cast.csv --provider demo --have story --progress none");
    assert_eq!(ran.code, 0, "{}", ran.err);
    folder
}

fn lines(out: &str) -> Vec<Value> {
    let line = |line| serde_json::from_str(line).expect("JSON");
    out.lines().map(line).collect()
}

#[test]
fn each_objection_is_one_object_with_the_words_in_question() {
    let ran = cast().run("review --json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let found = lines(&ran.out);
    for (name, row, flag, words) in [
        ("Ada", 1, "refusal", "can't write"),
        ("Bo", 2, "meta", "Here is a backstory"),
        ("Cy", 3, "placeholder", "[Name]"),
        ("Dee", 4, "unnamed", "Dee"),
    ] {
        let one = found
            .iter()
            .find(|one| one["name"] == name && one["flag"] == flag)
            .unwrap_or_else(|| panic!("{name} has no `{flag}`: {}", ran.out));
        assert_eq!(
            (&one["row"], &one["cast_name"]),
            (&row.into(), &"cast".into())
        );
        assert!(
            one["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(words)),
            "{one}"
        );
        for absent in ["key", "other_name", "other_row", "similarity"] {
            assert_eq!(one.get(absent), Some(&Value::Null), "{one}");
        }
    }
    assert!(found.iter().all(|one| one["name"] != "Eve"), "{}", ran.out);
}

#[test]
fn people_read_the_most_useful_flag_first_with_the_commands_that_follow() {
    let folder = cast();
    let before = folder.query("select * from takes");
    let ran = folder.run("review");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.starts_with("cast `cast`: 6 stories, 5 flagged\n"),
        "{}",
        ran.out
    );
    let at = |words: &str| {
        ran.out
            .find(words)
            .unwrap_or_else(|| panic!("no {words:?}: {}", ran.out))
    };
    assert!(at("\nrefusal: 1 story") < at("\nmeta: 1 story"));
    assert!(at("\nmeta: 1 story") < at("\nplaceholder: 2 stories"));
    at("  next: backstory show '#1' · backstory redo '#1'\n");
    at("  next: backstory show '#3' · backstory redo '#3' '#5'\n");
    at("\nworth knowing:\n  lengths: ");
    assert!(
        !ran.out.contains(['\u{1b}', '\u{202e}']),
        "foreign text is escaped: {}",
        ran.out
    );
    at("#5 \\u{1b}[31mRed\\u{202e}");
    assert_eq!(folder.query("select * from takes"), before);
}

#[test]
fn one_flag_is_shown_alone_and_with_all_its_stories() {
    let folder = Folder::new();
    let row = |number| {
        format!("Ada {number},baker,Ada {number} grew up with [Name {number}] in the forge.\n")
    };
    let rows: String = (1..=5).map(row).collect();
    folder.write("cast.csv", format!("name,description,story\n{rows}"));
    assert_eq!(
        folder.run("run cast.csv --provider demo --have story").code,
        0
    );
    let all = folder.run("review").out;
    assert!(
        all.contains("  and 2 more: backstory review --flag placeholder\n"),
        "{all}"
    );
    let ran = folder.run("review --flag placeholder");
    assert_eq!(ran.out.matches("grew up").count(), 0, "{}", ran.out);
    assert_eq!(ran.out.matches("“[Name").count(), 5, "{}", ran.out);
    assert_eq!(ran.out.matches("\nplaceholder: 5 stories").count(), 1);
    assert!(
        !ran.out.contains("alike") && !ran.out.contains("worth knowing"),
        "{}",
        ran.out
    );
}

#[test]
fn a_cast_without_stories_has_nothing_to_object_to() {
    let folder = Folder::with_sheet(&sheet_of(2));
    assert_eq!(folder.run("run cast.csv --provider demo --limit 0").code, 0);
    let ran = folder.run("review");
    let words = "cast `cast`: no stories yet, nothing to object to\n";
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, words, "")
    );
    assert_eq!(
        (
            folder.run("review --json").out,
            folder.run("review --flag loop").code
        ),
        (String::new(), 0)
    );
}

#[test]
fn flags_that_are_not_stored_are_refused_where_only_stored_ones_are_found() {
    let folder = cast();
    for line in [
        "list --flag refusal",
        "export --flag alike",
        "redo --flag meta",
    ] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(ran.err.contains("`review` finds this flag"), "{}", ran.err);
    }
    assert_eq!(folder.run("list --flag stale").code, 0);
    assert_eq!(folder.run("review --flag sad").code, 2);
}
