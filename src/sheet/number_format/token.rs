//! Splits a format code into tokens.
//!
//! Text in quotes or after a backslash is one token, and so is a run of one letter of a date. Brackets contain a colour, a
//! condition, a currency, a language, or a time that may exceed a day. Whether the tokens fit together is not checked here.

use super::condition::Condition;

/// One token of a code.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Text that is shown unchanged.
    Text(String),
    Digit(Digit),
    /// A digit from 1 to 9: the denominator of a fraction, or text.
    Figure(char),
    Point,
    Comma,
    Slash,
    Percent,
    /// `E+` and `E-`.
    Exponent(ExponentSign),
    /// `General`.
    General,
    /// `@`.
    At,
    /// Letters of a date or a time: which, and how many.
    Unit(Unit, usize),
    /// `[h]`, `[mm]`: the time counted in this unit alone.
    Elapsed(Unit, usize),
    /// `AM/PM`, `A/P`.
    HalfDay(HalfDay),
    Condition(Condition),
    /// `[$-F800]`, `[$-F400]`: the date or time in the format of the reader's own country.
    OwnFormat,
    /// Names of months and days in another language than English.
    OtherLanguage,
    /// A token that shows nothing: a colour, English names, a character that fills the column.
    Silent,
    /// `;`.
    End,
}

/// The character in a place without a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digit {
    /// `0`: a zero.
    Zero,
    /// `#`: nothing; `?`: a blank that only aligns.
    Nothing,
}

/// Which powers of ten have a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExponentSign {
    Always,
    Negative,
}

/// The names of the halves of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HalfDay {
    /// `AM` and `PM`.
    Long,
    /// `A` and `P`.
    Short,
}

/// The meaning of the letters of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    /// Of an era of Japan, Taiwan or Thailand.
    OtherCalendar,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Token {
    /// Whether it shows nothing itself.
    pub(super) fn is_silent(&self) -> bool {
        matches!(
            self,
            Self::Silent | Self::Condition(_) | Self::OtherLanguage | Self::OwnFormat
        )
    }

    /// Its text if it has no other meaning; `None` if it cannot be text.
    pub(super) fn as_text(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::Figure(figure) => figure.to_string(),
            Self::Point => ".".to_owned(),
            Self::Comma => ",".to_owned(),
            Self::Slash => "/".to_owned(),
            Self::Percent => "%".to_owned(),
            _ => return None,
        })
    }
}

/// The tokens of a code; `None` if it has an unknown letter or bracket.
pub(super) fn tokens(code: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let (token, behind) = next(rest)?;
        tokens.push(token);
        rest = behind;
    }
    Some(tokens)
}

/// The first token, and the rest of the code.
fn next(code: &str) -> Option<(Token, &str)> {
    let first = code.chars().next()?;
    let behind = &code[first.len_utf8()..];
    let token = match first {
        '"' => {
            let (text, behind) = behind.split_once('"')?;
            return Some((Token::Text(text.to_owned()), behind));
        }
        '\\' => {
            let (text, behind) = split_first(behind)?;
            return Some((Token::Text(text.to_owned()), behind));
        }
        // A blank as wide as the character.
        '_' => return Some((Token::Text(" ".to_owned()), split_first(behind)?.1)),
        // The character is repeated up to the width of the column.
        '*' => return Some((Token::Silent, split_first(behind)?.1)),
        '[' => {
            let (inside, behind) = behind.split_once(']')?;
            return Some((bracket(inside)?, behind));
        }
        '0' => Token::Digit(Digit::Zero),
        '#' | '?' => Token::Digit(Digit::Nothing),
        '1'..='9' => Token::Figure(first),
        '.' => Token::Point,
        ',' => Token::Comma,
        '/' => Token::Slash,
        '%' => Token::Percent,
        '@' => Token::At,
        ';' => Token::End,
        letter if letter.is_ascii_alphabetic() => return word(code),
        other => Token::Text(other.to_string()),
    };
    Some((token, behind))
}

