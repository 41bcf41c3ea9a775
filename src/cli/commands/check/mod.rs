//! `backstory check [SHEET]`: finds problems before a run costs anything.
//!
//! It makes all checks, prints a line for each, and ends with the exit code that `run` would have. It changes nothing, and waits
//! at most as long as a connection may take. It sends a request only with `--send`.

mod attempt;
mod finding;
mod world;

use crate::app::asked::{Choice, CostAsked, LimitsAsked, PaceAsked, PromptAsked, ProviderAsked};
use crate::app::memory::Memory;
use crate::app::plan::{Conditions, Plan, plan as make_plan};
use crate::app::resolve::{self, Asked, cast_name};
use crate::app::settings::connect_timeout;
use crate::app::{KeyState, Writer};
use crate::cli::args::{ChoiceArgs, CostArgs, LimitArgs, PromptArgs, ProviderArgs, SheetArgs};
use crate::cli::commands::plan::price;
use crate::cli::config::ProjectFile;
use crate::cli::gauge::ImportGauge;
use crate::cli::words::{guess as guess_words, plural, question};
use crate::cli::{CliError, Console, Database, terminal};
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::store::{Library, Location};
use clap::Args;
use finding::Finding;
use std::io::{Write, stderr};
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

/// Prints the findings, and collects the exit codes of the failures.
struct Findings<'a> {
    console: &'a mut Console,
    failures: Vec<Exit>,
    /// Whether characters failed in an earlier run, and `run` would not try them again.
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

    /// The exit code of `run`. A wrong command comes first, because `run` checks it before database and service.
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
    args: CheckArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    let (cost, limits) = (file.cost(&args.cost)?, file.limits(&args.limits)?);
    let mut findings = Findings {
        console,
        failures: Vec::new(),
        has_failed: false,
    };
    let asked = asked(&args, &file, database);
    let writer = match &asked {
        Ok(asked) => writer(asked, args.sheet.as_deref(), database).await,
        Err(failure) => Err(failure.clone()),
    };
    let named = writer.as_ref().map(described).map_err(Clone::clone);
    findings.say("provider", &named)?;
    let plan = match &args.sheet {
        Some(path) => {
            let sheet = SheetCheck {
                path,
                args: &args,
                asked: asked.as_ref().ok().filter(|_| writer.is_ok()),
                cost: &cost,
            };
            Some(sheet.plan(&file, database).await)
        }
        None => None,
    };
    if let Some(plan) = &plan {
        let finding = plan.as_ref().map(in_words).map_err(Clone::clone);
        findings.say("sheet", &finding)?;
    }
    let key_file = asked
        .as_ref()
        .ok()
        .and_then(|asked| asked.provider.key_file.as_deref());
    let keyed = match &writer {
        Ok(writer) => {
            let keyed = writer.clone().with_key(key_file);
            let keyed = keyed.map_err(|refused| CliError::from(refused).into_failure());
            let key = keyed.as_ref().map(key_in_words);
            findings.say("key", &key.map_err(Clone::clone))?;
            keyed.ok()
        }
        Err(_) => None,
    };
    let plan = plan.and_then(Result::ok);
    let stories = plan.as_ref().map_or(0, |plan| plan.requests);
    check_world(
        &mut findings,
        database,
        stories,
        writer.as_ref().ok(),
        &limits,
    )
    .await?;
    findings.has_failed = plan
        .as_ref()
        .is_some_and(|plan| plan.comparison.failed > 0 && !args.choice.retry);
    if let Some(writer) = keyed.filter(|_| args.send && findings.failures.is_empty()) {
        let first = plan.and_then(|plan| plan.first);
        for (thing, finding) in attempt::send(&writer, first, &limits).await? {
            findings.say(thing, &finding)?;
        }
    }
    Ok(findings.exit())
}

/// Checks database, disk, clock and endpoint. `stories` is the number of stories that are still to be stored.
async fn check_world(
    findings: &mut Findings<'_>,
    database: &Database,
    stories: u64,
    writer: Option<&Writer>,
    limits: &LimitsAsked,
) -> Result<(), CliError> {
    findings.say("database", &world::database(&database.db).await)?;
    findings.say("disk", &world::disk(&database.db, stories))?;
    findings.say("clock", &world::clock(&database.db).await)?;
    if let Some(writer) = writer {
        let endpoint = world::endpoint(writer.endpoint(), connect_timeout(limits)).await;
        findings.say("endpoint", &endpoint)?;
    }
    Ok(())
}

/// The settings of provider and prompt, from switches and file.
fn asked(args: &CheckArgs, file: &ProjectFile, database: &Database) -> Result<Asked, Failure> {
    let (asked, _) = file.writer(database.cast(None)?, &args.provider, &args.prompt)?;
    Ok(asked)
}

