//! The only route of the API, as its documentation describes it.
//!
//! Errors are JSON objects with `ERROR`. The checks of a request come before its simulated fault, in this order: caller,
//! path, method, key, pace, choice of the fault, body, fields.

use super::body::{Fields, fields};
use super::faults::{Dice, Drawn, Fault};
use super::gate::{self, Gate};
use super::log::Entry;
use super::refusal::Refusal;
use super::relay;
use super::story_stream::{Parts, answer_with, paced};
use super::{Options, Writer, demo};
use crate::provider;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use secrecy::ExposeSecret;
use serde_json::json;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The path of the API.
const PATH: &str = "/character/generate-backstory";

/// The wait that a simulated 429 or 503 asks for.
const REHEARSED_WAIT: Duration = Duration::from_secs(1);

/// Handles all requests, whatever their path.
pub(super) fn routes(
    options: Options,
    address: SocketAddr,
    stopping: watch::Receiver<bool>,
) -> Router {
    let serving = Serving {
        gate: Gate::new(address, options.cors.clone()),
        stopping,
        pace: limiter(options.rate.period()),
        dice: Mutex::new(Dice::new(options.faults.clone(), options.seed)),
        options,
    };
    Router::new()
        .fallback(handle)
        // The body is limited when it is read.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(serving))
}

/// The state between requests.
struct Serving {
    options: Options,
    gate: Gate,
    /// Becomes true when the service ends.
    stopping: watch::Receiver<bool>,
    pace: Option<DefaultDirectRateLimiter>,
    dice: Mutex<Dice>,
}

/// The answer of a refused request.
fn response(refusal: &Refusal) -> Response {
    let body = axum::Json(json!({"ERROR": refusal.words}));
    let mut response = (refusal.status, body).into_response();
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, gate::METHODS);
    }
    if let Some(wait) = refusal.retry_after {
        // Whole seconds, rounded up.
        let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, secs.into());
    }
    response
}

async fn handle(State(serving): State<Arc<Serving>>, request: Request) -> Response {
    let opened = serving.gate.open(request.headers());
    let mut response = answer(&serving, request).await;
    response.headers_mut().extend(opened);
    response
}

async fn answer(serving: &Serving, request: Request) -> Response {
    let lines = serving.options.log.clone();
    let stopping = serving.stopping.clone();
    let (method, path) = (request.method().as_str(), request.uri().path());
    let mut entry = Entry::new(lines, stopping, method, path);
    if let Err(refusal) = serving.gate.pass(&request) {
        return refuse(&refusal, entry);
    }
    if request.uri().path() == PATH && request.method() == Method::OPTIONS {
        entry.status = StatusCode::NO_CONTENT.as_u16();
        return gate::options(request.headers());
    }
    let drawn = match serving.admit(&request) {
        Ok(drawn) => drawn,
        Err(refusal) => return refuse(&refusal, entry),
    };
    entry.fault = drawn.fault;
    entry.status = StatusCode::OK.as_u16();
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(refusal) => return refuse(&refusal, entry),
    };
    let request = match wanted(fields) {
        Ok(request) => request,
        Err(refusal) => return refuse(&refusal, entry),
    };
    match drawn.fault {
        Some(Fault::Status(status)) => refuse(&rehearsed(status), entry),
        Some(Fault::Html) => html(),
        _ => match serving.story(request).await {
            Ok(parts) => answer_with(parts, drawn, entry),
            Err(refusal) => refuse(&refusal, entry),
        },
    }
}

impl Serving {
    /// Accepts a request and chooses its fault, or refuses it.
    fn admit(&self, request: &Request) -> Result<Drawn, Refusal> {
        if request.uri().path() != PATH {
            let words = "This server only has POST /character/generate-backstory.";
            return Err(Refusal::new(StatusCode::NOT_FOUND, words));
        }
        if request.method() != Method::POST {
            return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Use POST."));
        }
        if !self.is_key_good(request.headers()) {
            let words = "Invalid API key provided.";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, words));
        }
        if let Some(pace) = &self.pace {
            pace.check().map_err(|until| Refusal {
                status: StatusCode::TOO_MANY_REQUESTS,
                words: "API rate limit exceeded. Please try again later.".to_owned(),
                retry_after: Some(until.wait_time_from(DefaultClock::default().now())),
            })?;
        }
        // No code panics while it holds the lock.
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(dice.draw())
    }

    fn is_key_good(&self, headers: &HeaderMap) -> bool {
        let Some(key) = &self.options.key else {
            return true;
        };
        let given = headers.get("convai-api-key");
        given.is_some_and(|given| is_same(given.as_bytes(), key.expose_secret().as_bytes()))
    }

    /// The parts of the requested story.
    async fn story(&self, request: provider::Request) -> Result<Parts, Refusal> {
        let Options {
            latency,
            story_takes,
            words,
            ..
        } = self.options;
        match &self.options.writer {
            Writer::Demo => {
                let story = demo::story(&request.name, &request.description, words);
                Ok(paced(&story, latency, story_takes))
            }
            Writer::Upstream(upstream) => {
                tokio::time::sleep(latency).await;
                Ok(relay::story(&**upstream, request).await?)
            }
        }
    }
}

/// Compares in a time that does not depend on the position of the first difference.
fn is_same(given: &[u8], key: &[u8]) -> bool {
    let differ = given.iter().zip(key).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == key.len() && differ == 0
}

/// The requests of one second at most may come at once, and at least two: a client that keeps the pace exactly is not
/// refused if one of its requests needed a little longer than the next.
fn limiter(period: Duration) -> Option<DefaultDirectRateLimiter> {
    let at_once = Duration::from_secs(1).as_nanos() / period.as_nanos().max(1);
    let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(2);
    let quota = Quota::with_period(period)?.allow_burst(NonZeroU32::new(at_once)?);
    Some(RateLimiter::direct(quota))
}

fn wanted(fields: Fields) -> Result<provider::Request, Refusal> {
    let missing = |field| {
        let words = format!("The field {field} is missing.");
        Refusal::new(StatusCode::BAD_REQUEST, &words)
    };
    Ok(provider::Request {
        name: fields.name.ok_or_else(|| missing("charName"))?,
        description: fields.description.ok_or_else(|| missing("inputText"))?,
        columns: None,
    })
}

fn refuse(refusal: &Refusal, mut entry: Entry) -> Response {
    entry.status = refusal.status.as_u16();
    response(refusal)
}

fn rehearsed(status: u16) -> Refusal {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let words = match status {
        401 => "Invalid API key provided.",
        429 => "API rate limit exceeded. Please try again later.",
        _ => "As rehearsed.",
    };
    Refusal {
        retry_after: matches!(status, 429 | 503).then_some(REHEARSED_WAIT),
        ..Refusal::new(code, words)
    }
}

fn html() -> Response {
    let page = "<!doctype html><title>Welcome</title><p>Log in to this network.";
    ([(CONTENT_TYPE, "text/html")], page).into_response()
}
