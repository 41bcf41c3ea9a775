//! The wording of a guess about a sheet, and the switches that override it.

use crate::app::Guess;
use crate::cli::words::command_line::with_switch;
use crate::cli::words::listed;
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::sheet::Guessed;

/// The part of the guess that concerns the header.
pub(in crate::cli) fn about_the_header(guess: &Guess) -> Option<String> {
    let sheet = guess.source.named();
    if guess.guessed.no_header {
        return Some(format!("{sheet} seems to have no header"));
    }
    let is_like_a_row = guess.guessed.header_like_a_row;
    is_like_a_row.then(|| format!("the header of {sheet} looks like a character"))
}

/// The guess, as a part of a sentence.
pub(in crate::cli) fn in_words(guess: &Guess) -> String {
    let Guessed {
        name, description, ..
    } = guess.guessed;
    let mut parts = Vec::from_iter(about_the_header(guess));
    if name {
        parts.push(format!(
            "the name seems to be in {}",
            listed(&guess.name_from)
        ));
    }
    if description {
        parts.push(match &guess.description_from[..] {
            only if only == guess.name_from => {
                "no column describes the characters, so only the name is sent".to_owned()
            }
            [only] if !guess.is_made => {
                format!("the description seems to be in `{}`", shown(only))
            }
            several => format!("the description is made from {}", listed(several)),
        });
    }
    parts.join("; ")
}

/// The failure when the user cannot be asked.
pub(in crate::cli) fn refusal(guess: &Guess) -> Failure {
    let words = format!("a guess needs your answer: {}", in_words(guess));
    let hint = format!(
        "to accept it: `{}`; {}",
        with_switch("--yes"),
        switches(guess)
    );
    Failure::usage(words, hint)
}

/// The failure after the answer `n`.
pub(in crate::cli) fn declined(guess: &Guess) -> Failure {
    Failure::usage("nothing was sent", switches(guess))
}

/// The switches that override the guess.
fn switches(guess: &Guess) -> String {
    let mut switches = Vec::new();
    if guess.guessed.no_header {
        switches.push("`--header-line 1` if the first line names the columns");
    }
    if guess.guessed.header_like_a_row {
        switches.push("`--no-header` if the first line is a character");
    }
    if guess.guessed.name {
        switches.push("`--name-column COLUMN` for another name");
    }
    if guess.guessed.description {
        switches.push("`--description-column COLUMN` or `--template TEXT` for another description");
    }
    switches.join("; ")
}
