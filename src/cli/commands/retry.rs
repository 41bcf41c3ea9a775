//! `backstory retry [CAST]`: makes failed characters pending again. Nothing is sent.

use crate::app::change;
use crate::cli::words::command_line::other_command;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::exit::Exit;
use crate::store::Failed;
use clap::Args;

/// Make failed characters pending again; sends nothing
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory retry                       all failed characters
  backstory retry --cause unknown       a cause, as `status` shows it
  backstory retry --cause \"500\"         part of the error
  backstory retry --name guard")]
pub(in crate::cli) struct RetryArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// Only this cause, or errors that contain this text, ignoring case
    #[arg(long, value_name = "CAUSE", value_parser = crate::cli::choices::cause(), hide_possible_values = true)]
    cause: Option<String>,
    /// Only names that contain this, ignoring case
    #[arg(long, value_name = "PART")]
    name: Option<String>,
}

pub(in crate::cli) async fn retry(
    args: RetryArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let named = database.cast(args.cast.as_deref())?;
    let which = Failed {
        cause: args.cause,
        name: args.name,
    };
    let again = change::retry(&database.db, named, &which).await?;
    if again == 0 {
        writeln!(console.err, "no failed character matches; nothing changed")?;
        return Ok(Exit::Done);
    }
    let pending = match again {
        1 => "1 character is pending again".to_owned(),
        many => format!("{} are pending again", plural(many, "character")),
    };
    let resume = other_command("resume", named);
    writeln!(
        console.err,
        "{pending}\nnext: {resume} (or `backstory run SHEET`)"
    )?;
    Ok(Exit::Done)
}
