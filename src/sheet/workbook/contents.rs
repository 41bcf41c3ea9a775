//! What the part of a workbook says of its sheets, in XML or in records.

use super::{SheetEntry, Trouble, broken};

/// What the part of the workbook says.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) sheets: Vec<Named>,
    /// Whether days are counted from 1904-01-01.
    pub(super) is_1904: bool,
}

/// What the part of the workbook says of one sheet.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) entry: SheetEntry,
    /// The relation that names its part.
    pub(super) relation: String,
}

/// The refusal of an archive that is something else.
pub(super) fn no_workbook() -> Trouble {
    broken("it is a zip archive without a workbook in it")
}
