//! The Convai Backstory API, and whatever speaks its protocol.
//!
//! The request is the documented one: a form with `inputText` and `charName`, the key in `CONVAI-API-KEY`. The answer is a
//! story only if it is a 200 with an event stream that the transport ends well.

use super::http::{self, Endpoint, Limits};
use super::{Pieces, Provider, ProviderError, Request, refusal, sse};
use futures_util::stream::{StreamExt, TryStreamExt, once};
use reqwest::Url;
use reqwest::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// The path of the API below its address.
const PATH: &str = "/character/generate-backstory";

/// The header of the key.
const KEY_HEADER: &str = "convai-api-key";

/// A client of the API.
pub struct Convai {
    client: reqwest::Client,
    url: Url,
    host: Arc<str>,
    key: Option<Key>,
}

struct Key {
    header: HeaderValue,
    /// Kept to scrub it from answers that echo it.
    secret: Arc<SecretString>,
}

impl Convai {
    /// The address of the service itself.
    pub const ADDRESS: &'static str = "https://api.convai.com";

    /// A client that calls `endpoint` with `key`.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up, or the key cannot stand in a header.
    pub fn new(
        endpoint: &Endpoint,
        key: Option<SecretString>,
        limits: Limits,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let key = match key {
            Some(secret) => {
                let mut header = HeaderValue::from_str(secret.expose_secret())?;
                header.set_sensitive(true);
                let secret = Arc::new(secret);
                Some(Key { header, secret })
            }
            None => None,
        };
        Ok(Self {
            client: http::client(endpoint, limits)?,
            url: endpoint.join(PATH),
            host: endpoint.host().into(),
            key,
        })
    }
}

impl Provider for Convai {
    fn write(&self, request: Request) -> Pieces {
        let form = [
            ("inputText", request.description),
            ("charName", request.name),
        ];
        let mut post = self
            .client
            .post(self.url.clone())
            .header(ACCEPT, "text/event-stream")
            .form(&form);
        if let Some(key) = &self.key {
            post = post.header(KEY_HEADER, key.header.clone());
        }
        let host = Arc::clone(&self.host);
        let secret = self.key.as_ref().map(|key| Arc::clone(&key.secret));
        once(async move {
            let answer = post.send().await.map_err(|err| http::failed(err, &host))?;
            if answer.status() != 200 || !is_event_stream(answer.headers()) {
                let secret = secret.as_ref().map(|secret| secret.expose_secret());
                return Err(refusal::refused(answer, secret).await);
            }
            let proven = is_proven(answer.headers());
            let body = answer.bytes_stream().map_err(reqwest::Error::without_url);
            Ok::<_, ProviderError>(sse::pieces(body, proven, secret))
        })
        .try_flatten()
        .boxed()
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("text/event-stream")
}

/// Whether the end of the body can be told from a cut: it is chunked or has its length.
fn is_proven(headers: &HeaderMap) -> bool {
    let coding = headers.get_all(TRANSFER_ENCODING).iter().next_back();
    let coding = coding.and_then(|coding| coding.to_str().ok());
    match coding.and_then(|codings| codings.split(',').next_back()) {
        Some(last) => last.trim().eq_ignore_ascii_case("chunked"),
        None => headers.contains_key(CONTENT_LENGTH),
    }
}
