//! A sheet that did not change since the last run is not imported again. Anything that could make a difference is.

use crate::fake::Fake;
use crate::harness::{Folder, finished, sheet_of};
use std::process::Command;

const ROWS: usize = 6;

/// A cast of six, all finished.
fn six_finished(fake: &Fake) -> Folder {
    let folder = Folder::with_sheet(&sheet_of(ROWS));
    assert_eq!(folder.generate(fake, "").code, 0);
    folder
}

/// Whether `run` with these words imports the sheet. A crash point then kills it.
fn imports(folder: &Folder, fake: &Fake, words: &[&str]) -> bool {
    let url = fake.url();
    let mut command: Command = folder.command(["run"]);
    command
        .args(words)
        .args(["--base-url", &url, "--rate", "unlimited"])
        .env("BACKSTORY_CRASH_AT", "importing:1");
    let ran = finished(command.spawn().expect("it starts"));
    assert!(matches!(ran.code, -9 | 0), "{words:?}: {}", ran.err);
    ran.code == -9
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn an_unchanged_sheet_is_skipped() {
    let fake = Fake::telling();
    let folder = six_finished(&fake);
    assert!(!imports(&folder, &fake, &["cast.csv"]));
    folder.write("sub.csv", sheet_of(ROWS));
    let renamed = ["sub.csv", "--cast", "cast"];
    assert!(
        !imports(&folder, &fake, &renamed),
        "the bytes count, not the name"
    );
    let asked_for = ["cast.csv", "--keep", "--replace", "--retry"];
    assert!(!imports(&folder, &fake, &asked_for));
    assert_eq!(fake.asked().len(), ROWS);
    assert_eq!(folder.status()["done"], ROWS);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn any_change_that_could_matter_is_imported() {
    let fake = Fake::telling();
    let folder = six_finished(&fake);
    for words in [
        "cast.csv --redo",
        "cast.csv --have description",
        "cast.csv --template {{name}}",
        "cast.csv --name-column description --description-column name",
        "cast.csv --key-column name",
        "cast.csv --delimiter ,",
        "cast.csv --encoding utf-8",
        "cast.csv --cast other --new",
        "other.tsv --cast cast --delimiter ,",
        "edited.csv --cast cast",
        "longer.csv --cast cast",
    ] {
        folder.write("other.tsv", sheet_of(ROWS));
        folder.write("edited.csv", sheet_of(ROWS).replace("tion 3", "tion 4"));
        folder.write("longer.csv", sheet_of(ROWS) + "\n");
        let mut words: Vec<&str> = words.split(' ').collect();
        // Some of these are refused first; that is not tested here.
        words.extend(["--replace"]);
        if !words.contains(&"--redo") {
            words.push("--keep");
        }
        assert!(imports(&folder, &fake, &words), "{words:?}");
    }
    assert!(
        !imports(&folder, &fake, &["cast.csv"]),
        "nothing of that came to pass"
    );
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn a_sheet_is_skipped_only_if_it_was_the_last_one() {
    let fake = Fake::telling();
    let folder = six_finished(&fake);
    folder.write("more.csv", sheet_of(ROWS + 1));
    assert_eq!(
        folder.run("run more.csv --cast cast --rate unlimited").code,
        0
    );
    assert!(imports(&folder, &fake, &["cast.csv"]));
    assert!(!imports(&folder, &fake, &["more.csv", "--cast", "cast"]));
}

/// A copy with a part of the characters has its own idea of what the sheet would change.
#[test]
fn a_sheet_restores_characters_that_a_copy_lacks() {
    let fake = Fake::telling();
    let folder = six_finished(&fake);
    let copied = folder.run("export -o copy.db --name 3");
    assert_eq!(copied.code, 0, "{}", copied.err);
    let url = fake.url();
    let line = format!("--db copy.db run cast.csv --base-url {url} --rate unlimited");
    assert_eq!(folder.run(&line).code, 0);
    let status = folder.run("--db copy.db status --json");
    assert!(status.out.contains(r#""total":6"#), "{}", status.out);
}

#[test]
fn stories_in_a_sheet_are_read_each_time() {
    let folder = Folder::with_sheet("name,description,story\nAda,a,She left.\nBo,b,He stayed.\n");
    let run = "run cast.csv --provider demo --have story";
    assert_eq!(folder.run(run).code, 0);
    folder.write(
        "cast.csv",
        "name,description,story\nAda,a,She left.\nBo,b,He left.\n",
    );
    assert_eq!(folder.run(run).code, 0);
    let stories = folder.stories();
    assert_eq!(stories[1].1.as_deref(), Some("He left."));
}

#[test]
fn a_pipe_in_place_of_a_file_is_read_once_and_completely() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(ROWS)), Fake::telling());
    let program = env!("CARGO_BIN_EXE_backstory");
    let line = format!(
        "exec {program} run <(cat cast.csv) --cast cast --base-url {} --rate unlimited",
        fake.url()
    );
    for _ in 0..2 {
        let mut bash = Command::new("bash");
        bash.args(["-c", &line])
            .current_dir(folder.path("."))
            .env("CONVAI_API_KEY", "any");
        assert!(bash.output().expect("a shell").status.success());
    }
    assert_eq!(fake.asked().len(), ROWS);
}

/// The keys of a new cast are checked by its index, those of an existing cast among the staged rows. Both report the same.
#[test]
fn duplicate_row_keys_are_reported_with_their_lines_anywhere_in_the_sheet() {
    let row = |nth: usize| {
        // Some rows take two lines.
        let end = if nth.is_multiple_of(7) {
            "\nand more"
        } else {
            ""
        };
        format!("k{nth},Name {nth},\"text{end}\"\n")
    };
    let good = String::from("id,name,description\n") + &(0..1_200).map(row).collect::<String>();
    let sheet = good.clone() + "k3,Again,x\nnew,Fine,x\n k1199 ,Again,x\nk3,Again,x\n";
    let folder = Folder::with_sheet(&sheet);
    let refused = folder.run("run cast.csv --provider demo --limit 0");
    assert_eq!(refused.code, 2);
    insta::assert_snapshot!(refused.err, @"
    error: cannot read `cast.csv`: 3 faults
      line 1374 has the row key `k3`, which line 6 already has
      line 1376 has the row key `k1199`, which line 1373 already has
      line 1377 has the row key `k3`, which line 6 already has
    hint: give each row its own row key; `--key-column` chooses another column, `--no-key` uses none
    ");
    assert_eq!(folder.files(), ["cast.csv"], "nothing is left of it");
    folder.write("cast.csv", good);
    assert_eq!(folder.run("run cast.csv --provider demo --limit 0").code, 0);
    folder.write("cast.csv", &sheet);
    let again = folder.run("run cast.csv --provider demo --limit 0");
    assert_eq!((again.code, again.err), (2, refused.err));
    assert_eq!(folder.status()["total"], 1_200);
}
