//! Whole workbooks, made here record by record, and damaged files.

use std::io::Cursor;

use super::super::read_back::{pairs, rows};
use super::*;

/// Bytes that a sheet of these tests may take.
const BYTES_MAX: u64 = 1_000_000;

/// The kind of a record that continues the one before.
const CONTINUE: u16 = 0x003C;
const LABEL: u16 = 0x0204;
const LABEL_SHARED: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;

/// One record.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short");
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// The record that begins a stream. Excel writes a history that is not 0.
fn begin(version: u16, history: u8) -> Vec<u8> {
    let [low, high] = version.to_le_bytes();
    record(
        kind::BOF,
        &[low, high, 5, 0, 0, 0, 0, 0, history, 0, 0, 0, 6, 0, 0, 0],
    )
}

/// A record of the cell in this row and column of the style 0, with more data.
fn cell(kind: u16, row: u16, column: u16, data: &[u8]) -> Vec<u8> {
    let place = [row, column, 0].map(u16::to_le_bytes).concat();
    record(kind, &[&place, data].concat())
}

/// A text whose letters have one byte.
fn narrow(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("short");
    [&length.to_le_bytes()[..], &[0], text.as_bytes()].concat()
}

/// A workbook of one sheet.
struct Made {
    version: u16,
    history: u8,
    globals: Vec<u8>,
    cells: Vec<u8>,
}

impl Made {
    fn new(cells: &[Vec<u8>]) -> Self {
        Self {
            version: 0x0600,
            history: 0x41,
            globals: Vec::new(),
            cells: cells.concat(),
        }
    }

    fn with(mut self, globals: &[Vec<u8>]) -> Self {
        self.globals = globals.concat();
        self
    }

    fn stream(&self) -> Vec<u8> {
        let begin = begin(self.version, self.history);
        let name: &[u8] = if self.version == 0x0600 {
            b"\x04\0Cast"
        } else {
            b"\x04Cast"
        };
        let length = 4 + 6 + name.len();
        let end = record(kind::EOF, &[]);
        let position = begin.len() + self.globals.len() + length + end.len();
        let position = u32::try_from(position).expect("short").to_le_bytes();
        let sheet = record(kind::BOUND_SHEET, &[&position[..], &[0, 0], name].concat());
        [
            &begin[..],
            &self.globals,
            &sheet,
            &end,
            &begin,
            &self.cells,
            &end,
        ]
        .concat()
    }

    fn open(&self) -> Result<Xls, Trouble> {
        Xls::of_stream(Name::Workbook, self.stream(), BYTES_MAX)
    }

    fn rows(&self) -> Vec<(u64, String)> {
        let grid = self.open().and_then(|mut book| book.read(0));
        rows(grid.unwrap_or_else(|_| panic!("sound")))
    }
}

/// The rows of a sheet of Excel with these cells.
fn read(cells: &[Vec<u8>]) -> Vec<(u64, String)> {
    Made::new(cells).rows()
}

/// The result of a formula that is none of a number.
fn special(kind: u8, value: u8) -> [u8; 14] {
    [kind, 0, value, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]
}

#[test]
fn the_text_of_a_cell_says_itself_how_wide_its_letters_are() {
    let cells = [
        cell(LABEL, 0, 0, b"\x03\0\0Ad\xE9"),
        cell(LABEL, 0, 1, b"\x02\0\x01\x16\x04\x3C\xD8"),
        cell(LABEL, 0, 2, b"\0\0"),
        cell(LABEL, 0, 3, b"\x02\0\0Bo"),
    ];
    for page in [1200_u16, 1251, 1252] {
        let page = record(kind::CODE_PAGE, &page.to_le_bytes());
        let rows = Made::new(&cells).with(&[page]).rows();
        assert_eq!(rows, pairs(&[(1, "Adé|Ж\u{FFFD}||Bo")]));
    }
}

#[test]
fn the_texts_of_excel_95_are_in_the_code_page_of_the_file() {
    for (page, bytes, text) in [
        (1252_u16, b"\x03\0Zo\xEB", Some("Zoë")),
        (1251, b"\x03\0\xC6\xEE\xFF", Some("Жоя")),
        (0x8000, b"\x03\0Zo\x91", Some("Zoë")),
        (437, b"\x03\0Zoe", Some("Zoe")),
        (437, b"\x03\0Zo\x89", None),
    ] {
        let page = record(kind::CODE_PAGE, &page.to_le_bytes());
        let book = Made {
            version: 0x0500,
            ..Made::new(&[cell(LABEL, 0, 0, bytes)]).with(&[page])
        };
        let read = book.open().and_then(|mut book| book.read(0));
        assert_eq!(read.ok().map(rows), text.map(|text| pairs(&[(1, text)])));
    }
}

