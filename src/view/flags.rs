//! What each flag means, in a sentence for the reader of a story.

use crate::domain::flag::{Flag, Flags};
use minijinja::{Value, context};

/// The flags for a template: each with its word and its meaning.
pub(super) fn flags(flags: Flags) -> Vec<Value> {
    let has = |flag: &Flag| flags.has(*flag);
    let value = |flag: Flag| context! { word => flag.word(), meaning => meaning(flag) };
    Flag::ALL.into_iter().filter(has).map(value).collect()
}

/// What a flag means.
pub(super) fn meaning(flag: Flag) -> &'static str {
    match flag {
        Flag::Unfinished => {
            "the answer ended without its closing line; the last words may be missing"
        }
        Flag::Unproven => "the connection could not prove that the story is complete; read its end",
        Flag::BadUtf8 => "the service sent invalid letters, which are shown as \u{FFFD}",
        Flag::IgnoredLines => "the service sent lines that are no text; something may be missing",
        Flag::Abrupt => "the story does not end like a sentence",
        Flag::Long => "the story has more than 1,000 words",
        Flag::Stale => {
            "the story was made from another description or recipe than the character has now"
        }
        Flag::Refusal => "the text is a refusal, not a story",
        Flag::Meta => "the text has words about itself, such as a heading or an offer to change it",
        Flag::Thoughts => "the reasoning of the model is in the text",
        Flag::Placeholder => "the text has a slot that was not filled in, such as [Name]",
        Flag::Echo => "the text repeats the prompt or the description",
        Flag::Unnamed => "the name of the character is not in the text",
        Flag::Person => "the story is told in another person (I, you, she) than the others",
        Flag::Language => "the story is in another language than the others",
        Flag::Mojibake => "letters of the story were garbled",
        Flag::Loop => "the story repeats itself",
        Flag::OddLength => "the story is much longer or shorter than the others",
        Flag::Alike => "the story has much of its wording in common with another one",
        Flag::SameOpening => "the story begins like many others",
        Flag::Borrowed => "the story names another character of the cast",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_has_its_own_meaning() {
        let mut meanings = Flag::ALL.map(meaning).to_vec();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), Flag::ALL.len());
    }
}
