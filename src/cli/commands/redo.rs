//! `backstory redo WHO...`: writes one more take for the given characters. Earlier takes are kept.

use crate::app::avoid::Avoid;
use crate::app::change::write_again;
use crate::app::resume::Which;
use crate::cli::args::{HowArgs, WhichArgs};
use crate::cli::commands::resume::Again;
use crate::cli::words::{keep_their_pick, marked};
use crate::cli::{CliError, Console, Database};
use crate::exit::{Exit, Failure};
use crate::store::Reopen;
use clap::Args;

/// Write one more take now for given characters; earlier takes are kept
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory redo \"Zoë Marchetti\" '#7'
  backstory redo --flag unfinished
  backstory redo --status done --name guard --limit 5
  backstory redo --flag alike --avoid         with other openings and names
  backstory redo --flag refusal --later       by a live run, or the next one")]
pub(in crate::cli) struct RedoArgs {
    /// Names, row keys or #ROW
    who: Vec<String>,
    /// Only mark the characters: a live run, or the next one, writes their takes; nothing is sent now
    #[arg(long, conflicts_with = "avoid")]
    later: bool,
    /// Tell the model which openings and invented names other stories use already (openai)
    #[arg(long)]
    avoid: bool,
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    how: HowArgs,
}

pub(in crate::cli) async fn redo(
    args: RedoArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let limit = args.which.limit;
    let which = match (args.who.is_empty(), args.which.is_given()) {
        (false, false) => Which::Named(args.who),
        (true, true) => Which::Matching(args.which.filter(None, false)),
        (true, false) => {
            let words = "no characters were given";
            let hint =
                "give names, row keys or `#ROW`, or use filters: `backstory redo --flag abrupt`";
            return Err(Failure::usage(words, hint).into());
        }
        (false, true) => {
            let words = "characters are given by name and by filter";
            return Err(Failure::usage(
                words,
                "use either names or filters (`--flag`, `--status`, …), not both",
            )
            .into());
        }
    };
    if args.later {
        let cast = database.cast(None)?;
        let done = write_again(&database.db, cast, which).await?;
        if let Some(note) = keep_their_pick(done.keep_their_pick) {
            writeln!(console.err, "note: {note}")?;
        }
        writeln!(console.err, "{}", marked(done, cast))?;
        return Ok(Exit::Done);
    }
    let again = Again {
        cast: None,
        which,
        reopen: Reopen::All,
        limit,
        avoid: if args.avoid {
            Avoid::UsedUp
        } else {
            Avoid::Nothing
        },
        how: args.how,
    };
    again.run(database, console).await
}
