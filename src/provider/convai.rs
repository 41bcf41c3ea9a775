//! The Convai Backstory API, and whatever speaks its protocol.
//!
//! The request is the documented one: a form with `inputText` and `charName`, the key in `CONVAI-API-KEY`. The answer is a
//! story only if it is a 200 with an event stream that the transport ends well.

use super::answer::Answer;
use super::http::{self, Endpoint, Key, Limits};
use super::sse::Story;
use super::{Pieces, Provider, Request, refusal, waits};
use futures_util::stream::{StreamExt, TryStreamExt};
use reqwest::Url;
use reqwest::header::ACCEPT;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::SystemTime;

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
        let key = key.map(|key| Key::new(key, "")).transpose()?;
        Ok(Self {
            client: http::client(endpoint, limits)?,
            url: endpoint.join(PATH),
            host: endpoint.host().into(),
            key,
        })
    }
}

impl Provider for Convai {
    fn scrubbed(&self, words: String) -> String {
        let secret = self.key.as_ref().map(Key::secret);
        refusal::scrubbed(words, secret.as_deref().map(ExposeSecret::expose_secret))
    }

    fn write(&self, request: Request) -> Pieces {
        let form = [
            ("inputText", request.description),
            ("charName", request.name),
        ];
        let mut post = self
            .client
            .post(self.url.clone())
            .header(ACCEPT, http::event_stream())
            .form(&form);
        if let Some(key) = &self.key {
            post = post.header(KEY_HEADER, key.header());
        }
        let host = Arc::clone(&self.host);
        let secret = self.key.as_ref().map(Key::secret);
        Answer::to(async move {
            let answer = post.send().await.map_err(|err| http::failed(err, &host))?;
            if answer.status() != 200 || !http::is_event_stream(answer.headers()) {
                let secret = secret.as_ref().map(|secret| secret.expose_secret());
                // Apart, because it is rare, and what it needs to wait would be set aside for every request.
                return Err(Box::pin(refusal::refused(answer, secret, refusal::no_codes)).await);
            }
            let proven = http::is_proven(answer.headers());
            let notice = waits::notice(answer.headers(), SystemTime::now());
            let body = answer.bytes_stream().map_err(reqwest::Error::without_url);
            Ok((notice, Story::new(body, proven, secret)))
        })
        .boxed()
    }
}
