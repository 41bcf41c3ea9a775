//! Guessed columns: `plan` shows them, `run` asks about them once, the cast remembers them.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::fake::Fake;
use crate::harness::{Folder, finished};

const GUESSED: &str = "Villager,Trade,Home\nOrla,beekeeper,the moor\nTam,ferryman,the river\n";

/// The folder of a sheet without a column for the description.
fn guessed() -> Folder {
    Folder::with_sheet(GUESSED)
}

/// What was asked for the first character.
fn description(folder: &Folder) -> String {
    let rows = folder.query("select description from results order by row");
    rows[0]["description"].as_str().expect("text").to_owned()
}

#[test]
fn without_a_terminal_a_guess_is_refused_with_the_command_that_accepts_it() {
    let (folder, fake) = (guessed(), Fake::telling());
    let refused = folder.generate(&fake, "");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert_eq!(folder.files(), ["cast.csv"], "no database was made");
    let hint = refused
        .err
        .split('`')
        .find(|part| part.starts_with("backstory run") && part.ends_with("--yes"));
    let command = hint.unwrap_or_else(|| panic!("no command in {}", refused.err));
    let accepted = folder.run(command.trim_start_matches("backstory "));
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    assert_eq!(fake.asked().len(), 2);
    assert_eq!(
        fake.asked()[0].description,
        "Trade: beekeeper\nHome: the moor"
    );
}

#[test]
fn an_accepted_guess_is_remembered_as_the_list_of_columns() {
    let (folder, fake) = (guessed(), Fake::telling());
    assert_eq!(folder.generate(&fake, "--yes").code, 0);
    let again = folder.generate(&fake, "");
    assert_eq!((again.code, fake.asked().len()), (0, 2), "{}", again.err);
    // A column that is added later does not slip into the description, and does not cost anything.
    let longer: String = GUESSED.lines().map(|line| format!("{line},x\n")).collect();
    folder.write("cast.csv", longer.replace("Home,x", "Home,Mood"));
    let added = folder.generate(&fake, "");
    assert_eq!((added.code, fake.asked().len()), (0, 2), "{}", added.err);
    assert_eq!(description(&folder), "Trade: beekeeper\nHome: the moor");
    // An edited cell that the description is made from does.
    folder.write("cast.csv", GUESSED.replace("ferryman", "smith"));
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 3);
}

#[test]
fn a_plan_shows_the_guess_and_check_ends_as_run_does() {
    let folder = guessed();
    let plan = folder.run("plan cast.csv --provider demo");
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert!(
        plan.out
            .contains("columns: name `Villager`; description made from `Trade`, `Home`"),
        "{}",
        plan.out
    );
    assert!(
        plan.err
            .contains("`run` sends nothing before this is answered"),
        "{}",
        plan.err
    );
    let check = folder.run("check cast.csv --provider demo");
    assert_eq!(check.code, 2, "{}", check.out);
    assert_eq!(folder.run("check cast.csv --provider demo --yes").code, 0);
}

#[test]
fn encoding_delimiter_and_header_line_are_remembered() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    folder.write("cast.csv", b"Reparto^x\nname^description\nZo\xE9^bakes\n");
    let first = folder.generate(
        &fake,
        "--encoding windows-1252 --delimiter ^ --header-line 2",
    );
    assert_eq!(first.code, 0, "{}", first.err);
    folder.write(
        "cast.csv",
        b"Reparto^x\nname^description\nZo\xE9^bakes\nBo^fixes\n",
    );
    let second = folder.generate(&fake, "");
    assert_eq!((second.code, fake.asked().len()), (0, 2), "{}", second.err);
    // Saved as UTF-8 since, it is not read in the encoding that it had.
    folder.write(
        "cast.csv",
        "Reparto^x\nname^description\nZoé^bakes\nBo^fixes\nÁngel^prays\n",
    );
    let third = folder.generate(&fake, "");
    assert_eq!((third.code, fake.asked().len()), (0, 3), "{}", third.err);
    assert_eq!(fake.asked()[2].name, "Ángel");
}

#[test]
fn a_header_that_is_added_later_is_not_a_character() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    let rows = "Ada Moor,Bakes bread\nBo Finch,Fixes clocks\nCy Dell,Sews sails\n";
    folder.write("cast.csv", rows);
    assert_eq!(folder.generate(&fake, "--yes").code, 0);
    folder.write("cast.csv", format!("name,description\n{rows}"));
    let again = folder.generate(&fake, "");
    assert_eq!((again.code, fake.asked().len()), (0, 3), "{}", again.err);
    assert_eq!(folder.status()["total"], 3);
}

#[test]
fn a_column_with_a_better_name_that_is_added_later_changes_nothing() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    folder.write("cast.csv", "First,Last,Bio\nAda,Moor,a\nBo,Lee,b\n");
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write(
        "cast.csv",
        "First,Last,Bio,Full Name,Description\nAda,Moor,a,Ada M. Moor,x\nBo,Lee,b,Bo de Lee,y\n",
    );
    let again = folder.generate(&fake, "");
    assert_eq!((again.code, fake.asked().len()), (0, 2), "{}", again.err);
}

