//! Small sheets, each an example of a kind that users have, and the correct result for it.
//!
//! They are in `tests/it/fixtures/cases/`. Each is passed to the program as a user would pass it.

use serde_json::Value;

use crate::harness::{Folder, Ran};

/// A folder with one of the sheets in it.
fn with(name: &str) -> Folder {
    let folder = Folder::new();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/fixtures/cases")
        .join(name);
    folder.write(name, std::fs::read(path).expect("a fixture"));
    folder
}

fn plan(name: &str, switches: &[&str]) -> Ran {
    let args = ["plan", name, "--provider", "demo", "--json"];
    with(name).run_args(args.iter().chain(switches))
}

/// `plan --json`, which must do.
fn planned(name: &str, switches: &[&str]) -> Value {
    let ran = plan(name, switches);
    assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Name and description of all characters, once the sheet is imported.
fn imported(name: &str, switches: &[&str]) -> Vec<(String, String)> {
    let folder = with(name);
    let args = ["run", name, "--provider", "demo", "--limit", "0", "--yes"];
    let ran = folder.run_args(args.iter().chain(switches));
    assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    let listed = folder.run("list --json");
    let text = |line: &Value, field: &str| line[field].as_str().expect("text").to_owned();
    let lines = listed
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .map(|line| (text(&line, "name"), text(&line, "description")))
        .collect()
}

/// Sheets that are read: switches, names with descriptions, the columns that were found, what is a guess, and the number of notes.
struct Read {
    sheet: &'static str,
    switches: &'static [&'static str],
    characters: &'static [(&'static str, &'static str)],
    name_from: &'static [&'static str],
    guessed: bool,
    notes: usize,
}

const ADA: (&str, &str) = ("Ada Moor", "Bakes bread");
const BO: (&str, &str) = ("Bo Finch", "Fixes clocks");
const CY: (&str, &str) = ("Cy Dell", "Sews sails");

const fn plain(
    sheet: &'static str,
    characters: &'static [(&'static str, &'static str)],
    notes: usize,
) -> Read {
    Read {
        sheet,
        switches: &[],
        characters,
        name_from: &["name"],
        guessed: false,
        notes,
    }
}

