//! `backstory check [SHEET]`: what is wrong before it costs anything.
//!
//! One thing after the other, each with a line of its own, whatever the others say; it exits as `run` would. It sends no request
//! unless that is asked for, changes nothing, and waits for nobody longer than a connection may take.

use crate::cli::args::{
    ChoiceArgs, CostArgs, LimitArgs, PaceArgs, PromptArgs, ProviderArgs, SheetArgs,
};
use crate::cli::attempt;
use crate::cli::commands::plan::{Costs, Plan, foresee};
use crate::cli::config::ProjectFile;
use crate::cli::guess::can_ask;
use crate::cli::memory::Memory;
use crate::cli::prepare::resolve;
use crate::cli::prompt::Told;
use crate::cli::provider::{CONNECT, Writer};
use crate::cli::words::plural;
use crate::cli::world;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::store::Sqlite;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

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

/// What is wrong with a thing, or what is right with it.
pub(in crate::cli) type Finding = Result<String, Failure>;

/// The lines that were said so far, and the exit code that follows from them.
struct Findings<'a> {
    console: &'a mut Console,
    failures: Vec<Exit>,
    /// Characters have failed in an earlier run, and stay so.
    has_failed: bool,
}

impl Findings<'_> {
    fn say(&mut self, thing: &str, finding: &Finding) -> Result<(), CliError> {
        match finding {
            Ok(words) => writeln!(self.console.out, "ok     {thing:9} {words}")?,
            Err(Failure { exit, words, hint }) => {
                writeln!(self.console.out, "wrong  {thing:9} {words}")?;
                if let Some(hint) = hint {
                    writeln!(self.console.out, "       {:9} hint: {hint}", "")?;
                }
                self.failures.push(*exit);
            }
        }
        Ok(())
    }

    /// What `run` would end with: it refuses a wrong command before it meets the world.
    fn exit(&self) -> Exit {
        let usage = self.failures.contains(&Exit::Usage);
        let nothing = if self.has_failed {
            Exit::SomeFailed
        } else {
            Exit::Done
        };
        let first = self.failures.first().copied().unwrap_or(nothing);
        if usage { Exit::Usage } else { first }
    }
}

pub(in crate::cli) async fn check(
    mut args: CheckArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    file.cost(&mut args.cost)?;
    file.limits(&mut args.limits)?;
    let mut findings = Findings {
        console,
        failures: Vec::new(),
        has_failed: false,
    };
    let writer = writer(&mut args, &file, database).await;
    let named = writer.as_ref().map(Writer::described).map_err(Clone::clone);
    findings.say("provider", &named)?;
    let plan = match &args.sheet {
        Some(_) => Some(sheet(&mut args, &file, database, writer.is_ok()).await),
        None => None,
    };
    if let Some(plan) = &plan {
        findings.say(
            "sheet",
            &plan.as_ref().map(Plan::in_words).map_err(Clone::clone),
        )?;
    }
    let keyed = match &writer {
        Ok(writer) => {
            let keyed = writer.clone().with_key(&args.provider);
            let key = keyed.as_ref().map(Writer::key_in_words);
            findings.say("key", &key.map_err(Clone::clone))?;
            keyed.ok()
        }
        Err(_) => None,
    };
    let rows = plan
        .as_ref()
        .and_then(|plan| Some(plan.as_ref().ok()?.requests));
    findings.say("database", &world::database(&database.db).await)?;
    findings.say("disk", &world::disk(&database.db, rows.unwrap_or(0)))?;
    findings.say("clock", &world::clock(&database.db).await)?;
    if let Ok(writer) = &writer {
        let connect = args.limits.connect_timeout.unwrap_or(CONNECT);
        let endpoint = world::endpoint(writer.endpoint(), connect).await;
        findings.say("endpoint", &endpoint)?;
    }
    let plan = plan.and_then(Result::ok);
    findings.has_failed = plan
        .as_ref()
        .is_some_and(|plan| plan.comparison.failed > 0 && !args.choice.retry);
    if let Some(writer) = keyed.filter(|_| args.send && findings.failures.is_empty()) {
        let first = plan.and_then(|plan| plan.first);
        for (thing, finding) in attempt::send(&writer, first, &args.limits).await? {
            findings.say(thing, &finding)?;
        }
    }
    Ok(findings.exit())
}

