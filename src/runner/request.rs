//! One request, from the time at which it may be sent to its [`Ending`].
//!
//! It never fails: every result is an [`Ending`], also a panic of this program. Events with data reset the idle timeout, comments
//! do so only before the first text, and the whole request has a timeout, too. It retries nothing.

use super::answer::{Answer, Failure};
use super::judge::Judged;
use super::slots::Slots;
use super::timeouts::{RequestTimer, Timeouts};
use crate::domain::outcome::{Ending, Outcome};
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use futures_util::FutureExt;
use futures_util::stream::StreamExt;
use std::any::Any;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// After a timeout, data that has arrived is looked for in this many turns of the runtime. A piece needs about three: the socket
/// is reported, the connection is read, the piece is passed on.
const READ_TURNS: usize = 16;

/// At most this many pieces are read after a timeout, so that an endless stream has an end.
const LATE_PIECES_MAX: usize = 10_000;

/// What a request needs, and where it reports.
pub(super) struct Context {
    /// When it may be sent.
    pub(super) at: Instant,
    pub(super) timeouts: Timeouts,
    /// The character, to judge its story by.
    pub(super) judged: Judged,
    /// Receives a message at the first text, if the request is a probe.
    pub(super) first_text: Option<oneshot::Sender<()>>,
    /// Receives the time before which nothing more may start, when the service names one.
    pub(super) holds: mpsc::UnboundedSender<Instant>,
    /// Is informed of data and of the first text, under the number `id`.
    pub(super) slots: Arc<Slots>,
    pub(super) id: u64,
    /// Becomes true when all requests in flight are to be dropped.
    pub(super) abort: watch::Receiver<bool>,
}

/// Sends one request and reads its answer to the end.
pub(super) fn send<P: Provider>(
    provider: &P,
    request: Request,
    context: Context,
) -> impl Future<Output = Ending> {
    let task = async move {
        // A timer may fire a millisecond late, and most requests may be sent at once.
        if context.at > Instant::now() {
            sleep_until(context.at).await;
        }
        let pieces = provider.write(request);
        read(pieces, context).await
    };
    let task = AssertUnwindSafe(task).catch_unwind();
    task.map(|ended| ended.unwrap_or_else(|panic| internal_error(&*panic)))
}

/// The ending of a request during which this program panicked.
fn internal_error(panic: &(dyn Any + Send)) -> Ending {
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

/// Reads an answer to its end.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` holds its arguments twice, and thousands of requests are in flight"
)]
fn read(mut pieces: Pieces, mut context: Context) -> impl Future<Output = Ending> {
    async move {
        let start = Instant::now();
        let mut answer = Answer::default();
        let mut request_timer =
            RequestTimer::new(start, context.timeouts, Arc::clone(&context.slots));
        // One timer and one abort listener for the whole request. The timer is reset only when it fires, not with each event.
        let timer = sleep_until(request_timer.deadline());
        let aborted = aborted(context.abort.clone());
        tokio::pin!(timer, aborted);
        let mut polls = PollFilter::default();
        let mut late_pieces = LatePieces::default();
        let failure = loop {
            let next = poll_fn(|cx| {
                if let Poll::Ready(piece) = pieces.poll_next_unpin(cx) {
                    return Poll::Ready(Next::Piece(piece));
                }
                let due = || {
                    request_timer.last_activity() >= timer.deadline()
                        || context.abort.has_changed().unwrap_or(false)
                };
                if polls.may_skip(cx.waker(), due) {
                    return Poll::Pending;
                }
                if aborted.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Next::Abort);
                }
                timer.as_mut().poll(cx).map(|()| Next::Timer)
            });
            let piece = match next.await {
                Next::Abort => break Some(Failure::Aborted),
                Next::Piece(piece) => piece,
                Next::Timer => match request_timer.check(Instant::now()) {
                    Ok(later) => {
                        timer.as_mut().reset(later);
                        continue;
                    }
                    Err(timed_out) => match late_pieces.next(&mut pieces).await {
                        Some(piece) => piece,
                        None => break Some(Failure::TimedOut(timed_out)),
                    },
                },
            };
            match piece {
                Some(Ok(piece)) => {
                    record_activity(&piece, &mut request_timer, &mut polls);
                    if let Some(until) = answer.add(piece, start) {
                        // The run may have ended.
                        let _ = context.holds.send(until);
                    }
                    if answer.has_text() && request_timer.text_received() {
                        timer.as_mut().reset(request_timer.deadline());
                        context
                            .slots
                            .first_text_received(context.id, Instant::now());
                        // The receiver may have been dropped.
                        let _ = context.first_text.take().map(|sender| sender.send(()));
                    }
                }
                Some(Err(err)) => break Some(Failure::Provider(err)),
                None => break None,
            }
        };
        judged(answer.ending(failure), context.judged).await
    }
}

