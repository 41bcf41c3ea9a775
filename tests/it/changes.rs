//! A sheet that changed costs exactly its changes.

use crate::fake::{Answer, Fake};
use crate::harness::Folder;
use serde_json::json;

/// Runs on one sheet after the other; returns who was asked for in each, sorted.
fn asked_for(folder: &Folder, sheets: &[&str], switches: &str) -> Vec<Vec<String>> {
    let fake =
        Fake::start(|asked| Answer::story(&format!("Story {} of {}.", asked.nth, asked.name)));
    let mut before = 0;
    let mut all = Vec::new();
    for sheet in sheets {
        folder.write("cast.csv", sheet);
        let ran = folder.generate(&fake, switches);
        assert_eq!(ran.code, 0, "{sheet}: {}", ran.err);
        let asked = fake.asked();
        let mut names: Vec<String> = asked[before..]
            .iter()
            .map(|asked| format!("{}: {}", asked.name, asked.description))
            .collect();
        names.sort();
        before = asked.len();
        all.push(names);
    }
    all
}

const FOUR: &str = "name,description\nAda,a\nBo,b\nCy,c\nDi,d\n";

#[test]
fn reordering_inserting_and_deleting_rows_costs_only_what_is_new() {
    let folder = Folder::new();
    let changed = "name,description\nDi,d\nEve,e\nBo,b\nAda,a\n";
    let asked = asked_for(&folder, &[FOUR, changed], "");
    assert_eq!(asked[1], ["Eve: e"]);
    let gone = folder.query("select name from results where gone = 1");
    assert_eq!(gone, [json!({"name": "Cy"})]);
    let names: Vec<_> = folder.stories().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Di", "Eve", "Bo", "Ada"]);
}

#[test]
fn columns_white_space_and_line_ends_are_no_edit() {
    let folder = Folder::new();
    let changed = "role,description,name\r\nx, a,Ada \r\ny,b,Bo\r\n,c ,Cy\r\n,d,Di\r\n";
    let asked = asked_for(&folder, &[FOUR, changed], "");
    assert_eq!(asked[1], Vec::<String>::new());
    let columns = folder.query("select columns from results where row = 1");
    assert_eq!(
        columns,
        [json!({"columns": r#"{"role":"x","description":" a","name":"Ada "}"#})]
    );
}

#[test]
fn an_edited_row_gets_a_new_take_and_an_edit_taken_back_costs_nothing() {
    let folder = Folder::new();
    let edited = FOUR.replace("Bo,b", "Bo,better");
    let asked = asked_for(&folder, &[FOUR, &edited, FOUR, &edited], "");
    assert_eq!(asked[1], ["Bo: better"]);
    assert_eq!((&asked[2], &asked[3]), (&vec![], &vec![]));
    let takes = folder.query("select take, current from takes where name = 'Bo' order by take");
    assert_eq!(
        takes,
        [
            json!({"take": 1, "current": 0}),
            json!({"take": 2, "current": 1})
        ]
    );
}

#[test]
fn a_gone_character_that_returns_gets_its_old_take() {
    let folder = Folder::new();
    let without = "name,description\nAda,a\nCy,c\nDi,d\n";
    let asked = asked_for(&folder, &[FOUR, without, FOUR], "");
    assert_eq!((&asked[1], &asked[2]), (&vec![], &vec![]));
    assert_eq!(folder.status()["gone"], 0);
}

#[test]
fn three_equal_rows_are_three_characters() {
    let folder = Folder::new();
    let guards = "name,description\nGuard,tall\nGuard,tall\nGuard,tall\n";
    let two = "name,description\nGuard,tall\nGuard,tall\n";
    let asked = asked_for(&folder, &[guards, two, guards], "");
    assert_eq!(asked[0].len(), 3);
    assert_eq!((&asked[1], &asked[2]), (&vec![], &vec![]));
    let stories = folder.query("select count(distinct backstory) as many from results");
    assert_eq!(stories, [json!({"many": 3})]);
}

#[test]
fn a_key_column_identifies_rows_whatever_they_say() {
    let folder = Folder::new();
    let first = "id,name,description\n1,Ada,a\n2,Bo,b\n3,Cy,c\n";
    // Renamed and edited at once: only the key tells who it is.
    let changed = "id,name,description\n3,Cy,c\n1,Adele,aa\n2,Bo,b\n";
    let asked = asked_for(&folder, &[first, changed], "");
    assert_eq!(asked[1], ["Adele: aa"]);
    let takes = folder.query("select name, take from takes where key = '1' order by take");
    assert_eq!(takes.len(), 2, "the same character");
    let asked = asked_for(
        &folder,
        &["name,description,id\nCy,c,x\nBo,b,y\nAdele,aa,z\n"],
        "",
    );
    assert_eq!(
        asked[0],
        Vec::<String>::new(),
        "other keys: content decides once"
    );
}

#[test]
fn a_take_is_never_bought_again_even_for_another_row() {
    let folder = Folder::new();
    let first = "id,name,description\n1,Guard,tall\n2,Guard,short\n";
    let swapped = "id,name,description\n1,Guard,short\n2,Guard,tall\n";
    let asked = asked_for(&folder, &[first, swapped], "");
    assert_eq!(asked[1], Vec::<String>::new());
    let rows = folder.query("select description, backstory from results order by description");
    assert_eq!(rows[0]["description"], "short");
    let taken = folder.query("select t.text from takes t where t.row = 2 and t.take = 1");
    assert_ne!(rows[0]["backstory"], rows[1]["backstory"]);
    assert_eq!(taken.len(), 1, "old takes are kept");
}
