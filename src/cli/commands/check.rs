//! `backstory check [SHEET]`: finds problems before a run costs anything.
//!
//! It prints a line for each thing that it checks, and ends with the exit code that `run` would have.

use crate::app::check::finding::Finding;
use crate::app::check::{CheckAsked, CheckedSheet, Inspection, check as check_run};
use crate::app::import::Step;
use crate::cli::args::{ChoiceArgs, CostArgs, LimitArgs, PromptArgs, ProviderArgs, SheetArgs};
use crate::cli::config::ProjectFile;
use crate::cli::gauge::ImportGauge;
use crate::cli::words::check::in_words;
use crate::cli::{CliError, Console, Database, running, terminal};
use crate::exit::{Exit, Failure};
use crate::store::Location;
use clap::Args;
use std::io::{self, Write, stderr};
use std::path::PathBuf;

/// Check sheet, API key, database, endpoint, clock and disk before anything costs money
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory check
  backstory check cast.csv
  backstory check cast.csv --send --provider openai --model llama3.2 \\
      --base-url http://127.0.0.1:11434/v1")]
pub(in crate::cli) struct CheckArgs {
    /// The sheet; without it, only the rest is checked
    sheet: Option<PathBuf>,
    /// Send one request, for the first character of the sheet; it may be charged
    #[arg(long, help_heading = "Check")]
    send: bool,
    #[command(flatten)]
    columns: SheetArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    cost: CostArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

pub(in crate::cli) async fn check(
    args: CheckArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    let named = database.cast(None)?;
    let (cost, limits) = (file.cost(&args.cost)?, file.limits(&args.limits)?);
    let writer = file.writer(named, &args.provider, &args.prompt);
    let asked = CheckAsked {
        cast: named.map(str::to_owned),
        writer: writer.map(|(asked, _)| asked),
        choice: args.choice.asked(),
        cost,
        limits,
        send: args.send,
        sheet: args.sheet.map(|path| CheckedSheet {
            asked: file.sheet(&args.columns),
            accepts_guess: args.columns.yes || terminal::can_ask(&path),
            path,
        }),
    };
    let mut findings = Findings {
        console,
        db: &database.db,
        gauge: ImportGauge::new(terminal::can_redraw(&stderr())),
        failures: Vec::new(),
    };
    let checked = Box::pin(check_run(asked, &database.db, &mut findings, running::demo)).await?;
    Ok(findings.exit(checked.has_failed))
}

/// Prints the findings, and collects the exit codes of the failures.
struct Findings<'a> {
    console: &'a mut Console,
    db: &'a Location,
    gauge: ImportGauge,
    failures: Vec<Exit>,
}

impl Inspection for Findings<'_> {
    type Unread = Failure;

    fn found(&mut self, finding: Finding<'_, Failure>) -> io::Result<()> {
        self.gauge.clear();
        let out = &mut self.console.out;
        match in_words(finding, self.db) {
            (thing, Ok(words)) => writeln!(out, "ok     {thing:9} {words}"),
            (thing, Err(Failure { exit, words, hint })) => {
                self.failures.push(exit);
                writeln!(out, "wrong  {thing:9} {words}")?;
                match hint {
                    Some(hint) => writeln!(out, "       {:9} hint: {hint}", ""),
                    None => Ok(()),
                }
            }
        }
    }

    fn step(&mut self, step: Step, length: Option<u64>) {
        self.gauge.step(step, length);
    }
}

impl Findings<'_> {
    /// The exit code of `run`. A wrong command comes first, because `run` checks it before database and service. `has_failed`
    /// says that characters failed earlier and would not be tried again.
    fn exit(&self, has_failed: bool) -> Exit {
        let usage = self.failures.contains(&Exit::Usage);
        let nothing = if has_failed {
            Exit::SomeFailed
        } else {
            Exit::Done
        };
        let first = self.failures.first().copied().unwrap_or(nothing);
        if usage { Exit::Usage } else { first }
    }
}
