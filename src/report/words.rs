//! The state of a run in words.

use crate::domain::money::Cost;
use crate::domain::shown::shown_start;
use crate::domain::speed::length;
use crate::domain::tally::Tally;
use std::time::Duration;

/// What is running and why the run waits: `3 running · waiting 12s (429: busy) · 2 waiting to retry`.
#[must_use]
pub(crate) fn state(tally: &Tally, elapsed: Duration) -> String {
    let mut parts = Vec::new();
    if tally.failed > 0 {
        parts.push(format!("{} failed", tally.failed));
    }
    parts.push(format!("{} running", tally.running));
    if let Some(pause) = &tally.paused {
        let why = shown_start(&pause.why, 60);
        let left = pause.until.saturating_sub(elapsed);
        parts.push(if !left.is_zero() {
            format!("waiting {} ({why})", length(left))
        } else if tally.running > 0 {
            format!("testing with one request ({why})")
        } else {
            format!("about to send one test request ({why})")
        });
    }
    if tally.in_back_off > 0 {
        parts.push(format!("{} waiting to retry", tally.in_back_off));
    }
    if tally.cost != Cost::default() {
        parts.push(format!("cost {}", tally.cost));
    }
    if let Some(left) = tally.time_left(elapsed).filter(|left| !left.is_zero()) {
        parts.push(format!("about {} left", length(left)));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tally::Pause;

    #[test]
    fn every_wait_is_shown() {
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
            "3 running · waiting 12s (429: busy\\u{1b}[2J) · 2 waiting to retry"
        );
    }
}
