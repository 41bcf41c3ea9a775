//! The command line: it parses the arguments, adds the settings of `backstory.toml`, and calls the command.
//!
//! Each command has a file in `commands`. The wording of messages is in `words`. No module outside `cli` knows the switches, and
//! the code here prints only to the writers of [`Console`].

mod args;
mod choices;
mod commands;
mod config;
mod gauge;
mod listen;
mod open_files;
mod running;
mod terminal;
mod words;

pub use words::failure::CliError;
pub use words::failure::sheet as sheet_failure;

use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::store::Location;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, Parser, Subcommand};
use std::io::Write;

/// Where a command writes: data to `out`, everything else to `err`.
pub struct Console {
    /// For data: standard output.
    pub out: Box<dyn Write>,
    /// For everything else: standard error.
    pub err: Box<dyn Write + Send>,
}

/// Turn a spreadsheet of characters into a cast with finished backstories
#[derive(Debug, Parser)]
#[command(
    name = "backstory",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    db: Database,
    #[command(subcommand)]
    command: Command,
}

/// Which database and which cast in it.
#[derive(Debug, clap::Args)]
struct Database {
    /// The database: a file, or `postgres://USER@HOST/DATABASE`
    #[arg(
        long,
        global = true,
        value_name = "FILE|ADDRESS",
        env = "BACKSTORY_DB",
        hide_env_values = true,
        default_value = "backstory.db",
        value_parser = OsStringValueParser::new().map(Location::of)
    )]
    db: Location,
    /// The cast [default: for a sheet, its file name; else see CAST, or the only one]
    #[arg(long = "cast", id = "cast_switch", global = true, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    cast: Option<String>,
}

/// What a command does without `--cast`; its help says so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CastDefault {
    /// It uses the cast that is named after the sheet.
    Sheet,
    /// It also has an argument for the cast.
    Argument,
    /// It uses the only cast of the database.
    Only,
    /// It uses all casts.
    All,
    /// It uses no database. It accepts the switches, as any command does, but its help does not show them.
    Unused,
}

