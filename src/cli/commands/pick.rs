//! `backstory pick WHO TAKE`: chooses the current take of a character.

use crate::app::change::{self, Picked};
use crate::app::select::{Selected, to_change};
use crate::cli::args::from_one;
use crate::cli::{CliError, Console, Database};
use crate::domain::character::TakeNumber;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use clap::Args;
use std::num::NonZeroU32;

/// Choose the current take; `--newest` goes back to automatic
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory show \"Zoë Marchetti\"        lists the takes
  backstory pick \"Zoë Marchetti\" 1
  backstory pick \"Zoë Marchetti\" --newest")]
pub(in crate::cli) struct PickArgs {
    /// A name, a row key, or #ROW
    who: String,
    /// The number of the take
    #[arg(
        required_unless_present = "newest",
        conflicts_with = "newest",
        value_name = "TAKE",
        value_parser = from_one::<NonZeroU32>
    )]
    take: Option<NonZeroU32>,
    /// Always use the newest take
    #[arg(long)]
    newest: bool,
    /// Include characters no longer in the sheet
    #[arg(long)]
    gone: bool,
}

pub(in crate::cli) async fn pick(
    args: PickArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(None)?;
    let Selected { db, id, record } = to_change(&database.db, cast, &args.who, args.gone).await?;
    let take = args.take.map(|take| TakeNumber(take.get().into()));
    let picked = change::pick(&db, id, take).await?;
    db.close().await;
    let name = shown(&record.name);
    match picked {
        Picked::Take { take, takes } => {
            let TakeNumber(take) = take;
            writeln!(
                console.err,
                "{name}: take {take} of {takes} is now the current take"
            )?;
            Ok(Exit::Done)
        }
        Picked::NoSuchTake { takes } => {
            let words = no_such_take(&name, args.take, takes);
            Err(Failure::usage(words, "`backstory show WHO` lists the takes").into())
        }
    }
}

fn no_such_take(name: &str, take: Option<NonZeroU32>, takes: usize) -> String {
    match (take, takes) {
        (Some(take), 1) => format!("{name} has no take {take}; it has 1 take"),
        (Some(take), 2..) => format!("{name} has no take {take}; it has takes 1 to {takes}"),
        _ => format!("{name} has no takes"),
    }
}
