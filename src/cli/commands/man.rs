//! `backstory man [COMMAND]...`: prints the manual page of the program or of one of its commands.
//!
//! The page has the options as the help has them, and then a section for each part of the text that follows them in the long
//! help. The page of the program also has what no single command explains: how rows are matched, what happens when something
//! fails, exit codes. That text is:
//!
//! ```text
#![doc = include_str!("manual.txt")]
//! ```

use crate::cli::{Cli, CliError, Console};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use clap::{Args, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// What the page of the program explains besides its options.
const MANUAL: &str = include_str!("manual.txt");

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
    let mut program = Cli::command().after_help(MANUAL);
    program.build();
    let mut command = &program;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            let words = format!("there is no command `{}`", shown(&args.command.join(" ")));
            Failure::usage(words, "`backstory --help` lists the commands")
        })?;
    }
    let page = Man::new(command.clone());
    let out = &mut console.out;
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(out)?;
    }
    let after = command
        .get_after_long_help()
        .or_else(|| command.get_after_help());
    sections(&after.map(ToString::to_string).unwrap_or_default()).to_writer(out)?;
    Ok(Exit::Done)
}

/// Turns the text after the options of a help into sections of a page. A line that is not indented and ends with a colon is a
/// heading. All other lines stay as they are: the page does not join them.
fn sections(text: &str) -> Roff {
    let mut page = Roff::new();
    for line in text.lines() {
        let heading = line
            .strip_suffix(':')
            .filter(|heading| !heading.starts_with(' '));
        if let Some(heading) = heading {
            page.control("fi", []);
            page.control("SH", [heading.to_uppercase().as_str()]);
            page.control("nf", []);
        } else {
            page.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
    }
    page.control("fi", []);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_manual_fits_a_terminal_with_its_indent() {
        for line in MANUAL.lines() {
            let width = line.chars().count();
            assert!(width <= 73, "{width}: {line}");
        }
    }

    #[test]
    fn the_manual_explains_each_exit_code() {
        let (_, table) = MANUAL.split_once("Exit status:\n").expect("a section");
        let table: Vec<&str> = table.lines().take_while(|line| !line.is_empty()).collect();
        for exit in [
            Exit::Done,
            Exit::SomeFailed,
            Exit::Usage,
            Exit::Stopped,
            Exit::Limit,
            Exit::Signal(1),
            Exit::Signal(2),
            Exit::Signal(15),
        ] {
            let code = exit.code().to_string();
            let explains = |line: &&str| line.split([' ', ',']).any(|word| word == code);
            assert!(table.iter().any(explains), "{code}");
        }
    }

    #[test]
    fn a_line_that_ends_with_a_colon_and_is_not_indented_is_a_heading() {
        let page = sections("Examples:\n  backstory x:\n\nThe end").to_roff();
        assert!(page.contains(".SH EXAMPLES\n.nf\nbackstory x:\n"), "{page}");
        assert_eq!(page.matches(".SH").count(), 1, "{page}");
    }
}
