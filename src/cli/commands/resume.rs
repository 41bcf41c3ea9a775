//! `backstory resume [CAST]`: continues without the sheet, with the settings of the last run.

use crate::app::avoid::Avoid;
use crate::app::resume::{ResumeAsked, Which, resume as resume_run};
use crate::cli::args::{HowArgs, from_zero};
use crate::cli::config::ProjectFile;
use crate::cli::listen::survive_file_size_limit;
use crate::cli::words::{keep_their_pick, to_avoid};
use crate::cli::{CliError, Console, Database, running};
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
    let again = Again {
        cast: args.cast,
        which: if args.only.is_empty() {
            Which::All
        } else {
            Which::Named(args.only)
        },
        reopen: Reopen::failed_if(args.retry),
        limit: args.limit,
        avoid: Avoid::Nothing,
        how: args.how,
    };
    again.run(database, console).await
}

/// A run without its sheet.
pub(in crate::cli) struct Again {
    /// The cast, if the command has an argument for it.
    pub(in crate::cli) cast: Option<String>,
    pub(in crate::cli) which: Which,
    pub(in crate::cli) reopen: Reopen,
    /// The most characters to try.
    pub(in crate::cli) limit: Option<u64>,
    /// Whether the model is asked not to repeat the other stories.
    pub(in crate::cli) avoid: Avoid,
    pub(in crate::cli) how: HowArgs,
}

impl Again {
    pub(in crate::cli) async fn run(
        self,
        database: &Database,
        console: &mut Console,
    ) -> Result<Exit, CliError> {
        let how = self.how;
        let file = ProjectFile::read()?;
        let (pace, cost) = (file.pace(&how.pace)?, file.cost(&how.cost)?);
        let limits = file.limits(&how.limits)?;
        let progress = file.progress(&how.report)?;
        let (provider, note) = file.provider(&how.provider)?;
        running::print_notes(console, progress, note);
        survive_file_size_limit()?;
        let asked = ResumeAsked {
            cast: database.cast(self.cast.as_deref())?.map(str::to_owned),
            which: self.which,
            reopen: self.reopen,
            limit: self.limit,
            avoid: self.avoid,
            provider,
            pace,
            cost,
            limits,
        };
        let resumed = resume_run(asked, &database.db, running::demo).await?;
        let notes = keep_their_pick(resumed.keep_their_pick)
            .into_iter()
            .chain(resumed.used_up.as_ref().map(to_avoid));
        running::print_notes(console, progress, notes);
        running::run(resumed.ready, progress, console).await
    }
}
