//! Puts the digits of a number into the places of a code: `0000`, `#,##0.00`, `000-00-0000`, `0.0E+00`, `0%`.

use super::decimal::Decimal;
use super::token::{Digit, ExponentSign, Token};

/// The number of digits in a group of thousands.
const GROUP: usize = 3;

/// A section with places for digits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Digits {
    pieces: Vec<Piece>,
    /// Places before the point.
    whole: usize,
    /// Places after it.
    decimals: usize,
    /// The power of ten that the number is multiplied by: two for `%`, minus three for a comma after the digits.
    tens: isize,
    grouping: Grouping,
    exponent: Option<ExponentSign>,
}

/// Whether thousands are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    None,
    Thousands,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Whole(Digit),
    Point,
    Decimal(Digit),
    /// The sign of the power of ten, with its `E`.
    Exponent,
    Power(Digit),
}

/// The part of the number that the next digit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Decimals,
    Power,
}

impl Digits {
    /// Parses a section; `None` if it mixes digits with other kinds.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let mut digits = Self {
            pieces: Vec::new(),
            whole: 0,
            decimals: 0,
            tens: 0,
            grouping: Grouping::None,
            exponent: None,
        };
        let mut part = Part::Whole;
        let mut commas = 0;
        for token in tokens.iter().filter(|token| !token.is_silent()) {
            let is_digit = matches!(token, Token::Digit(_));
            if is_digit && commas > 0 && part == Part::Whole {
                digits.grouping = Grouping::Thousands;
                commas = 0;
            }
            match token {
                Token::Digit(digit) => digits.add(part, *digit),
                Token::Point if part == Part::Whole => {
                    part = Part::Decimals;
                    digits.pieces.push(Piece::Point);
                }
                Token::Comma if digits.whole > 0 && part != Part::Power => commas += 1,
                Token::Exponent(sign) if digits.exponent.is_none() => {
                    part = Part::Power;
                    digits.exponent = Some(*sign);
                    digits.pieces.push(Piece::Exponent);
                }
                other => {
                    if *other == Token::Percent {
                        digits.tens += 2;
                    }
                    digits.pieces.push(Piece::Text(other.as_text()?));
                }
            }
        }
        digits.tens -= 3 * commas;
        Some(digits)
    }

    fn add(&mut self, part: Part, digit: Digit) {
        self.pieces.push(match part {
            Part::Whole => {
                self.whole += 1;
                Piece::Whole(digit)
            }
            Part::Decimals => {
                self.decimals += 1;
                Piece::Decimal(digit)
            }
            Part::Power => Piece::Power(digit),
        });
    }

    /// The text of a number; the sign comes first.
    pub(super) fn show(&self, value: f64) -> String {
        let number = Decimal::of(value).shifted(self.tens);
        let (number, power) = match self.exponent {
            Some(_) => self.scaled(&number),
            None => (number.rounded(self.decimals), 0),
        };
        let sign = if value < 0.0 && !number.is_zero() {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.filled(&number, power))
    }

    /// The number, scaled to be between 1 and the largest that fits before the point, and the power of ten that it is
    /// multiplied by.
    fn scaled(&self, number: &Decimal) -> (Decimal, isize) {
        let step = isize::try_from(self.whole).unwrap_or(1).max(1);
        let scaled = |power: isize| number.clone().shifted(-power).rounded(self.decimals);
        let power = number.exponent().div_euclid(step) * step;
        let rounded = scaled(power);
        // 9.99 may have become 10.0.
        if rounded.exponent() >= step {
            (scaled(power + step), power + step)
        } else {
            (rounded, power)
        }
    }

    fn filled(&self, number: &Decimal, power: isize) -> String {
        let mut out = String::new();
        let whole = number.whole();
        let powers = power.unsigned_abs().to_string();
        let power_places = self.pieces.iter();
        let mut powers_left = power_places
            .filter(|piece| matches!(piece, Piece::Power(_)))
            .count();
        let mut is_first_power = true;
        let mut whole_left = self.whole;
        let mut decimals = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Whole(digit) => {
                    let is_first = whole_left == self.whole;
                    whole_left -= 1;
                    self.push_places(&mut out, &whole, whole_left, is_first, *digit);
                }
                Piece::Point => {
                    if self.whole == 0 {
                        out.push_str(&whole);
                    }
                    out.push('.');
                }
                Piece::Decimal(digit) => {
                    if *digit == Digit::Zero || !number.ends_before(decimals) {
                        out.push(number.decimal(decimals));
                    }
                    decimals += 1;
                }
                Piece::Exponent => out.push_str(self.exponent_sign(power)),
                Piece::Power(digit) => {
                    powers_left -= 1;
                    self.push_places(&mut out, &powers, powers_left, is_first_power, *digit);
                    is_first_power = false;
                }
            }
        }
        out
    }

    fn exponent_sign(&self, power: isize) -> &'static str {
        match self.exponent {
            _ if power < 0 => "E-",
            Some(ExponentSign::Always) => "E+",
            _ => "E",
        }
    }

    /// The text at the place with `behind` other places after it. The first place has all digits that have no place of their
    /// own.
    fn push_places(
        &self,
        out: &mut String,
        digits: &str,
        behind: usize,
        is_first: bool,
        digit: Digit,
    ) {
        let first = if is_first {
            digits.len().max(behind + 1)
        } else {
            behind + 1
        };
        for place in (behind..first).rev() {
            let found = digits.len().checked_sub(place + 1);
            match found.and_then(|at| digits.get(at..=at)) {
                Some(found) => out.push_str(found),
                None if digit == Digit::Zero => out.push('0'),
                None => continue,
            }
            if self.grouping == Grouping::Thousands && place > 0 && place % GROUP == 0 {
                out.push(',');
            }
        }
    }
}
