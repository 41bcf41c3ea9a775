//! The kind of workbook that another library reads: `.xls`.
//!
//! The library does not tell the number format of a cell, so numbers are shown plainly, and dates in one form.

use std::fs::File;
use std::io::BufReader;

use calamine::{Data, Range, Reader, SheetType, SheetVisible, Xls, XlsError};

use super::grid::{Grid, Value};
use super::{Book, SheetEntry, Trouble, Visibility, broken};
use crate::sheet::cell;

type Bytes = BufReader<File>;

/// An open workbook.
pub(super) struct Foreign {
    sheets: Xls<Bytes>,
    entries: Vec<SheetEntry>,
    bytes_max: u64,
}

impl Foreign {
    /// Opens a file, of which at most `bytes_max` of text are held in memory.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(super) fn open(file: File, bytes_max: u64) -> Result<Self, Trouble> {
        let sheets = Xls::new(BufReader::new(file)).map_err(|err| match err {
            XlsError::Password => Trouble::Locked,
            err => broken(&err),
        })?;
        let metadata = sheets.sheets_metadata().iter();
        let entries = metadata
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| SheetEntry {
                name: sheet.name.clone(),
                visibility: if sheet.visible == SheetVisible::Visible {
                    Visibility::Visible
                } else {
                    Visibility::Hidden
                },
            });
        Ok(Self {
            entries: entries.collect(),
            sheets,
            bytes_max,
        })
    }
}

impl Book for Foreign {
    fn sheets(&self) -> &[SheetEntry] {
        &self.entries
    }

    fn read(&mut self, index: usize) -> Result<Grid, Trouble> {
        let name = self.entries.get(index).map_or("", |sheet| &sheet.name);
        let mut grid = Grid::new(self.bytes_max);
        let range = self.sheets.worksheet_range(name);
        put_all(&mut grid, &range.map_err(|err| broken(&err))?)?;
        Ok(grid)
    }
}

fn put_all(grid: &mut Grid, range: &Range<Data>) -> Result<(), Trouble> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let place = |first: u32, index: usize| {
            u32::try_from(index)
                .ok()
                .and_then(|index| first.checked_add(index))
        };
        let position = place(first_row, row).zip(place(first_column, column));
        put(
            grid,
            position.unwrap_or((u32::MAX, u32::MAX)),
            value.clone(),
        )?;
    }
    Ok(())
}

fn put(grid: &mut Grid, (row, column): (u32, u32), value: Data) -> Result<(), Trouble> {
    grid.put(row, column, Value::Text(cell::text(value)))
}
