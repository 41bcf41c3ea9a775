//! What a service means by an answer that is no story.
//!
//! Statuses alone do not tell: the same 429 is a pace that passes or a quota that does not. So the body is read, within
//! limits, its message found under any of the names in use, and class and words decided from both. Where a protocol has error
//! codes, the code decides before anything else.
//! A key that the body echoes is scrubbed.

use super::{ProviderError, waits};
use crate::domain::outcome::Outcome;
use futures_util::StreamExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// As much of an error body as is read.
const BODY_BYTES_MAX: usize = 64 << 10;

/// As long as an error body may take: its status has already said the most important thing, and must not be lost to a silence.
const BODY_TIME: Duration = Duration::from_secs(1);

/// As much of an error message as is kept.
const MESSAGE_BYTES_MAX: usize = 1 << 10;

/// As much of a body without a known message as is quoted.
const QUOTE_BYTES_MAX: usize = 500;

/// The class that the error codes of a protocol give to an error, where they say.
pub(super) type Codes = fn(&Value) -> Option<Outcome>;

/// A protocol without error codes.
pub(super) fn no_codes(_: &Value) -> Option<Outcome> {
    None
}

/// Reads an answer that is no event stream, whatever its status. `secret` is scrubbed from all words.
pub(super) async fn refused(
    answer: reqwest::Response,
    secret: Option<&str>,
    codes: Codes,
) -> ProviderError {
    let status = answer.status().as_u16();
    if answer.status().is_redirection() {
        let host = scrubbed(redirect_host(&answer), secret);
        return ProviderError::Redirected { status, host };
    }
    let retry_after = waits::retry_after(answer.headers(), SystemTime::now());
    let found = scrubbed(content_type(answer.headers()), secret);
    let body = body(answer).await;
    let json = serde_json::from_slice::<Value>(&body).ok();
    let by_code = json.as_ref().and_then(codes);
    let message = message(&body, secret);
    if status == 200 {
        // Of JSON only what it calls its message is judged: a whole story in it may speak of a plan.
        let is_said = |outcome: &Outcome| match &json {
            Some(json) => named_message(json).is_some(),
            // A page for people asks to try again later whatever is wrong.
            None => *outcome != Outcome::Wait,
        };
        let by_words = || by_words(&message).filter(is_said);
        let outcome = by_code.or_else(by_words);
        // A page of HTML says nothing that a quotation would add to.
        let message = if json.is_some() {
            message
        } else {
            String::new()
        };
        return ProviderError::NotAStream {
            found,
            message,
            outcome: outcome.unwrap_or(Outcome::Unknown),
        };
    }
    ProviderError::Refused {
        status,
        outcome: by_code.unwrap_or_else(|| by_status(status, &message)),
        retry_after,
        message,
    }
}

/// An error that is reported in a stream. `secret` is scrubbed from its words.
pub(super) fn reported(data: &str, secret: Option<&str>, codes: Codes) -> ProviderError {
    let json = serde_json::from_str::<Value>(data).ok();
    let by_code = json.as_ref().and_then(codes);
    let said = json.as_ref().and_then(named_message);
    let by_words = || said.as_deref().and_then(by_words);
    ProviderError::Reported {
        message: message(data.as_bytes(), secret),
        outcome: by_code.or_else(by_words).unwrap_or(Outcome::Unknown),
    }
}

/// Whether the data of an event, of a protocol whose data is text, is an error in JSON and no part of a story.
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

/// The class of an error status, with its message where the status alone is ambiguous.
pub(super) fn by_status(status: u16, message: &str) -> Outcome {
    match status {
        429 if by_words(message) == Some(Outcome::RefusedRun) => Outcome::RefusedRun,
        // Google answers so to a wrong key.
        400 if speaks_of_key(message) => Outcome::RefusedRun,
        408 | 429 | 503 | 529 => Outcome::Wait,
        300..=399 | 401 | 402 | 403 | 404 | 405 | 410 | 501 => Outcome::RefusedRun,
        400..=499 => Outcome::RefusedRow,
        _ => Outcome::Unknown,
    }
}

/// Whether the words speak of the key.
fn speaks_of_key(message: &str) -> bool {
    let message = message.to_lowercase();
    ["api key", "api-key", "apikey", "api_key"]
        .iter()
        .any(|key| message.contains(key))
}

/// Whether the words speak of something that no waiting and no other character will change, or of a pace that passes.
fn by_words(message: &str) -> Option<Outcome> {
    const PASSING: [&str; 3] = ["rate limit", "too many requests", "try again later"];
    // Whole words: a planet is no plan.
    const WORDS: [&str; 9] = [
        "quota",
        "plan",
        "plans",
        "billing",
        "credit",
        "credits",
        "payment",
        "subscription",
        "unauthorized",
    ];
    let message = message.to_lowercase();
    let speaks_of = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    // A pace may name the plan it comes from; it passes all the same.
    if speaks_of(&PASSING) {
        return Some(Outcome::Wait);
    }
    let final_one = speaks_of(&["usage limit"]) || speaks_of_key(&message);
    let mut words = message.split(|c: char| !c.is_alphanumeric());
    (final_one || words.any(|word| WORDS.contains(&word))).then_some(Outcome::RefusedRun)
}

