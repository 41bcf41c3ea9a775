//! The source of a sheet.
//!
//! The first bytes decide how the rest is read, whatever the name says. Nothing is decoded here.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

use super::SheetError;
use super::delimited::Delimited;
use super::dialect::Magic;
use super::fault::Fault;
use super::foreign::Foreign;
use super::markdown::Markdown;
use super::note::Note;
use super::record::Record;
use super::shown::Positions;
use super::workbook::Rows;
use crate::domain::shown::shown;

/// The source of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file: text or a workbook.
    File(PathBuf),
    /// One worksheet of a workbook with several.
    Tab(PathBuf, String),
    /// Standard input: text only.
    Stdin,
}

impl Source {
    /// Its name in messages: the path in back-ticks, or `standard input`.
    #[must_use]
    pub fn named(&self) -> String {
        match self {
            Self::File(_) => format!("`{self}`"),
            Self::Tab(path, tab) => format!(
                "sheet `{}` of `{}`",
                shown(tab),
                shown(&path.to_string_lossy())
            ),
            Self::Stdin => self.to_string(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Tab(path, _) => f.write_str(&shown(&path.to_string_lossy())),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// The records of a sheet of any kind.
pub(super) enum Records {
    Delimited(Box<Delimited>),
    Markdown(Box<Markdown>),
    Workbook(Rows),
}

impl Records {
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        match self {
            Self::Delimited(records) => records.read(record),
            Self::Markdown(table) => table.read(record),
            Self::Workbook(rows) => Ok(rows.read(record)),
        }
    }

    /// How messages show the position of a column.
    pub(super) fn positions(&self) -> Positions {
        match self {
            Self::Delimited(_) | Self::Markdown(_) => Positions::Numbers,
            Self::Workbook(rows) => rows.positions(),
        }
    }

    /// The separator of the cells, for a text.
    pub(super) fn delimiter(&self) -> Option<char> {
        match self {
            Self::Delimited(records) => Some(char::from(records.delimiter())),
            Self::Markdown(_) => Some('|'),
            Self::Workbook(_) => None,
        }
    }

    /// Notes about what was read so far.
    pub(super) fn note(&self) -> Option<Note> {
        match self {
            Self::Markdown(table) => table.note(),
            Self::Delimited(_) | Self::Workbook(_) => None,
        }
    }
}

/// The kind that the first bytes show, and a reader of all bytes: a pipe cannot be read twice.
///
/// # Errors
///
/// [`SheetError::CannotRead`]; [`SheetError::NoSheet`] if the first bytes are those of another kind of file.
pub(super) fn sniff(
    source: &Source,
    mut bytes: Box<dyn Read + Send>,
) -> Result<(Magic, Box<dyn Read + Send>), SheetError> {
    let mut first = Vec::new();
    (&mut bytes)
        .take(Magic::LENGTH)
        .read_to_end(&mut first)
        .map_err(|err| SheetError::CannotRead {
            sheet: source.clone(),
            source: err,
        })?;
    if let Some(kind) = Foreign::of_bytes(&first) {
        return Err(SheetError::NoSheet {
            sheet: source.clone(),
            kind,
        });
    }
    let magic = Magic::of(&first);
    Ok((magic, Box::new(io::Cursor::new(first).chain(bytes))))
}
