//! Formats the dates and times of an `OpenDocument` cell.
//!
//! The file has a date twice: exactly, and as it is shown. The shown form depends on the language of the writer
//! (`03/01/85`), so a full date becomes `1985-03-01`. A partial date (`May 1985`, `15-May`, `1985`) stays as it is shown.

use crate::sheet::number_format::clock;

/// The most words and numbers of a shown date that are examined; no date has more.
const PARTS_MAX: usize = 16;

/// The text of a date cell, from the exact date (`1985-03-01`, `1985-03-01T14:30:00`) and the shown one.
pub(super) fn date(exact: &str, shown: &str) -> String {
    match Moment::parse(exact) {
        None if shown.is_empty() => exact.to_owned(),
        Some(moment) if shown.is_empty() => moment.text(true),
        None => shown.to_owned(),
        Some(moment) => match moment.shown_by(shown) {
            Shows::Time => moment.text(true),
            Shows::Date => moment.text(false),
            Shows::Less => shown.to_owned(),
        },
    }
}

/// The text of a time cell without a shown form, from `PT14H30M00S`. Another form stays unchanged.
pub(super) fn time(exact: &str) -> String {
    seconds(exact).map_or_else(|| exact.to_owned(), clock)
}

fn seconds(exact: &str) -> Option<u64> {
    let mut rest = exact.strip_prefix("PT")?;
    let mut seconds = 0_u64;
    for (unit, length) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            let whole = number.split(['.', ',']).next()?;
            seconds = seconds.checked_add(whole.parse::<u64>().ok()?.checked_mul(length)?)?;
            rest = behind;
        }
    }
    rest.is_empty().then_some(seconds)
}

/// The parts of a date in a shown text.
#[derive(Debug, PartialEq, Eq)]
enum Shows {
    /// Less than day, month and year.
    Less,
    /// Day, month and year.
    Date,
    /// Those and a time.
    Time,
}

/// An exact date.
struct Moment<'a> {
    /// `1985-03-01`.
    date: &'a str,
    year: u64,
    month: u64,
    day: u64,
    /// Seconds since midnight.
    time: u64,
}

impl<'a> Moment<'a> {
    /// `1985-03-01`, `1985-03-01T14:30:00`, `1985-03-01T14:30:00.5Z`.
    fn parse(exact: &'a str) -> Option<Self> {
        let (date, time) = exact.split_once('T').unwrap_or((exact, "0:0:0"));
        let mut parts = date.splitn(3, '-').map(|part| part.parse().ok());
        let mut times = time
            .trim_end_matches('Z')
            .split(':')
            .map(|part| part.split('.').next()?.parse().ok());
        let mut time = || {
            times
                .next()
                .unwrap_or(Some(0))
                .filter(|&part: &u64| part < 60)
        };
        Some(Self {
            date,
            year: parts.next()??,
            month: parts.next()??,
            day: parts.next()??,
            time: time()? * 3600 + time()? * 60 + time()?,
        })
    }

    /// `1985-03-01 14:30`; the time only if there is one.
    fn text(&self, with_time: bool) -> String {
        if with_time && self.time > 0 {
            format!("{} {}", self.date, clock(self.time))
        } else {
            self.date.to_owned()
        }
    }

    /// Whether the text has this day, this month and this year, in any order. The year may have two digits, and the month
    /// may be a word. Other numbers are a time.
    fn shown_by(&self, shown: &str) -> Shows {
        let (times, parts): (Vec<&str>, Vec<&str>) = parts(shown)
            .take(PARTS_MAX)
            .partition(|part| part.contains(':'));
        let is = |wanted: u64| move |part: &str| part.parse() == Ok(wanted);
        let is_year =
            |part: &str| is(self.year)(part) || part.len() == 2 && is(self.year % 100)(part);
        let left_over = |is_month: &dyn Fn(&str) -> bool| {
            let mut left = parts.clone();
            let has_date = take(&mut left, &is_year)
                && take(&mut left, is_month)
                && take(&mut left, &is(self.day));
            has_date.then_some(left)
        };
        match left_over(&is(self.month)).or_else(|| left_over(&is_name_of_month)) {
            None => Shows::Less,
            Some(left) if times.is_empty() && !left.iter().any(|part| is_number(part)) => {
                Shows::Date
            }
            Some(_) => Shows::Time,
        }
    }
}

