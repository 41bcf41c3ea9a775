//! `placeholder`: a slot that should have been filled in: `[Name]`, `{{char}}`, `<NAME>`, "Lorem ipsum", "TODO".
//!
//! What is in brackets counts only if it says that it is a slot: in double braces, in capital letters, with a word such as
//! "insert" or "your", or if it is the name of a thing that a character has (name, city, age …; in the big languages). So stage
//! directions, footnotes and `[redacted]` stay. "TODO" counts at the beginning of a sentence with a colon, or alone in brackets:
//! in Spanish it is a word.
//!
//! The words are in `placeholder.txt`.

use super::fold::{folded, is_unspaced};
use super::phrases;
use super::reading::Reading;
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// A slot has at most this many characters.
const SLOT_CHARS_MAX: usize = 60;
/// This many low lines are a line to write on.
const LOW_LINES_MIN: usize = 4;

/// The words of a slot.
#[derive(Default)]
struct Words {
    nouns: HashSet<&'static str>,
    beginnings: Vec<&'static str>,
    last: HashSet<&'static str>,
    angles: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    for (section, phrase) in phrases::entries(include_str!("placeholder.txt")) {
        match section {
            "noun" => words.nouns.insert(phrase),
            "last" => words.last.insert(phrase),
            "angle" => words.angles.insert(phrase),
            _ => {
                words.beginnings.push(phrase);
                true
            }
        };
    }
    words
});

/// The first slot, if there is one.
pub(super) fn find(reading: &Reading) -> Option<Finding> {
    let text = reading.text;
    let at = brackets(text)
        .or_else(|| lorem(text))
        .or_else(|| todo(text))
        .or_else(|| low_lines(text))
        .or_else(|| bare(text))?;
    Some(found(Flag::Placeholder, text, at))
}

/// The first pair of brackets that holds a slot.
fn brackets(text: &str) -> Option<Range<usize>> {
    let opening = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '[' | '{' | '<' | '【' | '［' | '$' | '%' | '('));
    opening.into_iter().find_map(|(at, c)| slot(text, at, c))
}

/// The slot that begins at byte `at` with the bracket `c`.
fn slot(text: &str, at: usize, c: char) -> Option<Range<usize>> {
    let rest = &text[at + c.len_utf8()..];
    let (close, is_slot): (&str, fn(&str) -> bool) = match c {
        '{' if rest.starts_with('{') => ("}}", |_| true),
        '{' => ("}", |inner| {
            is_noun(inner) || (is_identifier(inner) && inner.contains('_'))
        }),
        '$' if rest.starts_with('{') => ("}", |inner| is_identifier(inner.trim_start_matches('{'))),
        '%' => ("%", |inner| {
            is_identifier(inner)
                && inner.to_ascii_uppercase() == inner
                && !inner.is_empty()
                && !inner.starts_with(|c: char| c.is_ascii_digit())
        }),
        '[' => ("]", |inner| {
            is_noun(inner) || is_instruction(inner) || is_shouted(inner)
        }),
        '【' => ("】", is_noun),
        '［' => ("］", is_noun),
        '(' => (")", |inner| {
            is_instruction(inner) && folded(inner).starts_with("insert ")
        }),
        '<' => (">", |inner| {
            let inner = folded(inner);
            WORDS.angles.contains(&inner.trim())
        }),
        _ => return None,
    };
    let end = rest.find(close)?;
    let inner = &rest[..end];
    let is_short = inner.chars().count() <= SLOT_CHARS_MAX && !inner.contains('\n');
    let is_link = close == "]" && rest[end + 1..].starts_with('(');
    let is_found = is_short && !inner.trim().is_empty() && !is_link && is_slot(inner);
    is_found.then(|| at..at + c.len_utf8() + end + close.len())
}

/// `name`, `char_name`, `NAME1`.
fn is_identifier(inner: &str) -> bool {
    let inner = inner.trim();
    !inner.is_empty()
        && inner
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// Whether it is one of the nouns, with an article, a number or a letter.
fn is_noun(inner: &str) -> bool {
    let inner = folded(inner).replace(['_', '-'], " ");
    let inner = inner
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '#')
        .trim_start();
    let inner = inner.strip_prefix("the ").unwrap_or(inner);
    let bare = inner.strip_suffix(" here").unwrap_or(inner);
    // `[profession: miller or fisherman]`
    let bare = bare.split(':').next().map_or(bare, str::trim);
    WORDS.nouns.contains(&bare)
        || bare.rsplit_once(' ').is_some_and(|(what, last)| {
            // `[Mountain Name]`, `[Year of Birth Date]`
            WORDS.last.contains(last) && what.split(' ').count() <= 3
        })
}

/// Whether it begins with one of the words that always begin a slot.
fn is_instruction(inner: &str) -> bool {
    let inner = folded(inner.trim_start());
    WORDS
        .beginnings
        .iter()
        .any(|begin| begins_with(&inner, begin))
}

