//! `backstory show WHO`: one character as a page that one likes to read.

use super::summary::plural;
use super::{CliError, Console, Database};
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::domain::shown::{shown, shown_lines, shown_start};
use crate::exit::{Exit, Failure};
use crate::store::{AttemptRecord, Sqlite, TakeRecord};
use clap::Args;
use serde_json::{Map, Value, json};
use std::io::Write;

/// One character: its columns, takes, attempts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory show \"Zoë Baptiste\"
  backstory show '#7' --json")]
pub(super) struct ShowArgs {
    /// A name, a key, or #ROW
    who: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Look among those that left the sheet, too
    #[arg(long)]
    gone: bool,
}

pub(super) async fn show(
    args: ShowArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let db = Sqlite::open_to_read(&database.db).await?;
    let cast = database.cast(None)?;
    match cast {
        Some(name) => drop(db.one_cast(Some(name)).await?),
        None => drop(db.all_casts().await?),
    }
    let (id, record) = one(&db, cast, &args.who, args.gone).await?;
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

/// The one character that `who` names.
pub(super) async fn one(
    db: &Sqlite,
    cast: Option<&str>,
    who: &str,
    gone: bool,
) -> Result<(CharacterId, Record), CliError> {
    let mut found = db.find(cast, who, gone).await?;
    let Some((id, record)) = found.pop() else {
        let words = format!("there is no character `{}`", shown(who));
        return Err(Failure::usage(words, "`backstory list` has them all; `#7` is row 7").into());
    };
    if found.is_empty() {
        return Ok((id, record));
    }
    let all = found.iter().map(|(_, record)| record).chain([&record]);
    Err(ambiguous(who, all).into())
}

fn ambiguous<'a>(who: &str, found: impl Iterator<Item = &'a Record>) -> Failure {
    let lines: Vec<String> = found
        .map(|record| {
            let (cast, row) = (shown(&record.cast_name), record.row);
            format!(
                "  {cast} #{row}  {}: {}",
                shown(&record.name),
                shown_start(&record.description, 50)
            )
        })
        .collect();
    let words = format!(
        "several characters are `{}`:\n{}",
        shown(who),
        lines.join("\n")
    );
    Failure::usage(
        words,
        "name one by its row, such as `#7`, or its key; `--cast NAME` names the cast",
    )
}

fn page(
    out: &mut dyn Write,
    record: &Record,
    takes: &[TakeRecord],
    attempts: &[AttemptRecord],
) -> Result<(), CliError> {
    writeln!(out, "{}", shown(&record.name))?;
    let gone = if record.gone {
        " · no longer in the sheet"
    } else {
        ""
    };
    writeln!(
        out,
        "cast `{}`, row {} · {}{gone}",
        shown(&record.cast_name),
        record.row,
        record.status
    )?;
    if let Some(error) = &record.error {
        writeln!(out, "failed: {}", shown(error))?;
    }
    writeln!(out)?;
    let columns: Map<String, Value> =
        serde_json::from_str(record.columns.get()).unwrap_or_default();
    for (column, cell) in &columns {
        let cell = cell.as_str().unwrap_or_default();
        writeln!(out, "{}: {}", shown(column), shown(cell))?;
    }
    if let Some(backstory) = &record.backstory {
        writeln!(out, "\n{}", shown_lines(backstory))?;
    }
    if !takes.is_empty() {
        writeln!(out, "\ntakes:")?;
    }
    for take in takes {
        let current = if take.current { "*" } else { " " };
        let (number, words, when) = (take.take, take.words, &take.finished_at);
        let begin = shown_start(&take.text, 50);
        writeln!(
            out,
            "{current} {number}  {when}  {words} words, {}  {begin}",
            take.provider
        )?;
    }
    if !attempts.is_empty() {
        writeln!(out, "\nattempts:")?;
    }
    for attempt in attempts {
        let outcome = attempt.outcome.as_deref().unwrap_or("not settled");
        let error = attempt.error.as_deref().unwrap_or_default();
        let (number, when) = (attempt.attempt, &attempt.started_at);
        writeln!(out, "  {number}  {when}  {outcome}  {}", shown(error))?;
        if let Some(partial) = &attempt.partial {
            let bytes = u64::try_from(partial.len()).unwrap_or(u64::MAX);
            writeln!(
                out,
                "     {} had arrived: {}",
                plural(bytes, "byte"),
                shown_start(partial, 60)
            )?;
        }
    }
    Ok(())
}
