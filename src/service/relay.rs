//! The other writer: a model behind another service, whose answer is handed on as it comes.
//!
//! Nothing is answered before the first words are there, so that a refusal upstream is a refusal here. It is put into the
//! statuses of this API: whoever calls it knows from them whether to wait, to try again, or to stop.

use super::telling::Parts;
use crate::domain::outcome::Outcome;
use crate::domain::text::joined;
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use axum::http::StatusCode;
use futures_util::stream::{StreamExt, once, unfold};
use std::future::ready;
use std::time::Duration;
use tokio::time::timeout;

/// The longest silence of the other service: a model may have to be loaded first.
const SILENCE: Duration = Duration::from_mins(3);

/// Why there is no story, in the statuses of this API.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// What to say; foreign text may be in it.
    pub(super) words: String,
    /// How long the other service asks to wait.
    pub(super) retry_after: Option<Duration>,
}

/// Asks `upstream` for a story; returns when its first words are there.
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

/// What comes behind the first words.
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
