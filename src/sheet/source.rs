//! Where a sheet comes from.
//!
//! What the first bytes are decides how the rest is read; the name only promises. Nothing is decoded here.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

use super::SheetError;
use super::delimited::Delimited;
use super::dialect::Magic;
use super::fault::Fault;
use super::record::Record;
use super::shown::Positions;
use super::workbook::Rows;
use crate::domain::shown::shown;

/// Where a sheet comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file: text or a workbook.
    File(PathBuf),
    /// Standard input: text only.
    Stdin,
}

impl Source {
    /// As a message names it: the path in back-ticks, or `standard input`.
    #[must_use]
    pub fn named(&self) -> String {
        match self {
            Self::File(_) => format!("`{self}`"),
            Self::Stdin => self.to_string(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&shown(&path.to_string_lossy())),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// The records of a sheet, whatever it is.
pub(super) enum Records {
    Delimited(Box<Delimited>),
    Workbook(Rows),
}

impl Records {
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        match self {
            Self::Delimited(records) => records.read(record),
            Self::Workbook(rows) => Ok(rows.read(record)),
        }
    }

    /// How the columns are counted.
    pub(super) fn positions(&self) -> Positions {
        match self {
            Self::Delimited(_) => Positions::Numbers,
            Self::Workbook(rows) => rows.positions(),
        }
    }
}

/// What the first bytes say, whether there are none, and all bytes again: a pipe cannot be wound back.
pub(super) fn sniff(
    source: &Source,
    mut bytes: Box<dyn Read + Send>,
) -> Result<(Magic, bool, Box<dyn Read + Send>), SheetError> {
    let mut first = Vec::new();
    (&mut bytes)
        .take(Magic::LENGTH)
        .read_to_end(&mut first)
        .map_err(|err| SheetError::CannotRead {
            sheet: source.clone(),
            source: err,
        })?;
    Ok((
        Magic::of(&first),
        first.is_empty(),
        Box::new(io::Cursor::new(first).chain(bytes)),
    ))
}
