//! One request on its way: from the moment it may leave to its ending.
//!
//! A flight never fails: whatever happens, a panic of ours included, is an [`Ending`]. It counts events with data as signs of
//! life, comments only before the first text, and puts a limit on the whole. It retries nothing.

use super::silence::{Limits, Reached, Silence};
use super::slots::Slots;
use crate::domain::flag::Flags;
use crate::domain::outcome::{Ending, Outcome, PARTIAL_BYTES_MAX, Prospect, Tokens};
use crate::domain::text::joined;
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use futures_util::FutureExt;
use futures_util::stream::StreamExt;
use std::any::Any;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// Room for the begin of a story, in bytes, so that it need not grow with each of its first words.
const TEXT_BYTES: usize = 1 << 10;

/// What a flight is given to take along.
pub(super) struct Departure {
    /// When it may leave.
    pub(super) at: Instant,
    /// The time limits.
    pub(super) limits: Limits,
    /// Told at the first text, when somebody waits for it.
    pub(super) first_text: Option<oneshot::Sender<()>>,
    /// Told until when nothing more may start, when the service says so.
    pub(super) heard: mpsc::UnboundedSender<Instant>,
    /// What the service serves at once, with the number of this request.
    pub(super) slots: Arc<Slots>,
    pub(super) id: u64,
    /// Becomes true when everything in flight is to be dropped.
    pub(super) abort: watch::Receiver<bool>,
}

/// Flies one request to its end.
pub(super) fn fly<P: Provider>(
    provider: &P,
    request: Request,
    departure: Departure,
) -> impl Future<Output = Ending> {
    let flight = async move {
        // A timer is a millisecond late at best, and most who leave may do so at once.
        if departure.at > Instant::now() {
            sleep_until(departure.at).await;
        }
        let pieces = provider.write(request);
        follow(pieces, departure).await
    };
    let flight = AssertUnwindSafe(flight).catch_unwind();
    flight.map(|ended| ended.unwrap_or_else(|panic| our_fault(&*panic)))
}

/// The ending of a flight that met a panic of ours.
fn our_fault(panic: &(dyn Any + Send)) -> Ending {
    let words = panic
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Ending::without_text(
        Outcome::Interrupted,
        format!("internal error in backstory: {words}"),
    )
}

/// What a flight has gathered so far.
#[derive(Default)]
struct Gathered {
    text: String,
    thoughts: String,
    flags: Flags,
    tokens: Option<Tokens>,
    first_text: Option<Duration>,
}

/// Follows an answer to its end.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` holds its arguments twice, and thousands of flights are under way"
)]
fn follow(mut pieces: Pieces, mut departure: Departure) -> impl Future<Output = Ending> {
    async move {
        let start = Instant::now();
        let mut gathered = Gathered::default();
        let mut silence = Silence::new(start, departure.limits, Arc::clone(&departure.slots));
        // One timer for the whole flight: it is set anew only when it fires, not with every event.
        let timer = sleep_until(silence.limit());
        // One listener, too, for the same reason.
        let aborted = aborted(departure.abort.clone());
        tokio::pin!(timer, aborted);
        let mut others = Others::default();
        let failure = loop {
            let next = poll_fn(|cx| {
                if let Poll::Ready(piece) = pieces.poll_next_unpin(cx) {
                    return Poll::Ready(Next::Piece(piece));
                }
                let due = || {
                    silence.last_sign() >= timer.deadline()
                        || departure.abort.has_changed().unwrap_or(false)
                };
                if others.have_nothing_new(cx.waker(), due) {
                    return Poll::Pending;
                }
                if aborted.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Next::Abort);
                }
                timer.as_mut().poll(cx).map(|()| Next::Limit)
            });
            match next.await {
                Next::Abort => break Some(Failure::Aborted),
                Next::Limit => match silence.reached(Instant::now()) {
                    Ok(later) => timer.as_mut().reset(later),
                    Err(limit) => break Some(Failure::Limit(limit)),
                },
                Next::Piece(Some(Ok(piece))) => {
                    match piece {
                        Piece::Alive => silence.at_work(Instant::now()),
                        Piece::Text(_) | Piece::Thought(_) => {
                            silence.broken(Instant::now());
                            others.explained();
                        }
                        _ => {}
                    }
                    if let Some(notice) = gathered.take(piece, start) {
                        // Whoever listened may have gone.
                        let _ = departure.heard.send(notice);
                    }
                    if gathered.first_text.is_some() && silence.begun() {
                        timer.as_mut().reset(silence.limit());
                        departure.slots.first_text(departure.id, Instant::now());
                        // Whoever waited for it may have stopped waiting.
                        let _ = departure
                            .first_text
                            .take()
                            .map(|first_text| first_text.send(()));
                    }
                }
                Next::Piece(Some(Err(err))) => break Some(Failure::Provider(err)),
                Next::Piece(None) => break None,
            }
        };
        gathered.ending(failure)
    }
}

