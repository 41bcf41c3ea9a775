//! What one request has received so far, and the [`Ending`] that follows from it.
//!
//! It keeps a partial text up to [`PARTIAL_BYTES_MAX`]. It decides nothing about retries.

use super::timeouts::TimedOut;
use crate::domain::flag::Flags;
use crate::domain::outcome::{Ending, Outcome, PARTIAL_BYTES_MAX, Prospect, Tokens};
use crate::domain::text::joined;
use crate::provider::{Piece, ProviderError};
use std::time::Duration;
use tokio::time::Instant;

/// The first allocation for a text, in bytes, so that it does not grow with each of the first words.
const TEXT_BYTES: usize = 1 << 10;

/// The received parts of one answer.
#[derive(Default)]
pub(super) struct Answer {
    text: String,
    thoughts: String,
    flags: Flags,
    tokens: Option<Tokens>,
    first_text: Option<Duration>,
}

/// Why a request ended before its answer was complete.
pub(super) enum Failure {
    Provider(ProviderError),
    TimedOut(TimedOut),
    Aborted,
}

impl Answer {
    /// Whether text other than white space has come.
    pub(super) fn has_text(&self) -> bool {
        self.first_text.is_some()
    }

    /// Adds a piece of the answer to a request that was sent at `start`. Returns the time until which the service will refuse
    /// other requests, if the piece says so.
    pub(super) fn add(&mut self, piece: Piece, start: Instant) -> Option<Instant> {
        match piece {
            Piece::Head(notice) => return Some(Instant::now() + notice.spent?),
            Piece::Alive => {}
            Piece::Thought(part) => {
                if self.thoughts.len() < PARTIAL_BYTES_MAX {
                    self.thoughts.push_str(&part);
                }
            }
            Piece::AllWasThought => self.thoughts.push_str(&std::mem::take(&mut self.text)),
            Piece::Text(part) => {
                if self.first_text.is_none() && !part.trim().is_empty() {
                    self.first_text = Some(start.elapsed());
                }
                if self.text.is_empty() {
                    self.text.reserve(TEXT_BYTES);
                }
                self.text.push_str(&part);
            }
            Piece::Tokens(tokens) => self.tokens = Some(tokens),
            Piece::Noted(flags) => self.flags = self.flags.union(flags),
        }
        None
    }

    /// The ending of the request: a complete answer without `failure`, a partial one with it.
    pub(super) fn ending(mut self, failure: Option<Failure>) -> Ending {
        let is_complete = failure.is_none();
        let prospect = match &failure {
            Some(Failure::Provider(err)) => err.prospect(),
            _ => Prospect::Open,
        };
        let (outcome, http_status, error, retry_after) = match failure {
            None if self.text.trim().is_empty() => {
                let words = "the answer was complete, but it had no text".to_owned();
                (Outcome::BadText, Some(200), Some(words), None)
            }
            None => (Outcome::Ok, Some(200), None, None),
            Some(Failure::Provider(err)) => (
                err.outcome(),
                err.http_status(),
                Some(joined(&err)),
                err.retry_after(),
            ),
            Some(Failure::TimedOut(timed_out)) => {
                (Outcome::Unknown, None, Some(message(&timed_out)), None)
            }
            Some(Failure::Aborted) => {
                let words = "stopped while the request was in flight".to_owned();
                (Outcome::Interrupted, None, Some(words), None)
            }
        };
        let bytes = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        if outcome != Outcome::Ok {
            // A partial text is kept in the order in which it came: thoughts first.
            self.text.insert_str(0, &std::mem::take(&mut self.thoughts));
            cut(&mut self.text);
        }
        cut(&mut self.thoughts);
        // Text proves that the status was 200.
        let http_status = http_status.or_else(|| self.first_text.map(|_| 200));
        Ending {
            outcome,
            http_status,
            error,
            bytes,
            text: self.text.into(),
            thoughts: self.thoughts.into(),
            prospect,
            tokens: self.tokens,
            flags: if is_complete {
                self.flags
            } else {
                Flags::default()
            },
            first_text: self.first_text,
            retry_after,
        }
    }
}

fn message(timed_out: &TimedOut) -> String {
    match *timed_out {
        TimedOut::Idle(limit) => format!(
            "no data for {} (idle timeout)",
            humantime::format_duration(limit)
        ),
        TimedOut::Total(limit) => format!(
            "not finished within {} (timeout)",
            humantime::format_duration(limit)
        ),
    }
}

/// Cuts a partial text to [`PARTIAL_BYTES_MAX`].
fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(PARTIAL_BYTES_MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pieces: impl IntoIterator<Item = Piece>) -> Answer {
        let mut answer = Answer::default();
        let start = Instant::now();
        for piece in pieces {
            assert_eq!(answer.add(piece, start), None);
        }
        answer
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    #[test]
    fn a_complete_answer_keeps_thoughts_apart_from_its_text() {
        let ending = answer([Piece::Thought("hm".into()), text("A "), text("story")]).ending(None);
        assert_eq!(ending.outcome, Outcome::Ok);
        assert_eq!((&*ending.text, &*ending.thoughts), ("A story", "hm"));
        assert_eq!((ending.http_status, ending.bytes), (Some(200), 7));
    }

    #[test]
    fn a_complete_answer_without_text_is_a_bad_text() {
        let answer = answer([Piece::Thought("hm".into()), text(" \n")]);
        assert!(!answer.has_text());
        let ending = answer.ending(None);
        assert_eq!(ending.outcome, Outcome::BadText);
        assert_eq!(&*ending.text, "hm \n");
    }

    #[test]
    fn a_partial_text_is_kept_up_to_its_limit_and_cut_between_characters() {
        let long = "ä".repeat(PARTIAL_BYTES_MAX);
        let ending = answer([text("a"), text(&long)]).ending(Some(Failure::Aborted));
        assert_eq!(ending.outcome, Outcome::Interrupted);
        assert_eq!(ending.text.len(), PARTIAL_BYTES_MAX - 1);
        assert_eq!(ending.bytes, u64::try_from(1 + long.len()).expect("small"));
        assert_eq!(ending.http_status, Some(200), "text proves it");
    }

    #[test]
    fn a_timeout_names_its_length() {
        let idle = TimedOut::Idle(Duration::from_secs(90));
        let ending = answer([]).ending(Some(Failure::TimedOut(idle)));
        assert_eq!(ending.outcome, Outcome::Unknown);
        assert_eq!(
            ending.error.as_deref(),
            Some("no data for 1m 30s (idle timeout)")
        );
        assert_eq!(ending.http_status, None);
    }
}
