//! Delimited text: what is read from it.

use super::opened::{brief, fixture, open_text, read, rows, rows_of, said, template, with};
use backstory::facade::domain::formula::neutralised;
use backstory::facade::domain::row::Row;
use backstory::facade::sheet::{Describe, Options, Sheet, SheetError, Source};
use insta::assert_snapshot;
use proptest::prelude::*;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

// --------------------------------------------------------------------------------------------------- reading: text

#[test]
fn the_same_table_is_read_from_each_text_format_of_excel() {
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
fn the_detected_format_of_a_sheet_is_reported() {
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
fn a_byte_order_mark_is_not_part_of_the_first_header() {
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
fn rows_without_a_filled_cell_are_skipped_and_counted() {
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
fn cells_are_read_unchanged() {
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
fn the_chosen_columns_are_reported() {
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
fn a_template_makes_the_description_from_other_columns() {
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
fn a_fault_in_one_row_does_not_end_the_reading() {
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
fn a_row_is_delivered_before_the_next_one_is_read() {
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
fn columns_that_an_export_added_are_ignored_unless_they_are_selected() {
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
fn a_column_of_the_user_is_not_mistaken_for_one_of_the_export() {
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
    fn an_export_is_read_back_unchanged(
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
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), delimiter in any::<Option<u8>>()) {
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
