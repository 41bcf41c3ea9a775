//! `backstory resume [CAST]`: continue without the sheet, as the last run did.

use super::args::{LimitArgs, PaceArgs, ProviderArgs, ReportArgs};
use super::drive::{Drive, drive};
use super::memory::Memory;
use super::provider::{self, Writer};
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
    args: ResumeArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let reader = Sqlite::open_to_read(&database.db).await?;
    let cast = reader.one_cast(database.cast(args.cast.as_deref())).await?;
    let memory = reader.memory(&cast.cast_name).await?;
    let memory = memory.map(|json| Memory::read(&json)).unwrap_or_default();
    let recipe = reader.recipe(&cast.cast_name).await?;
    drop(reader);
    let writer = Writer::resolve(&args.provider, &memory)?;
    if writer.name != recipe.provider {
        let words = format!(
            "cast `{}` is written by `{}`, not by `{}`",
            cast.cast_name, recipe.provider, writer.name
        );
        let hint = "`backstory run SHEET` takes a cast to another provider";
        return Err(Failure::usage(words, hint).into());
    }
    let remember = Memory {
        base_url: writer.base_url(),
        ..memory
    };
    let db = Arc::new(Sqlite::open(&database.db).await?);
    let new = NewRun {
        cast: cast.id,
        recipe,
        endpoint: writer.endpoint_name(),
        retry_failed: args.retry,
        only: None,
        memory: remember.write(),
    };
    let provider = provider::start(&writer, args.limits.connect_timeout).await?;
    let drive_with = Drive {
        db,
        new,
        provider,
        settings: provider::settings(&writer, &args.pace, &args.limits),
        progress: args.report.progress,
    };
    drive(drive_with, console).await
}
