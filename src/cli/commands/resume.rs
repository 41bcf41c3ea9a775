//! `backstory resume [CAST]`: continue without the sheet, as the last run did.

use crate::cli::args::{HowArgs, from_zero};
use crate::cli::carry_on::{CarryOn, Whom, carry_on};
use crate::cli::{CliError, Console, Database};
use crate::exit::Exit;
use crate::store::Reopen;
use clap::Args;

/// Continue without the sheet, with the settings of the last run
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory resume                 the only cast of the database
  backstory resume villagers --rate 30/min
  backstory resume --retry         also failed characters")]
pub(in crate::cli) struct ResumeArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// Take at most N pending characters, in the order of the sheet
    #[arg(long, value_name = "N", value_parser = from_zero, allow_negative_numbers = true)]
    limit: Option<u64>,
    /// Only these, if pending: name, row key or #ROW; repeatable
    #[arg(long, value_name = "WHO")]
    only: Vec<String>,
    /// Also try failed characters again
    #[arg(long)]
    retry: bool,
    #[command(flatten)]
    how: HowArgs,
}

pub(in crate::cli) async fn resume(
    args: ResumeArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let resume = CarryOn {
        whom: if args.only.is_empty() {
            Whom::Everybody
        } else {
            Whom::Named(args.only)
        },
        reopen: Reopen::failed_if(args.retry),
        limit: args.limit,
        how: args.how,
    };
    carry_on(resume, args.cast.as_deref(), database, console).await
}
