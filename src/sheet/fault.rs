//! What is wrong with a place in a sheet.
//!
//! A fault names its line and says what was found there; its hint says what to do. A fault never stands for a whole sheet
//! that cannot be used: that is a [`SheetError`](super::SheetError). It holds no cell in full, only what a message shows.

use std::fmt;
use std::io;

use super::dialect::cells_with;
use super::shown::shown;
use super::template::What;

/// What is wrong with one place of a sheet. Faults are in order when their lines are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line in the file, counted from 1, each CRLF, LF and lone CR ending one; in a workbook the row's number.
    /// Where the record begins, or where the quote was opened that the problem is about.
    pub line: u64,
    /// The line of the last row, where neighbouring rows have the same problem; else the same line.
    pub last_line: u64,
    /// What was found there.
    pub problem: Problem,
}

/// What can be wrong with a row, or with the header. Columns are as a message shows them: `` `bio` ``, or where there is no
/// header to name, their position, `4` in text and `D` in a workbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// The row has text beyond the last column of the header.
    #[error("has {}, expected {expected}", counted(*found, "field"))]
    Ragged {
        /// How many fields the row has.
        found: usize,
        /// How many the header has.
        expected: usize,
        /// What separates them.
        delimiter: char,
    },
    /// Something stands to the right of the last header.
    #[error("has a cell in column {column}, which has no header")]
    NoHeader {
        /// Its position.
        column: String,
    },
    /// The name is empty or white space.
    #[error("has no name")]
    NoName,
    /// The description is empty or white space, or the template made nothing else.
    #[error("has no description")]
    NoDescription,
    /// The sheet has a key column, and this row no key.
    #[error("has no row key in column {column}")]
    NoKey {
        /// The key column.
        column: String,
    },
    /// A cell holds U+0000, which no writer typed.
    #[error("has a NUL byte in column {column}")]
    Nul {
        /// Where.
        column: String,
    },
    /// A cell is longer than [`CELL_MAX`](super::CELL_MAX).
    #[error("has a cell of more than 1 MiB in column {column}")]
    CellTooLong {
        /// Where.
        column: String,
    },
    /// All cells of the row together are longer than [`ROW_MAX`](super::ROW_MAX), or there are more than
    /// [`COLUMNS_MAX`](super::COLUMNS_MAX) of them.
    #[error("is longer than the longest allowed row")]
    RowTooLong,
    /// A quote was closed and the cell went on: `"abc"def`.
    #[error("has text after a closing quote in column {column}")]
    TextAfterQuote {
        /// Where.
        column: String,
    },
    /// As [`Problem::TextAfterQuote`], but the quote was opened on an earlier line: most likely one was forgotten, and
    /// the rows between were swallowed.
    #[error("opens a quote that is still open at another quote on line {met}")]
    QuoteRunsOn {
        /// The line on which it met a quote.
        met: u64,
    },
    /// A quote was opened and the file ended.
    #[error("opens a quote that is never closed")]
    QuoteNeverClosed,
    /// A quote stands behind a blank at the beginning of a cell and is not closed before the cell ends, or text follows it: it is
    /// not clear where the cell ends.
    #[error("has a quote after a space in column {column}")]
    QuoteBehindBlank {
        /// Where.
        column: String,
    },
    /// Bytes that are no text in the encoding of the sheet.
    #[error("position {column}{} not {encoding}", hexadecimal(bytes))]
    NotDecoded {
        /// Characters from the beginning of the line, the first being 1.
        column: u64,
        /// The encoding that was expected.
        encoding: &'static str,
        /// The bytes that do not fit; empty where they cannot be told.
        bytes: Vec<u8>,
        /// The encoding that they seem to be in.
        likely: Option<Likely>,
    },
    /// A formula of the spreadsheet failed, and its error would be sent.
    #[error("has the error value {value} in column {column}")]
    ErrorValue {
        /// What the cell shows.
        value: String,
        /// Where.
        column: String,
    },
    /// A formula was never calculated: the file holds no result of it, and its text is not known.
    #[error("has a formula without a result in column {column}")]
    NoResult {
        /// Where.
        column: String,
    },
    /// The template cannot be filled with this row.
    #[error("cannot be put into line {line} of the {what}: {reason}")]
    Template {
        /// What it makes.
        what: What,
        /// The line in the template, counted from 1.
        line: usize,
        /// What its engine says.
        reason: String,
    },
    /// The key stands on an earlier line already. The sheet does not look for this: who enrolls the rows finds it.
    #[error(
        "has the row key `{}`, which line {first_line} already has",
        shown(key)
    )]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stood first.
        first_line: u64,
    },
    /// Two columns have one header.
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
    /// The file could be opened but not read to its end.
    #[error("cannot be read: {kind}")]
    Unreadable {
        /// What the system says.
        kind: io::ErrorKind,
    },
}

/// An encoding that bytes seem to be in, with the proof that a person can judge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likely {
    /// What `--encoding` takes.
    pub label: String,
    /// The place as it reads then.
    pub reads: String,
}

impl Fault {
    /// A problem of one place.
    #[must_use]
    pub fn at(line: u64, problem: Problem) -> Self {
        Self {
            line,
            last_line: line,
            problem,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match &self.problem {
            Problem::Ragged { delimiter, .. } => {
                return Some(format!("put {} in quotes", cells_with(*delimiter)));
            }
            Problem::NoHeader { column } => {
                return Some(format!("give column {column} a header, or empty the cell"));
            }
            Problem::NoName => "give every character a name, or delete the row",
            Problem::NoDescription => {
                "describe the character, or delete the row; `--template` makes the description from other columns"
            }
            Problem::NoKey { .. } => {
                "give every row a row key; `--key-column` chooses another column, `--no-key` uses none"
            }
            Problem::Nul { .. } => "remove the NUL byte, or save the sheet again as UTF-8",
            Problem::CellTooLong { .. } | Problem::RowTooLong => {
                "look for a quote that is never closed"
            }
            Problem::TextAfterQuote { .. } => "write a quote inside quotes twice: `\"\"`",
            Problem::QuoteRunsOn { .. } => {
                return Some(format!("close the quote that line {} opens", self.line));
            }
            Problem::QuoteBehindBlank { .. } => "delete the space before the quote, or the quotes",
            Problem::QuoteNeverClosed => "close it with another `\"`",
            Problem::NotDecoded {
                likely: Some(likely),
                ..
            } => return Some(likely.hint()),
            Problem::NotDecoded { likely: None, .. } => {
                "save the sheet as UTF-8, or pass its encoding with `--encoding`"
            }
            Problem::NoResult { .. } => {
                "open the sheet in a spreadsheet program, which calculates it, and save it again"
            }
            Problem::ErrorValue { .. } => "correct the formula in the spreadsheet",
            Problem::Template { what, .. } => {
                return Some(format!("correct `{}`, or the row", what.switch()));
            }
            Problem::DuplicateKey { .. } => {
                "give each row its own row key; `--key-column` chooses another column, `--no-key` uses none"
            }
            Problem::DuplicateHeader { .. } => "give each column a different header",
            Problem::Unreadable { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

impl Problem {
    /// Whether several rows can have the same problem, so that it is said once for all of them.
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

impl Likely {
    fn hint(&self) -> String {
        format!(
            "if it should read `{}`, add `--encoding {}`",
            shown(&self.reads),
            self.label
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

/// What is not decoded, up to the verb: ` is`, `: byte E9 is`, `: bytes E9 E8 are`.
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
