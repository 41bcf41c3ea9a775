//! One row of a sheet, checked.
//!
//! A row that exists is fit to become a character: it has a name, a description, and a key if its sheet has keys. It
//! does not know whether it is new, edited or already paid for.

/// One row of a sheet, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file where the record begins, the header being on line 1 as a rule; for a workbook the number
    /// of the row as the program that made it shows it.
    pub line: u64,
    /// 1 for the first row under the header; rows without a single filled cell are not counted.
    pub number: u64,
    /// The cell of the key column, as it stands; `None` when the sheet has no such column.
    pub key: Option<String>,
    /// The cell of the name column, as it stands; never only white space.
    pub name: String,
    /// What is sent: the cell of the description column as it stands, or what the template made; never only white space.
    pub description: String,
    /// All cells as they stand, in the order of `Sheet::columns`, and exactly as many.
    pub cells: Vec<String>,
    /// The cell of the `--have` column, as it stands, if it holds more than white space.
    pub have: Option<String>,
}
