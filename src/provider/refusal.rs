//! What an answer without a story means.
//!
//! The status alone is not enough: the same 429 is a pace that recovers or a quota that does not. So the body is read,
//! within limits, and [`classify`] judges it. Its message may have any of the names in use. Our secrets are removed from the
//! message after it was judged, never before.

use super::classify::{self, Form, Sent, Verdict};
use super::secrets::Secrets;
use super::{ProviderError, http, waits};
use crate::domain::outcome::Outcome;
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde_json::Value;
use std::future::ready;
use std::time::{Duration, SystemTime};

/// The most bytes of an error body that are read.
const BODY_BYTES_MAX: usize = 64 << 10;

/// The longest time for an error body. The status is already known and says the most, so it must not be lost if the body is
/// slow.
const BODY_TIME: Duration = Duration::from_secs(1);

/// The most bytes of an error message that are kept.
const MESSAGE_BYTES_MAX: usize = 1 << 10;

/// The most bytes that are quoted from a body without a known message.
const QUOTE_BYTES_MAX: usize = 500;

/// What is needed to judge an error besides its body, and to remove our secrets from it.
#[derive(Clone, Default)]
pub(super) struct Context {
    /// The secrets of our requests.
    pub(super) secrets: Secrets,
    /// The parts of the request that a service may refuse.
    pub(super) sent: Sent,
}

impl Context {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            sent: Sent::default(),
        }
    }
}

/// Reads an answer that is not an event stream, whatever its status. Also returns the form that requests have from now on,
/// if the service refused the form.
pub(super) async fn refused(
    answer: reqwest::Response,
    context: &Context,
) -> (ProviderError, Option<Form>) {
    let status = answer.status().as_u16();
    if answer.status().is_redirection() && status != 304 {
        let host = redirect_host(&answer).map(|host| context.secrets.scrub(host));
        return (ProviderError::Redirected { status, host }, None);
    }
    let retry_after = waits::retry_after(answer.headers(), SystemTime::now());
    let should_retry = waits::should_retry(answer.headers());
    let found = content_type(answer.headers());
    if let (200, Err(err)) = (status, http::not_compressed(&answer, &context.secrets)) {
        return (err, None);
    }
    let chunks = answer.bytes_stream().filter_map(|chunk| ready(chunk.ok()));
    let body = begin(Vec::new(), chunks).await;
    if status == 200 {
        return (not_a_stream(found, &body, context), None);
    }
    let (verdict, _) = judged(status, should_retry, retry_after.is_some(), &body, context);
    let error = ProviderError::Refused {
        status,
        outcome: verdict.outcome,
        prospect: verdict.prospect,
        retry_after: retry_after.or(verdict.wait),
        message: message(&body, &context.secrets),
    };
    (error, verdict.form)
}

/// A 200 whose body is neither an event stream nor an answer. `found` is its content type.
pub(super) fn not_a_stream(found: String, body: &[u8], context: &Context) -> ProviderError {
    let (verdict, is_json) = judged(200, None, false, body, context);
    // A quotation of an HTML page would not help.
    let message = if is_json {
        message(body, &context.secrets)
    } else {
        String::new()
    };
    ProviderError::NotAStream {
        found: context.secrets.scrub(found),
        message,
        outcome: verdict.outcome,
    }
}

/// An error that is reported in a 200.
pub(super) fn reported(data: &str, context: &Context) -> ProviderError {
    let (mut verdict, is_json) = judged(200, None, false, data.as_bytes(), context);
    // Plain text may be anything, even a part of a story.
    if !is_json {
        verdict.outcome = Outcome::Unknown;
    }
    ProviderError::Reported {
        message: message(data.as_bytes(), &context.secrets),
        outcome: verdict.outcome,
        retry_after: verdict.wait,
    }
}

/// What a body means, and whether it is JSON.
fn judged(
    status: u16,
    should_retry: Option<bool>,
    asks_wait: bool,
    body: &[u8],
    context: &Context,
) -> (Verdict, bool) {
    let text = String::from_utf8_lossy(body);
    let json = serde_json::from_str::<Value>(&text).ok();
    let verdict = classify::verdict(&classify::Answer {
        status,
        should_retry,
        asks_wait,
        text: &text,
        json: json.as_ref(),
        sent: context.sent,
    });
    (verdict, json.is_some())
}

/// Whether the data of an event is an error in JSON and no part of a story, for a protocol whose data is text.
pub(super) fn is_error(data: &str) -> bool {
    const NAMES: [&str; 3] = ["error", "api_error", "internal_error"];
    let is_named = |json: &Value| {
        let mut names = json
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        names.any(|name| NAMES.iter().any(|error| name.eq_ignore_ascii_case(error)))
    };
    data.starts_with('{')
        && serde_json::from_str::<Value>(data)
            .is_ok_and(|json| is_named(&json) && named_message(&json).is_some())
}

