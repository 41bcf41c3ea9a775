//! How a run stands, in words.

use crate::domain::money::Cost;
use crate::domain::shown::shown_start;
use crate::domain::tally::Tally;
use std::time::Duration;

/// A length of time as people write it, to the second: `45s`, `3m 20s`, `2h 5m`.
#[must_use]
pub fn length(length: Duration) -> String {
    let secs = length.as_secs_f64().ceil();
    // At most u64 seconds went in, and a forecast is far shorter.
    let secs = Duration::try_from_secs_f64(secs)
        .unwrap_or(length)
        .as_secs();
    match (secs / 3_600, secs / 60 % 60, secs % 60) {
        (0, 0, secs) => format!("{secs}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, secs) => format!("{minutes}m {secs}s"),
        (hours, 0, _) => format!("{hours}h"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

/// What is under way and what is waited for: `3 running · gate closed 12s (429: busy) · 2 in back-off`.
#[must_use]
pub fn state(tally: &Tally, elapsed: Duration) -> String {
    let mut parts = Vec::new();
    if tally.failed > 0 {
        parts.push(format!("{} failed", tally.failed));
    }
    parts.push(format!("{} running", tally.running));
    if let Some(pause) = &tally.paused {
        let why = shown_start(&pause.why, 60);
        let left = pause.until.saturating_sub(elapsed);
        parts.push(if !left.is_zero() {
            format!("gate closed {} ({why})", self::length(left))
        } else if tally.running > 0 {
            format!("probing ({why})")
        } else {
            format!("waiting for who is next ({why})")
        });
    }
    if tally.in_back_off > 0 {
        parts.push(format!("{} in back-off", tally.in_back_off));
    }
    if tally.cost != Cost::default() {
        parts.push(format!("cost {}", tally.cost));
    }
    if let Some(left) = tally.time_left(elapsed).filter(|left| !left.is_zero()) {
        parts.push(format!("about {} left", self::length(left)));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tally::Pause;

    #[test]
    fn a_length_is_written_as_people_do() {
        let written = |secs| length(Duration::from_secs(secs));
        let all = [0, 59, 60, 200, 3_600, 7_500].map(written);
        assert_eq!(all, ["0s", "59s", "1m", "3m 20s", "1h", "2h 5m"]);
        assert_eq!(length(Duration::from_millis(1)), "1s");
    }

    #[test]
    fn whatever_is_waited_for_is_shown() {
        let tally = Tally {
            running: 3,
            in_back_off: 2,
            paused: Some(Pause {
                why: "429: busy\u{1b}[2J".into(),
                until: Duration::from_secs(20),
            }),
            ..Tally::default()
        };
        assert_eq!(
            state(&tally, Duration::from_secs(8)),
            "3 running · gate closed 12s (429: busy\\u{1b}[2J) · 2 in back-off"
        );
    }
}
