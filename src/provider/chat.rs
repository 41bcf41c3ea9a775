//! From the event stream of a chat completion to the pieces of a story.
//!
//! A story is whole only when the service said why it ended, the reason was `stop`, and `[DONE]` came after it. Anything else
//! is an error, whatever text had come: another reason is a bad text, an end that is missing is a cut.
//!
//! Thoughts that some models send beside the text are no part of it, but they are a sign of life.

use super::guard::Notes;
use super::sse::{Event, Events};
use super::{Piece, Pieces, ProviderError, codes, refusal};
use crate::domain::flag::{Flag, Flags};
use crate::domain::outcome::Tokens;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt, unfold};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The data of the last event.
const DONE: &str = "[DONE]";

/// The reason of an answer that is whole.
const STOP: &str = "stop";

/// How long the transport may take to end behind the last event: a connection that is read to its end can be used again.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// As much of foreign words, such as an event that cannot be read, as is quoted.
const QUOTE_CHARS_MAX: usize = 200;

/// The pieces in `body`; `secret` is scrubbed from the words of an error in the stream.
pub(super) fn pieces<S, E>(body: S, secret: Option<Arc<SecretString>>) -> Pieces
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let notes = Arc::<Notes>::default();
    let reading = Reading {
        events: Events::new(body, Arc::clone(&notes)).boxed(),
        notes,
        secret,
        ready: VecDeque::new(),
        reason: None,
        tokens: None,
        over: false,
    };
    unfold(reading, Reading::next).boxed()
}

/// One event of the stream, as far as it matters.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    // In whatever form: what an answer cost says nothing about its text.
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

/// What the service says that it has read and written, where these are counts.
fn tokens(usage: &Value) -> Option<Tokens> {
    let count = |name| usage.get(name).and_then(Value::as_u64);
    Some(Tokens {
        read: count("prompt_tokens")?,
        written: count("completion_tokens")?,
    })
}

/// A stream that is being read.
struct Reading {
    events: BoxStream<'static, Result<Event, ProviderError>>,
    notes: Arc<Notes>,
    secret: Option<Arc<SecretString>>,
    /// What is to be handed on before more is read.
    ready: VecDeque<Result<Piece, ProviderError>>,
    /// Why the service says that the answer ended.
    reason: Option<String>,
    tokens: Option<Tokens>,
    /// Nothing more is read.
    over: bool,
}

impl Reading {
    /// The next piece, and what is left.
    async fn next(mut self) -> Option<(Result<Piece, ProviderError>, Self)> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some((piece, self));
            }
            if self.over {
                return None;
            }
            match self.events.next().await {
                Some(Ok(event)) if event.data.trim() == DONE => {
                    // Whatever still comes, the answer is complete.
                    let _ = timeout(LAST_BYTES, self.events.next()).await;
                    let verdict = self.verdict();
                    self.end(verdict);
                }
                Some(Ok(event)) => {
                    if let Err(err) = self.event(&event) {
                        self.end(Err(err));
                    }
                }
                Some(Err(err)) => self.end(Err(err)),
                None => {
                    let source = format!("the stream ended without `{DONE}`").into();
                    self.end(Err(ProviderError::Cut { source }));
                }
            }
        }
    }

    /// Takes one event in.
    fn event(&mut self, event: &Event) -> Result<(), ProviderError> {
        let is_error = event.is_error || is_error(&event.data);
        if is_error {
            let secret = self.secret.as_deref().map(ExposeSecret::expose_secret);
            return Err(refusal::reported(&event.data, secret, codes::outcome));
        }
        let chunk: Chunk =
            serde_json::from_str(&event.data).map_err(|_| ProviderError::Garbled {
                // Before it is shortened: a part of the key is too much.
                quote: self
                    .scrubbed(&event.data)
                    .chars()
                    .take(QUOTE_CHARS_MAX)
                    .collect(),
            })?;
        self.tokens = chunk.usage.as_ref().and_then(tokens).or(self.tokens);
        // Only one answer was asked for.
        if let Some(choice) = chunk.choices.into_iter().find(|choice| choice.index == 0) {
            self.reason = match self.reason.take() {
                // A text that was cut does not become whole by what is said later.
                Some(reason) if reason != STOP => Some(reason),
                reason => choice.finish_reason.or(reason),
            };
            let text = choice.delta.and_then(|delta| delta.content);
            self.ready
                .push_back(Ok(Piece::Text(text.unwrap_or_default().into())));
        }
        Ok(())
    }

    /// What the answer is worth, now that the service says it is over.
    fn verdict(&self) -> Result<Flags, ProviderError> {
        match self.reason.as_deref() {
            Some(STOP) => {
                // The end of the protocol proves more than that of the transport.
                let noted = self.notes.flags();
                let kept = [Flag::BadUtf8, Flag::IgnoredLines].into_iter();
                Ok(kept.fold(Flags::default(), |flags, flag| {
                    flags.with_if(flag, noted.has(flag))
                }))
            }
            Some(reason) => Err(ProviderError::Unfinished {
                reason: self
                    .scrubbed(reason)
                    .chars()
                    .take(QUOTE_CHARS_MAX)
                    .collect(),
            }),
            None => Err(ProviderError::Cut {
                source: "the stream ended without saying why the answer did".into(),
            }),
        }
    }

    /// Foreign words without the key.
    fn scrubbed(&self, words: &str) -> String {
        let secret = self.secret.as_deref().map(ExposeSecret::expose_secret);
        refusal::scrubbed(words.to_owned(), secret)
    }

    /// Hands on what is known at the end, and reads nothing more.
    fn end(&mut self, verdict: Result<Flags, ProviderError>) {
        self.over = true;
        let tokens = self.tokens.map(|tokens| Ok(Piece::Tokens(tokens)));
        self.ready.extend(tokens);
        self.ready.push_back(verdict.map(Piece::Noted));
    }
}

