//! The other writer: a model at another service, whose answer is passed on as it arrives.
//!
//! The answer starts only when the first words have arrived, so that a refusal of the other service becomes a refusal here.
//! It gets one of the statuses of this API, which tell the client whether to wait, to try again, or to stop.

use super::story_stream::Parts;
use crate::domain::outcome::Outcome;
use crate::domain::text::joined;
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use axum::http::StatusCode;
use futures_util::stream::{StreamExt, once, unfold};
use std::future::ready;
use std::time::Duration;
use tokio::time::timeout;

/// The longest time without data from the other service: a model may have to be loaded first.
const SILENCE: Duration = Duration::from_mins(3);

/// Why there is no story, as a status of this API.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// The message; it may contain foreign text.
    pub(super) words: String,
    /// The wait that the other service asks for.
    pub(super) retry_after: Option<Duration>,
}

/// Requests a story from `upstream`; returns when its first words have arrived.
pub(super) async fn story(upstream: &dyn Provider, request: Request) -> Result<Parts, Refused> {
    let mut pieces = upstream.write(request);
    loop {
        let nothing = |status, words: &str| Refused {
            status,
            words: words.to_owned(),
            retry_after: None,
        };
        match timeout(SILENCE, pieces.next()).await {
            Ok(Some(Ok(Piece::Text(text)))) if !text.is_empty() => {
                return Ok(once(ready(Ok(text.into()))).chain(rest(pieces)).boxed());
            }
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(err))) => return Err(refused(&err)),
            Ok(None) => {
                let words = "The upstream answered without a story.";
                return Err(nothing(StatusCode::BAD_GATEWAY, words));
            }
            Err(_) => {
                let words = "The upstream sends no data.";
                return Err(nothing(StatusCode::GATEWAY_TIMEOUT, words));
            }
        }
    }
}

/// The parts after the first words.
fn rest(pieces: Pieces) -> Parts {
    unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        loop {
            match timeout(SILENCE, pieces.next()).await {
                Ok(Some(Ok(Piece::Text(text)))) if !text.is_empty() => {
                    return Some((Ok(text.into()), Some(pieces)));
                }
                Ok(Some(Ok(Piece::AllWasThought))) => {
                    let words = "the upstream sent its reasoning as the story";
                    return Some((Err(words.to_owned()), None));
                }
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(err))) => return Some((Err(joined(&err)), None)),
                Ok(None) => return None,
                Err(_) => return Some((Err("the upstream sends no data".to_owned()), None)),
            }
        }
    })
    .boxed()
}

fn refused(err: &ProviderError) -> Refused {
    let status = match err.outcome() {
        Outcome::Wait if err.http_status() == Some(429) => StatusCode::TOO_MANY_REQUESTS,
        Outcome::Wait | Outcome::NotSent => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::RefusedRow => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::RefusedRun => StatusCode::FORBIDDEN,
        Outcome::Ok | Outcome::Unknown | Outcome::BadText | Outcome::Interrupted => {
            StatusCode::BAD_GATEWAY
        }
    };
    Refused {
        status,
        words: format!("The upstream: {}", joined(err)),
        retry_after: err.retry_after(),
    }
}
