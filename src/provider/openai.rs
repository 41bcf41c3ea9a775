//! Any endpoint that speaks the chat completions of the `OpenAI` API: Ollama, llama.cpp, vLLM, proxies, `OpenAI` itself.
//!
//! The prompt is the first message; name and description are the second. The request asks for a stream that reports its
//! tokens. An answer is a story only if the stream says so to its end.

use super::answer::Answer;
use super::chat::{self, Head};
use super::classify::{Form, Sent};
use super::http::{self, Endpoint, Key, Limits};
use super::refusal::{self, Context};
use super::secrets::Secrets;
use super::{Pieces, Provider, ProviderError, Request, integer, waits};
use futures_util::stream::{StreamExt, TryStreamExt, once};
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::future::ready;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// The path below the address.
const PATH: &str = "/chat/completions";

/// Statuses of an answer with a body: some services and proxies send 201 and 203 and mean 200.
const ANSWERED: RangeInclusive<u16> = 200..=203;

/// Hosts whose newer models refuse `max_tokens`; there `max_completion_tokens` limits the thoughts, too.
const NEWER: [&str; 2] = ["api.openai.com", ".openai.azure.com"];

/// Makes the prompt of a request; returns the message if that fails.
pub(crate) type Prompting = Box<dyn Fn(&Request) -> Result<String, String> + Send + Sync>;

/// What the service is asked for besides the character.
pub(crate) struct Asking {
    /// The model.
    pub model: String,
    /// The prompt.
    pub prompt: Prompting,
    /// The most tokens of an answer; without it, the service's own limit.
    pub tokens_max: Option<NonZeroU32>,
    /// Extra fields of each request; none of [`OpenAi::OWN_FIELDS`].
    pub fields: Vec<(String, Value)>,
}

/// How requests authenticate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    /// The API key.
    pub key: Option<SecretString>,
    /// The header that has the bare API key, instead of `authorization`.
    pub key_header: Option<HeaderName>,
    /// Extra headers of each request; they replace our own ones.
    pub headers: Vec<(HeaderName, SecretString)>,
}

/// A client of such an endpoint.
pub(crate) struct OpenAi {
    client: reqwest::Client,
    url: Url,
    host: Arc<str>,
    headers: HeaderMap,
    secrets: Secrets,
    asking: Asking,
    forms: Arc<Forms>,
}

/// The forms that the service refused; remembered as long as this provider lives.
#[derive(Default)]
struct Forms {
    without_stream_options: AtomicBool,
    /// The token limit has the other name than the host suggests. A refused name is not used again: otherwise a service that
    /// refuses both would get requests for ever.
    other_tokens_max: AtomicBool,
}

impl OpenAi {
    /// The address of `OpenAI`, after which the protocol is named.
    pub(crate) const ADDRESS: &'static str = "https://api.openai.com/v1";

