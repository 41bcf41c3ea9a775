//! `backstory man [COMMAND]...`: the manual page of the program or of one of its commands.

use crate::cli::{Cli, CliError, Console};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use clap::{Args, CommandFactory};
use clap_mangen::Man;

/// Print the manual page of backstory, or of one command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory man | man -l -
  backstory man run > ~/.local/share/man/man1/backstory-run.1")]
pub(in crate::cli) struct ManArgs {
    /// A command, such as `run` or `casts forget`
    #[arg(value_parser = crate::cli::choices::command(), hide_possible_values = true)]
    command: Vec<String>,
}

pub(in crate::cli) fn man(args: &ManArgs, console: &mut Console) -> Result<Exit, CliError> {
    let mut program = Cli::command();
    program.build();
    let mut command = &program;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            let words = format!("there is no command `{}`", shown(&args.command.join(" ")));
            Failure::usage(words, "`backstory --help` lists the commands")
        })?;
    }
    Man::new(command.clone()).render(&mut console.out)?;
    Ok(Exit::Done)
}
