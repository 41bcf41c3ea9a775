//! `backstory show WHO`: prints everything about one character.

use crate::app::select::{Selected, to_read};
use crate::cli::commands::list::flags;
use crate::cli::words::plural;
use crate::cli::words::table::{paragraphs, table, write};
use crate::cli::{CliError, Console, Database};
use crate::domain::difference::in_a_line;
use crate::domain::outcome::Outcome;
use crate::domain::record::Record;
use crate::domain::shown::{shown, shown_lines, shown_start};
use crate::exit::Exit;
use crate::store::{AttemptRecord, Library, TakeRecord};
use clap::Args;
use comfy_table::Table;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::time::Duration;

/// Show one character: columns, story, takes, attempts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory show \"Zoë Baptiste\"
  backstory show '#7' --json")]
pub(in crate::cli) struct ShowArgs {
    /// A name, a row key, or #ROW
    who: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Include characters no longer in the sheet
    #[arg(long)]
    gone: bool,
}

pub(in crate::cli) async fn show(
    args: ShowArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(None)?;
    let Selected { db, id, record } = to_read(&database.db, cast, &args.who, args.gone).await?;
    let takes = db.takes(id).await?;
    let attempts = db.attempts(id).await?;
    if args.json {
        let mut object = json!(record);
        object["takes"] = json!(takes);
        object["attempts"] = json!(attempts);
        writeln!(console.out, "{object}")?;
    } else {
        page(&mut console.out, &record, &takes, &attempts)?;
    }
    Ok(Exit::Done)
}

/// Writes the page: name and state, the cells of the sheet, the story, the other takes, the attempts.
fn page(
    out: &mut dyn Write,
    record: &Record,
    takes: &[TakeRecord],
    attempts: &[AttemptRecord],
) -> Result<(), CliError> {
    head(out, record, takes)?;
    let columns: Map<String, Value> =
        serde_json::from_str(record.columns.get()).unwrap_or_default();
    let mut sheet = table();
    for (column, cell) in &columns {
        let cell = cell.as_str().unwrap_or_default();
        sheet.add_row([shown(column), shown_lines(cell.trim())]);
    }
    write(&sheet, out)?;
    if let Some(backstory) = &record.backstory {
        writeln!(out)?;
        paragraphs(&shown_lines(backstory), out)?;
    }
    if !takes.is_empty() {
        writeln!(out, "\ntakes:")?;
        write(&take_lines(takes), out)?;
    }
    if !attempts.is_empty() {
        writeln!(out, "\nattempts:")?;
        write(&attempt_lines(attempts), out)?;
    }
    Ok(())
}

fn head(out: &mut dyn Write, record: &Record, takes: &[TakeRecord]) -> Result<(), CliError> {
    writeln!(out, "{}", shown(&record.name))?;
    let mut facts = vec![
        format!("cast `{}`", shown(&record.cast_name)),
        format!("row {}", record.row),
        record.status.word().to_owned(),
    ];
    if record.gone {
        facts.push("no longer in the sheet".to_owned());
    }
    if let (Some(take), 2..) = (record.take, takes.len()) {
        facts.push(format!("take {take} of {}", takes.len()));
    }
    let flags = flags(record);
    if !flags.is_empty() {
        facts.push(flags);
    }
    writeln!(out, "{}", facts.join(" · "))?;
    if let Some(error) = &record.error {
        writeln!(out, "failed: {}", shown(error))?;
    }
    Ok(writeln!(out)?)
}

/// The table of takes: the current one is marked, the others have their difference from it.
fn take_lines(takes: &[TakeRecord]) -> Table {
    let mut lines = table();
    let current = takes.iter().find(|take| take.current);
    for take in takes {
        let differs = match current {
            _ if take.current => "current".to_owned(),
            Some(current) => in_a_line(&take.text, &current.text),
            None => String::new(),
        };
        let model = take.model.as_deref().map(|model| format!(" {model}"));
        lines.add_row([
            format!("{} {}", if take.current { "*" } else { " " }, take.take),
            moment(&take.finished_at),
            shown(&(take.provider.clone() + &model.unwrap_or_default())).into_owned(),
            plural(u64::try_from(take.words).unwrap_or(0), "word"),
            differs,
        ]);
    }
    lines
}

/// The table of attempts, with their results.
fn attempt_lines(attempts: &[AttemptRecord]) -> Table {
    let mut lines = table();
    for attempt in attempts {
        let outcome = attempt.outcome.map_or("no result recorded", Outcome::word);
        lines.add_row([
            format!("  {}", attempt.attempt),
            moment(&attempt.started_at),
            outcome.to_owned(),
            attempt
                .took_ms
                .and_then(|ms| u64::try_from(ms).ok())
                .map(|ms| format!("{:.1}s", Duration::from_millis(ms).as_secs_f64()))
                .unwrap_or_default(),
            what_happened(attempt),
        ]);
    }
    lines
}

fn what_happened(attempt: &AttemptRecord) -> String {
    let mut parts = Vec::new();
    if let Some(error) = &attempt.error {
        parts.push(shown(error).into_owned());
    }
    if let Some(first) = attempt.first_text_ms.and_then(|ms| u64::try_from(ms).ok()) {
        let first = Duration::from_millis(first).as_secs_f64();
        parts.push(format!("first text after {first:.1}s"));
    }
    if let (Some(sent), Some(came)) = (attempt.tokens_in, attempt.tokens_out) {
        parts.push(format!("{sent} tokens in, {came} out"));
    }
    let outcome = attempt.outcome;
    if outcome.is_none_or(Outcome::maybe_charged) {
        parts.push("may have been charged".to_owned());
    }
    if let Some(partial) = &attempt.partial {
        let bytes = u64::try_from(partial.len()).unwrap_or(u64::MAX);
        let (bytes, begin) = (plural(bytes, "byte"), shown_start(partial, 60));
        let what = match outcome {
            Some(Outcome::Ok) => "of thoughts were removed",
            _ => "had arrived",
        };
        parts.push(format!("{bytes} {what}: {begin}"));
    }
    parts.join(" · ")
}

/// A time of the views (ISO 8601, UTC) in a form for people, to the second.
pub(in crate::cli) fn moment(time: &str) -> String {
    time.get(..19).unwrap_or(time).replacen('T', " ", 1)
}
