//! Why a request is refused: its status, its words, and when to try again.

use super::relay::Refused;
use axum::http::StatusCode;
use std::time::Duration;

/// An answer without a story.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) words: String,
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, words: &str) -> Self {
        Self {
            status,
            words: words.to_owned(),
            retry_after: None,
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self {
            status: refused.status,
            words: refused.words,
            retry_after: refused.retry_after,
        }
    }
}