#[test]
fn shared_texts_go_on_in_other_records_and_may_change_their_width_there() {
    let shared = [
        // Three texts; the first has two fonts, the second a phonetic reading.
        record(
            kind::SHARED_STRINGS,
            b"\x04\0\0\0\x03\0\0\0\x03\0\x08\x02\0Ada\x01\0\x02\0",
        ),
        record(CONTINUE, b"\0\0\x03\0\x02\0\x04\x02\0\0\0A"),
        record(CONTINUE, b"\x01\x16\x04\xFF\xFF\x06\0\0Ed"),
        record(CONTINUE, b"\0die"),
        record(CONTINUE, b"\0s"),
    ];
    let cells = [2_u8, 0, 1].map(|index| cell(LABEL_SHARED, 0, index.into(), &[index, 0, 0, 0]));
    let rows = Made::new(&cells).with(&shared).rows();
    assert_eq!(rows, pairs(&[(1, "Ada|AЖ|Eddies")]));

    let missing = Made::new(&[cell(LABEL_SHARED, 0, 0, &[3, 0, 0, 0])]).with(&shared);
    let read = missing.open().and_then(|mut book| book.read(0));
    assert!(matches!(read, Err(Trouble::Broken(_))));
}

#[test]
fn numbers_are_shown_in_the_format_of_their_cell() {
    let format = |id: u8, code: &str| record(kind::FORMAT, &[&[id, 0][..], &narrow(code)].concat());
    let style = |format: u8| record(kind::XF, &[0, 0, format, 0]);
    let cell = |column: u8, style: u8, kind: u16, data: &[u8]| {
        record(kind, &[&[0, 0, column, 0, style, 0][..], data].concat())
    };
    let cells = [
        cell(0, 0, NUMBER, &0.3_f64.to_le_bytes()),
        cell(1, 1, NUMBER, &7.0_f64.to_le_bytes()),
        cell(2, 2, NUMBER, &0.5_f64.to_le_bytes()),
        cell(3, 3, NUMBER, &29_645.0_f64.to_le_bytes()),
        cell(4, 9, NUMBER, &41.0_f64.to_le_bytes()),
        cell(5, 0, NUMBER, &f64::NAN.to_le_bytes()),
        // 12.34 and -5 packed, and 41.5 as the upper half of a number.
        cell(6, 0, 0x027E, &(1234_u32 << 2 | 3).to_le_bytes()),
        record(
            0x00BD,
            &[
                &[0, 0, 7, 0, 0, 0][..],
                &((-5_i32) << 2 | 2).to_le_bytes(),
                &[1, 0, 0, 0xC0, 0x44, 0x40],
                &[8, 0],
            ]
            .concat(),
        ),
        cell(9, 4, LABEL, &narrow("Ada")),
    ];
    let globals = [
        record(kind::DATE_MODE, &[1, 0]),
        format(164, "0000"),
        format(165, "\"Dr. \"@"),
        style(0),
        style(164),
        style(9),
        style(14),
        style(165),
    ];
    let rows = Made::new(&cells).with(&globals).rows();
    let shown = "0.3|0007|50%|1985-03-01|41|#NUM!|12.34|-5|0042|Dr. Ada";
    assert_eq!(rows, pairs(&[(1, shown)]));
}

#[test]
fn formulas_of_all_kinds_have_their_stored_result() {
    let number = [&41.0_f64.to_le_bytes()[..], &[0; 6]].concat();
    let shared = record(0x04BC, &[0; 10]);
    let cells = [
        cell(FORMULA, 0, 0, &number),
        cell(0x0206, 0, 1, &number),
        cell(0x0406, 0, 2, &number),
        cell(FORMULA, 0, 3, &special(0, 0)),
        // A formula that other cells share stands between a cell and its text.
        shared,
        record(STRING, &narrow("Ada")),
        cell(FORMULA, 0, 4, &special(1, 1)),
        cell(FORMULA, 0, 5, &special(2, 0x17)),
        cell(FORMULA, 0, 6, &special(3, 0)),
        cell(FORMULA, 0, 7, &special(0, 0)),
        cell(0x0205, 0, 8, &[0, 0]),
        cell(0x0205, 0, 9, &[0x2A, 1]),
        cell(0x0205, 0, 10, &[0xEE, 1]),
    ];
    let shown = "41|41|41|Ada|TRUE|#REF!||?|FALSE|#N/A|#UNKNOWN!";
    assert_eq!(read(&cells), pairs(&[(1, shown)]));
}

