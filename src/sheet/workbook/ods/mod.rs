//! Reads spreadsheets in the `OpenDocument` format, `.ods`.
//!
//! Tables are streamed one at a time: repeated blank rows and columns cost nothing, and neither does a table that is not
//! read. Cells have the text that is shown; see [`cell`]. Formulas are not calculated. Styles are read only to find hidden
//! tables. Names in the XML are recognised by the prefixes that all programs use.

mod cell;
mod date;
mod paragraphs;

use std::collections::HashSet;
use std::fs::File;
use std::io::BufRead;

use super::budget::Budget;
use super::grid::{Grid, Value};
use super::package::Package;
use super::xml::{Piece, Tag, Xml};
use super::{Book, SheetEntry, Trouble, Visibility, broken};
use cell::Head;

const CONTENT: &str = "content.xml";
const MANIFEST: &str = "META-INF/manifest.xml";
/// The bytes of a table or a style in a list, besides its name.
const ENTRY_BYTES: usize = 64;

/// A spreadsheet whose tables can be read.
pub(super) struct Ods {
    package: Package,
    tables: Vec<SheetEntry>,
    /// The cells of the table with this index, which were read when the tables were listed.
    read_ahead: Option<(usize, Grid)>,
    /// The bytes of memory that a table may use.
    bytes_max: u64,
}

/// The cells that are read when the tables are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Those of the first table that is not hidden.
    FirstVisible,
    /// Those of the table with this index; the tables after it are not listed.
    Only(usize),
    Nothing,
}

/// The result of reading a spreadsheet.
struct Found {
    tables: Vec<SheetEntry>,
    /// The index and the cells of the requested table.
    read: Option<(usize, Grid)>,
}

impl Ods {
    /// Opens a file of so many bytes and lists its tables. A table may use `bytes_max` of memory.
    ///
    /// # Errors
    ///
    /// [`Trouble::Locked`] if it is encrypted, [`Trouble::Broken`] if it is not a spreadsheet or is damaged.
    pub(super) fn open(file: File, length: u64, bytes_max: u64) -> Result<Self, Trouble> {
        let mut package = Package::open(file, length)?;
        if is_encrypted(&mut package)? {
            return Err(Trouble::Locked);
        }
        // Usually the first visible table is the one that is read, so its cells are kept here. A fault in them counts only
        // if that table is requested.
        let found = search(&mut package, Wanted::FirstVisible, bytes_max)
            .or_else(|_| search(&mut package, Wanted::Nothing, bytes_max))?;
        Ok(Self {
            package,
            tables: found.tables,
            read_ahead: found.read,
            bytes_max,
        })
    }
}

impl Book for Ods {
    fn sheets(&self) -> &[SheetEntry] {
        &self.tables
    }

    fn read(&mut self, index: usize) -> Result<Grid, Trouble> {
        match self.read_ahead.take() {
            Some((read, grid)) if read == index => return Ok(grid),
            _ => {}
        }
        let found = search(&mut self.package, Wanted::Only(index), self.bytes_max)?;
        let (_, grid) = found.read.ok_or_else(|| broken("it has no such sheet"))?;
        Ok(grid)
    }
}

/// Whether the manifest says that a part is encrypted.
fn is_encrypted(package: &mut Package) -> Result<bool, Trouble> {
    let Some(mut xml) = package.xml(MANIFEST)? else {
        return Ok(false);
    };
    loop {
        match xml.next()? {
            Piece::Start(tag) if tag.name() == "encryption-data" => return Ok(true),
            Piece::Nothing => return Ok(false),
            _ => {}
        }
    }
}

/// Reads the content of a spreadsheet. The names of tables and styles count towards the budget, too.
fn search(package: &mut Package, wanted: Wanted, bytes_max: u64) -> Result<Found, Trouble> {
    let no_spreadsheet = || broken("it holds no spreadsheet");
    let mut xml = package.xml(CONTENT)?.ok_or_else(no_spreadsheet)?;
    let mut budget = Budget::new(bytes_max);
    let mut found = Found {
        tables: Vec::new(),
        read: None,
    };
    let mut hidden = HashSet::new();
    let mut style = String::new();
    let mut has_spreadsheet = false;
    loop {
        let tag = match xml.next()? {
            Piece::Start(tag) => tag,
            Piece::Nothing if has_spreadsheet => return Ok(found),
            Piece::Nothing => return Err(no_spreadsheet()),
            _ => continue,
        };
        match tag.full_name() {
            "office:document-content" | "office:automatic-styles" | "office:body" => {}
            "office:spreadsheet" => has_spreadsheet = true,
            "style:style" => style = tag.attribute("name")?.unwrap_or_default(),
            "style:table-properties" => {
                if tag.attribute("display")?.as_deref() == Some("false") {
                    budget.take(ENTRY_BYTES + style.len())?;
                    hidden.insert(std::mem::take(&mut style));
                }
                xml.skip()?;
            }
            "table:table" if has_spreadsheet => {
                let index = found.tables.len();
                let table = entry(&tag, index, &hidden)?;
                budget.take(ENTRY_BYTES + table.name.len())?;
                if found.read.is_none() && wanted.is(index, table.visibility) {
                    found.read = Some((index, read_rows(&mut xml, bytes_max)?));
                } else {
                    xml.skip()?;
                }
                found.tables.push(table);
                if wanted == Wanted::Only(index) {
                    return Ok(found);
                }
            }
            _ => xml.skip()?,
        }
    }
}

