//! `review`: the flags of stories that were imported, for people and for programs, and what of them is stored.

use crate::harness::{Folder, postgres, sheet_of};
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
    let before = folder.query("select take, text, words, provider from takes");
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
    assert_eq!(
        folder.query("select take, text, words, provider from takes"),
        before
    );
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

/// Six stories that say nearly the same, and one that does not.
fn of_alike_stories() -> String {
    let same = "grew up in the last house before the marsh, where the geese were counted every evening and the door was never locked.";
    let rows: String = (1..=6)
        .map(|number| format!("Ada {number},baker,\"Ada {number} {same}\"\n"))
        .collect();
    format!(
        "name,description,story\n{rows}Bo,cook,Bo learned to cook from his aunt on the boats.\n"
    )
}

fn alike() -> Folder {
    let folder = Folder::with_sheet(&of_alike_stories());
    let ran = folder.run("run cast.csv --provider demo --have story");
    assert_eq!(ran.code, 0, "{}", ran.err);
    folder
}

#[test]
fn stories_are_found_by_the_flags_of_their_words_without_a_review() {
    let folder = cast();
    for (flag, names) in [
        ("refusal", vec!["Ada"]),
        ("meta", vec!["Bo"]),
        ("unnamed", vec!["Dee"]),
        ("alike", vec![]),
    ] {
        let ran = folder.run(&format!("list --json --flag {flag}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let found: Vec<Value> = lines(&ran.out);
        let found: Vec<&str> = found
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert_eq!(found, names, "{flag}");
    }
    let exported = folder.run("export --flag placeholder");
    assert_eq!(
        exported
            .out
            .lines()
            .filter(|line| line.contains("baker"))
            .count(),
        0
    );
    assert!(exported.out.contains("Cy,smith"), "{}", exported.out);
    assert_eq!(folder.run("list --flag sad").code, 2);
    assert_eq!(folder.run("review --flag sad").code, 2);
}

#[test]
fn a_review_stores_what_it_finds_by_comparing_the_cast() {
    let folder = alike();
    let words = |sql: &str| -> Vec<Value> { folder.query(sql) };
    assert_eq!(words("select * from alike").len(), 0);
    assert_eq!(folder.run("list --json --flag alike").out, "");
    let ran = folder.run("review --json --flag alike");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let listed = folder.run("list --json --flag alike");
    assert_eq!(lines(&listed.out).len(), 6, "{}", listed.out);
    let pairs = words("select name, other_name, similarity from alike where row = 1");
    assert_eq!(pairs.len(), 5, "{pairs:?}");
    assert!(
        pairs
            .iter()
            .all(|pair| pair["similarity"].as_f64() > Some(0.4))
    );
    // A story that is another one now is not alike any more.
    folder.write("story.txt", "Ada 1 sold the house and bought a boat.");
    assert_eq!(folder.run("edit #1 --from story.txt").code, 0);
    assert_eq!(
        words("select * from alike where row = 1 or other_row = 1").len(),
        0
    );
    assert_eq!(lines(&folder.run("list --json --flag alike").out).len(), 5);
}

#[test]
fn a_review_judges_the_stories_that_an_older_program_stored() {
    let folder = cast();
    let older = "update stored_takes set flags = 0; update stored_characters set flags = 0";
    if !folder.change(older) {
        return;
    }
    assert_eq!(folder.run("list --json --flag refusal").out, "");
    assert_eq!(folder.run("review").code, 0);
    let found = folder.run("list --json --flag refusal");
    assert_eq!(lines(&found.out).len(), 1, "{}", found.out);
    let status = lines(&folder.run("status --json").out);
    assert_eq!(status[0]["flagged"], 5);
}

#[test]
fn who_may_only_read_sees_the_review_and_that_it_is_not_stored() {
    let Some(database) = postgres::database() else {
        return;
    };
    let folder = Folder::new();
    folder.write("cast.csv", of_alike_stories());
    let ran = folder.run(&format!(
        "run cast.csv --provider demo --have story --progress none --db {}",
        database.url
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let role = format!("reader_{}", database.name);
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA backstory TO {role};
         GRANT SELECT ON ALL TABLES IN SCHEMA backstory TO {role}"
    ));
    let ran = folder.run(&format!("review --db {}", database.as_role(&role)));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\nalike: 6 stories"), "{}", ran.out);
    assert!(
        ran.err
            .starts_with("note: the flags are shown but not stored"),
        "{}",
        ran.err
    );
    let listed = format!("list --json --flag alike --db {}", database.url);
    assert_eq!(folder.run(&listed).out, "");
    assert_eq!(folder.run(&format!("review --db {}", database.url)).err, "");
    assert_eq!(lines(&folder.run(&listed).out).len(), 6);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn what_is_dismissed_does_not_come_back_until_the_story_is_another_one() {
    let folder = cast();
    let ran = folder.run("review --dismiss refusal Ada #4");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.err,
        "dismissed `refusal` for 1 take; it does not come back for this take\n\
         1 story does not have `refusal`; to find and store flags: backstory review\n"
    );
    assert_eq!(folder.run("list --json --flag refusal").out, "");
    assert_eq!(folder.run("review --flag refusal --json").out, "");
    let flags: Vec<(String, String)> = lines(&folder.run("review --json").out)
        .iter()
        .map(|one| {
            let word = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
            (word("flag"), format!("#{}", one["row"]))
        })
        .collect();
    assert!(flags.len() >= 4, "{flags:?}");
    for (flag, who) in &flags {
        let ran = folder.run(&format!("review --dismiss {flag} {who}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let ran = folder.run("review");
    let words = format!("nothing to object to ({} flags dismissed)", flags.len() + 1);
    assert!(ran.out.contains(&words), "{}", ran.out);
    assert_eq!(folder.status()["flagged"], 0);
    folder.write("story.txt", "I'm sorry, but I can't write this backstory.");
    assert_eq!(folder.run("edit #1 --from story.txt").code, 0);
    assert_eq!(
        lines(&folder.run("review --json --flag refusal").out).len(),
        1
    );
}

#[test]
fn a_dismissal_of_what_is_no_flag_or_no_character_changes_nothing() {
    let folder = cast();
    for (line, words) in [
        ("review --dismiss sad #1", "`--dismiss sad`: not a flag"),
        ("review --dismiss refusal #1 nobody", "nobody"),
        ("review --dismiss refusal", "2 values required"),
        ("review --dismiss refusal #1 --json", "cannot be used with"),
    ] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(ran.err.contains(words), "{line}: {}", ran.err);
    }
    assert_eq!(
        lines(&folder.run("list --json --flag refusal").out).len(),
        1
    );
}

#[test]
fn a_run_says_at_its_end_how_many_stories_have_flags() {
    let folder = cast();
    let ran = folder.run("resume --progress none");
    assert!(
        ran.err
            .contains("\n5 stories have flags: backstory review\n"),
        "{}",
        ran.err
    );
    let ran = folder.run("resume --progress json");
    let last = lines(&ran.err).pop().expect("an event");
    assert_eq!(
        (&last["event"], &last["flagged"]),
        (&"run_finished".into(), &5.into())
    );
}
