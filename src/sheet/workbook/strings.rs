//! The texts that the cells of all sheets of a workbook share.
//!
//! All of them are held one behind the other, also those that no cell uses.

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