/// Returns when everything is to be dropped; never, when nobody is left who could say so.
async fn aborted(mut abort: watch::Receiver<bool>) {
    if abort.wait_for(|abort| *abort).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What happens next to a flight.
enum Next {
    Piece(Option<Result<Piece, ProviderError>>),
    Abort,
    Limit,
}

/// Those beside the answer who may wake a flight: its timer, and the word that everything is to be dropped.
///
/// Nearly always it is the answer that wakes a flight, forty times a story. Asking the others each time would cost more than
/// reading the events does.
#[derive(Default)]
struct Others {
    /// Whom they will wake; they have been asked.
    waker: Option<Waker>,
    /// The answer has brought a text since: it was the answer that woke the flight.
    explained: bool,
}

impl Others {
    /// The answer has brought a text, and the moment was looked at.
    fn explained(&mut self) {
        self.explained = true;
    }

    /// Whether they need not be asked now: they know whom to wake, somebody else did it, and nothing of theirs is `due`.
    fn have_nothing_new(&mut self, waker: &Waker, due: impl FnOnce() -> bool) -> bool {
        let explained = std::mem::take(&mut self.explained);
        let known = self
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker));
        if explained && known && !due() {
            return true;
        }
        if !known {
            self.waker = Some(waker.clone());
        }
        false
    }
}

/// Why a flight ended early.
enum Failure {
    Provider(ProviderError),
    Limit(Reached),
    Aborted,
}

impl Gathered {
    /// Takes a piece in, of an answer to a request that left at `start`. Returns the moment before which the service will
    /// refuse others, if it says so.
    fn take(&mut self, piece: Piece, start: Instant) -> Option<Instant> {
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

    fn ending(mut self, failure: Option<Failure>) -> Ending {
        let whole = failure.is_none();
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
            Some(Failure::Limit(Reached::Idle(limit))) => {
                let words = format!(
                    "no data for {} (idle timeout)",
                    humantime::format_duration(limit)
                );
                (Outcome::Unknown, None, Some(words), None)
            }
            Some(Failure::Limit(Reached::Total(limit))) => {
                let words = format!(
                    "not finished within {} (timeout)",
                    humantime::format_duration(limit)
                );
                (Outcome::Unknown, None, Some(words), None)
            }
            Some(Failure::Aborted) => {
                let words = "stopped while the request was in flight".to_owned();
                (Outcome::Interrupted, None, Some(words), None)
            }
        };
        let bytes = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        if outcome != Outcome::Ok {
            // As it came.
            self.text.insert_str(0, &std::mem::take(&mut self.thoughts));
            cut(&mut self.text);
        }
        cut(&mut self.thoughts);
        // Text proves that there was a 200.
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
            flags: if whole { self.flags } else { Flags::default() },
            first_text: self.first_text,
            retry_after,
        }
    }
}

/// Cuts a text that did not become a story to what is kept of it.
fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(PARTIAL_BYTES_MAX));
}
