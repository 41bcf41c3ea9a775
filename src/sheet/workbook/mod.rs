//! Reads a workbook as records.
//!
//! The reader of each kind fills the same [`Grid`] with the texts of the cells. Only worksheets with filled cells count. The
//! caller chooses one; a hidden one only by its name. A worksheet is held in memory as text, within a limit that grows with
//! the size of the file; a file that unpacks to more is refused. Row numbers are those of the spreadsheet. Formulas are not
//! calculated: the stored result is used.

mod budget;
mod codes;
mod contents;
mod grid;
mod ods;
mod office;
mod package;
#[cfg(test)]
mod read_back;
mod records;
mod row;
mod strings;
mod styles;
mod xls;
mod xlsb;
mod xlsx;
mod xml;

use std::cell::Cell;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use grid::Grid;
use ods::Ods;
use office::{Form, OfficeBook};
use xls::Xls;

use super::dialect::{Kind, Magic};
use super::{SheetError, Source};
use crate::domain::shown::shown;

pub(super) use grid::Rows;

/// The bytes of memory that a workbook of any size may use.
const BYTES_FREE: u64 = 64 * 1024 * 1024;
/// Beyond that, this factor of the size of its file.
const BYTES_TIMES: u64 = 20;

/// A workbook whose worksheets can be read.
pub(super) struct Workbook {
    source: Source,
    kind: Kind,
    book: Box<dyn Book>,
}

/// The interface of the readers.
trait Book {
    /// The worksheets with filled cells, including hidden ones, in order.
    fn sheets(&self) -> &[SheetEntry];

    /// Reads the cells of the worksheet at this index of [`Book::sheets`].
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`], [`Trouble::TooLarge`].
    fn read(&mut self, index: usize) -> Result<Grid, Trouble>;
}

/// A worksheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SheetEntry {
    name: String,
    visibility: Visibility,
}

/// Whether a worksheet is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visibility {
    Visible,
    Hidden,
}

thread_local! {
    /// Whether a panic of this thread is caught and becomes an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Why a workbook could not be opened or read.
#[derive(Debug)]
enum Trouble {
    /// It is encrypted.
    Locked,
    /// It cannot be read; the reason.
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
        let cannot_read = |err| SheetError::CannotRead {
            sheet: source.clone(),
            source: err,
        };
        let mut first = None;
        for kind in candidates(magic, Kind::of(path)) {
            let file = File::open(path).map_err(cannot_read)?;
            match guarded(|| open(kind, file)) {
                Ok(book) => return Ok(Self { source, kind, book }),
                Err(Trouble::Locked) => return Err(in_words(&source, Trouble::Locked)),
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        if magic == Magic::Ole && is_encrypted(path).map_err(cannot_read)? {
            first = None;
        }
        Err(in_words(&source, first.unwrap_or(Trouble::Locked)))
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of all worksheets with filled cells, including hidden ones, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let sheets = self.book.sheets().iter();
        sheets.map(|sheet| sheet.name.clone()).collect()
    }

    /// The names of the visible worksheets; of all, if none is visible.
    pub(super) fn visible(&self) -> Vec<String> {
        let sheets = self.book.sheets().iter();
        let visible = sheets.filter(|sheet| sheet.visibility == Visibility::Visible);
        let visible: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
        if visible.is_empty() {
            self.names()
        } else {
            visible
        }
    }

    /// Reads one worksheet.
    ///
    /// # Errors
    ///
    /// [`SheetError::BrokenWorkbook`].
    pub(super) fn rows(&mut self, name: &str) -> Result<Rows, SheetError> {
        let mut sheets = self.book.sheets().iter();
        let index = sheets.position(|sheet| sheet.name == name);
        guarded(|| {
            let index = index.ok_or_else(|| broken("it has no such sheet"))?;
            self.book.read(index)?.into_rows()
        })
        .map_err(|trouble| in_words(&self.source, trouble))
    }
}

/// The kinds to try; the one of the file's name first.
fn candidates(magic: Magic, promised: Option<Kind>) -> Vec<Kind> {
    let possible: &[Kind] = match magic {
        Magic::Ole => &[Kind::Xls],
        _ => &[Kind::Xlsx, Kind::Xlsb, Kind::Ods],
    };
    let mut kinds = possible.to_vec();
    kinds.sort_by_key(|&kind| Some(kind) != promised);
    kinds
}

fn open(kind: Kind, file: File) -> Result<Box<dyn Book>, Trouble> {
    let length = file.metadata().map_or(0, |about| about.len());
    let bytes_max = BYTES_FREE.saturating_add(length.saturating_mul(BYTES_TIMES));
    Ok(match kind {
        Kind::Xlsx => Box::new(OfficeBook::open(Form::Xml, file, length, bytes_max)?),
        Kind::Xlsb => Box::new(OfficeBook::open(Form::Binary, file, length, bytes_max)?),
        Kind::Ods => Box::new(Ods::open(file, length, bytes_max)?),
        Kind::Xls => Box::new(Xls::open(BufReader::new(file), bytes_max)?),
    })
}

/// Whether an OLE container is an encrypted workbook: its directory has an entry with this name.
fn is_encrypted(path: &Path) -> io::Result<bool> {
    // Entries of the directory begin at multiples of their length.
    const ENTRY: usize = 128;
    let name: Vec<u8> = "EncryptedPackage\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut file = BufReader::new(File::open(path)?);
    let mut entry = [0; ENTRY];
    loop {
        match file.read_exact(&mut entry) {
            Ok(()) if entry.starts_with(&name) => return Ok(true),
            Ok(()) => {}
            Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(err) => return Err(err),
        }
    }
}

/// Calls a reader. A damaged file may make it panic. Then the panic is not printed, and the file is refused.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                print(panic);
            }
        }));
    });
    IS_GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(false);
    result.unwrap_or_else(|_| Err(Trouble::Broken("it is damaged".to_owned())))
}

fn broken(err: &(impl Display + ?Sized)) -> Trouble {
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
