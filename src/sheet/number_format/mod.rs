//! A number and the format code of its cell → the text that a person sees in the spreadsheet.
//!
//! `0000` shows 7 as `0007`, `0%` shows 0.5 as `50%`, `"Level "0` shows 3 as `Level 3`. Sections by sign and by condition,
//! thousands, currencies, fractions, powers of ten, dates and times are understood. The result never depends on this
//! machine.
//!
//! Three things differ from the screen on purpose. A date with year, month and day is always `1985-03-01`, because the
//! format of the reader's own country is not in the file; so is a date with names in another language than English. Blanks
//! that only align columns are left out at both ends. A format that hides everything (`;;;`) is passed over: a hidden cell
//! is read like a hidden column. Colours and the width of the column change nothing; the decimal point is `.`.
//!
//! A code that cannot be understood shows the plain number, or the date where it has the letters of one.

mod builtin;
mod calendar;
mod condition;
mod decimal;
mod digits;
mod fraction;
mod moment;
mod parse;
mod token;

use std::borrow::Cow;

use condition::Condition;
use digits::Digits;
use fraction::Fraction;
use moment::Moment;

pub(super) use builtin::builtin;
pub(super) use calendar::clock;
pub(super) use decimal::plain;

/// A format code that was understood, for any number of cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Format {
    /// In order; the last one without a condition takes what is left. None: the plain number.
    sections: Vec<Section>,
    /// What surrounds a text, if the code says so.
    text: Option<Vec<Affix>>,
}

/// What a code shows of some of the numbers.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    /// Which numbers it is for.
    condition: Condition,
    shape: Shape,
}

/// What a section shows.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// Text, which may contain the plain number.
    Affixes(Vec<Affix>),
    Digits(Digits),
    Fraction(Fraction),
    Moment(Moment),
}

/// A piece of text in a code, or the place of the value.
#[derive(Debug, Clone, PartialEq)]
enum Affix {
    Text(String),
    /// `General` for a number, `@` for a text.
    Value,
}

impl Format {
    /// Understands a code such as `0.00%` or `[$-409]d-mmm;@`, as the file holds it: in English, whatever the language of
    /// the spreadsheet.
    pub(super) fn parse(code: &str) -> Self {
        parse::parse(code)
    }

    /// The format of a cell that has none.
    pub(super) fn general() -> Self {
        Self {
            sections: Vec::new(),
            text: None,
        }
    }

    /// The text that a cell with this number shows. `is_1904`: days are counted from 1904-01-01, not from 1899-12-31.
    pub(super) fn show(&self, value: f64, is_1904: bool) -> String {
        let section = self
            .sections
            .iter()
            .find(|section| section.condition.holds(value));
        let Some(section) = section else {
            return plain(value);
        };
        // A section for negative numbers alone has their sign in its code: `(0)`.
        let value = if section.condition.is_negative_only() {
            value.abs()
        } else {
            value
        };
        let text = match &section.shape {
            Shape::Affixes(affixes) => Some(around_number(affixes, value)),
            Shape::Digits(digits) => Some(digits.show(value)),
            Shape::Fraction(fraction) => Some(fraction.show(value)),
            Shape::Moment(moment) => moment.show(value, is_1904),
        };
        text.map_or_else(|| plain(value), |text| text.trim().to_owned())
    }

    /// The text that a cell with this text shows: `"Dr. "@` puts `Dr. ` in front of it. An empty text stays empty.
    pub(super) fn show_text<'text>(&self, text: &'text str) -> Cow<'text, str> {
        match &self.text {
            Some(affixes) if !text.is_empty() => Cow::Owned(joined(affixes, text)),
            _ => Cow::Borrowed(text),
        }
    }
}

/// Text around a number. Text alone shows no sign.
fn around_number(affixes: &[Affix], value: f64) -> String {
    let sign = if value < 0.0 && affixes.contains(&Affix::Value) {
        "-"
    } else {
        ""
    };
    format!("{sign}{}", joined(affixes, &plain(value.abs())))
}

fn joined(affixes: &[Affix], value: &str) -> String {
    let pieces = affixes.iter().map(|affix| match affix {
        Affix::Text(text) => text.as_str(),
        Affix::Value => value,
    });
    pieces.collect()
}

#[cfg(test)]
mod tests;
