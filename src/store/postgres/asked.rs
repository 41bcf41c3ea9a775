//! The words that a user typed, as queries for the index of a server.
//!
//! A word with a sign in it, such as `half-timbered`, is a phrase. The index knows the words of a text and not their order, so it
//! finds the texts with all words of the phrase, and these have to be searched again.

use crate::store::StoreError;
use crate::store::fulltext::expression::{alternatives, expression};
use crate::store::fulltext::scratch::{Scratch, WORD_CHARS};

/// What is searched for.
pub(super) struct Asked {
    /// The query of an index of `SQLite`, which is exact.
    pub(super) expression: String,
    /// The query of the server: all texts that match, and some more if `needs_proof`.
    pub(super) matches: String,
    /// The same in names only.
    pub(super) named: String,
    /// What counts for the rank: each word, and more if it is whole.
    pub(super) ranks: String,
    pub(super) needs_proof: bool,
}

/// One spelling of a word: the words of which it consists. The last one may be the start of a longer one.
type Phrase = Vec<String>;

/// What `words` search for; `None` where they have no letter and no digit.
pub(super) async fn asked(scratch: &mut Scratch, words: &str) -> Result<Option<Asked>, StoreError> {
    let Some(expression) = expression(words) else {
        return Ok(None);
    };
    let mut all: Vec<Vec<Phrase>> = Vec::new();
    for spelled in alternatives(words) {
        let mut phrases = Vec::new();
        for spelling in spelled {
            phrases.push(scratch.words(&spelling).await?);
        }
        phrases.retain(|phrase| !phrase.is_empty());
        phrases.sort_unstable();
        phrases.dedup();
        if !phrases.is_empty() {
            all.push(phrases);
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    let is_inexact = |phrase: &Phrase| {
        phrase.len() > 1 || phrase.iter().any(|word| word.chars().count() > WORD_CHARS)
    };
    Ok(Some(Asked {
        expression,
        needs_proof: all.iter().flatten().any(is_inexact),
        matches: every(&all, ""),
        named: every(&all, "A"),
        ranks: ranks(&all),
    }))
}

/// One spelling of every word, in the texts with this weight.
fn every(all: &[Vec<Phrase>], weight: &str) -> String {
    let phrase = |phrase: &Phrase| {
        let last = phrase.len() - 1;
        let words: Vec<_> = (0..)
            .zip(phrase)
            .map(|(nth, word)| lexeme(word, nth == last, weight))
            .collect();
        format!("({})", words.join(" & "))
    };
    let either = |phrases: &Vec<Phrase>| {
        let phrases: Vec<_> = phrases.iter().map(phrase).collect();
        format!("({})", phrases.join(" | "))
    };
    let every: Vec<_> = all.iter().map(either).collect();
    every.join(" & ")
}

/// Any of the words, whole or as a start.
fn ranks(all: &[Vec<Phrase>]) -> String {
    let words = all.iter().flatten().flatten();
    let ranks: Vec<_> = words
        .flat_map(|word| [lexeme(word, false, ""), lexeme(word, true, "")])
        .collect();
    ranks.join(" | ")
}

/// A word of a query. Words consist of letters and digits only, so none needs an escape.
fn lexeme(word: &str, is_start: bool, weight: &str) -> String {
    let word: String = word.chars().take(WORD_CHARS).collect();
    let star = if is_start { "*" } else { "" };
    if star.is_empty() && weight.is_empty() {
        format!("'{word}'")
    } else {
        format!("'{word}':{star}{weight}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn words_become_a_query_of_the_server() {
        let mut scratch = Scratch::new().await.expect("memory");
        for (typed, matches, named, needs_proof) in [
            ("Vàn", "(('van':*))", "(('van':*A))", false),
            (
                "a b",
                "(('a':*)) & (('b':*))",
                "(('a':*A)) & (('b':*A))",
                false,
            ),
            ("a-b", "(('a' & 'b':*))", "(('a':A & 'b':*A))", true),
            ("ann's", "(('ann' & 's':*))", "(('ann':A & 's':*A))", true),
        ] {
            let asked = asked(&mut scratch, typed).await.expect("cut");
            let asked = asked.expect("words");
            assert_eq!(asked.matches, matches, "{typed}");
            assert_eq!(
                (asked.named.as_str(), asked.needs_proof),
                (named, needs_proof)
            );
        }
        assert!(asked(&mut scratch, "… '").await.expect("cut").is_none());
    }
}
