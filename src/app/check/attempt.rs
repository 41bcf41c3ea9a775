//! The test request of a check: sent as a run would send it, but the story is not stored.

use super::finding::{Answer, AnswerFault};
use crate::app::asked::LimitsAsked;
use crate::app::error::AppError;
use crate::app::prompt::over;
use crate::app::settings::{connect_timeout, request_timeout};
use crate::app::writer::Writer;
use crate::domain::text::words;
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use futures_util::StreamExt;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

/// What the request brought.
pub(super) struct Attempted {
    /// The time of the service's clock, where it reports one.
    pub clock: Option<SystemTime>,
    /// The answer.
    pub answer: Result<Answer, AnswerFault>,
}

/// What has arrived so far.
#[derive(Default)]
struct Received {
    text: String,
    first_text: Option<Duration>,
    clock: Option<SystemTime>,
}

/// Sends one request, for `first` or, without a sheet, for a built-in example. `demo` starts the service of the demo provider.
///
/// # Errors
///
/// [`AppError::Sheet`] for a prompt that does not fit the sheet, else as [`Writer::client`]; nothing was sent then.
pub(super) async fn send(
    writer: &Writer,
    first: Option<Request>,
    limits: &LimitsAsked,
    demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
) -> Result<Attempted, AppError> {
    let request = first.unwrap_or_else(|| Request {
        name: "Mindy".to_owned(),
        description: "Lawyer in the New York City. Achiever. Stubborn.".to_owned(),
        columns: None,
    });
    let text = writer.prompt.as_ref().map(|prompt| prompt.text.as_str());
    let prompt = text.map(|text| over(text, request.columns.as_deref()));
    let provider = writer
        .client(demo, prompt.transpose()?, None, connect_timeout(limits))
        .await?;
    let name = request.name.clone();
    let total = request_timeout(limits);
    let begun = Instant::now();
    let mut received = Received::default();
    let ended = timeout_at(
        begun + total,
        follow(provider.write(request), &mut received, begun),
    )
    .await;
    let took = begun.elapsed();
    let answer = match ended {
        Ok(Ok(())) if received.text.trim().is_empty() => Err(AnswerFault::NoText),
        Ok(Ok(())) => Ok(Answer {
            name,
            words: words(&received.text),
            took,
            first_text: received.first_text.unwrap_or(took),
        }),
        Ok(Err(err)) => {
            let name = writer.name;
            Err(AnswerFault::Provider { name, err })
        }
        Err(_) => Err(AnswerFault::Timeout(total)),
    };
    Ok(Attempted {
        clock: received.clock,
        answer,
    })
}

/// Reads the answer to its end.
async fn follow(
    mut pieces: Pieces,
    received: &mut Received,
    begun: Instant,
) -> Result<(), ProviderError> {
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Head(notice) => received.clock = notice.clock,
            Piece::Text(text) => {
                if !text.trim().is_empty() {
                    received.first_text.get_or_insert(begun.elapsed());
                }
                received.text.push_str(&text);
            }
            Piece::AllWasThought => received.text.clear(),
            Piece::Alive | Piece::Thought(_) | Piece::Tokens(_) | Piece::Noted(_) => {}
        }
    }
    Ok(())
}
