//! `backstory run SHEET`: import what is new, generate what is pending.

use crate::cli::args::{
    ChoiceArgs, CostArgs, LimitArgs, PaceArgs, Progress, PromptArgs, ProviderArgs, ReportArgs,
    SheetArgs,
};
use crate::cli::carry_on::tell;
use crate::cli::commands::plan::{Costs, PlanArgs, foresee, plan};
use crate::cli::config::ProjectFile;
use crate::cli::cost::{budget, tokens_max};
use crate::cli::drive::{Drive, drive, shows_bar};
use crate::cli::guess::{ask, can_ask, unanswered};
use crate::cli::listen::survive_file_size_limit;
use crate::cli::memory::Memory;
use crate::cli::prepare::{Prepared, Resolved, resolve};
use crate::cli::provider;
use crate::cli::take_in::take_in;
use crate::cli::unchanged::{Reading, Unchanged};
use crate::cli::{CliError, Console, Database};
use crate::domain::character::CharacterId;
use crate::domain::recipe::Recipe;
use crate::exit::{Exit, Failure};
use crate::sheet::{Options, Prompt};
use crate::store::{NewRun, Reopen, Sqlite};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Import the sheet and write pending stories; the same command again continues
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory run cast.csv --provider demo      try it, without an API key
  backstory run cast.csv                      with CONVAI_API_KEY set
  backstory run cast.xlsx --template '{{ role }} in {{ city }}. {{ traits }}'
  backstory run cast.csv --provider openai --model llama3.2 \\
      --base-url http://127.0.0.1:11434/v1
  backstory run cast.csv --retry              also failed characters
  backstory run cast.csv --rate 30/min --max-requests 100")]
pub(in crate::cli) struct RunArgs {
    /// The sheet: .csv, .tsv, .xlsx, .xls, .ods with a header, or `-` for standard input
    sheet: PathBuf,
    /// Only show what would be done, like `plan`
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

pub(in crate::cli) async fn run(
    mut args: RunArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    if args.dry_run {
        return Box::pin(plan(PlanArgs::of_run(args), database, console)).await;
    }
    let file = args.complete()?;
    let resolved = resolve(
        &args.sheet,
        &mut args.columns,
        &mut args.provider,
        &mut args.prompt,
        &file,
        database,
    )
    .await?;
    let mut notes = Notes {
        is_silent: args.report.progress == Some(Progress::Json),
        sheet_is_known: false,
    };
    let unchanged = Unchanged::find(&args.sheet, &resolved, &args.choice, database).await?;
    let prepared = match &unchanged {
        Some(_) => {
            notes.print(console, &resolved.notes);
            None
        }
        None => Some(accepted(&resolved, &args, database, &mut notes, console).await?),
    };
    // Before the database is made.
    let writer = resolved.writer.clone();
    let budget = budget(&args.cost, writer.name, writer.told.as_ref())?;
    let writer = writer.with_key(&args.provider)?;
    survive_file_size_limit()?;
    let db = Sqlite::open(&database.db).await?;
    let to_import = ToImport {
        resolved: &resolved,
        args: &args,
        database,
        notes: &mut notes,
    };
    let imported = match to_import.import(&db, unchanged, prepared, console).await {
        Ok(imported) => imported,
        Err(err) => {
            db.discard().await;
            return Err(err);
        }
    };
    let only = only(&db, &resolved.cast, &args.choice.only).await?;
    let new = NewRun {
        cast: imported.cast,
        recipe: imported.recipe,
        endpoint: writer.endpoint_name(),
        reopen: Reopen::failed_if(args.choice.retry),
        take_up_max: args.choice.limit,
        only,
        tells_columns: tells_columns(imported.prompt.as_ref()),
        memory: Memory::of_run(&writer, &args.sheet, &imported.options, resolved.memory).write(),
    };
    let drive_with = Drive {
        db: Arc::new(db),
        new,
        provider: provider::start(&writer, imported.prompt, tokens_max(budget), &args.limits)
            .await?,
        settings: provider::settings(&writer, &args.pace, budget, &args.limits, args.choice.limit),
        progress: args.report.progress.unwrap_or_default(),
    };
    drive(drive_with, console).await
}

/// Where notes go: nowhere, when standard error is for a program.
struct Notes {
    is_silent: bool,
    /// A person has seen those about the sheet together with the question about it.
    sheet_is_known: bool,
}

impl Notes {
    fn print(&self, console: &mut Console, notes: &[String]) {
        tell(console, notes.iter().filter(|_| !self.is_silent).cloned());
    }
}

/// A cast that holds its sheet.
struct Imported {
    cast: i64,
    recipe: Recipe,
    prompt: Option<Prompt>,
    /// How the sheet was read.
    options: Options,
}

/// Opens the sheet. What is a guess about it is accepted by a switch or by a person, else nothing is sent.
async fn accepted(
    resolved: &Resolved,
    args: &RunArgs,
    database: &Database,
    notes: &mut Notes,
    console: &mut Console,
) -> Result<Prepared, CliError> {
    let prepared = resolved.clone().open()?;
    let Some(guess) = unanswered(&prepared.sheet, &args.columns) else {
        notes.print(console, &prepared.notes);
        return Ok(prepared);
    };
    if !can_ask(&args.sheet) {
        return Err(guess.refusal().into());
    }
    let costs = Costs {
        choice: &args.choice,
        pace: &args.pace,
        cost: &args.cost,
    };
    let plan = foresee(prepared, &costs, database).await?;
    ask(&guess, &plan, console)?;
    notes.sheet_is_known = true;
    // The plan has read the sheet to its end.
    resolved.clone().open()
}

/// What importing a sheet depends on.
struct ToImport<'a> {
    resolved: &'a Resolved,
    args: &'a RunArgs,
    database: &'a Database,
    notes: &'a mut Notes,
}

