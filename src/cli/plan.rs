//! `backstory plan SHEET`: what `run` would do.
//!
//! It sends nothing, changes nothing, and needs no key and no database: without one every row is new.

use super::args::{ChoiceArgs, CostArgs, PaceArgs, PromptArgs, ProviderArgs, SheetArgs};
use super::cost::budget;
use super::file::ProjectFile;
use super::prepare::{Prepared, prepare};
use super::prompt::Told;
use super::provider::Writer;
use super::show::nobody;
use super::summary::plural;
use super::take_in::{Refusal, Staged, equal_rows, gauge, stage, staged};
use super::{CliError, Console, Database, provider, terminal};
use crate::domain::money::{Budget, Money};
use crate::domain::pace::Pace;
use crate::domain::prompt::WORDS;
use crate::domain::shown::{shown, shown_lines};
use crate::domain::speed::length;
use crate::exit::Exit;
use crate::provider::Request;
use crate::sheet::{Describe, Sheet};
use crate::store::{Comparison, Sqlite};
use clap::Args;
use serde_json::{Value, json};
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::time::Duration;

/// What `run` would do; sends nothing, changes nothing, needs no key and no database
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory plan cast.csv
  backstory plan cast.xlsx --template '{{ role }} in {{ city }}' --json")]
pub(super) struct PlanArgs {
    /// The sheet, or `-` for standard input
    pub(super) sheet: PathBuf,
    #[command(flatten)]
    pub(super) columns: SheetArgs,
    #[command(flatten)]
    pub(super) choice: ChoiceArgs,
    #[command(flatten)]
    pub(super) provider: ProviderArgs,
    #[command(flatten)]
    pub(super) prompt: PromptArgs,
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    #[command(flatten)]
    pub(super) cost: CostArgs,
    /// One JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// What is told of a plan.
pub(super) struct Plan {
    pub(super) comparison: Comparison,
    /// Rows that are equal to an earlier one.
    duplicates: u64,
    pub(super) requests: u64,
    pace: Pace,
    dialect: String,
    columns: Value,
    first_description: String,
    /// What the requests will cost by experience, where prices are known, and the most that a run may cost.
    estimate: Option<Money>,
    max_cost: Option<Money>,
    /// What would be asked for the first character.
    pub(super) first: Option<Request>,
    pub(super) refusal: Option<Refusal>,
}

pub(super) async fn plan(
    mut args: PlanArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    file.pace(&mut args.pace)?;
    file.cost(&mut args.cost)?;
    let mut prepared = prepare(
        &args.sheet,
        &mut args.columns,
        &mut args.provider,
        &mut args.prompt,
        &file,
        database,
    )
    .await?;
    for note in std::mem::take(&mut prepared.notes) {
        writeln!(console.err, "{note}")?;
    }
    let cast = prepared.cast.clone();
    let plan = foresee(prepared, &args, database).await?;
    if args.json {
        writeln!(console.out, "{}", plan.json(&cast))?;
    } else {
        plan.page(&mut console.out, &cast)?;
    }
    if let Some(Refusal { words, hint }) = &plan.refusal {
        writeln!(
            console.err,
            "note: `run` would stop and ask: {words}\nhint: {hint}"
        )?;
    }
    Ok(Exit::Done)
}

/// Compares the sheet with its cast, as a run would, and leaves everything as it was.
pub(super) async fn foresee(
    prepared: Prepared,
    args: &PlanArgs,
    database: &Database,
) -> Result<Plan, CliError> {
    let Prepared {
        cast,
        sheet,
        writer,
        recipe,
        ..
    } = prepared;
    let choice = &args.choice;
    let db = match Sqlite::open_to_read(&database.db).await {
        Ok(db) => db,
        Err(err) if err.is_absent() => Sqlite::in_memory().await?,
        Err(err) => return Err(err.into()),
    };
    let (columns, dialect, name) = (
        chosen(&sheet),
        sheet.dialect().to_string(),
        sheet.source().to_string(),
    );
    let mut gauge = gauge(&sheet, terminal::can_redraw(&stderr()));
    let mut import = db.import(staged(&sheet, &cast, &recipe, choice)).await?;
    let budget = budget(&args.cost, writer.name, writer.told.as_ref())?;
    let Staged { first, bytes, .. } = stage(&mut import, sheet, &mut gauge).await?;
    gauge.goes_on("comparing it");
    let comparison = import.compare().await?;
    let duplicates = import.duplicates().await?;
    drop(gauge);
    let mut requests = if choice.only.is_empty() {
        comparison.pending
    } else {
        import.wanted(&choice.only).await?
    };
    let unknown = import.unknown(&choice.only).await?;
    import.abandon().await?;
    if let Some(who) = unknown {
        return Err(nobody(&who).into());
    }
    if choice.retry {
        requests += comparison.failed;
    }
    let requests = choice.limit.map_or(requests, |limit| requests.min(limit));
    let each = bytes / comparison.rows.max(1) + bytes_of_prompt(&writer);
    let words = writer.told.as_ref().and_then(Told::words);
    let cost = |budget: Budget| {
        budget
            .prices
            .about(each, words.unwrap_or(WORDS).get().into())
    };
    Ok(Plan {
        refusal: Refusal::of(&comparison, &cast, &name, &recipe, choice),
        comparison,
        duplicates,
        requests,
        estimate: budget.map(|budget| cost(budget).times(requests)),
        max_cost: budget.and_then(|budget| budget.max),
        pace: provider::pace_of(&writer, &args.pace),
        dialect,
        columns,
        first_description: first
            .as_ref()
            .map(|first| first.description.clone())
            .unwrap_or_default(),
        first,
    })
}

/// How long the prompt is before columns are put into it.
fn bytes_of_prompt(writer: &Writer) -> u64 {
    let bytes = writer.told.as_ref().map_or(0, |told| told.text.len());
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The columns that were chosen.
fn chosen(sheet: &Sheet) -> Value {
    let (description, template) = match sheet.describe() {
        Describe::Column(column) => (Some(column), None),
        Describe::Template { text, .. } => (None, Some(text)),
    };
    json!({
        "name": sheet.name_column(),
        "description": description,
        "template": template,
        "key": sheet.key_column(),
        "have": sheet.have_column(),
    })
}

impl Plan {
    /// The shortest time that the requests take at the pace.
    fn at_least(&self) -> Duration {
        let gaps = u32::try_from(self.requests.saturating_sub(1)).unwrap_or(u32::MAX);
        self.pace.period().saturating_mul(gaps)
    }

    /// What the requests will cost, to go on with a sentence; nothing where no price is known.
    pub(super) fn price(&self) -> String {
        match (self.estimate, self.max_cost) {
            (None, _) => String::new(),
            (Some(about), Some(max)) if about > max => {
                format!(", about {about}, more than `--max-cost` {max}")
            }
            (Some(about), _) => format!(", about {about}"),
        }
    }

    fn json(&self, cast: &str) -> Value {
        let Comparison {
            rows,
            new,
            edited,
            unchanged,
            pending,
            failed,
            gone,
            ..
        } = self.comparison;
        json!({
            "cast_name": cast,
            "rows": rows,
            "new": new,
            "edited": edited,
            "unchanged": unchanged,
            "pending": pending,
            "failed": failed,
            "gone": gone,
            "duplicates": self.duplicates,
            "requests": self.requests,
            "seconds_at_least": self.at_least().as_secs(),
            "columns": self.columns,
            "first_description": self.first_description,
            "estimate": self.estimate,
        })
    }

    fn page(&self, out: &mut dyn Write, cast: &str) -> Result<(), CliError> {
        let Comparison {
            rows,
            new,
            edited,
            unchanged,
            pending,
            failed,
            gone,
            ..
        } = self.comparison;
        writeln!(
            out,
            "cast `{}`: {} ({})",
            shown(cast),
            plural(rows, "row"),
            self.dialect
        )?;
        writeln!(
            out,
            "  new       {new}\n  edited    {edited}\n  unchanged {unchanged}"
        )?;
        writeln!(
            out,
            "after this sheet:\n  pending   {pending}\n  failed    {failed}\n  gone      {gone}"
        )?;
        if let Some(words) = equal_rows(self.duplicates) {
            writeln!(out, "{words}")?;
        }
        let time = match self.at_least() {
            least if least.is_zero() => String::new(),
            least => format!(", {} at least at {}", length(least), self.pace),
        };
        writeln!(
            out,
            "{}{time}{}",
            plural(self.requests, "request"),
            self.price()
        )?;
        let column = |role: &str| {
            self.columns[role]
                .as_str()
                .map(|column| format!("{role} `{}`", shown(column)))
        };
        let columns: Vec<String> = ["name", "description", "template", "key", "have"]
            .into_iter()
            .filter_map(column)
            .collect();
        writeln!(out, "columns: {}", columns.join(", "))?;
        writeln!(
            out,
            "the first description, as it would be sent:\n{}",
            shown_lines(&self.first_description)
        )?;
        Ok(())
    }
}
