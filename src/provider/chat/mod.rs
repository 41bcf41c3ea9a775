//! From the answer to a chat completion to the pieces of a story, in every form that services use.
//!
//! The answer usually is an event stream, and sometimes one JSON document ([`body`]). Each value is read in any known form
//! ([`chunk`]), halves of characters are joined ([`halves`]), thoughts in the text are removed ([`thoughts`]), and the state
//! is collected ([`answer_state`]). At the end one table decides whether the story is complete ([`whole`]). Everything else shows
//! that the service is alive, or is an error; it is never a part of the story.
//!
//! It repeats no request and keeps no text: each part is passed on as soon as its kind is known.

mod answer_state;
mod body;
mod chunk;
mod halves;
mod thoughts;
mod whole;

use super::refusal::{self, Context};
use super::sse::{Event, Events};
use super::sse_sanitizer::Notes;
use super::{Piece, Pieces, ProviderError};
use crate::domain::flag::Flags;
use crate::domain::outcome::Outcome;
use answer_state::AnswerState;
use body::{Form, Resumed, form};
use bytes::Bytes;
use chunk::Said;
use futures_util::stream::{Stream, StreamExt, unfold};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::future::ready;
use std::mem::{replace, take};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use whole::End;

/// The data of the last event.
const DONE: &str = "[DONE]";

/// Whether the data of an event says that the stream is complete.
fn is_done(data: &str) -> bool {
    let data = data.trim().trim_matches('"');
    data.eq_ignore_ascii_case(DONE)
}

/// How long the connection may take to end after the last event: only a connection that is read to its end can be used
/// again.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// How long it may take if its end is needed as a proof.
const PROOF: Duration = Duration::from_secs(2);

/// The most characters of foreign text, such as an unreadable event, that are quoted.
const QUOTE_CHARS_MAX: usize = 200;

/// The longest answer that is one JSON document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 8 << 20;

/// What the head of an answer says about its body.
pub(super) struct Head {
    /// Its content type.
    pub(super) content_type: String,
    /// Whether that is the one of an event stream.
    pub(super) is_stream: bool,
    /// Whether a cut of the body can be detected.
    pub(super) is_proven: bool,
}

/// The pieces in `body`; `context` is needed to judge an error in it.
pub(super) fn pieces<S, E>(body: S, head: Head, context: Context) -> Pieces
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let reading = Reading {
        body: Body::Opening {
            begin: Bytes::new(),
            rest: body,
        },
        head,
        context,
        notes: Arc::default(),
        ready: VecDeque::new(),
        answer: AnswerState::default(),
        over: false,
    };
    unfold(reading, Reading::next).boxed()
}

/// A body, as soon as its form is known.
enum Body<S> {
    /// Too little has arrived to decide.
    Opening {
        begin: Bytes,
        rest: S,
    },
    Events(Events<Resumed<S>>),
    /// One JSON document, or several.
    Document {
        text: Vec<u8>,
        rest: S,
    },
    Over,
}

/// An answer that is being read.
struct Reading<S> {
    body: Body<S>,
    head: Head,
    context: Context,
    notes: Arc<Notes>,
    /// Pieces that are passed on before more is read.
    ready: VecDeque<Result<Piece, ProviderError>>,
    answer: AnswerState,
    /// Nothing more is read.
    over: bool,
}