/// Whether `words` begins with the whole word `begin`; letters of a script without spaces are words.
fn begins_with(words: &str, begin: &str) -> bool {
    let rest = words.strip_prefix(begin);
    rest.is_some_and(|rest| {
        let next = rest.chars().next();
        next.is_none_or(|c| !c.is_alphanumeric()) || begin.ends_with(is_unspaced)
    })
}

/// `[CITY NAME]`, but not `[REDACTED]` or `[SOS]`: several words of which one is of the nouns.
fn is_shouted(inner: &str) -> bool {
    let is_capital = inner.chars().all(|c| !c.is_lowercase());
    let words: Vec<String> = inner.split([' ', '_']).map(folded).collect();
    is_capital
        && words.len() > 1
        && words
            .iter()
            .any(|word| WORDS.nouns.contains(&word.as_str()))
}

/// "Lorem ipsum" with "dolor" behind it, or at the beginning of a sentence.
fn lorem(text: &str) -> Option<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let is_text = |(at, words): &(usize, &str)| {
        let before = text[..*at].trim_end();
        let behind = lower[at + words.len()..].trim_start();
        behind.starts_with("dolor") || before.is_empty() || text[..*at].ends_with('\n')
    };
    let mut found = lower.match_indices("lorem ipsum");
    found.find(is_text).map(|(at, words)| at..at + words.len())
}

/// "TODO" and "TBD" as a remark.
fn todo(text: &str) -> Option<Range<usize>> {
    let remarks = ["TODO", "TBD", "FIXME", "XXX", "TBA"];
    remarks.iter().find_map(|word| {
        let is_remark = |at: &usize| {
            let before = text[..*at].trim_end_matches([' ', '*', '_', '/', '#']);
            let behind = &text[at + word.len()..];
            let begins = before.is_empty() || before.ends_with(['\n', '.', '!', '?', '(', '[']);
            let is_alone = behind.is_empty() || behind.starts_with(['\n', ']', ')']);
            begins && (behind.starts_with(':') || is_alone)
        };
        let mut places = text.match_indices(word).map(|(at, _)| at);
        places.find(is_remark).map(|at| at..at + word.len())
    })
}

/// A line to write on: `____`. A line of them alone is an ornament.
fn low_lines(text: &str) -> Option<Range<usize>> {
    text.match_indices(&"_".repeat(LOW_LINES_MIN))
        .map(|(at, _)| at)
        .find_map(|at| {
            let behind = text[at..].trim_start_matches('_');
            let end = text.len() - behind.len();
            let line_start = text[..at].rfind('\n').map_or(0, |line| line + 1);
            let line_end = text[end..].find('\n').map_or(text.len(), |line| end + line);
            let has_words = |piece: &str| piece.contains(char::is_alphanumeric);
            (has_words(&text[line_start..at]) || has_words(&text[end..line_end])).then_some(at..end)
        })
}

/// `CHARACTER_NAME`, "INSERT NAME HERE".
fn bare(text: &str) -> Option<Range<usize>> {
    let slots = [
        "CHARACTER_NAME",
        "CHAR_NAME",
        "NAME_HERE",
        "INSERT NAME",
        "YOUR_NAME",
        "PLAYER_NAME",
        "CITY_NAME",
        "INSERT_NAME",
    ];
    slots
        .iter()
        .find_map(|slot| text.find(slot).map(|at| at..at + slot.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_that_was_not_filled_in_is_found() {
        for (text, slot) in [
            ("[Name] was born in Ghent.", "[Name]"),
            ("{{char}} smiled at {{user}}.", "{{char}}"),
            ("She met <NAME> at the well.", "<NAME>"),
            (
                "Born in [insert city here], she left.",
                "[insert city here]",
            ),
            ("Born in [City Name], she left.", "[City Name]"),
            ("Hello, {name}!", "{name}"),
            ("Hello, ${characterName}!", "${characterName}"),
            ("Lorem ipsum dolor sit amet.", "Lorem ipsum"),
            ("She left.\nTODO: write the end.", "TODO"),
            ("Her age was (TBD).", "TBD"),
            ("She was born in ____ and left.", "____"),
            ("[Nombre] nació en Gante.", "[Nombre]"),
            ("[Имя] родилась в Генте.", "[Имя]"),
            ("【名前】は町で生まれた。", "【名前】"),
            ("Then [MOTHER'S NAME] left.", "[MOTHER'S NAME]"),
            (
                "You are [Your character's title].",
                "[Your character's title]",
            ),
        ] {
            let at = find(&Reading::of(text)).map(|finding| &text[finding.at]);
            assert_eq!(at, Some(slot), "{text}");
        }
    }

    #[test]
    fn brackets_of_a_story_are_no_slots() {
        for text in [
            "She laughed [as always] and left [1].",
            "The report said: [redacted]. [Static.]",
            "Lo perdió TODO: la casa, el barco.",
            "She set lorem ipsum for forty years.",
            "A set {1, 2} and 50% of 80% of it.",
            "I <3 you, and a < b > c.",
            "She left.\n\n________\n\nHe stayed.",
            "[sic] [laughs] [SOS] [The letter ends here.]",
            "See [the map](https://example.com).",
        ] {
            assert!(find(&Reading::of(text)).is_none(), "{text}");
        }
    }
}
