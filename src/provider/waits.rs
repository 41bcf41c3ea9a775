//! The wait that a service asks for, in the head of its answer or in the body of an error.
//!
//! All forms in use are read: `Retry-After` in seconds or as a date, `retry-after-ms`, and `x-ratelimit-remaining-*` with
//! `x-ratelimit-reset-*` in seconds, as `6m0s` or `20ms`, or as a time. In a body, a member such as `retryDelay` is read, or
//! words such as "try again in 1.4s". Any other value, or a time that has passed, is no wait.

use crate::domain::notice::Notice;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The headers with what is left of each count, and those with its reset. A service that counts only one thing does not name
/// it.
const COUNTED: [(&str, &str); 3] = [
    (
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
];

/// A number of at least this is a time, not a duration: seconds since 1970.
const EPOCH_SECS: f64 = 1e9;

/// A number of at least this is a time in milliseconds.
const EPOCH_MILLIS: f64 = 1e12;

/// What the head of an answer reports beside the status.
pub(super) fn notice(headers: &HeaderMap, now: SystemTime) -> Notice {
    Notice {
        spent: longest_reset(headers, now),
        clock: clock(headers),
    }
}

/// The time of the service's clock.
fn clock(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, DATE.as_str())?).ok()
}

/// The wait that a refusal asks for.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    millis(headers)
        .or_else(|| after(headers, now))
        .or_else(|| longest_reset(headers, now))
}

/// Whether the service says that the same request may succeed later.
pub(super) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    text(headers, "x-should-retry")?.parse().ok()
}

/// The wait in a member of a body: a duration or a number of seconds; of milliseconds if its name says so.
pub(super) fn in_member(name: &str, value: &Value) -> Option<Duration> {
    let value = match value {
        Value::String(value) => value.trim().to_owned(),
        Value::Number(value) => value.to_string(),
        _ => return None,
    };
    let unit = if name.ends_with("_ms") { 0.001 } else { 1.0 };
    let seconds = || Duration::try_from_secs_f64(number(&value)? * unit).ok();
    seconds().or_else(|| length(&value))
}

/// The wait in the words of an error, which are in lower case.
pub(super) fn in_words(words: &str) -> Option<Duration> {
    const BEFORE: [&str; 4] = [
        "retry in ",
        "try again in ",
        "retry after ",
        "try again after ",
    ];
    let found = |before: &&str| {
        let rest = &words[words.find(*before)? + before.len()..];
        let mut rest = rest.split_whitespace();
        let first = rest.next()?.trim_end_matches(['.', ',', ';', ')', '!']);
        if let Some(length) = length(first).filter(|length| !length.is_zero()) {
            return Some(length);
        }
        let unit = rest.next()?.trim_end_matches(['.', ',', ';', ')', '!']);
        let (_, secs) = UNITS_IN_WORDS
            .iter()
            .find(|(word, _)| unit.starts_with(word))?;
        Duration::try_from_secs_f64(number(first)? * secs).ok()
    };
    BEFORE.iter().find_map(found)
}

/// The first letters of units of time.
const UNITS_IN_WORDS: [(&str, f64); 5] = [
    ("milli", 0.001),
    ("sec", 1.0),
    ("min", 60.0),
    ("hour", 3_600.0),
    ("day", 86_400.0),
];

fn millis(headers: &HeaderMap) -> Option<Duration> {
    let millis = number(text(headers, "retry-after-ms")?)?;
    Duration::try_from_secs_f64(millis / 1_000.0).ok()
}

fn after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER.as_str())?;
    if let Some(secs) = number(value) {
        // A number with more digits is longer than any patience.
        let longest = Duration::from_secs(u64::MAX);
        return Some(Duration::try_from_secs_f64(secs).unwrap_or(longest));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    // Calculated with the clock of the service, which may differ from ours.
    let now = clock(headers).unwrap_or(now);
    until.duration_since(now).ok()
}

/// The time until the next reset of a count that is used up; the longest, if several are.
fn longest_reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let wait = |(left, reset)| {
        let left = number(text(headers, left)?)?;
        let reset = text(headers, reset)?;
        (left < 1.0).then(|| until_reset(reset, now)).flatten()
    };
    COUNTED
        .into_iter()
        .filter_map(wait)
        .filter(|wait| !wait.is_zero())
        .max()
}

/// The time until a reset: a duration, or a time that has not passed.
fn until_reset(value: &str, now: SystemTime) -> Option<Duration> {
    let Some(number) = number(value) else {
        return length(value);
    };
    let since_1970 = match number {
        millis if millis >= EPOCH_MILLIS => millis / 1_000.0,
        secs if secs >= EPOCH_SECS => secs,
        secs => return Duration::try_from_secs_f64(secs).ok(),
    };
    let until = UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(since_1970).ok()?)?;
    until.duration_since(now).ok()
}

