//! Reads a description as a list of phrases.
//!
//! The phrases can be printed: they have no control characters, no line ends, no double quotes, and a limited length. Only
//! English is understood, and only its outer form.

use super::data::DATA;
use super::line::World;
use super::phrase::Phrase;
use super::words::{self, any_of};

/// The part of a description that is read for phrases, in characters.
const READ_AT_MOST: usize = 16_000;

/// A phrase is cut after so many words, or after so many characters if it has no words.
const WORDS_AT_MOST: usize = 45;
const CHARACTERS_AT_MOST: usize = 320;

/// A description that has been read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its phrases, in order, each only once.
    pub(super) phrases: Vec<Phrase>,
    /// The world that its words hint at.
    pub(super) world: World,
    /// The only pronoun it uses for a third person: "she" or "he".
    pub(super) pronoun: Option<&'static str>,
}

/// Reads `description` of the character `name`.
pub(super) fn read(name: &str, description: &str) -> Reading {
    let text: String = description
        .chars()
        .take(READ_AT_MOST)
        .filter(|c| words::is_shown(*c))
        .collect();
    let mut phrases: Vec<Phrase> = Vec::new();
    for sentence in sentences(&text) {
        for (place, part) in parts(&sentence).into_iter().enumerate() {
            let Some(phrase) = phrase(name, &part, place > 0) else {
                continue;
            };
            if !phrases.iter().any(|known| known.text == phrase.text) {
                phrases.push(phrase);
            }
        }
    }
    let lower = text.to_lowercase();
    let tokens: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let pronoun = pronoun(&phrases, &tokens);
    Reading {
        phrases,
        world: words::world(&tokens),
        pronoun,
    }
}

/// The pronoun at the beginning of phrases, else the only one in the text.
fn pronoun(phrases: &[Phrase], tokens: &[&str]) -> Option<&'static str> {
    let begins = |word: &str| {
        phrases
            .iter()
            .any(|phrase| words::small(&phrase.text).starts_with(&format!("{word} ")))
    };
    let she = any_of(tokens, "she her hers herself");
    let he = any_of(tokens, "he his him himself");
    match (begins("she"), begins("he"), she, he) {
        (true, false, ..) | (false, false, true, false) => Some("she"),
        (false, true, ..) | (false, false, false, true) => Some("he"),
        _ => None,
    }
}

/// Cuts at line ends and at the ends of sentences, but not inside quotes or brackets, and not after abbreviations.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut sentence = String::new();
    let mut quoted = false;
    let mut depth = 0_u32;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends = match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                (quoted, depth) = (false, 0);
                true
            }
            '.' | '!' | '?' | '…' | '؟' | '۔' | '।' => {
                let last = rest.peek().is_none_or(|next| next.is_whitespace());
                last && !quoted && depth == 0 && !(c == '.' && words::is_abbreviated(&sentence))
            }
            ';' | '؛' | '|' | '•' => !quoted && depth == 0,
            '。' | '！' | '？' | '；' => depth == 0,
            _ => false,
        };
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '（' | '「' => depth += 1,
            ')' | ']' | '）' | '」' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !ends || matches!(c, '?' | '？' | '؟') {
            sentence.push(c);
        }
        if ends {
            found.push(std::mem::take(&mut sentence));
        }
    }
    found.push(sentence);
    found
}

