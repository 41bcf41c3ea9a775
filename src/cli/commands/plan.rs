//! `backstory plan SHEET`: shows what `run` would do.

use crate::app::plan::{AboutSheet, Conditions, Plan, plan as make_plan};
use crate::app::resolve::{Asked, resolve};
use crate::cli::args::{ChoiceArgs, CostArgs, PaceArgs, PromptArgs, ProviderArgs, SheetArgs};
use crate::cli::config::ProjectFile;
use crate::cli::gauge::ImportGauge;
use crate::cli::words::{
    equal_rows, guess as guess_words, plural, price, question, sheet_notes, unread_stories,
};
use crate::cli::{CliError, Console, Database, terminal};
use crate::domain::shown::{shown, shown_lines};
use crate::domain::speed::length;
use crate::exit::{Exit, Failure};
use crate::sheet::Describe;
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write, stderr};
use std::path::PathBuf;

/// The start of a template that the program made from columns.
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

pub(in crate::cli) async fn plan(
    args: PlanArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let file = ProjectFile::read()?;
    let (pace, cost) = (file.pace(&args.pace)?, file.cost(&args.cost)?);
    let (writer, note) = file.writer(database.cast(None)?, &args.provider, &args.prompt)?;
    let asked = Asked {
        path: args.sheet,
        sheet: file.sheet(&args.columns)?,
        ..writer
    };
    let resolved = resolve(&asked, &database.db).await?;
    let choice = args.choice.asked();
    let conditions = Conditions {
        choice: &choice,
        pace: &pace,
        cost: &cost,
    };
    let prepared = resolved.open()?;
    let length = prepared.sheet.bytes_read().map(|(_, length)| length);
    let mut gauge = ImportGauge::new(terminal::can_redraw(&stderr()));
    let plan = make_plan(prepared, &conditions, &database.db, &mut |step| {
        gauge.step(step, length);
    })
    .await;
    gauge.clear();
    let plan = plan?;
    let notes: Vec<String> = note.into_iter().chain(notes(&plan)).collect();
    for note in &notes {
        writeln!(console.err, "note: {note}")?;
    }
    if args.json {
        writeln!(console.out, "{}", as_json(&plan, &notes))?;
    } else {
        page(&plan, &mut console.out)?;
    }
    if let Some(asks) = &plan.asks {
        let Failure { words, hint, .. } = question::in_words(asks);
        let hint = hint.unwrap_or_default();
        writeln!(
            console.err,
            "note: `run` would stop here and send nothing: {words}\nhint: {hint}"
        )?;
    }
    if let Some(guess) = plan.about.guess.as_ref().filter(|_| !args.columns.yes) {
        writeln!(
            console.err,
            "note: `run` sends nothing before this is answered (`--yes` accepts it): {}",
            guess_words::in_words(guess)
        )?;
    }
    Ok(Exit::Done)
}

/// The notes about the sheet.
fn notes(plan: &Plan) -> Vec<String> {
    let unread = plan.about.has_unread_stories.then(unread_stories);
    let notes = plan.notes.iter().map(sheet_notes::in_words);
    unread.into_iter().chain(notes).collect()
}

fn as_json(plan: &Plan, notes: &[String]) -> Value {
    let (comparison, about) = (&plan.comparison, &plan.about);
    let (description, template) = match &about.describe {
        Describe::Column(column) => (Some(column), None),
        Describe::Template { text, .. } => (None, Some(text)),
    };
    json!({
        "cast_name": plan.cast,
        "rows": comparison.rows,
        "new": comparison.new,
        "edited": comparison.edited,
        "unchanged": comparison.unchanged,
        "pending": comparison.pending,
        "failed": comparison.failed,
        "gone": comparison.gone,
        "duplicates": plan.equal_rows,
        "requests": plan.requests,
        "seconds_at_least": plan.at_least().as_secs(),
        "columns": {
            "name": about.name_from.join(" + "),
            "description": description,
            "template": template,
            "key": about.key,
            "have": about.have,
        },
        "first_description": plan.first_description(),
        "estimate": plan.estimate,
        "budget": plan.budget.map(|it| it.budget),
        "budget_left": plan.budget.map(|it| it.left),
        "name_from": about.name_from,
        "description_from": about.description_from,
        "guessed": about.guess.is_some(),
        "notes": notes,
    })
}

fn page(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let comparison = &plan.comparison;
    writeln!(
        out,
        "cast `{}`: {} ({})",
        shown(&plan.cast),
        plural(comparison.rows, "row"),
        plan.about.dialect
    )?;
    writeln!(
        out,
        "  new       {}\n  edited    {}\n  unchanged {}",
        comparison.new, comparison.edited, comparison.unchanged
    )?;
    writeln!(
        out,
        "after importing this sheet:\n  pending   {}\n  failed    {}\n  gone      {}",
        comparison.pending, comparison.failed, comparison.gone
    )?;
    if let Some(words) = equal_rows(plan.equal_rows) {
        writeln!(out, "{words}")?;
    }
    let time = match plan.at_least() {
        least if least.is_zero() => String::new(),
        least => format!(", at least {} at {}", length(least), plan.pace),
    };
    writeln!(
        out,
        "{}{time}{}",
        plural(plan.requests, "request"),
        price(plan)
    )?;
    if let Some(budget) = plan.budget {
        writeln!(out, "budget of the cast: {budget}")?;
    }
    columns(&plan.about, out)?;
    writeln!(
        out,
        "the first description, as it would be sent:\n{}",
        shown_lines(plan.first_description())
    )
}

/// Writes the chosen columns on one line.
fn columns(about: &AboutSheet, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |column: &str| format!("`{}`", shown(column));
    let listed = |columns: &[String]| {
        let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        columns.join(", ")
    };
    let mut parts = vec![format!("name {}", listed(&about.name_from))];
    if !about.description_from.is_empty() {
        let how = if about.description_from.len() > 1 {
            "description made from"
        } else {
            "description"
        };
        parts.push(format!("{how} {}", listed(&about.description_from)));
    }
    // A description that was made from columns already names these columns.
    let template = match &about.describe {
        Describe::Template { text, .. } if !text.starts_with(MADE) => Some(text),
        _ => None,
    };
    let others = [
        ("template", template),
        ("key", about.key.as_ref()),
        ("have", about.have.as_ref()),
    ];
    let others = others.into_iter();
    parts.extend(others.filter_map(|(role, text)| Some(format!("{role} {}", quoted(text?)))));
    writeln!(out, "columns: {}", parts.join("; "))
}

/// What the user sees before accepting a guess: the columns, the first description, and what the import would do.
pub(in crate::cli) fn preview(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    columns(&plan.about, out)?;
    for note in notes(plan) {
        writeln!(out, "note: {note}")?;
    }
    let name = plan.first.as_ref().map_or("", |first| first.name.as_str());
    writeln!(
        out,
        "the first of {}, as it would be sent:\n  {}\n{}",
        plural(plan.comparison.rows, "character"),
        shown(name),
        indented(&shown_lines(plan.first_description()))
    )?;
    writeln!(
        out,
        "{} to send{}",
        plural(plan.requests, "request"),
        price(plan)
    )
}

/// The text with each line indented.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}
