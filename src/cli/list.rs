//! `backstory list [CAST]`: characters, one a line.

use super::args::SelectionArgs;
use super::{CliError, Console, Database};
use crate::domain::record::Record;
use crate::domain::shown::shown_start;
use crate::exit::Exit;
use crate::store::{Filter, Sqlite};
use clap::Args;
use std::io::Write;

/// The width of a name in the list, in characters.
const NAME_CHARS: usize = 32;

/// Characters, one a line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory list
  backstory list --status failed
  backstory list --name zoë --json")]
pub(super) struct ListArgs {
    /// The cast [default: all]
    cast: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) async fn list(
    args: ListArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let db = Sqlite::open_to_read(&database.db).await?;
    let several = match database.cast(args.cast.as_deref())? {
        Some(name) => {
            db.one_cast(Some(name)).await?;
            false
        }
        None => db.all_casts().await?.len() > 1,
    };
    let filter = args.selection.filter(database.cast(args.cast.as_deref())?);
    let out = &mut console.out;
    db.each_record(&filter, |record| {
        if args.json {
            return Ok(writeln!(out, "{}", serde_json::json!(record))?);
        }
        line(out, &record, several)
    })
    .await?;
    Ok(Exit::Done)
}

fn line(out: &mut dyn Write, record: &Record, several: bool) -> Result<(), CliError> {
    if several {
        write!(out, "{:16}  ", shown_start(&record.cast_name, 16))?;
    }
    let words = record
        .words
        .map(|words| format!("{words} words"))
        .unwrap_or_default();
    let flags = record
        .flags
        .get()
        .trim_matches(['[', ']'])
        .replace(['"', ' '], "")
        .replace(',', " ");
    let line = format!(
        "{:>5}  {:7}  {:>11}  {:NAME_CHARS$}  {flags}",
        record.row,
        record.status,
        words,
        shown_start(&record.name, NAME_CHARS - 1),
    );
    Ok(writeln!(out, "{}", line.trim_end())?)
}

impl SelectionArgs {
    /// The wanted characters of `cast`.
    pub(super) fn filter(&self, cast: Option<&str>) -> Filter {
        Filter {
            cast: cast.map(str::to_owned),
            status: self.status.clone(),
            name: self.name.clone(),
            flag: self.flag,
            limit: self.limit,
            gone: self.gone,
        }
    }
}
