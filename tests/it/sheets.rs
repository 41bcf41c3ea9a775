//! Sheets as people have them: what comes out of them, and what is said when nothing can.
//!
//! The refusals are snapshots of what a person reads. Sheets written by other programs lie in `tests/it/fixtures/`, with the
//! script that made them.

use std::fmt::Write as _;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use backstory::domain::formula::neutralised;
use backstory::domain::row::Row;
use backstory::sheet::{
    CELL_MAX, Describe, Fault, HeaderLine, KeyColumn, Note, Options, Problem, Sheet, SheetError,
    Source,
};
use insta::assert_snapshot;
use proptest::prelude::*;

// ------------------------------------------------------------------------------------------------------------ harness

fn fixture(name: &str) -> Source {
    Source::File(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/it/fixtures")
            .join(name),
    )
}

fn sample(name: &str) -> Source {
    Source::File(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples")
            .join(name),
    )
}

fn bytes_of(source: &Source) -> Vec<u8> {
    std::fs::read(source.to_string()).expect("a fixture")
}

fn open_text(bytes: impl AsRef<[u8]>, options: &Options) -> Result<Sheet, SheetError> {
    let source = Source::File("cast.csv".into());
    Sheet::open_reader(&source, Cursor::new(bytes.as_ref().to_vec()), options)
}

/// All rows, or the refusal.
fn read(mut sheet: Sheet) -> Result<Vec<Row>, SheetError> {
    let mut rows = Vec::new();
    while let Some(row) = sheet.next() {
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => return Err(sheet.refuse(fault)),
        }
    }
    Ok(rows)
}

fn rows(bytes: impl AsRef<[u8]>, options: &Options) -> Vec<Row> {
    let read = open_text(bytes, options).and_then(read);
    read.unwrap_or_else(|err| panic!("{}", said(&err)))
}

fn rows_of(source: &Source, options: &Options) -> Vec<Row> {
    let read = Sheet::open(source, options).and_then(read);
    read.unwrap_or_else(|err| panic!("{}", said(&err)))
}

/// What a person reads, as the command line puts it.
fn said(err: &SheetError) -> String {
    let mut out = format!("error: {err}");
    let mut cause = std::error::Error::source(err);
    while let Some(err) = cause {
        let _ = write!(out, ": {err}");
        cause = err.source();
    }
    if let Some(hint) = backstory::cli::sheet_hint(err) {
        let _ = write!(out, "\nhint: {hint}");
    }
    out.replace(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/"),
        "",
    )
}

fn refusal(bytes: impl AsRef<[u8]>, options: &Options) -> String {
    said(
        &open_text(bytes, options)
            .and_then(read)
            .expect_err("a refusal"),
    )
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    refusal(bytes, &Options::default())
}

fn refusal_of(source: &Source, options: &Options) -> String {
    said(
        &Sheet::open(source, options)
            .and_then(read)
            .expect_err("a refusal"),
    )
}

fn with(set: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    set(&mut options);
    options
}

fn template(text: &str) -> Options {
    with(|options| options.template = Some(text.to_owned()))
}

// ------------------------------------------------------------------------------------------- refusals: rows and cells

#[test]
fn a_row_with_text_beyond_the_header_is_named_with_its_line() {
    let text = "id,name,bio,city\n1,Ada,a baker,Ulm\n\n\n\n\n2,Bo,a smith, of Graz,Graz\n";
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: line 7 has 5 fields, expected 4
    hint: put fields that contain commas in quotes
    ");
}

#[test]
fn all_faults_of_a_sheet_are_told_at_once() {
    let text = "id,name,bio\n1,Ada,a baker, really\n2,,a smith\n3,Cy\n,Di,a cook\n5,Ed,\n6,\"Fay\"x,a nun\n7, , \n";
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: 5 faults
      line 2 has 4 fields, expected 3
      line 3 has no name
      line 4 has no description
      line 6 has no description
      line 7 has text after a closing quote in column `name`
    hint: put fields that contain commas in quotes; give every character a name, or delete the row; describe the character, or delete the row; `--template` makes the description from other columns
    ");
}

#[test]
fn only_the_first_twenty_faults_are_told_one_by_one() {
    let text = format!("name,bio\n{}", "Ada\n".repeat(32));
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: lines 2 to 33 have no description
    hint: describe the character, or delete the row; `--template` makes the description from other columns
    ");
}