const fn named(sheet: &'static str, name_from: &'static [&'static str]) -> Read {
    Read {
        name_from,
        ..plain(sheet, &[ADA], 0)
    }
}

const READ: &[Read] = &[
    named("csv-header-character-name.csv", &["Character Name"]),
    named("csv-header-full-name.csv", &["Full Name"]),
    named("csv-header-nombre.csv", &["Nombre"]),
    named("csv-header-japanese.csv", &["名前"]),
    Read {
        guessed: true,
        characters: &[("Ada Moor", "Occupation: Bakes bread\nHome: Leeds")],
        ..named("csv-header-neither.csv", &["Character Name"])
    },
    Read {
        guessed: true,
        characters: &[
            ("Ada Moor", "role: baker\ncity: Leeds"),
            ("Bo Finch", "role: clockmaker\ncity: York"),
        ],
        ..named("csv-role-and-city.csv", &["name"])
    },
    Read {
        guessed: true,
        characters: &[ADA, BO, CY],
        ..named("csv-no-header-two-columns.csv", &["A"])
    },
    Read {
        switches: &["--no-header"],
        guessed: true,
        characters: &[ADA, BO, CY],
        ..named("csv-no-header-two-columns.csv", &["A"])
    },
    Read {
        guessed: true,
        characters: &[
            ("Ada Moor", "Ada Moor"),
            ("Bo Finch", "Bo Finch"),
            ("Cy Dell", "Cy Dell"),
        ],
        ..named("csv-names-only-no-header.csv", &["A"])
    },
    plain("csv-title-row.csv", &[ADA], 1),
    plain("csv-two-notes-columns.csv", &[ADA], 1),
    plain("csv-zero-width-space-in-header.csv", &[ADA], 0),
    plain("csv-two-byte-order-marks.csv", &[ADA], 0),
    plain("csv-space-before-quotes.csv", &[ADA, BO], 0),
    plain(
        "csv-space-before-quotes-also-in-header.csv",
        &[("Ada Moor", "Bakes bread, sells it"), BO],
        0,
    ),
    plain("csv-trailing-comma-in-rows-only.csv", &[ADA, BO], 0),
    plain("csv-last-empty-cells-left-out.csv", &[ADA, BO], 1),
    plain("csv-id-is-not-a-key.csv", &[ADA, BO, CY], 1),
    plain(
        "csv-key-is-a-musical-key.csv",
        &[("Ada Moor", "Sings alto"), ("Bo Finch", "Sings bass")],
        1,
    ),
    plain(
        "csv-apostrophe-before-minus.csv",
        &[("Ada Moor", "'-tis- she says")],
        0,
    ),
    plain("csv-own-status-column.csv", &[ADA, BO], 1),
    plain("md-table.md", &[ADA], 0),
    Read {
        switches: &["--encoding", "iso-2022-jp"],
        ..plain("csv-iso-2022-jp.csv", &[("山田花子", "京都のパン屋")], 0)
    },
    Read {
        switches: &["--encoding", "macintosh"],
        ..plain(
            "csv-mac-roman-lf.csv",
            &[("Ada Moor", "It’s her mother’s bakery – she can’t leave")],
            0,
        )
    },
    Read {
        switches: &["--encoding", "windows-1252"],
        ..plain("csv-windows-1252.csv", &[("Zoé Moor", "Bakes bread")], 0)
    },
    Read {
        switches: &["--delimiter", "^"],
        ..plain("csv-caret.csv", &[ADA], 0)
    },
];

#[test]
fn each_example_sheet_is_read_as_a_person_sees_it() {
    for Read {
        sheet,
        switches,
        characters,
        name_from,
        guessed,
        notes,
    } in READ
    {
        let plan = planned(sheet, switches);
        assert_eq!(plan["name_from"], serde_json::json!(name_from), "{sheet}");
        assert_eq!(plan["guessed"], *guessed, "{sheet}");
        assert_eq!(
            plan["notes"].as_array().map(Vec::len),
            Some(*notes),
            "{sheet}: {}",
            plan["notes"]
        );
        assert_eq!(plan["first_description"], characters[0].1, "{sheet}");
        let found = imported(sheet, switches);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(found, *characters, "{sheet}");
    }
}

/// Sheets that are refused: switches, the message, and what the hint names.
const REFUSED: &[(&str, &[&str], &str, &str)] = &[
    (
        "csv-caret.csv",
        &[],
        "no column for the name",
        "--delimiter",
    ),
    (
        "csv-fullwidth-commas.csv",
        &[],
        "no column for the name",
        "`，` seems to separate the cells",
    ),
    (
        "csv-error-text-of-german-excel.csv",
        &[],
        "line 2 has the error value #BEZUG! in column `description`",
        "correct the formula",
    ),
    (
        "csv-error-text-of-google-sheets.csv",
        &[],
        "line 3 has the error value Loading... in column `description`",
        "correct the formula",
    ),
    (
        "csv-some-without-description.csv",
        &[],
        "lines 3 to 4 have no description",
        "--template",
    ),
    (
        "csv-role-and-city.csv",
        &["--template", "role, city"],
        "the template uses no column",
        "--template '{{ role }}, {{ city }}'",
    ),
    (
        "csv-iso-2022-jp.csv",
        &[],
        "line 2, position 1: byte 1B is not UTF-8",
        "`山田花子`, add `--encoding iso-2022-jp`",
    ),
    (
        "csv-mac-roman-lf.csv",
        &[],
        "line 2, position 12",
        "`It’s`, add `--encoding macintosh`",
    ),
    (
        "csv-windows-1252-nbsp-alone.csv",
        &[],
        "line 3, position 10",
        "`\\u{a0}`, add `--encoding windows-1252`",
    ),
    (
        "html-table.xls",
        &[],
        "it is a web page (HTML)",
        "save the table as .xlsx or .csv",
    ),
    (
        "sign-in-page.csv",
        &[],
        "it is a web page that asks to sign in",
        "sign in with a browser",
    ),
    (
        "characters.json.csv",
        &[],
        "it is JSON",
        "convert it to CSV",
    ),
    (
        "cast.numbers",
        &[],
        "it is a sheet of Apple Numbers",
        "File > Export To",
    ),
];

#[test]
fn each_refused_example_sheet_has_a_hint() {
    for (sheet, switches, words, hint) in REFUSED {
        let ran = plan(sheet, switches);
        assert_eq!(ran.code, 2, "{sheet}: {}{}", ran.out, ran.err);
        let (said, advice) = ran
            .err
            .split_once("hint: ")
            .unwrap_or_else(|| panic!("{sheet} has no hint: {}", ran.err));
        assert!(said.contains(words), "{sheet}: {said}");
        assert!(advice.contains(hint), "{sheet}: {advice}");
    }
}

#[test]
fn switches_that_use_a_character_as_the_header_need_a_confirmation() {
    let switches = [
        "--name-column",
        "Ada Moor",
        "--description-column",
        "Bakes bread",
    ];
    let folder = with("csv-no-header-two-columns.csv");
    let args = ["run", "csv-no-header-two-columns.csv", "--provider", "demo"];
    let ran = folder.run_args(args.iter().chain(&switches));
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err.contains("looks like a character") && ran.err.contains("--no-header"),
        "{}",
        ran.err
    );
}

