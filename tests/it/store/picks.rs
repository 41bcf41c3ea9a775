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
fn counted_anew_ids_take_along_the_story_that_counts() {
    let (folder, fake) = (Folder::new(), telling());
    let sheet = "id,name,description\n1,Ann,baker\n2,Bo,monk\n";
    assert_eq!(on(&folder, &fake, sheet, "--limit 1"), 1);
    by_hand(&folder, "Ann", "My Ann.");
    by_hand(&folder, "Bo", "My Bo.");
    let counted = "id,name,description\n1,Zed,sailor\n2,Ann,baker\n3,Bo,monk\n";
    assert_eq!(on(&folder, &fake, counted, ""), 1, "only Zed is new");
    assert_eq!(story(&folder, "Ann"), "My Ann.");
    assert_eq!(story(&folder, "Bo"), "My Bo.");
}

#[test]
fn one_that_returns_under_another_id_has_the_story_that_counted() {
    let (folder, fake) = (Folder::new(), telling());
    let both = "id,name,description\n1,Ann,baker\n2,Bo,monk\n";
    assert_eq!(on(&folder, &fake, both, ""), 2);
    by_hand(&folder, "Ann", "My Ann.");
    on(&folder, &fake, "id,name,description\n2,Bo,monk\n", "");
    let back = "id,name,description\n2,Bo,monk\n7,Ann,baker\n";
    assert_eq!(on(&folder, &fake, back, ""), 0);
    assert_eq!(story(&folder, "Ann"), "My Ann.");
}

#[test]
fn a_pick_outlives_an_edit_that_is_taken_back() {
    let (folder, fake) = (Folder::new(), telling());
    on(&folder, &fake, TWO, "");
    let first = story(&folder, "Ann");
    by_hand(&folder, "Ann", "A rejected draft.");
    ran(&folder, "pick Ann 1");
    let typo = TWO.replace("baker", "bakker");
    assert_eq!(on(&folder, &fake, &typo, ""), 1);
    assert_ne!(story(&folder, "Ann"), first);
    assert_eq!(on(&folder, &fake, TWO, ""), 0);
    assert_eq!(story(&folder, "Ann"), first);
    // It is as firm as before: a newer one does not take its place.
    ran(&folder, "redo Ann --rate unlimited");
    assert_eq!(story(&folder, "Ann"), first);
}

#[test]
fn the_newest_counts_again_after_an_edit_when_a_pick_was_undone() {
    let (folder, fake) = (Folder::new(), telling());
    on(&folder, &fake, TWO, "");
    by_hand(&folder, "Ann", "The better draft.");
    ran(&folder, "pick Ann 1");
    ran(&folder, "pick Ann --newest");
    on(&folder, &fake, &TWO.replace("baker", "bakker"), "");
    on(&folder, &fake, TWO, "");
    assert_eq!(story(&folder, "Ann"), "The better draft.");
}

#[test]
fn a_pick_from_other_times_that_was_undone_stays_undone() {
    let (folder, fake) = (Folder::new(), telling());
    on(&folder, &fake, TWO, "");
    by_hand(&folder, "Ann", "The better draft.");
    on(&folder, &fake, &TWO.replace("baker", "cook"), "");
    // Made from the baker, and given up while the sheet says cook.
    ran(&folder, "pick Ann 1");
    ran(&folder, "pick Ann --newest");
    on(&folder, &fake, TWO, "");
    assert_eq!(story(&folder, "Ann"), "The better draft.");
}

#[test]
fn counted_anew_ids_take_along_the_newest_of_what_the_row_says() {
    let (folder, fake) = (Folder::new(), telling());
    let sheet = "id,name,description\n1,Ann,baker\n";
    on(&folder, &fake, sheet, "");
    by_hand(&folder, "Ann", "The better draft.");
    on(&folder, &fake, &sheet.replace("baker", "cook"), "");
    let counted = "id,name,description\n1,Zed,sailor\n2,Ann,baker\n";
    assert_eq!(on(&folder, &fake, counted, ""), 1, "only Zed is new");
    assert_eq!(story(&folder, "Ann"), "The better draft.");
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
fn rows_that_read_the_same_are_told_apart_by_their_other_columns() {
    let (folder, fake) = (Folder::new(), telling());
    let sheet = "name,description,city\nGuard,bored,Rome\nGuard,bored,Paris\nAnn,baker,Oslo\n";
    on(&folder, &fake, sheet, "");
    let cities = || {
        let rows = "select json_extract(columns, '$.city') as city, backstory from results
                    where name = 'Guard' and gone = 0 order by 1";
        folder.query(rows)
    };
    let before = cities();
    let sorted = "name,description,city\nAnn,baker,Oslo\nGuard,bored,Paris\nGuard,bored,Rome\n";
    assert_eq!(on(&folder, &fake, sorted, ""), 0);
    assert_eq!(cities(), before);
    let without = "name,description,city\nGuard,bored,Rome\nAnn,baker,Oslo\n";
    assert_eq!(on(&folder, &fake, without, ""), 0);
    assert_eq!(cities(), before[1..]);
    // Where no other column helps, the order does.
    let moved = "name,description,city\nGuard,bored,Lima\nAnn,baker,Oslo\n";
    assert_eq!(on(&folder, &fake, moved, ""), 0);
    assert_eq!(cities()[0]["backstory"], before[1]["backstory"]);
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

#[test]
fn a_story_in_the_sheet_that_is_changed_back_counts_again() {
    let (folder, fake) = (Folder::new(), telling());
    let with = |story: &str| format!("name,description,own\nAnn,baker,{story}\n");
    for own in ["One.", "Two.", "One."] {
        assert_eq!(on(&folder, &fake, &with(own), "--have own"), 0);
        assert_eq!(story(&folder, "Ann"), own);
    }
    let takes = folder.query("select count(*) as many from takes");
    assert_eq!(takes, [json!({"many": 2})]);
    // A sheet that says the same of the story changes nothing back, whatever else it says.
    by_hand(&folder, "Ann", "Three.");
    for sheet in [
        with("One."),
        with("One.,Rome").replace("own\n", "own,city\n"),
    ] {
        assert_eq!(on(&folder, &fake, &sheet, "--have own"), 0);
        assert_eq!(story(&folder, "Ann"), "Three.");
    }
}

#[test]
fn a_row_with_a_story_of_its_own_leaves_a_spare_take_to_an_equal_row() {
    let folder = Folder::new();
    let header = "name,description,story\n";
    for sheet in ["Ada,bakes,\n", "Ada,rows,\n"] {
        folder.write("cast.csv", format!("{header}{sheet}"));
        let ran = folder.run("run cast.csv --provider demo");
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    folder.write(
        "cast.csv",
        format!("{header}Ada,rows,\nAda,bakes,An own story.\nAda,bakes,\n"),
    );
    let ran = folder.run("run cast.csv --provider demo --have story");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("3 done · 0 failed · 0 pending"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("this run: 0 requests"), "{}", ran.err);
}
