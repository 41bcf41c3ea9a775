//! Hints for an export that cannot be written.

use crate::output::OutputError;

/// The hint; `None` if the error needs none.
pub(in crate::cli) fn hint(err: &OutputError) -> Option<String> {
    let hint = match err {
        OutputError::UnknownFormat { .. } => {
            "end the name with .csv, .xlsx, .jsonl, .md, .html or .db, or with `/` for a folder with one .md file per character"
        }
        OutputError::CellTooLong { .. } | OutputError::TooManyRows { .. } => {
            "export to .csv or .jsonl instead"
        }
        OutputError::Unwritable { .. } => "check the path, and that you can write there",
        OutputError::Workbook { .. } | OutputError::Page { .. } | OutputError::Failed { .. } => {
            return None;
        }
    };
    Some(hint.to_owned())
}