impl<S, E> Reading<S>
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    /// The next piece, and the rest.
    async fn next(mut self) -> Option<(Result<Piece, ProviderError>, Self)> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some((piece, self));
            }
            if self.over {
                return None;
            }
            self.read().await;
        }
    }

    /// Reads what comes next.
    async fn read(&mut self) {
        match &mut self.body {
            Body::Events(events) => match events.next().await {
                Some(Ok(event)) => self.event(event).await,
                Some(Err(ProviderError::Cut { source })) => self.end(End::Broken(Some(source))),
                Some(Err(err)) => self.fail(err),
                None => self.end(self.transport_end()),
            },
            Body::Opening { rest, .. } => {
                let chunk = rest.next().await;
                self.open(chunk).await;
            }
            Body::Document { text, rest } => match rest.next().await {
                Some(Ok(chunk)) if text.len() + chunk.len() > DOCUMENT_BYTES_MAX => {
                    let (what, limit_bytes) = ("a body", DOCUMENT_BYTES_MAX);
                    self.fail(ProviderError::TooLong { what, limit_bytes });
                }
                Some(Ok(chunk)) => {
                    text.extend_from_slice(&chunk);
                    self.ready.push_back(Ok(Piece::Text("".into())));
                }
                Some(Err(err)) => {
                    let text = take(text);
                    self.document(&text, Some(err.into()));
                }
                None => {
                    let text = take(text);
                    self.document(&text, None);
                }
            },
            Body::Over => self.over = true,
        }
    }

    fn transport_end(&self) -> End {
        if self.head.is_proven {
            End::Proven
        } else {
            End::Unproven
        }
    }

    /// Decides what the body is, now that `chunk` of it has arrived.
    async fn open(&mut self, chunk: Option<Result<Bytes, E>>) {
        let Body::Opening { begin, rest } = replace(&mut self.body, Body::Over) else {
            return;
        };
        let (begin, at_end) = match chunk {
            Some(Ok(chunk)) if begin.is_empty() => (chunk, false),
            Some(Ok(chunk)) => ([begin, chunk].concat().into(), false),
            Some(Err(err)) => return self.end(End::Broken(Some(err.into()))),
            None => (begin, true),
        };
        self.body = match form(&begin, self.head.is_stream, at_end) {
            None => {
                self.ready.push_back(Ok(Piece::Alive));
                // Blanks are not needed.
                let is_blank = begin.trim_ascii().is_empty();
                let begin = if is_blank { Bytes::new() } else { begin };
                Body::Opening { begin, rest }
            }
            Some(Form::Events) => {
                let notes = Arc::clone(&self.notes);
                Body::Events(Events::new(Resumed::new(begin, rest), notes))
            }
            Some(Form::Json) => Body::Document {
                text: begin.into(),
                rest,
            },
            Some(Form::Other) => {
                let chunks = rest.filter_map(|chunk| ready(chunk.ok()));
                let page = refusal::begin(begin.into(), chunks).await;
                let content_type = take(&mut self.head.content_type);
                return self.fail(refusal::not_a_stream(content_type, &page, &self.context));
            }
        };
    }

    /// Processes one event.
    async fn event(&mut self, event: Event) {
        match event {
            Event::Comment => self.ready.push_back(Ok(Piece::Alive)),
            Event::Error(data) => self.fail(self.reported(&data)),
            Event::Stray(line) => self.stray(&line),
            Event::Data(data) if is_done(&data) => {
                self.answer.is_done = true;
                self.done().await;
            }
            Event::Data(data) if data.trim().is_empty() => {
                self.ready.push_back(Ok(Piece::Text("".into())));
            }
            Event::Data(data) => self.value(&data),
        }
    }

    /// The stream says that it is complete. The end of the connection is awaited for long only if it has to prove something.
    async fn done(&mut self) {
        let is_proof = self.answer.reason.is_none();
        let Body::Events(mut events) = replace(&mut self.body, Body::Over) else {
            return;
        };
        let patience = if is_proof { PROOF } else { LAST_BYTES };
        let rest = async {
            while let Some(event) = events.next().await {
                if let Err(err) = event {
                    return Some(err);
                }
            }
            None
        };
        let end = match timeout(patience, rest).await {
            Ok(None) => self.transport_end(),
            Ok(Some(err)) => End::Broken(Some(Box::new(err))),
            Err(_) => End::Broken(None),
        };
        self.end(end);
    }

    /// A line that is not a field of an event stream: an error as llama.cpp and some proxies write it, a value without its
    /// field, or text that puts the answer in doubt.
    fn stray(&mut self, line: &str) {
        const FIELD: &str = "error:";
        let line = line.trim();
        let begin = line.get(..FIELD.len());
        if begin.is_some_and(|begin| begin.eq_ignore_ascii_case(FIELD)) {
            return self.fail(self.reported(line[FIELD.len()..].trim()));
        }
        match chunk::read(line) {
            Said::Error => self.fail(self.reported(line)),
            Said::Part(part) if part.is_answer => self.answer.part(part, &mut self.ready),
            Said::Several(_) => self.value(line),
            _ => self.answer.doubt(),
        }
    }

    /// An error that is reported in the stream. After text, the service has worked on the request, so it costs a try,
    /// whatever the error asks for.
    fn reported(&self, data: &str) -> ProviderError {
        let mut err = refusal::reported(data, &self.context);
        if let ProviderError::Reported { outcome, .. } = &mut err
            && *outcome == Outcome::Wait
            && self.answer.has_text
        {
            *outcome = Outcome::Unknown;
        }
        err
    }

    /// Processes one value of the protocol.
    fn value(&mut self, json: &str) {
        match chunk::read(json) {
            Said::Part(part) => self.answer.part(part, &mut self.ready),
            Said::Error => self.fail(self.reported(json)),
            Said::Several(values) => {
                for value in values {
                    if !self.over {
                        self.value(&value);
                    }
                }
            }
            Said::Garbled => self.fail(ProviderError::Garbled {
                quote: self.quoted(json),
            }),
        }
    }

    /// Reads one JSON document or several, and what follows them; `broken` is the error of the connection, if it failed.
    fn document(&mut self, text: &[u8], broken: Option<Box<dyn std::error::Error + Send + Sync>>) {
        let text = String::from_utf8_lossy(text);
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let mut read = 0;
        while let Some(Ok(value)) = values.next() {
            read = values.byte_offset();
            self.value(value.get());
            if self.over {
                return;
            }
        }
        for line in text[read..].lines() {
            let data = line.trim().strip_prefix("data:").map(str::trim);
            match data {
                Some(data) if is_done(data) => self.answer.is_done = true,
                Some(json) if !json.is_empty() => self.value(json),
                _ => {}
            }
            if self.over {
                return;
            }
        }
        if self.answer.is_answer {
            return self.end(broken.map_or(End::Document, |source| End::Broken(Some(source))));
        }
        if let Some(source) = broken {
            return self.fail(ProviderError::Cut { source });
        }
        let content_type = take(&mut self.head.content_type);
        let body = text.as_bytes();
        self.fail(refusal::not_a_stream(content_type, body, &self.context));
    }

    /// The answer has ended: judges it.
    fn end(&mut self, end: End) {
        let noted = self.notes.flags();
        match self.answer.end(end, noted, &mut self.ready) {
            Ok(flags) => self.finish(Ok(flags)),
            Err(err) => self.fail(err),
        }
    }

    /// The answer is not a story.
    fn fail(&mut self, err: ProviderError) {
        if let ProviderError::OnlyReasoning = err {
            let reasoning = take(&mut self.answer.reasoning);
            self.ready.push_back(Ok(Piece::Thought(reasoning.into())));
        }
        let err = match err {
            ProviderError::Unfinished {
                reason,
                meaning,
                outcome,
                prospect,
            } => ProviderError::Unfinished {
                reason: self.quoted(&reason),
                meaning,
                outcome,
                prospect,
            },
            ProviderError::Declined { words } => ProviderError::Declined {
                words: self.quoted(&words),
            },
            err => err,
        };
        self.finish(Err(err));
    }

    /// Passes on what is known at the end, and reads nothing more.
    fn finish(&mut self, verdict: Result<Flags, ProviderError>) {
        self.over = true;
        self.body = Body::Over;
        let tokens = self.answer.tokens.map(|tokens| Ok(Piece::Tokens(tokens)));
        self.ready.extend(tokens);
        self.ready.push_back(verdict.map(Piece::Noted));
    }

    /// The beginning of foreign text, without our secrets. They are removed first: even a part of the key must not be shown.
    fn quoted(&self, words: &str) -> String {
        let words = self.context.secrets.scrub(words.to_owned());
        words.chars().take(QUOTE_CHARS_MAX).collect()
    }
}

#[cfg(test)]
mod tests;
