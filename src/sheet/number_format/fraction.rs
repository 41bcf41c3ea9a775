//! A number as a fraction: `# ?/?`, `# ??/??`, `# ?/8`.

use super::decimal::plain;
use super::token::{Digit, Token};

/// The most digits of a denominator that is computed, as in spreadsheets.
const DIGITS_MAX: usize = 5;

/// A section that shows a fraction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fraction {
    pieces: Vec<Piece>,
    denominator: Denominator,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    /// The whole number, and its text if it is zero.
    Whole(Digit),
    Numerator,
    Slash,
    Denominator,
}

/// The denominator.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Denominator {
    Fixed(f64),
    /// The closest one.
    UpTo(f64),
}

impl Fraction {
    /// Parses a section; `None` if it is not a fraction.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let slash = tokens.iter().position(|token| *token == Token::Slash)?;
        let (before, behind) = (&tokens[..slash], &tokens[slash + 1..]);
        let is_place = |token: &Token| matches!(token, Token::Digit(_));
        let is_part = |token: &Token| matches!(token, Token::Digit(_) | Token::Figure(_));
        let length = behind.iter().take_while(|token| is_part(token)).count();
        let denominator = denominator(&behind[..length])?;
        let numerator_end = before.iter().rposition(is_place)? + 1;
        let places = before[..numerator_end].iter().rev();
        let numerator = numerator_end - places.take_while(|token| is_place(token)).count();
        let mut pieces = Vec::new();
        let mut has_whole = false;
        for token in before[..numerator]
            .iter()
            .filter(|token| !token.is_silent())
        {
            match token {
                Token::Digit(digit) => {
                    if !has_whole {
                        pieces.push(Piece::Whole(*digit));
                    }
                    has_whole = true;
                }
                // Thousands of a whole number are not separated.
                Token::Comma => {}
                other => pieces.push(Piece::Text(other.as_text()?)),
            }
        }
        pieces.push(Piece::Numerator);
        push_text(&mut pieces, &before[numerator_end..])?;
        pieces.push(Piece::Slash);
        pieces.push(Piece::Denominator);
        push_text(&mut pieces, &behind[length..])?;
        Some(Self {
            pieces,
            denominator,
        })
    }

    /// The text of a number; the sign comes first.
    pub(super) fn show(&self, value: f64) -> String {
        let size = value.abs();
        let has_whole = self
            .pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Whole(_)));
        let mut whole = if has_whole { size.trunc() } else { 0.0 };
        let (mut above, below) = self.denominator.of(size - whole);
        if has_whole && above >= below {
            whole += 1.0;
            above = 0.0;
        }
        let is_whole = has_whole && above == 0.0;
        let sign = if value < 0.0 && (whole > 0.0 || above > 0.0) {
            "-"
        } else {
            ""
        };
        let mut out = sign.to_owned();
        let mut is_behind_whole = false;
        for piece in &self.pieces {
            match piece {
                Piece::Whole(digit) => {
                    if is_whole || whole > 0.0 || *digit == Digit::Zero {
                        out.push_str(&plain(whole));
                    }
                    is_behind_whole = true;
                }
                Piece::Denominator if is_whole => is_behind_whole = false,
                _ if is_whole && is_behind_whole => {}
                // The blank between a fraction and its whole number, if that is not shown.
                Piece::Text(text) if is_behind_whole && out.len() == sign.len() => {
                    out.push_str(text.trim_start());
                }
                Piece::Text(text) => out.push_str(text),
                Piece::Numerator => out.push_str(&plain(above)),
                Piece::Slash => out.push('/'),
                Piece::Denominator => out.push_str(&plain(below)),
            }
        }
        out
    }
}

impl Denominator {
    /// The fraction that is closest to a number.
    fn of(self, value: f64) -> (f64, f64) {
        match self {
            Self::Fixed(below) => ((value * below).round(), below),
            Self::UpTo(limit) => nearest(value, limit),
        }
    }
}

fn denominator(tokens: &[Token]) -> Option<Denominator> {
    let digit = |token: &Token| match token {
        Token::Figure(figure) => *figure,
        _ => '0',
    };
    let text: String = tokens.iter().map(digit).collect();
    let fixed: f64 = text.parse().ok()?;
    if fixed > 0.0 {
        return Some(Denominator::Fixed(fixed));
    }
    let limit = "9".repeat(text.len().min(DIGITS_MAX));
    limit.parse().ok().map(Denominator::UpTo)
}

fn push_text(pieces: &mut Vec<Piece>, tokens: &[Token]) -> Option<()> {
    for token in tokens.iter().filter(|token| !token.is_silent()) {
        pieces.push(Piece::Text(token.as_text()?));
    }
    Some(())
}

/// The closest fraction with a denominator of at most `limit`: the continued fraction of the number, and the best one
/// between its last two steps.
fn nearest(value: f64, limit: f64) -> (f64, f64) {
    let (mut before, mut last) = ((0.0, 1.0), (1.0, 0.0));
    let mut rest = value;
    // Each step at least doubles the denominator of the step before the last.
    for _ in 0..64 {
        let whole = rest.trunc();
        let next: (f64, f64) = (whole * last.0 + before.0, whole * last.1 + before.1);
        if next.1 > limit {
            let steps = ((limit - before.1) / last.1).trunc();
            let between: (f64, f64) = (steps * last.0 + before.0, steps * last.1 + before.1);
            let error = |fraction: (f64, f64)| (value - fraction.0 / fraction.1).abs();
            return if error(between) < error(last) {
                between
            } else {
                last
            };
        }
        (before, last) = (last, next);
        let fraction = rest - whole;
        if fraction < 1e-9 {
            break;
        }
        rest = fraction.recip();
    }
    last
}