#[test]
fn the_users_own_columns_are_kept_in_an_export() {
    let folder = with("csv-own-status-column.csv");
    assert_eq!(
        folder
            .run("run csv-own-status-column.csv --provider demo --limit 0")
            .code,
        0
    );
    let exported = folder.run("export");
    let mut lines = exported.out.trim_start_matches('\u{feff}').lines();
    assert_eq!(
        lines.next(),
        Some("name,description,status,error,backstory,backstory (2),status (2),error (2)")
    );
    assert_eq!(
        lines.next(),
        Some("Ada Moor,Bakes bread,alive,none,Born in a mill.,,pending,")
    );
    // Read again, ours are known as ours.
    folder.write("again.csv", &exported.out);
    let again = folder.run("plan again.csv --provider demo --json --cast csv-own-status-column");
    let again: Value = serde_json::from_str(&again.out).expect("JSON");
    assert_eq!(again["unchanged"], 2, "{again}");
}

#[test]
fn equal_headers_are_numbered_where_a_made_description_has_them_all() {
    let folder = Folder::new();
    let sheet = "Hero,Sound,Smell,Sound\nAda,loud,bread,ticking\nBo,soft,tar,humming\n";
    folder.write("cast.csv", sheet);
    let ran = folder.run("run cast.csv --provider demo --yes");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = folder.run("show Ada --json");
    let first: Value = serde_json::from_str(&first.out).expect("JSON");
    assert_eq!(
        first["description"],
        "Sound: loud\nSmell: bread\nSound (2): ticking"
    );
    // The cast remembers how its descriptions are made, also of the column that another equals.
    folder.write("cast.csv", format!("{sheet}Cy,shrill,soap,ringing\n"));
    let ran = folder.run("run cast.csv --provider demo");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(folder.run("list").out.lines().count(), 3);
}

#[test]
fn a_row_with_nothing_but_a_name_and_a_number_is_noted_where_the_description_is_made() {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "#uid,name,town,trade\nch01,Ada,Ulm,baker\nch02,Bo,Graz,smith\nch03,Cy,,\n",
    );
    let ran = folder.run("plan cast.csv --provider demo");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let note = "note: line 4 has a name, but nothing to describe the character; not read";
    assert!(ran.err.contains(note), "{}", ran.err);
}
