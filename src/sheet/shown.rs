//! Foreign text and positions of columns in messages.
//!
//! Text of a file is shortened and shown on one line, escaped. This never changes what is stored or sent.

use crate::domain::shown::shown_exactly;
use std::fmt::Write;

/// The most characters of a foreign text that are shown.
const SHOWN_MAX: usize = 60;
/// The most names of a list that are shown.
const LISTED_MAX: usize = 20;

/// The text for a message: at most 60 characters of it.
#[must_use]
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", shown_exactly(&text[..end])),
        None => shown_exactly(text).into_owned(),
    }
}

/// The names in back-ticks, the first [`LISTED_MAX`] of them.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let mut out = String::new();
    for (place, name) in names.iter().take(LISTED_MAX).enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let _ = write!(out, "{comma}`{}`", shown(name.as_ref()));
    }
    if names.len() > LISTED_MAX {
        let _ = write!(out, " and {} more", names.len() - LISTED_MAX);
    }
    out
}

/// How a message shows the position of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Positions {
    /// Counted from 1, in text.
    Numbers,
    /// By letters, as in spreadsheets; `first` is the position, from 0, of the first column that is read.
    Letters {
        /// `0` for column A.
        first: u32,
    },
}

impl Positions {
    /// The column with this index, counted from 0.
    pub(super) fn shown(self, index: usize) -> String {
        let Self::Letters { first } = self else {
            return (index + 1).to_string();
        };
        let mut letters = Vec::new();
        let mut rest = u32::try_from(index)
            .unwrap_or_default()
            .saturating_add(first)
            + 1;
        while rest > 0 {
            rest -= 1;
            letters.extend(char::from_digit(rest % 26 + 10, 36));
            rest /= 26;
        }
        letters.iter().rev().map(char::to_ascii_uppercase).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_workbook_have_letters() {
        let letters = |first, index| Positions::Letters { first }.shown(index);
        assert_eq!(
            (letters(0, 0), letters(2, 1)),
            ("A".to_owned(), "D".to_owned())
        );
        assert_eq!(
            (letters(0, 25), letters(0, 26)),
            ("Z".to_owned(), "AA".to_owned())
        );
        assert_eq!(
            (letters(0, 701), letters(0, 16_383)),
            ("ZZ".to_owned(), "XFD".to_owned())
        );
        assert_eq!(Positions::Numbers.shown(3), "4");
    }

    #[test]
    fn a_long_text_is_cut_and_a_long_list_counted() {
        assert_eq!(shown(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
        assert_eq!(shown(&"x".repeat(60)), "x".repeat(60));
        let names: Vec<String> = (0..25).map(|n| n.to_string()).collect();
        assert!(
            listed(&names).ends_with("`19` and 5 more"),
            "{}",
            listed(&names)
        );
    }
}
