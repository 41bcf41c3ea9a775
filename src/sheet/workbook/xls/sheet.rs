//! Reads the cells of one worksheet of an `.xls` workbook.
//!
//! Only records with a value count. A chart inside the worksheet has records like those of cells; they are skipped.

use super::super::codes::{error, truth, unpacked};
use super::super::grid::{Grid, Value};
use super::super::{Trouble, broken};
use super::container::damaged;
use super::record::{Continued, Record, Records, f64_at, u16_at, u32_at};
use super::text::Length;
use super::{
    Globals,
    kind::{BOF, EOF},
};
use crate::sheet::number_format::Format;

/// Records of cells, by their kind.
mod kind {
    pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
    /// Those of most versions of Excel, of Excel 3 and of Excel 4; programs write them into files of all versions.
    pub(super) const FORMULA: [u16; 3] = [0x0006, 0x0206, 0x0406];
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const LABEL_SHARED: u16 = 0x00FD;
    pub(super) const LABEL_WITH_FONTS: u16 = 0x00D6;
    pub(super) const MERGED: u16 = 0x00E5;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const RK_ROW: u16 = 0x00BD;
    /// The text that is the result of the formula before it.
    pub(super) const STRING: u16 = 0x0207;
}

/// Reads the worksheet that begins with these records.
///
/// # Errors
///
/// [`Trouble::Broken`] if it is damaged, [`Trouble::TooLarge`] if it has more cells than the limit.
pub(super) fn read(
    mut records: Records<'_>,
    globals: &Globals,
    bytes_max: u64,
) -> Result<Grid, Trouble> {
    let mut reader = Reader {
        globals,
        grid: Grid::new(bytes_max),
        awaited: None,
        empty: Vec::new(),
        has_results: false,
    };
    // The number of open streams within streams, including the worksheet itself.
    let mut depth = 0_u32;
    while let Some(record) = records.next()? {
        match record.kind {
            BOF => depth = depth.saturating_add(1),
            // The stream that begins here is not a worksheet.
            _ if depth == 0 => return Err(damaged()),
            EOF => {
                depth -= 1;
                if depth == 0 {
                    return reader.end();
                }
            }
            _ if depth == 1 => reader.take(record, &mut records)?,
            _ => {}
        }
    }
    Err(broken("it is cut off"))
}

/// The position of a cell, and its style.
#[derive(Debug, Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    style: u16,
}

struct Reader<'g> {
    globals: &'g Globals,
    grid: Grid,
    /// The formula whose text comes in the next record.
    awaited: Option<Place>,
    /// The formulas whose result is an empty text.
    empty: Vec<Place>,
    /// Whether a formula has another result.
    has_results: bool,
}

