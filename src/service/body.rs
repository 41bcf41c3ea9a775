//! Reads the body of a request: a form, a multipart form, or JSON with two texts, within limits of size and time.

use super::refusal::Refusal;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Json, Multipart, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use futures_util::StreamExt;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::timeout;

/// The longest body, in bytes: longer than the longest cell of a sheet with every byte escaped.
const BYTES_MAX: usize = 4 << 20;

/// The most bytes of a too long body that are read all the same: a client that is still sending would not read the answer.
const BYTES_READ_MAX: usize = 16 << 20;

/// The time in which the body must arrive.
const TIME: Duration = Duration::from_secs(10);

/// The fields of a request.
#[derive(Debug, Deserialize)]
pub(super) struct Fields {
    #[serde(rename = "inputText")]
    pub(super) description: Option<String>,
    #[serde(rename = "charName")]
    pub(super) name: Option<String>,
}

/// Reads the fields of a request.
pub(super) async fn fields(request: Request) -> Result<Fields, Refusal> {
    let (head, body) = request.into_parts();
    let bytes = timeout(TIME, bytes(&head.headers, body))
        .await
        .map_err(|_| {
            let words = "The body did not arrive within 10 seconds.";
            Refusal::new(StatusCode::REQUEST_TIMEOUT, words)
        })??;
    let is_json = is(&head.headers, "application/json");
    let is_multipart = is(&head.headers, "multipart/form-data");
    let request = Request::from_parts(head, Body::from(bytes));
    let read = if is_multipart {
        multipart(request).await
    } else if is_json {
        let read = Json::from_request(request, &()).await;
        read.ok().map(|Json(fields)| fields)
    } else {
        let read = Form::from_request(request, &()).await;
        read.ok().map(|Form(fields)| fields)
    };
    read.ok_or_else(|| {
        let words = "The body is neither a form nor a JSON object with text fields.";
        Refusal::new(StatusCode::BAD_REQUEST, words)
    })
}

/// Whether the content type is of this kind.
fn is(headers: &HeaderMap, kind: &str) -> bool {
    let found = headers.get(CONTENT_TYPE);
    found
        .and_then(|found| found.to_str().ok())
        .is_some_and(|found| found.to_ascii_lowercase().starts_with(kind))
}

/// The fields of a multipart form, as `curl -F` and pages send it.
async fn multipart(request: Request) -> Option<Fields> {
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut fields = Fields {
        description: None,
        name: None,
    };
    while let Some(part) = parts.next_field().await.ok()? {
        let field = match part.name() {
            Some("inputText") => &mut fields.description,
            Some("charName") => &mut fields.name,
            _ => continue,
        };
        *field = Some(part.text().await.ok()?);
    }
    Some(fields)
}

async fn bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let far_too_long = declared.is_some_and(|length| {
        usize::try_from(length).map_or(true, |length| length > BYTES_READ_MAX)
    });
    let (mut bytes, mut read) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while !far_too_long && read <= BYTES_READ_MAX {
        match chunks.next().await {
            Some(Ok(chunk)) => {
                read += chunk.len();
                if read <= BYTES_MAX {
                    bytes.extend_from_slice(&chunk);
                }
            }
            Some(Err(_)) => {
                let words = "The body is incomplete.";
                return Err(Refusal::new(StatusCode::BAD_REQUEST, words));
            }
            None if read <= BYTES_MAX => return Ok(bytes),
            None => break,
        }
    }
    let words = "The body is longer than 4 MiB.";
    Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, words))
}
