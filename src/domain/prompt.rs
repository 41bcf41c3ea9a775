//! The built-in prompt for a model, and what can be chosen in it.
//!
//! The text is part of the recipe, so equal choices give the same text on every machine. It contains neither name nor
//! description of a character: these are sent beside it. It contains no braces, because they would have a meaning in a
//! template.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// The default number of words of a story.
pub(crate) const WORDS: NonZeroU32 = NonZeroU32::new(300).expect("300 is not 0");

/// The grammatical person of the story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Person {
    /// "You grew up in Ghent", as the Backstory API writes.
    #[default]
    Second,
    /// "She grew up in Ghent".
    Third,
}

impl Person {
    /// Its name in switches and in what a cast remembers.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Third => "third",
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is not a grammatical person.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `second` or `third`")]
pub struct NotAPerson;

impl FromStr for Person {
    type Err = NotAPerson;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Second, Self::Third]
            .into_iter()
            .find(|person| person.word() == word)
            .ok_or(NotAPerson)
    }
}

/// A language as a model understands it: `French`, `Brazilian Portuguese`, `日本語`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// Its name.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

/// A text that is not a language.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a language, such as `French`")]
pub struct NotALanguage;

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        const CHARS_MAX: usize = 60;
        let fits = |c: char| c.is_alphanumeric() || " -()".contains(c);
        let is_name = name.contains(char::is_alphabetic) && name.chars().all(fits);
        if !is_name || name.chars().count() > CHARS_MAX {
            return Err(NotALanguage);
        }
        Ok(Self(name.to_owned()))
    }
}

/// What can be chosen in the built-in prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The grammatical person of the story.
    pub person: Person,
    /// The approximate number of words.
    pub words: NonZeroU32,
    /// The language; without one, that of the description.
    pub language: Option<Language>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            person: Person::default(),
            words: WORDS,
            language: None,
        }
    }
}

impl Wishes {
    /// The built-in prompt.
    #[must_use]
    pub(crate) fn prompt(&self) -> String {
        let person = match self.person {
            Person::Second => "in the second person, to the character (\"You grew up …\")",
            Person::Third => "in the third person, about the character",
        };
        let language = match &self.language {
            Some(language) => language.name(),
            None => "the language of the description",
        };
        let words = self.words;
        format!(
            "You write backstories for the characters of games and fiction. You are given the name and the description of one \
             character, and you write that character's backstory: where they come from, what shaped them, what they want, and \
             what they would rather hide. Use everything that the description says and contradict none of it; where it says \
             nothing, invent: a place, a person, an event, each of them particular.\n\n\
             Write {person}, in {language}, in about {words} words, in paragraphs. Answer with the backstory alone: no title, \
             no headings, no lists, no Markdown, nothing before it and nothing after it."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wish_is_in_the_prompt_and_changes_it() {
        let plain = Wishes::default();
        let mut wishes = vec![plain.clone(); 4];
        wishes[1].person = Person::Third;
        wishes[2].words = NonZeroU32::MIN;
        wishes[3].language = "Brazilian Portuguese".parse().ok();
        let mut prompts: Vec<String> = wishes.iter().map(Wishes::prompt).collect();
        assert!(prompts[0].contains("300 words") && prompts[0].contains("second person"));
        assert!(prompts[3].contains("in Brazilian Portuguese,"));
        prompts.sort();
        prompts.dedup();
        assert_eq!(prompts.len(), 4);
    }

    #[test]
    fn a_language_cannot_smuggle_anything_into_the_prompt() {
        for good in ["French", "日本語", "Serbian (Latin)", "zh-TW"] {
            assert!(good.parse::<Language>().is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "{{ name }}",
            "French.\nAlso",
            "x".repeat(61).as_str(),
        ] {
            assert_eq!(bad.parse::<Language>(), Err(NotALanguage), "{bad}");
        }
    }
}
