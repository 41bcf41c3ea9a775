//! What a run does with a character after an outcome.
//!
//! This module decides how long one character waits. How long the whole run waits for the service is decided elsewhere. The
//! two waits do not multiply.

use super::outcome::{Outcome, Prospect};
use std::num::NonZeroU32;
use std::time::Duration;

/// How often a run tries one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The most tries that cost or may have cost something, including the first one.
    pub attempts_max: NonZeroU32,
}

/// The first wait of a character before a retry; each further one is twice as long.
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);

/// The longest wait of a character before a retry.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);

/// What a run does with the character after an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It has its story.
    Done,
    /// It is pending again; the next try starts after `wait` at the earliest.
    Again {
        /// The wait of this character.
        wait: Duration,
    },
    /// It failed: another request would cost and not succeed.
    Fail,
}

/// Decides what a run does with a character after `outcome`.
///
/// `prospect` says whether the same request may succeed at all. `tries` counts the tries of this character, including this
/// one if it counts. `refusals` counts how often in a row this character was asked to wait or could not be sent, including
/// this time. `dice`, from 0 up to but not including 1, spreads the waits of characters that failed together: the wait is
/// scaled to between half of itself and all of itself.
///
/// A busy service and an interruption never use a try: neither says anything about the character, and a long rate limit must
/// not fail rows that would succeed.
#[must_use]
pub(crate) fn next(
    policy: Policy,
    tries: u32,
    refusals: u32,
    (outcome, prospect): (Outcome, Prospect),
    dice: f64,
) -> Next {
    match outcome {
        Outcome::Ok => Next::Done,
        // The form of the request was the cause, not the character.
        _ if prospect == Prospect::OtherForm => Next::Again {
            wait: Duration::ZERO,
        },
        Outcome::Unknown | Outcome::BadText if prospect == Prospect::None => Next::Fail,
        Outcome::RefusedRow => Next::Fail,
        Outcome::Unknown | Outcome::BadText if tries >= policy.attempts_max.get() => Next::Fail,
        Outcome::Unknown | Outcome::BadText => Next::Again {
            wait: back_off(tries, dice),
        },
        Outcome::Wait | Outcome::NotSent => Next::Again {
            wait: back_off(refusals, dice),
        },
        Outcome::RefusedRun | Outcome::Interrupted => Next::Again {
            wait: Duration::ZERO,
        },
    }
}

/// The wait after `times` failures in a row (from 1): it doubles up to a limit and is spread by `dice`.
#[must_use]
pub(crate) fn back_off(times: u32, dice: f64) -> Duration {
    let doublings = times.saturating_sub(1).min(16);
    let full = BACK_OFF_FIRST
        .saturating_mul(1 << doublings)
        .min(BACK_OFF_MAX);
    full.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        attempts_max: NonZeroU32::new(4).expect("4 is not 0"),
    };

    #[test]
    fn waiting_never_fails_a_character() {
        for outcome in [
            Outcome::Wait,
            Outcome::NotSent,
            Outcome::Interrupted,
            Outcome::RefusedRun,
        ] {
            for times in [1, 4, 5, 1_000_000] {
                assert!(matches!(
                    next(POLICY, times, times, (outcome, Prospect::Open), 0.5),
                    Next::Again { .. }
                ));
            }
        }
    }

    #[test]
    fn a_character_fails_when_its_tries_are_used_up() {
        for outcome in [Outcome::Unknown, Outcome::BadText] {
            assert!(matches!(
                next(POLICY, 3, 0, (outcome, Prospect::Open), 0.0),
                Next::Again { .. }
            ));
            assert_eq!(
                next(POLICY, 4, 0, (outcome, Prospect::Open), 0.0),
                Next::Fail
            );
        }
        let refused = (Outcome::RefusedRow, Prospect::Open);
        assert_eq!(next(POLICY, 1, 0, refused, 0.0), Next::Fail);
    }

    #[test]
    fn what_cannot_succeed_is_not_tried_again_and_another_form_is_tried_at_once() {
        for outcome in [Outcome::Unknown, Outcome::BadText] {
            let ended = (outcome, Prospect::None);
            assert_eq!(next(POLICY, 1, 0, ended, 0.0), Next::Fail);
        }
        let refused = (Outcome::RefusedRow, Prospect::OtherForm);
        let again = Next::Again {
            wait: Duration::ZERO,
        };
        assert_eq!(next(POLICY, 4, 0, refused, 0.5), again);
    }

    #[test]
    fn the_back_off_doubles_up_to_a_minute_and_is_spread() {
        let full = |times| back_off(times, 1.0).as_secs();
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 7, 99].map(full),
            [1, 2, 4, 8, 16, 32, 60, 60]
        );
        assert_eq!(back_off(7, 0.0).as_secs(), 30);
    }
}
