//! Who writes the stories: a function from a request to a stream of text.
//!
//! A provider's stream ends with `None` only when the transport says that the answer is whole; anything else is an error.
//! Dropping the stream cancels the request. No provider retries, waits or follows a redirect: one call is one request.

mod answer;
mod chat;
mod classify;
mod convai;
mod facts;
mod guard;
mod http;
mod names;
mod openai;
mod refusal;
mod secrets;
mod sse;
mod waits;

pub use convai::Convai;
pub use http::{Endpoint, EndpointError, Limits};
pub use reqwest::header::HeaderName;

pub use openai::{Access, Asking, OpenAi, Prompting};

use crate::domain::flag::Flags;
use crate::domain::notice::Notice;
use crate::domain::outcome::{Outcome, Prospect, Tokens};
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
    /// The service is at work, but this is no part of an answer: a comment in the stream.
    Alive,
    /// A part of the story, to be joined with the others as it stands. An empty one is a sign of life: a part of an answer that is
    /// no text.
    Text(ByteString),
    /// A thought that came in the text and is cut off from the story.
    Thought(ByteString),
    /// All text so far was a thought.
    AllWasThought,
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
    #[error("cannot verify the TLS certificate of `{host}`")]
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
        /// Whether the same request may succeed.
        prospect: Prospect,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service points elsewhere. Nothing is sent there: the key would go along.
    #[error(
        "{status}: {}; not followed, to protect the API key",
        host.as_ref().map_or_else(|| "redirect without an address".to_owned(), |host| format!("redirect to `{host}`"))
    )]
    Redirected {
        /// The status.
        status: u16,
        /// Where to, if it says.
        host: Option<String>,
    },
    /// The head of the answer has more lines than any client reads.
    #[error("the head of the answer from `{host}` is too large to be read")]
    HeadTooLarge {
        /// What was called.
        host: String,
        /// What the HTTP library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer is compressed, which was not asked for.
    #[error("the answer is compressed (`{coding}`), but the request did not allow that")]
    Compressed {
        /// How; foreign text.
        coding: String,
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
    /// An error in a 200, in place of the story or of its next part.
    #[error("the service reported an error: {message}")]
    Reported {
        /// Its data; foreign text.
        message: String,
        /// The class, judged by its names where it has some.
        outcome: Outcome,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service ended the answer for another reason than that the story was finished.
    #[error("the story is incomplete: {meaning} (`{reason}`)")]
    Unfinished {
        /// The service's word for the reason; foreign text.
        reason: String,
        /// What it means.
        meaning: &'static str,
        /// The class that follows from it.
        outcome: Outcome,
        /// Whether the same request may succeed.
        prospect: Prospect,
    },
    /// The model declined to write this story.
    #[error("the model declined: {words}")]
    Declined {
        /// Its words; foreign text.
        words: String,
    },
    /// The answer is complete, but all of it is reasoning.
    #[error("the answer is complete, but it has only reasoning and no story")]
    OnlyReasoning,
    /// An event that is nothing of the protocol.
    #[error("the stream contains an event that is not part of an answer: {quote}")]
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
    #[error("the answer is incomplete")]
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

    /// Whether the same request may succeed when it is sent again.
    #[must_use]
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::Refused { prospect, .. } | Self::Unfinished { prospect, .. } => *prospect,
            Self::OnlyReasoning => Prospect::None,
            _ => Prospect::Open,
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

    /// How long the service asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::Reported { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A count of bytes; none is beyond its range.
fn integer(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
