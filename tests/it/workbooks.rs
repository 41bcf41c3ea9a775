//! What the cells of a workbook hold, as the program that made it shows them.
//!
//! The files of `fixtures/cases` were made by programs that people use. What those do not write is built here from XML.

use std::io::{Cursor, Write};
use std::path::Path;

use backstory::sheet::{Options, Problem, Sheet, SheetError, Source};
use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

/// What stands in each part of an archive.
type Parts = Vec<(&'static str, Vec<u8>)>;

fn case(name: &str) -> Source {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cases");
    Source::File(folder.join(name))
}

fn template(text: &str) -> Options {
    Options {
        template: Some(text.to_owned()),
        ..Options::default()
    }
}

/// The cells of each row with its line, or the fault that stands in its place.
fn read(source: &Source, options: &Options) -> Result<Vec<String>, SheetError> {
    let rows = Sheet::open(source, options)?.map(|row| match row {
        Ok(row) => format!("{} {:?}", row.line, row.cells),
        Err(fault) => fault.to_string(),
    });
    Ok(rows.collect())
}

fn rows(source: &Source, options: &Options) -> Vec<String> {
    read(source, options).expect("a sheet")
}

fn descriptions(source: &Source, options: &Options) -> Vec<String> {
    let sheet = Sheet::open(source, options).expect("a sheet");
    sheet.map(|row| row.expect("a row").description).collect()
}

// ------------------------------------------------------------------------------------------------------ files of programs

#[test]
fn a_formula_without_a_result_is_a_fault_where_it_is_read() {
    let file = case("xlsx-formula-without-stored-result-in-template.xlsx");
    assert_eq!(
        rows(&file, &template("{{ role }} in {{ city }}"))[0],
        "line 2 has a formula without a result in column `city`"
    );
    let file = case("xlsx-formula-without-stored-result-in-description.xlsx");
    assert_eq!(
        rows(&file, &Options::default())[0],
        "line 2 has a formula without a result in column `description`"
    );
}

#[test]
fn a_formula_that_failed_in_a_binary_workbook_is_a_fault() {
    let file = case("xlsb-formula-that-failed.xlsb");
    assert_eq!(
        rows(&file, &template("{{ role }} in {{ city }}"))[0],
        "line 2 has the error value #REF! in column `city`"
    );
}

#[test]
fn numbers_are_sent_as_they_are_shown() {
    let text = "agent {{ agent }}, {{ share }} of {{ fee }}, {{ level }}";
    assert_eq!(
        descriptions(&case("xlsx-number-formats.xlsx"), &template(text)),
        ["agent 007, 50% of $1,200, Level 3"]
    );
}

#[test]
fn the_value_of_a_merged_cell_counts_in_all_its_rows() {
    let text = "{{ role }} of house {{ house }}";
    assert_eq!(
        descriptions(&case("xlsx-merged-house.xlsx"), &template(text)),
        [
            "baker of house Moor and Finch",
            "clockmaker of house Moor and Finch",
            "sailmaker of house Dell"
        ]
    );
}

#[test]
fn an_error_value_of_a_newer_excel_is_one_like_others() {
    let file = case("xlsx-spill-error-in-another-column.xlsx");
    assert_eq!(descriptions(&file, &Options::default()), ["Bakes bread"]);
    assert_eq!(
        rows(&file, &template("{{ city }}")),
        ["line 2 has the error value #SPILL! in column `city`"]
    );
}

#[test]
fn each_sheet_of_a_workbook_can_be_chosen() {
    for (file, sheet, first) in [
        (
            "xlsx-two-acts.xlsx",
            "Act 1",
            "2 [\"Ada Moor\", \"Bakes bread\"]",
        ),
        (
            "xlsx-two-acts.xlsx",
            "Act 2",
            "2 [\"Bo Finch\", \"Bakes bread\"]",
        ),
        (
            "xlsx-legend-sheet-first.xlsx",
            "Cast",
            "2 [\"Ada Moor\", \"Bakes bread\"]",
        ),
        (
            "xlsx-empty-form-sheet-first.xlsx",
            "Cast",
            "2 [\"Ada Moor\", \"Bakes bread\"]",
        ),
    ] {
        let options = Options {
            sheet: Some(sheet.to_owned()),
            ..Options::default()
        };
        assert_eq!(rows(&case(file), &options)[0], first, "{file}");
    }
}
