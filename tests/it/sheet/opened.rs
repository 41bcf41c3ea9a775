//! Opens sheets with the library, for tests of what is read and what is refused.

use backstory::facade::domain::row::Row;
use backstory::facade::sheet::{Options, Sheet, SheetError, Source};
use std::io::Cursor;
use std::path::Path;

pub(super) fn fixture(name: &str) -> Source {
    Source::File(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/it/fixtures")
            .join(name),
    )
}

pub(super) fn sample(name: &str) -> Source {
    Source::File(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples")
            .join(name),
    )
}

pub(super) fn bytes_of(source: &Source) -> Vec<u8> {
    std::fs::read(source.to_string()).expect("a fixture")
}

pub(super) fn open_text(bytes: impl AsRef<[u8]>, options: &Options) -> Result<Sheet, SheetError> {
    let source = Source::File("cast.csv".into());
    Sheet::open_reader(&source, Cursor::new(bytes.as_ref().to_vec()), options)
}

/// All rows, or the refusal.
pub(super) fn read(mut sheet: Sheet) -> Result<Vec<Row>, SheetError> {
    let mut rows = Vec::new();
    while let Some(row) = sheet.next() {
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => return Err(sheet.refuse(fault)),
        }
    }
    Ok(rows)
}

pub(super) fn rows(bytes: impl AsRef<[u8]>, options: &Options) -> Vec<Row> {
    let read = open_text(bytes, options).and_then(read);
    read.unwrap_or_else(|err| panic!("{}", said(&err)))
}

pub(super) fn rows_of(source: &Source, options: &Options) -> Vec<Row> {
    let read = Sheet::open(source, options).and_then(read);
    read.unwrap_or_else(|err| panic!("{}", said(&err)))
}

/// The message and the hint, as the command line prints them.
pub(super) fn said(err: &SheetError) -> String {
    let out = backstory::cli::sheet_failure(err).to_string();
    out.replace(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/"),
        "",
    )
}

pub(super) fn refusal(bytes: impl AsRef<[u8]>, options: &Options) -> String {
    said(
        &open_text(bytes, options)
            .and_then(read)
            .expect_err("a refusal"),
    )
}

pub(super) fn refused(bytes: impl AsRef<[u8]>) -> String {
    refusal(bytes, &Options::default())
}

pub(super) fn refusal_of(source: &Source, options: &Options) -> String {
    said(
        &Sheet::open(source, options)
            .and_then(read)
            .expect_err("a refusal"),
    )
}

pub(super) fn with(set: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    set(&mut options);
    options
}

pub(super) fn template(text: &str) -> Options {
    with(|options| options.template = Some(text.to_owned()))
}

/// What matters of a row, on one line.
pub(super) fn brief(rows: &[Row]) -> String {
    let lines = rows
        .iter()
        .map(|row| format!("{} #{} {:?}", row.line, row.number, row.cells));
    lines.collect::<Vec<_>>().join("\n")
}
