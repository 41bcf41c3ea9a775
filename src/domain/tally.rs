//! Counts: those of a cast, as the store keeps them, and those of a run, which are a fold over its events.

use super::event::{Event, Kind};
use super::money::Cost;
use std::time::Duration;

/// The counts of a cast. Gone characters are counted only in `gone`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Characters with a story.
    pub done: u64,
    /// Characters that failed.
    pub failed: u64,
    /// Characters without a story, without those in flight.
    pub pending: u64,
    /// Characters that a live run holds.
    pub running: u64,
    /// Characters that are no longer in the sheet.
    pub gone: u64,
    /// Characters whose current take has a flag.
    pub flagged: u64,
}

/// The progress of a run: a fold over its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The cast's finished characters when the run started.
    pub done_before: u64,
    /// Characters that this run may try.
    pub wanted: u64,
    /// Characters that got their story in this run.
    pub done: u64,
    /// Characters that failed in this run.
    pub failed: u64,
    /// Requests in flight.
    pub running: u64,
    /// Characters that wait for a retry.
    pub in_back_off: u64,
    /// Requests of this run so far.
    pub requests: u64,
    /// The cost of these requests so far.
    pub cost: Cost,
    /// The wait of the whole run, while new requests are held back.
    pub paused: Option<Pause>,
}

/// New requests are held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// The reason for the wait; foreign text.
    pub why: String,
    /// When the run will try again, counted from its start.
    pub until: Duration,
}

impl Tally {
    /// Adds one event.
    pub(crate) fn add(&mut self, event: &Event) {
        match &event.kind {
            Kind::RunStarted { done, wanted, .. } => {
                self.done_before = *done;
                self.wanted = *wanted;
            }
            Kind::CharacterStarted { again } => {
                self.running += 1;
                self.requests += 1;
                self.in_back_off = self.in_back_off.saturating_sub(u64::from(*again));
            }
            Kind::CharacterDone { .. } => {
                self.running = self.running.saturating_sub(1);
                self.done += 1;
            }
            Kind::CharacterRetrying { .. } => {
                self.running = self.running.saturating_sub(1);
                self.in_back_off += 1;
            }
            Kind::CharacterFailed { .. } => {
                self.running = self.running.saturating_sub(1);
                self.failed += 1;
            }
            Kind::Charged { cost } => self.cost += *cost,
            Kind::Paused { why, wait } => {
                self.paused = Some(Pause {
                    why: why.clone(),
                    until: event.elapsed + *wait,
                });
            }
            Kind::Resumed => self.paused = None,
            Kind::Stopping { .. } | Kind::RunFinished { .. } => {}
        }
    }

    /// Characters that finished or failed in this run.
    #[must_use]
    pub(crate) fn ended(&self) -> u64 {
        self.done + self.failed
    }

    /// How long the rest will take at the speed of this run; `None` if that cannot be calculated.
    #[must_use]
    pub(crate) fn time_left(&self, elapsed: Duration) -> Option<Duration> {
        let left = self.wanted.checked_sub(self.ended())?;
        if self.ended() == 0 || elapsed.is_zero() {
            return None;
        }
        let each = elapsed.as_secs_f64() / to_f64(self.ended());
        Duration::try_from_secs_f64(each * to_f64(left)).ok()
    }
}

/// Exact up to 2^32, which is enough for a forecast.
fn to_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forecast_counts_only_this_runs_speed() {
        let mut tally = Tally::default();
        let at = |kind| Event {
            elapsed: Duration::ZERO,
            kind,
        };
        tally.add(&at(Kind::RunStarted {
            cast_name: "cast".into(),
            pending: 10,
            done: 990,
            wanted: 10,
        }));
        assert_eq!(tally.time_left(Duration::from_secs(5)), None);
        tally.add(&at(Kind::CharacterStarted { again: false }));
        tally.add(&at(Kind::CharacterDone {
            key: None,
            name: "Mindy".into(),
            take: crate::domain::character::TakeNumber(1),
            words: 3,
        }));
        assert_eq!(
            tally.time_left(Duration::from_secs(5)),
            Some(Duration::from_secs(45))
        );
    }
}
