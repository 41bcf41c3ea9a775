//! `backstory search WORDS`: searches names, descriptions and stories; prints the best matches first, with snippets.

use crate::app::select;
use crate::cli::terminal;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::Exit;
use crate::report::Gauge;
use crate::store::{Found, Reader, Search, Snippet, Wanted};
use clap::Args;
use serde_json::json;
use std::io::{Write, stderr, stdout};
use std::ops::ControlFlow;

/// How many matches are shown without `--limit` (all with `--json`).
const LIMIT: u64 = 20;

/// Search names, descriptions and stories; best matches first, with a snippet
///
/// A character matches if it contains all words, or words that start with them; case and accents are ignored. `search` updates
/// the index first, in steps that are too short to slow down a run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory search lighthouse
  backstory search zoe marchetti           finds Zoë Marchetti
  backstory search \"hates the sea\" --json | jq -r .name")]
pub(in crate::cli) struct SearchArgs {
    /// Words that must all occur, in any order
    #[arg(required = true, value_name = "WORDS")]
    words: Vec<String>,
    /// At most N characters [default: 20; all with --json]
    #[arg(long, value_name = "N", value_parser = crate::cli::args::from_zero, allow_negative_numbers = true)]
    limit: Option<u64>,
    /// Include characters no longer in the sheet
    #[arg(long)]
    gone: bool,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn search(
    args: SearchArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(None)?;
    let (db, casts) = select::casts(&database.db, cast).await?;
    let several = casts.len() > 1;
    bring_up_to_date(&db, console).await?;
    let wanted = Wanted {
        words: args.words.join(" "),
        cast: cast.map(str::to_owned),
        gone: args.gone,
        limit: args.limit.or((!args.json).then_some(LIMIT)),
    };
    let bold = terminal::can_redraw(&stdout()) && terminal::may_colour();
    let mut printed = 0;
    let out = &mut console.out;
    let found = db
        .search(&wanted, |found| {
            printed += 1;
            if args.json {
                return line(out, &found);
            }
            entry(out, &found, several, bold)
        })
        .await?;
    if !args.json {
        console.out.flush()?;
        sum_up(console, found, printed)?;
    }
    Ok(Exit::Done)
}

/// Brings the index up to date. If it cannot be written, prints a note.
async fn bring_up_to_date(db: &Reader, console: &mut Console) -> Result<(), CliError> {
    let waiting = db.unindexed().await?;
    if waiting == 0 {
        return Ok(());
    }
    let mut gauge = Gauge::new("indexing", waiting, terminal::can_redraw(&stderr()));
    let indexed = db
        .index(|indexed| {
            gauge.advance(indexed);
            ControlFlow::Continue(())
        })
        .await;
    drop(gauge);
    if indexed.is_err() {
        let left = plural(db.unindexed().await?, "character");
        writeln!(
            console.err,
            "note: the search index cannot be updated now; searching {left} without it is slower"
        )?;
    }
    Ok(())
}

/// Prints a match as JSON.
fn line(out: &mut dyn Write, found: &Found) -> Result<(), CliError> {
    let mut object = json!(found.record);
    object["snippet"] = json!(found.snippet.text());
    Ok(writeln!(out, "{object}")?)
}

/// Prints a match as text: the character, and the snippet.
fn entry(out: &mut dyn Write, found: &Found, several: bool, bold: bool) -> Result<(), CliError> {
    let record = &found.record;
    let name = marked(&shown(&record.name), bold);
    let cast = if several {
        format!("{} ", shown(&record.cast_name))
    } else {
        String::new()
    };
    let gone = if record.gone { " · gone" } else { "" };
    writeln!(
        out,
        "{name}  {cast}#{} · {}{gone}",
        record.row, record.status
    )?;
    let snippet = snippet(&found.snippet, bold);
    if !snippet.is_empty() {
        writeln!(out, "    {snippet}")?;
    }
    Ok(())
}

/// The snippet on one line, with the matched words in bold.
fn snippet(snippet: &Snippet, bold: bool) -> String {
    let mut line = String::new();
    for (piece, hit) in &snippet.0 {
        // Line breaks of the story are not needed in a snippet.
        let plain = piece.replace(['\n', '\r', '\t'], " ");
        line.push_str(&marked(&shown(&plain), *hit && bold));
    }
    line
}

fn marked(text: &str, bold: bool) -> String {
    if bold {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

fn sum_up(console: &mut Console, found: u64, printed: u64) -> Result<(), CliError> {
    let words = match (found, found > printed) {
        (0, _) => "nothing found".to_owned(),
        (_, true) => format!("showing {printed} of {found} matches; `--limit {found}` shows all"),
        (_, false) => return Ok(()),
    };
    Ok(writeln!(console.err, "{words}")?)
}
