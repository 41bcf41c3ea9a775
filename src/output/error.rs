//! Why a file could not be written. Its target is as it was before.

use crate::domain::shown::shown;
use std::io;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The name asks for no format that there is.
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
        /// What the system said.
        source: io::Error,
    },
    /// A text is too long for a cell of a workbook.
    #[error(
        "a cell of `{}` is longer than {chars_max} letters, the most that a workbook can hold",
        shown(name)
    )]
    CellTooLong {
        /// Whose; foreign text.
        name: String,
        /// The most that a cell holds.
        chars_max: usize,
    },
    /// More characters than a sheet of a workbook has rows.
    #[error("too many rows for one worksheet (at most {rows_max})")]
    TooManyRows {
        /// The most that a sheet holds.
        rows_max: u32,
    },
    /// The workbook could not be made.
    #[error("cannot make the workbook")]
    Workbook {
        /// What its writer said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A page could not be made.
    #[error("cannot make the page")]
    Page {
        /// What the template engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The writer failed.
    #[error("cannot write the output")]
    Failed {
        /// What the system said.
        source: io::Error,
    },
}

impl OutputError {
    /// Whether the command was wrong, and not the world.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownFormat { .. } | Self::CellTooLong { .. } | Self::TooManyRows { .. }
        )
    }

    /// Whether whoever reads has read enough.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Failed { source } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What to do now.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownFormat { .. } => {
                Some(
                "end the name with .csv, .xlsx, .jsonl, .md, .html or .db, or with `/` for a folder with one .md file per character"
                    .to_owned(),
            )
            }
            Self::CellTooLong { .. } | Self::TooManyRows { .. } => {
                Some("export to .csv or .jsonl instead".to_owned())
            }
            Self::Unwritable { .. } => {
                Some("check the path, and that you can write there".to_owned())
            }
            Self::Workbook { .. } | Self::Page { .. } | Self::Failed { .. } => None,
        }
    }
}

impl From<io::Error> for OutputError {
    fn from(source: io::Error) -> Self {
        Self::Failed { source }
    }
}