#[test]
fn a_quote_that_is_never_closed_is_named_with_its_line() {
    let text = "name,bio\nAda,a baker\nBo,\"a smith\nCy,a cook\nDi,a nun\n";
    assert_snapshot!(refused(text), @r#"
    error: cannot read `cast.csv`: line 3 opens a quote that is never closed
    hint: close it with another `"`
    "#);
    let text = "name,bio\n\"Two\nlines\",\"a \"\"smith\"\"\nCy\n";
    assert_snapshot!(refused(text), @r#"
    error: cannot read `cast.csv`: line 3 opens a quote that is never closed
    hint: close it with another `"`
    "#);
}

#[test]
fn a_quote_that_swallows_rows_until_another_one_is_named_with_its_line() {
    let text = "name,bio\nAda,\"a baker\nBo,a smith\nCy,\"a cook, who sings\"\nDi,a nun\n";
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: line 2 opens a quote that is still open at another quote on line 4
    hint: close the quote that line 2 opens
    ");
}

#[test]
fn text_after_a_closing_quote_is_refused() {
    assert_snapshot!(refused("name,bio\nAda,\"a \"baker\" by trade\"\n"), @r#"
    error: cannot read `cast.csv`: line 2 has text after a closing quote in column `bio`
    hint: write a quote inside quotes twice: `""`
    "#);
}

#[test]
fn a_row_that_would_be_paid_for_nothing_is_refused() {
    assert_snapshot!(refused("name,bio\nAda,\" \t\"\n"), @"
    error: cannot read `cast.csv`: line 2 has no description
    hint: describe the character, or delete the row; `--template` makes the description from other columns
    ");
    assert_snapshot!(refused("name,bio\n\u{a0}\u{200b},a baker\n"), @r"
    error: cannot read `cast.csv`: line 2 has no name
    hint: give every character a name, or delete the row
    ");
    let options = with(|options| options.key = KeyColumn::Named("key".into()));
    assert_snapshot!(refusal("key,name,bio\n ,Ada,a baker\n", &options), @"
    error: cannot read `cast.csv`: line 2 has no row key in column `key`
    hint: give every row a row key; `--key-column` chooses another column, `--no-key` uses none
    ");
}

#[test]
fn a_nul_is_refused() {
    assert_snapshot!(refused("name,bio\nAda,a\0baker\n"), @"
    error: cannot read `cast.csv`: line 2 has a NUL byte in column `bio`
    hint: remove the NUL byte, or save the sheet again as UTF-8
    ");
    assert_snapshot!(refused("name\0,bio\nAda,a baker\n"), @"
    error: cannot read `cast.csv`: line 1 has a NUL byte in column 1
    hint: remove the NUL byte, or save the sheet again as UTF-8
    ");
}

#[test]
fn a_cell_of_more_than_a_mebibyte_is_refused() {
    let text = format!("name,bio\nAda,{}\n", "x".repeat(CELL_MAX + 1));
    assert_snapshot!(refused(text), @r"
    error: cannot read `cast.csv`: line 2 has a cell of more than 1 MiB in column `bio`
    hint: look for a quote that is never closed
    ");
    let text = format!("name,bio\nAda,{}\n", "x".repeat(CELL_MAX));
    assert_eq!(rows(text, &Options::default()).len(), 1);
}

#[test]
fn a_cell_beside_the_table_is_not_dropped_in_silence() {
    assert_snapshot!(refused("name,bio,,\nAda,a baker,,\nBo,a smith,,ask Mia!\n"), @r"
    error: cannot read `cast.csv`: line 3 has a cell in column 4, which has no header
    hint: give column 4 a header, or empty the cell
    ");
}

#[test]
fn a_formula_that_failed_is_not_sent() {
    let text = "name,bio,age\nAda,#N/A,41\nBo,a smith,#REF!\n";
    assert_snapshot!(refused(text), @r"
    error: cannot read `cast.csv`: line 2 has the error value #N/A in column `bio`
    hint: correct the formula in the spreadsheet
    ");
    assert_snapshot!(refusal(text, &template("{{ name }} is {{ age }}")), @r"
    error: cannot read `cast.csv`: line 3 has the error value #REF! in column `age`
    hint: correct the formula in the spreadsheet
    ");
}

#[test]
fn a_key_that_stands_twice_is_told_with_both_lines() {
    let problem = Problem::DuplicateKey {
        key: "m-\u{1b}[1m".into(),
        first_line: 4,
    };
    let fault = Fault::at(9, problem);
    let err = SheetError::faults(&Source::Stdin, vec![fault], 0);
    assert_snapshot!(said(&err), @r"
    error: cannot read standard input: line 9 has the row key `m-\u{1b}[1m`, which line 4 already has
    hint: give each row its own row key; `--key-column` chooses another column, `--no-key` uses none
    ");
}

#[test]
fn what_a_file_holds_cannot_move_the_cursor_of_who_reads_the_message() {
    let text = "na\u{1b}[2Jme,b\u{202e}io\n1,2\n3,4\n";
    assert_snapshot!(refused(text), @r"
    error: `cast.csv` has no column for the name: its columns are `na\u{1b}[2Jme`, `b\u{202e}io`
    hint: choose it with `--name-column`; the cells of several columns are joined
    ");
}

// ---------------------------------------------------------------------------------------------- refusals: encodings

#[test]
fn windows_1252_is_refused_with_the_switch_that_reads_it() {
    assert_snapshot!(refusal_of(&fixture("excel-de.csv"), &Options::default()), @"
    error: cannot read `excel-de.csv`: line 2, position 2: byte F6 is not UTF-8
    hint: if it should read `Jörg`, add `--encoding windows-1252`
    ");
    assert_snapshot!(refusal_of(&fixture("excel-macintosh.csv"), &Options::default()), @"
    error: cannot read `excel-macintosh.csv`: line 2, position 2: byte 9A is not UTF-8
    hint: if it should read `Jörg`, add `--encoding macintosh`
    ");
    let mut text = b"name,bio\nAda,a baker\nBo,\"a smith,\nborn in K".to_vec();
    text.extend(b"\xF6ln\"\n");
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: line 4, position 10: byte F6 is not UTF-8
    hint: if it should read `Köln`, add `--encoding windows-1252`
    ");
}

#[test]
fn other_encodings_are_refused_with_the_switch_that_reads_them() {
    let (cyrillic, ..) =
        encoding_rs::WINDOWS_1251.encode("name,bio\nМария Ивановна,кузнец из далёкого города\n");
    assert_snapshot!(refused(&cyrillic), @"
    error: cannot read `cast.csv`: line 2, position 1: byte CC is not UTF-8
    hint: if it should read `Мария`, add `--encoding windows-1251`
    ");
    let (japanese, ..) =
        encoding_rs::SHIFT_JIS.encode("name,bio\n花子,静かな村の鍛冶屋。歌が好き。\n");
    assert_snapshot!(refused(&japanese), @"
    error: cannot read `cast.csv`: line 2, position 1: byte 89 is not UTF-8
    hint: if it should read `花子`, add `--encoding shift_jis`
    ");
    let options = with(|options| options.encoding = Some("shift_jis".into()));
    assert_eq!(rows(&japanese, &options)[0].name, "花子");
}

#[test]
fn bytes_that_are_no_text_in_the_encoding_given_are_refused() {
    let options = with(|options| options.encoding = Some("utf-8".into()));
    assert_snapshot!(refusal(b"name,bio\nAda,na\xEFve\n", &options), @"
    error: cannot read `cast.csv`: line 2, position 7: byte EF is not UTF-8
    hint: if it should read `naïve`, add `--encoding windows-1252`
    ");
    let options = with(|options| options.encoding = Some("Shift_JIS".into()));
    assert_snapshot!(refusal(b"name,bio\nAda,na\x81\x20\n", &options), @"
    error: cannot read `cast.csv`: line 2, position 7: byte 81 is not Shift_JIS
    hint: save the sheet as UTF-8, or pass its encoding with `--encoding`
    ");
}

#[test]
fn an_unknown_encoding_is_refused() {
    let options = with(|options| options.encoding = Some("latin-17".into()));
    assert_snapshot!(refusal("name,bio\nAda,a baker\n", &options), @r"
    error: unknown encoding `latin-17`
    hint: known encodings are, for example: windows-1252, iso-8859-2, shift_jis, gb18030, utf-16le
    ");
}

// ------------------------------------------------------------------------------------------------ refusals: columns

#[test]
fn a_missing_column_is_refused_with_those_that_exist() {
    assert_snapshot!(refused("level,score\n1,2\n3,4\n"), @"
    error: `cast.csv` has no column for the name: its columns are `level`, `score`
    hint: choose it with `--name-column`; the cells of several columns are joined
    ");
    assert_snapshot!(refused("name:bio\nAda:a baker\n"), @"
    error: `cast.csv` has no column for the name: its only column is `name:bio`
    hint: if something else separates the cells, pass it with `--delimiter`
    ");
    let options = with(|options| options.key = KeyColumn::Named("number".into()));
    assert_snapshot!(refusal("name,bio\nAda,a baker\n", &options), @"
    error: `cast.csv` has no column `number`: its columns are `name`, `bio`
    hint: choose one of them with `--key-column`
    ");
    let options = with(|options| options.header = HeaderLine::Line(7));
    assert_snapshot!(refusal("name,bio\nAda,a baker\n", &options), @"
    error: `cast.csv` has no header in line 7
    hint: pass the line of the headers, counted from 1; it must be one of the first 1,000
    ");
}

#[test]
fn what_stands_above_the_header_is_passed_over_with_a_note() {
    for (text, header_line, rows) in [
        ("My cast,,\n\nname,bio,role\nAda,a baker,\n", 3, 1),
        ("My cast\nname,bio\nAda,a baker\n", 2, 1),
        ("# by hand\n# in May\nname,bio\nAda,a baker\n", 3, 2),
    ] {
        let sheet = open_text(text, &Options::default()).expect("opens");
        assert_eq!(
            sheet.notes(),
            [Note::AboveHeader { rows, header_line }],
            "{text}"
        );
        assert_eq!(read(sheet).expect("good rows")[0].line, header_line + 1);
    }
    let options = with(|options| options.header = HeaderLine::Line(2));
    let sheet = open_text("name,bio\nhero,work\nAda,a baker\n", &options).expect("opens");
    assert_eq!(sheet.columns(), ["hero", "work"]);
}

#[test]
fn two_columns_that_would_do_are_refused_with_the_switch_that_decides() {
    assert_snapshot!(refused("name,Character,bio\nAda,Ada,a baker\n"), @r"
    error: `cast.csv` has more than one column for the name: `name`, `Character`
    hint: choose one with `--name-column`
    ");
    assert_snapshot!(refused("name,bio,Prompt,input_text\nAda,a,b,c\n"), @r"
    error: `cast.csv` has more than one column for the description: `bio`, `Prompt`, `input_text`
    hint: choose one with `--description-column`
    ");
    assert_snapshot!(refused("id,Key,name,bio\n1,1,Ada,a baker\n"), @"
    error: `cast.csv` has more than one column for the row key: `id`, `Key`
    hint: choose one with `--key-column`, or none with `--no-key`
    ");
    let options = with(|options| options.description_column = Some("prompt".into()));
    assert_eq!(
        rows("name,bio,Prompt,input_text\nAda,a,b,c\n", &options)[0].description,
        "b"
    );
}

#[test]
fn a_header_that_stands_twice_is_refused() {
    assert_snapshot!(refused("name,bio,age, bio ,age\nAda,a baker,1,b,2\n"), @"
    error: cannot read `cast.csv`: line 1 has the header `bio` twice, in columns 2 and 4
    hint: give each column a different header
    ");
}

#[test]
fn a_sheet_without_characters_is_refused() {
    assert_snapshot!(refused("name,bio\n"), @r"
    error: `cast.csv` has no characters: there is no row under its header
    hint: write one character in each row under the header
    ");
    assert_snapshot!(refused("name,bio\n\n,\n , \n"), @r"
    error: `cast.csv` has no characters: there is no row under its header
    hint: write one character in each row under the header
    ");
    assert_snapshot!(refused(""), @r"
    error: `cast.csv` has no characters: it is empty
    hint: start with a header such as `name,description`
    ");
    assert_snapshot!(refused("\u{feff}\r\n\r\n"), @r"
    error: `cast.csv` has no characters: it is empty
    hint: start with a header such as `name,description`
    ");
}

// ----------------------------------------------------------------------------------------------- refusals: template

#[test]
fn a_template_that_names_an_unknown_column_is_refused_with_the_columns() {
    let text = "name,role,Home town\nAda,baker,Ulm\n";
    assert_snapshot!(refusal(text, &template("{% if false %}{{ rol }}{% endif %}{{ city }}")), @"error: the template uses `city`, `rol`: `cast.csv` has no such column, its columns are `name`, `role`, `Home town`");
    assert_snapshot!(refusal(text, &template("{{ columns['Home-town'] }}")), @"error: the template uses `Home-town`: `cast.csv` has no such column, its columns are `name`, `role`, `Home town`");
    assert_snapshot!(refusal("name,role\nAda,baker\n", &template("{{ rol }}")), @"error: the template uses `rol`: `cast.csv` has no such column, its columns are `name`, `role`");
    assert_snapshot!(refusal("name,Likes & dislikes\nAda,rye\n", &template("{{ likes }}")), @r#"
    error: the template uses `likes`: `cast.csv` has no such column, its columns are `name`, `Likes & dislikes`
    hint: `{{ columns["Likes & dislikes"] }}` means exactly this column
    "#);
    assert_snapshot!(refusal("name,x y,x_y\nAda,1,2\n", &template("{{ XY }}")), @r#"
    error: `XY` in the template matches several columns: `x y`, `x_y`
    hint: `{{ columns["x y"] }}` means exactly this column
    "#);
}

#[test]
fn a_template_that_is_not_well_formed_is_refused_with_its_line() {
    let text = "name,role\nAda,baker\n";
    assert_snapshot!(refusal(text, &template("{{ name }}\nis a {{ role }\n")), @"
    error: cannot parse line 2 of the template: unexpected `}`, expected end of variable block
    hint: write a column in double braces: `{{ city }}`
    ");
    assert_snapshot!(refusal(text, &template("{% include '/etc/passwd' %}")), @"
    error: cannot parse line 1 of the template: unknown statement include
    hint: write a column in double braces: `{{ city }}`
    ");
    assert_snapshot!(refusal(text, &template("{{ columns[name] }}")), @r#"
    error: the template uses `columns` without the name of a column in quotes
    hint: write it as `columns["Home town"]`
    "#);
}

#[test]
fn a_row_that_the_template_cannot_take_is_refused_with_both_lines() {
    let text = "name,age\nAda,41\nBo,old\n";
    assert_snapshot!(refusal(text, &template("{{ name }}\nis {{ age|int }}")), @r"
    error: cannot read `cast.csv`: line 3 cannot be put into line 2 of the template: invalid float literal
    hint: correct `--template`, or the row
    ");
    assert_snapshot!(refusal(text, &template("{% if age == '41' %}{{ name }}{% endif %}")), @"
    error: cannot read `cast.csv`: line 3 has no description
    hint: describe the character, or delete the row; `--template` makes the description from other columns
    ");
    assert_snapshot!(refusal(text, &template("{{ name|shout }}")), @"
    error: cannot parse line 1 of the template: filter shout is unknown
    hint: write a column in double braces: `{{ city }}`
    ");
}

// ---------------------------------------------------------------------------------------------- refusals: the sheet

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    assert_snapshot!(refusal_of(&Source::File("no/such/cast.csv".into()), &Options::default()), @"error: cannot read `no/such/cast.csv`: No such file or directory (os error 2)");
    assert_snapshot!(refusal_of(&Source::File("src".into()), &Options::default()), @r"
    error: cannot read `src`: it is a folder
    hint: pass the sheet's file
    ");
}

#[test]
fn what_only_pretends_to_be_a_workbook_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let said = refusal_of(&Source::File(path), &Options::default());
        said.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_snapshot!(refused("cast.xls", b"<html><table><tr><td>name"), @"
    error: cannot read `cast.xls`: it is a web page (HTML)
    hint: open it in Excel, LibreOffice or a browser, save the table as .xlsx or .csv, and use that file
    ");
    assert_snapshot!(refused("empty.ods", b""), @r"
    error: `empty.ods` has no characters: it is empty
    hint: start with a header such as `name,description`
    ");
    let whole = bytes_of(&fixture("openpyxl.xlsx"));
    assert_snapshot!(refused("cut.xlsx", &whole[..whole.len() / 2]), @r"
    error: cannot read `cut.xlsx` as a workbook: it is cut off or damaged
    hint: open it in the program that made it and save it again
    ");
    let whole = bytes_of(&fixture("xlwt.xls"));
    // Cut here, it makes the workbook's reader panic.
    assert_snapshot!(refused("cut.xls", &whole[..4500]), @r"
    error: cannot read `cut.xls` as a workbook: it is damaged
    hint: open it in the program that made it and save it again
    ");
    assert_snapshot!(refused("cut.xls", &whole[..whole.len() / 2]), @r"
    error: cannot read `cut.xls` as a workbook: it is damaged
    hint: open it in the program that made it and save it again
    ");
}

#[test]
fn a_workbook_with_a_password_is_refused() {
    assert_snapshot!(refusal_of(&fixture("locked.xlsx"), &Options::default()), @r"
    error: cannot read `locked.xlsx`: it is protected by a password
    hint: save it without a password
    ");
}

#[test]
fn a_workbook_from_a_pipe_is_refused() {
    let bytes = bytes_of(&fixture("openpyxl.xlsx"));
    let sheet = Sheet::open_reader(&Source::Stdin, Cursor::new(bytes), &Options::default());
    assert_snapshot!(said(&sheet.err().expect("a refusal")), @r"
    error: cannot read standard input: it is a workbook, but only text can be read from a pipe
    hint: save it to a file, and pass that file
    ");
}

#[test]
fn a_workbook_without_the_columns_is_refused_with_its_sheets() {
    assert_snapshot!(refusal_of(&fixture("no-cast.xlsx"), &template("{{ place }} by {{ sea }}")), @"
    error: no sheet of `no-cast.xlsx` has all needed columns: `Places` has no `sea`, `Prices` has none for the name
    hint: choose one with `--sheet`, and its columns with `--name-column` and `--description-column`
    ");
    let options = with(|options| options.sheet = Some("Cast".into()));
    assert_snapshot!(refusal_of(&fixture("no-cast.xlsx"), &options), @"
    error: `no-cast.xlsx` has no sheet `Cast`: its sheets are `Places`, `Prices`
    hint: choose one of them with `--sheet`
    ");
}

#[test]
fn faults_of_a_workbook_are_told_with_the_rows_that_it_shows() {
    assert_snapshot!(refusal_of(&fixture("faults.xlsx"), &Options::default()), @"
    error: cannot read `faults.xlsx`: 4 faults
      line 2 has the error value #REF! in column `bio`
      line 4 has no name
      line 5 has no description
      line 7 has a cell in column E, which has no header
    hint: correct the formula in the spreadsheet; give every character a name, or delete the row; describe the character, or delete the row; `--template` makes the description from other columns
    ");
}

#[test]
fn a_switch_that_was_not_meant_for_this_sheet_is_refused() {
    let options = with(|options| options.sheet = Some("Cast".into()));
    assert_snapshot!(refusal("name,bio\nAda,a baker\n", &options), @"
    error: `--sheet` cannot be used with `cast.csv`: it is text
    hint: leave out `--sheet`
    ");
    let options = with(|options| options.delimiter = Some(b';'));
    assert_snapshot!(refusal_of(&fixture("openpyxl.xlsx"), &options), @"
    error: `--delimiter` cannot be used with `openpyxl.xlsx`: it is a workbook
    hint: leave out `--delimiter`
    ");
    let options = with(|options| options.delimiter = Some(b'"'));
    assert_snapshot!(refusal("name,bio\nAda,a baker\n", &options), @r"
    error: a quote cannot separate cells
    hint: `--delimiter` takes one ASCII symbol such as `,` `;` `|` or a tab
    ");
}

// --------------------------------------------------------------------------------------------------- reading: text

/// What matters of a row, on one line.
fn brief(rows: &[Row]) -> String {
    let lines = rows
        .iter()
        .map(|row| format!("{} #{} {:?}", row.line, row.number, row.cells));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_dialects_of_excel_are_one_table() {
    let plain = Options::default();
    let western = with(|options| options.encoding = Some("windows-1252".into()));
    let macintosh = with(|options| options.encoding = Some("macintosh".into()));
    for (name, options, first_line) in [
        ("excel-utf8.csv", &plain, 2),
        ("excel-unicode.txt", &plain, 2),
        ("excel-sep.csv", &plain, 3),
        ("excel-de.csv", &western, 2),
        ("excel-macintosh.csv", &macintosh, 2),
    ] {
        let rows = rows_of(&fixture(name), options);
        let cells: Vec<_> = rows.iter().map(|row| &row.cells).collect();
        assert_eq!(
            cells,
            [
                &["Jörg", "backt; liest", "Köln"],
                &["Zoë", "sagt \"ja\"\nund geht", "Genf"]
            ],
            "{name}"
        );
        assert_eq!(
            (rows[0].line, rows[1].line),
            (first_line, first_line + 1),
            "{name}"
        );
    }
}

#[test]
fn what_was_found_out_about_a_sheet_is_told() {
    let said = |source: &Source, options: &Options| {
        Sheet::open(source, options)
            .expect("opens")
            .dialect()
            .to_string()
    };
    let western = with(|options| options.encoding = Some("latin1".into()));
    assert_snapshot!(said(&fixture("excel-unicode.txt"), &Options::default()), @"cells separated by tabs, UTF-16LE");
    assert_snapshot!(said(&fixture("excel-de.csv"), &western), @"cells separated by semicolons, windows-1252");
    assert_snapshot!(said(&fixture("openpyxl.xlsx"), &Options::default()), @"xlsx workbook, sheet `Cast`");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_header() {
    let text = "\u{feff}name,bio\nAda,a baker\n";
    assert_eq!(rows(text, &Options::default())[0].name, "Ada");
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(rows(utf_16, &Options::default())[0].name, "Ada");
    let unmarked: Vec<u8> = text
        .encode_utf16()
        .skip(1)
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(rows(unmarked, &Options::default())[0].name, "Ada");
}

#[test]
fn line_ends_of_every_form_are_understood_and_kept_in_cells() {
    let text = "name,bio\rAda,\"a\r\nb\rc\nd\"\r\n\r\nBo,x\nCy,y";
    let rows = rows(text, &Options::default());
    assert_eq!(rows[0].description, "a\r\nb\rc\nd");
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 7, 8]);
}

#[test]
fn the_delimiter_is_found_or_given() {
    for text in [
        "name;bio\nAda;a, b, c\n",
        "name\tbio\nAda\ta, b, c\n",
        "name|bio\nAda|a, b, c\n",
        "name,bio\nAda,\"a, b, c\"\n",
    ] {
        assert_eq!(
            rows(text, &Options::default())[0].description,
            "a, b, c",
            "{text}"
        );
    }
    let colon = with(|options| options.delimiter = Some(b':'));
    assert_eq!(
        rows("name:bio\nAda:a, b, c\n", &colon)[0].description,
        "a, b, c"
    );
}

#[test]
fn rows_without_a_filled_cell_are_passed_over_and_counted() {
    let text = "name,bio\n\nAda,a baker\n,\n , \nBo,a smith\n,,,,\n\n";
    let mut sheet = open_text(text, &Options::default()).expect("opens");
    let rows: Vec<Row> = sheet.by_ref().map(|row| row.expect("a good row")).collect();
    assert_snapshot!(brief(&rows), @r#"
    3 #1 ["Ada", "a baker"]
    6 #2 ["Bo", "a smith"]
    "#);
    assert_eq!(sheet.blank_rows(), 5);
}

#[test]
fn cells_stay_as_they_stand() {
    let rows = rows(
        "name , bio,x\n Ada ,\"  a baker \",\" \"\n",
        &Options::default(),
    );
    assert_eq!(
        (rows[0].name.as_str(), rows[0].description.as_str()),
        (" Ada ", "  a baker ")
    );
    assert_eq!(rows[0].cells, [" Ada ", "  a baker ", " "]);
}

#[test]
fn the_columns_are_told() {
    let options = with(|options| options.have_column = Some("story".into()));
    let text = "Key,Char Name,Age,Input_Text,Story\nm1,Ada,41,a baker,Once.\nm2,Bo,40,a smith, \n";
    let sheet = open_text(text, &options).expect("opens");
    assert_eq!(
        sheet.columns(),
        ["Key", "Char Name", "Age", "Input_Text", "Story"]
    );
    assert_eq!(
        (
            &sheet.name_from()[..],
            sheet.key_column(),
            sheet.have_column()
        ),
        (&["Char Name"][..], Some("Key"), Some("Story"))
    );
    assert_eq!(sheet.describe(), &Describe::Column("Input_Text".into()));
    let rows = read(sheet).expect("good rows");
    assert_eq!(
        (rows[0].key.as_deref(), rows[0].have.as_deref()),
        (Some("m1"), Some("Once."))
    );
    assert_eq!(rows[1].have, None, "white space is no story");
}

#[test]
fn a_template_makes_the_description_of_other_columns() {
    let text = "name,role,Home town,traits\nAda,a baker,Ulm,{{ role }}\n";
    let options = template("{{ role }} of {{ home_town }}. {{ traits }}\n");
    let sheet = open_text(text, &options).expect("opens");
    let Describe::Template { columns, .. } = sheet.describe() else {
        panic!("a template")
    };
    assert_eq!(columns, &["role", "Home town", "traits"]);
    assert_eq!(
        read(sheet).expect("good rows")[0].description,
        "a baker of Ulm. {{ role }}"
    );
}

#[test]
fn a_fault_does_not_end_the_sheet() {
    let sheet = open_text(
        "name,bio\n,x\nAda,a baker\nBo\nCy,a cook\n",
        &Options::default(),
    )
    .expect("opens");
    let found: Vec<_> = sheet
        .map(|row| {
            row.map(|row| (row.line, row.number))
                .map_err(|fault| fault.line)
        })
        .collect();
    assert_eq!(found, [Err(2), Ok((3, 2)), Err(4), Ok((5, 4))]);
}

#[test]
fn a_row_is_there_before_the_next_is_read() {
    /// A sheet without an end, which counts the bytes that were asked of it.
    struct Endless(io::Chain<&'static [u8], Repeating>, Arc<AtomicU64>);
    struct Repeating(&'static [u8]);
    const LINE: &[u8] = b"Ada,a baker who is up before the birds are\n";
    impl Read for Repeating {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                self.0 = LINE;
            }
            self.0.read(buffer)
        }
    }
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(buffer)?;
            self.1
                .fetch_add(count.try_into().expect("small"), Ordering::Relaxed);
            Ok(count)
        }
    }
    let read = Arc::new(AtomicU64::new(0));
    let endless = Endless(
        (&b"name,bio\n"[..]).chain(Repeating(LINE)),
        Arc::clone(&read),
    );
    let source = Source::Stdin;
    let mut sheet = Sheet::open_reader(&source, endless, &Options::default()).expect("opens");
    for number in 1..100_000 {
        let row = sheet.next().expect("endless").expect("a good row");
        assert_eq!(row.number, number);
        assert!(
            read.load(Ordering::Relaxed) / 43 < number + 4_000,
            "no more than a few blocks are read ahead"
        );
    }
}

// --------------------------------------------------------------------------------------------- reading: our own export

#[test]
fn what_our_export_added_is_left_out_unless_it_is_asked_for() {
    let text = "name,bio,backstory,status,error\nAda,a baker,Once.,done,\nBo,a smith,,failed,400\n";
    let sheet = open_text(text, &Options::default()).expect("opens");
    assert_eq!(sheet.columns(), ["name", "bio"]);
    let options = with(|options| options.have_column = Some("backstory".into()));
    let rows = rows(text, &options);
    assert_eq!(
        (&rows[0].cells[..], rows[0].have.as_deref()),
        (&["Ada".to_owned(), "a baker".to_owned()][..], Some("Once."))
    );
    // Anything else would be paid for by our own words.
    assert!(open_text(text, &template("Again: {{ backstory }}{{ bio }}")).is_err());
    let named = with(|options| options.description_column = Some("backstory".into()));
    assert!(open_text(text, &named).is_err());
}

#[test]
fn a_column_of_the_writer_is_not_taken_for_one_of_the_export() {
    let text = "name,bio,Status,backstory,status,error\nAda,a baker,alive,Once.,done,\n";
    assert_eq!(
        open_text(text, &template("{{ status }}"))
            .and_then(read)
            .expect("good rows")[0]
            .description,
        "alive"
    );
}

proptest! {
    /// What an export of these cells would hold, with any dialect of CSV, comes back as the same cells on the right lines.
    #[test]
    fn an_export_comes_back_as_it_was(
        cells in proptest::collection::vec(proptest::collection::vec("[=+@\t'0-9aé,;\"\n\r -]{0,6}", 3), 1..12),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        terminator in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let terminator_of_csv = match terminator {
            "\r\n" => csv::Terminator::CRLF,
            end => csv::Terminator::Any(end.as_bytes()[0]),
        };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator_of_csv).from_writer(Vec::new());
        writer.write_record(["name", "bio", "=x", "backstory", "status", "error"].map(|cell| neutralised(cell).into_owned())).expect("written");
        let mut lines = Vec::new();
        for (number, row) in cells.iter().enumerate() {
            writer.flush().expect("written");
            let so_far = std::str::from_utf8(writer.get_ref()).expect("text");
            lines.push(so_far.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() + 1);
            let row: Vec<String> = row.iter().enumerate().map(|(column, cell)| if column < 2 { format!("{cell}{number}") } else { cell.clone() }).collect();
            let row = row.iter().map(|cell| neutralised(cell).into_owned());
            writer.write_record(row.chain(["A story".to_owned(), "done".to_owned(), String::new()])).expect("written");
        }
        let bytes = writer.into_inner().expect("written");
        let sheet = open_text(&bytes, &Options::default()).map_err(|err| TestCaseError::fail(said(&err)))?;
        prop_assert_eq!(sheet.columns(), ["name", "bio", "=x"]);
        let rows = read(sheet).map_err(|err| TestCaseError::fail(said(&err)))?;
        prop_assert_eq!(rows.len(), cells.len());
        for (number, (row, cells)) in rows.iter().zip(&cells).enumerate() {
            prop_assert_eq!(&row.cells, &[format!("{}{number}", cells[0]), format!("{}{number}", cells[1]), cells[2].clone()]);
            prop_assert_eq!(row.line, u64::try_from(lines[number]).expect("few"));
        }
    }

    #[test]
    fn no_bytes_bring_it_to_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), delimiter in any::<Option<u8>>()) {
        let _ = open_text(&bytes, &with(|options| options.delimiter = delimiter)).and_then(read);
        let _ = open_text(&bytes, &template("{{ name }}")).and_then(read);
    }

    /// A good sheet with a few bytes changed is read, or refused with faults whose lines exist.
    #[test]
    fn a_damaged_sheet_is_read_or_refused(damage in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\",;\n\r\t '=\0\xFF\xC3a".to_vec())), 1..6)) {
        let mut bytes = b"id,name,bio\n1,Ada,\"a baker, born in Ulm\"\r\n2,Bo,a smith\n3,\"Cy \"\"the cook\"\"\",\"two\nlines\"\n4,D\xC3\xA9,a nun\n".to_vec();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let end = u64::try_from(bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count()).expect("few") + 1;
        if let Err(SheetError::Faults { faults, .. }) = open_text(&bytes, &Options::default()).and_then(read) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|fault| (1..=end).contains(&fault.line)), "{:?}", faults);
        }
    }
}

// ------------------------------------------------------------------------------------------------- reading: workbooks

#[test]
fn the_cells_of_a_workbook_are_what_a_person_sees() {
    // The table begins at C3 of the third sheet; the first has other columns, the second is hidden.
    assert_snapshot!(brief(&rows_of(&fixture("openpyxl.xlsx"), &Options::default())), @r##"
    4 #1 ["Int", "holds Int", "41"]
    5 #2 ["Whole", "holds Whole", "41"]
    6 #3 ["Noise", "holds Noise", "0.3"]
    7 #4 ["Percent", "holds Percent", "25%"]
    8 #5 ["Date", "holds Date", "1985-03-01"]
    10 #6 ["Moment", "holds Moment", "1985-03-01 14:30"]
    11 #7 ["Time", "holds Time", "14:30:00"]
    12 #8 ["Long", "holds Long", "26:30:00"]
    13 #9 ["True", "holds True", "TRUE"]
    14 #10 ["Lines", "holds Lines", "two\nlines"]
    15 #11 ["Spaces", "holds Spaces", "  kept  "]
    16 #12 ["Formula text", "holds Formula text", "'=not run"]
    17 #13 ["Error", "holds Error", "#N/A"]
    18 #14 ["Empty", "holds Empty", ""]
    "##);
}

#[test]
fn a_hidden_sheet_is_read_only_when_it_is_asked_for() {
    let options = with(|options| options.sheet = Some("old LIST".into()));
    assert_eq!(
        rows_of(&fixture("openpyxl.xlsx"), &options)[0].name,
        "Nobody"
    );
}

#[test]
fn what_pandas_wrote_is_the_same_in_every_format() {
    assert_snapshot!(brief(&rows_of(&fixture("pandas.xlsx"), &Options::default())), @r#"
    2 #1 ["0", "Ada", "says \"hi\",\nthen leaves", "41", "1985-03-01"]
    3 #2 ["1", "Bo", "a baker", "", ""]
    "#);
    let workbook = rows_of(&fixture("pandas.xlsx"), &Options::default());
    assert_eq!(
        rows_of(&fixture("pandas.ods"), &Options::default()),
        workbook
    );
    // Pandas itself makes 41.0 of 41 in text, and the story of Ada takes two lines there.
    let text = rows_of(&fixture("pandas.csv"), &Options::default());
    assert_eq!(text[0].description, workbook[0].description);
    assert_eq!(text[1].line, workbook[1].line + 1);
}

#[test]
fn old_workbooks_are_read() {
    assert_snapshot!(brief(&rows_of(&fixture("xlwt.xls"), &Options::default())), @r#"2 #1 ["Zoë", "a baker, née Nuñez", "41", "1985-03-01", "14:30:05", "TRUE"]"#);
    assert_snapshot!(brief(&rows_of(&fixture("macintosh.xlsx"), &Options::default())), @r#"2 #1 ["Ada", "a baker", "1985-03-01"]"#);
}

#[test]
fn text_that_is_named_like_a_workbook_is_read_as_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cast.xls");
    std::fs::write(&path, "name\tbio\nAda\ta baker\n").expect("written");
    assert_eq!(
        rows_of(&Source::File(path), &Options::default())[0].name,
        "Ada"
    );
}

#[test]
fn a_workbook_is_known_by_its_bytes_and_not_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (fixture_name, name) in [
        ("openpyxl.xlsx", "cast.csv"),
        ("pandas.ods", "cast.xlsx"),
        ("xlwt.xls", "cast"),
        ("openpyxl.xlsx", "cast.xls"),
    ] {
        let path = folder.path().join(name);
        std::fs::copy(fixture(fixture_name).to_string(), &path).expect("copied");
        let renamed = rows_of(&Source::File(path), &Options::default());
        assert_eq!(
            renamed,
            rows_of(&fixture(fixture_name), &Options::default()),
            "{name}"
        );
    }
}

#[test]
fn every_sample_is_read() {
    let western = with(|options| options.encoding = Some("windows-1252".into()));
    let of_columns = template("{{ name }} is {{ role }} in {{ city }}: {{ traits }}.");
    let counts = [
        ("crew.xlsx", Options::default()),
        ("villagers.ods", Options::default()),
        ("pirates.xls", Options::default()),
        ("suspects.tsv", of_columns),
        ("gods-excel.csv", western),
        ("village.csv", Options::default()),
        ("el-faro.csv", Options::default()),
        ("winter-play.xlsx", Options::default()),
    ]
    .map(|(name, options)| format!("{name}: {}", rows_of(&sample(name), &options).len()));
    assert_snapshot!(counts.join(", "), @"crew.xlsx: 7, villagers.ods: 8, pirates.xls: 6, suspects.tsv: 7, gods-excel.csv: 6, village.csv: 6, el-faro.csv: 4, winter-play.xlsx: 5");
}

#[test]
fn a_sheet_may_be_read_on_another_thread() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Sheet>();
    is_send::<SheetError>();
}
