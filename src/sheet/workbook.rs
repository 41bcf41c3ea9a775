//! A workbook → records.
//!
//! The first sheet with the columns that are needed is read, or the one that was asked for; hidden ones only when asked
//! for. It is held in memory as text: a workbook is a compressed archive that its reader must take as a whole. Only cells
//! with something in them are held, so that one stray cell in the last row costs nothing. Numbers of rows are those that
//! the spreadsheet shows; formulas are not computed: the result that was stored counts.

use std::cell::Cell;
use std::collections::{BTreeMap, btree_map};
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

use super::cell;
use super::dialect::{Kind, Magic};
use super::record::Record;
use super::shown::Positions;
use super::{COLUMNS_MAX, SheetError, Source};
use crate::domain::shown::shown;

type Bytes = BufReader<File>;

/// The cells of one row by column, both counted from 0.
type Cells = BTreeMap<u32, String>;

/// A workbook whose sheets can be read.
pub(super) struct Workbook {
    source: Source,
    kind: Kind,
    sheets: Sheets<Bytes>,
}

/// The rows of one sheet that hold anything.
pub(super) struct Rows {
    rows: btree_map::IntoIter<u32, Cells>,
    /// The first column that holds anything; those in front of it are not there.
    first: u32,
}

thread_local! {
    /// Whether a panic of this thread is caught and told as an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Why a workbook could not be opened or read.
enum Trouble {
    Locked,
    Broken(String),
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
            match guarded(|| open(kind, BufReader::new(file))) {
                Ok(sheets) => {
                    return Ok(Self {
                        source,
                        kind,
                        sheets,
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
        let sheets = &mut self.sheets;
        let rows =
            guarded(|| read(sheets, name)).map_err(|trouble| in_words(&self.source, trouble))?;
        let first = rows
            .values()
            .filter_map(|cells| cells.keys().next())
            .min()
            .copied()
            .unwrap_or_default();
        Ok(Rows {
            rows: rows.into_iter(),
            first,
        })
    }
}

impl Rows {
    /// How the columns are counted.
    pub(super) fn positions(&self) -> Positions {
        Positions::Letters { first: self.first }
    }

    /// Reads the next row that holds anything; `false` at the end.
    pub(super) fn read(&mut self, record: &mut Record) -> bool {
        let Some((row, cells)) = self.rows.next() else {
            return false;
        };
        record.begin(u64::from(row) + 1);
        let mut next = self.first;
        for (column, text) in cells {
            for _ in next..column {
                record.end_cell();
            }
            record.push(&text);
            record.end_cell();
            next = column + 1;
        }
        true
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
fn read(sheets: &mut Sheets<Bytes>, name: &str) -> Result<BTreeMap<u32, Cells>, Trouble> {
    let mut rows = BTreeMap::new();
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

fn hold_all(rows: &mut BTreeMap<u32, Cells>, range: &Range<Data>) -> Result<(), Trouble> {
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

fn hold(
    rows: &mut BTreeMap<u32, Cells>,
    (row, column): (u32, u32),
    cell: Data,
) -> Result<(), Trouble> {
    let text = cell::text(cell);
    if text.is_empty() {
        return Ok(());
    }
    if usize::try_from(column).is_ok_and(|column| column >= COLUMNS_MAX) {
        return Err(Trouble::Broken(
            "it has a cell to the right of the last column".to_owned(),
        ));
    }
    rows.entry(row).or_default().insert(column, text);
    Ok(())
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
    }
}
