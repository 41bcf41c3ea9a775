//! Formats a date or a time from the number of days that a spreadsheet stores.
//!
//! A code with year, month and day gives `1985-03-01` and, if it has an hour, `1985-03-01 14:30`. Another code gives its own
//! parts: `yyyy` the year, `d-mmm` the day and the month in English, `[h]:mm` hours beyond a day. A spreadsheet has no dates
//! before 1900; such numbers stay numbers.

use super::calendar::{Instant, Precision, date_and_time};
use super::token::{Digit, HalfDay, Token, Unit};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A section that shows a date or a time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Moment {
    /// A full date, or a date whose form depends on the country or language of the reader.
    Own(Precision),
    /// The parts in the code.
    Pieces { pieces: Vec<Piece>, clock: Clock },
}

/// The way to count hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    Hours24,
    Hours12,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Unit(Unit, usize),
    Elapsed(Unit, usize),
    HalfDay(HalfDay),
    /// This many digits of a second.
    Fraction(usize),
}

impl Moment {
    /// A date and time whose form is not in the code.
    pub(super) fn own() -> Self {
        Self::Own(Precision::DateAndTime)
    }

    /// Parses a section; `None` if it mixes a date with digits.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let has = |wanted: fn(&Token) -> bool| tokens.iter().any(wanted);
        let is_time = |token: &Token| {
            matches!(
                token,
                Token::Unit(Unit::Hour | Unit::Second, _) | Token::Elapsed(..) | Token::HalfDay(_)
            )
        };
        let has_names = has(|token| matches!(token, Token::Unit(Unit::Month | Unit::Day, 3..)));
        let has_year = has(|token| matches!(token, Token::Unit(Unit::Year, _)));
        let pieces = pieces(tokens)?;
        let shows = |unit: Unit, most: usize| {
            pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Unit(found, length) if *found == unit && *length <= most))
        };
        let is_whole = has_year && shows(Unit::Month, usize::MAX) && shows(Unit::Day, 2);
        let is_foreign = has(|token| {
            matches!(
                token,
                Token::OwnFormat | Token::Unit(Unit::OtherCalendar, _)
            )
        }) || has_names && has(|token| *token == Token::OtherLanguage);
        if is_whole || is_foreign {
            let is_exact = tokens.iter().any(is_time) || has(|token| *token == Token::OwnFormat);
            return Some(Self::Own(if is_exact {
                Precision::DateAndTime
            } else {
                Precision::Date
            }));
        }
        let clock = if has(|token| matches!(token, Token::HalfDay(_))) {
            Clock::Hours12
        } else {
            Clock::Hours24
        };
        Some(Self::Pieces { pieces, clock })
    }

    /// The text of the date or time; `None` for a number that is not one.
    pub(super) fn show(&self, days: f64, is_1904: bool) -> Option<String> {
        match self {
            Self::Own(precision) => date_and_time(days, is_1904, *precision),
            Self::Pieces { pieces, clock } => {
                let is_span = pieces
                    .iter()
                    .any(|piece| matches!(piece, Piece::Elapsed(..)));
                let size = if is_span { days.abs() } else { days };
                let decimals = pieces.iter().map(|piece| match piece {
                    Piece::Fraction(length) => *length,
                    _ => 0,
                });
                let instant = Instant::of(size, decimals.max().unwrap_or_default(), is_1904)?;
                let sign = if days < 0.0 && instant.seconds > 0 {
                    "-"
                } else {
                    ""
                };
                let texts = pieces.iter().map(|piece| shown(&instant, piece, *clock));
                Some(format!("{sign}{}", texts.collect::<String>()))
            }
        }
    }
}

/// The pieces; `m` beside hours or seconds means minutes.
fn pieces(tokens: &[Token]) -> Option<Vec<Piece>> {
    let is_unit = |token: &&Token| matches!(token, Token::Unit(..) | Token::Elapsed(..));
    let mut pieces = Vec::new();
    let mut rest = tokens;
    let mut last = None;
    while let Some((token, behind)) = rest.split_first() {
        rest = behind;
        pieces.push(match token {
            Token::Unit(Unit::Month, length @ 1..=2) => {
                let next = behind.iter().find(is_unit);
                let is_minute = matches!(last, Some(Unit::Hour))
                    || matches!(
                        next,
                        Some(Token::Unit(Unit::Second, _) | Token::Elapsed(Unit::Second, _))
                    );
                let unit = if is_minute { Unit::Minute } else { Unit::Month };
                last = Some(unit);
                Piece::Unit(unit, *length)
            }
            Token::Unit(unit, length) => {
                last = Some(*unit);
                Piece::Unit(*unit, *length)
            }
            Token::Elapsed(unit, length) => {
                last = Some(*unit);
                Piece::Elapsed(*unit, *length)
            }
            Token::HalfDay(half) => Piece::HalfDay(*half),
            Token::Point if matches!(behind.first(), Some(Token::Digit(Digit::Zero))) => {
                let is_zero = |token: &&Token| **token == Token::Digit(Digit::Zero);
                let length = behind.iter().take_while(is_zero).count();
                rest = &behind[length..];
                Piece::Fraction(length.min(3))
            }
            silent if silent.is_silent() => continue,
            // `yyyy-mm-dd;@` is split before; an `@` beside a date is a mistake of a program.
            other => Piece::Text(other.as_text()?),
        });
    }
    Some(pieces)
}

/// The text of one piece.
fn shown(instant: &Instant, piece: &Piece, clock: Clock) -> String {
    let (year, month, day) = instant.date();
    let hour = instant.seconds / 3600 % 24;
    let two = |value: u64, length: usize| format!("{value:0>width$}", width = length.min(2));
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Unit(Unit::Year | Unit::OtherCalendar, 1..=2) => format!("{:02}", year % 100),
        Piece::Unit(Unit::Year | Unit::OtherCalendar, _) => year.to_string(),
        Piece::Unit(Unit::Month, length) => {
            let index = usize::try_from(month).unwrap_or(1).saturating_sub(1);
            let name = MONTHS.get(index).copied().unwrap_or_default();
            match length {
                1 | 2 => two(month, *length),
                3 => name[..3].to_owned(),
                5 => name[..1].to_owned(),
                _ => name.to_owned(),
            }
        }
        Piece::Unit(Unit::Day, length @ 1..=2) => two(day, *length),
        Piece::Unit(Unit::Day, length) => {
            let index = usize::try_from((instant.day + 6) % 7).unwrap_or_default();
            let name = DAYS.get(index).copied().unwrap_or_default();
            if *length == 3 { &name[..3] } else { name }.to_owned()
        }
        Piece::Unit(Unit::Hour, length) => {
            let hour = match clock {
                Clock::Hours24 => hour,
                Clock::Hours12 => (hour + 11) % 12 + 1,
            };
            two(hour, *length)
        }
        Piece::Unit(Unit::Minute, length) => two(instant.seconds / 60 % 60, *length),
        Piece::Unit(Unit::Second, length) => two(instant.seconds % 60, *length),
        Piece::Elapsed(Unit::Hour, length) => two(instant.seconds / 3600, *length),
        Piece::Elapsed(Unit::Minute, length) => two(instant.seconds / 60, *length),
        Piece::Elapsed(_, length) => two(instant.seconds, *length),
        Piece::HalfDay(half) => {
            let name = if hour < 12 { "AM" } else { "PM" };
            if *half == HalfDay::Short {
                &name[..1]
            } else {
                name
            }
            .to_owned()
        }
        Piece::Fraction(length) => format!(".{:0<length$}", instant.fraction),
    }
}
