//! Cells of workbooks are read as the program that made them shows them.
//!
//! The files of `fixtures/cases` are small examples from workbooks of users. Other forms are built here from XML.

use std::io::{Cursor, Write};
use std::path::Path;

use backstory::facade::sheet::{Options, Sheet, SheetError, Source};
use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The content of each part of an archive.
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

/// The cells of each row with its line, or the fault of that row.
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
fn the_value_of_a_merged_cell_is_read_in_all_its_rows() {
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

// ------------------------------------------------------------------------------------------------- workbooks made of XML

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn relations(of: &[(&str, &str, &str)]) -> Vec<u8> {
    let relation = |(id, kind, target): &(&str, &str, &str)| {
        format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
    };
    let all: String = of.iter().map(relation).collect();
    format!("<Relationships>{all}</Relationships>").into_bytes()
}

/// A workbook with one sheet. The XML is the content of `<worksheet>`.
fn parts(sheet: &str) -> Parts {
    vec![
        (
            "_rels/.rels",
            relations(&[("r1", "officeDocument", "xl/workbook.xml")]),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="Cast" sheetId="1" r:id="r1"/></sheets></workbook>"#
            )
            .into_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[
                ("r1", "worksheet", "worksheets/sheet1.xml"),
                ("r2", "sharedStrings", "/xl/sharedStrings.xml"),
                ("r3", "styles", "styles.xml"),
            ]),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{MAIN}">{sheet}</worksheet>"#).into_bytes(),
        ),
        (
            "xl/sharedStrings.xml",
            format!(
                r#"<sst xmlns="{MAIN}"><si><t>shared &amp; &#x41;</t></si><si><r><t xml:space="preserve">in </t></r><r><t>fonts</t></r><rPh sb="0" eb="1"><t>reading</t></rPh></si></sst>"#
            )
            .into_bytes(),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="&quot;Dr. &quot;@"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs></styleSheet>"#
            )
            .into_bytes(),
        ),
    ]
}

fn replaced(mut parts: Parts, name: &'static str, bytes: impl Into<Vec<u8>>) -> Parts {
    parts.retain(|(known, _)| *known != name);
    parts.push((name, bytes.into()));
    parts
}

fn zipped(parts: &Parts) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(bytes).expect("a part");
    }
    zip.finish().expect("an archive").into_inner()
}

/// The rows, or the refusal in words, of a file with these bytes.
fn read_bytes(bytes: &[u8], name: &str, options: &Options) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    read(&Source::File(path), options).map_err(|err| err.to_string())
}

fn read_parts(parts: &Parts) -> Result<Vec<String>, String> {
    read_bytes(&zipped(parts), "cast.xlsx", &template("{{ name }}"))
}

/// The rows of a sheet with a header above these rows.
fn rows_of(rows: &str) -> Vec<String> {
    let header = r#"<row r="1"><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>cell</t></is></c></row>"#;
    let sheet = format!("<sheetData>{header}{rows}</sheetData>");
    read_parts(&parts(&sheet)).expect("a workbook")
}

