//! Who writes the stories: a function from a request to a stream of text.
//!
//! A provider's stream ends with `None` only when the transport says that the answer is whole; anything else is an error.
//! Dropping the stream cancels the request. No provider retries, waits or follows a redirect: one call is one request.

mod answer;
mod chat;
mod codes;
mod convai;
mod guard;
mod http;
mod openai;
mod refusal;
mod sse;
mod waits;

pub use convai::Convai;
pub use http::{Endpoint, EndpointError, Limits};
pub use openai::{Asking, OpenAi, Prompting};

use crate::domain::flag::Flags;
use crate::domain::notice::Notice;
use crate::domain::outcome::{Outcome, Tokens};
use bytestring::ByteString;
use futures_util::stream::BoxStream;
use std::time::Duration;

/// What a provider is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The character's name, as it stands in the sheet.
    pub name: String,
    /// The character's description, as it is sent.
    pub description: String,
    /// All its cells by the name of their column, as a JSON object, where the prompt names columns.
    pub columns: Option<String>,
}

/// What arrives, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// What stands in the head of the answer; comes first.
    Head(Notice),
    /// A part of the story, to be joined with the others as it stands.
    Text(ByteString),
    /// What the service says that it has read and written; near the end, and with an answer that ended badly, too.
    Tokens(Tokens),
    /// What the transport noted; comes last, and only with an answer that ended well.
    Noted(Flags),
}

/// The parts of one answer.
pub type Pieces = BoxStream<'static, Result<Piece, ProviderError>>;

/// Who writes.
pub trait Provider: Send + Sync {
    /// Asks for one story. Nothing is sent before the stream is first polled.
    fn write(&self, request: Request) -> Pieces;

    /// Foreign words without our key, should they hold it.
    fn scrubbed(&self, words: String) -> String {
        words
    }

    /// Bytes of text that would be sent, the prompt included.
    fn bytes(&self, request: &Request) -> u64 {
        integer(request.name.len() + request.description.len())
    }
}

impl<P: Provider + ?Sized> Provider for Box<P> {
    fn write(&self, request: Request) -> Pieces {
        (**self).write(request)
    }

    fn scrubbed(&self, words: String) -> String {
        (**self).scrubbed(words)
    }

    fn bytes(&self, request: &Request) -> u64 {
        (**self).bytes(request)
    }
}

/// Why there is no story, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The request never left this machine.
    #[error("cannot connect to `{host}`")]
    NotSent {
        /// Whom we called.
        host: String,
        /// What the network said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The other side cannot prove who it is, or does not speak TLS.
    #[error("cannot trust `{host}`")]
    Untrusted {
        /// Whom we called.
        host: String,
        /// What TLS said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service answered with a status other than 200.
    #[error("{status}{}{message}", if message.is_empty() { "" } else { ": " })]
    Refused {
        /// The status.
        status: u16,
        /// The service's own words; foreign text, may be empty.
        message: String,
        /// The class, judged by status and words.
        outcome: Outcome,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service points elsewhere. Nobody goes there: the key would go along.
    #[error(
        "{status}: the service redirects to `{host}`, which is not followed, because the key would go along"
    )]
    Redirected {
        /// The status.
        status: u16,
        /// Where to.
        host: String,
    },
    /// A 200 that is no event stream.
    #[error("200 with {found} instead of an event stream{}{message}", if message.is_empty() { "" } else { ": " })]
    NotAStream {
        /// The content type that came.
        found: String,
        /// An error message in the body; foreign text, may be empty.
        message: String,
        /// The class, judged by the words.
        outcome: Outcome,
    },
    /// An error in the stream, where the story should go on.
    #[error("the service reported an error in the stream: {message}")]
    Reported {
        /// Its data; foreign text.
        message: String,
        /// The class, judged by its code where it has one.
        outcome: Outcome,
    },
    /// The service ended the answer for another reason than that the story was finished.
    #[error(
        "the answer is not finished: it ended with `{reason}`{}",
        meaning(reason)
    )]
    Unfinished {
        /// The service's word for the reason; foreign text.
        reason: String,
    },
    /// An event that is nothing of the protocol.
    #[error("the stream holds an event that is no part of an answer: {quote}")]
    Garbled {
        /// Its begin; foreign text.
        quote: String,
    },
    /// The prompt cannot be made for this character. Nothing was sent.
    #[error("cannot make the prompt: {reason}")]
    NoPrompt {
        /// What is wrong.
        reason: String,
    },
    /// The connection broke after the request went out.
    #[error("the answer was cut")]
    Cut {
        /// What the transport said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is larger than any story.
    #[error("the answer has {what} of more than {limit_bytes} bytes")]
    TooLong {
        /// A line, an event or the whole body.
        what: &'static str,
        /// The limit.
        limit_bytes: usize,
    },
}

impl ProviderError {
    /// The class of the failure, and with it what it costs and what follows.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent { .. } => Outcome::NotSent,
            Self::Untrusted { .. } | Self::Redirected { .. } => Outcome::RefusedRun,
            Self::Refused { outcome, .. }
            | Self::NotAStream { outcome, .. }
            | Self::Reported { outcome, .. } => *outcome,
            Self::Cut { .. } | Self::Garbled { .. } => Outcome::Unknown,
            Self::TooLong { .. } | Self::Unfinished { .. } => Outcome::BadText,
            Self::NoPrompt { .. } => Outcome::RefusedRow,
        }
    }

    /// The status of the answer, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Redirected { status, .. } => Some(*status),
            // A cut may come before the status or after it; text, where there is some, tells.
            Self::NotSent { .. }
            | Self::Untrusted { .. }
            | Self::Cut { .. }
            | Self::NoPrompt { .. } => None,
            Self::NotAStream { .. }
            | Self::Reported { .. }
            | Self::Unfinished { .. }
            | Self::Garbled { .. }
            | Self::TooLong { .. } => Some(200),
        }
    }

    /// How long the service asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What the reasons mean that services give.
fn meaning(reason: &str) -> &'static str {
    match reason {
        "length" => ", because it reached the most tokens that it may have",
        "content_filter" => ", because the service holds its content back",
        _ => "",
    }
}

/// A count of bytes; none is beyond its range.
fn integer(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
