//! `backstory run SHEET`: import what is new, generate what is pending.

use super::args::{
    ChoiceArgs, CostArgs, LimitArgs, PaceArgs, Progress, PromptArgs, ProviderArgs, ReportArgs,
    SheetArgs,
};
use super::carry_on::tell;
use super::cost::{budget, tokens_max};
use super::drive::{Drive, drive, shows_bar};
use super::file::ProjectFile;
use super::listen::survive_file_size_limit;
use super::memory::Memory;
use super::plan::{PlanArgs, plan};
use super::prepare::{Prepared, prepare};
use super::take_in::take_in;
use super::unchanged::Reading;
use super::{CliError, Console, Database, provider};
use crate::domain::character::CharacterId;
use crate::exit::{Exit, Failure};
use crate::sheet::Prompt;
use crate::store::{NewRun, Reopen, Sqlite};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Import what is new and generate what is pending; the same command again continues
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory run cast.csv --provider demo      try it, without a key
  backstory run cast.csv                      with CONVAI_API_KEY set
  backstory run cast.xlsx --template '{{ role }} in {{ city }}. {{ traits }}'
  backstory run cast.csv --provider openai --model llama3.2 \\
      --base-url http://127.0.0.1:11434/v1
  backstory run cast.csv --retry              failed characters, too
  backstory run cast.csv --rate 30/min --max-requests 100")]
pub(super) struct RunArgs {
    /// The sheet: .csv, .tsv, .xlsx, .xls, .ods with a header, or `-` for standard input
    sheet: PathBuf,
    /// Only say what would be done, as `plan` does
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    columns: SheetArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    cost: CostArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) async fn run(
    mut args: RunArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    if args.dry_run {
        return plan(PlanArgs::of_run(args), database, console).await;
    }
    let file = args.complete()?;
    let prepared = prepare(
        &args.sheet,
        &mut args.columns,
        &mut args.provider,
        &mut args.prompt,
        &file,
        database,
    )
    .await?;
    let Prepared {
        cast,
        sheet,
        options,
        writer,
        recipe,
        prompt,
        memory,
        notes,
    } = prepared;
    let told = args.report.progress != Some(Progress::Json);
    tell(console, notes.into_iter().filter(|_| told));
    // Before the database is made.
    let budget = budget(&args.cost, writer.name, writer.told.as_ref())?;
    let writer = writer.with_key(&args.provider)?;
    survive_file_size_limit()?;
    let db = Sqlite::open(&database.db).await?;
    let progress = args.report.progress.unwrap_or_default();
    let reading = Reading::new(&args.sheet, &options, &recipe);
    let seen = shows_bar(progress);
    let taken_in = take_in(&db, sheet, &reading, &cast, &recipe, &args.choice, seen).await;
    let (cast, only) = match taken_in {
        Ok(taken_in) => {
            tell(console, taken_in.notes.into_iter().filter(|_| told));
            let only = only(&db, &cast, &args.choice.only).await?;
            (taken_in.cast, only)
        }
        Err(err) => {
            db.discard().await;
            return Err(err);
        }
    };
    let new = NewRun {
        cast,
        recipe,
        endpoint: writer.endpoint_name(),
        reopen: Reopen::failed_if(args.choice.retry),
        take_up_max: args.choice.limit,
        only,
        tells_columns: tells_columns(prompt.as_ref()),
        memory: Memory::of_run(&writer, &args.sheet, &options, memory).write(),
    };
    let drive_with = Drive {
        db: Arc::new(db),
        new,
        provider: provider::start(&writer, prompt, tokens_max(budget), &args.limits).await?,
        settings: provider::settings(&writer, &args.pace, budget, &args.limits, args.choice.limit),
        progress,
    };
    drive(drive_with, console).await
}

/// Whether the requests need the columns.
pub(super) fn tells_columns(prompt: Option<&Prompt>) -> bool {
    prompt.is_some_and(|prompt| !prompt.columns().is_empty())
}

/// The characters that `--only` names; `None` when it was not given.
pub(super) async fn only(
    db: &Sqlite,
    cast: &str,
    only: &[String],
) -> Result<Option<Vec<CharacterId>>, CliError> {
    if only.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::with_capacity(only.len());
    for who in only {
        ids.push(super::show::one(db, cast, who, false).await?.0);
    }
    Ok(Some(ids))
}

impl RunArgs {
    /// Takes from the project's file what was not typed and is not about the sheet or the provider.
    fn complete(&mut self) -> Result<ProjectFile, Failure> {
        let file = ProjectFile::read()?;
        file.pace(&mut self.pace)?;
        file.cost(&mut self.cost)?;
        file.limits(&mut self.limits)?;
        file.report(&mut self.report)?;
        Ok(file)
    }
}

impl PlanArgs {
    /// What `plan` is asked for by `run --dry-run`.
    fn of_run(args: RunArgs) -> Self {
        Self {
            sheet: args.sheet,
            columns: args.columns,
            choice: args.choice,
            provider: args.provider,
            prompt: args.prompt,
            pace: args.pace,
            cost: args.cost,
            json: false,
        }
    }
}