#[test]
fn each_kind_of_cell_shows_what_a_person_sees() {
    for (cell, shown) in [
        ("<c><v>41</v></c>", "41"),
        (r#"<c t="n"><v> 0.30000000000000004 </v></c>"#, "0.3"),
        (r#"<c s="3"><v>0.125</v></c>"#, "12.50%"),
        (r#"<c s="1"><v>31107</v></c>"#, "1985-03-01"),
        (r#"<c s="99"><v>7</v></c>"#, "7"),
        (r#"<c t="n"><v>no number</v></c>"#, "no number"),
        (r#"<c t="s"><v>0</v></c>"#, "shared & A"),
        (r#"<c t="s"><v>1</v></c>"#, "in fonts"),
        (r#"<c t="s" s="2"><v>0</v></c>"#, "Dr. shared & A"),
        (r#"<c t="b"><v>1</v></c>"#, "TRUE"),
        (r#"<c t="b"><v>0</v></c>"#, "FALSE"),
        (
            r#"<c t="d"><v>1985-03-01T14:30:00</v></c>"#,
            "1985-03-01 14:30",
        ),
        (r#"<c t="str"><f>A1</f><v>a_x000D_b</v></c>"#, "a\rb"),
        (r#"<c t="inlineStr"><is><t>in</t></is></c>"#, "in"),
        (
            r#"<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>"#,
            "ab",
        ),
        (r#"<c t="inlineStr"><v>elsewhere</v></c>"#, "elsewhere"),
        (
            r#"<c t="inlineStr"><is><t>
          laid out
        </t></is></c>"#,
            "laid out",
        ),
        (
            r#"<c t="inlineStr"><is><t xml:space="preserve"> kept </t></is></c>"#,
            " kept ",
        ),
        (
            r#"<c t="str"><v><![CDATA[<b>]]> &lt;i&gt;</v></c>"#,
            "<b> <i>",
        ),
        (r#"<x:c xmlns:x="a" x:t="b"><x:v>1</x:v></x:c>"#, "TRUE"),
        // A formula whose result is an empty text, as Excel writes it.
        (r#"<c t="str"><f>""</f><v></v></c>"#, ""),
        (r#"<c t="str"><f>""</f></c>"#, ""),
        (r#"<c s="1"/>"#, ""),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        (r#"<c><f t="shared" si="0"/><v>3</v></c>"#, "3"),
    ] {
        let rows = rows_of(&format!(
            r#"<row r="2"><c t="inlineStr"><is><t>Ada</t></is></c>{cell}</row>"#
        ));
        assert_eq!(rows, [format!("2 {:?}", ["Ada", shown])], "{cell}");
    }
}

#[test]
fn a_formula_without_a_result_and_an_error_are_faults_of_their_cell() {
    for (cell, fault) in [
        // As openpyxl writes them.
        ("<c><f>1+1</f><v></v></c>", "a formula without a result"),
        ("<c><f>1+1</f><v/></c>", "a formula without a result"),
        ("<c><f>1+1</f></c>", "a formula without a result"),
        (
            r#"<c><f t="shared" si="0"/></c>"#,
            "a formula without a result",
        ),
        (r#"<c t="b"><f>TRUE</f></c>"#, "a formula without a result"),
        (r#"<c t="e"><v>#CALC!</v></c>"#, "the error value #CALC!"),
        (
            r#"<c t="e"><f>NA()</f><v>#N/A</v></c>"#,
            "the error value #N/A",
        ),
    ] {
        let sheet = format!(
            r#"<sheetData><row><c t="inlineStr"><is><t>name</t></is></c></row><row>{cell}</row></sheetData>"#
        );
        let expected = format!("line 2 has {fault} in column `name`");
        let found = read_parts(&parts(&sheet)).expect("a workbook");
        assert!(found.contains(&expected), "{cell}: {found:?}");
    }
}

#[test]
fn a_cell_without_a_reference_follows_the_previous_cell() {
    let text = |text: &str| format!(r#"t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = rows_of(&format!(
        r#"<row><c {}<c {}</row><row><c {}</row><row r="9"><c r="B9" {}<c r="A9" {}</row><row><c {}</row>"#,
        text("Ada"),
        text("a"),
        text("Bo"),
        text("c"),
        text("Cy"),
        text("Di"),
    ));
    assert_eq!(
        rows,
        [
            r#"2 ["Ada", "a"]"#,
            r#"3 ["Bo", ""]"#,
            r#"9 ["Cy", "c"]"#,
            r#"10 ["Di", ""]"#
        ]
    );
}

const PLAIN: &str = r#"<sheetData><row><c t="inlineStr"><is><t>name</t></is></c></row><row><c t="inlineStr"><is><t>Zoé 🦉</t></is></c></row></sheetData>"#;

/// The parts as UTF-16 with a mark, or as another encoding that a declaration names.
fn encoded(parts: Parts, encoding: &str) -> Parts {
    let encode = |bytes: Vec<u8>| -> Vec<u8> {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let text = format!(r#"<?xml version="1.0" encoding="{encoding}"?>{text}"#);
        match encoding {
            "utf-16le" => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            "UTF-16" => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
            "UTF-8" => text.into_bytes(),
            other => panic!("{other}"),
        }
    };
    parts
        .into_iter()
        .map(|(name, bytes)| (name, encode(bytes)))
        .collect()
}

#[test]
fn the_parts_may_be_in_utf_16() {
    for encoding in ["utf-16le", "UTF-16", "UTF-8"] {
        let rows = read_parts(&encoded(parts(PLAIN), encoding));
        assert_eq!(rows.expect("a workbook"), [r#"2 ["Zoé 🦉"]"#], "{encoding}");
    }
    let latin = PLAIN.replace("Zoé 🦉", "Zo#");
    let latin =
        format!(r#"<?xml version="1.0" encoding="ISO-8859-1"?><worksheet>{latin}</worksheet>"#);
    let latin: Vec<u8> = latin
        .bytes()
        .map(|byte| if byte == b'#' { 0xE9 } else { byte })
        .collect();
    let rows = read_parts(&replaced(parts(""), "xl/worksheets/sheet1.xml", latin));
    assert_eq!(rows.expect("a workbook"), [r#"2 ["Zoé"]"#]);
}

#[test]
fn sheets_without_cells_are_skipped() {
    let workbook = r#"<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets>
        <sheet name="Macro" sheetId="1" r:id="r1"/><sheet name="Chart" sheetId="2" r:id="r2"/>
        <sheet name="Old" sheetId="3" r:id="r3" state="veryHidden"/><sheet name="Cast" sheetId="4" r:id="r4"/>
        </sheets><extLst><x15:workbookPr xmlns:x15="x"/></extLst></workbook>"#;
    let related = relations(&[
        ("r1", "xlMacrosheet", "macrosheets/sheet1.xml"),
        ("r2", "chartsheet", "chartsheets/sheet1.xml"),
        ("r3", "worksheet", "worksheets/none.xml"),
        ("r4", "worksheet", "worksheets/sheet1.xml"),
        ("r5", "styles", "styles.xml"),
    ]);
    let sheet = r#"<sheetData><row><c t="inlineStr"><is><t>name</t></is></c></row><row><c s="1"><v>29645</v></c></row></sheetData>"#;
    let parts = replaced(parts(sheet), "xl/workbook.xml", workbook);
    let parts = replaced(parts, "xl/_rels/workbook.xml.rels", related);
    assert_eq!(
        read_parts(&parts).expect("a workbook"),
        [r#"2 ["1985-03-01"]"#]
    );
    let hidden = Options {
        sheet: Some("Old".to_owned()),
        ..Options::default()
    };
    let refusal = read_bytes(&zipped(&parts), "cast.xlsm", &hidden).expect_err("a refusal");
    assert!(
        refusal.ends_with("as a workbook: its archive has no part for this sheet"),
        "{refusal}"
    );
}

#[test]
fn parts_of_a_workbook_are_found_in_any_case_and_folder() {
    let parts = parts(PLAIN).into_iter().map(|(name, bytes)| match name {
        "xl/worksheets/sheet1.xml" => ("xl\\worksheets\\Sheet1.xml", bytes),
        "xl/workbook.xml" => ("/xl/Workbook.xml", bytes),
        name => (name, bytes),
    });
    assert_eq!(
        read_parts(&parts.collect()).expect("a workbook"),
        [r#"2 ["Zoé 🦉"]"#]
    );
}

// ------------------------------------------------------------------------------------------------------- hostile workbooks

#[test]
fn a_workbook_that_unpacks_to_far_more_than_its_size_is_refused() {
    let strings = |text: String| {
        replaced(
            parts(PLAIN),
            "xl/sharedStrings.xml",
            format!("<sst>{text}</sst>"),
        )
    };
    let long = |length: usize| strings(format!("<si><t>{}</t></si>", "a".repeat(length)));
    let cells = |row: &str, count: usize| format!("<sheetData>{}</sheetData>", row.repeat(count));
    let too_large = "its cells take far more room than its size allows";
    for (what, parts, reason) in [
        (
            "a long text in many cells",
            replaced(
                long(1_000_000),
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet>{}</worksheet>",
                    cells(r#"<row><c t="s"><v>0</v></c></row>"#, 80)
                ),
            ),
            too_large,
        ),
        ("one text of 5 MB", long(5_000_000), too_large),
        (
            "one tag of 5 MB",
            parts(&format!("<row {}/>", "a".repeat(5_000_000))),
            too_large,
        ),
        (
            "cells without end",
            parts(&format!(
                "<sheetData><row>{}</row></sheetData>",
                "<c><v>1</v></c>".repeat(20_000)
            )),
            "it has a cell to the right of the last possible column",
        ),
        (
            "tags in tags",
            parts(&"<a>".repeat(1000)),
            "its XML is nested too deeply",
        ),
        (
            "an entity that stands for others",
            replaced(
                parts(""),
                "xl/worksheets/sheet1.xml",
                r#"<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>"#,
            ),
            "its XML has the unknown entity `&b;`",
        ),
    ] {
        let refusal = read_parts(&parts).expect_err(what);
        assert!(refusal.ends_with(reason), "{what}: {refusal}");
    }
}

#[test]
fn a_text_longer_than_a_cell_can_hold_is_reported_with_its_cell() {
    let sheet = format!(
        r#"<sheetData><row><c t="inlineStr"><is><t>name</t></is></c></row><row><c t="inlineStr"><is>{}</is></c></row></sheetData>"#,
        format!("<r><t>{}</t></r>", "a".repeat(1000)).repeat(20_000)
    );
    assert_eq!(
        read_parts(&parts(&sheet)).expect("a workbook")[0],
        "line 2 has a cell of more than 1 MiB in column `name`"
    );
}

#[test]
fn merged_cells_without_end_are_read_in_time() {
    let row = r#"<row><c t="inlineStr"><is><t>name</t></is></c></row>"#;
    let merged = r#"<mergeCell ref="A1:A1048576"/>"#.repeat(200_000);
    let sheet = format!("<sheetData>{}</sheetData>{merged}", row.repeat(2_000));
    let rows = read_parts(&parts(&sheet)).expect("a workbook");
    assert_eq!(rows.len(), 1_999);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_damaged_workbook_is_read_or_refused(which in 0..4_usize, flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in proptest::option::of(any::<prop::sample::Index>())) {
        let name = ["xlsx-merged-house.xlsx", "xlsb-formula-that-failed.xlsb", "../openpyxl.xlsx", "../macintosh.xlsx"][which];
        let mut bytes = std::fs::read(case(name).to_string()).expect("a fixture");
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let ending = if name.ends_with("xlsb") { "cast.xlsb" } else { "cast.xlsx" };
        let _ = read_bytes(&bytes, ending, &template("{{ name }}"));
    }

    /// The archive is whole, so the damage reaches the readers of the parts.
    #[test]
    fn a_workbook_with_a_damaged_part_is_read_or_refused(which in 0..6_usize, flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let sheet = r#"<sheetData><row><c r="A1" t="inlineStr"><is><t>name</t></is></c></row><row><c r="A2" t="s"><v>1</v></c><c s="1"><v>31107</v></c><c><f>1</f></c></row></sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>"#;
        let mut parts = parts(sheet);
        let bytes = &mut parts[which].1;
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_parts(&parts);
    }
}
