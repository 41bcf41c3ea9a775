//! The command line: exit codes, refusals, and help that matches what the program does.

use crate::fake::Fake;
use crate::harness::{Folder, missing, sheet_of};
use std::collections::BTreeSet;
use std::process::Stdio;

/// What a refused command says; nothing was sent and no database made.
fn refused(folder: &Folder, line: &str) -> String {
    let before = folder.files();
    let ran = folder.run(line);
    assert_eq!(ran.code, 2, "{line}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "{line}");
    assert_eq!(folder.files(), before, "{line}");
    ran.err
}

#[test]
fn a_missing_api_key_is_reported_with_the_variable_and_the_demo_provider() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    let line = format!("run cast.csv --base-url {}", fake.url());
    let mut command = folder.command(line.split(' '));
    let output = command
        .env_remove("CONVAI_API_KEY")
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"
    error: no API key: `CONVAI_API_KEY` is not set
    hint: set CONVAI_API_KEY or pass `--key-file FILE`; `--provider demo` needs no key
    ");
    assert_eq!(
        (fake.asked().len(), folder.files()),
        (0, vec!["cast.csv".to_owned()])
    );
}

#[test]
fn a_key_file_is_read_and_one_without_a_key_is_refused() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    folder.write("key", "from-a-file\n");
    assert_eq!(folder.generate(&fake, "--key-file key").code, 0);
    assert_eq!(fake.asked()[0].headers["convai-api-key"], "from-a-file");
    for (bytes, says) in [
        ("", "is empty"),
        ("a b", "white space"),
        ("ключ", "characters that no API key has"),
    ] {
        folder.write("key", bytes);
        let ran = folder.generate(&fake, "--key-file key");
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

#[test]
fn a_sheet_with_faults_is_refused_and_all_of_them_are_listed() {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "name,description,age\nMindy,Lawyer,41\nZoë,Keeper\n ,Smith,3\nÅsa,,5\nBo,Cook,1,2\n",
    );
    insta::assert_snapshot!(refused(&folder, "run cast.csv --provider demo"), @"
    error: cannot read `cast.csv`: 3 faults
      line 4 has no name
      line 5 has no description
      line 6 has 4 fields, expected 3
    hint: give every character a name, or delete the row; describe the character, or delete the row; `--template` makes the description from other columns; put fields that contain commas in quotes
    ");
}

#[test]
fn a_sheet_without_characters_or_without_the_columns_is_refused() {
    let folder = Folder::new();
    for (sheet, says) in [
        ("", "no characters"),
        ("name,description\n", "no characters"),
        ("name,about\nMindy,Lawyer\n", "description"),
        ("title,description\nMindy,Lawyer\n", "name"),
    ] {
        folder.write("cast.csv", sheet);
        let words = refused(&folder, "run cast.csv --provider demo");
        assert!(words.contains(says), "{words}");
    }
    assert!(refused(&folder, "run nowhere.csv --provider demo").contains("nowhere.csv"));
}

#[test]
fn a_duplicate_row_key_is_refused_with_both_lines() {
    let folder = Folder::with_sheet("id,name,description\na,Ada,x\nb,Bo,y\na,Cy,z\n");
    insta::assert_snapshot!(refused(&folder, "run cast.csv --provider demo --key-column id"), @"
    error: cannot read `cast.csv`: line 4 has the row key `a`, which line 2 already has
    hint: give each row its own row key; `--key-column` chooses another column, `--no-key` uses none
    ");
}

#[test]
fn an_invalid_number_or_pace_is_refused_with_the_allowed_form() {
    let folder = Folder::with_sheet(&sheet_of(1));
    for (line, says) in [
        ("run cast.csv --rate 0/s", "N/min"),
        ("run cast.csv --rate abc", "N/min"),
        ("run cast.csv --concurrency 0", "0"),
        ("run cast.csv --max-attempts 0", "0"),
        ("run cast.csv --idle-timeout 5", "90s"),
        ("run cast.csv --patience 500000000000y", "at most a year"),
        ("run cast.csv --limit -1", "at least 0"),
        ("run cast.csv --provider hal", "convai"),
        ("run", "SHEET"),
        ("run .", "`.` is a folder"),
        ("frobnicate", "unrecognized"),
        (
            "run cast.csv --provider demo --base-url http://127.0.0.1:1",
            "no address",
        ),
    ] {
        let words = refused(&folder, line);
        assert!(words.contains(says), "{line}: {words}");
    }
}

#[test]
fn an_address_for_a_cast_that_remembers_the_demo_is_refused_with_the_providers_to_choose() {
    let folder = Folder::with_sheet(&sheet_of(1));
    assert_eq!(folder.run("run cast.csv --provider demo").code, 0);
    let ran = folder.run("run cast.csv --base-url http://127.0.0.1:1");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err
            .contains("the cast remembers `--provider demo`, which has no address")
            && ran.err.contains("add `--provider convai`"),
        "{}",
        ran.err
    );
}

#[test]
fn commands_that_need_a_cast_say_so_and_make_no_file() {
    let folder = Folder::new();
    for line in [
        "status",
        "list",
        "show Mindy",
        "query select+1",
        "resume",
        "export",
    ] {
        let words = refused(&folder, line);
        assert!(
            words.contains("`backstory.db` does not exist yet"),
            "{line}: {words}"
        );
    }
    folder.write("backstory.db", "");
    assert!(refused(&folder, "status").contains("`backstory.db` holds no cast yet"));
}

#[test]
fn a_file_of_another_program_is_not_changed() {
    let folder = Folder::with_sheet(&sheet_of(1));
    folder.write(
        "backstory.db",
        "this is not a database but a text, and longer than a page header. ".repeat(9),
    );
    let before = folder.read("backstory.db");
    for line in ["status", "run cast.csv --provider demo"] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 3, "{line}: {}", ran.err);
        assert!(
            ran.err.contains("is not a database of backstory"),
            "{}",
            ran.err
        );
    }
    assert_eq!(
        (folder.read("backstory.db"), folder.files().len()),
        (before, 2)
    );
}

