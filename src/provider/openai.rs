//! Any endpoint that speaks the chat completions of the `OpenAI` API: Ollama, llama.cpp, vLLM, proxies, `OpenAI` itself.
//!
//! The prompt is the first message, name and description the second. The answer is asked for as a stream with its usage; it is
//! a story only if the stream says so to its very end.

use super::answer::Answer;
use super::http::{self, Endpoint, Key, Limits};
use super::{Pieces, Provider, ProviderError, Request, chat, codes, integer, refusal, waits};
use futures_util::stream::{StreamExt, TryStreamExt, once};
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::future::ready;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::SystemTime;

/// The path below the address.
const PATH: &str = "/chat/completions";

/// Hosts whose newer models refuse `max_tokens`, and where `max_completion_tokens` bounds the thoughts, too.
const NEWER: [&str; 2] = ["api.openai.com", ".openai.azure.com"];

/// Makes the prompt for a request; says what is wrong when it cannot.
pub type Prompting = Box<dyn Fn(&Request) -> Result<String, String> + Send + Sync>;

/// What is asked of the service beside the character.
pub struct Asking {
    /// Which of its models.
    pub model: String,
    /// What the model is told.
    pub prompt: Prompting,
    /// The most tokens that an answer may have; the service's own limit without.
    pub tokens_max: Option<NonZeroU32>,
}

/// A client of such an endpoint.
pub struct OpenAi {
    client: reqwest::Client,
    url: Url,
    host: Arc<str>,
    key: Option<Key>,
    asking: Asking,
}

impl OpenAi {
    /// The address of the service that the protocol is named after.
    pub const ADDRESS: &'static str = "https://api.openai.com/v1";

    /// A client that calls `endpoint` with `key`.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up, or the key cannot stand in a header.
    pub fn new(
        endpoint: &Endpoint,
        key: Option<SecretString>,
        limits: Limits,
        asking: Asking,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self {
            client: http::client(endpoint, limits)?,
            url: endpoint.join(PATH),
            host: endpoint.host().into(),
            key: key.map(|key| Key::new(key, "Bearer ")).transpose()?,
            asking,
        })
    }

    fn body(&self, prompt: &str, request: &Request) -> Value {
        let mut body = json!({
            "model": self.asking.model,
            "messages": [
                {"role": "system", "content": prompt},
                {"role": "user", "content": character(request)},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        if let Some(tokens_max) = self.asking.tokens_max {
            let newer = NEWER.iter().any(|host| self.host.ends_with(host));
            let field = if newer {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            body[field] = json!(tokens_max);
        }
        body
    }
}

impl Provider for OpenAi {
    fn scrubbed(&self, words: String) -> String {
        let secret = self.key.as_ref().map(Key::secret);
        refusal::scrubbed(words, secret.as_deref().map(ExposeSecret::expose_secret))
    }

    fn write(&self, request: Request) -> Pieces {
        let prompt = match (self.asking.prompt)(&request) {
            Ok(prompt) => prompt,
            Err(reason) => return once(ready(Err(ProviderError::NoPrompt { reason }))).boxed(),
        };
        let mut post = self
            .client
            .post(self.url.clone())
            .header(ACCEPT, http::event_stream())
            .header(CONTENT_TYPE, "application/json")
            .body(self.body(&prompt, &request).to_string());
        if let Some(key) = &self.key {
            post = post.header(AUTHORIZATION, key.header());
        }
        let host = Arc::clone(&self.host);
        let secret = self.key.as_ref().map(Key::secret);
        Answer::to(async move {
            let answer = post.send().await.map_err(|err| http::failed(err, &host))?;
            if answer.status() != 200 || !http::is_event_stream(answer.headers()) {
                let secret = secret.as_ref().map(|secret| secret.expose_secret());
                // Apart, because it is rare, and what it needs to wait would be set aside for every request.
                return Err(Box::pin(refusal::refused(answer, secret, codes::outcome)).await);
            }
            let notice = waits::notice(answer.headers(), SystemTime::now());
            let body = answer.bytes_stream().map_err(reqwest::Error::without_url);
            Ok((notice, chat::pieces(body, secret)))
        })
        .boxed()
    }

    fn bytes(&self, request: &Request) -> u64 {
        // One that cannot be made is not sent.
        let prompt = (self.asking.prompt)(request).unwrap_or_default();
        integer(prompt.len() + character(request).len())
    }
}

/// The character as the model is told of it.
fn character(request: &Request) -> String {
    format!(
        "Name: {}\nDescription: {}",
        request.name, request.description
    )
}