#[test]
fn the_formulas_of_a_library_that_cannot_calculate_have_no_result() {
    let label = cell(LABEL, 0, 0, &narrow("Ada"));
    let empty = cell(FORMULA, 0, 1, &special(3, 0));
    let number = cell(
        FORMULA,
        0,
        2,
        &[&41.0_f64.to_le_bytes()[..], &[0; 6]].concat(),
    );
    let book = |history, cells: &[Vec<u8>]| {
        Made {
            history,
            ..Made::new(cells)
        }
        .rows()
    };
    let cells = [label, empty, number];
    assert_eq!(book(0, &cells[..2]), pairs(&[(1, "Ada|?")]));
    assert_eq!(book(0x41, &cells[..2]), pairs(&[(1, "Ada")]));
    assert_eq!(book(0, &cells), pairs(&[(1, "Ada||41")]));
}

#[test]
fn a_merged_cell_counts_in_all_its_rows_and_a_chart_has_no_cells() {
    let cells = [
        cell(LABEL, 0, 0, &narrow("Moor")),
        cell(LABEL, 0, 1, &narrow("Ada")),
        cell(LABEL, 2, 1, &narrow("Bo")),
        record(0x00E5, &[1, 0, 0, 0, 2, 0, 0, 0, 0, 0]),
        begin(0x0600, 0),
        cell(LABEL, 0, 5, &narrow("axis")),
        record(kind::EOF, &[]),
        cell(LABEL, 3, 1, &narrow("Cy")),
    ];
    assert_eq!(
        read(&cells),
        pairs(&[(1, "Moor|Ada"), (3, "Moor|Bo"), (4, "|Cy")])
    );
}

#[test]
fn worksheets_are_listed_with_the_hidden_ones() {
    let sheet = |visibility: u8, kind: u8, name: &str| {
        let length = u8::try_from(name.len()).expect("short");
        let data = [&[0, 0, 0, 0, visibility, kind, length, 0], name.as_bytes()].concat();
        record(super::kind::BOUND_SHEET, &data)
    };
    let globals = [
        sheet(0, 0, "Front"),
        sheet(1, 0, "Hidden"),
        sheet(2, 0, "Well hidden"),
        sheet(0, 2, "Chart"),
        sheet(0, 1, "Macros"),
    ];
    let book = Made::new(&[]).with(&globals).open();
    let book = book.unwrap_or_else(|_| panic!("sound"));
    let sheets = book.sheets().iter();
    let sheets: Vec<_> = sheets
        .map(|sheet| (sheet.name.as_str(), sheet.visibility))
        .collect();
    let expected = [
        ("Front", Visibility::Visible),
        ("Hidden", Visibility::Hidden),
        ("Well hidden", Visibility::Hidden),
        ("Cast", Visibility::Visible),
    ];
    assert_eq!(sheets, expected);
}

#[test]
fn what_is_locked_cut_off_or_no_workbook_is_refused() {
    let locked = Made::new(&[])
        .with(&[record(kind::FILE_PASS, &[1, 0])])
        .open();
    assert!(matches!(locked, Err(Trouble::Locked)));

    let stream = Made::new(&[cell(LABEL, 0, 0, &narrow("Ada"))]).stream();
    for length in 0..stream.len() {
        let cut = Xls::of_stream(Name::Workbook, stream[..length].to_vec(), BYTES_MAX);
        let read = cut.and_then(|mut book| book.read(0));
        assert!(matches!(read, Err(Trouble::Broken(_))), "{length}");
    }
    let text = Cursor::new(b"<html><table>".to_vec());
    assert!(matches!(
        Xls::open(text, BYTES_MAX),
        Err(Trouble::Broken(_))
    ));
}

/// Workbooks of several programs, without their names.
fn workbooks() -> Vec<Vec<u8>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    [
        "samples/pirates.xls",
        "tests/it/fixtures/xlwt.xls",
        "tests/it/fixtures/cases/xls-formula-in-older-record.xls",
        "tests/it/fixtures/cases/xls-directory-chain-in-a-circle.xls",
    ]
    .map(|name| std::fs::read(format!("{root}{name}")).expect("a workbook"))
    .into()
}

proptest::proptest! {
    #![proptest_config(property_config!())]
    /// Whatever a file holds, reading it ends without a panic, within the bytes that it may take.
    #[test]
    fn a_damaged_file_is_read_or_refused(
        which in 0..4_usize,
        damage in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..8)
    ) {
        let mut bytes = workbooks().swap_remove(which);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(mut book) = Xls::open(Cursor::new(bytes), BYTES_MAX) {
            for index in 0..book.sheets().len() {
                let _ = book.read(index).and_then(Grid::into_rows);
            }
        }
    }
}
