//! The wording of notes about a sheet, with the switches that they name.

use crate::cli::words::{listed, plural};
use crate::domain::shown::shown;
use crate::sheet::{Note, RowsKind, RowsNote};

/// The text of a note, without the word `note`.
pub(in crate::cli) fn in_words(note: &Note) -> String {
    match note {
        Note::AboveHeader { rows, header_line } => format!(
            "the header is in line {header_line}; {} above it {} not read",
            plural(*rows, "line"),
            if *rows == 1 { "is" } else { "are" }
        ),
        Note::EqualHeader { header, called } => format!(
            "the header `{}` appears more than once; the later column is called `{}`",
            shown(header),
            shown(called)
        ),
        Note::NoKey { column } => format!(
            "the column `{}` is not used as the row key, because its cells repeat or are empty; it is read as an ordinary column",
            shown(column)
        ),
        Note::OtherSheets { read, others } => {
            let (have, are) = if others.len() == 1 {
                ("has", "is")
            } else {
                ("have", "are")
            };
            format!(
                "the sheet `{}` is read; {} {have} such columns too, but {are} not read; `--sheet NAME` chooses another",
                shown(read),
                listed(others)
            )
        }
        Note::OtherTables {
            read_line,
            tables,
            first_line,
        } => {
            let not_read = match tables {
                1 => format!("the table in line {first_line} is not read"),
                many => {
                    format!("{many} other tables, the first in line {first_line}, are not read")
                }
            };
            format!("the table in line {read_line} is read; {not_read}")
        }
        Note::Rows(rows) => rows_in_words(*rows),
    }
}

/// A note about rows.
fn rows_in_words(
    RowsNote {
        kind,
        rows,
        first_line,
        last_line,
    }: RowsNote,
) -> String {
    let first = |one, many| {
        format!(
            "{}, the first in line {first_line}",
            counted(rows, one, many)
        )
    };
    let lines = |one: &str, many: &str| match rows {
        1 => format!("line {first_line} {one}"),
        rows => format!("{rows} rows in lines {first_line} to {last_line} {many}"),
    };
    match kind {
        RowsKind::Short => format!(
            "{}; the missing cells are empty",
            first(
                "row ends before the last column",
                "rows end before the last column"
            )
        ),
        RowsKind::Hollow => format!(
            "{} only a check box or a number; not read",
            lines("holds", "hold")
        ),
        RowsKind::Nameless => format!("{} no name; not read", lines("has", "have")),
        RowsKind::Bare => format!(
            "{} a name, but nothing to describe the character; not read",
            lines("has", "have")
        ),
        RowsKind::BeyondHeader => format!(
            "{}; not read",
            first(
                "row has cells to the right of the last header",
                "rows have cells to the right of the last header"
            )
        ),
        RowsKind::Header => format!(
            "{}; not read",
            first("row repeats the header", "rows repeat the header")
        ),
    }
}

/// `1 row ends`, `3 rows end`.
fn counted(many: u64, one: &str, several: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { several })
}
