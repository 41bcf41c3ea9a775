//! Providers write the stories: each turns a request into a stream of text.
//!
//! The stream of a provider ends with `None` only if the connection shows that the answer is complete; every other end is an
//! error. Dropping the stream cancels the request. A provider never retries, waits or follows a redirect: one call is one
//! request.

mod answer;
mod chat;
mod classify;
mod convai;
mod facts;
mod http;
mod names;
mod openai;
mod refusal;
mod secrets;
mod sse;
mod sse_sanitizer;
mod waits;

pub(crate) use convai::Convai;
pub(crate) use http::{Endpoint, EndpointError, Limits};
pub(crate) use reqwest::header::HeaderName;

pub(crate) use openai::{Access, Asking, OpenAi, Prompting};

use crate::domain::flag::Flags;
use crate::domain::notice::Notice;
use crate::domain::outcome::{Outcome, Prospect, Tokens};
use bytestring::ByteString;
use futures_util::stream::BoxStream;
use std::time::Duration;

/// The request for one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The character's name, as in the sheet.
    pub name: String,
    /// The character's description, as it is sent.
    pub description: String,
    /// All cells by the name of their column, as a JSON object; only if the prompt uses columns.
    pub columns: Option<String>,
}

/// The pieces of an answer, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// What the head of the answer reports; comes first.
    Head(Notice),
    /// A comment in the stream: the service is working, but this is no part of the answer.
    Alive,
    /// A part of the story, to be joined with the others unchanged. An empty one shows that a part of the answer without
    /// text arrived.
    Text(ByteString),
    /// A thought in the text, which was removed from the story.
    Thought(ByteString),
    /// All text so far was a thought.
    AllWasThought,
    /// The tokens that the service reports; near the end, also of an answer that ended badly.
    Tokens(Tokens),
    /// The flags that the transport sets; comes last, and only after an answer that ended well.
    Noted(Flags),
}

/// The pieces of one answer.
pub type Pieces = BoxStream<'static, Result<Piece, ProviderError>>;

/// A service that writes stories.
pub trait Provider: Send + Sync {
    /// Requests one story. Nothing is sent before the stream is first polled.
    fn write(&self, request: Request) -> Pieces;

    /// Foreign text with our API key removed, if it contains it.
    fn scrubbed(&self, words: String) -> String {
        words
    }

