//! What the main part of a workbook says about its worksheets, in XML or in records.

use super::{SheetEntry, Trouble, broken};

/// The content of the main part.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) sheets: Vec<Named>,
    /// Whether days are counted from 1904-01-01.
    pub(super) is_1904: bool,
}

/// One worksheet in the main part.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) entry: SheetEntry,
    /// The relation with the name of its part.
    pub(super) relation: String,
}

/// The error for an archive of another kind.
pub(super) fn no_workbook() -> Trouble {
    broken("it is a zip archive without a workbook in it")
}
