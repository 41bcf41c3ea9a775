//! `backstory plan SHEET`: what `run` would do.
//!
//! It sends nothing, changes nothing, and needs no key and no database: without one every row is new.

use crate::cli::args::{ChoiceArgs, CostArgs, PaceArgs, PromptArgs, ProviderArgs, SheetArgs};
use crate::cli::commands::show::nobody;
use crate::cli::config::ProjectFile;
use crate::cli::cost::budget;
use crate::cli::guess::Guess;
use crate::cli::prepare::{Prepared, resolve};
use crate::cli::prompt::Told;
use crate::cli::provider;
use crate::cli::provider::Writer;
use crate::cli::take_in::{Refusal, Staged, equal_rows, gauge, stage, staged};
use crate::cli::terminal;
use crate::cli::words::plural;
use crate::cli::words::sheet_notes::in_words;
use crate::cli::{CliError, Console, Database};
use crate::domain::money::{Budget, Money};
use crate::domain::pace::Pace;
use crate::domain::prompt::WORDS;
use crate::domain::shown::{shown, shown_lines};
use crate::domain::speed::length;
use crate::exit::Exit;
use crate::provider::Request;
use crate::sheet::{Describe, Sheet};
use crate::store::{Comparison, Import, Sqlite};
use clap::Args;
use serde_json::{Value, json};
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::time::Duration;

/// How a template begins that the program made of columns.
const MADE: &str = "{{ columns.lines(";

/// Show what `run` would do; sends nothing, changes nothing, needs no API key
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory plan cast.csv
  backstory plan cast.xlsx --template '{{ role }} in {{ city }}' --json")]
pub(in crate::cli) struct PlanArgs {
    /// The sheet, or `-` for standard input
    pub(in crate::cli) sheet: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) columns: SheetArgs,
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    #[command(flatten)]
    pub(in crate::cli) provider: ProviderArgs,
    #[command(flatten)]
    pub(in crate::cli) prompt: PromptArgs,
    #[command(flatten)]
    pub(in crate::cli) pace: PaceArgs,
    #[command(flatten)]
    pub(in crate::cli) cost: CostArgs,
    /// One JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// What is told of a plan.
pub(in crate::cli) struct Plan {
    pub(in crate::cli) comparison: Comparison,
    /// Rows that are equal to an earlier one.
    duplicates: u64,
    pub(in crate::cli) requests: u64,
    pace: Pace,
    about: AboutSheet,
    /// What the requests will cost by experience, where prices are known, and the most that a run may cost.
    estimate: Option<Money>,
    max_cost: Option<Money>,
    /// What would be asked for the first character.
    pub(in crate::cli) first: Option<Request>,
    pub(in crate::cli) refusal: Option<Refusal>,
    /// What is of note, in words.
    notes: Vec<String>,
}

/// What a plan depends on besides the sheet.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Costs<'a> {
    pub(in crate::cli) choice: &'a ChoiceArgs,
    pub(in crate::cli) pace: &'a PaceArgs,
    pub(in crate::cli) cost: &'a CostArgs,
}

impl PlanArgs {
    fn costs(&self) -> Costs<'_> {
        Costs {
            choice: &self.choice,
            pace: &self.pace,
            cost: &self.cost,
        }
    }
}

pub(in crate::cli) async fn plan(
    mut args: PlanArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    file.pace(&mut args.pace)?;
    file.cost(&mut args.cost)?;
    let resolved = resolve(
        &args.sheet,
        &mut args.columns,
        &mut args.provider,
        &mut args.prompt,
        &file,
        database,
    )
    .await?;
    let prepared = resolved.open()?;
    let cast = prepared.cast.clone();
    let plan = foresee(prepared, &args.costs(), database).await?;
    for note in &plan.notes {
        writeln!(console.err, "note: {note}")?;
    }
    if args.json {
        writeln!(console.out, "{}", plan.json(&cast))?;
    } else {
        plan.page(&mut console.out, &cast)?;
    }
    if let Some(Refusal { words, hint }) = &plan.refusal {
        writeln!(
            console.err,
            "note: `run` would stop here and send nothing: {words}\nhint: {hint}"
        )?;
    }
    if let Some(guess) = plan.guess().filter(|_| !args.columns.yes) {
        writeln!(
            console.err,
            "note: `run` sends nothing before this is answered (`--yes` accepts it): {}",
            guess.in_words()
        )?;
    }
    Ok(Exit::Done)
}

/// Compares the sheet with its cast, as a run would, and leaves everything as it was.
pub(in crate::cli) async fn foresee(
    prepared: Prepared,
    costs: &Costs<'_>,
    database: &Database,
) -> Result<Plan, CliError> {
    let Prepared {
        cast,
        sheet,
        writer,
        recipe,
        notes,
        ..
    } = prepared;
    let choice = costs.choice;
    let db = match Sqlite::open_to_read(&database.db).await {
        Ok(db) => db,
        Err(err) if err.is_absent() => Sqlite::in_memory().await?,
        Err(err) => return Err(err.into()),
    };
    let about = AboutSheet::of(&sheet);
    let name = sheet.source().to_string();
    let mut gauge = gauge(&sheet, terminal::can_redraw(&stderr()));
    let mut import = db.import(staged(&sheet, &cast, &recipe, choice)).await?;
    let budget = budget(costs.cost, writer.name, writer.told.as_ref())?;
    let Staged {
        first,
        bytes,
        notes: about_rows,
        ..
    } = stage(&mut import, sheet, &mut gauge).await?;
    gauge.goes_on("comparing it");
    let comparison = import.compare().await?;
    let duplicates = import.duplicates().await?;
    drop(gauge);
    let requests = requests(&mut import, &comparison, choice).await;
    import.abandon().await?;
    let requests = requests?;
    let each = bytes / comparison.rows.max(1) + bytes_of_prompt(&writer);
    let words = writer.told.as_ref().and_then(Told::words);
    let cost = |budget: Budget| {
        budget
            .prices
            .about(each, words.unwrap_or(WORDS).get().into())
    };
    let plain = |note: &String| note.strip_prefix("note: ").unwrap_or(note).to_owned();
    let about_rows = about_rows.iter().map(in_words);
    Ok(Plan {
        about,
        notes: notes.iter().map(plain).chain(about_rows).collect(),
        refusal: Refusal::of(&comparison, &cast, &name, &recipe, choice),
        comparison,
        duplicates,
        requests,
        estimate: budget.map(|budget| cost(budget).times(requests)),
        max_cost: budget.and_then(|budget| budget.max),
        pace: provider::pace_of(&writer, costs.pace),
        first,
    })
}