/// Cuts a sentence at its commas if it is a list; any other sentence stays whole.
fn parts(sentence: &str) -> Vec<String> {
    let sentence = &sentence.replace(" / ", ", ");
    let wide = sentence.contains(['、', '，']);
    let bracketed = sentence.contains(['"', '(', '[', '「', '（']);
    let parts: Vec<&str> = sentence
        .split([',', '、', '，', '،'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let joined = |part: &&str| {
        let mut tokens = part.split_whitespace();
        let first = tokens
            .find(|token| !["and", "or"].contains(token))
            .unwrap_or_default()
            .to_lowercase();
        DATA.words.joiners.has(&first) || part.split_whitespace().count() > 9
    };
    let has_verb = parts.first().is_some_and(|first| words::has_verb(first));
    if bracketed || has_verb || (!wide && parts.iter().skip(1).any(joined)) {
        return vec![sentence.to_owned()];
    }
    let last = parts.len().saturating_sub(1);
    let part = |(place, part): (usize, &&str)| {
        let tail = part
            .strip_prefix("and ")
            .or_else(|| part.strip_prefix("or "))
            .filter(|_| place == last && place > 0);
        tail.unwrap_or(part).to_owned()
    };
    parts.iter().enumerate().map(part).collect()
}

/// Makes a phrase of `raw`, if there is anything in it.
fn phrase(name: &str, raw: &str, follows: bool) -> Option<Phrase> {
    let folded = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = words::without_label(words::without_bullet(&folded));
    let ends = [
        '.', ',', ';', ':', '!', ' ', '-', '–', '—', '*', '_', '#', '。',
    ];
    let trimmed = bare.trim_matches(ends);
    // Quotes around the whole phrase say nothing; a single quote has lost its partner.
    let quotes = trimmed.matches('"').count();
    let embraced = quotes == 2 && trimmed.starts_with('"') && trimmed.ends_with('"');
    let trimmed = if quotes == 1 || embraced {
        trimmed.trim_matches('"').trim_matches(ends)
    } else {
        trimmed
    };
    let seen = trimmed
        .chars()
        .any(|c| c.is_alphanumeric() || (!c.is_ascii() && !matches!(c, '？' | '؟')));
    if !seen {
        return None;
    }
    let text = cut(&trimmed.replace(['"', '“', '”'], "'"));
    Some(Phrase::new(name, text, follows))
}

/// Shortens a text that is too long, at a word if there is one.
fn cut(text: &str) -> String {
    let mut words = 0;
    let mut last_blank = 0;
    for (count, (place, c)) in text.char_indices().enumerate() {
        if c == ' ' {
            words += 1;
            last_blank = place;
        }
        if words == WORDS_AT_MOST || count == CHARACTERS_AT_MOST {
            let end = if last_blank > place / 2 {
                last_blank
            } else {
                place
            };
            let head = text.get(..end).unwrap_or_default();
            return format!("{}…", head.trim_end_matches([' ', ',', ';', ':', '-', '.']));
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::phrase::Kind;
    use super::*;

    fn texts(description: &str) -> Vec<String> {
        read("Ada", description)
            .phrases
            .into_iter()
            .map(|phrase| phrase.text)
            .collect()
    }

    fn kinds(description: &str) -> Vec<Kind> {
        read("Ada", description)
            .phrases
            .iter()
            .map(|phrase| phrase.kind)
            .collect()
    }

    #[test]
    fn a_description_is_cut_where_a_reader_would_cut_it() {
        let table: &[(&str, &[&str])] = &[
            (
                "Lawyer in the New York City. Achiever. Stubborn.",
                &["Lawyer in the New York City", "Achiever", "Stubborn"],
            ),
            (
                "A retired lighthouse keeper who collects other people's letters, generous, afraid of silence",
                &[
                    "A retired lighthouse keeper who collects other people's letters",
                    "generous",
                    "afraid of silence",
                ],
            ),
            (
                "smith in Ghent. patient, left-handed",
                &["smith in Ghent", "patient", "left-handed"],
            ),
            ("strong, brave, and kind", &["strong", "brave", "kind"]),
            (
                "A smuggler, who never lies, lives in Ghent",
                &["A smuggler, who never lies, lives in Ghent"],
            ),
            (
                "Works for Dr. Vey. Hates 3.5 percent.",
                &["Works for Dr. Vey", "Hates 3.5 percent"],
            ),
            ("- brave\r\n- vain\n1. loyal", &["brave", "vain", "loyal"]),
            (
                "Role: smith; Traits: calm, slow",
                &["smith", "calm", "slow"],
            ),
            (
                "says \"No. Never.\" and leaves",
                &["says 'No. Never.' and leaves"],
            ),
            (
                "京都の古本屋。無口、猫好き。",
                &["京都の古本屋", "無口", "猫好き"],
            ),
            ("calm. calm", &["calm"]),
            (
                "Answers to \"Pocket\". \"Stubborn\"",
                &["Answers to 'Pocket'", "Stubborn"],
            ),
            ("poet / bad cook", &["poet", "bad cook"]),
            ("?", &[]),
            (" \u{0} \t\n", &[]),
        ];
        for (description, expected) in table {
            assert_eq!(texts(description), *expected, "{description:?}");
        }
    }

    #[test]
    fn a_role_gets_the_article_that_it_needs() {
        let table = [
            (
                "Lawyer in the New York City",
                "a lawyer in the New York City",
            ),
            ("Honest thief", "an honest thief"),
            ("the last rider", "the last rider"),
            ("best baker in town", "the best baker in town"),
            ("French chef", "a French chef"),
            ("New York lawyer", "a New York lawyer"),
            ("8-year-old inventor", "an 8-year-old inventor"),
            ("unicorn hunter", "a unicorn hunter"),
            ("forest ranger", "a forest ranger"),
            ("Daughter of a pirate", "the daughter of a pirate"),
            ("Undertaker's apprentice", "an undertaker's apprentice"),
            ("Ada's brother", "Ada's brother"),
        ];
        for (description, expected) in table {
            let phrases = read("Ada", description).phrases;
            assert_eq!(
                phrases
                    .first()
                    .map(|phrase| (phrase.kind, phrase.with_article())),
                Some((Kind::Role, expected.to_owned()))
            );
        }
    }

    #[test]
    fn a_kind_is_given_only_if_it_is_certain() {
        let table: &[(&str, Kind)] = &[
            ("Lawyer in the New York City", Kind::Role),
            ("the last dragon rider", Kind::Role),
            ("a short temper", Kind::Other),
            ("A heart of gold", Kind::Other),
            ("very stubborn", Kind::Quality),
            ("afraid of silence", Kind::Quality),
            ("kind and patient", Kind::Quality),
            ("kind heart", Kind::Other),
            ("born in Ghent", Kind::Past),
            ("never sleeps", Kind::Deed),
            ("never late", Kind::Other),
            ("always late", Kind::Quality),
            ("never forgives", Kind::Deed),
            ("once a soldier", Kind::Other),
            ("failed actor", Kind::Role),
            ("lost her brother", Kind::Done),
            ("lost in thought", Kind::Other),
            ("haunted house owner", Kind::Role),
            ("World War I veteran", Kind::Role),
            ("protecting the king", Kind::Other),
            ("secretly in love with the king", Kind::Quality),
            ("Her mother was a pirate", Kind::Sentence),
            ("lost a ship", Kind::Done),
            ("She sings at night", Kind::Sentence),
            ("Ada sings at night", Kind::Sentence),
            ("I am a baker", Kind::First),
            ("You are a guard", Kind::Second),
            ("45", Kind::Number),
            ("🦊", Kind::Sign),
        ];
        for (description, expected) in table {
            assert_eq!(kinds(description), [*expected], "{description:?}");
        }
    }
}
