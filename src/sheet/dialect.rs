//! The kind of a sheet, and the separator of its cells.
//!
//! The bytes decide whether it is a workbook, not the name. The header and the first records decide the delimiter, and
//! quotes are respected: commas in a description do not make the comma the delimiter. A sheet has one delimiter from
//! beginning to end.

use std::fmt;
use std::io;
use std::path::Path;

use super::delimited::Delimited;
use super::guess::usual as guess;
use super::record::Record;
use super::shown::shown;
use super::text::{BLOCK, Text};
use super::{Options, SheetError};

/// The delimiters that are detected; if two fit equally well, the first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The number of records that are examined for it.
const SAMPLED: usize = 20;

/// The form of a sheet, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// Text whose cells are separated by one character.
    Delimited {
        /// The separator, always ASCII.
        delimiter: char,
        /// The encoding, by its WHATWG name.
        encoding: &'static str,
    },
    /// The first table of a Markdown file.
    Markdown {
        /// The encoding, by its WHATWG name.
        encoding: &'static str,
    },
    /// A workbook, of which one worksheet is read.
    Workbook {
        /// The kind of workbook.
        kind: Kind,
        /// The name of the worksheet.
        sheet: String,
    },
}

/// The kinds of workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Excel since 2007, `.xlsx` and `.xlsm`.
    Xlsx,
    /// The same in binary form, `.xlsb`.
    Xlsb,
    /// Excel before that, `.xls`.
    Xls,
    /// `OpenDocument`, as `LibreOffice` writes it, `.ods`.
    Ods,
}

/// The kind that the first bytes of a file show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Magic {
    /// None of the others.
    Text,
    /// A zip archive: `.xlsx`, `.xlsb`, `.ods`, or another kind of file.
    Zip,
    /// An OLE container: `.xls`, or a workbook with a password.
    Ole,
}

impl Magic {
    pub(super) const LENGTH: u64 = 16;

    pub(super) fn of(first: &[u8]) -> Self {
        if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if first.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            Self::Ole
        } else {
            Self::Text
        }
    }
}

impl Kind {
    /// The kind that the name of a file claims.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "xlsb" => Some(Self::Xlsb),
            "xls" => Some(Self::Xls),
            "ods" => Some(Self::Ods),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
        })
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delimited {
                delimiter,
                encoding,
            } => {
                write!(f, "cells separated by {}, {encoding}", plural(*delimiter))
            }
            Self::Markdown { encoding } => write!(f, "a Markdown table, {encoding}"),
            Self::Workbook { kind, sheet } => {
                write!(f, "{kind} workbook, sheet `{}`", shown(sheet))
            }
        }
    }
}

/// `fields that contain commas`, for a hint.
#[must_use]
pub(crate) fn cells_with(delimiter: char) -> String {
    format!("fields that contain {}", plural(delimiter))
}

fn plural(delimiter: char) -> String {
    match delimiter {
        ',' => "commas".to_owned(),
        ';' => "semicolons".to_owned(),
        '\t' => "tabs".to_owned(),
        other => format!("`{}`", shown(&other.to_string())),
    }
}

/// Checks whether this byte can separate cells.
///
/// # Errors
///
/// [`SheetError::BadDelimiter`] for quotes, line ends, and characters beyond ASCII.
pub(super) fn checked(delimiter: u8) -> Result<u8, SheetError> {
    match delimiter {
        b'"' => Err(SheetError::BadDelimiter { what: "quote" }),
        b'\r' | b'\n' => Err(SheetError::BadDelimiter { what: "line end" }),
        0x80.. => Err(SheetError::BadDelimiter {
            what: "character beyond ASCII",
        }),
        _ => Ok(delimiter),
    }
}

