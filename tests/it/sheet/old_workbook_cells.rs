//! Cells of `.ods` and `.xls` workbooks are read as the program that made them shows them.
//!
//! The files of `fixtures/cases` are small examples of what other programs write. The parsing of each format is tested
//! in its reader.

use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;

use backstory::facade::sheet::{Options, Sheet, SheetError, Source};

fn case(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cases");
    folder.join(name)
}

fn template(text: &str) -> Options {
    Options {
        template: Some(text.to_owned()),
        ..Options::default()
    }
}

/// The name and the description of each row with its line, or the fault of that row.
fn read(name: &str, options: &Options) -> Result<Vec<String>, SheetError> {
    let rows = Sheet::open(&Source::File(case(name)), options)?.map(|row| match row {
        Ok(row) => format!("{} {}: {}", row.line, row.name, row.description),
        Err(fault) => fault.to_string(),
    });
    Ok(rows.collect())
}

#[test]
fn cells_of_old_workbooks_are_what_a_person_sees() {
    let default = Options::default();
    for (name, options, rows) in [
        (
            "ods-blank-in-the-last-row.ods",
            &default,
            &["2 Ada Moor: Bakes bread"][..],
        ),
        // Excel writes the value 0 beside the text of a failed formula.
        (
            "ods-error-cell-as-excel-saves-it.ods",
            &default,
            &[
                "line 2 has the error value #REF! in column `description`",
                "3 Bo Finch: Fixes clocks",
            ],
        ),
        (
            "ods-error-cell-as-excel-saves-it.ods",
            &template("{{ city }}"),
            &[
                "2 Ada Moor: Leeds",
                "line 3 has the error value #DIV/0! in column `city`",
            ],
        ),
        (
            "ods-indented-xml.ods",
            &default,
            &["2 Ada Moor: Bakes bread"],
        ),
        (
            "ods-text-without-value-type.ods",
            &template("{{ description }} in {{ city }}"),
            &["2 Ada Moor: Bakes bread in Leeds"],
        ),
        (
            "xls-formula-in-older-record.xls",
            &template("{{ role }}, aged {{ age }}"),
            &[
                "2 Ada Moor: baker, aged 31",
                "3 Bo Finch: clockmaker, aged 40",
            ],
        ),
        (
            "xls-label-cells-codepage-1252.xls",
            &default,
            &["2 Ada Moor: Bakes bread", "3 Bo Finch: Fixes clocks"],
        ),
    ] {
        let found = read(name, options).expect("a sheet");
        assert_eq!(found, rows, "{name}");
    }
}

#[test]
fn a_container_whose_tables_form_a_cycle_is_damaged() {
    let refusal = read("xls-directory-chain-in-a-circle.xls", &Options::default());
    let refusal = refusal.expect_err("a refusal");
    assert!(
        matches!(&refusal, SheetError::BrokenWorkbook { reason, .. } if reason == "it is damaged"),
        "{refusal}"
    );
}

/// The whole program, with so little memory that a file which is given room for what it claims would end it.
#[cfg(unix)]
#[test]
fn a_file_that_claims_to_be_large_takes_little_memory() {
    for (name, code) in [
        ("ods-blank-in-the-last-row.ods", 0),
        ("xls-directory-chain-in-a-circle.xls", 2),
    ] {
        let ran = Command::new("sh")
            .arg("-c")
            .arg("ulimit -v 400000; exec \"$0\" plan \"$1\" --provider demo")
            .arg(env!("CARGO_BIN_EXE_backstory"))
            .arg(case(name))
            .output()
            .expect("a shell");
        let words = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{name}: {words}");
    }
}
