//! `backstory run SHEET`: imports the sheet and writes the stories of pending characters.

use crate::app::import::{ImportNotes, Step};
use crate::app::plan::Plan;
use crate::app::resolve::{Asked, resolve};
use crate::app::start::{Notice, RunAsked, User, start};
use crate::app::{AppError, Guess};
use crate::cli::args::{
    ChoiceArgs, CostArgs, LimitArgs, PaceArgs, Progress, PromptArgs, ProviderArgs, ReportArgs,
    SheetArgs,
};
use crate::cli::commands::plan::{self, PlanArgs, preview};
use crate::cli::config::ProjectFile;
use crate::cli::gauge::ImportGauge;
use crate::cli::listen::survive_file_size_limit;
use crate::cli::words::{
    equal_rows, gone_now, guess as guess_words, keep_their_pick, sheet_notes, unread_stories,
};
use crate::cli::{CliError, Console, Database, running, terminal};
use crate::exit::Exit;
use clap::Args;
use std::io::{BufRead, Write, stdin};
use std::path::{Path, PathBuf};

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
    args: RunArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    if args.dry_run {
        return Box::pin(plan::plan(PlanArgs::of_run(args), database, console)).await;
    }
    let file = ProjectFile::read()?;
    let progress = file.progress(&args.report)?;
    let asked = RunAsked {
        choice: args.choice.asked(),
        accepts_guess: args.columns.yes,
        pace: file.pace(&args.pace)?,
        cost: file.cost(&args.cost)?,
        limits: file.limits(&args.limits)?,
    };
    let (writer, note) = file.writer(database.cast(None)?, &args.provider, &args.prompt)?;
    let sheet = Asked {
        path: args.sheet,
        sheet: file.sheet(&args.columns)?,
        ..writer
    };
    let resolved = resolve(&sheet, &database.db).await?;
    running::print_notes(console, progress, note);
    survive_file_size_limit()?;
    let mut user = Terminal {
        console,
        progress,
        gauge: ImportGauge::new(running::shows_bar(progress)),
    };
    let key_file = sheet.provider.key_file.as_deref();
    // Boxed, because it is by far the largest part of a run.
    let ready = Box::pin(start(
        resolved,
        &asked,
        &database.db,
        key_file,
        &mut user,
        running::demo,
    ))
    .await?;
    running::run(ready, progress, console).await
}

/// The user at the terminal.
struct Terminal<'a> {
    console: &'a mut Console,
    progress: Progress,
    gauge: ImportGauge,
}

impl User for Terminal<'_> {
    fn note(&mut self, notice: Notice) {
        self.gauge.clear();
        let notes = match notice {
            Notice::UnreadStories => vec![unread_stories()],
            Notice::Sheet(note) => vec![sheet_notes::in_words(&note)],
            Notice::Import(notes) => import_notes(notes),
        };
        running::print_notes(self.console, self.progress, notes);
    }

    fn can_answer(&self, path: &Path) -> bool {
        terminal::can_ask(path)
    }

    fn accept(&mut self, guess: &Guess, plan: &Plan) -> Result<(), AppError> {
        self.gauge.clear();
        match ask(guess, plan, self.console) {
            Ok(true) => Ok(()),
            Ok(false) => Err(AppError::Declined(Box::new(guess.clone()))),
            Err(err) => Err(err.into()),
        }
    }

    fn step(&mut self, step: Step, length: Option<u64>) {
        self.gauge.step(step, length);
    }
}

/// The notes about an imported sheet.
fn import_notes(notes: ImportNotes) -> Vec<String> {
    let ImportNotes {
        equal_rows: equal,
        gone_now: gone,
        keep_their_pick: keep,
    } = notes;
    let each = [equal_rows(equal), gone_now(gone), keep_their_pick(keep)];
    each.into_iter().flatten().collect()
}

/// Shows the user what would be done, and asks. Enter means yes.
fn ask(guess: &Guess, plan: &Plan, console: &mut Console) -> std::io::Result<bool> {
    if let Some(words) = guess_words::about_the_header(guess) {
        writeln!(console.err, "{words}")?;
    }
    preview(plan, &mut console.err)?;
    write!(
        console.err,
        "Is that right? Press Enter to continue, `n` to stop: "
    )?;
    console.err.flush()?;
    let mut answer = String::new();
    let read = stdin().lock().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes");
    Ok(read > 0 && is_yes)
}

impl PlanArgs {
    /// The arguments of `plan` for `run --dry-run`.
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
