//! Cells that a spreadsheet would run as formulas, and how an export prevents that.
//!
//! A program that opens a CSV treats a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula.
//! The export puts one `'` in front of such a cell and the import removes one: [`restored`] undoes [`neutralised`] for every
//! text. Workbooks need neither, because their cells have a type. Numbers are left alone, because nothing in them can be
//! run.

use std::borrow::Cow;

/// The characters that a formula may begin with.
const STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The cell for delimited text: with one `'` in front if a spreadsheet would run it.
///
/// A cell that already begins with one or more `'` before such a character gets one more, so that `restored` returns
/// exactly this cell. A number such as `-5` or `+3.2e4` stays as it is.
#[must_use]
pub fn neutralised(cell: &str) -> Cow<'_, str> {
    if would_run(cell) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell before [`neutralised`]: exactly one `'` is removed, and only before text that a spreadsheet would run.
#[must_use]
pub(crate) fn restored(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if would_run(rest) => rest,
        _ => cell,
    }
}

/// The text of a cell that is a formula only to mark it as text: `="007"` is `007`.
#[must_use]
pub(crate) fn as_text(cell: &str) -> &str {
    let quoted = cell
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|inner| !inner.contains('"')).unwrap_or(cell)
}

fn would_run(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(STARTS)
}

/// Whether this is a number as people and programs write it; `inf` and `nan`, which Rust would parse, are words.
fn is_number(cell: &str) -> bool {
    let numeric = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    cell.bytes().all(numeric) && cell.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_gets_an_apostrophe() {
        for cell in [
            "=1+1", "+A1", "-A1", "@sum", "\tx", "\r=1", "'=1", "''-x", "-", "--5", "-inf", "+1+1",
        ] {
            assert_eq!(neutralised(cell), format!("'{cell}"), "{cell:?}");
        }
    }

    #[test]
    fn numbers_and_ordinary_text_stay_as_they_are() {
        for cell in [
            "-5",
            "+3.2e4",
            "-.5",
            "1-1",
            "",
            "'",
            "'tis the season",
            "a=b",
            "− 5",
            " =1",
        ] {
            assert_eq!(neutralised(cell), cell);
            assert_eq!(restored(cell), cell);
        }
    }

    #[test]
    fn a_formula_that_only_holds_text_is_that_text() {
        for (cell, text) in [
            ("=\"Ada\"", "Ada"),
            ("=\"007\"", "007"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=\"", "=\""),
            ("=1", "=1"),
        ] {
            assert_eq!(as_text(cell), text);
        }
    }

    #[test]
    fn exactly_one_apostrophe_is_taken_off() {
        assert_eq!(restored("'=1"), "=1");
        assert_eq!(restored("''=1"), "'=1");
        assert_eq!(restored("'-5"), "-5");
    }

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn importing_undoes_exporting(cell in "['=+@\t\r0-9e.x-]{0,8}", any in any::<String>()) {
            for cell in [cell, any] {
                let exported = neutralised(&cell);
                prop_assert_eq!(restored(&exported), &cell);
            }
        }
    }
}
