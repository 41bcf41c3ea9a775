//! Turns the tokens of a code into its sections, each with its condition.
//!
//! A section without a condition of its own gets one by its position: the first is for positive numbers, the second for
//! negative ones, the third for zero, the fourth for text. If one section cannot be parsed, the whole code is not used.

use super::condition::{Condition, in_order};
use super::digits::Digits;
use super::fraction::Fraction;
use super::moment::Moment;
use super::token::{Token, tokens};
use super::{Affix, Format, Section, Shape};

/// Excel allows 255 characters.
const CODE_MAX: usize = 1_000;
/// Three for numbers and one for text.
const SECTIONS_MAX: usize = 4;

pub(super) fn parse(code: &str) -> Format {
    if code.len() > CODE_MAX {
        return Format::general();
    }
    understood(code).unwrap_or_else(|| not_understood(code))
}

fn understood(code: &str) -> Option<Format> {
    let tokens = tokens(code)?;
    let mut parts: Vec<&[Token]> = tokens.split(|token| *token == Token::End).collect();
    if parts.len() > SECTIONS_MAX {
        return None;
    }
    let is_empty = |part: &[Token]| part.iter().all(Token::is_silent);
    if parts.iter().all(|part| is_empty(part)) {
        return Some(Format::general());
    }
    let is_for_text = |part: &[Token]| part.contains(&Token::At);
    let text = match parts.len() {
        SECTIONS_MAX => parts.pop(),
        _ => parts.pop_if(|part| is_for_text(part)),
    };
    let text = match text {
        // A text is never hidden.
        Some(text) if !is_empty(text) => {
            Some(without_outer_blanks(affixes(text)?)).filter(|text| !text.is_empty())
        }
        _ => None,
    };
    let own: Vec<Option<Condition>> = parts.iter().map(|part| own_condition(part)).collect();
    let sections = in_order(&own)?.into_iter().zip(&parts);
    let sections = sections.map(|(condition, part)| {
        let shape = shape(part)?;
        Some(Section { condition, shape })
    });
    Some(Format {
        sections: sections.collect::<Option<_>>()?,
        text,
    })
}

fn own_condition(tokens: &[Token]) -> Option<Condition> {
    tokens.iter().find_map(|token| match token {
        Token::Condition(condition) => Some(*condition),
        _ => None,
    })
}

fn shape(tokens: &[Token]) -> Option<Shape> {
    let has = |wanted: fn(&Token) -> bool| tokens.iter().any(wanted);
    if has(|token| {
        matches!(
            token,
            Token::Unit(..) | Token::Elapsed(..) | Token::HalfDay(_) | Token::OwnFormat
        )
    }) {
        return Moment::of(tokens).map(Shape::Moment);
    }
    if !has(|token| matches!(token, Token::Digit(_))) {
        return affixes(tokens).map(Shape::Affixes);
    }
    if has(|token| *token == Token::Slash)
        && let Some(fraction) = Fraction::of(tokens)
    {
        return Some(Shape::Fraction(fraction));
    }
    Digits::of(tokens).map(Shape::Digits)
}

/// Text without digits.
fn affixes(tokens: &[Token]) -> Option<Vec<Affix>> {
    let affix = |token: &Token| {
        if let Token::General | Token::At = token {
            return Some(Affix::Value);
        }
        token.as_text().map(Affix::Text)
    };
    tokens
        .iter()
        .filter(|token| !token.is_silent())
        .map(affix)
        .collect()
}

/// Blanks at both ends of a text only align the column.
fn without_outer_blanks(mut affixes: Vec<Affix>) -> Vec<Affix> {
    let is_text = |affix: &Affix| matches!(affix, Affix::Text(text) if !text.trim().is_empty());
    let is_seen = |affix: &Affix| *affix == Affix::Value || is_text(affix);
    let begin = affixes.iter().position(is_seen).unwrap_or_default();
    affixes.drain(..begin);
    let end = affixes.iter().rposition(is_seen).map_or(0, |last| last + 1);
    affixes.truncate(end);
    if let Some(Affix::Text(first)) = affixes.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if let Some(Affix::Text(last)) = affixes.last_mut() {
        *last = last.trim_end().to_owned();
    }
    affixes
}

/// A code of another program, such as `TT.MM.JJJJ`: a date if it has the letters of one and no digit.
fn not_understood(code: &str) -> Format {
    let mut outside_quotes = code.split('"').step_by(2).filter(|part| !part.is_empty());
    let has_letter = |part: &str| part.contains(|c: char| "ydmhsYDMHS".contains(c));
    let has_digit = |part: &str| part.contains(['0', '#', '?', '@']);
    let has_date = outside_quotes.clone().any(has_letter);
    if has_date && !outside_quotes.any(has_digit) {
        Format {
            sections: vec![Section {
                condition: Condition::Any,
                shape: Shape::Moment(Moment::own()),
            }],
            text: None,
        }
    } else {
        Format::general()
    }
}