/// The ending of a request, with the flags that follow from the words of its story.
async fn judged(mut ending: Ending, character: Judged) -> Ending {
    if ending.outcome == Outcome::Ok {
        let flags = character.flags(Arc::clone(&ending.text)).await;
        ending.flags = ending.flags.union(flags);
    }
    ending
}

/// Passes on to the timer and the filter which kind of piece came.
fn record_activity(piece: &Piece, request_timer: &mut RequestTimer, polls: &mut PollFilter) {
    match piece {
        Piece::Alive => request_timer.keep_alive_received(Instant::now()),
        Piece::Text(_) | Piece::Thought(_) => {
            request_timer.data_received(Instant::now());
            polls.text_received();
        }
        _ => {}
    }
}

/// Reads what has already arrived when a request times out.
///
/// A process that was suspended finds its timers passed before the data in its sockets has been reported. Each yield polls the
/// sockets and then runs the tasks that read them, so this does not depend on how fast the machine is.
#[derive(Default)]
struct LatePieces {
    read: usize,
}

impl LatePieces {
    /// The next piece if it has arrived and [`LATE_PIECES_MAX`] is not reached.
    async fn next(&mut self, pieces: &mut Pieces) -> Option<Option<Result<Piece, ProviderError>>> {
        if self.read >= LATE_PIECES_MAX {
            return None;
        }
        for _ in 0..READ_TURNS {
            if let Some(piece) = pieces.next().now_or_never() {
                self.read += 1;
                return Some(piece);
            }
            yield_now().await;
        }
        None
    }
}

/// Returns when all requests are to be dropped. Never returns if the sender is gone.
async fn aborted(mut abort: watch::Receiver<bool>) {
    if abort.wait_for(|abort| *abort).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What happens next to a request.
enum Next {
    Piece(Option<Result<Piece, ProviderError>>),
    Abort,
    Timer,
}

/// Decides when the timer and the abort signal need not be polled.
///
/// Nearly always the answer wakes the task, about forty times a story. Polling the other two each time would cost more than reading
/// the events does.
#[derive(Default)]
struct PollFilter {
    /// The waker with which the timer and the abort signal were last polled.
    registered: Option<Waker>,
    /// The answer has brought text since the last poll: the answer woke the task, not the timer or the abort signal.
    has_text: bool,
}

impl PollFilter {
    /// The answer has brought text.
    fn text_received(&mut self) {
        self.has_text = true;
    }

    /// Whether the timer and the abort signal need not be polled now: they will wake `waker`, they did not wake it this time, and
    /// neither of them is `due`.
    fn may_skip(&mut self, waker: &Waker, due: impl FnOnce() -> bool) -> bool {
        let has_text = std::mem::take(&mut self.has_text);
        let is_registered = self
            .registered
            .as_ref()
            .is_some_and(|registered| registered.will_wake(waker));
        if has_text && is_registered && !due() {
            return true;
        }
        if !is_registered {
            self.registered = Some(waker.clone());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flags;
    use crate::runner::judge::Judging;
    use futures_util::stream;
    use std::time::Duration;

    /// The runtime needs some turns for each piece that has arrived, and the read grace passes before the first one.
    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_arrived_when_a_timeout_passes_is_read_to_its_end() {
        let start = Instant::now();
        let total = Duration::from_secs(10);
        let arrives = start + total + Duration::from_millis(100);
        let pieces = stream::iter(["A story", " that", " ends."]).then(move |text| async move {
            sleep_until(arrives).await;
            for _ in 0..3 {
                yield_now().await;
            }
            Ok(Piece::Text(text.into()))
        });
        let (holds, _held) = mpsc::unbounded_channel();
        let (_sender, abort) = watch::channel(false);
        let judging = Judging::new(Arc::new(|_, _, _| Flags::default()));
        let context = Context {
            judged: judging.of("Ada", "bakes"),
            at: start,
            timeouts: Timeouts {
                idle: total,
                first: total,
                total,
            },
            first_text: None,
            holds,
            slots: Arc::new(Slots::new(2, 2, start)),
            id: 1,
            abort,
        };
        let ending = read(pieces.boxed(), context).await;
        assert_eq!(
            (ending.outcome, &*ending.text),
            (Outcome::Ok, "A story that ends.")
        );
        assert_eq!(Instant::now(), arrives);
    }
}