/// A duration with units, the largest first: `1h2m3.5s`, `20ms`.
fn length(value: &str) -> Option<Duration> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 0.001),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3_600.0),
        ("d", 86_400.0),
    ];
    let mut rest = value;
    let mut secs = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let from_unit = &rest[digits..];
        let end = from_unit
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(from_unit.len());
        let (_, unit) = UNITS
            .into_iter()
            .find(|(unit, _)| *unit == &from_unit[..end])?;
        secs += number(&rest[..digits])? * unit;
        rest = &from_unit[end..];
    }
    Duration::try_from_secs_f64(secs).ok()
}

/// A number without sign and exponent.
fn number(value: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    value.bytes().all(plain).then(|| value.parse().ok())?
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    /// Tue, 15 Nov 1994 12:45:26 GMT, when all these headers were sent.
    const NOW: u64 = 784_903_526;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).expect("a header");
            (HeaderName::from_static(name), value)
        };
        lines.iter().map(header).collect()
    }

    fn wait(lines: &[(&'static str, &str)]) -> Option<Duration> {
        retry_after(&headers(lines), UNIX_EPOCH + Duration::from_secs(NOW))
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_anything_else_is_ignored() {
        let read = |value: &str| wait(&[("retry-after", value)]);
        assert_eq!(read("120"), Some(Duration::from_mins(2)));
        assert_eq!(read(" 5 "), Some(Duration::from_secs(5)));
        assert_eq!(
            read("Tue, 15 Nov 1994 12:46:26 GMT"),
            Some(Duration::from_mins(1))
        );
        assert_eq!(read("86400"), Some(Duration::from_hours(24)));
        assert_eq!(read("1.5"), Some(Duration::from_millis(1_500)));
        assert_eq!(
            read("99999999999999999999999"),
            Some(Duration::from_secs(u64::MAX))
        );
        for rubbish in [
            "abc",
            "-5",
            "1e99",
            "",
            "Tue, 15 Nov 1994 12:44:26 GMT",
            ".",
        ] {
            assert_eq!(read(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_clock_of_the_service() {
        // An hour ahead of ours.
        let lines = [
            ("date", "Tue, 15 Nov 1994 13:45:26 GMT"),
            ("retry-after", "Tue, 15 Nov 1994 13:45:36 GMT"),
        ];
        assert_eq!(wait(&lines), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_wait_in_milliseconds_wins_over_one_in_seconds() {
        let both = [("retry-after-ms", "1500"), ("retry-after", "2")];
        assert_eq!(wait(&both), Some(Duration::from_millis(1_500)));
        let rubbish = [("retry-after-ms", "-1"), ("retry-after", "2")];
        assert_eq!(wait(&rubbish), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_reset_is_read_in_every_form() {
        let read = |reset: &str| {
            wait(&[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", reset),
            ])
        };
        for (reset, millis) in [
            ("1s", 1_000),
            ("6m0s", 360_000),
            ("20ms", 20),
            ("1h2m3.5s", 3_723_500),
            ("7.66s", 7_660),
            ("2m59.56s", 179_560),
            ("1d", 86_400_000),
            ("5", 5_000),
            ("0.25", 250),
        ] {
            assert_eq!(read(reset), Some(Duration::from_millis(millis)), "{reset}");
        }
        for rubbish in [
            "",
            "abc",
            "-5s",
            "5x",
            "1e99",
            "s",
            "0",
            "784903000",
            "1.2.3s",
        ] {
            let past = rubbish == "784903000";
            assert!(past || read(rubbish).is_none(), "{rubbish}");
        }
    }

    #[test]
    fn a_reset_in_the_past_is_no_wait() {
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let read = |reset: &str| until_reset(reset, now);
        assert_eq!(read("1800000060"), Some(Duration::from_mins(1)));
        assert_eq!(read("1800000060000"), Some(Duration::from_mins(1)));
        assert_eq!(read("1799999999"), None);
    }

    #[test]
    fn the_longest_reset_of_the_counts_that_are_used_up_is_the_wait() {
        let lines = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "2s"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "3s"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "60"),
        ];
        assert_eq!(wait(&lines), Some(Duration::from_secs(3)));
        let some_left = [
            ("x-ratelimit-remaining-requests", "1"),
            ("x-ratelimit-reset-requests", "2s"),
        ];
        assert_eq!(wait(&some_left), None);
    }
}
