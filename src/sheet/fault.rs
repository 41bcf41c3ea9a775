//! Faults: what is wrong at one place of a sheet.
//!
//! A fault has its line and what was found there; what the user can do about it is not said here. A sheet that cannot be used at all is
//! a [`SheetError`](super::SheetError) instead. A fault contains no complete cell, only what a message shows.

use std::fmt;
use std::io;

use super::shown::shown;
use super::template_kind::TemplateKind;

/// A fault at one place of a sheet. Faults are ordered by their lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line in the file, counted from 1; CRLF, LF and a lone CR each end a line. In a workbook, the number of the row.
    /// The line where the record begins, or where the quote of the problem was opened.
    pub line: u64,
    /// The line of the last row if neighbouring rows have the same problem; else the same line.
    pub last_line: u64,
    /// The problem.
    pub problem: Problem,
}

/// The problems of a row or of the header. A column is given as a message shows it: `` `bio` ``, or without a header by its
/// position, `4` in a text and `D` in a workbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// The row has text beyond the last column of the header.
    #[error("has {}, expected {expected}", counted(*found, "field"))]
    Ragged {
        /// How many fields the row has.
        found: usize,
        /// How many the header has.
        expected: usize,
        /// The separator.
        delimiter: char,
    },
    /// A cell to the right of the last header is filled.
    #[error("has a cell in column {column}, which has no header")]
    NoHeader {
        /// Its position.
        column: String,
    },
    /// The name is empty or only white space.
    #[error("has no name")]
    NoName,
    /// The description is empty or only white space, or the template made nothing else.
    #[error("has no description")]
    NoDescription,
    /// The sheet has a key column, and this row has no row key.
    #[error("has no row key in column {column}")]
    NoKey {
        /// The key column.
        column: String,
    },
    /// A cell contains U+0000, which nobody types.
    #[error("has a NUL byte in column {column}")]
    Nul {
        /// The column.
        column: String,
    },
    /// A cell is longer than [`CELL_MAX`](super::CELL_MAX).
    #[error("has a cell of more than 1 MiB in column {column}")]
    CellTooLong {
        /// The column.
        column: String,
    },
    /// All cells of the row together are longer than `ROW_MAX`, or there are more than
    /// `COLUMNS_MAX` of them.
    #[error("is longer than the longest allowed row")]
    RowTooLong,
    /// Text follows a closing quote: `"abc"def`.
    #[error("has text after a closing quote in column {column}")]
    TextAfterQuote {
        /// The column.
        column: String,
    },
    /// As [`Problem::TextAfterQuote`], but the quote was opened on an earlier line: probably a closing quote is missing, and
    /// the rows between became part of the cell.
    #[error("opens a quote that is still open at another quote on line {met}")]
    QuoteRunsOn {
        /// The line with the next quote.
        met: u64,
    },
    /// A quote was opened, and the file ended before it was closed.
    #[error("opens a quote that is never closed")]
    QuoteNeverClosed,
    /// A quote comes after a blank at the beginning of a cell. It is not closed before the cell ends, or text follows it, so
    /// the end of the cell is unclear.
    #[error("has a quote after a space in column {column}")]
    QuoteBehindBlank {
        /// The column.
        column: String,
    },
    /// Invalid bytes in the encoding of the sheet.
    #[error("position {column}{} not {encoding}", hexadecimal(bytes))]
    NotDecoded {
        /// The position in the line, in characters, from 1.
        column: u64,
        /// The encoding of the sheet.
        encoding: &'static str,
        /// The invalid bytes; empty if they are not known.
        bytes: Vec<u8>,
        /// The encoding that they may be in.
        likely: Option<Likely>,
    },
    /// A formula failed in the spreadsheet, and its error would be sent.
    #[error("has the error value {value} in column {column}")]
    ErrorValue {
        /// The text in the cell.
        value: String,
        /// The column.
        column: String,
    },
    /// A formula was never calculated: the file has no result for it.
    #[error("has a formula without a result in column {column}")]
    NoResult {
        /// The column.
        column: String,
    },
    /// The template cannot be filled in with this row.
    #[error("cannot be put into line {line} of the {what}: {reason}")]
    Template {
        /// The kind of the template.
        what: TemplateKind,
        /// The line in the template, counted from 1.
        line: usize,
        /// The error of the template engine.
        reason: String,
    },
    /// An earlier line has the same row key. The importer looks for this, and not the reader of the sheet.
    #[error(
        "has the row key `{}`, which line {first_line} already has",
        shown(key)
    )]
    DuplicateKey {
        /// The row key.
        key: String,
        /// The earlier line.
        first_line: u64,
    },
    /// Two columns have the same header.
    #[error(
        "has the header `{}` twice, in columns {first} and {second}",
        shown(name)
    )]
    DuplicateHeader {
        /// The header.
        name: String,
        /// The position of the first.
        first: String,
        /// The position of the second.
        second: String,
    },
    /// The file was opened but could not be read to its end.
    #[error("cannot be read: {kind}")]
    Unreadable {
        /// The error of the system.
        kind: io::ErrorKind,
    },
}

/// The encoding that bytes may be in, with an example that a person can judge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likely {
    /// The value for `--encoding`.
    pub label: String,
    /// The text at this place in that encoding.
    pub reads: String,
}

impl Fault {
    /// The problem of one place.
    #[must_use]
    pub fn at(line: u64, problem: Problem) -> Self {
        Self {
            line,
            last_line: line,
            problem,
        }
    }
}

impl Problem {
    /// Whether several rows can have the same problem, so that one message is enough.
    pub(super) fn may_be_a_range(&self) -> bool {
        matches!(
            self,
            Self::Ragged { .. }
                | Self::NoHeader { .. }
                | Self::NoName
                | Self::NoDescription
                | Self::NoKey { .. }
                | Self::ErrorValue { .. }
                | Self::NoResult { .. }
                | Self::Nul { .. }
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = if matches!(self.problem, Problem::NotDecoded { .. }) {
            ","
        } else {
            ""
        };
        if self.line == self.last_line {
            return write!(f, "line {}{comma} {}", self.line, self.problem);
        }
        let problem = self.problem.to_string();
        let (first, last) = (self.line, self.last_line);
        match problem.strip_prefix("has ") {
            Some(rest) => write!(f, "lines {first} to {last} have {rest}"),
            None => write!(f, "lines {first} to {last}: each {problem}"),
        }
    }
}

impl std::error::Error for Fault {}

/// `1 field`, `2 fields`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The invalid bytes, up to the verb: ` is`, `: byte E9 is`, `: bytes E9 E8 are`.
fn hexadecimal(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return " is".to_owned();
    }
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        ": {} {} {}",
        if bytes.len() == 1 { "byte" } else { "bytes" },
        bytes.join(" "),
        if bytes.len() == 1 { "is" } else { "are" }
    )
}
