//! What a writer wrote or chose stays with its character, whatever becomes of the sheet.

use crate::fake::{Answer, Fake};
use crate::harness::Folder;
use serde_json::json;

const TWO: &str = "name,description\nAnn,baker\nBo,monk\n";

/// A service whose stories are all different.
fn telling() -> Fake {
    Fake::start(|asked| Answer::story(&format!("Story {} of {}.", asked.nth, asked.name)))
}

fn ran(folder: &Folder, line: &str) {
    let ran = folder.run(line);
    assert_eq!(ran.code, 0, "{line}: {}", ran.err);
}

/// Lets the sheet say this, and runs on it; returns how many requests that cost.
fn on(folder: &Folder, fake: &Fake, sheet: &str, switches: &str) -> usize {
    let before = fake.asked().len();
    folder.write("cast.csv", sheet);
    let ran = folder.generate(fake, switches);
    assert_eq!(ran.code, 0, "{sheet}: {}", ran.err);
    fake.asked().len() - before
}

/// A take by hand that counts.
fn by_hand(folder: &Folder, who: &str, story: &str) {
    folder.write("by-hand.txt", story);
    ran(folder, &format!("edit {who} --from by-hand.txt"));
}

fn story(folder: &Folder, who: &str) -> String {
    let stories = folder.stories();
    let (_, story) = stories
        .iter()
        .find(|(name, _)| name == who)
        .expect("in the cast");
    story.clone().expect("finished")
}

#[test]
fn another_recipe_is_bought_beside_a_pick_and_never_twice() {
    let (folder, fake) = (Folder::new(), telling());
    on(&folder, &fake, TWO, "");
    let first = story(&folder, "Ann");
    by_hand(&folder, "Ann", "A rejected draft.");
    ran(&folder, "pick Ann 1");
    folder.write("cast.csv", TWO);
    let line = "run cast.csv --provider demo --redo";
    let redone = folder.run(line);
    assert_eq!(redone.code, 0, "{}", redone.err);
    let note = "note: 1 character keeps the picked take";
    assert!(redone.err.contains(note), "{}", redone.err);
    let demo = "select count(*) as many from takes where provider = 'demo'";
    assert_eq!(folder.query(demo), [json!({"many": 2})]);
    assert_eq!(story(&folder, "Ann"), first);
    ran(&folder, line);
    assert_eq!(folder.query(demo), [json!({"many": 2})]);
    assert_eq!(story(&folder, "Ann"), first, "a pick is undone by a pick");
    ran(&folder, "pick Ann --newest");
    assert_ne!(story(&folder, "Ann"), first);
}

#[test]
fn a_run_says_who_left_the_sheet_and_which_rows_are_equal() {
    let (folder, fake) = (Folder::new(), telling());
    folder.write(
        "cast.csv",
        "name,description\nAnn,baker\nBo,monk\nBo,monk\n",
    );
    let first = folder.generate(&fake, "").err;
    let equal = "note: 1 row repeats an earlier row; each row becomes its own character\n";
    assert!(first.contains(equal), "{first}");
    folder.write("cast.csv", "name,description\nAnn,baker\n");
    let second = folder.generate(&fake, "").err;
    let left =
        "note: 2 characters are no longer in the sheet; marked `gone`, their stories are kept\n";
    assert!(second.contains(left), "{second}");
    let third = folder.generate(&fake, "").err;
    assert!(!third.contains("note:"), "{third}");
}

#[test]
fn stories_in_the_sheet_that_are_not_read_are_told_of() {
    let (folder, fake) = (Folder::new(), telling());
    folder.write(
        "cast.csv",
        "name,description,backstory\nAnn,baker,I wrote this myself.\n",
    );
    let note = "note: the column `backstory` is ignored; `--have backstory` imports its stories";
    let plan = folder.run("plan cast.csv");
    assert!(plan.err.contains(note), "{}", plan.err);
    let ran = folder.generate(&fake, "--have backstory");
    assert_eq!((ran.code, fake.asked().len()), (0, 0), "{}", ran.err);
    assert!(!ran.err.contains(note), "{}", ran.err);
    assert_eq!(story(&folder, "Ann"), "I wrote this myself.");
    folder.write("cast.csv", TWO);
    let without = folder.generate(&fake, "");
    assert!(!without.err.contains(note), "{}", without.err);
}
