//! What a person should know about how a sheet was read, although nothing is wrong with it.

/// Something of note about a sheet. Columns and sheets are named as they are called; lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Rows with something in them stand above the header.
    AboveHeader {
        /// How many.
        rows: u64,
        /// The line of the header.
        header_line: u64,
    },
    /// A header stood there before; the column has been given another name.
    EqualHeader {
        /// The header.
        header: String,
        /// What the column is called instead.
        called: String,
    },
    /// A column has a usual name for keys, but its cells do not identify rows.
    NoKey {
        /// The column.
        column: String,
    },
    /// Other sheets of the workbook have these columns, too.
    OtherSheets {
        /// The sheet that is read.
        read: String,
        /// The others.
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

/// Rows that have something in common: how many, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsNote {
    /// What they have in common.
    pub kind: RowsKind,
    /// How many.
    pub rows: u64,
    /// The line of the first.
    pub first_line: u64,
    /// The line of the last.
    pub last_line: u64,
}

/// What rows have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsKind {
    /// They end before the last column. The missing cells are empty.
    Short,
    /// They hold nothing but a check box, a zero or their own number. They are passed over.
    Hollow,
    /// They have no name, in a sheet whose description is made of its columns. They are passed over.
    Nameless,
    /// They have a name and nothing else, in such a sheet. They are passed over.
    Bare,
    /// They have cells to the right of the last header, in such a sheet. Those cells are not read.
    BeyondHeader,
    /// They repeat the header. They are passed over.
    Header,
}
