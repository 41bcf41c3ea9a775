//! The cast as a file that others can read: one file of code a format.
//!
//! Records are written as they come, so memory does not grow with the cast. A file is absent or complete, never half.

mod beside;
mod book;
mod csv;
mod error;
mod file;
mod folder;
mod jsonl;
mod markdown;
mod name;
mod sheet;
mod xlsx;

pub use book::Book;
pub use csv::{Csv, csv_line};
pub use error::OutputError;
pub use file::AtomicFile;
pub use folder::Folder;
pub use jsonl::Jsonl;
pub use markdown::Markdown;
pub use xlsx::Xlsx;

use crate::domain::record::Record;
use std::path::Path;

/// A format that records are written in.
pub trait Output {
    /// Writes what comes before the first record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the writer fails.
    fn begin(&mut self) -> Result<(), OutputError>;

    /// Whether all records are to be listed before the first one is written.
    fn lists_first(&self) -> bool {
        false
    }

    /// Lists one record, where that comes first.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the writer fails.
    fn list(&mut self, _: &Record) -> Result<(), OutputError> {
        Ok(())
    }

    /// Writes one record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the writer fails or the format cannot hold the record.
    fn record(&mut self, record: &Record) -> Result<(), OutputError>;

    /// Writes what comes after the last record.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the writer fails.
    fn end(&mut self) -> Result<(), OutputError>;
}

/// The formats, by the ending of a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The sheet's own columns, and the story beside them.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// As CSV, but a workbook.
    Xlsx,
    /// A page a character, for people and their tools.
    Markdown,
    /// A file a character, in a folder.
    Folder,
    /// A book for a browser, and for paper.
    Html,
    /// A database of its own.
    Db,
}

impl Format {
    /// The format that the name of `file` asks for.
    ///
    /// # Errors
    ///
    /// [`OutputError::UnknownFormat`] when it asks for none that there is.
    pub fn of(file: &Path) -> Result<Self, OutputError> {
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
