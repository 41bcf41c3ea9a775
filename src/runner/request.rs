//! One request, from the time at which it may be sent to its [`Ending`].
//!
//! It never fails: every result is an [`Ending`], also a panic of this program. Events with data reset the idle timeout, comments
//! do so only before the first text, and the whole request has a timeout, too. It retries nothing.

use super::answer::{Answer, Failure};
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
use tokio::time::{Instant, sleep_until};

/// What a request needs, and where it reports.
pub(super) struct Context {
    /// When it may be sent.
    pub(super) at: Instant,
    pub(super) timeouts: Timeouts,
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
            match next.await {
                Next::Abort => break Some(Failure::Aborted),
                Next::Timer => match request_timer.check(Instant::now()) {
                    Ok(later) => timer.as_mut().reset(later),
                    Err(timed_out) => break Some(Failure::TimedOut(timed_out)),
                },
                Next::Piece(Some(Ok(piece))) => {
                    match piece {
                        Piece::Alive => request_timer.keep_alive_received(Instant::now()),
                        Piece::Text(_) | Piece::Thought(_) => {
                            request_timer.data_received(Instant::now());
                            polls.text_received();
                        }
                        _ => {}
                    }
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
                Next::Piece(Some(Err(err))) => break Some(Failure::Provider(err)),
                Next::Piece(None) => break None,
            }
        };
        answer.ending(failure)
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
