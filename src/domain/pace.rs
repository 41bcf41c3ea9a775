//! A pace as people write it: requests per second, minute or hour, evenly spaced.
//!
//! This is only the number; the runner keeps it.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// How many requests may start, evenly spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// No limit but the number of parallel requests.
    Unlimited,
    /// `starts` in each `unit`.
    Limited {
        /// Requests in each unit.
        starts: NonZeroU32,
        /// The unit.
        unit: Unit,
    },
}

/// The unit of time of a pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
}

impl Unit {
    /// How long it is.
    #[must_use]
    pub fn length(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

impl Pace {
    /// The time between two starts, rounded up to a nanosecond so that the pace is never exceeded; zero when unlimited.
    #[must_use]
    pub fn period(self) -> Duration {
        match self {
            Self::Unlimited => Duration::ZERO,
            Self::Limited { starts, unit } => {
                let nanos = unit.length().as_nanos().div_ceil(u128::from(starts.get()));
                Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
            }
        }
    }

    /// `starts` per minute.
    #[must_use]
    pub const fn per_minute(starts: NonZeroU32) -> Self {
        Self::Limited {
            starts,
            unit: Unit::Minute,
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("unlimited"),
            Self::Limited { starts, unit } => write!(f, "{starts}/{}", unit.word()),
        }
    }
}

/// A text that is not a pace.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `N/s`, `N/min` or `N/h` with N from 1 to {max}, or `unlimited`", max = u32::MAX)]
pub struct NotAPace;

impl FromStr for Pace {
    type Err = NotAPace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unlimited" {
            return Ok(Self::Unlimited);
        }
        let (starts, unit) = text.split_once('/').ok_or(NotAPace)?;
        let unit = match unit {
            "s" => Unit::Second,
            "min" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(NotAPace),
        };
        let starts = starts.parse().map_err(|_| NotAPace)?;
        Ok(Self::Limited { starts, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_reads_back_as_it_was_written() {
        for text in ["1/s", "60/min", "1000/h", "unlimited"] {
            assert_eq!(
                text.parse::<Pace>().map(|pace| pace.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "60/min".parse::<Pace>().map(Pace::period),
            Ok(Duration::from_secs(1))
        );
    }

    #[test]
    fn rubbish_is_no_pace() {
        for text in [
            "0/s",
            "abc",
            "",
            "/",
            "5",
            "5/day",
            "-1/s",
            "1.5/s",
            "5/S",
            " 5/s",
            "99999999999/s",
        ] {
            assert_eq!(text.parse::<Pace>(), Err(NotAPace), "{text}");
        }
    }
}