#[test]
fn the_sheet_of_a_workbook_is_remembered() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/winter-play.xlsx");
    folder.write("play.xlsx", std::fs::read(sample).expect("a sample"));
    let url = fake.url();
    let run = |more: &str| {
        folder.run(&format!(
            "run play.xlsx --base-url {url} --rate unlimited{more}"
        ))
    };
    let first = folder.run_args([
        "run",
        "play.xlsx",
        "--sheet",
        "Act 2",
        "--base-url",
        &url,
        "--rate",
        "unlimited",
    ]);
    assert_eq!((first.code, fake.asked().len()), (0, 2), "{}", first.err);
    // Read with other switches, it is still the same sheet.
    assert_eq!(run(" --keep --no-key").code, 0);
    assert_eq!(fake.asked().len(), 2);
    let crew = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/crew.xlsx");
    folder.write("play.xlsx", std::fs::read(crew).expect("a sample"));
    let other = run("");
    assert_eq!(other.code, 2, "{}", other.err);
    assert!(
        other.err.contains("has no sheet `Act 2`") && other.err.contains("--sheet"),
        "{}",
        other.err
    );
}

#[test]
fn no_key_is_a_choice_that_is_remembered() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    let rows: String = (1..=20)
        .map(|nth| format!("{},Name {nth},d{nth}\n", nth.min(19)))
        .collect();
    folder.write("cast.csv", format!("id,name,description\n{rows}"));
    let refused = folder.generate(&fake, "");
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--no-key"), "{}", refused.err);
    assert_eq!(folder.generate(&fake, "--no-key").code, 0);
    let again = folder.generate(&fake, "");
    assert_eq!((again.code, fake.asked().len()), (0, 20), "{}", again.err);
}

/// `run` at a terminal with this input. Returns the exit code and what the terminal shows.
fn at_a_terminal(folder: &Folder, fake: &Fake, typed: &str) -> (i32, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let open = || {
        let path = name.to_str().expect("a path");
        Stdio::from(
            File::options()
                .read(true)
                .write(true)
                .open(path)
                .expect("the terminal"),
        )
    };
    let url = fake.url();
    let mut command =
        folder.command(["run", "cast.csv", "--base-url", &url, "--rate", "unlimited"]);
    let mut child = command
        .stdin(open())
        .stdout(open())
        .stderr(open())
        .spawn()
        .expect("it starts");
    // The program holds the only other ends now: when it is gone, reading ends.
    drop(command);
    let mut terminal = File::from(master);
    terminal.write_all(typed.as_bytes()).expect("typed");
    let mut shown = Vec::new();
    let mut block = [0; 1024];
    while let Ok(read @ 1..) = terminal.read(&mut block) {
        shown.extend_from_slice(&block[..read]);
    }
    let status = child.wait().expect("it ends");
    (
        status.code().unwrap_or(-1),
        String::from_utf8_lossy(&shown).into_owned(),
    )
}

#[test]
fn at_a_terminal_one_enter_accepts_the_guess() {
    let (folder, fake) = (guessed(), Fake::telling());
    let (code, shown) = at_a_terminal(&folder, &fake, "\n");
    assert_eq!(code, 0, "{shown}");
    for words in [
        "description made from `Trade`, `Home`",
        "Trade: beekeeper",
        "2 requests to send",
        "Press Enter",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(fake.asked().len(), 2);
    let (code, shown) = at_a_terminal(&folder, &fake, "");
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("Press Enter"), "asked once: {shown}");
}

#[test]
fn at_a_terminal_n_ends_with_the_switches_to_use_and_nothing_is_sent() {
    let (folder, fake) = (guessed(), Fake::telling());
    let (code, shown) = at_a_terminal(&folder, &fake, "n\n");
    assert_eq!(code, 2, "{shown}");
    assert!(
        shown.contains("--description-column") && shown.contains("--template"),
        "{shown}"
    );
    assert_eq!(fake.asked().len(), 0);
    assert_eq!(folder.files(), ["cast.csv"]);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn an_unchanged_workbook_is_not_imported_again() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/crew.xlsx");
    folder.write("crew.xlsx", std::fs::read(sample).expect("a sample"));
    let run = |crash: &str| {
        let url = fake.url();
        let mut command = folder.command(["run", "crew.xlsx", "--base-url", &url]);
        command
            .args(["--rate", "unlimited"])
            .env("BACKSTORY_CRASH_AT", crash);
        finished(command.spawn().expect("it starts"))
    };
    assert_eq!(run("").code, 0);
    let asked = fake.asked().len();
    let again = run("importing:1");
    assert_eq!(
        (again.code, fake.asked().len()),
        (0, asked),
        "{}",
        again.err
    );
}