fn split_first(code: &str) -> Option<(&str, &str)> {
    let first = code.chars().next()?;
    Some(code.split_at(first.len_utf8()))
}

/// The meaning of letters.
fn word(code: &str) -> Option<(Token, &str)> {
    let fixed = [
        ("General", Token::General),
        ("Standard", Token::General),
        ("AM/PM", Token::HalfDay(HalfDay::Long)),
        ("A/P", Token::HalfDay(HalfDay::Short)),
        ("E+", Token::Exponent(ExponentSign::Always)),
        ("E-", Token::Exponent(ExponentSign::Negative)),
    ];
    for (word, token) in fixed {
        if code
            .get(..word.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        {
            return Some((token, &code[word.len()..]));
        }
    }
    let letter = code.chars().next()?;
    let unit = unit(letter)?;
    let behind = code.trim_start_matches(|other: char| other.eq_ignore_ascii_case(&letter));
    Some((Token::Unit(unit, code.len() - behind.len()), behind))
}

fn unit(letter: char) -> Option<Unit> {
    Some(match letter.to_ascii_lowercase() {
        'y' => Unit::Year,
        'e' | 'b' | 'g' => Unit::OtherCalendar,
        'm' => Unit::Month,
        'd' => Unit::Day,
        'h' => Unit::Hour,
        's' => Unit::Second,
        _ => return None,
    })
}

/// The content of brackets.
fn bracket(inside: &str) -> Option<Token> {
    if let Some(currency) = inside.strip_prefix('$') {
        let (text, language) = currency.split_once('-').unwrap_or((currency, ""));
        return Some(if text.is_empty() {
            of_language(language)
        } else {
            Token::Text(text.to_owned())
        });
    }
    if inside.starts_with(['<', '>', '=']) {
        return condition(inside).map(Token::Condition);
    }
    let letter = inside.chars().next()?;
    let is_one_letter = inside
        .chars()
        .all(|other| other.eq_ignore_ascii_case(&letter));
    Some(match unit(letter) {
        Some(Unit::Month) if is_one_letter => Token::Elapsed(Unit::Minute, inside.len()),
        Some(unit @ (Unit::Hour | Unit::Second)) if is_one_letter => {
            Token::Elapsed(unit, inside.len())
        }
        // `[Red]`, `[Color 5]`, `[DBNum1]`.
        _ => Token::Silent,
    })
}

/// `409` and `en-US` are English; the digits of another script may come first: `8040409`.
fn of_language(language: &str) -> Token {
    const PRIMARY: u32 = 0x3FF;
    const ENGLISH: u32 = 0x09;
    // Without a language there are only the digits of another script.
    let is_english = |code: u32| matches!(code & PRIMARY, ENGLISH | 0);
    let (name, _) = language.split_once(',').unwrap_or((language, ""));
    if name.eq_ignore_ascii_case("F800")
        || name.eq_ignore_ascii_case("F400")
        || name.starts_with("x-sys")
    {
        Token::OwnFormat
    } else if name.is_empty()
        || name == "en"
        || name.starts_with("en-")
        || u32::from_str_radix(name, 16).is_ok_and(is_english)
    {
        Token::Silent
    } else {
        Token::OtherLanguage
    }
}

fn condition(inside: &str) -> Option<Condition> {
    let number = inside.trim_start_matches(['<', '>', '=']);
    let limit: f64 = number.trim().parse().ok()?;
    Some(match &inside[..inside.len() - number.len()] {
        "<" => Condition::Less(limit),
        "<=" => Condition::LessOrEqual(limit),
        "=" => Condition::Equal(limit),
        "<>" => Condition::NotEqual(limit),
        ">=" => Condition::GreaterOrEqual(limit),
        ">" => Condition::Greater(limit),
        _ => return None,
    })
}
