//! `backstory export [CAST]`: writes the cast to a file in one of several formats.

use crate::app::memory::Memory;
use crate::cli::args::SelectionArgs;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::output::{AtomicFile, Book, Csv, Folder, Format, Jsonl, Markdown, Output, Xlsx};
use crate::store::{CastRecord, Library, Location, Reader};
use clap::Args;
use std::path::{Path, PathBuf};

/// Write the cast as .csv .xlsx .jsonl .md .html .db; without -o, CSV to standard output
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory export -o cast-finished.csv     the sheet, with its stories
  backstory export -o cast-finished.xlsx    the same, as a workbook
  backstory export -o cast.jsonl            one JSON object per line
  backstory export -o cast.html             a book to read and to print
  backstory export -o cast.md --flag long   Markdown, only long stories
  backstory export -o stories/              one Markdown file per character
  backstory export -o copy.db               a separate database
  backstory export --status done | less     CSV to standard output")]
pub(in crate::cli) struct ExportArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// The file: .csv, .xlsx, .jsonl, .md, .html or .db; a folder if it ends with `/`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not escape cells that a spreadsheet would run as formulas
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub(in crate::cli) async fn export(
    args: ExportArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let format = match &args.output {
        Some(file) => Format::of(file)?,
        None => Format::Csv,
    };
    let db = database.db.open_to_read().await?;
    let cast = db.one_cast(database.cast(args.cast.as_deref())?).await?;
    let Some(path) = &args.output else {
        let columns = db.columns(&cast.cast_name).await?;
        let mut csv = Csv::new(&mut console.out, &columns, args.raw);
        write(&db, &cast, &args.selection, &mut csv).await?;
        return Ok(Exit::Done);
    };
    reject_sheets(path, &db).await?;
    reject_own_database(path, &database.db)?;
    let written = match format {
        Format::Db => copy(&db, &cast, &args.selection, path).await?,
        Format::Folder => write(&db, &cast, &args.selection, &mut Folder::create(path)?).await?,
        format => to_file(&db, &cast, &args, format, path).await?,
    };
    let (many, file) = (plural(written, "character"), path.to_string_lossy());
    writeln!(console.err, "wrote {many} to `{}`", shown(&file))?;
    Ok(Exit::Done)
}

/// Writes the cast into one file. After an error, no incomplete file is left.
async fn to_file(
    db: &Reader,
    cast: &CastRecord,
    args: &ExportArgs,
    format: Format,
    path: &Path,
) -> Result<u64, CliError> {
    let columns = db.columns(&cast.cast_name).await?;
    let title = &cast.cast_name;
    let mut file = AtomicFile::create(path)?;
    let mut output: Box<dyn Output + '_> = match format {
        Format::Xlsx => Box::new(Xlsx::new(&mut file, &columns)?),
        Format::Jsonl => Box::new(Jsonl::new(&mut file)),
        Format::Markdown => Box::new(Markdown::new(&mut file, title)),
        Format::Html => {
            let (characters, finished) = count(db, cast, &args.selection).await?;
            Box::new(Book::new(&mut file, title, characters, finished))
        }
        Format::Csv | Format::Folder | Format::Db => {
            Box::new(Csv::new(&mut file, &columns, args.raw))
        }
    };
    let written = write(db, cast, &args.selection, &mut *output).await?;
    drop(output);
    file.finish()?;
    Ok(written)
}

/// Writes the selected characters of `cast`; returns how many.
async fn write(
    db: &Reader,
    cast: &CastRecord,
    selection: &SelectionArgs,
    output: &mut dyn Output,
) -> Result<u64, CliError> {
    let filter = selection.filter(Some(&cast.cast_name));
    output.begin()?;
    if output.lists_first() {
        db.each_record(&filter, |record| Ok::<_, CliError>(output.list(&record)?))
            .await?;
    }
    let mut written = 0;
    db.each_record(&filter, |record| {
        written += 1;
        Ok::<_, CliError>(output.record(&record)?)
    })
    .await?;
    output.end()?;
    Ok(written)
}

/// The number of selected characters, and how many of them have a story. What is read after this shows the same state of the
/// database.
async fn count(
    db: &Reader,
    cast: &CastRecord,
    selection: &SelectionArgs,
) -> Result<(u64, u64), CliError> {
    db.hold_still().await?;
    let (mut characters, mut finished) = (0, 0);
    db.each_record(&selection.filter(Some(&cast.cast_name)), |record| {
        characters += 1;
        finished += u64::from(record.backstory.is_some());
        Ok::<_, CliError>(())
    })
    .await?;
    Ok((characters, finished))
}

/// Copies the cast, or the selected characters, into a new database.
async fn copy(
    db: &Reader,
    cast: &CastRecord,
    selection: &SelectionArgs,
    path: &Path,
) -> Result<u64, CliError> {
    let leaves_out = cast.gone > 0 && !selection.gone;
    let only = if selection.which.is_given() || leaves_out {
        let filter = selection.filter(Some(&cast.cast_name));
        Some(db.ids(&filter).await?)
    } else {
        None
    };
    reject_any_database(path)?;
    let file = AtomicFile::create_for_owner(path)?;
    db.copy(cast.id, only.as_deref(), file.path()).await?;
    file.finish()?;
    let all = cast.total + cast.gone;
    Ok(only.map_or(all, |only| u64::try_from(only.len()).unwrap_or(u64::MAX)))
}

/// Rejects a target for a copy that exists, or that has a log file of a database: a process may be using that database.
fn reject_any_database(target: &Path) -> Result<(), CliError> {
    let log = |ending: &str| {
        let mut name = target.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let taken = [target.to_owned(), log("-wal"), log("-journal")];
    let Some(taken) = taken.iter().find(|file| file.symlink_metadata().is_ok()) else {
        return Ok(());
    };
    let words = format!("`{}` already exists", shown(&taken.to_string_lossy()));
    let hint = "a database is never replaced: choose another file name, or remove that file first";
    Err(Failure::usage(words, hint).into())
}

/// Rejects the database of this command as a target.
fn reject_own_database(target: &Path, db: &Location) -> Result<(), CliError> {
    let same = match db {
        Location::File(db) => match (target.canonicalize(), db.canonicalize()) {
            (Ok(target), Ok(db)) => target == db,
            _ => false,
        },
        Location::Server(_) => false,
    };
    if same {
        let words = format!(
            "`{}` is the database of this command",
            shown(&target.to_string_lossy())
        );
        return Err(Failure::usage(words, "choose another file name").into());
    }
    Ok(())
}

/// Rejects a target that is the sheet of a cast.
async fn reject_sheets(target: &Path, db: &Reader) -> Result<(), CliError> {
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
        let words = format!(
            "`{}` is the sheet of a cast",
            shown(&target.to_string_lossy())
        );
        return Err(Failure::usage(words, "choose another file name").into());
    }
    Ok(())
}