impl Wanted {
    /// Whether the cells of the table with this index are requested.
    fn is(self, index: usize, visibility: Visibility) -> bool {
        match self {
            Self::FirstVisible => visibility == Visibility::Visible,
            Self::Only(wanted) => wanted == index,
            Self::Nothing => false,
        }
    }
}

fn entry(tag: &Tag<'_>, index: usize, hidden: &HashSet<String>) -> Result<SheetEntry, Trouble> {
    let name = tag.attribute("name")?;
    let style = tag.attribute("style-name")?;
    Ok(SheetEntry {
        name: name.unwrap_or_else(|| format!("Sheet{}", index + 1)),
        visibility: if style.is_some_and(|style| hidden.contains(&style)) {
            Visibility::Hidden
        } else {
            Visibility::Visible
        },
    })
}

/// Reads the rows of a table to its end.
fn read_rows<R: BufRead>(xml: &mut Xml<R>, bytes_max: u64) -> Result<Grid, Trouble> {
    let mut grid = Grid::new(bytes_max);
    let mut row = 0_u32;
    let mut open = 1;
    while open > 0 {
        match xml.next()? {
            Piece::Start(tag) => match tag.full_name() {
                "table:table-row" => {
                    let repeated = tag.attribute("number-rows-repeated")?;
                    let repeated = repeated.as_deref().map_or(1, paragraphs::count);
                    read_row(xml, &mut grid, row, repeated, bytes_max)?;
                    row = row.saturating_add(repeated);
                }
                "table:table-header-rows" | "table:table-rows" | "table:table-row-group" => {
                    open += 1;
                }
                _ => xml.skip()?,
            },
            Piece::End(_) => open -= 1,
            Piece::Text(_) | Piece::Other | Piece::Nothing => {}
        }
    }
    Ok(grid)
}

/// Reads one row to its end, which counts for `repeated` rows from `row` on.
fn read_row<R: BufRead>(
    xml: &mut Xml<R>,
    grid: &mut Grid,
    row: u32,
    repeated: u32,
    bytes_max: u64,
) -> Result<(), Trouble> {
    let mut column = 0_u32;
    let mut filled = Vec::new();
    loop {
        let (head, is_covered) = match xml.next()? {
            Piece::Start(tag) => match tag.full_name() {
                "table:table-cell" => (Head::of(&tag)?, false),
                // Covered by a merged cell: its content is not visible.
                "table:covered-table-cell" => (Head::of(&tag)?, true),
                _ => {
                    xml.skip()?;
                    continue;
                }
            },
            Piece::End(_) => break,
            Piece::Text(_) | Piece::Other | Piece::Nothing => continue,
        };
        let (columns, rows_merged) = (head.columns, head.rows_merged);
        let shown = paragraphs::read(xml, bytes_max)?;
        if let Some(value) = head.value(shown).filter(|_| !is_covered) {
            let cells = Cells {
                column,
                columns,
                rows_merged,
                value,
            };
            cells.put(grid, row)?;
            if repeated > 1 {
                filled.push(cells);
            }
        }
        column = column.saturating_add(columns);
    }
    if filled.is_empty() {
        return Ok(());
    }
    for row in (row..row.saturating_add(repeated)).skip(1) {
        for cells in &filled {
            cells.put(grid, row)?;
        }
    }
    Ok(())
}

/// Equal cells beside each other.
struct Cells {
    column: u32,
    columns: u32,
    rows_merged: u32,
    value: Value,
}

impl Cells {
    fn put(&self, grid: &mut Grid, row: u32) -> Result<(), Trouble> {
        let rows = row..=row.saturating_add(self.rows_merged - 1);
        for column in self.column..self.column.saturating_add(self.columns) {
            match &self.value {
                Value::Text(text) => grid.put_text(row, column, text)?,
                Value::NoResult => grid.put(row, column, Value::NoResult)?,
            }
            grid.merge(rows.clone(), &(column..=column));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