    /// Bytes of text that would be sent, including the prompt.
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

/// Why there is no story, or no complete one.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The request was not sent.
    #[error("cannot connect to `{host}`")]
    NotSent {
        /// The host.
        host: String,
        /// The error of the network.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The TLS certificate was not accepted, or the host does not speak TLS.
    #[error("cannot verify the TLS certificate of `{host}`")]
    Untrusted {
        /// The host.
        host: String,
        /// The error of TLS.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service answered with a status other than 200.
    #[error("{status}{}{message}", if message.is_empty() { "" } else { ": " })]
    Refused {
        /// The status.
        status: u16,
        /// The message of the service; foreign text, may be empty.
        message: String,
        /// The class, judged by status and message.
        outcome: Outcome,
        /// Whether the same request may succeed.
        prospect: Prospect,
        /// The wait that the service asks for.
        retry_after: Option<Duration>,
    },
    /// The service redirects. The redirect is not followed: the API key would go along.
    #[error(
        "{status}: {}; not followed, to protect the API key",
        host.as_ref().map_or_else(|| "redirect without an address".to_owned(), |host| format!("redirect to `{host}`"))
    )]
    Redirected {
        /// The status.
        status: u16,
        /// The host of the redirect, if it is known.
        host: Option<String>,
    },
    /// The head of the answer is larger than the HTTP library reads.
    #[error("the head of the answer from `{host}` is too large to be read")]
    HeadTooLarge {
        /// The host.
        host: String,
        /// The error of the HTTP library.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is compressed, which the request did not allow.
    #[error("the answer is compressed (`{coding}`), but the request did not allow that")]
    Compressed {
        /// The encoding; foreign text.
        coding: String,
    },
    /// A 200 that is not an event stream.
    #[error("200 with {found} instead of an event stream{}{message}", if message.is_empty() { "" } else { ": " })]
    NotAStream {
        /// The content type of the answer.
        found: String,
        /// An error message in the body; foreign text, may be empty.
        message: String,
        /// The class, judged by the message.
        outcome: Outcome,
    },
    /// An error in a 200, instead of the story or of its next part.
    #[error("the service reported an error: {message}")]
    Reported {
        /// Its data; foreign text.
        message: String,
        /// The class, judged by the names in it, if it has some.
        outcome: Outcome,
        /// The wait that the service asks for.
        retry_after: Option<Duration>,
    },
    /// The service ended the answer for another reason than the end of the story.
    #[error("the story is incomplete: {meaning} (`{reason}`)")]
    Unfinished {
        /// The finish reason of the service; foreign text.
        reason: String,
        /// What the reason means.
        meaning: &'static str,
        /// The class that follows from it.
        outcome: Outcome,
        /// Whether the same request may succeed.
        prospect: Prospect,
    },
    /// The model declined to write this story.
    #[error("the model declined: {words}")]
    Declined {
        /// The model's message; foreign text.
        words: String,
    },
    /// The answer is complete, but has only reasoning.
    #[error("the answer is complete, but it has only reasoning and no story")]
    OnlyReasoning,
    /// An event that is not of the protocol.
    #[error("the stream contains an event that is not part of an answer: {quote}")]
    Garbled {
        /// The beginning of it; foreign text.
        quote: String,
    },
    /// The prompt could not be made for this character. Nothing was sent.
    #[error("cannot make the prompt: {reason}")]
    NoPrompt {
        /// What is wrong.
        reason: String,
    },
    /// The connection broke after the request was sent.
    #[error("the answer is incomplete")]
    Cut {
        /// The error of the connection.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is larger than the limit.
    #[error("the answer has {what} of more than {limit_bytes} bytes")]
    TooLong {
        /// What is too large: a line, an event or the whole body.
        what: &'static str,
        /// The limit, in bytes.
        limit_bytes: usize,
    },
}

impl ProviderError {
    /// The class of the failure, which decides what it costs and what follows.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent { .. } => Outcome::NotSent,
            Self::Untrusted { .. }
            | Self::Redirected { .. }
            | Self::HeadTooLarge { .. }
            | Self::Compressed { .. } => Outcome::RefusedRun,
            Self::Refused { outcome, .. }
            | Self::NotAStream { outcome, .. }
            | Self::Reported { outcome, .. }
            | Self::Unfinished { outcome, .. } => *outcome,
            Self::Cut { .. } | Self::Garbled { .. } => Outcome::Unknown,
            Self::TooLong { .. } | Self::OnlyReasoning => Outcome::BadText,
            Self::NoPrompt { .. } | Self::Declined { .. } => Outcome::RefusedRow,
        }
    }

    /// Whether the same request may succeed if it is sent again.
    #[must_use]
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::Refused { prospect, .. } | Self::Unfinished { prospect, .. } => *prospect,
            Self::OnlyReasoning => Prospect::None,
            _ => Prospect::Open,
        }
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Redirected { status, .. } => Some(*status),
            // A cut may come before the status or after it. If there was text, there was a status.
            Self::NotSent { .. }
            | Self::Untrusted { .. }
            | Self::Cut { .. }
            | Self::NoPrompt { .. } => None,
            Self::NotAStream { .. }
            | Self::HeadTooLarge { .. }
            | Self::Compressed { .. }
            | Self::Reported { .. }
            | Self::Unfinished { .. }
            | Self::Declined { .. }
            | Self::OnlyReasoning
            | Self::Garbled { .. }
            | Self::TooLong { .. } => Some(200),
        }
    }

    /// The wait that the service asked for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::Reported { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A count of bytes; none exceeds its range.
fn integer(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
