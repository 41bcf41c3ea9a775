//! The Convai Backstory API, and services that speak its protocol.
//!
//! The request is the documented one: a form with `inputText` and `charName`, and the API key in `CONVAI-API-KEY`. An answer
//! is a story only if it is a 200 with an event stream that the connection ends properly.

use super::answer::Answer;
use super::http::{self, Endpoint, Key, Limits};
use super::refusal::{self, Context};
use super::secrets::Secrets;
use super::sse::Story;
use super::{Pieces, Provider, Request, waits};
use futures_util::stream::{StreamExt, TryStreamExt};
use reqwest::Url;
use reqwest::header::ACCEPT;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::SystemTime;

/// The path of the API below its address.
const PATH: &str = "/character/generate-backstory";

/// The header of the API key.
const KEY_HEADER: &str = "convai-api-key";

/// A client of the API.
pub(crate) struct Convai {
    client: reqwest::Client,
    url: Url,
    host: Arc<str>,
    key: Option<Key>,
    context: Context,
}

impl Convai {
    /// The address of the service itself.
    pub(crate) const ADDRESS: &'static str = "https://api.convai.com";

    /// A client that calls `endpoint` with `key`.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up, or the API key cannot be the value of a header.
    pub(crate) fn new(
        endpoint: &Endpoint,
        key: Option<SecretString>,
        limits: Limits,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let context = Context::new(Secrets::new(key.clone()));
        let key = key.map(|key| Key::new(&key, "")).transpose()?;
        Ok(Self {
            client: http::client(endpoint, limits)?,
            url: endpoint.join(PATH),
            host: endpoint.host().into(),
            key,
            context,
        })
    }
}

impl Provider for Convai {
    fn scrubbed(&self, words: String) -> String {
        self.context.secrets.scrub(words)
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
        let context = self.context.clone();
        Answer::to(async move {
            let answer = post.send().await.map_err(|err| http::failed(err, &host))?;
            if answer.status() != 200 || !http::is_event_stream(answer.headers()) {
                // A future of its own, because it is rare: its state would otherwise take space in every request.
                return Err(Box::pin(refusal::refused(answer, &context)).await.0);
            }
            http::not_compressed(&answer, &context.secrets)?;
            let proven = http::is_proven(answer.headers());
            let notice = waits::notice(answer.headers(), SystemTime::now());
            let body = answer.bytes_stream().map_err(reqwest::Error::without_url);
            Ok((notice, Story::new(body, proven, context)))
        })
        .boxed()
    }
}