impl ToImport<'_> {
    /// Imports the sheet into its cast, unless the cast holds it as it is.
    async fn import(
        self,
        db: &Sqlite,
        unchanged: Option<Unchanged>,
        prepared: Option<Prepared>,
        console: &mut Console,
    ) -> Result<Imported, CliError> {
        if let Some(unchanged) = unchanged
            && unchanged.still_holds(db, &self.resolved.cast).await?
        {
            return Ok(Imported {
                cast: unchanged.cast,
                recipe: unchanged.recipe,
                prompt: unchanged.prompt,
                options: self.resolved.options().clone(),
            });
        }
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => accepted(self.resolved, self.args, self.database, self.notes, console).await?,
        };
        let Prepared {
            cast,
            sheet,
            options,
            recipe,
            prompt,
            ..
        } = prepared;
        let reading = Reading::new(&self.args.sheet, &options, &recipe);
        let seen = shows_bar(self.args.report.progress.unwrap_or_default());
        let choice = &self.args.choice;
        let taken_in = take_in(db, sheet, &reading, &cast, &recipe, choice, seen).await?;
        if !self.notes.sheet_is_known {
            self.notes.print(console, &taken_in.sheet_notes);
        }
        self.notes.print(console, &taken_in.notes);
        Ok(Imported {
            cast: taken_in.cast,
            recipe,
            prompt,
            options,
        })
    }
}

/// Whether the requests need the columns.
pub(in crate::cli) fn tells_columns(prompt: Option<&Prompt>) -> bool {
    prompt.is_some_and(|prompt| !prompt.columns().is_empty())
}

/// The characters that `--only` names; `None` when it was not given.
pub(in crate::cli) async fn only(
    db: &Sqlite,
    cast: &str,
    only: &[String],
) -> Result<Option<Vec<CharacterId>>, CliError> {
    if only.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::with_capacity(only.len());
    for who in only {
        ids.push(
            crate::cli::commands::show::one(db, cast, who, false)
                .await?
                .0,
        );
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
