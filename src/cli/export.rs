//! `backstory export [CAST]`: the cast as a file that others can read.

use super::args::SelectionArgs;
use super::memory::Memory;
use super::summary::plural;
use super::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::output::{AtomicFile, Csv, Format, Jsonl, Output, OutputError, Xlsx};
use crate::store::Sqlite;
use clap::Args;
use std::path::{Path, PathBuf};

/// The cast as CSV, XLSX or JSONL, by the file's name
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory export -o cast-finished.csv     the sheet, and the stories beside it
  backstory export -o cast-finished.xlsx    the same, as a workbook
  backstory export -o cast.jsonl            one JSON object a line
  backstory export --status done | less     CSV to standard output")]
pub(super) struct ExportArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// The file: .csv, .xlsx or .jsonl
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave cells alone that a spreadsheet would run as formulas
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub(super) async fn export(
    args: ExportArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let format = match &args.output {
        Some(file) => Format::of(file)?,
        None => Format::Csv,
    };
    let db = Sqlite::open_to_read(&database.db).await?;
    let cast = db
        .one_cast(database.cast(args.cast.as_deref())?)
        .await?
        .cast_name;
    let columns = db.columns(&cast).await?;
    let mut sheets = Vec::new();
    for each in db.casts().await? {
        sheets.extend(Memory::of_cast(&db, &each.cast_name).await?.sheet);
    }
    let mut file = match &args.output {
        Some(path) => {
            spare_the_sheets(path, &sheets)?;
            Some(AtomicFile::create(path)?)
        }
        None => None,
    };
    let mut output: Box<dyn Output + '_> = match (format, &mut file) {
        (Format::Xlsx, Some(file)) => Box::new(Xlsx::new(file, &columns)?),
        (Format::Csv, Some(file)) => Box::new(Csv::new(file, &columns, args.raw)),
        (Format::Jsonl, Some(file)) => Box::new(Jsonl::new(file)),
        (_, None) => Box::new(Csv::new(&mut console.out, &columns, args.raw)),
    };
    output.begin()?;
    let mut written = 0;
    db.each_record(&args.selection.filter(Some(&cast)), |record| {
        written += 1;
        Ok::<_, CliError>(output.record(&record)?)
    })
    .await?;
    output.end()?;
    drop(output);
    if let (Some(file), Some(path)) = (file, &args.output) {
        file.finish()?;
        let many = plural(written, "character");
        writeln!(
            console.err,
            "{many} in `{}`",
            shown(&path.to_string_lossy())
        )?;
    }
    Ok(Exit::Done)
}

/// Refuses to write over a sheet that a cast came from.
fn spare_the_sheets(target: &Path, sheets: &[String]) -> Result<(), CliError> {
    let same = |sheet: &String| match (target.canonicalize(), Path::new(sheet).canonicalize()) {
        (Ok(target), Ok(sheet)) => target == sheet,
        _ => std::path::absolute(target).is_ok_and(|target| target == Path::new(sheet)),
    };
    if sheets.iter().any(same) {
        let words = format!(
            "`{}` is a cast's own sheet",
            shown(&target.to_string_lossy())
        );
        return Err(Failure::usage(words, "name another file").into());
    }
    Ok(())
}

impl From<OutputError> for Failure {
    fn from(err: OutputError) -> Self {
        Self::usage(err.to_string(), err.hint().unwrap_or_default())
    }
}
