//! `backstory completions SHELL`: prints a script with which a shell completes our commands and switches.

use crate::cli::{Cli, CliError, Console};
use crate::exit::Exit;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory completions bash \\
      > ~/.local/share/bash-completion/completions/backstory
  backstory completions zsh > ~/.zfunc/_backstory
  backstory completions fish > ~/.config/fish/completions/backstory.fish")]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

pub(in crate::cli) fn completions(
    args: &CompletionsArgs,
    console: &mut Console,
) -> Result<Exit, CliError> {
    // The generator panics when its writer fails, so it writes to memory first.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "backstory", &mut script);
    console.out.write_all(&script)?;
    Ok(Exit::Done)
}
