//! Reads the parts of an `.xlsb`, which are records.
//!
//! The parts are the same as those of an `.xlsx`. The names of records are those of Microsoft's \[MS-XLSB\]. A formula
//! always has a result there.

use std::io::BufRead;

use super::budget::Budget;
use super::codes::{error, truth};
use super::contents::{Contents, Named};
use super::grid::Grid;
use super::records::{Fields, Records};
use super::strings::Strings;
use super::styles::Styles;
use super::{SheetEntry, Trouble, Visibility, broken};

const ROW_HDR: u32 = 0;
const CELL_RK: u32 = 2;
const CELL_ERROR: u32 = 3;
const CELL_BOOL: u32 = 4;
const CELL_REAL: u32 = 5;
const CELL_ST: u32 = 6;
const CELL_ISST: u32 = 7;
const FMLA_STRING: u32 = 8;
const FMLA_NUM: u32 = 9;
const FMLA_BOOL: u32 = 10;
const FMLA_ERROR: u32 = 11;
/// The first of the kinds of cells that follow the one before them and have no position.
const SHORT_BLANK: u32 = 12;
const SHORT_RK: u32 = 13;
const SHORT_ERROR: u32 = 14;
const SHORT_BOOL: u32 = 15;
const SHORT_REAL: u32 = 16;
const SHORT_ST: u32 = 17;
const SHORT_ISST: u32 = 18;
const SST_ITEM: u32 = 19;
const FMT: u32 = 44;
const XF: u32 = 47;
const CELL_R_STRING: u32 = 62;
const WB_PROP: u32 = 153;
const BUNDLE_SH: u32 = 156;
const MERGE_CELL: u32 = 176;
const BEGIN_CELL_XFS: u32 = 617;
const END_CELL_XFS: u32 = 618;

/// Reads the part of the workbook, which has sheets of every kind.
///
/// # Errors
///
/// [`Trouble`].
pub(super) fn read_workbook<R: BufRead>(
    mut records: Records<R>,
    budget: &mut Budget,
) -> Result<Contents, Trouble> {
    let mut contents = Contents::default();
    while let Some((kind, mut fields)) = records.next(|kind| matches!(kind, WB_PROP | BUNDLE_SH))? {
        if kind == WB_PROP {
            contents.is_1904 = fields.u32()? & 1 == 1;
            continue;
        }
        let visibility = if fields.u32()? == 0 {
            Visibility::Visible
        } else {
            Visibility::Hidden
        };
        let _id = fields.u32()?;
        let (relation, name) = (fields.text()?, fields.text()?);
        budget.take(size_of::<Named>() + name.len() + relation.len())?;
        let entry = SheetEntry { name, visibility };
        contents.sheets.push(Named { entry, relation });
    }
    Ok(contents)
}

/// Reads the part with the shared texts.
///
/// # Errors
///
/// [`Trouble`].
pub(super) fn read_strings<R: BufRead>(
    mut records: Records<R>,
    budget: &mut Budget,
) -> Result<Strings, Trouble> {
    let mut strings = Strings::default();
    while let Some((_, mut fields)) = records.next(|kind| kind == SST_ITEM)? {
        strings.push(&rich_text(&mut fields)?, budget)?;
    }
    Ok(strings)
}

/// Reads the part with the styles.
///
/// # Errors
///
/// [`Trouble`].
pub(super) fn read_styles<R: BufRead>(
    mut records: Records<R>,
    budget: &mut Budget,
) -> Result<Styles, Trouble> {
    let is_wanted = |kind| matches!(kind, FMT | XF | BEGIN_CELL_XFS | END_CELL_XFS);
    let mut styles = Styles::default();
    let mut is_in_cells = false;
    while let Some((kind, mut fields)) = records.next(is_wanted)? {
        match kind {
            FMT => styles.push_code(u32::from(fields.u16()?), fields.text()?),
            XF if is_in_cells => {
                let _parent = fields.u16()?;
                styles.push_style(u32::from(fields.u16()?), budget)?;
            }
            kind => is_in_cells = kind == BEGIN_CELL_XFS,
        }
    }
    Ok(styles)
}

/// A text; a mark before it says whether fonts and readings follow it.
fn rich_text(fields: &mut Fields) -> Result<String, Trouble> {
    let _mark = fields.u8()?;
    fields.text()
}

/// The state of reading the cells of a worksheet.
pub(super) struct Cells<'book> {
    strings: &'book Strings,
    styles: &'book Styles,
    is_1904: bool,
    /// The row, counted from 0.
    row: u32,
    /// The column of the next cell without a position.
    column: u32,
}

impl<'book> Cells<'book> {
    pub(super) fn new(strings: &'book Strings, styles: &'book Styles, is_1904: bool) -> Self {
        Self {
            strings,
            styles,
            is_1904,
            row: 0,
            column: 0,
        }
    }

    /// Reads the part of a worksheet to its end.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(super) fn read<R: BufRead>(
        mut self,
        mut records: Records<R>,
        grid: &mut Grid,
    ) -> Result<(), Trouble> {
        let is_wanted = |kind| matches!(kind, ROW_HDR..=SHORT_ISST | CELL_R_STRING | MERGE_CELL);
        while let Some((kind, mut fields)) = records.next(is_wanted)? {
            match kind {
                ROW_HDR => {
                    self.row = fields.u32()?;
                    self.column = 0;
                }
                MERGE_CELL => {
                    let rows = fields.u32()?..=fields.u32()?;
                    grid.merge(rows, &(fields.u32()?..=fields.u32()?));
                }
                kind => self.cell(kind, &mut fields, grid)?,
            }
        }
        Ok(())
    }

    fn cell(&mut self, kind: u32, fields: &mut Fields, grid: &mut Grid) -> Result<(), Trouble> {
        if !matches!(kind, SHORT_BLANK..=SHORT_ISST) {
            self.column = fields.u32()?;
        }
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(1);
        // The upper byte is a mark.
        let style = fields.u32()? & 0x00FF_FFFF;
        let format = self
            .styles
            .format(usize::try_from(style).unwrap_or(usize::MAX));
        match kind {
            CELL_RK | SHORT_RK => {
                grid.put_text(row, column, &format.show(fields.rk()?, self.is_1904))
            }
            CELL_REAL | FMLA_NUM | SHORT_REAL => {
                grid.put_text(row, column, &format.show(fields.f64()?, self.is_1904))
            }
            CELL_ERROR | FMLA_ERROR | SHORT_ERROR => {
                grid.put_text(row, column, error(fields.u8()?))
            }
            CELL_BOOL | FMLA_BOOL | SHORT_BOOL => grid.put_text(row, column, truth(fields.u8()?)),
            CELL_ISST | SHORT_ISST => {
                let index = usize::try_from(fields.u32()?).ok();
                let text = index.and_then(|index| self.strings.get(index));
                let text = text.ok_or_else(|| broken("a cell has a text that is missing"))?;
                grid.put_text(row, column, &format.show_text(text))
            }
            CELL_ST | FMLA_STRING | SHORT_ST => {
                grid.put_text(row, column, &format.show_text(&fields.text()?))
            }
            CELL_R_STRING => grid.put_text(row, column, &format.show_text(&rich_text(fields)?)),
            // Blank.
            _ => Ok(()),
        }
    }
}
