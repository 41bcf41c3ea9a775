//! Sheets that are refused. The messages are snapshots of what a person reads.

use super::opened::{
    bytes_of, fixture, open_text, read, refusal, refusal_of, refused, rows, said, template, with,
};
use backstory::facade::sheet::{
    CELL_MAX, Fault, HeaderLine, KeyColumn, Note, Options, Problem, Sheet, SheetError, Source,
};
use insta::assert_snapshot;
use std::io::Cursor;

// ------------------------------------------------------------------------------------------- refusals: rows and cells

#[test]
fn a_row_with_text_beyond_the_header_is_reported_with_its_line() {
    let text = "id,name,bio,city\n1,Ada,a baker,Ulm\n\n\n\n\n2,Bo,a smith, of Graz,Graz\n";
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: line 7 has 5 fields, expected 4
    hint: put fields that contain commas in quotes
    ");
}

#[test]
fn all_faults_of_a_sheet_are_reported_at_once() {
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
fn only_the_first_twenty_faults_are_listed() {
    let text = format!("name,bio\n{}", "Ada\n".repeat(32));
    assert_snapshot!(refused(text), @"
    error: cannot read `cast.csv`: lines 2 to 33 have no description
    hint: describe the character, or delete the row; `--template` makes the description from other columns
    ");
}

#[test]
fn an_unclosed_quote_is_reported_with_its_line() {
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
fn a_quote_that_spans_rows_up_to_another_quote_is_reported_with_its_line() {
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
fn a_row_without_a_name_or_description_is_refused() {
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
fn a_cell_outside_the_table_is_not_dropped_silently() {
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
fn a_duplicate_row_key_is_reported_with_both_lines() {
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
fn text_of_a_file_is_escaped_in_error_messages() {
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
fn bytes_that_are_invalid_in_the_given_encoding_are_refused() {
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
fn lines_above_the_header_are_skipped_with_a_note() {
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
fn two_columns_that_fit_are_refused_with_the_switch_that_decides() {
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
fn a_duplicate_header_is_refused() {
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
fn a_malformed_template_is_refused_with_its_line() {
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
fn a_row_that_the_template_cannot_render_is_refused_with_both_lines() {
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
fn a_file_that_only_looks_like_a_workbook_is_refused() {
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
fn faults_of_a_workbook_are_reported_with_the_row_numbers_that_it_shows() {
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
fn a_switch_that_does_not_fit_the_sheet_is_refused() {
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
