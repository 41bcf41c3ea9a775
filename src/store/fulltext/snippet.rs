//! Snippets: the part of a text that is shown for a match.

use crate::domain::record::Record;
use crate::store::Snippet;

/// The characters that mark a match in a snippet: control characters, which stories do not contain.
pub(super) const MARKS: (char, char) = ('\u{2}', '\u{3}');

/// How much text is shown on each side of a match that the index did not find, in bytes.
const AROUND_BYTES: usize = 80;

impl Snippet {
    /// The part of the story if it has a match, else the part of the description if that has one, else the start of the text.
    pub(super) fn of(description: &str, story: Option<String>) -> Self {
        let found = |text: &String| text.contains(MARKS.0);
        let text = match story {
            Some(story) if found(&story) || !description.contains(MARKS.0) => story,
            _ => description.to_owned(),
        };
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((plain, behind)) = rest.split_once(MARKS.0) {
            let (hit, behind) = behind.split_once(MARKS.1).unwrap_or((behind, ""));
            pieces.push((plain.to_owned(), false));
            pieces.push((hit.to_owned(), true));
            rest = behind;
        }
        pieces.push((rest.to_owned(), false));
        pieces.retain(|(piece, _)| !piece.is_empty());
        Self(pieces)
    }

    /// A snippet without the index: around the first of `words` in the story, else in the description, else the start of the
    /// text.
    pub(in crate::store) fn around(record: &Record, words: &str) -> Self {
        let story = record.backstory.as_deref().unwrap_or_default();
        let place = |text: &str| {
            words
                .split_whitespace()
                .find_map(|word| Some((text.find(word)?, word.len())))
        };
        let (text, (at, length)) = match (place(story), place(&record.description)) {
            (Some(place), _) => (story, place),
            (None, Some(place)) => (record.description.as_str(), place),
            (None, None) if story.is_empty() => (record.description.as_str(), (0, 0)),
            (None, None) => (story, (0, 0)),
        };
        let begin = text.floor_char_boundary(at.saturating_sub(AROUND_BYTES));
        let end = text.ceil_char_boundary((at + length + AROUND_BYTES).min(text.len()));
        let dots = |cut: bool| if cut { "…" } else { "" };
        let pieces = [
            (format!("{}{}", dots(begin > 0), &text[begin..at]), false),
            (text[at..at + length].to_owned(), true),
            (
                format!("{}{}", &text[at + length..end], dots(end < text.len())),
                false,
            ),
        ];
        Self(
            pieces
                .into_iter()
                .filter(|(piece, _)| !piece.is_empty())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_comes_from_the_text_with_a_match() {
        let story = || Some("The \u{2}keeper\u{3} left.".to_owned());
        let expected = [("The ", false), ("keeper", true), (" left.", false)];
        let pieces = |snippet: Snippet| snippet.0;
        let expected: Vec<_> = expected.map(|(text, hit)| (text.to_owned(), hit)).into();
        assert_eq!(pieces(Snippet::of("a \u{2}keeper\u{3}", story())), expected);
        assert_eq!(Snippet::of("a \u{2}keeper\u{3}", None).text(), "a keeper");
        assert_eq!(
            Snippet::of("a", Some("The begin".into())).text(),
            "The begin"
        );
    }
}
