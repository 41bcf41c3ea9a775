//! `backstory run SHEET`: import what is new, generate what is pending.

use super::args::{LimitArgs, PaceArgs, ProviderArgs, ReportArgs, SheetArgs};
use super::drive::{Drive, drive};
use super::memory::Memory;
use super::provider::{self, Writer};
use super::take_in::take_in;
use super::{CliError, Console, Database};
use crate::domain::recipe::{Describe, Recipe};
use crate::exit::{Exit, Failure};
use crate::sheet::{self, Options, Sheet, Source};
use crate::store::{NewRun, Sqlite, StoreError};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Import what is new and generate what is pending; the same command again continues
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory run cast.csv --provider demo      try it, without a key
  backstory run cast.csv                      with CONVAI_API_KEY set
  backstory run cast.csv --retry              failed characters, too
  backstory run cast.csv --rate 30/min --max-requests 100")]
pub(super) struct RunArgs {
    /// The sheet: a CSV file with a header, or `-` for standard input
    sheet: PathBuf,
    /// Failed characters, too
    #[arg(long)]
    retry: bool,
    #[command(flatten)]
    columns: SheetArgs,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) async fn run(
    args: RunArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let source = source(&args.sheet);
    let cast = match database.cast(None) {
        Some(name) => name.to_owned(),
        None => cast_name(&args.sheet)?,
    };
    let memory = remembered(&database.db, &cast).await?;
    // Everything that can be wrong with the command comes before the database is made.
    let writer = Writer::resolve(&args.provider, &memory)?;
    let options = options(&args.columns, &memory);
    let sheet = Sheet::open(&source, &options)?;
    let recipe = Recipe {
        provider: writer.name,
        model: None,
        describe: describe(sheet.describe()),
        prompt: None,
    };
    let remember = Memory {
        provider: Some(writer.name.to_string()),
        base_url: writer.base_url(),
        sheet: remembered_sheet(&args.sheet),
        name_column: options.name_column,
        description_column: options.description_column,
        key_column: options.key_column,
    };
    let db = Sqlite::open(&database.db).await?;
    let cast = match take_in(&db, sheet, &cast, &recipe).await {
        Ok(cast) => cast,
        Err(err) => {
            db.discard().await;
            return Err(err);
        }
    };
    let new = NewRun {
        cast,
        recipe,
        endpoint: writer.endpoint_name(),
        retry_failed: args.retry,
        only: None,
        memory: remember.write(),
    };
    let provider = provider::start(&writer, args.limits.connect_timeout).await?;
    let drive_with = Drive {
        db: Arc::new(db),
        new,
        provider,
        settings: provider::settings(&writer, &args.pace, &args.limits),
        progress: args.report.progress,
    };
    drive(drive_with, console).await
}

/// How the descriptions are made, as the recipe has it.
fn describe(by: &sheet::Describe) -> Describe {
    match by {
        sheet::Describe::Column(column) => Describe::Column(column.clone()),
        sheet::Describe::Template { text, .. } => Describe::Template(text.clone()),
    }
}

fn source(sheet: &Path) -> Source {
    if sheet == Path::new("-") {
        Source::Stdin
    } else {
        Source::File(sheet.to_owned())
    }
}

/// The name that a cast has without `--cast`: the file's stem.
fn cast_name(sheet: &Path) -> Result<String, Failure> {
    if sheet == Path::new("-") {
        return Ok("stdin".to_owned());
    }
    let stem = sheet.file_stem().and_then(|stem| stem.to_str());
    stem.map(str::to_owned).ok_or_else(|| {
        let words = format!("cannot name a cast after `{}`", sheet.display());
        Failure::usage(words, "name it with `--cast NAME`")
    })
}

/// What the cast remembers, if there is a database and the cast is in it.
async fn remembered(db: &Path, cast: &str) -> Result<Memory, StoreError> {
    match Sqlite::open_to_read(db).await {
        Ok(db) => {
            let memory = db.memory(cast).await?;
            Ok(memory.map(|json| Memory::read(&json)).unwrap_or_default())
        }
        Err(StoreError::NoCast { .. }) => Ok(Memory::default()),
        Err(err) => Err(err),
    }
}

fn options(args: &SheetArgs, memory: &Memory) -> Options {
    let or = |typed: &Option<String>, remembered: &Option<String>| {
        typed.clone().or_else(|| remembered.clone())
    };
    Options {
        name_column: or(&args.name_column, &memory.name_column),
        description_column: or(&args.description_column, &memory.description_column),
        key_column: or(&args.key_column, &memory.key_column),
        ..Options::default()
    }
}

/// The sheet's path as it holds from any folder.
fn remembered_sheet(sheet: &Path) -> Option<PathBuf> {
    if sheet == Path::new("-") {
        return None;
    }
    std::path::absolute(sheet).ok()
}
