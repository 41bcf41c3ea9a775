//! Parsers for values that are usually one of a few words, so that shells can complete them.

use crate::app::review::MOST_USEFUL_FIRST;
use crate::domain::flag::Flag;
use crate::domain::outcome::Outcome;
use crate::domain::status::Status;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};
use std::ffi::OsStr;
use std::fmt::Display;
use std::str::FromStr;

/// The providers.
pub(in crate::cli) const PROVIDERS: &[&str] = &["convai", "openai", "demo"];

/// The grammatical persons.
pub(in crate::cli) const PERSONS: &[&str] = &["second", "third"];

/// Parses a value as its type does, and offers the usual words for completion.
#[derive(Clone)]
pub(in crate::cli) struct Choice<T> {
    words: Vec<&'static str>,
    read: fn(&str) -> Result<T, String>,
}

/// A parser for any value of the type that offers `words` for completion.
pub(in crate::cli) fn choice<T>(words: &[&'static str]) -> Choice<T>
where
    T: FromStr<Err: Display> + Clone + Send + Sync + 'static,
{
    Choice {
        words: words.to_vec(),
        read: |text| text.parse().map_err(|err: T::Err| err.to_string()),
    }
}

/// A parser for any flag of a story.
pub(in crate::cli) fn flag() -> Choice<Flag> {
    choice(&MOST_USEFUL_FIRST.map(Flag::word))
}

/// A parser for the state of a character.
pub(in crate::cli) fn status() -> impl TypedValueParser<Value = Status> {
    let all = [
        Status::Pending,
        Status::Running,
        Status::Done,
        Status::Failed,
    ];
    PossibleValuesParser::new(all.map(Status::word))
        .try_map(|word| Status::of(&word).ok_or("not a status"))
}

/// A parser for a class of failures, or a part of a message.
pub(in crate::cli) fn cause() -> Choice<String> {
    let classes = [Outcome::RefusedRow, Outcome::Unknown, Outcome::BadText];
    choice(&classes.map(Outcome::word))
}

/// A parser for the name of a command.
pub(in crate::cli) fn command() -> Choice<String> {
    choice(COMMANDS)
}

/// The commands of the program.
const COMMANDS: &[&str] = &[
    "run",
    "plan",
    "resume",
    "status",
    "list",
    "show",
    "search",
    "query",
    "export",
    "retry",
    "redo",
    "pick",
    "edit",
    "casts",
    "review",
    "serve",
    "view",
    "check",
    "completions",
    "man",
];

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Choice<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        self.read.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            self.words.iter().map(|word| PossibleValue::new(*word)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prompt::Person;
    use crate::domain::recipe::ProviderName;
    use clap::CommandFactory;

    #[test]
    fn each_word_that_is_offered_is_accepted() {
        assert!(
            PROVIDERS
                .iter()
                .all(|word| word.parse::<ProviderName>().is_ok())
        );
        assert!(PERSONS.iter().all(|word| word.parse::<Person>().is_ok()));
        let program = crate::cli::Cli::command();
        let commands: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
        assert_eq!(commands, COMMANDS);
    }
}