/// The first of the names under which services put their message, with the reference that their support asks for.
fn message(body: &[u8], secret: Option<&str>) -> String {
    let text = String::from_utf8_lossy(body);
    let found = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|json| named_message(&json));
    let (words, limit) = match found {
        Some(words) => (words, MESSAGE_BYTES_MAX),
        None => (text.trim().to_owned(), QUOTE_BYTES_MAX),
    };
    // Before it is shortened: a part of the key is too much.
    let mut words = scrubbed(words, secret);
    shorten(&mut words, limit);
    words
}

fn named_message(json: &Value) -> Option<String> {
    const NAMES: [&str; 6] = [
        "error",
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

/// Replaces `secret` wherever it stands, in any case: hosts, for one, come back in lower case.
pub(super) fn scrubbed(words: String, secret: Option<&str>) -> String {
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return words;
    };
    // Lower case of ASCII has the same length, so places in one are places in the other.
    let (low, secret) = (words.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut scrubbed = String::with_capacity(words.len());
    let mut from = 0;
    for (at, _) in low.match_indices(&secret) {
        scrubbed.push_str(&words[from..at]);
        scrubbed.push_str("***");
        from = at + secret.len();
    }
    scrubbed + &words[from..]
}

fn shorten(words: &mut String, limit: usize) {
    if words.len() > limit {
        words.truncate(words.floor_char_boundary(limit));
        words.push('…');
    }
}

/// The begin of the body. What cannot be read, or does not come soon, is left out.
async fn body(answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut chunks = answer.bytes_stream();
    let reading = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            let room = BODY_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == BODY_BYTES_MAX {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY_TIME, reading).await;
    body
}

fn redirect_host(answer: &reqwest::Response) -> String {
    let location = answer.headers().get(LOCATION);
    location
        .and_then(|value| value.to_str().ok())
        .and_then(|value| answer.url().join(value).ok())
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "nowhere".to_owned())
}

/// The content type in words.
fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).map_or_else(
        || "no content type".to_owned(),
        |found| format!("`{found}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_429_is_a_pace_or_a_quota_by_its_words() {
        for pace in [
            "API rate limit exceeded. Please try again later.",
            "Rate limit exceeded.",
            "Rate limit exceeded for your plan.",
            "",
        ] {
            assert_eq!(by_status(429, pace), Outcome::Wait, "{pace}");
        }
        for quota in [
            "API usage limit exceeded for current plan.",
            "You exceeded your current quota, please check your plan and billing details.",
        ] {
            assert_eq!(by_status(429, quota), Outcome::RefusedRun, "{quota}");
        }
    }

    #[test]
    fn a_planet_is_no_plan() {
        for row in [
            "cannot explain the planet",
            "credited to nobody",
            "the plant wilts",
            "quotation marks",
        ] {
            assert_eq!(by_words(row), None, "{row}");
        }
        for run in [
            "Upgrade your plan.",
            "quota_exceeded",
            "Invalid API key provided.",
            "no credits left",
        ] {
            assert_eq!(by_words(run), Some(Outcome::RefusedRun), "{run}");
        }
    }

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
            let ProviderError::Reported { outcome, .. } = reported(data, None, no_codes) else {
                panic!("{data}");
            };
            assert_eq!(outcome, expected, "{data}");
        }
    }

    #[test]
    fn a_wrong_key_is_no_fault_of_the_row() {
        let google = "API key not valid. Please pass a valid API key.";
        assert_eq!(by_status(400, google), Outcome::RefusedRun);
        assert_eq!(by_status(400, "no plan for this text"), Outcome::RefusedRow);
        assert_eq!(by_status(422, "API key"), Outcome::RefusedRow);
    }

    #[test]
    fn every_status_has_its_class() {
        for status in 100..=599 {
            let expected = match status {
                408 | 429 | 503 | 529 => Outcome::Wait,
                300..=399 | 401..=405 | 410 | 501 if status != 408 => Outcome::RefusedRun,
                400..=499 => Outcome::RefusedRow,
                _ => Outcome::Unknown,
            };
            assert_eq!(by_status(status, ""), expected, "{status}");
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
            assert_eq!(message(body.as_bytes(), None), expected, "{body}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_the_key_is_scrubbed() {
        let body = format!(r#"{{"error":"{}"}}"#, "é".repeat(2_000));
        assert!(message(body.as_bytes(), None).len() <= MESSAGE_BYTES_MAX + '…'.len_utf8());
        let words = scrubbed("key s3cret is unknown".to_owned(), Some("s3cret"));
        assert_eq!(words, "key *** is unknown");
        assert_eq!(
            scrubbed("S3CRET.example é".to_owned(), Some("s3cret")),
            "***.example é"
        );
        // At the very place where the words are cut.
        let body = format!("{}s3cret and more", "e".repeat(QUOTE_BYTES_MAX - 3));
        assert!(!message(body.as_bytes(), Some("s3cret")).contains("s3"));
    }
}
