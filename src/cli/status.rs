//! `backstory status [CAST]`: how a cast stands, why characters failed, and what may have been charged twice.

use super::summary::plural;
use super::{CliError, Console, Database};
use crate::domain::outcome::Outcome;
use crate::domain::shown::{shown, shown_start};
use crate::exit::Exit;
use crate::store::{CastRecord, Cause, Sqlite};
use clap::Args;
use std::io::Write;

/// How a cast stands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory status
  backstory status villagers --json")]
pub(super) struct StatusArgs {
    /// The cast [default: all]
    cast: Option<String>,
    /// One JSON object a cast
    #[arg(long)]
    json: bool,
}

pub(super) async fn status(
    args: StatusArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let db = Sqlite::open_to_read(&database.db).await?;
    let casts = match database.cast(args.cast.as_deref())? {
        Some(name) => vec![db.one_cast(Some(name)).await?],
        None => db.all_casts().await?,
    };
    for (nth, cast) in casts.iter().enumerate() {
        if args.json {
            writeln!(console.out, "{}", serde_json::json!(cast))?;
            continue;
        }
        if nth > 0 {
            writeln!(console.out)?;
        }
        let causes = db.causes(cast.id).await?;
        page(&mut console.out, cast, &causes)?;
    }
    Ok(Exit::Done)
}

fn page(out: &mut dyn Write, cast: &CastRecord, causes: &[Cause]) -> Result<(), CliError> {
    writeln!(
        out,
        "cast `{}`: {}",
        shown(&cast.cast_name),
        plural(cast.total, "character")
    )?;
    let mut count = |word: &str, value: String| writeln!(out, "  {word:10}{value}");
    for (word, many) in [
        ("done", cast.done),
        ("failed", cast.failed),
        ("pending", cast.pending),
        ("running", cast.running),
    ] {
        count(word, many.to_string())?;
    }
    if cast.gone > 0 {
        let words = format!("{} (no longer in the sheet, kept)", cast.gone);
        count("gone", words)?;
    }
    count("requests", requests(cast))?;
    if cast.flagged > 0 {
        let words = format!("{} (`backstory list` shows the flags)", cast.flagged);
        count("flagged", words)?;
    }
    if let (Some(oldest), Some(newest)) = (&cast.oldest, &cast.newest) {
        count("written", format!("{oldest} to {newest}"))?;
    }
    if !causes.is_empty() {
        writeln!(out, "failed:")?;
    }
    for cause in causes {
        let Cause {
            error_kind,
            error,
            many,
            example,
        } = cause;
        writeln!(
            out,
            "  {many} × {error_kind}: {} (such as {})",
            shown_start(error, 200),
            shown(example)
        )?;
        writeln!(out, "    {}", advice(error_kind))?;
    }
    Ok(())
}

fn requests(cast: &CastRecord) -> String {
    match cast.maybe_charged {
        0 => cast.requests.to_string(),
        many => format!(
            "{} ({many} may have been charged without a story)",
            cast.requests
        ),
    }
}

/// What to do about a class of failures.
fn advice(error_kind: &str) -> &'static str {
    if error_kind == Outcome::RefusedRow.word() {
        "the service does not take these: change the rows, then run the sheet again"
    } else if error_kind == Outcome::BadText.word() {
        "complete answers without a usable story: change the rows, or `run SHEET --retry`"
    } else {
        "may pass by itself: `run SHEET --retry` tries them again"
    }
}
