//! A list of words with fast lookup.

use std::collections::HashSet;

/// The words of one section of `words.txt`.
#[derive(Debug)]
pub(super) struct WordList {
    words: HashSet<&'static str>,
    lines: Vec<&'static str>,
}

impl WordList {
    /// The words of `lines`.
    pub(super) fn of(lines: &[&'static str]) -> Self {
        Self {
            words: lines
                .iter()
                .flat_map(|line| line.split_ascii_whitespace())
                .collect(),
            lines: lines.to_vec(),
        }
    }

    /// Whether `word` is in the list.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether `words` are in the list, next to each other on one line with one blank between them.
    pub(super) fn has_neighbours(&self, words: &str) -> bool {
        let words = format!(" {words} ");
        self.lines
            .iter()
            .any(|line| format!(" {line} ").contains(&words))
    }

    /// All of them, in any order.
    #[cfg(test)]
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }

    /// Whether `word` begins with one of the list.
    pub(super) fn begins(&self, word: &str) -> bool {
        self.words.iter().any(|start| word.starts_with(start))
    }

    /// Whether `word` ends with one of the list and has at least `more` bytes before that.
    pub(super) fn ends(&self, word: &str, more: usize) -> bool {
        self.words
            .iter()
            .any(|end| word.len() >= end.len() + more && word.ends_with(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_knows_its_words_and_neighbours_on_a_line() {
        let list = WordList::of(&["role job", "age er"]);
        assert!(list.has("job") && list.has("age") && !list.has("role job") && !list.has("jo"));
        assert!(list.has_neighbours("role job") && list.has_neighbours("job"));
        assert!(!list.has_neighbours("job age") && !list.has_neighbours("ole"));
        assert!(!list.has("") && !list.has_neighbours(""));
        assert!(list.begins("aged") && !list.begins("old"));
        assert!(list.ends("baker", 3) && !list.ends("baker", 4));
    }
}
