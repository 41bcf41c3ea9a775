//! One row of a sheet, after all checks.
//!
//! Every `Row` can become a character: it has a name, a description, and a key if its sheet has keys. It does not say whether
//! the row is new, edited or already finished.

use super::flag::Flags;

/// One row of a sheet, after all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file where the row starts, counted from 1. The header is usually on line 1. For a workbook, the number
    /// of the row as a spreadsheet program shows it.
    pub line: u64,
    /// 1 for the first row under the header. Rows with only empty cells are not counted.
    pub number: u64,
    /// The cell of the key column, unchanged; `None` when the sheet has no key column.
    pub key: Option<String>,
    /// The cell of the name column, unchanged; never only white space.
    pub name: String,
    /// The description, which is sent: the unchanged cell of its column, or the result of the template; never only white space.
    pub description: String,
    /// All cells, unchanged: one for each of `Sheet::columns`, in the same order.
    pub cells: Vec<String>,
    /// The cell of the `--have` column, unchanged, if it is not only white space.
    pub have: Option<String>,
    /// The flags of that story that follow from its words. The sheet does not know them; the import fills them in.
    pub have_flags: Flags,
}
