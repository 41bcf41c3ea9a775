//! How an attempt can end, and what each outcome costs.
//!
//! The outcome alone decides whether the request may have been charged and whether it uses one of the character's tries.
//! What the run does next is decided in [`super::retry`].

use super::flag::Flags;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The complete story arrived.
    Ok,
    /// The request was not sent: no address, no connection.
    NotSent,
    /// The service asks to wait: it is busy or the pace is too high.
    Wait,
    /// The service refuses this character and would always do so.
    RefusedRow,
    /// The service refuses all requests: API key, plan, quota, address.
    RefusedRun,
    /// The request was sent, and what became of it cannot be known.
    Unknown,
    /// A complete answer without a usable story in it.
    BadText,
    /// The program cancelled it or was killed meanwhile.
    Interrupted,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::NotSent,
        Self::Wait,
        Self::RefusedRow,
        Self::RefusedRun,
        Self::Unknown,
        Self::BadText,
        Self::Interrupted,
    ];

    /// Its name in the database and in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotSent => "not_sent",
            Self::Wait => "wait",
            Self::RefusedRow => "refused_row",
            Self::RefusedRun => "refused_run",
            Self::Unknown => "unknown",
            Self::BadText => "bad_text",
            Self::Interrupted => "interrupted",
        }
    }

    /// The outcome with this name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Whether this outcome uses one of the character's tries: the request cost or may have cost something, and the
    /// character may be the cause. An interruption never is.
    #[must_use]
    pub fn costs_a_try(self) -> bool {
        matches!(self, Self::Unknown | Self::BadText | Self::RefusedRow)
    }

    /// Whether it cannot be known if the request was charged.
    #[must_use]
    pub fn maybe_charged(self) -> bool {
        matches!(self, Self::Unknown | Self::Interrupted)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// What the same request would bring if it were sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prospect {
    /// It may succeed.
    #[default]
    Open,
    /// It would end in the same way, and may be charged again.
    None,
    /// It would be refused again. In another form, which this run uses from now on, it may succeed.
    OtherForm,
}

/// What helps against a failure of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// A higher token limit, then another try.
    RaiseTokenLimit,
    /// Another text in the sheet.
    ChangeRow,
    /// Another text in the sheet, or another try.
    ChangeRowOrRetry,
    /// Another try.
    Retry,
}

/// What helps against failures of the kind `error_kind` with the message `error`.
#[must_use]
pub(crate) fn remedy(error_kind: Outcome, error: &str) -> Remedy {
    match error_kind {
        _ if error.contains("reached its token limit") => Remedy::RaiseTokenLimit,
        Outcome::RefusedRow => Remedy::ChangeRow,
        Outcome::BadText => Remedy::ChangeRowOrRetry,
        _ => Remedy::Retry,
    }
}

/// The tokens that the service reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// The tokens that it read.
    pub read: u64,
    /// The tokens that it wrote, including thoughts that are not shown.
    pub written: u64,
}

/// The most bytes of an attempt's text that are kept if it did not become a story.
pub(crate) const PARTIAL_BYTES_MAX: usize = 64 << 10;

/// All that is known of an attempt that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The outcome.
    pub outcome: Outcome,
    /// The HTTP status of the answer, if there was an answer.
    pub http_status: Option<u16>,
    /// The message for people; absent if the outcome is [`Outcome::Ok`].
    pub error: Option<String>,
    /// The story, or the beginning of the text that arrived.
    pub text: Arc<str>,
    /// Thoughts of the model that were removed from the text of the story; only with [`Outcome::Ok`].
    pub thoughts: Arc<str>,
    /// Whether sending the same request again makes sense.
    pub prospect: Prospect,
    /// The flags that the transport set.
    pub flags: Flags,
    /// The time from sending to the first text.
    pub first_text: Option<Duration>,
    /// The bytes of text that arrived.
    pub bytes: u64,
    /// The tokens that the service reports, if it does.
    pub tokens: Option<Tokens>,
    /// How long the service asked us to wait; only with [`Outcome::Wait`].
    pub retry_after: Option<Duration>,
}

impl Ending {
    /// An ended attempt without any text, as when the request was refused.
    #[must_use]
    pub fn without_text(outcome: Outcome, error: String) -> Self {
        Self {
            outcome,
            http_status: None,
            error: Some(error),
            text: Arc::default(),
            thoughts: Arc::default(),
            prospect: Prospect::default(),
            flags: Flags::default(),
            first_text: None,
            bytes: 0,
            tokens: None,
            retry_after: None,
        }
    }
}