/// The message, under the first of the names that services use, with the reference number that their support asks for.
fn message(body: &[u8], secrets: &Secrets) -> String {
    let text = String::from_utf8_lossy(body);
    let found = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|json| named_message(&json));
    let (words, limit) = match found {
        Some(words) => (words, MESSAGE_BYTES_MAX),
        None => (text.trim().to_owned(), QUOTE_BYTES_MAX),
    };
    // Before it is shortened: even a part of the key must not be kept.
    let mut words = secrets.scrub(words);
    shorten(&mut words, limit);
    words
}

fn named_message(json: &Value) -> Option<String> {
    const NAMES: [&str; 7] = [
        "error",
        "errors",
        "api_error",
        "internal_error",
        "detail",
        "message",
        "msg",
    ];
    const REFERENCES: [&str; 4] = [
        "reference id",
        "reference_id",
        "transactionid",
        "request_id",
    ];
    let object = match json {
        Value::Object(object) => object,
        Value::Array(array) => return array.first().and_then(named_message),
        _ => return None,
    };
    let under = |names: &[&str]| {
        names.iter().find_map(|name| {
            let mut entries = object.iter();
            let (_, value) = entries.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            match value {
                Value::String(words) if !words.trim().is_empty() => Some(words.clone()),
                Value::Object(_) | Value::Array(_) => named_message(value),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        })
    };
    let words = under(&NAMES)?;
    Some(match under(&REFERENCES) {
        Some(reference) => format!("{words} (reference {reference})"),
        None => words,
    })
}

fn shorten(words: &mut String, limit: usize) {
    if words.len() > limit {
        words.truncate(words.floor_char_boundary(limit));
        words.push('…');
    }
}

/// The beginning of a body, of which `body` has arrived already. What cannot be read, or is slow, is left out.
pub(super) async fn begin(mut body: Vec<u8>, chunks: impl Stream<Item = Bytes> + Unpin) -> Vec<u8> {
    let mut chunks = chunks;
    body.truncate(BODY_BYTES_MAX);
    let reading = async {
        while body.len() < BODY_BYTES_MAX
            && let Some(chunk) = chunks.next().await
        {
            let room = BODY_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    };
    let _ = tokio::time::timeout(BODY_TIME, reading).await;
    body
}

fn redirect_host(answer: &reqwest::Response) -> Option<String> {
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    let url = answer.url().join(location).ok()?;
    url.host_str().map(str::to_owned)
}

/// The content type as text.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).map_or_else(
        || "no content type".to_owned(),
        |found| format!("`{found}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn an_error_in_the_stream_is_read_as_that_error() {
        for (data, is_error_alone, expected) in [
            (
                r#"{"ERROR":"Invalid API key provided."}"#,
                true,
                Outcome::RefusedRun,
            ),
            (
                r#"{"API_ERROR":"API rate limit exceeded. Please try again later."}"#,
                true,
                Outcome::Wait,
            ),
            (r#"{"error":{"message":"boom"}}"#, true, Outcome::Unknown),
            (r#"{"message":"an API key"}"#, false, Outcome::RefusedRun),
            ("Invalid API key provided.", false, Outcome::Unknown),
            (r#"{"ERROR" was all that it said."#, false, Outcome::Unknown),
        ] {
            assert_eq!(is_error(data), is_error_alone, "{data}");
            let ProviderError::Reported { outcome, .. } = reported(data, &Context::default())
            else {
                panic!("{data}");
            };
            assert_eq!(outcome, expected, "{data}");
        }
    }

    #[test]
    fn a_message_is_found_under_any_of_its_names() {
        for (body, expected) in [
            (
                r#"{"ERROR": "Invalid API key provided."}"#,
                "Invalid API key provided.",
            ),
            (
                r#"{"API_ERROR":"no","Reference ID":"ab-1"}"#,
                "no (reference ab-1)",
            ),
            (
                r#"{"message":"bad","transactionID":7}"#,
                "bad (reference 7)",
            ),
            (r#"{"error":{"message":"deep","code":"x"}}"#, "deep"),
            (r#"{"detail":[{"msg":"field required"}]}"#, "field required"),
            ("  upstream connect error \n", "upstream connect error"),
            ("", ""),
        ] {
            assert_eq!(
                message(body.as_bytes(), &Secrets::default()),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_the_key_is_scrubbed() {
        let body = format!(r#"{{"error":"{}"}}"#, "é".repeat(2_000));
        assert!(
            message(body.as_bytes(), &Secrets::default()).len()
                <= MESSAGE_BYTES_MAX + '…'.len_utf8()
        );
        // Exactly where the message is cut.
        let secrets = Secrets::new([SecretString::from("s3cret-key")]);
        let body = format!("{}s3cret-key and more", "e".repeat(QUOTE_BYTES_MAX - 3));
        assert!(!message(body.as_bytes(), &secrets).contains("s3"));
    }
}
