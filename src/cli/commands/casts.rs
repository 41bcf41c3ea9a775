//! `backstory casts`: lists, renames, copies and deletes the casts of a database.

use crate::app::{casts, select};
use crate::cli::words::command_line::cast_switch;
use crate::cli::words::plural;
use crate::cli::words::table::Lines;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::{shown, shown_start};
use crate::exit::{Exit, Failure};
use crate::store::{CastRecord, Location};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::io::{IsTerminal, stdin};

/// The casts of a database: list, rename, copy, forget
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory casts
  backstory casts rename cast villagers
  backstory casts copy villagers --to shared.db
  backstory casts forget villagers")]
pub(in crate::cli) struct CastsArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the casts, one per line (the default)
    #[command(after_help = "\
Examples:
  backstory casts list")]
    List,
    /// Rename a cast
    #[command(after_help = "\
Examples:
  backstory casts rename cast villagers
  backstory run cast.csv --cast villagers    continues it from its sheet")]
    Rename {
        /// Its name
        old: String,
        /// Its new name
        #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
        new: String,
    },
    /// Copy a cast with all its takes and attempts into another database
    ///
    /// Either of the two may be a file or a database of a server. The target is created if it does not exist. All of it is one
    /// transaction; before it is committed, the copy is read back and compared with the original. A cast with a live run is
    /// refused, and so is a target with a cast of that name. The original stays as it is.
    #[command(after_help = "\
Examples:
  backstory casts copy villagers --to shared.db
  backstory casts copy villagers --to postgres://ada@db.example/cast
  backstory casts copy villagers --db postgres://ada@db.example/cast --to my.db
  backstory --db shared.db resume villagers    continues the copy")]
    Copy {
        /// Its name
        cast: String,
        /// The database that gets the copy: a file, or the address of a server
        #[arg(long, value_name = "DB", value_parser = OsStringValueParser::new().map(Location::of))]
        to: Location,
    },
    /// Delete a cast and all its stories
    #[command(after_help = "\
Examples:
  backstory export villagers -o villagers.db    a copy first
  backstory casts forget villagers
  backstory casts forget villagers --yes        without a question")]
    Forget {
        /// Its name
        cast: String,
        /// Delete without asking
        #[arg(long)]
        yes: bool,
    },
}

pub(in crate::cli) async fn casts(
    args: CastsArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    match args.what {
        None | Some(What::List) => list(args.json, database, console).await,
        Some(What::Rename { old, new }) => rename(&old, &new, database, console).await,
        Some(What::Copy { cast, to }) => copy(&cast, &to, args.json, database, console).await,
        Some(What::Forget { cast, yes }) => forget(&cast, yes, database, console).await,
    }
}

async fn list(json: bool, database: &Database, console: &mut Console) -> Result<Exit, CliError> {
    let (_, casts) = select::casts(&database.db, database.cast(None)?).await?;
    let mut lines = Lines::new(&[1, 2]);
    for cast in casts {
        if json {
            writeln!(console.out, "{}", serde_json::json!(cast))?;
        } else {
            lines.line(cells(&cast), &mut console.out)?;
        }
    }
    lines.finish(&mut console.out)?;
    Ok(Exit::Done)
}

fn cells(cast: &CastRecord) -> Vec<String> {
    let mut rest: Vec<String> = [
        (cast.failed, "failed"),
        (cast.pending + cast.running, "pending"),
        (cast.gone, "gone"),
        (cast.flagged, "flagged"),
    ]
    .into_iter()
    .filter(|(many, _)| *many > 0)
    .map(|(many, word)| format!("{many} {word}"))
    .collect();
    if let Some(newest) = cast.newest.as_ref().and_then(|newest| newest.get(..10)) {
        rest.push(format!("last story {newest}"));
    }
    if let Some(budget) = cast.budget_and_left() {
        rest.push(format!("budget {budget}"));
    }
    vec![
        shown_start(&cast.cast_name, 40),
        plural(cast.total, "character"),
        format!("{} done", cast.done),
        rest.join(" · "),
    ]
}

async fn rename(
    old: &str,
    new: &str,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    casts::rename(&database.db, database.cast(Some(old))?, new).await?;
    let (old, plain) = (shown(old), shown(new));
    writeln!(
        console.err,
        "renamed cast `{old}` to `{plain}`; `backstory run SHEET {}` continues it from its sheet",
        cast_switch(new)
    )?;
    Ok(Exit::Done)
}

async fn copy(
    name: &str,
    to: &Location,
    json: bool,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    database.cast(Some(name))?;
    let copied = casts::copy(&database.db, name, to).await?;
    let to = to.to_string();
    if json {
        let digest = copied.digest.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let object = serde_json::json!({
            "cast_name": name,
            "to": to,
            "characters": copied.characters,
            "takes": copied.takes,
            "attempts": copied.attempts,
            "runs": copied.runs,
            "sha256": digest,
        });
        writeln!(console.out, "{object}")?;
    } else {
        writeln!(
            console.err,
            "copied cast `{}` to `{}`: {}, {}, {}",
            shown(name),
            shown(&to),
            plural(copied.characters, "character"),
            plural(copied.takes, "take"),
            plural(copied.attempts, "attempt")
        )?;
    }
    Ok(Exit::Done)
}

async fn forget(
    name: &str,
    yes: bool,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let (db, cast) = select::one_cast(&database.db, database.cast(Some(name))?).await?;
    db.close().await;
    if !yes && !is_confirmed(&cast, console)? {
        writeln!(console.err, "nothing was deleted")?;
        return Ok(Exit::Done);
    }
    let cast = casts::forget(&database.db, name).await?;
    writeln!(
        console.err,
        "deleted cast `{}`: {}",
        shown(name),
        all(&cast)
    )?;
    Ok(Exit::Done)
}

/// The size of a cast, in words: `5 characters, and 2 no longer in the sheet`.
fn all(cast: &CastRecord) -> String {
    let characters = plural(cast.total, "character");
    match cast.gone {
        0 => characters,
        gone => format!("{characters}, and {gone} no longer in the sheet"),
    }
}

/// Asks the user to confirm.
fn is_confirmed(cast: &CastRecord, console: &mut Console) -> Result<bool, CliError> {
    let (name, all) = (shown(&cast.cast_name), all(cast));
    if !stdin().is_terminal() {
        let words = format!("deleting cast `{name}` ({all}) cannot be undone");
        return Err(Failure::usage(words, "to delete it, pass `--yes`").into());
    }
    write!(
        console.err,
        "delete cast `{name}` ({all}; {} done)? This cannot be undone. [y/N] ",
        cast.done
    )?;
    console.err.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
