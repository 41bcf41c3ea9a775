//! Whole spreadsheets, made here.

use std::fs::File;
use std::io::Write;

use zip::write::{SimpleFileOptions, ZipWriter};

use super::super::read_back::{pairs, rows};
use super::*;

/// Bytes that a table of these tests may take.
const BYTES_MAX: u64 = 1_000_000;

/// A spreadsheet of these parts, which are stored and not packed.
fn archive(parts: &[(&str, &[u8])]) -> File {
    let mut writer = ZipWriter::new(tempfile::tempfile().expect("a file"));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        writer.start_file(*name, stored).expect("begun");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("finished")
}

fn open(parts: &[(&str, &[u8])]) -> Result<Ods, Trouble> {
    Ods::open(archive(parts), 1000, BYTES_MAX)
}

fn open_content(content: &str) -> Result<Ods, Trouble> {
    open(&[(CONTENT, content.as_bytes())])
}

/// The content of a spreadsheet with these styles and these tables.
fn content(styles: &str, tables: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<office:document-content>\
         <office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>\
         </office:document-content>"
    )
}

/// The rows of the first table with these rows in it.
fn read(table: &str) -> Result<Vec<(u64, String)>, Trouble> {
    let table = format!("<table:table table:name='Cast'>{table}</table:table>");
    Ok(rows(open_content(&content("", &table))?.read(0)?))
}

/// A row of cells with these texts; `-` is an empty one.
fn row(attributes: &str, cells: &str) -> String {
    let cells = cells.split(' ').map(|text| match text {
        "-" => "<table:table-cell/>".to_owned(),
        text => format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>"),
    });
    let cells: String = cells.collect();
    format!("<table:table-row {attributes}>{cells}</table:table-row>")
}

#[test]
fn rows_and_columns_that_are_repeated_keep_their_places() {
    let table = [
        row("table:number-rows-repeated='2'", "a b"),
        row("table:number-rows-repeated='1000000'", "-"),
        "<table:table-row><table:table-cell table:number-columns-repeated='2'/>\
         <table:table-cell table:number-columns-repeated='2'><text:p>c</text:p></table:table-cell>\
         <table:table-cell table:number-columns-repeated='16000'/></table:table-row>"
            .to_owned(),
    ]
    .concat();
    let expected = pairs(&[(1, "a|b"), (2, "a|b"), (1_000_003, "||c|c")]);
    assert!(read(&table).is_ok_and(|rows| rows == expected));
}

#[test]
fn groups_of_rows_and_white_space_between_elements_are_nothing() {
    let table = format!(
        "\n <table:table-header-rows>\n {} </table:table-header-rows>\n\
         <table:table-row-group><table:table-row-group>{}</table:table-row-group></table:table-row-group>\n\
         <table:shapes><table:table-row/></table:shapes>{}",
        row("", "a"),
        row("", "b"),
        row("", "c")
    );
    let expected = pairs(&[(1, "a"), (2, "b"), (3, "c")]);
    assert!(read(&table).is_ok_and(|rows| rows == expected));
}

#[test]
fn a_merged_cell_counts_in_all_its_rows_and_hides_what_it_covers() {
    let table = "<table:table-row><table:table-cell table:number-rows-spanned='2' \
         table:number-columns-spanned='2'><text:p>Moor</text:p></table:table-cell>\
         <table:covered-table-cell><text:p>x</text:p></table:covered-table-cell>\
         <table:table-cell><text:p>Ada</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:covered-table-cell table:number-columns-repeated='2'>\
         <text:p>y</text:p></table:covered-table-cell>\
         <table:table-cell><text:p>Bo</text:p></table:table-cell></table:table-row>";
    let expected = pairs(&[(1, "Moor||Ada"), (2, "Moor||Bo")]);
    assert!(read(table).is_ok_and(|rows| rows == expected));
}