/// Removes the first part that fits; `false` if there is none.
fn take(parts: &mut Vec<&str>, fits: &dyn Fn(&str) -> bool) -> bool {
    let found = parts.iter().position(|part| fits(part));
    found.map(|index| parts.remove(index)).is_some()
}

/// The words and numbers of a shown date. `14:30` is one part.
fn parts(shown: &str) -> impl Iterator<Item = &str> {
    let is_digit = |c: char| c.is_ascii_digit() || c == ':';
    let mut rest = shown;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphabetic() && !c.is_ascii_digit());
        let length = if is_number(rest) {
            rest.find(|c| !is_digit(c))
        } else {
            rest.find(|c: char| !c.is_alphabetic())
        };
        let (part, behind) = rest.split_at(length.unwrap_or(rest.len()));
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether the part may be the name of a month in any language; `Q` of `Q1` and `KW` of `KW 9` are not.
fn is_name_of_month(part: &str) -> bool {
    !is_number(part) && (part.chars().count() > 2 || part.ends_with('月'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_date_is_unambiguous_and_less_than_a_date_is_as_it_is_shown() {
        for (exact, shown, text) in [
            ("1985-03-01", "03/01/85", "1985-03-01"),
            ("1985-03-01", "1. März 1985", "1985-03-01"),
            ("1985-03-03", "3 March 1985", "1985-03-03"),
            ("1985-03-01", "Freitag, 1. März 1985", "1985-03-01"),
            ("1985-03-01", "1985年3月1日", "1985-03-01"),
            ("1985-03-01", "", "1985-03-01"),
            (
                "1985-03-01T00:00:00",
                "Fri Mar  1 00:00:00 1985",
                "1985-03-01",
            ),
            ("1985-03-01T14:30:00", "01.03.85 14:30", "1985-03-01 14:30"),
            (
                "1985-03-01T14:30:05.5Z",
                "1985-03-01T14:30:05",
                "1985-03-01 14:30:05",
            ),
            (
                "1985-03-01T14:30:00",
                "1985年3月1日 14時30分",
                "1985-03-01 14:30",
            ),
            ("1985-03-01T14:30:00", "01.03.1985", "1985-03-01"),
            ("1985-03-01T14:30:00", "", "1985-03-01 14:30"),
            ("1985-03-01", "1985", "1985"),
            ("1985-05-15", "15-May", "15-May"),
            ("1985-05-19", "May 1985", "May 1985"),
            ("1985-05-05", "05-05", "05-05"),
            ("1985-01-01", "Q1 1985", "Q1 1985"),
            ("1985-01-01", "KW 1 1985", "KW 1 1985"),
            ("2010-10-05", "10-05", "10-05"),
            ("1985-03-01T14:30:00", "14:30", "14:30"),
            ("1985-03-01", "#REF!", "#REF!"),
            ("soon", "3/1/85", "3/1/85"),
            ("soon", "", "soon"),
        ] {
            assert_eq!(date(exact, shown), text, "{exact} shown as {shown}");
        }
    }

    #[test]
    fn a_time_is_written_as_people_write_it() {
        for (exact, text) in [
            ("PT14H30M00S", "14:30"),
            ("PT26H00M05S", "26:00:05"),
            ("PT09H05M00,0000S", "09:05"),
            ("P1Y", "P1Y"),
            ("PT99999999999999999999H", "PT99999999999999999999H"),
        ] {
            assert_eq!(time(exact), text);
        }
    }
}