/// Excel's first line `sep=;`: its length with the line end, and its delimiter.
pub(super) fn separator_line(sample: &str) -> Option<(usize, u8)> {
    let end = sample.find(['\r', '\n'])?;
    let line = sample[..end].trim_matches('"');
    let (word, delimiter) = line.split_at_checked(4)?;
    let &[delimiter] = delimiter.as_bytes() else {
        return None;
    };
    let behind = if sample[end..].starts_with("\r\n") {
        end + 2
    } else {
        end + 1
    };
    let delimiter = checked(delimiter).ok()?;
    word.eq_ignore_ascii_case("sep=")
        .then_some((behind, delimiter))
}

/// The delimiter of the text that begins with `sample`. First the one that finds the most required columns in the header; of
/// equal ones, the one with which most records are as wide as the header; then the one with the most columns.
pub(super) fn find_delimiter(sample: &str, is_whole: bool, options: &Options) -> u8 {
    let mut best = (DELIMITERS[0], (0, 0, 1));
    for delimiter in DELIMITERS {
        let rank = rank(sample, is_whole, delimiter, options);
        if rank > best.1 {
            best = (delimiter, rank);
        }
    }
    best.0
}

/// The number of required columns in the header, the number of records with the most frequent width, and this width; zeroes
/// if no record has the delimiter. The header may be below a title.
fn rank(sample: &str, is_whole: bool, delimiter: u8, options: &Options) -> (usize, usize, usize) {
    let bytes = Box::new(io::Cursor::new(sample.as_bytes().to_vec()));
    let Ok(Ok(text)) = Text::open(bytes, BLOCK, Some("utf-8")) else {
        return (0, 0, 0);
    };
    let mut records = Delimited::new(text, delimiter, 1);
    let mut record = Record::default();
    let mut widths = Vec::new();
    let mut known = 0;
    while widths.len() <= SAMPLED && records.read(&mut record).unwrap_or(false) {
        if record.is_blank() {
            continue;
        }
        let cells = record.cells().filter(|cell| is_asked_for(cell, options));
        known = known.max(cells.count());
        widths.push(record.fields());
    }
    if !is_whole && widths.len() <= SAMPLED {
        widths.pop();
    }
    let alike = |width: usize| widths.iter().filter(|&&other| other == width).count();
    let usual = widths.iter().copied().filter(|&width| width > 1);
    match usual.max_by_key(|&width| (alike(width), width)) {
        Some(width) => (known, alike(width), width),
        None => (0, 0, 0),
    }
}

/// Whether a header is one that is found without a switch, or given by one.
fn is_asked_for(header: &str, options: &Options) -> bool {
    options.names(header)
        || guess::name(header).is_some()
        || guess::description(header).is_some()
        || guess::is_key(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sample: &str) -> char {
        char::from(find_delimiter(sample, true, &Options::default()))
    }

    #[test]
    fn the_delimiter_is_found_by_the_header_and_the_first_records() {
        assert_eq!(found("name,bio\nA,b; c; d\n"), ',');
        assert_eq!(found("name;bio\nA;b, c, d, e\n"), ';');
        assert_eq!(found("name\tbio\nA\tb, c; d | e\n"), '\t');
        assert_eq!(found("name|bio\n"), '|');
        assert_eq!(found("name,\"likes; hates; fears\",bio\nA,x,y\n"), ',');
        assert_eq!(found("Figur;Alter, Ort, Zeit;Text\nA;x;y\nB;x;y\n"), ';');
        assert_eq!(found("name;bio, long, longer, longest\nA;b\n"), ';');
        assert_eq!(found("name\n"), ',');
        assert_eq!(found(""), ',');
    }

    #[test]
    fn excels_line_with_the_delimiter_is_understood() {
        assert_eq!(separator_line("sep=;\r\nname"), Some((7, b';')));
        assert_eq!(separator_line("\"SEP=|\"\nname"), Some((8, b'|')));
        assert_eq!(separator_line("sep=\t\rname"), Some((6, b'\t')));
        assert_eq!(separator_line("sep=ab\nname"), None);
        assert_eq!(separator_line("sep=é\nname"), None);
        assert_eq!(separator_line("name,bio\n"), None);
    }
}
