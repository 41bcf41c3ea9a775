//! The command line: what was typed, what was resolved from it, and how each command is wired.
//!
//! One file a command. Nothing below this module knows of switches, and nothing here prints but to the writers it is given.

mod access;
mod args;
mod attempt;
mod carry_on;
mod casts;
mod check;
mod choices;
mod completions;
mod cost;
mod drive;
mod edit;
mod export;
mod failure;
mod fields;
mod file;
mod guess;
mod key;
mod list;
mod listen;
mod man;
mod memory;
mod open_files;
mod pick;
mod plan;
mod prepare;
mod prompt;
mod provider;
mod query;
mod redo;
mod resume;
mod retry;
mod run;
mod search;
mod serve;
mod sheet_notes;
mod show;
mod status;
mod summary;
mod table;
mod take_in;
mod terminal;
mod typed;
mod unchanged;
mod view;
mod world;

pub use failure::CliError;

use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// Where a command writes: data to `out`, everything else to `err`.
pub struct Console {
    /// Data.
    pub out: Box<dyn Write>,
    /// Everything else.
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
    /// The database
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "BACKSTORY_DB",
        hide_env_values = true,
        default_value = "backstory.db"
    )]
    db: PathBuf,
    /// The cast [default: the sheet's file name; else the only one]
    #[arg(long = "cast", id = "cast_switch", global = true, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    cast: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import what is new and generate what is pending; the same command again continues
    Run(run::RunArgs),
    /// What `run` would do; sends nothing, changes nothing, needs no key and no database
    Plan(plan::PlanArgs),
    /// Continue without the sheet
    Resume(resume::ResumeArgs),
    /// Counts, failures by cause with advice, pace, what may have been charged twice
    Status(status::StatusArgs),
    /// Characters, one a line
    List(list::ListArgs),
    /// One character: its columns, takes, attempts
    Show(show::ShowArgs),
    /// Full text over names, descriptions and stories, best first, with a snippet
    Search(search::SearchArgs),
    /// One read-only SQL statement over the documented views
    Query(query::QueryArgs),
    /// The cast as .csv .xlsx .jsonl .md .html .db by the name; without -o, CSV to standard output
    Export(export::ExportArgs),
    /// Make failed characters pending again; sends nothing
    Retry(retry::RetryArgs),
    /// One more take now, for these only; earlier takes are kept
    Redo(redo::RedoArgs),
    /// This take counts; `--newest` undoes it
    Pick(pick::PickArgs),
    /// Write a take by hand, in $EDITOR or from a file, as it stands
    Edit(edit::EditArgs),
    /// The casts of a database: list, rename, forget
    Casts(casts::CastsArgs),
    /// The Backstory API itself on this machine
    Serve(serve::ServeArgs),
    /// The cast in the browser, live while a run goes on
    View(view::ViewArgs),
    /// Sheet, key, database, endpoint: what is wrong before it costs anything
    Check(check::CheckArgs),
    /// Completions for a shell, on standard output
    Completions(completions::CompletionsArgs),
    /// The manual page of the program, or of a command, on standard output
    Man(man::ManArgs),
}

/// Carries out what was typed.
///
/// # Errors
///
/// [`CliError`] when that could not be done; it knows its exit code.
pub async fn run(cli: Cli, console: &mut Console) -> Result<Exit, CliError> {
    let db = &cli.db;
    match cli.command {
        // By far the largest: what is on the way of every command stays small.
        Command::Run(args) => Box::pin(run::run(args, db, console)).await,
        Command::Plan(args) => plan::plan(args, db, console).await,
        Command::Resume(args) => resume::resume(args, db, console).await,
        Command::Status(args) => status::status(args, db, console).await,
        Command::List(args) => list::list(args, db, console).await,
        Command::Show(args) => show::show(args, db, console).await,
        Command::Search(args) => search::search(args, db, console).await,
        Command::Query(args) => query::query(args, db, console).await,
        Command::Export(args) => export::export(args, db, console).await,
        Command::Retry(args) => retry::retry(args, db, console).await,
        Command::Redo(args) => redo::redo(args, db, console).await,
        Command::Pick(args) => pick::pick(args, db, console).await,
        Command::Edit(args) => edit::edit(args, db, console).await,
        Command::Casts(args) => casts::casts(args, db, console).await,
        Command::Completions(args) => completions::completions(&args, console),
        Command::Man(args) => man::man(&args, console),
        Command::Serve(args) => serve::serve(args, console).await,
        Command::View(args) => view::view(args, db, console).await,
        Command::Check(args) => Box::pin(check::check(args, db, console)).await,
    }
}

impl Database {
    /// The cast that is meant: the argument of the command, or the switch; refused when they name two.
    fn cast<'a>(&'a self, argument: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
        match (argument, self.cast.as_deref()) {
            (Some(argument), Some(switch)) if argument != switch => {
                let words = format!(
                    "two casts are named: `{}` and `{}`",
                    shown(argument),
                    shown(switch)
                );
                Err(Failure::usage(words, "name one"))
            }
            (argument, switch) => Ok(argument.or(switch)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Wrapped, an example is no command any more.
    #[test]
    fn an_example_fits_a_terminal() {
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            let examples = command.get_after_help().map(ToString::to_string);
            for line in examples.unwrap_or_default().lines() {
                let width = line.chars().count();
                assert!(width <= 80, "{}: {width}: {line}", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
