//! The texts that the cells of all worksheets share.
//!
//! All of them are held in one buffer, also those that no cell uses.

use super::Trouble;
use super::budget::Budget;

/// The shared texts, by their number.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// The end of each in `text`.
    ends: Vec<usize>,
}

impl Strings {
    /// Adds the text with the next number.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`].
    pub(super) fn push(&mut self, text: &str, budget: &mut Budget) -> Result<(), Trouble> {
        budget.take(text.len() + size_of::<usize>())?;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        Ok(())
    }

    /// The text of this number, counted from 0.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let begin = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(begin..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_number_and_bounded() {
        let mut strings = Strings::default();
        let mut budget = Budget::new(40);
        for text in ["a", "", "bc"] {
            assert!(strings.push(text, &mut budget).is_ok());
        }
        assert_eq!(
            [0, 1, 2, 3].map(|index| strings.get(index)),
            [Some("a"), Some(""), Some("bc"), None]
        );
        // Empty ones take room, too.
        assert!(strings.push("", &mut budget).is_ok());
        assert!(matches!(
            strings.push("", &mut budget),
            Err(Trouble::TooLarge)
        ));
    }
}
