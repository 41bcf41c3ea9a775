//! Notes: what a person should know about how a sheet was read, although it has no fault.

/// A note about a sheet. Columns and sheets have their own names; lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Rows with content are above the header.
    AboveHeader {
        /// How many.
        rows: u64,
        /// The line of the header.
        header_line: u64,
    },
    /// An earlier column has the same header; this column got another name.
    EqualHeader {
        /// The header.
        header: String,
        /// The new name of the column.
        called: String,
    },
    /// A column has a usual name for row keys, but its cells do not identify rows.
    NoKey {
        /// The column.
        column: String,
    },
    /// Other worksheets have these columns, too.
    OtherSheets {
        /// The worksheet that is read.
        read: String,
        /// The other worksheets.
        others: Vec<String>,
    },
    /// Rows that have something in common.
    Rows(RowsNote),
    /// A Markdown file has other tables. They are not read.
    OtherTables {
        /// The line of the table that is read.
        read_line: u64,
        /// How many others.
        tables: u64,
        /// The line of the first of these.
        first_line: u64,
    },
}

/// Rows with a common property: how many, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsNote {
    /// The property.
    pub kind: RowsKind,
    /// How many.
    pub rows: u64,
    /// The line of the first.
    pub first_line: u64,
    /// The line of the last.
    pub last_line: u64,
}

/// A property that rows have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsKind {
    /// They end before the last column. The missing cells are empty.
    Short,
    /// They have nothing but a check box, a zero or their own number. They are skipped.
    Hollow,
    /// They have no name, in a sheet whose description is made from its columns. They are skipped.
    Nameless,
    /// They have only a name, in such a sheet. They are skipped.
    Bare,
    /// They have cells to the right of the last header, in such a sheet. Those cells are not read.
    BeyondHeader,
    /// They repeat the header. They are skipped.
    Header,
}
