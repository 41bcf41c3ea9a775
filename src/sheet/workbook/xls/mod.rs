//! Reads workbooks of Excel before 2007, `.xls`: those of Excel 97 and later, and of Excel 5 and 95.
//!
//! The workbook is one stream of records, which is held in memory; a worksheet is read when it is requested. Cells have the
//! text that is shown: numbers and dates in the format of their cell, and the stored results of formulas. Formulas are not
//! calculated, and charts, drawings and macros are not read.

mod container;
mod record;
mod sheet;
mod text;

use std::io::{Read, Seek};

use super::budget::Budget;
use super::grid::Grid;
use super::strings::Strings;
use super::styles::Styles;
use super::{Book, SheetEntry, Trouble, Visibility, broken};
use container::{Name, damaged};
use record::{Continued, Record, Records, u16_at, u32_at};
use text::{Coding, Length};

/// Records of the workbook, by their kind.
mod kind {
    pub(super) const BOF: u16 = 0x0809;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const SHARED_STRINGS: u16 = 0x00FC;
    pub(super) const XF: u16 = 0x00E0;
}

/// The code page of Western Windows, for a workbook that names none.
const CODE_PAGE_DEFAULT: u16 = 1252;

/// A workbook whose worksheets can be read.
pub(super) struct Xls {
    stream: Vec<u8>,
    globals: Globals,
    /// The bytes of memory that a worksheet may use.
    bytes_max: u64,
}

/// The settings of all worksheets.
struct Globals {
    coding: Coding,
    /// Whether days are counted from 1904, as on old Mac OS.
    is_1904: bool,
    /// Whether Excel saved the workbook, and not another program.
    is_of_excel: bool,
    entries: Vec<SheetEntry>,
    /// The position of the records of each worksheet in the stream.
    positions: Vec<u32>,
    strings: Strings,
    styles: Styles,
}

impl Xls {
    /// Opens a workbook and lists its worksheets. A worksheet may use so many bytes of memory.
    ///
    /// # Errors
    ///
    /// [`Trouble::Locked`] if it is encrypted, [`Trouble::Broken`] if it is not a workbook or is damaged.
    pub(super) fn open(file: impl Read + Seek, bytes_max: u64) -> Result<Self, Trouble> {
        let (name, stream) = container::workbook(file)?;
        Self::of_stream(name, stream, bytes_max)
    }

    fn of_stream(name: Name, stream: Vec<u8>, bytes_max: u64) -> Result<Self, Trouble> {
        let globals = Globals::read(name, &stream, bytes_max)?;
        Ok(Self {
            stream,
            globals,
            bytes_max,
        })
    }
}

impl Book for Xls {
    fn sheets(&self) -> &[SheetEntry] {
        &self.globals.entries
    }

    fn read(&mut self, index: usize) -> Result<Grid, Trouble> {
        let position = self.globals.positions.get(index);
        let position = position.ok_or_else(|| broken("it has no such sheet"))?;
        let position = usize::try_from(*position).ok();
        let bytes = position.and_then(|position| self.stream.get(position..));
        let records = Records::new(bytes.ok_or_else(damaged)?);
        sheet::read(records, &self.globals, self.bytes_max)
    }
}

impl Globals {
    /// Reads the records before the worksheets.
    fn read(name: Name, stream: &[u8], bytes_max: u64) -> Result<Self, Trouble> {
        let mut records = Records::new(stream);
        let begin = records.next()?.filter(|record| record.kind == kind::BOF);
        let begin = begin.ok_or_else(damaged)?;
        let version = u16_at(begin.data, 0).ok_or_else(damaged)?;
        let mut globals = Self {
            coding: match (version, name) {
                (0x0500, _) => Coding::Bytes(CODE_PAGE_DEFAULT),
                (0x0600, _) | (_, Name::Workbook) => Coding::Unicode,
                (_, Name::Book) => Coding::Bytes(CODE_PAGE_DEFAULT),
            },
            is_1904: false,
            // The history of the file: the systems on which it was saved. Only Excel writes it.
            is_of_excel: u32_at(begin.data, 8).is_some_and(|history| history != 0),
            entries: Vec::new(),
            positions: Vec::new(),
            strings: Strings::default(),
            styles: Styles::default(),
        };
        let mut budget = Budget::new(bytes_max);
        // The format of each style, by number; formats may come after the styles.
        let mut styles = Vec::new();
        while let Some(record) = records.next()? {
            match record.kind {
                kind::EOF => break,
                kind::XF => styles.push(u16_at(record.data, 2).ok_or_else(damaged)?),
                kind::SHARED_STRINGS => {
                    globals.strings = text::read_shared(record.data, &mut records, &mut budget)?;
                }
                _ => globals.take(record, &mut records)?,
            }
        }
        for format in styles {
            globals.styles.push_style(format.into(), &mut budget)?;
        }
        Ok(globals)
    }

    fn take<'a>(&mut self, record: Record<'a>, records: &mut Records<'a>) -> Result<(), Trouble> {
        let first = u16_at(record.data, 0);
        match record.kind {
            kind::FILE_PASS => return Err(Trouble::Locked),
            kind::CODE_PAGE => {
                if let (Coding::Bytes(page), Some(first)) = (&mut self.coding, first) {
                    *page = first;
                }
            }
            kind::DATE_MODE => self.is_1904 = first == Some(1),
            kind::BOUND_SHEET => self.take_sheet(record, records)?,
            kind::FORMAT => self.take_format(record, records)?,
            _ => {}
        }
        Ok(())
    }

    /// A worksheet; charts, macro sheets and modules are skipped.
    fn take_sheet<'a>(
        &mut self,
        record: Record<'a>,
        records: &mut Records<'a>,
    ) -> Result<(), Trouble> {
        let (Some(position), Some(&[visibility, kind])) = (
            u32_at(record.data, 0),
            record.data.get(4..6).and_then(<[u8]>::first_chunk),
        ) else {
            return Err(damaged());
        };
        let mut name = Continued::new(&record.data[6..], records);
        let name = self.coding.read(&mut name, Length::OneByte)?;
        if kind == 0 {
            self.positions.push(position);
            self.entries.push(SheetEntry {
                name: name.replace('\0', ""),
                visibility: match visibility & 3 {
                    0 => Visibility::Visible,
                    _ => Visibility::Hidden,
                },
            });
        }
        Ok(())
    }

    fn take_format<'a>(
        &mut self,
        record: Record<'a>,
        records: &mut Records<'a>,
    ) -> Result<(), Trouble> {
        let id = u16_at(record.data, 0).ok_or_else(damaged)?;
        let length = match self.coding {
            Coding::Unicode => Length::TwoBytes,
            Coding::Bytes(_) => Length::OneByte,
        };
        let mut code = Continued::new(&record.data[2..], records);
        let code = self.coding.read(&mut code, length)?;
        self.styles.push_code(id.into(), code);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
