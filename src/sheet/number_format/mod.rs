//! Turns a number and the format code of its cell into the text that the spreadsheet shows.
//!
//! `0000` shows 7 as `0007`, `0%` shows 0.5 as `50%`, `"Level "0` shows 3 as `Level 3`. Sections by sign and by condition,
//! thousands, currencies, fractions, powers of ten, dates and times are supported. The result never depends on this machine.
//!
//! Three things deliberately differ from the screen. A date with year, month and day is always `1985-03-01`, because the
//! format of the reader's country is not in the file; this includes dates with names in another language than English.
//! Blanks that only align columns are removed at both ends. A format that hides everything (`;;;`) is ignored: a hidden cell
//! is read like a hidden column. Colours and the width of the column change nothing; the decimal point is `.`.
//!
//! A code that cannot be parsed shows the plain number, or the date if it has the letters of one.

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

/// A parsed format code, for any number of cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Format {
    /// In order; the last one without a condition applies to all other numbers. Empty: the plain number.
    sections: Vec<Section>,
    /// The text around a text, if the code has any.
    text: Option<Vec<Affix>>,
}

/// The part of a code for some of the numbers.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    /// The numbers that it applies to.
    condition: Condition,
    shape: Shape,
}

/// The content of a section.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// Text, which may contain the plain number.
    Affixes(Vec<Affix>),
    Digits(Digits),
    Fraction(Fraction),
    Moment(Moment),
}

/// A piece of text in a code, or the position of the value.
#[derive(Debug, Clone, PartialEq)]
enum Affix {
    Text(String),
    /// `General` for a number, `@` for a text.
    Value,
}

impl Format {
    /// Parses a code such as `0.00%` or `[$-409]d-mmm;@`, as the file has it: in English, whatever the language of the
    /// spreadsheet.
    pub(super) fn parse(code: &str) -> Self {
        parse::parse(code)
    }

    /// The format of a cell without one.
    pub(super) fn general() -> Self {
        Self {
            sections: Vec::new(),
            text: None,
        }
    }

    /// The text of a cell with this number. `is_1904`: days are counted from 1904-01-01, not from 1899-12-31.
    pub(super) fn show(&self, value: f64, is_1904: bool) -> String {
        let section = self
            .sections
            .iter()
            .find(|section| section.condition.holds(value));
        let Some(section) = section else {
            return plain(value);
        };
        // A section for negative numbers only has their sign in its code: `(0)`.
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

    /// The text of a cell with this text: `"Dr. "@` puts `Dr. ` before it. An empty text stays empty.
    pub(super) fn show_text<'text>(&self, text: &'text str) -> Cow<'text, str> {
        match &self.text {
            Some(affixes) if !text.is_empty() => Cow::Owned(joined(affixes, text)),
            _ => Cow::Borrowed(text),
        }
    }
}

/// Text around a number. Text alone has no sign.
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
