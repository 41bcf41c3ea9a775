//! Exports: the cast as a file for other programs, with one source file per format.
//!
//! Records are written as they arrive, so memory does not grow with the cast. A file is absent or complete, never half.

mod book;
mod csv;
mod error;
mod file;
mod folder;
mod jsonl;
mod markdown;
mod name;
mod sheet;
mod temp_path;
mod xlsx;

pub(crate) use book::Book;
pub(crate) use csv::{Csv, csv_line};
pub(crate) use error::OutputError;
pub(crate) use file::AtomicFile;
pub(crate) use folder::Folder;
pub(crate) use jsonl::Jsonl;
pub(crate) use markdown::Markdown;
pub(crate) use xlsx::Xlsx;

use crate::domain::record::Record;
use std::path::Path;

/// A format of an export.
pub(crate) trait Output {
    /// Writes the part before the first record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the writer fails.
    fn begin(&mut self) -> Result<(), OutputError>;

    /// Whether all records must be listed before the first one is written.
    fn lists_first(&self) -> bool {
        false
    }

    /// Lists one record, for a format that lists all records first.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the writer fails.
    fn list(&mut self, _: &Record) -> Result<(), OutputError> {
        Ok(())
    }

    /// Writes one record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the writer fails or the format cannot hold the record.
    fn record(&mut self, record: &Record) -> Result<(), OutputError>;

    /// Writes the part after the last record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the writer fails.
    fn end(&mut self) -> Result<(), OutputError>;
}

/// The formats, which the ending of a file's name chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// CSV: the sheet's own columns, and the story beside them.
    Csv,
    /// JSONL: one object per line.
    Jsonl,
    /// A workbook with the same columns as CSV.
    Xlsx,
    /// Markdown: one file with all characters.
    Markdown,
    /// A folder with one Markdown file per character.
    Folder,
    /// HTML: a book for a browser, and for paper.
    Html,
    /// A separate database.
    Db,
}

impl Format {
    /// The format of a file with this name.
    ///
    /// # Errors
    ///
    /// [`OutputError::UnknownFormat`] if the ending is not that of a format.
    pub(crate) fn of(file: &Path) -> Result<Self, OutputError> {
        if file.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Ok(Self::Folder);
        }
        let ending = file.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::Jsonl),
            Some("xlsx") => Ok(Self::Xlsx),
            Some("md") => Ok(Self::Markdown),
            Some("html" | "htm") => Ok(Self::Html),
            Some("db") => Ok(Self::Db),
            _ => Err(OutputError::UnknownFormat {
                file: file.display().to_string(),
            }),
        }
    }
}
