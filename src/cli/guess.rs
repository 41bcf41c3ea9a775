//! What is a guess about a sheet, and the question that is asked before anything is sent because of it.

use crate::cli::args::SheetArgs;
use crate::cli::commands::plan::Plan;
use crate::cli::words::command_line::with_switch;
use crate::cli::words::listed;
use crate::cli::{CliError, Console};
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::sheet::{Describe, Guessed, Sheet};
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::path::Path;

/// What neither a switch nor a usual header has decided.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Guess {
    guessed: Guessed,
    sheet: String,
    name_from: Vec<String>,
    description_from: Vec<String>,
    /// The description is made of columns, with their headers in front.
    is_made: bool,
}

impl Guess {
    /// What is a guess about the sheet; `None` where nothing is.
    pub(in crate::cli) fn of(sheet: &Sheet) -> Option<Self> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        sheet.guessed().any().then(|| Self {
            guessed: sheet.guessed(),
            sheet: sheet.source().named(),
            name_from: owned(sheet.name_from()),
            description_from: owned(sheet.description_from()),
            is_made: matches!(sheet.describe(), Describe::Template { .. }),
        })
    }

    /// What is a guess about the header.
    fn about_the_header(&self) -> Option<String> {
        if self.guessed.no_header {
            return Some(format!("{} seems to have no header", self.sheet));
        }
        let is_like_a_row = self.guessed.header_like_a_row;
        is_like_a_row.then(|| format!("the header of {} looks like a character", self.sheet))
    }

    /// The guess, to go on with in a sentence.
    pub(in crate::cli) fn in_words(&self) -> String {
        let Guessed {
            name, description, ..
        } = self.guessed;
        let mut parts = Vec::from_iter(self.about_the_header());
        if name {
            parts.push(format!(
                "the name seems to be in {}",
                listed(&self.name_from)
            ));
        }
        if description {
            parts.push(match &self.description_from[..] {
                only if only == self.name_from => {
                    "no column describes the characters, so only the name is sent".to_owned()
                }
                [only] if !self.is_made => {
                    format!("the description seems to be in `{}`", shown(only))
                }
                several => format!("the description is made from {}", listed(several)),
            });
        }
        parts.join("; ")
    }

    /// The refusal where no person can be asked.
    pub(in crate::cli) fn refusal(&self) -> Failure {
        let words = format!("a guess needs your answer: {}", self.in_words());
        let hint = format!(
            "to accept it: `{}`; {}",
            with_switch("--yes"),
            self.switches()
        );
        Failure::usage(words, hint)
    }

    /// The refusal of a person who was asked.
    fn declined(&self) -> Failure {
        Failure::usage("nothing was sent", self.switches())
    }

    /// The switches that decide otherwise.
    fn switches(&self) -> String {
        let mut switches = Vec::new();
        if self.guessed.no_header {
            switches.push("`--header-line 1` if the first line names the columns".to_owned());
        }
        if self.guessed.header_like_a_row {
            switches.push("`--no-header` if the first line is a character".to_owned());
        }
        if self.guessed.name {
            switches.push("`--name-column COLUMN` for another name".to_owned());
        }
        if self.guessed.description {
            switches.push(
                "`--description-column COLUMN` or `--template TEXT` for another description"
                    .to_owned(),
            );
        }
        switches.join("; ")
    }
}

/// Whether a person can be asked: at a terminal, and the sheet does not come from there.
pub(in crate::cli) fn can_ask(sheet: &Path) -> bool {
    sheet != Path::new("-") && stdin().is_terminal() && stderr().is_terminal()
}

/// The guess about `sheet` that still needs an answer.
pub(in crate::cli) fn unanswered(sheet: &Sheet, typed: &SheetArgs) -> Option<Guess> {
    Guess::of(sheet).filter(|_| !typed.yes)
}

/// Shows a person what would be done, and asks. Enter goes on.
///
/// # Errors
///
/// A failure that names the switches, where the answer is no.
pub(in crate::cli) fn ask(
    guess: &Guess,
    plan: &Plan,
    console: &mut Console,
) -> Result<(), CliError> {
    if let Some(words) = guess.about_the_header() {
        writeln!(console.err, "{words}")?;
    }
    plan.preview(&mut console.err)?;
    write!(
        console.err,
        "Is that right? Press Enter to continue, `n` to stop: "
    )?;
    console.err.flush()?;
    let mut answer = String::new();
    let read = stdin().lock().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes");
    if read > 0 && is_yes {
        Ok(())
    } else {
        Err(guess.declined().into())
    }
}