    /// The fields of a request that only the program sets.
    pub(crate) const OWN_FIELDS: [&'static str; 4] =
        ["model", "messages", "stream", "stream_options"];

    /// The fields of the token limit; the program sets them if [`Asking::tokens_max`] is given.
    pub(crate) const TOKENS_MAX_FIELDS: [&'static str; 2] = ["max_tokens", "max_completion_tokens"];

    /// A client that calls `endpoint` with what `access` holds.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up, or the API key or another value cannot be the value of a header.
    pub(crate) fn new(
        endpoint: &Endpoint,
        access: Access,
        limits: Limits,
        asking: Asking,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, http::event_stream());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &access.key {
            let (name, scheme) = match access.key_header {
                Some(name) if name != AUTHORIZATION => (name, ""),
                _ => (AUTHORIZATION, "Bearer "),
            };
            headers.insert(name, Key::new(key, scheme)?.header());
        }
        for (name, value) in &access.headers {
            headers.insert(name, http::sensitive(value)?);
        }
        let values = access.headers.into_iter().map(|(_, value)| value);
        Ok(Self {
            client: http::client(endpoint, limits)?,
            url: endpoint.join(PATH),
            host: endpoint.host().into(),
            headers,
            secrets: Secrets::new(access.key.into_iter().chain(values)),
            asking,
            forms: Arc::default(),
        })
    }

    /// The body of a request, and the parts of it that a service may refuse.
    fn body(&self, prompt: &str, request: &Request) -> (Value, Sent) {
        let mut body = json!({
            "model": self.asking.model,
            "messages": [
                {"role": "system", "content": prompt},
                {"role": "user", "content": character(request)},
            ],
            "stream": true,
        });
        let mut sent = Sent::default();
        if !self.forms.without_stream_options.load(Ordering::Relaxed) {
            body["stream_options"] = json!({"include_usage": true});
            sent.stream_options = true;
        }
        if let Some(tokens_max) = self.asking.tokens_max {
            let newer = is_newer(&self.host);
            let other = self.forms.other_tokens_max.load(Ordering::Relaxed);
            let (field, form) = if newer == other {
                ("max_tokens", Form::MaxTokens)
            } else {
                ("max_completion_tokens", Form::MaxCompletionTokens)
            };
            body[field] = json!(tokens_max);
            sent.tokens_max = Some((form, tokens_max));
            sent.is_last_name = other;
        }
        for (name, value) in &self.asking.fields {
            body[name] = value.clone();
        }
        (body, sent)
    }
}

impl Forms {
    /// From now on without the refused part.
    fn remember(&self, form: Form) {
        let left = match form {
            Form::WithoutStreamOptions => &self.without_stream_options,
            Form::MaxTokens | Form::MaxCompletionTokens => &self.other_tokens_max,
        };
        left.store(true, Ordering::Relaxed);
    }
}

impl Provider for OpenAi {
    fn scrubbed(&self, words: String) -> String {
        self.secrets.scrub(words)
    }

    fn write(&self, request: Request) -> Pieces {
        let prompt = match (self.asking.prompt)(&request) {
            Ok(prompt) => prompt,
            Err(reason) => return once(ready(Err(ProviderError::NoPrompt { reason }))).boxed(),
        };
        let (body, sent) = self.body(&prompt, &request);
        let post = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .body(body.to_string());
        let host = Arc::clone(&self.host);
        let forms = Arc::clone(&self.forms);
        let context = Context {
            secrets: self.secrets.clone(),
            sent,
        };
        Answer::to(async move {
            let answer = post.send().await.map_err(|err| http::failed(err, &host))?;
            if !ANSWERED.contains(&answer.status().as_u16()) {
                // A future of its own, because it is rare: its state would otherwise take space in every request.
                let (err, form) = Box::pin(refusal::refused(answer, &context)).await;
                if let Some(form) = form {
                    forms.remember(form);
                }
                return Err(err);
            }
            http::not_compressed(&answer, &context.secrets)?;
            let notice = waits::notice(answer.headers(), SystemTime::now());
            let head = Head {
                content_type: refusal::content_type(answer.headers()),
                is_stream: http::is_event_stream(answer.headers()),
                is_proven: http::is_proven(answer.headers()),
            };
            let body = answer.bytes_stream().map_err(reqwest::Error::without_url);
            Ok((notice, chat::pieces(body, head, context)))
        })
        .boxed()
    }

    fn bytes(&self, request: &Request) -> u64 {
        // A request that cannot be made is not sent.
        let prompt = (self.asking.prompt)(request).unwrap_or_default();
        integer(prompt.len() + character(request).len())
    }
}

/// Whether the token limit has its newer name at this host.
fn is_newer(host: &str) -> bool {
    NEWER.iter().any(|newer| host.ends_with(newer))
}

/// The message that describes the character to the model.
fn character(request: &Request) -> String {
    format!(
        "Name: {}\nDescription: {}",
        request.name, request.description
    )
}
