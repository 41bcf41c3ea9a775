//! Reads the cells of one worksheet from its XML into a grid.
//!
//! A cell or row without a position follows the one before it. A cell of an unknown type, or with an invalid number, shows
//! its text.

use std::io::BufRead;

use super::super::grid::{Grid, Value};
use super::super::strings::Strings;
use super::super::styles::Styles;
use super::super::xml::{Piece, Tag, Xml};
use super::super::{Trouble, broken};
use super::escape::unescaped;
use super::text::TextOfCell;
use crate::sheet::CELL_MAX;
use crate::sheet::cell::of_iso_moment;

/// The state of reading the cells of a worksheet.
pub(in super::super) struct Cells<'book> {
    strings: &'book Strings,
    styles: &'book Styles,
    is_1904: bool,
    /// The row and column, counted from 0, of the next cell without a position.
    row: u32,
    column: u32,
    cell: Cell,
}

/// The current cell.
#[derive(Debug, Default)]
struct Cell {
    kind: Kind,
    style: usize,
    formula: Formula,
    /// The content of `<v>`.
    value: String,
    /// The content of `<is>`.
    inline: TextOfCell,
    place: Place,
}

/// The meaning of the value of a cell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    /// The number of a shared text.
    Shared,
    Text,
    Bool,
    Date,
}

/// Whether the cell is a formula.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Formula {
    #[default]
    None,
    Some,
}

/// The position in the tags of a worksheet.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of any cell.
    #[default]
    Sheet,
    Cell,
    Value,
    Inline,
}

impl<'book> Cells<'book> {
    pub(in super::super) fn new(
        strings: &'book Strings,
        styles: &'book Styles,
        is_1904: bool,
    ) -> Self {
        Self {
            strings,
            styles,
            is_1904,
            row: 0,
            column: 0,
            cell: Cell::default(),
        }
    }

    /// Reads the part of a worksheet to its end.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(in super::super) fn read<R: BufRead>(
        mut self,
        mut xml: Xml<R>,
        grid: &mut Grid,
    ) -> Result<(), Trouble> {
        loop {
            match xml.next()? {
                Piece::Start(tag) => self.start(&tag, grid)?,
                Piece::Text(text) => match self.cell.place {
                    Place::Value if self.cell.value.len() <= CELL_MAX => {
                        self.cell.value.push_str(&text);
                    }
                    Place::Inline => self.cell.inline.push(&text),
                    _ => {}
                },
                Piece::End(tag) => match (self.cell.place, tag.name()) {
                    (Place::Cell, "c") => self.finish(grid)?,
                    (Place::Value, "v") | (Place::Inline, "is") => self.cell.place = Place::Cell,
                    (Place::Inline, name) => self.cell.inline.end(name),
                    (Place::Sheet, "row") => self.row = self.row.saturating_add(1),
                    _ => {}
                },
                Piece::Nothing => return Ok(()),
                Piece::Other => {}
            }
        }
    }

    fn start(&mut self, tag: &Tag, grid: &mut Grid) -> Result<(), Trouble> {
        match (self.cell.place, tag.name()) {
            (Place::Sheet, "row") => {
                self.column = 0;
                if let Some(number) = tag.attribute("r")? {
                    let row = number.trim().parse::<u32>().ok();
                    let row = row.and_then(|row| row.checked_sub(1));
                    self.row = row.ok_or_else(|| unknown_place(&number))?;
                }
            }
            (Place::Sheet, "c") => self.begin(tag)?,
            (Place::Sheet, "mergeCell") => {
                if let Some(range) = tag.attribute("ref")? {
                    let (first, last) = range.split_once(':').unwrap_or((&range, &range));
                    let corners = position(first).zip(position(last));
                    let (first, last) = corners.ok_or_else(|| unknown_place(&range))?;
                    grid.merge(first.0..=last.0, &(first.1..=last.1));
                }
            }
            (Place::Cell, "f") => self.cell.formula = Formula::Some,
            (Place::Cell, "v") => self.cell.place = Place::Value,
            (Place::Cell, "is") => self.cell.place = Place::Inline,
            (Place::Inline, _) => self.cell.inline.start(tag)?,
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, tag: &Tag) -> Result<(), Trouble> {
        self.cell.kind = Kind::Number;
        self.cell.style = 0;
        self.cell.formula = Formula::None;
        self.cell.value.clear();
        self.cell.inline.begin();
        self.cell.place = Place::Cell;
        for pair in tag.attributes() {
            let pair = pair?;
            let value = pair.value()?;
            match pair.name() {
                "r" => {
                    let place = position(&value).ok_or_else(|| unknown_place(&value))?;
                    (self.row, self.column) = place;
                }
                "s" => self.cell.style = value.parse().unwrap_or_default(),
                "t" => {
                    self.cell.kind = match &*value {
                        "n" => Kind::Number,
                        "s" => Kind::Shared,
                        "b" => Kind::Bool,
                        "d" => Kind::Date,
                        // `str`, `inlineStr`, `e`.
                        _ => Kind::Text,
                    };
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// At the end of a cell.
    fn finish(&mut self, grid: &mut Grid) -> Result<(), Trouble> {
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(1);
        self.cell.place = Place::Sheet;
        let cell = &self.cell;
        let inline = cell.inline.text();
        let value = cell.value.trim();
        let format = self.styles.format(cell.style);
        match cell.kind {
            _ if !inline.is_empty() => grid.put_text(row, column, &format.show_text(&inline)),
            // An empty text is a result; other values are never empty.
            Kind::Text => {
                let text = unescaped(&cell.value);
                grid.put_text(row, column, &format.show_text(&text))
            }
            _ if value.is_empty() => match cell.formula {
                Formula::Some => grid.put(row, column, Value::NoResult),
                Formula::None => Ok(()),
            },
            Kind::Shared => {
                let text = value.parse().ok().and_then(|index| self.strings.get(index));
                let text = text.ok_or_else(|| broken("a cell has a text that is missing"))?;
                grid.put_text(row, column, &format.show_text(text))
            }
            Kind::Bool => {
                let is_true = matches!(value, "1" | "true");
                grid.put_text(row, column, if is_true { "TRUE" } else { "FALSE" })
            }
            Kind::Date => grid.put_text(row, column, &of_iso_moment(value)),
            Kind::Number => match value.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    grid.put_text(row, column, &format.show(number, self.is_1904))
                }
                _ => grid.put_text(row, column, value),
            },
        }
    }
}

/// The row and column of `B5`, both counted from 0.
fn position(text: &str) -> Option<(u32, u32)> {
    let (mut row, mut column): (u32, u32) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b'$' => {}
            b'0'..=b'9' if column > 0 => {
                row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
            }
            letter if letter.is_ascii_alphabetic() && row == 0 => {
                let place = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
                column = column.checked_mul(26)?.checked_add(place)?;
            }
            _ => return None,
        }
    }
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

fn unknown_place(text: &str) -> Trouble {
    broken(&format!(
        "it has cells at `{text}`, which is not a valid cell address"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_reference_is_parsed() {
        for (text, place) in [
            ("A1", Some((0, 0))),
            ("b5", Some((4, 1))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("A0", None),
            ("1", None),
            ("A", None),
            ("A1B", None),
            ("$A$1", Some((0, 0))),
            ("ZZZZZZZZZ1", None),
            ("A99999999999", None),
            ("é1", None),
        ] {
            assert_eq!(position(text), place, "{text}");
        }
    }
}