impl CastDefault {
    /// The global switches, with the help that fits the command.
    fn args(self) -> Vec<Arg> {
        let all = <Database as clap::Args>::augment_args(clap::Command::default());
        let help = match self {
            Self::Sheet => "The cast [default: named after the sheet]",
            Self::Argument => "The same as CAST",
            Self::Only => "The cast [default: the only one]",
            Self::All | Self::Unused => "The cast [default: all]",
        };
        let args = all.get_arguments().cloned().map(|arg| {
            let arg = arg.hide(self == Self::Unused);
            if arg.get_id() == "cast_switch" {
                arg.help(help)
            } else {
                arg
            }
        });
        args.collect()
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import the sheet and write pending stories; the same command again continues
    #[command(args(CastDefault::Sheet.args()))]
    Run(commands::run::RunArgs),
    /// Show what `run` would do; sends nothing, changes nothing, needs no API key
    #[command(args(CastDefault::Sheet.args()))]
    Plan(commands::plan::PlanArgs),
    /// Continue without the sheet, with the settings of the last run
    #[command(args(CastDefault::Argument.args()))]
    Resume(commands::resume::ResumeArgs),
    /// Show counts, failures by cause with advice, speed, requests that may have been charged without a story
    #[command(args(CastDefault::Argument.args()))]
    Status(commands::status::StatusArgs),
    /// List characters, one per line
    #[command(args(CastDefault::Argument.args()))]
    List(commands::list::ListArgs),
    /// Show one character: columns, story, takes, attempts
    #[command(args(CastDefault::Only.args()))]
    Show(commands::show::ShowArgs),
    /// Search names, descriptions and stories; best matches first, with a snippet
    #[command(args(CastDefault::All.args()))]
    Search(commands::search::SearchArgs),
    /// Run one read-only SQL statement over the documented views
    #[command(args(CastDefault::All.args()))]
    Query(commands::query::QueryArgs),
    /// Write the cast as .csv .xlsx .jsonl .md .html .db; without -o, CSV to standard output
    #[command(args(CastDefault::Argument.args()))]
    Export(commands::export::ExportArgs),
    /// Make failed characters pending again; sends nothing
    #[command(args(CastDefault::Argument.args()))]
    Retry(commands::retry::RetryArgs),
    /// Write one more take now for given characters; earlier takes are kept
    #[command(args(CastDefault::Only.args()))]
    Redo(commands::redo::RedoArgs),
    /// Choose the current take; `--newest` goes back to automatic
    #[command(args(CastDefault::Only.args()))]
    Pick(commands::pick::PickArgs),
    /// Save your own text as a new take, from $EDITOR or a file
    #[command(args(CastDefault::Only.args()))]
    Edit(commands::edit::EditArgs),
    /// List, rename, copy or delete the casts of a database
    #[command(args(CastDefault::All.args()))]
    Casts(commands::casts::CastsArgs),
    /// Show what a reader would object to: refusals, leaked thoughts, sameness; free
    #[command(args(CastDefault::Argument.args()))]
    Review(commands::review::ReviewArgs),
    /// Start a local server that speaks the Backstory API
    #[command(args(CastDefault::Unused.args()))]
    Serve(commands::serve::ServeArgs),
    /// Show the cast in the browser, live during a run
    #[command(args(CastDefault::Argument.args()))]
    View(commands::view::ViewArgs),
    /// Check sheet, API key, database and endpoint before anything costs money
    #[command(args(CastDefault::Sheet.args()))]
    Check(commands::check::CheckArgs),
    /// Print completions for a shell
    #[command(args(CastDefault::Unused.args()))]
    Completions(commands::completions::CompletionsArgs),
    /// Print the manual page of backstory, or of one command
    #[command(args(CastDefault::Unused.args()))]
    Man(commands::man::ManArgs),
}

/// Runs the command.
///
/// # Errors
///
/// [`CliError`] when the command failed; it has the exit code.
pub async fn run(cli: Cli, console: &mut Console) -> Result<Exit, CliError> {
    let db = &cli.db;
    match cli.command {
        // Boxed, because these futures are by far the largest: the future of `run` stays small for all commands.
        Command::Run(args) => Box::pin(commands::run::run(args, db, console)).await,
        Command::Plan(args) => commands::plan::plan(args, db, console).await,
        Command::Resume(args) => commands::resume::resume(args, db, console).await,
        Command::Status(args) => commands::status::status(args, db, console).await,
        Command::List(args) => commands::list::list(args, db, console).await,
        Command::Show(args) => commands::show::show(args, db, console).await,
        Command::Search(args) => commands::search::search(args, db, console).await,
        Command::Query(args) => commands::query::query(args, db, console).await,
        Command::Export(args) => commands::export::export(args, db, console).await,
        Command::Retry(args) => commands::retry::retry(args, db, console).await,
        Command::Redo(args) => commands::redo::redo(args, db, console).await,
        Command::Pick(args) => commands::pick::pick(args, db, console).await,
        Command::Edit(args) => commands::edit::edit(args, db, console).await,
        Command::Casts(args) => commands::casts::casts(args, db, console).await,
        Command::Review(args) => commands::review::review(args, db, console).await,
        Command::Completions(args) => commands::completions::completions(&args, console),
        Command::Man(args) => commands::man::man(&args, console),
        Command::Serve(args) => commands::serve::serve(args, console).await,
        Command::View(args) => commands::view::view(args, db, console).await,
        Command::Check(args) => Box::pin(commands::check::check(args, db, console)).await,
    }
}

impl Database {
    /// The name of the cast: the argument of the command, or the switch; an error if the two differ.
    fn cast<'a>(&'a self, argument: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
        match (argument, self.cast.as_deref()) {
            (Some(argument), Some(switch)) if argument != switch => {
                let words = format!(
                    "two casts are given: `{}` and `{}`",
                    shown(argument),
                    shown(switch)
                );
                Err(Failure::usage(words, "give one"))
            }
            (argument, switch) => Ok(argument.or(switch)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// A wrapped example cannot be copied as a command.
    #[test]
    fn an_example_fits_a_terminal() {
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            let long = command.get_after_long_help();
            let examples = long.or_else(|| command.get_after_help());
            let examples = examples.map(ToString::to_string).unwrap_or_default();
            for line in examples.lines() {
                let width = line.chars().count();
                assert!(width <= 80, "{}: {width}: {line}", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
