//! Lists of phrases, and where they stand in a text.
//!
//! A list is a text file: `[kind]` begins a section, ` | ` or a new line separates phrases, `#` begins a comment, and a `*` at the
//! end of a phrase stands for the rest of a word. Text and phrases are compared in a plain form: no case, no accents, no marks
//! but the ends of sentences (`.`), colons and line ends (`¶`), each with a space on both sides. All phrases of a list are found
//! in one pass.

use super::fold::{fold, is_unspaced, is_word};
use aho_corasick::AhoCorasick;
use std::ops::Range;

/// A text in plain form.
#[derive(Debug)]
pub(super) struct Plain {
    /// The plain form; begins and ends with a space.
    pub(super) text: String,
    /// For each byte of the plain form the byte of the original, counted from the original's begin.
    origin: Vec<usize>,
}

impl Plain {
    /// The plain form of `text[range]`.
    pub(super) fn of(text: &str, range: Range<usize>) -> Self {
        let mut plain = Self {
            text: String::with_capacity(range.len() + 16),
            origin: Vec::with_capacity(range.len() + 16),
        };
        plain.push(' ', range.start);
        for (at, c) in text[range.clone()].char_indices() {
            let at = range.start + at;
            if c.is_ascii_alphanumeric() {
                // Most letters, without looking at each table.
                plain.text.push(c.to_ascii_lowercase());
                plain.origin.push(at);
                continue;
            }
            if is_word(c) || matches!(c, '\'' | '’') {
                fold(c, |c| plain.push(c, at));
                continue;
            }
            plain.push(' ', at);
            let mark = match c {
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔' => '.',
                ':' | '：' => ':',
                '\n' => '¶',
                _ => continue,
            };
            plain.push(mark, at);
            plain.push(' ', at);
        }
        plain.push(' ', range.end);
        plain
    }

    fn push(&mut self, c: char, at: usize) {
        // A space more says nothing.
        if c == ' ' && self.text.ends_with(' ') {
            return;
        }
        self.text.push(c);
        self.origin.resize(self.text.len(), at);
    }

    /// The place in the original of a place in the plain form.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let at = |at: usize| self.origin.get(at).or(self.origin.last()).copied();
        at(range.start).unwrap_or(0)..at(range.end).unwrap_or(0)
    }

    /// The number of words before byte `at`; two letters of a script without spaces count as one.
    pub(super) fn words_before(&self, at: usize) -> usize {
        let (mut words, mut letters, mut is_inside) = (0, 0, false);
        for c in self.text[..at].chars() {
            let is_letter = is_word(c);
            letters += usize::from(is_unspaced(c));
            words += usize::from(is_letter && !is_inside && !is_unspaced(c));
            is_inside = is_letter || c == '\'';
        }
        words + letters / 2
    }

    /// The sentence around byte `at`: up to the next end of a sentence or line on both sides.
    pub(super) fn sentence(&self, at: usize) -> Range<usize> {
        let is_end = |c: char| matches!(c, '.' | '¶');
        let start = self.text[..at].char_indices().rfind(|(_, c)| is_end(*c));
        let start = start.map_or(0, |(at, mark)| at + mark.len_utf8());
        let end = self.text[at..]
            .find(is_end)
            .map_or(self.text.len(), |end| at + end);
        start..end
    }

    /// The sentence behind one that ends at byte `end`; empty if there is none.
    pub(super) fn sentence_behind(&self, end: usize) -> Range<usize> {
        match self.text[end..].chars().next() {
            Some(mark) => self.sentence(end + mark.len_utf8()),
            None => end..end,
        }
    }
}

/// A list of phrases, each of a kind.
pub(super) struct Phrases<K> {
    automaton: AhoCorasick,
    kinds: Vec<K>,
}

/// A phrase that was found; `at` is its place in the plain form.
#[derive(Debug, Clone)]
pub(super) struct Hit<K> {
    pub(super) kind: K,
    pub(super) at: Range<usize>,
}

impl<K: Copy> Phrases<K> {
    /// Reads a list. `kind` is the kind of a section's name.
    ///
    /// # Panics
    ///
    /// If a section has an unknown name: a test reads each list.
    pub(super) fn of(list: &str, kind: impl Fn(&str) -> Option<K>) -> Self {
        let (mut patterns, mut kinds) = (Vec::new(), Vec::new());
        for (section, phrase) in entries(list) {
            let found = kind(section);
            assert!(found.is_some(), "`{section}` is no kind of phrase");
            patterns.push(pattern(phrase));
            kinds.extend(found);
        }
        let automaton = AhoCorasick::new(patterns).expect("the lists are small");
        Self { automaton, kinds }
    }

    /// All phrases in `plain`, in the order of their ends. Phrases may overlap.
    pub(super) fn find(&self, plain: &Plain) -> Vec<Hit<K>> {
        let found = self.automaton.find_overlapping_iter(&plain.text);
        let hit = |found: aho_corasick::Match| Hit {
            kind: self.kinds[found.pattern().as_usize()],
            at: found.range(),
        };
        found.map(hit).collect()
    }
}

/// The phrases of a list, each with the name of its section.
pub(super) fn entries(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    list.lines().map(str::trim).flat_map(move |line| {
        let name = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        section = name.unwrap_or(section);
        let has_phrases = name.is_none() && !line.starts_with('#') && !line.is_empty();
        let phrases = has_phrases.then(|| line.split(" | "));
        phrases
            .into_iter()
            .flatten()
            .map(move |phrase| (section, phrase.trim()))
    })
}

/// The plain form of a phrase; the spaces around it make sure that it is not the part of a word.
fn pattern(phrase: &str) -> String {
    let stem = phrase.strip_suffix('*');
    let phrase = stem.unwrap_or(phrase);
    let plain = Plain::of(phrase, 0..phrase.len()).text;
    let words = plain.trim();
    let is_unspaced = |c: Option<char>| c.is_some_and(is_unspaced);
    let before = if is_unspaced(words.chars().next()) {
        ""
    } else {
        " "
    };
    let is_open = stem.is_some() || is_unspaced(words.chars().next_back());
    let after = if is_open { "" } else { " " };
    format!("{before}{words}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, text: &str) -> Vec<String> {
        let phrases = Phrases::of(list, |name| (name == "a").then_some(()));
        let plain = Plain::of(text, 0..text.len());
        let original = |hit: Hit<()>| text[plain.origin(&hit.at)].trim().to_owned();
        phrases.find(&plain).into_iter().map(original).collect()
    }

    #[test]
    fn phrases_are_whole_words_in_any_case_and_stems_are_not() {
        let list = "# comment\n[a]\ni can't | désolé\nwrit*\n不能 | write a";
        assert_eq!(found(list, "Well, I can’t sir."), [", I can’t"]);
        assert_eq!(found(list, "DESOLE"), ["DESOLE"]);
        assert_eq!(found(list, "Hawaii can't; rewritten"), [""; 0]);
        assert_eq!(found(list, "Writing"), ["Writ"]);
        assert_eq!(found(list, "我不能写"), ["不能"]);
        assert_eq!(
            found(list, "write\n a").len(),
            1,
            "only the stem: a phrase ends with its line"
        );
    }

    #[test]
    fn the_plain_form_keeps_the_ends_of_sentences() {
        let plain = Plain::of("Ach!  Nein:\n„Öl“", 0..21);
        assert_eq!(plain.text, " ach . nein : ¶ ol ");
        assert_eq!(&plain.text[plain.sentence(10)], " nein : ");
        assert_eq!(plain.words_before(plain.text.len()), 3);
    }
}
