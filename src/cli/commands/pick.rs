//! `backstory pick WHO TAKE`: chooses the current take of a character.

use crate::app::find::one;
use crate::cli::args::from_one;
use crate::cli::{CliError, Console, Database};
use crate::domain::character::TakeNumber;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::store::{Changes, Library};
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
    let db = database.db.open_to_change().await?;
    let cast = db.one_cast(database.cast(None)?).await?.cast_name;
    let (id, record) = one(&db, &cast, &args.who, args.gone).await?;
    let take = args.take.map(|take| TakeNumber(take.get().into()));
    let picked = db.pick(id, take).await?;
    let takes = db.takes(id).await?;
    db.close().await;
    let name = shown(&record.name);
    let Some(TakeNumber(take)) = picked else {
        let words = match (args.take, takes.len()) {
            (Some(take), 1) => format!("{name} has no take {take}; it has 1 take"),
            (Some(take), many @ 2..) => {
                format!("{name} has no take {take}; it has takes 1 to {many}")
            }
            _ => format!("{name} has no takes"),
        };
        return Err(Failure::usage(words, "`backstory show WHO` lists the takes").into());
    };
    let many = takes.len();
    writeln!(
        console.err,
        "{name}: take {take} of {many} is now the current take"
    )?;
    Ok(Exit::Done)
}