impl<'g> Reader<'g> {
    fn take<'a>(&mut self, record: Record<'a>, records: &mut Records<'a>) -> Result<(), Trouble> {
        let data = record.data;
        match record.kind {
            kind::NUMBER => {
                let number = f64_at(data, 6).ok_or_else(damaged)?;
                self.put_number(place(data)?, number)
            }
            kind::RK => {
                let packed = u32_at(data, 6).ok_or_else(damaged)?;
                self.put_number(place(data)?, unpacked(packed))
            }
            kind::RK_ROW => self.take_row(data),
            kind::LABEL | kind::LABEL_WITH_FONTS => {
                let place = place(data)?;
                let mut bytes = Continued::new(&data[6..], records);
                let text = self.globals.coding.read(&mut bytes, Length::TwoBytes)?;
                self.put_text(place, &text)
            }
            kind::LABEL_SHARED => {
                let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                let globals = self.globals;
                let text = index.and_then(|index| globals.strings.get(index));
                self.put_text(place(data)?, text.ok_or_else(damaged)?)
            }
            kind::BOOL_OR_ERROR => {
                let &[value, is_error] = data
                    .get(6..)
                    .and_then(<[u8]>::first_chunk)
                    .ok_or_else(damaged)?;
                let text = if is_error == 0 {
                    truth(value)
                } else {
                    error(value)
                };
                self.put(place(data)?, text)
            }
            kind if kind::FORMULA.contains(&kind) => self.take_formula(data),
            kind::STRING => {
                let mut bytes = Continued::new(data, records);
                let text = self.globals.coding.read(&mut bytes, Length::TwoBytes)?;
                match self.awaited.take() {
                    Some(place) => self.put_text(place, &text),
                    None => Ok(()),
                }
            }
            kind::MERGED => {
                self.take_merged(data);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Neighbouring numbers.
    fn take_row(&mut self, data: &[u8]) -> Result<(), Trouble> {
        let row = u16_at(data, 0).ok_or_else(damaged)?;
        let first = u16_at(data, 2).ok_or_else(damaged)?;
        // The last two bytes are the last column.
        let numbers = data.get(4..data.len() - 2).ok_or_else(damaged)?;
        for (column, number) in (u32::from(first)..).zip(numbers.chunks_exact(6)) {
            let (Some(style), Some(packed)) = (u16_at(number, 0), u32_at(number, 2)) else {
                return Err(damaged());
            };
            let place = Place {
                row: u32::from(row),
                column,
                style,
            };
            self.put_number(place, unpacked(packed))?;
        }
        Ok(())
    }

    /// A formula with its stored result.
    fn take_formula(&mut self, data: &[u8]) -> Result<(), Trouble> {
        self.end_formula()?;
        let place = place(data)?;
        let number = f64_at(data, 6).ok_or_else(damaged)?;
        match number.to_le_bytes() {
            [0, .., 0xFF, 0xFF] => self.awaited = Some(place),
            [1, _, value, .., 0xFF, 0xFF] => self.put(place, truth(value))?,
            [2, _, code, .., 0xFF, 0xFF] => self.put(place, error(code))?,
            [_, .., 0xFF, 0xFF] => {
                self.empty.push(place);
                return Ok(());
            }
            _ => self.put_number(place, number)?,
        }
        self.has_results = true;
        Ok(())
    }

    /// Ends a formula whose text is missing.
    fn end_formula(&mut self) -> Result<(), Trouble> {
        match self.awaited.take() {
            Some(place) => self.grid.put(place.row, place.column, Value::NoResult),
            None => Ok(()),
        }
    }

    /// The cells, at the end of the worksheet.
    ///
    /// A library that cannot calculate gives every formula an empty text. Excel does so only if that is the result.
    fn end(mut self) -> Result<Grid, Trouble> {
        self.end_formula()?;
        if !self.globals.is_of_excel && !self.has_results {
            for place in &self.empty {
                self.grid.put(place.row, place.column, Value::NoResult)?;
            }
        }
        Ok(self.grid)
    }

    fn take_merged(&mut self, data: &[u8]) {
        let (ranges, _) = data.get(2..).unwrap_or_default().as_chunks::<8>();
        for range in ranges {
            let number = |at| u16_at(range, at).map(u32::from);
            let (Some(row), Some(row_last)) = (number(0), number(2)) else {
                continue;
            };
            let (Some(column), Some(column_last)) = (number(4), number(6)) else {
                continue;
            };
            self.grid.merge(row..=row_last, &(column..=column_last));
        }
    }

    fn format(&self, place: Place) -> &'g Format {
        self.globals.styles.format(place.style.into())
    }

    fn put_number(&mut self, place: Place, number: f64) -> Result<(), Trouble> {
        // The text in Excel for a number that a program could not compute.
        if !number.is_finite() {
            return self.put(place, "#NUM!");
        }
        let text = self.format(place).show(number, self.globals.is_1904);
        self.put(place, &text)
    }

    fn put_text(&mut self, place: Place, text: &str) -> Result<(), Trouble> {
        let text = self.format(place).show_text(text);
        self.put(place, &text)
    }

    fn put(&mut self, place: Place, text: &str) -> Result<(), Trouble> {
        self.grid.put_text(place.row, place.column, text)
    }
}

/// The row, the column and the style at the beginning of the record of a cell.
fn place(data: &[u8]) -> Result<Place, Trouble> {
    match (u16_at(data, 0), u16_at(data, 2), u16_at(data, 4)) {
        (Some(row), Some(column), Some(style)) => Ok(Place {
            row: u32::from(row),
            column: u32::from(column),
            style,
        }),
        _ => Err(damaged()),
    }
}
