//! Workbooks: which of their sheets is read, and what old and foreign ones hold.
//!
//! Sheets written by other programs are in `tests/it/fixtures/`, with the script that made them.

use super::opened::{brief, fixture, rows_of, sample, template, with};
use backstory::facade::sheet::{Options, Sheet, SheetError, Source};
use insta::assert_snapshot;

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
fn a_text_file_named_like_a_workbook_is_read_as_text() {
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
