//! `backstory redo WHO...`: writes one more take for the given characters. Earlier takes are kept.

use crate::app::resume::Which;
use crate::cli::args::{HowArgs, WhichArgs};
use crate::cli::commands::resume::Again;
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
  backstory redo --status done --name guard --limit 5")]
pub(in crate::cli) struct RedoArgs {
    /// Names, row keys or #ROW
    who: Vec<String>,
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
    let again = Again {
        cast: None,
        which,
        reopen: Reopen::All,
        limit,
        how: args.how,
    };
    again.run(database, console).await
}
