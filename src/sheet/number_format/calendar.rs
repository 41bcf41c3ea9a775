//! Turns the number of days that a spreadsheet stores into a date and a time.
//!
//! Days are counted from 1899-12-31 or from 1904-01-01. 1900-02-29, which only Excel has, is kept. Numbers before the first
//! day and after 9999-12-31 are no dates.

const SECONDS_OF_DAY: f64 = 86_400.0;
const DAY: u64 = 86_400;
/// 9999-12-31, the last day of a spreadsheet.
const LAST_DAY: u64 = 2_958_465;
/// 1904-01-01, counted from 1899-12-31.
const FIRST_OF_1904: u64 = 1_462;
/// The day between 1900-02-28 and 1900-03-01, which only Excel has.
const LEAP_DAY_OF_1900: u64 = 60;
/// The parts of a full date that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sheet) enum Precision {
    Date,
    DateAndTime,
}

/// A number of days, split into its parts.
pub(super) struct Instant {
    /// Counted from 1899-12-31.
    pub(super) day: u64,
    /// Since the beginning of the first day.
    pub(super) seconds: u64,
    /// The digits of a second.
    pub(super) fraction: String,
}

impl Instant {
    /// Rounded to so many digits of a second; `None` before the first day and after the last.
    pub(super) fn of(days: f64, decimals: usize, is_1904: bool) -> Option<Self> {
        if days < 0.0 {
            return None;
        }
        // A float becomes an integer only through its digits.
        let text = format!("{:.decimals$}", days * SECONDS_OF_DAY);
        let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let seconds: u64 = seconds.parse().ok()?;
        let day = seconds / DAY + if is_1904 { FIRST_OF_1904 } else { 0 };
        (day <= LAST_DAY).then(|| Self {
            day,
            seconds,
            fraction: fraction.to_owned(),
        })
    }

    /// Year, month and day, as Excel counts them.
    pub(super) fn date(&self) -> (u64, u64, u64) {
        date(self.day)
    }
}

/// `1985-03-01`, `1985-03-01 14:30`, and below one day `14:30`; seconds only if there are any. `None` for a number that is
/// not a date.
pub(in crate::sheet) fn date_and_time(
    days: f64,
    is_1904: bool,
    precision: Precision,
) -> Option<String> {
    let instant = Instant::of(days, 0, is_1904)?;
    let seconds = instant.seconds % DAY;
    if days < 1.0 {
        return Some(clock(seconds));
    }
    let (year, month, day) = instant.date();
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if precision == Precision::Date || seconds == 0 {
        date
    } else {
        format!("{date} {}", clock(seconds))
    })
}

/// `14:30`, `14:30:05`; there may be more than 24 hours.
pub(in crate::sheet) fn clock(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

fn date(day: u64) -> (u64, u64, u64) {
    if day == LEAP_DAY_OF_1900 {
        return (1900, 2, 29);
    }
    if day == 0 {
        return (1900, 1, 0);
    }
    // Days since 0000-03-01, in periods of 400 years with 146,097 days each. 1899-12-31 is day 693,900.
    let days = day + 693_900 - u64::from(day > LEAP_DAY_OF_1900);
    let (period, day_of_period) = (days / 146_097, days % 146_097);
    let year_of_period = (day_of_period - day_of_period / 1_460 + day_of_period / 36_524
        - day_of_period / 146_096)
        / 365;
    let day_of_year =
        day_of_period - (365 * year_of_period + year_of_period / 4 - year_of_period / 100);
    // Months, counted from March.
    let months = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = period * 400 + year_of_period + u64::from(month <= 2);
    (year, month, day)
}