/// Whether the data of an event is an error in place of a part of the answer.
fn is_error(data: &str) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        error: Option<serde::de::IgnoredAny>,
        object: Option<String>,
    }
    serde_json::from_str::<Probe>(data)
        .is_ok_and(|probe| probe.error.is_some() || probe.object.as_deref() == Some("error"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Outcome;
    use std::convert::Infallible;

    /// The text, the tokens, and how it ended, of a stream of these events.
    async fn read(events: &[&str]) -> (String, Option<Tokens>, Result<Flags, ProviderError>) {
        let bytes: String = events
            .iter()
            .map(|data| ["data: ", data, "\n\n"].concat())
            .collect();
        let body = futures_util::stream::iter([Ok::<_, Infallible>(Bytes::from(bytes))]);
        let mut pieces = pieces(body, None);
        let (mut text, mut tokens) = (String::new(), None);
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(Piece::Head(_)) => unreachable!("not of a stream"),
                Ok(Piece::Text(part)) => text.push_str(&part),
                Ok(Piece::Tokens(told)) => tokens = Some(told),
                Ok(Piece::Noted(flags)) => return (text, tokens, Ok(flags)),
                Err(err) => {
                    assert!(
                        pieces.next().await.is_none(),
                        "after an error nothing comes"
                    );
                    return (text, tokens, Err(err));
                }
            }
        }
        panic!("it ended without a word")
    }

    const BEGIN: &str = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
    const TEXT: &str = r#"{"choices":[{"index":0,"delta":{"content":"She left."}}]}"#;
    const WHOLE: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;

    #[tokio::test]
    async fn a_story_is_whole_only_with_its_reason_and_its_end() {
        let (text, tokens, end) = read(&[BEGIN, TEXT, WHOLE, USAGE, DONE]).await;
        assert_eq!(text, "She left.");
        assert_eq!(
            tokens,
            Some(Tokens {
                read: 9,
                written: 4
            })
        );
        assert_eq!(end.expect("whole"), Flags::default());
        for cut in [
            &[BEGIN, TEXT, WHOLE, USAGE][..],
            &[BEGIN, TEXT, DONE],
            &[BEGIN, TEXT],
            &[],
            &[DONE],
        ] {
            let (_, _, end) = read(cut).await;
            let err = end.expect_err("not whole");
            assert!(matches!(err, ProviderError::Cut { .. }), "{cut:?}: {err}");
        }
    }

    #[tokio::test]
    async fn another_reason_is_a_bad_text_that_says_it_and_what_it_cost() {
        for reason in ["length", "content_filter", "tool_calls"] {
            let stop = WHOLE.replace("stop", reason);
            let (text, tokens, end) = read(&[TEXT, &stop, USAGE, DONE]).await;
            assert_eq!((text.as_str(), tokens.is_some()), ("She left.", true));
            let err = end.expect_err("not finished");
            assert_eq!(err.outcome(), Outcome::BadText);
            assert!(err.to_string().contains(reason), "{err}");
        }
    }

    #[tokio::test]
    async fn a_cut_text_does_not_become_whole_by_a_later_word() {
        for reason in ["length", "content_filter"] {
            let cut = WHOLE.replace("stop", reason);
            let (_, _, end) = read(&[TEXT, &cut, WHOLE, DONE]).await;
            assert_eq!(
                end.expect_err("not finished").outcome(),
                Outcome::BadText,
                "{reason}"
            );
        }
    }

    #[tokio::test]
    async fn an_account_that_cannot_be_read_costs_no_story() {
        for usage in [
            "9",
            "[]",
            "\"?\"",
            r#"{"prompt_tokens":-1,"completion_tokens":"4"}"#,
        ] {
            let event = format!(r#"{{"choices":[],"usage":{usage}}}"#);
            let (text, tokens, end) = read(&[TEXT, WHOLE, &event, DONE]).await;
            assert_eq!((text.as_str(), tokens), ("She left.", None));
            assert_eq!(end.expect("whole"), Flags::default(), "{usage}");
        }
    }

    #[tokio::test]
    async fn an_error_in_the_stream_is_what_its_code_says() {
        for (error, expected) in [
            (
                r#"{"error":{"message":"no","code":"insufficient_quota"}}"#,
                Outcome::RefusedRun,
            ),
            (r#"{"error":{"message":"no","code":503}}"#, Outcome::Wait),
            (r#"{"error":{"message":"no"}}"#, Outcome::Unknown),
            (
                r#"{"object":"error","message":"no","code":400}"#,
                Outcome::RefusedRow,
            ),
            ("not JSON", Outcome::Unknown),
        ] {
            let (text, _, end) = read(&[TEXT, error, WHOLE, DONE]).await;
            assert_eq!(
                (text.as_str(), end.expect_err("an error").outcome()),
                ("She left.", expected),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn thoughts_and_other_answers_are_no_text_but_signs_of_life() {
        let thought = r#"{"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}"#;
        let other =
            r#"{"choices":[{"index":1,"delta":{"content":"Other."},"finish_reason":"length"}]}"#;
        let (text, _, end) = read(&[thought, other, TEXT, WHOLE, DONE]).await;
        assert_eq!((text.as_str(), end.is_ok()), ("She left.", true));
    }
}