/// How many requests a run would send at least.
async fn requests(
    import: &mut Import<'_>,
    comparison: &Comparison,
    choice: &ChoiceArgs,
) -> Result<u64, CliError> {
    let mut requests = if choice.only.is_empty() {
        comparison.pending
    } else {
        import.wanted(&choice.only).await?
    };
    if let Some(who) = import.unknown(&choice.only).await? {
        return Err(nobody(&who).into());
    }
    if choice.retry {
        requests += comparison.failed;
    }
    Ok(choice.limit.map_or(requests, |limit| requests.min(limit)))
}

/// What is known of a sheet before its rows are read.
pub(in crate::cli) struct AboutSheet {
    dialect: String,
    columns: Value,
    /// The columns that make the name and the description.
    name_from: Vec<String>,
    description_from: Vec<String>,
    /// What of that is a guess.
    guess: Option<Guess>,
}

impl AboutSheet {
    fn of(sheet: &Sheet) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            dialect: sheet.dialect().to_string(),
            columns: chosen(sheet),
            name_from: owned(sheet.name_from()),
            description_from: owned(sheet.description_from()),
            guess: Guess::of(sheet),
        }
    }
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
        "name": sheet.name_from().join(" + "),
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

    /// What is a guess about the sheet.
    pub(in crate::cli) fn guess(&self) -> Option<&Guess> {
        self.about.guess.as_ref()
    }

    fn first_description(&self) -> &str {
        self.first
            .as_ref()
            .map_or("", |first| first.description.as_str())
    }

    /// What the requests will cost, to go on with a sentence; nothing where no price is known.
    pub(in crate::cli) fn price(&self) -> String {
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
            "columns": self.about.columns,
            "first_description": self.first_description(),
            "estimate": self.estimate,
            "name_from": self.about.name_from,
            "description_from": self.about.description_from,
            "guessed": self.guess().is_some(),
            "notes": self.notes,
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
            self.about.dialect
        )?;
        writeln!(
            out,
            "  new       {new}\n  edited    {edited}\n  unchanged {unchanged}"
        )?;
        writeln!(
            out,
            "after importing this sheet:\n  pending   {pending}\n  failed    {failed}\n  gone      {gone}"
        )?;
        if let Some(words) = equal_rows(self.duplicates) {
            writeln!(out, "{words}")?;
        }
        let time = match self.at_least() {
            least if least.is_zero() => String::new(),
            least => format!(", at least {} at {}", length(least), self.pace),
        };
        writeln!(
            out,
            "{}{time}{}",
            plural(self.requests, "request"),
            self.price()
        )?;
        self.columns(out)?;
        writeln!(
            out,
            "the first description, as it would be sent:\n{}",
            shown_lines(self.first_description())
        )?;
        Ok(())
    }

    /// Which columns were chosen, on a line.
    pub(in crate::cli) fn columns(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let listed = |columns: &[String]| {
            let columns: Vec<String> = columns
                .iter()
                .map(|column| format!("`{}`", shown(column)))
                .collect();
            columns.join(", ")
        };
        let mut parts = vec![format!("name {}", listed(&self.about.name_from))];
        if !self.about.description_from.is_empty() {
            let how = if self.about.description_from.len() > 1 {
                "description made from"
            } else {
                "description"
            };
            parts.push(format!("{how} {}", listed(&self.about.description_from)));
        }
        let others = ["template", "key", "have"].into_iter().filter_map(|role| {
            // The columns that a made description names stand there already.
            let column = self.about.columns[role]
                .as_str()
                .filter(|text| role != "template" || !text.starts_with(MADE))?;
            Some(format!("{role} `{}`", shown(column)))
        });
        parts.extend(others);
        writeln!(out, "columns: {}", parts.join("; "))?;
        Ok(())
    }

    /// What a person is shown before a guess is accepted: the columns, the first description, and what follows from it.
    pub(in crate::cli) fn preview(&self, out: &mut dyn Write) -> Result<(), CliError> {
        self.columns(out)?;
        for note in &self.notes {
            writeln!(out, "note: {note}")?;
        }
        let name = self.first.as_ref().map_or("", |first| first.name.as_str());
        writeln!(
            out,
            "the first of {}, as it would be sent:\n  {}\n{}",
            plural(self.comparison.rows, "character"),
            shown(name),
            indented(&shown_lines(self.first_description()))
        )?;
        writeln!(
            out,
            "{} to send{}",
            plural(self.requests, "request"),
            self.price()
        )?;
        Ok(())
    }
}

/// The lines, a little to the right.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}
