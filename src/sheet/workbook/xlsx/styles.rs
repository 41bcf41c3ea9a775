//! The number formats of the cells, by the number of their style.
//!
//! Fonts, colours and borders are not read. A format that no style uses is not understood, and those beyond a limit show
//! plain numbers.

use std::collections::HashMap;
use std::io::BufRead;

use super::super::Trouble;
use super::super::budget::Budget;
use super::super::xml::{Piece, Tag, Xml};
use crate::sheet::number_format::{Format, builtin};

/// All codes of a file together may be so many bytes long; Excel allows some 200 codes of 255 characters.
const CODES_MAX: usize = 256 * 1024;

/// The formats of all styles.
#[derive(Debug)]
pub(super) struct Styles {
    /// Each format once. The first is that of a cell without a style.
    formats: Vec<Format>,
    /// Which of them each style has.
    of_style: Vec<usize>,
}

impl Default for Styles {
    fn default() -> Self {
        Self {
            formats: vec![Format::general()],
            of_style: Vec::new(),
        }
    }
}

impl Styles {
    /// Reads the part that holds them.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(super) fn read<R: BufRead>(mut xml: Xml<R>, budget: &mut Budget) -> Result<Self, Trouble> {
        let mut codes = HashMap::new();
        let mut codes_left = CODES_MAX;
        let mut styles = Self::default();
        // Where the format of each number stands; 0 is `General`.
        let mut known = HashMap::from([(0, 0)]);
        let mut is_in_cells = false;
        loop {
            match xml.next()? {
                Piece::Start(tag) => match tag.name() {
                    "numFmt" => {
                        if let Some((id, code)) = own_format(&tag)?
                            && let Some(left) = codes_left.checked_sub(code.len())
                        {
                            codes_left = left;
                            budget.take(code.len() + size_of::<(u32, String)>())?;
                            codes.insert(id, code);
                        }
                    }
                    "cellXfs" => is_in_cells = true,
                    "xf" if is_in_cells => {
                        let id = number(&tag, "numFmtId")?.unwrap_or_default();
                        budget.take(size_of::<usize>())?;
                        let format = *known.entry(id).or_insert_with(|| {
                            let code = codes.get(&id).map_or(builtin(id), String::as_str);
                            styles.formats.push(Format::parse(code));
                            styles.formats.len() - 1
                        });
                        styles.of_style.push(format);
                    }
                    _ => {}
                },
                Piece::End(tag) if tag.name() == "cellXfs" => is_in_cells = false,
                Piece::Nothing => return Ok(styles),
                _ => {}
            }
        }
    }

    /// The format of a style, counted from 0.
    pub(super) fn format(&self, style: usize) -> &Format {
        let at = self.of_style.get(style).copied().unwrap_or_default();
        &self.formats[at]
    }
}

fn own_format(tag: &Tag) -> Result<Option<(u32, String)>, Trouble> {
    let id = number(tag, "numFmtId")?;
    Ok(id.zip(tag.attribute("formatCode")?))
}

fn number(tag: &Tag, name: &str) -> Result<Option<u32>, Trouble> {
    let value = tag.attribute(name)?;
    Ok(value.and_then(|value| value.trim().parse().ok()))
}