/// The provider with its prompt: from the settings, else from the last run of the cast.
async fn writer(
    asked: &Asked,
    sheet: Option<&Path>,
    database: &Database,
) -> Result<Writer, Failure> {
    let failure = |refused| CliError::from(refused).into_failure();
    let cast = match (&asked.cast, sheet) {
        (Some(cast), _) => Some(cast.clone()),
        (None, Some(sheet)) => Some(cast_name(sheet).map_err(failure)?),
        (None, None) => only_cast(&database.db).await,
    };
    // An error of the database is reported by the check of the database.
    let memory = match cast {
        Some(cast) => Memory::of(&database.db, &cast).await.unwrap_or_default(),
        None => Memory::default(),
    };
    resolve::writer(
        &asked.provider,
        &asked.prompt,
        &asked.prompt_with_file,
        &memory,
    )
    .map_err(|err| CliError::from(err).into_failure())
}

/// The name of the only cast of the database, if there is exactly one.
async fn only_cast(db: &Location) -> Option<String> {
    let db = db.open_to_read().await.ok()?;
    let cast = db.one_cast(None).await.ok();
    db.close().await;
    Some(cast?.cast_name)
}

/// The check of a sheet.
struct SheetCheck<'a> {
    path: &'a Path,
    args: &'a CheckArgs,
    /// The settings of the provider; `None` if no provider can be resolved. Then only the sheet itself is checked.
    asked: Option<&'a Asked>,
    cost: &'a CostAsked,
}

impl SheetCheck<'_> {
    /// The plan of `run` for the sheet.
    async fn plan(&self, file: &ProjectFile, database: &Database) -> Result<Plan, Failure> {
        let demo = Asked {
            cast: database.cast(None)?.map(str::to_owned),
            provider: ProviderAsked {
                provider: Some(ProviderName::Demo),
                ..ProviderAsked::default()
            },
            prompt: PromptAsked::default(),
            ..Asked::default()
        };
        let asked = Asked {
            path: self.path.to_owned(),
            sheet: file.sheet(&self.args.columns)?,
            ..self.asked.cloned().unwrap_or(demo)
        };
        let choice = self.args.choice.asked();
        let plan = self.made(&asked, &choice, database).await;
        let plan = plan.map_err(CliError::into_failure)?;
        let is_accepted = self.args.columns.yes || terminal::can_ask(self.path);
        if let Some(guess) = plan.about.guess.as_ref().filter(|_| !is_accepted) {
            return Err(guess_words::refusal(guess));
        }
        match &plan.asks {
            // Without a known provider, it cannot be said whether the recipe changed.
            Some(asks) if self.asked.is_some() => {
                let Failure { exit, words, hint } = question::in_words(asks);
                Err(Failure {
                    exit,
                    words: format!("`run` would stop here and send nothing: {words}"),
                    hint,
                })
            }
            _ => Ok(plan),
        }
    }

    async fn made(
        &self,
        asked: &Asked,
        choice: &Choice,
        database: &Database,
    ) -> Result<Plan, CliError> {
        let none = CostAsked::default();
        let conditions = Conditions {
            choice,
            pace: &PaceAsked::default(),
            cost: if self.asked.is_some() {
                self.cost
            } else {
                &none
            },
        };
        let prepared = resolve::resolve(asked, &database.db).await?.open()?;
        let length = prepared.sheet.bytes_read().map(|(_, length)| length);
        let mut gauge = ImportGauge::new(terminal::can_redraw(&stderr()));
        let mut on = |step| gauge.step(step, length);
        Ok(make_plan(prepared, &conditions, &database.db, &mut on).await?)
    }
}

/// The result for the sheet, in words.
fn in_words(plan: &Plan) -> String {
    let (rows, requests) = (plan.comparison.rows, plural(plan.requests, "request"));
    let about = price(plan);
    let failed = match plan.comparison.failed {
        0 => String::new(),
        many => format!("; {many} failed earlier (`--retry` tries again)"),
    };
    format!("{}, {requests} to send{about}{failed}", plural(rows, "row"))
}

/// Provider, model and address, in words.
fn described(writer: &Writer) -> String {
    if writer.endpoint().is_none() {
        return format!("`{}`, built in", writer.name);
    }
    let model = writer.model.as_deref();
    let model = model.map_or_else(String::new, |model| format!(" with `{}`", shown(model)));
    format!(
        "`{}`{model} at `{}`",
        writer.name,
        shown(&writer.endpoint_name())
    )
}

/// Whether there is an API key, without showing it.
fn key_in_words(writer: &Writer) -> String {
    match writer.key_state() {
        KeyState::Found => {
            "found, and its format is valid; only a request shows whether the service accepts it"
        }
        KeyState::NotNeeded => "not needed",
        KeyState::None => "none; an endpoint on this machine may not need one",
    }
    .to_owned()
}
