//! Why a file could not be written. Its target is unchanged.

use crate::domain::shown::shown;
use std::io;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The ending of the file's name is not that of a format.
    #[error("cannot tell the format of `{}`", shown(file))]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The file or its folder cannot be written.
    #[error("cannot write `{}`", shown(file))]
    Unwritable {
        /// The file.
        file: String,
        /// The error of the system.
        source: io::Error,
    },
    /// A text is too long for a cell of a workbook.
    #[error(
        "a cell of `{}` is longer than {chars_max} letters, the most that a workbook can hold",
        shown(name)
    )]
    CellTooLong {
        /// The name of the character; foreign text.
        name: String,
        /// The most UTF-16 units that a cell can have.
        chars_max: usize,
    },
    /// There are more characters than a worksheet has rows.
    #[error("too many rows for one worksheet (at most {rows_max})")]
    TooManyRows {
        /// The most characters that a worksheet can have.
        rows_max: u32,
    },
    /// The workbook could not be written.
    #[error("cannot make the workbook")]
    Workbook {
        /// The error of the library.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A page of the book could not be made.
    #[error("cannot make the page")]
    Page {
        /// The error of the template engine.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The writer failed.
    #[error("cannot write the output")]
    Failed {
        /// The error of the system.
        source: io::Error,
    },
}

impl OutputError {
    /// Whether the command was wrong, and not the system.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownFormat { .. } | Self::CellTooLong { .. } | Self::TooManyRows { .. }
        )
    }

    /// Whether the reader of the output has closed it.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Failed { source } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for OutputError {
    fn from(source: io::Error) -> Self {
        Self::Failed { source }
    }
}
