//! Exporting a cast: its characters to a stream, to a file in one of several formats, or to a folder.
//!
//! A file is absent or complete. The database of the command and the sheets of its casts are never written over.

use super::copy::copy;
use super::error::AppError;
use super::memory::Memory;
use super::refused::{FileFault, Refused};
use super::select::one_cast;
use crate::output::{AtomicFile, Book, Csv, Folder, Format, Jsonl, Markdown, Output, Xlsx};
use crate::store::{CastRecord, Filter, Library, Location, Reader};
use std::io::Write;
use std::path::Path;

/// What is asked of an export.
pub(crate) struct ExportAsked {
    /// The cast; `None`: the only one.
    pub cast: Option<String>,
    /// Which characters; the cast is added.
    pub filter: Filter,
    /// Cells that a spreadsheet would run as formulas are left as they are.
    pub raw: bool,
}

/// Writes the characters to `out`, as CSV. Returns how many.
///
/// # Errors
///
/// [`AppError::Store`] and [`AppError::Output`]; then a part may be written.
pub(crate) async fn to_stream(
    asked: &ExportAsked,
    db: &Location,
    out: &mut dyn Write,
) -> Result<u64, AppError> {
    let exporting = Exporting::open(asked, db).await?;
    let columns = exporting.db.columns(&exporting.cast.cast_name).await?;
    exporting
        .write(&mut Csv::new(out, &columns, asked.raw))
        .await
}

/// Writes the characters to `target`, in the format that its name chooses. Returns how many.
///
/// # Errors
///
/// [`AppError::Refused`] for a target that must not be written over; [`AppError::Store`] and [`AppError::Output`]. No incomplete
/// file is left.
pub(crate) async fn to_file(
    asked: &ExportAsked,
    db: &Location,
    target: &Path,
) -> Result<u64, AppError> {
    let format = Format::of(target)?;
    let exporting = Exporting::open(asked, db).await?;
    reject_sheets(target, &exporting.db).await?;
    reject_own_database(target, db)?;
    match format {
        Format::Db => {
            let Exporting {
                db, cast, filter, ..
            } = &exporting;
            copy(db, cast, filter, target).await
        }
        Format::Folder => exporting.write(&mut Folder::create(target)?).await,
        format => exporting.file(format, target).await,
    }
}

/// An export that is under way.
struct Exporting {
    db: Reader,
    cast: CastRecord,
    filter: Filter,
    raw: bool,
}

impl Exporting {
    async fn open(asked: &ExportAsked, db: &Location) -> Result<Self, AppError> {
        let (db, cast) = one_cast(db, asked.cast.as_deref()).await?;
        let filter = Filter {
            cast: Some(cast.cast_name.clone()),
            ..asked.filter.clone()
        };
        Ok(Self {
            db,
            cast,
            filter,
            raw: asked.raw,
        })
    }

    /// Writes the characters into one file. After an error, no incomplete file is left.
    async fn file(&self, format: Format, target: &Path) -> Result<u64, AppError> {
        let title = &self.cast.cast_name;
        let columns = self.db.columns(title).await?;
        let mut file = AtomicFile::create(target)?;
        let mut output: Box<dyn Output + '_> = match format {
            Format::Xlsx => Box::new(Xlsx::new(&mut file, &columns)?),
            Format::Jsonl => Box::new(Jsonl::new(&mut file)),
            Format::Markdown => Box::new(Markdown::new(&mut file, title)),
            Format::Html => {
                let (characters, finished) = self.count().await?;
                Box::new(Book::new(&mut file, title, characters, finished))
            }
            Format::Csv | Format::Folder | Format::Db => {
                Box::new(Csv::new(&mut file, &columns, self.raw))
            }
        };
        let written = self.write(&mut *output).await?;
        drop(output);
        file.finish()?;
        Ok(written)
    }

    /// Writes the characters; returns how many.
    async fn write(&self, output: &mut dyn Output) -> Result<u64, AppError> {
        let (db, filter) = (&self.db, &self.filter);
        output.begin()?;
        if output.lists_first() {
            db.each_record(filter, |record| Ok::<_, AppError>(output.list(&record)?))
                .await?;
        }
        let mut written = 0;
        db.each_record(filter, |record| {
            written += 1;
            Ok::<_, AppError>(output.record(&record)?)
        })
        .await?;
        output.end()?;
        Ok(written)
    }

    /// The number of selected characters, and how many of them have a story. What is read after this shows the same state of the
    /// database.
    async fn count(&self) -> Result<(u64, u64), AppError> {
        self.db.hold_still().await?;
        let (mut characters, mut finished) = (0, 0);
        self.db
            .each_record(&self.filter, |record| {
                characters += 1;
                finished += u64::from(record.backstory.is_some());
                Ok::<_, AppError>(())
            })
            .await?;
        Ok((characters, finished))
    }
}

/// Rejects the database of this command as a target.
fn reject_own_database(target: &Path, db: &Location) -> Result<(), Refused> {
    let Location::File(db) = db else {
        return Ok(());
    };
    match (target.canonicalize(), db.canonicalize()) {
        (Ok(there), Ok(db)) if there == db => {
            let fault = FileFault::TargetIsDatabase(target.to_owned());
            Err(Refused::File(fault))
        }
        _ => Ok(()),
    }
}

/// Rejects a target that is the sheet of a cast.
async fn reject_sheets(target: &Path, db: &Reader) -> Result<(), AppError> {
    let mut sheets = Vec::new();
    for each in db.casts().await? {
        let memory = Memory::of_cast(db, &each.cast_name).await?;
        sheets.extend(memory.sheets().map(str::to_owned));
    }
    let same = |sheet: &String| match (target.canonicalize(), Path::new(sheet).canonicalize()) {
        (Ok(target), Ok(sheet)) => target == sheet,
        _ => std::path::absolute(target).is_ok_and(|target| target == Path::new(sheet)),
    };
    if sheets.iter().any(same) {
        let fault = FileFault::TargetIsSheet(target.to_owned());
        return Err(Refused::File(fault).into());
    }
    Ok(())
}
