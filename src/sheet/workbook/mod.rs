//! A workbook → records.
//!
//! The first sheet with the columns that are needed is read, or the one that was asked for; hidden ones only when asked
//! for. It is held in memory as text: a workbook is a compressed archive that its reader must take as a whole. Only cells
//! with something in them are held, so that one stray cell in the last row costs nothing. Numbers of rows are those that
//! the spreadsheet shows; formulas are not computed: the result that was stored counts.

mod budget;
mod grid;
mod row;

use std::cell::Cell;
use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use calamine::{
    Data, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Sheets, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};

use grid::{Grid, Value};

use super::cell;
use super::dialect::{Kind, Magic};
use super::{SheetError, Source};
use crate::domain::shown::shown;

type Bytes = BufReader<File>;

pub(super) use grid::Rows;

/// A workbook of any size may hold so many bytes of text.
const BYTES_FREE: u64 = 64 * 1024 * 1024;
/// Beyond that, so many times the size of its file.
const BYTES_TIMES: u64 = 20;

/// A workbook whose sheets can be read.
pub(super) struct Workbook {
    source: Source,
    kind: Kind,
    sheets: Sheets<Bytes>,
    /// Bytes of text that a sheet of it may hold.
    bytes_max: u64,
}

thread_local! {
    /// Whether a panic of this thread is caught and told as an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Why a workbook could not be opened or read.
enum Trouble {
    /// It is encrypted.
    Locked,
    /// It cannot be understood; why.
    Broken(String),
    /// It unpacks to more than its size allows.
    TooLarge,
}

impl Workbook {
    /// Opens the file, whose first bytes are `magic`.
    ///
    /// # Errors
    ///
    /// [`SheetError::BrokenWorkbook`], [`SheetError::Locked`], [`SheetError::CannotRead`].
    pub(super) fn open(path: &Path, magic: Magic) -> Result<Self, SheetError> {
        let source = Source::File(path.to_owned());
        let mut first = None;
        for kind in candidates(magic, Kind::of(path)) {
            let file = File::open(path).map_err(|err| SheetError::CannotRead {
                sheet: source.clone(),
                source: err,
            })?;
            let length = file.metadata().map_or(0, |about| about.len());
            let bytes_max = BYTES_FREE.saturating_add(length.saturating_mul(BYTES_TIMES));
            match guarded(|| open(kind, BufReader::new(file))) {
                Ok(sheets) => {
                    return Ok(Self {
                        source,
                        kind,
                        sheets,
                        bytes_max,
                    });
                }
                Err(Trouble::Locked) => return Err(SheetError::Locked { sheet: source }),
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        Err(in_words(&source, first.unwrap_or(Trouble::Locked)))
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of all sheets with cells, hidden ones included, in their order.
    pub(super) fn names(&self) -> Vec<String> {
        self.sheets_that(|_| true)
    }

    /// The names of the sheets that a person sees; all, if none is to be seen.
    pub(super) fn visible(&self) -> Vec<String> {
        let visible = self.sheets_that(|visible| visible == SheetVisible::Visible);
        if visible.is_empty() {
            self.names()
        } else {
            visible
        }
    }

    fn sheets_that(&self, shown: impl Fn(SheetVisible) -> bool) -> Vec<String> {
        let sheets = self.sheets.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.typ == SheetType::WorkSheet && shown(sheet.visible))
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    /// Reads one sheet.
    ///
    /// # Errors
    ///
    /// [`SheetError::BrokenWorkbook`].
    pub(super) fn rows(&mut self, name: &str) -> Result<Rows, SheetError> {
        let (sheets, bytes_max) = (&mut self.sheets, self.bytes_max);
        guarded(|| read(sheets, name, bytes_max)?.into_rows())
            .map_err(|trouble| in_words(&self.source, trouble))
    }
}

/// The kinds to try: first what the name promises.
fn candidates(magic: Magic, promised: Option<Kind>) -> Vec<Kind> {
    let possible: &[Kind] = match (magic, promised) {
        // An encrypted workbook of today is an OLE container, too; its reader knows.
        (Magic::Ole, Some(Kind::Xlsx | Kind::Xlsb)) => &[Kind::Xlsx, Kind::Xls],
        (Magic::Ole, _) => &[Kind::Xls],
        _ => &[Kind::Xlsx, Kind::Xlsb, Kind::Ods],
    };
    let mut kinds = possible.to_vec();
    kinds.sort_by_key(|&kind| Some(kind) != promised);
    kinds
}

fn open(kind: Kind, bytes: Bytes) -> Result<Sheets<Bytes>, Trouble> {
    Ok(match kind {
        Kind::Xlsx => Sheets::Xlsx(Xlsx::new(bytes).map_err(|err| match err {
            XlsxError::Password => Trouble::Locked,
            err => broken(&err),
        })?),
        Kind::Xlsb => Sheets::Xlsb(Xlsb::new(bytes).map_err(|err| match err {
            XlsbError::Password => Trouble::Locked,
            err => broken(&err),
        })?),
        Kind::Xls => Sheets::Xls(Xls::new(bytes).map_err(|err| match err {
            XlsError::Password => Trouble::Locked,
            err => broken(&err),
        })?),
        Kind::Ods => Sheets::Ods(Ods::new(bytes).map_err(|err| match err {
            OdsError::Password => Trouble::Locked,
            err => broken(&err),
        })?),
    })
}

/// All cells that hold anything. The newer kinds are read cell by cell: their reader's own table would have a place for
/// every cell up to the last one.
fn read(sheets: &mut Sheets<Bytes>, name: &str, bytes_max: u64) -> Result<Grid, Trouble> {
    let mut rows = Grid::new(bytes_max);
    match sheets {
        Sheets::Xlsx(workbook) => {
            let mut cells = workbook
                .worksheet_cells_reader(name)
                .map_err(|err| broken(&err))?;
            while let Some(cell) = cells.next_cell().map_err(|err| broken(&err))? {
                hold(
                    &mut rows,
                    cell.get_position(),
                    cell.get_value().clone().into(),
                )?;
            }
        }
        Sheets::Xlsb(workbook) => {
            let mut cells = workbook
                .worksheet_cells_reader(name)
                .map_err(|err| broken(&err))?;
            while let Some(cell) = cells.next_cell().map_err(|err| broken(&err))? {
                hold(
                    &mut rows,
                    cell.get_position(),
                    cell.get_value().clone().into(),
                )?;
            }
        }
        Sheets::Xls(workbook) => hold_all(
            &mut rows,
            &workbook.worksheet_range(name).map_err(|err| broken(&err))?,
        )?,
        Sheets::Ods(workbook) => hold_all(
            &mut rows,
            &workbook.worksheet_range(name).map_err(|err| broken(&err))?,
        )?,
    }
    Ok(rows)
}

fn hold_all(rows: &mut Grid, range: &Range<Data>) -> Result<(), Trouble> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, cell) in range.used_cells() {
        let place = |first: u32, index: usize| {
            u32::try_from(index)
                .ok()
                .and_then(|index| first.checked_add(index))
        };
        let position = place(first_row, row).zip(place(first_column, column));
        hold(rows, position.unwrap_or((u32::MAX, u32::MAX)), cell.clone())?;
    }
    Ok(())
}

fn hold(grid: &mut Grid, (row, column): (u32, u32), cell: Data) -> Result<(), Trouble> {
    grid.put(row, column, Value::Text(cell::text(cell)))
}

/// Calls the workbook's reader, which a damaged file may bring to panic; nobody need see how.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                tell(panic);
            }
        }));
    });
    IS_GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(false);
    result.unwrap_or_else(|_| Err(Trouble::Broken("it is damaged".to_owned())))
}

fn broken(err: &impl Display) -> Trouble {
    Trouble::Broken(shown(&err.to_string()).into_owned())
}

fn in_words(source: &Source, trouble: Trouble) -> SheetError {
    match trouble {
        Trouble::Locked => SheetError::Locked {
            sheet: source.clone(),
        },
        Trouble::Broken(reason) => SheetError::BrokenWorkbook {
            sheet: source.clone(),
            reason,
        },
        Trouble::TooLarge => SheetError::BrokenWorkbook {
            sheet: source.clone(),
            reason: "its cells take far more room than its size allows".to_owned(),
        },
    }
}
