//! A workbook: the sheet's own columns unchanged, then `backstory, status, error`, all as text.
//!
//! A text cell is never run as a formula, so no cell is changed. A story that is too long for a cell is an error with the
//! name of its character; it is never cut. Rows go to the disk as they arrive, not into memory.

use super::sheet::Columns;
use super::{AtomicFile, Output, OutputError};
use crate::domain::record::Record;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// The longest text of a cell, in UTF-16 units, as spreadsheets count.
const CELL_UTF16_MAX: usize = 32_767;

/// The most rows of a worksheet, including the header.
const ROWS_MAX: u32 = 1_048_576;

/// The width of a column of stories, in characters.
const STORY_WIDTH: f64 = 80.0;

/// A workbook while it is written.
pub(crate) struct Xlsx<'a> {
    file: &'a mut AtomicFile,
    workbook: Workbook,
    columns: Columns,
    wrapped: Format,
    rows: u32,
}

impl<'a> Xlsx<'a> {
    /// A workbook with the sheet's `columns`, for `file`.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the system has no space for its rows.
    pub(crate) fn new(file: &'a mut AtomicFile, columns: &[String]) -> Result<Self, OutputError> {
        let mut made = Workbook::new();
        made.add_worksheet_with_constant_memory()
            .map_err(workbook)?;
        Ok(Self {
            file,
            workbook: made,
            columns: Columns::new(columns),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            rows: 0,
        })
    }

    fn sheet(&mut self) -> Result<&mut Worksheet, OutputError> {
        self.workbook.worksheet_from_index(0).map_err(workbook)
    }
}

impl Output for Xlsx<'_> {
    fn begin(&mut self) -> Result<(), OutputError> {
        let header: Vec<String> = self
            .columns
            .header()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let bold = Format::new().set_bold();
        let story = u16::try_from(self.columns.story()).unwrap_or(u16::MAX);
        let sheet = self.sheet()?;
        // The library wants columns and panes to be set before the first row is written.
        sheet.set_freeze_panes(1, 0).map_err(workbook)?;
        sheet
            .set_column_width(story, STORY_WIDTH)
            .map_err(workbook)?;
        for (at, column) in (0_u16..).zip(&header) {
            sheet
                .write_string_with_format(0, at, column, &bold)
                .map_err(workbook)?;
        }
        self.rows = 1;
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        if self.rows >= ROWS_MAX {
            return Err(OutputError::TooManyRows {
                rows_max: ROWS_MAX - 1,
            });
        }
        let cells = self.columns.cells(record);
        let too_long = |cell: &String| cell.encode_utf16().count() > CELL_UTF16_MAX;
        if cells.iter().any(too_long) {
            return Err(OutputError::CellTooLong {
                name: record.name.clone(),
                chars_max: CELL_UTF16_MAX,
            });
        }
        let (row, wrapped) = (self.rows, self.wrapped.clone());
        let sheet = self.sheet()?;
        for (at, cell) in (0_u16..).zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet
                .write_string_with_format(row, at, cell, &wrapped)
                .map_err(workbook)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), OutputError> {
        self.workbook
            .save_to_writer(&mut *self.file)
            .map_err(workbook)
    }
}

fn workbook(err: XlsxError) -> OutputError {
    match err {
        XlsxError::IoError(source) => OutputError::Failed { source },
        source => OutputError::Workbook {
            source: Box::new(source),
        },
    }
}