/// Who writes, and what the model is told: typed, from the project's file, or remembered.
async fn writer(
    args: &mut CheckArgs,
    file: &ProjectFile,
    database: &Database,
) -> Result<Writer, Failure> {
    let cast = match (&args.sheet, database.cast(None)?) {
        (_, Some(cast)) => Some(cast.to_owned()),
        (Some(sheet), None) => Some(crate::cli::prepare::cast_name(sheet)?),
        (None, None) => only_cast(&database.db).await,
    };
    // What is wrong with the database has a line of its own.
    let memory = match cast {
        Some(cast) => Memory::of(&database.db, &cast).await.unwrap_or_default(),
        None => Memory::default(),
    };
    file.provider(&mut args.provider)?;
    let mut writer = Writer::resolve(&args.provider, &memory).map_err(CliError::into_failure)?;
    file.prompt(writer.name, &mut args.prompt)?;
    writer.told = Told::resolve(writer.name, &args.prompt, &memory)?;
    Ok(writer)
}

/// The only cast of the database, where there is one.
async fn only_cast(db: &Path) -> Option<String> {
    let db = Sqlite::open_to_read(db).await.ok()?;
    let cast = db.one_cast(None).await.ok();
    db.close().await;
    Some(cast?.cast_name)
}

/// What `run` would do with the sheet. Where it is not known who writes, only the sheet itself is looked at.
async fn sheet(
    args: &mut CheckArgs,
    file: &ProjectFile,
    database: &Database,
    is_written: bool,
) -> Result<Plan, Failure> {
    if !is_written {
        args.provider = ProviderArgs::demo();
        args.prompt = PromptArgs::default();
        args.cost = CostArgs::default();
    }
    let path = args.sheet.clone().unwrap_or_default();
    let resolved = resolve(
        &path,
        &mut args.columns,
        &mut args.provider,
        &mut args.prompt,
        file,
        database,
    )
    .await
    .map_err(CliError::into_failure)?;
    let prepared = resolved.open().map_err(CliError::into_failure)?;
    let costs = Costs {
        choice: &args.choice,
        pace: &PaceArgs::default(),
        cost: &args.cost,
    };
    let plan = foresee(prepared, &costs, database)
        .await
        .map_err(CliError::into_failure)?;
    if let Some(guess) = plan
        .guess()
        .filter(|_| !args.columns.yes && !can_ask(&path))
    {
        return Err(guess.refusal());
    }
    // Without a known provider, it cannot be told whether the recipe changed.
    match &plan.refusal {
        Some(refusal) if is_written => Err(Failure::usage(
            format!("`run` would stop here and send nothing: {}", refusal.words),
            refusal.hint.clone(),
        )),
        _ => Ok(plan),
    }
}

impl Plan {
    /// What was found in the sheet.
    fn in_words(&self) -> String {
        let (rows, requests) = (self.comparison.rows, plural(self.requests, "request"));
        let about = self.price();
        let failed = match self.comparison.failed {
            0 => String::new(),
            many => format!("; {many} failed earlier (`--retry` tries again)"),
        };
        format!("{}, {requests} to send{about}{failed}", plural(rows, "row"))
    }
}

impl Writer {
    /// Who writes, with which model, where.
    fn described(&self) -> String {
        if self.endpoint().is_none() {
            return format!("`{}`, built in", self.name);
        }
        let model = self.model.as_deref();
        let model = model.map_or_else(String::new, |model| format!(" with `{}`", shown(model)));
        format!(
            "`{}`{model} at `{}`",
            self.name,
            shown(&self.endpoint_name())
        )
    }
}
