//! `backstory list [CAST]`: lists characters, one per line.

use crate::app::select;
use crate::cli::args::SelectionArgs;
use crate::cli::words::table::Lines;
use crate::cli::{CliError, Console, Database};
use crate::domain::record::Record;
use crate::domain::shown::shown_start;
use crate::exit::Exit;
use crate::store::Library;
use clap::Args;
use std::io::Write;

/// The longest text that is shown of a cast's name, of a character's name, and of its story or error, in letters.
const CAST_CHARS: usize = 16;
const NAME_CHARS: usize = 32;
const ABOUT_CHARS: usize = 160;

/// List characters, one per line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory list
  backstory list --status failed
  backstory list --flag abrupt --limit 20
  backstory list --name zoë --json")]
pub(in crate::cli) struct ListArgs {
    /// The cast [default: all]
    cast: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn list(
    args: ListArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(args.cast.as_deref())?;
    let (db, casts) = select::casts(&database.db, cast).await?;
    let several = casts.len() > 1;
    let filter = args.selection.filter(cast);
    let out = &mut console.out;
    let mut lines = Lines::new(&[usize::from(several), usize::from(several) + 2]);
    db.each_record(&filter, |record| {
        if args.json {
            return Ok(writeln!(out, "{}", serde_json::json!(record))?);
        }
        Ok::<_, CliError>(lines.line(cells(&record, several), out)?)
    })
    .await?;
    lines.finish(out)?;
    Ok(Exit::Done)
}

/// The cells of a character. The longest text comes last, because the last one can be cut.
fn cells(record: &Record, several: bool) -> Vec<String> {
    let cast = several.then(|| shown_start(&record.cast_name, CAST_CHARS));
    let words = record
        .words
        .map(|words| format!("{words} words"))
        .unwrap_or_default();
    let gone = if record.gone { ", gone" } else { "" };
    // The error, else the start of the story, else the description.
    let about = record.error.as_ref().or(record.backstory.as_ref());
    let about = about.unwrap_or(&record.description).split_whitespace();
    let about = about.collect::<Vec<_>>().join(" ");
    let rest = [
        record.row.to_string(),
        format!("{}{gone}", record.status),
        words,
        shown_start(&record.name, NAME_CHARS),
        flags(record),
        shown_start(&about, ABOUT_CHARS),
    ];
    cast.into_iter().chain(rest).collect()
}

/// The flags of a character, separated by spaces.
pub(in crate::cli) fn flags(record: &Record) -> String {
    record.flags.words().join(" ")
}
