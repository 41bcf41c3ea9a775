//! The one route of the API, in the words of its page.
//!
//! Errors are JSON objects with `ERROR`, as there. A story goes out a few words an event; joined, the events are the story.

use super::{Options, demo};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest, Json, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::stream::{self, StreamExt};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Words in an event.
const WORDS_AN_EVENT: usize = 4;

pub(super) fn routes(options: Options) -> Router {
    let path = "/character/generate-backstory";
    Router::new()
        .route(path, post(generate).fallback(not_allowed))
        .fallback(not_found)
        .with_state(Arc::new(options))
}

/// The fields of the request body.
#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(rename = "inputText")]
    description: Option<String>,
    #[serde(rename = "charName")]
    name: Option<String>,
}

async fn generate(State(options): State<Arc<Options>>, request: Request) -> Response {
    if !is_key_good(&options, request.headers()) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key provided.");
    }
    let Some(fields) = fields(request).await else {
        let words = "The body is neither a form nor a JSON object with text fields.";
        return error(StatusCode::BAD_REQUEST, words);
    };
    match (fields.name, fields.description) {
        (None, _) => error(StatusCode::BAD_REQUEST, "The field charName is missing."),
        (_, None) => error(StatusCode::BAD_REQUEST, "The field inputText is missing."),
        (Some(name), Some(description)) => {
            let story = demo::story(&name, &description, options.words);
            stream(&story, &options)
        }
    }
}

fn is_key_good(options: &Options, headers: &HeaderMap) -> bool {
    let Some(key) = &options.key else {
        return true;
    };
    let given = headers.get("convai-api-key");
    given.is_some_and(|given| given.as_bytes() == key.expose_secret().as_bytes())
}

async fn fields(request: Request) -> Option<Fields> {
    let kind = request.headers().get(CONTENT_TYPE);
    let is_json = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
    if is_json {
        Json::from_request(request, &())
            .await
            .ok()
            .map(|Json(fields)| fields)
    } else {
        Form::from_request(request, &())
            .await
            .ok()
            .map(|Form(fields)| fields)
    }
}

/// The story as events, spread over the time that it takes.
fn stream(story: &str, options: &Options) -> Response {
    let events: Vec<Bytes> = parts(story).map(event).collect();
    let pause = match u32::try_from(events.len()) {
        Ok(many) if many > 1 => options.story_takes / (many - 1),
        _ => Duration::ZERO,
    };
    let first = options.latency;
    let body = stream::iter(events.into_iter().enumerate()).then(move |(nth, event)| async move {
        let wait = if nth == 0 { first } else { pause };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok::<_, Infallible>(event)
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// The story in parts of a few words; joined they are the story, to the letter.
fn parts(story: &str) -> impl Iterator<Item = &str> {
    let mut rest = story;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut words = 0;
        let mut in_word = false;
        let end = rest.char_indices().find_map(|(at, c)| {
            let begins = !c.is_whitespace() && !in_word;
            let ends = c.is_whitespace() && in_word;
            in_word = !c.is_whitespace();
            words += usize::from(begins);
            (ends && words == WORDS_AN_EVENT).then_some(at)
        });
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(part)
    })
}

/// One event: a `data` line for each line of the text.
fn event(text: &str) -> Bytes {
    let mut event = String::with_capacity(text.len() + 16);
    for line in text.split('\n') {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

async fn not_allowed() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "Use POST.")
}

async fn not_found() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "There is only POST /character/generate-backstory.",
    )
}

fn error(status: StatusCode, words: &str) -> Response {
    (status, axum::Json(json!({"ERROR": words}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_joined_are_the_story() {
        for story in [
            "",
            "one",
            "a b c d e f g h i",
            "  a\n\nb  c\td e ",
            "東京 の 人 は 皆 親切",
        ] {
            assert_eq!(parts(story).collect::<String>(), story);
        }
        assert_eq!(parts("a b c d e").collect::<Vec<_>>(), ["a b c d", " e"]);
    }

    #[test]
    fn a_line_break_becomes_a_second_data_line() {
        assert_eq!(event(" b\n\nc"), "data:  b\ndata: \ndata: c\n\n");
    }
}