#[test]
fn the_database_is_readable_only_by_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_sheet(&sheet_of(1));
    assert_eq!(folder.run("run cast.csv --provider demo").code, 0);
    let mode = std::fs::metadata(folder.path("backstory.db"))
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        folder.files(),
        ["backstory.db", "backstory.db.lock", "cast.csv"],
        "no log is left behind"
    );
}

#[test]
fn a_closed_output_pipe_is_not_an_error() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3_000)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--max-requests 1").code, 4);
    for line in [
        "list",
        "list --json",
        "export",
        "search name",
        "search name --json",
        "query select+*+from+results",
    ] {
        let args: Vec<String> = line.split(' ').map(|word| word.replace('+', " ")).collect();
        let mut child = folder
            .command(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let ran = crate::harness::finished(child);
        assert_eq!((ran.code, ran.err), (0, String::new()), "{line}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_reported() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        return missing("`/dev/full`");
    };
    for line in ["status", "list", "show #1", "export", "plan cast.csv"] {
        let mut command = folder.command(line.split(' '));
        let output = command
            .stdout(full.try_clone().expect("a file"))
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(3), "{line}");
        assert!(!output.stderr.is_empty(), "{line}");
    }
}

#[test]
fn a_file_name_that_is_not_valid_utf_8_is_accepted() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, fake) = (Folder::new(), Fake::telling());
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.csv");
    if std::fs::write(folder.path(".").join(name), sheet_of(1)).is_err() {
        return missing("file system with names that are no text");
    }
    let url = fake.url();
    let mut args: Vec<&std::ffi::OsStr> = [
        "run",
        "--cast",
        "x",
        "--rate",
        "unlimited",
        "--base-url",
        &url,
    ]
    .map(AsRef::as_ref)
    .into();
    args.push(name);
    assert_eq!(folder.run_args(args).code, 0);
}

/// All commands but `help`.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.run("--help");
    assert_eq!(help.code, 0);
    let commands = help.out.split("Options:").next().expect("commands");
    let commands: Vec<String> = commands
        .lines()
        .skip_while(|line| *line != "Commands:")
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .map(str::to_owned)
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    commands
}

#[test]
fn the_help_of_each_command_has_an_example() {
    let folder = Folder::new();
    for command in commands(&folder) {
        let help = folder.run(&format!("{command} --help"));
        assert!(
            help.out.contains("Examples:"),
            "{command} teaches by an example"
        );
    }
}

/// The names of switches in a text.
fn switches(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.starts_with("--") && !word.ends_with('-'))
        .collect()
}

#[test]
fn the_readme_shows_every_command_and_names_only_switches_that_exist() {
    let folder = Folder::new();
    let mut help = String::new();
    for command in commands(&folder) {
        help += &folder.run(&format!("help {command}")).out;
    }
    for subcommand in ["forget", "copy"] {
        help += &folder.run(&format!("help casts {subcommand}")).out;
    }
    let known = switches(&help);
    let readme = include_str!("../../../README.md");
    for text in [readme, include_str!("../../../src/cli/commands/manual.txt")] {
        let named = switches(text);
        assert!(named.len() > 10, "{named:?}");
        // Those of cargo are not ours.
        let unknown = named
            .difference(&known)
            .filter(|switch| !["--release", "--path"].contains(switch));
        assert_eq!(unknown.collect::<Vec<_>>(), [&""; 0]);
    }
    let named: BTreeSet<&str> = ["`backstory ", "\nbackstory "]
        .into_iter()
        .flat_map(|before| readme.split(before).skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next())
        .filter(|word| !["", "help"].contains(word))
        .collect();
    let existing = commands(&folder);
    assert_eq!(named, existing.iter().map(String::as_str).collect());
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    for (line, title) in [
        ("man", ".TH backstory 1"),
        ("man run", ".TH backstory-run 1"),
        ("man casts forget", ".TH backstory-casts-forget 1"),
        ("man", ".SH \"WHEN SOMETHING FAILS\""),
        ("man", ".SH \"EXIT STATUS\""),
        ("man query", ".SH \"THE VIEWS\""),
        ("man run", ".SH EXAMPLES"),
    ] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(title), "{line}: {}", ran.out);
    }
    assert!(refused(&folder, "man casts lose").contains("`casts lose`"));
}

#[test]
fn the_time_of_events_never_goes_back() {
    let folder = Folder::with_sheet(&crate::harness::sheet_of(3));
    let ran = folder.run("run cast.csv --provider demo --progress json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let times: Vec<u64> = ran
        .err
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            event["elapsed_ms"].as_u64().expect("a number")
        })
        .collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn completions_offer_the_values_of_a_switch() {
    let folder = Folder::new();
    let script = folder.run("completions bash").out;
    for words in [
        "convai openai demo",
        "second third",
        "refusal thoughts meta",
        "refused_row unknown bad_text",
        "run plan resume status",
    ] {
        assert!(script.contains(&format!("\"{words}")), "{words}");
    }
}
