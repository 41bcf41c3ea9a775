//! The number formats of the cells of a workbook, by the number of the style.
//!
//! Fonts, colours and borders are not held. A format that no style uses is not parsed, and those beyond a limit show plain
//! numbers.

use std::collections::HashMap;

use super::Trouble;
use super::budget::Budget;
use crate::sheet::number_format::{Format, builtin};

/// The most bytes of all codes of a file; Excel allows some 200 codes of 255 characters.
const CODES_MAX: usize = 256 * 1024;

/// The formats of all styles.
#[derive(Debug)]
pub(super) struct Styles {
    /// The codes of the file, by the number of their format.
    codes: HashMap<u32, String>,
    codes_left: usize,
    /// Each format that a style uses, once.
    formats: Vec<Format>,
    /// The position of the format with each number.
    known: HashMap<u32, usize>,
    /// The format of each style.
    of_style: Vec<usize>,
    /// The format of a cell without a style.
    general: Format,
}

impl Default for Styles {
    fn default() -> Self {
        Self {
            codes: HashMap::new(),
            codes_left: CODES_MAX,
            formats: Vec::new(),
            known: HashMap::new(),
            of_style: Vec::new(),
            general: Format::general(),
        }
    }
}

impl Styles {
    /// Stores the code of a format. Codes come before the styles that use them.
    pub(super) fn push_code(&mut self, id: u32, code: String) {
        if let Some(left) = self
            .codes_left
            .checked_sub(code.len() + size_of::<(u32, String)>())
        {
            self.codes_left = left;
            self.codes.insert(id, code);
        }
    }

    /// Adds the style with the next number; it has the format with this number.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`].
    pub(super) fn push_style(&mut self, id: u32, budget: &mut Budget) -> Result<(), Trouble> {
        budget.take(size_of::<usize>())?;
        // Numbers without a code are `General`, and need no entry.
        let id = if self.codes.contains_key(&id) || builtin(id) != "General" {
            id
        } else {
            0
        };
        let format = *self.known.entry(id).or_insert_with(|| {
            let code = self.codes.get(&id).map_or(builtin(id), String::as_str);
            self.formats.push(Format::parse(code));
            self.formats.len() - 1
        });
        self.of_style.push(format);
        Ok(())
    }

    /// The format of a style, counted from 0.
    pub(super) fn format(&self, style: usize) -> &Format {
        let format = self.of_style.get(style);
        format
            .and_then(|&at| self.formats.get(at))
            .unwrap_or(&self.general)
    }
}
