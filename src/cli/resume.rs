//! `backstory resume [CAST]`: continue without the sheet, as the last run did.

use super::args::{LimitArgs, PaceArgs, Progress, ProviderArgs, ReportArgs, from_zero};
use super::drive::{Drive, drive};
use super::file::ProjectFile;
use super::listen::survive_file_size_limit;
use super::memory::Memory;
use super::provider::{self, Writer};
use super::run::only;
use super::{CliError, Console, Database};
use crate::exit::{Exit, Failure};
use crate::store::{NewRun, Sqlite};
use clap::Args;
use std::sync::Arc;

/// Continue without the sheet, with what the cast remembers of its last run
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory resume                 the only cast of the database
  backstory resume villagers --rate 30/min
  backstory resume --retry         failed characters, too")]
pub(super) struct ResumeArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// At most so many pending characters, in the sheet's order
    #[arg(long, value_name = "N", value_parser = from_zero, allow_negative_numbers = true)]
    limit: Option<u64>,
    /// These only: a name, a key or #ROW; may be given several times
    #[arg(long, value_name = "WHO")]
    only: Vec<String>,
    /// Failed characters, too
    #[arg(long)]
    retry: bool,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) async fn resume(
    mut args: ResumeArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    file.pace(&mut args.pace)?;
    file.limits(&mut args.limits)?;
    file.report(&mut args.report)?;
    if let Some(note) = file.provider(&mut args.provider)?
        && args.report.progress != Some(Progress::Json)
    {
        let _ = writeln!(console.err, "{note}");
    }
    let reader = Sqlite::open_to_read(&database.db).await?;
    let cast = reader
        .one_cast(database.cast(args.cast.as_deref())?)
        .await?;
    let memory = Memory::of_cast(&reader, &cast.cast_name).await?;
    let recipe = reader.recipe(cast.id).await?;
    drop(reader);
    let writer = Writer::resolve(&args.provider, &memory)?;
    if writer.name != recipe.provider {
        let words = format!(
            "cast `{}` is written by `{}`, not by `{}`",
            cast.cast_name, recipe.provider, writer.name
        );
        let hint = "`backstory run SHEET --provider …` takes a cast to another provider";
        return Err(Failure::usage(words, hint).into());
    }
    let writer = writer.with_key(&args.provider)?;
    let mut remember = memory;
    remember.base_url = writer.base_url();
    survive_file_size_limit()?;
    let db = Sqlite::open(&database.db).await?;
    let new = NewRun {
        cast: cast.id,
        recipe,
        endpoint: writer.endpoint_name(),
        retry_failed: args.retry,
        take_up_max: args.limit,
        only: only(&db, &cast.cast_name, &args.only).await?,
        memory: remember.write(),
    };
    let drive_with = Drive {
        db: Arc::new(db),
        new,
        provider: provider::start(&writer, &args.limits).await?,
        settings: provider::settings(&writer, &args.pace, &args.limits, args.limit),
        progress: args.report.progress.unwrap_or_default(),
    };
    drive(drive_with, console).await
}