#[test]
fn tables_are_listed_with_the_hidden_ones_and_each_can_be_read() {
    let styles = "<style:style style:name='ta1'><style:table-properties table:display='true'/></style:style>\
         <style:style style:name='ta2'><style:table-properties table:display='false'/></style:style>";
    let table = |name: &str, style: &str| {
        let row = row("", name.split(' ').next().unwrap_or(name));
        format!("<table:table table:name='{name}' table:style-name='{style}'>{row}</table:table>")
    };
    let tables = [
        table("Old", "ta2"),
        table("Cast", "ta1"),
        table("Act 2", "ta9"),
    ]
    .concat();
    let mut ods = open_content(&content(styles, &tables)).unwrap_or_else(|_| panic!("whole"));
    let tables = ods.sheets().iter();
    let tables: Vec<_> = tables
        .map(|table| (table.name.as_str(), table.visibility))
        .collect();
    let expected = [
        ("Old", Visibility::Hidden),
        ("Cast", Visibility::Visible),
        ("Act 2", Visibility::Visible),
    ];
    assert_eq!(tables, expected);
    for (index, name) in [(1, "Cast"), (0, "Old"), (1, "Cast"), (2, "Act")] {
        let grid = ods.read(index).unwrap_or_else(|_| panic!("{name}"));
        assert_eq!(rows(grid), pairs(&[(1, name)]));
    }
}

#[test]
fn a_table_that_cannot_be_read_does_not_lock_up_the_others() {
    let far = "<table:table table:name='Far'><table:table-row>\
         <table:table-cell table:number-columns-repeated='20000'/>\
         <table:table-cell><text:p>a</text:p></table:table-cell></table:table-row></table:table>";
    let near = format!(
        "<table:table table:name='Near'>{}</table:table>",
        row("", "b")
    );
    let mut ods =
        open_content(&content("", &[far, &near].concat())).unwrap_or_else(|_| panic!("listed"));
    assert!(matches!(ods.read(0), Err(Trouble::Broken(_))));
    assert!(
        ods.read(1)
            .is_ok_and(|grid| rows(grid) == pairs(&[(1, "b")]))
    );
}

#[test]
fn cells_that_are_repeated_without_end_are_refused_in_little_memory() {
    let cells = row("table:number-rows-repeated='4000000000'", "a");
    assert!(matches!(read(&cells), Err(Trouble::TooLarge)));
    let formulas = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell \
         table:formula='of:=1' table:number-columns-repeated='16384'/></table:table-row>";
    assert!(matches!(read(formulas), Err(Trouble::TooLarge)));
    let tables = "<table:table/>".repeat(20_000);
    assert!(matches!(
        open_content(&content("", &tables)),
        Err(Trouble::TooLarge)
    ));
}

#[test]
fn what_is_no_spreadsheet_is_refused() {
    let text = content("", "").replace("spreadsheet", "text");
    assert!(matches!(open_content(&text), Err(Trouble::Broken(_))));
    assert!(matches!(open_content("<a>"), Err(Trouble::Broken(_))));
    assert!(matches!(open(&[]), Err(Trouble::Broken(_))));
    let manifest = "<m:manifest >\
         <m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
    let encrypted = open(&[(MANIFEST, manifest.as_bytes()), (CONTENT, b"\x01\x02")]);
    assert!(matches!(encrypted, Err(Trouble::Locked)));
}

proptest::proptest! {
    #![proptest_config(property_config!())]
    /// Whatever stands in the content, reading it ends without a panic, within the bytes that it may take.
    #[test]
    fn damaged_content_is_read_or_refused(
        damage in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..8)
    ) {
        let table = [
            row("table:number-rows-repeated='3'", "a - b"),
            "<table:table-row><table:table-cell office:value-type='date' office:date-value='1985-03-01' \
             table:number-rows-spanned='2'><text:p>3/1/85<text:s text:c='2'/></text:p></table:table-cell>\
             </table:table-row>".to_owned(),
        ]
        .concat();
        let mut bytes = content("", &format!("<table:table table:name='Cast'>{table}</table:table>")).into_bytes();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(mut ods) = open(&[(CONTENT, &bytes)]) {
            for index in 0..ods.sheets().len() {
                let _ = ods.read(index).and_then(Grid::into_rows);
            }
        }
    }
}
