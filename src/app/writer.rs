//! Which provider writes, with which model, at which address: from what was asked and what the cast remembers.
//!
//! A [`Writer`] has no key at first: what needs none can be done without one.

use super::access::access;
use super::asked::ProviderAsked;
use super::error::AppError;
use super::fields::Fields;
use super::key::key;
use super::memory::Memory;
use super::prompt::{PromptText, prompting};
use super::refused::{CastFault, Refused};
use crate::domain::recipe::{ProviderName, Recipe};
use crate::provider::{Access, Asking, Convai, Endpoint, HeaderName, Limits, OpenAi, Provider};
use crate::sheet::Prompt;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

/// A provider with its model, address, prompt and headers.
#[derive(Clone)]
pub(crate) struct Writer {
    /// The provider.
    pub name: ProviderName,
    /// Its address; `None` for the demo provider, whose service gets one when it starts.
    endpoint: Option<Endpoint>,
    /// Whether the address was chosen, and is not the provider's own.
    is_chosen: bool,
    /// The model, where the provider has several.
    pub model: Option<String>,
    /// The prompt, where the provider takes one.
    pub prompt: Option<PromptText>,
    /// What the model is asked not to repeat; not part of the recipe.
    avoid: Option<String>,
    /// The extra fields of each request.
    pub(super) fields: Fields,
    /// The headers; the key is added later.
    access: Access,
}

/// Whether there is an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// There is one, and its form is right.
    Found,
    /// The provider needs none.
    NotNeeded,
    /// There is none; an endpoint on this machine may not need one.
    None,
}

impl Writer {
    /// Resolves the provider, without a prompt and a key yet. The remembered address of another provider is not used.
    ///
    /// # Errors
    ///
    /// [`AppError::Refused`] and [`AppError::Endpoint`].
    pub(crate) fn resolve(asked: &ProviderAsked, memory: &Memory) -> Result<Self, AppError> {
        let remembered = memory
            .provider
            .as_deref()
            .and_then(|word| word.parse().ok());
        let name = asked
            .provider
            .or(remembered)
            .unwrap_or(ProviderName::Convai);
        let base_url = match (&asked.base_url, remembered == Some(name)) {
            (Some(asked), _) => Some(asked.as_str()),
            (None, true) => memory.base_url.as_deref(),
            (None, false) => None,
        };
        let endpoint = match (name, base_url) {
            (ProviderName::Demo, None) => None,
            (ProviderName::Demo, Some(_)) => {
                // The address was probably meant for another provider than the remembered one.
                let is_remembered = asked.provider.is_none();
                return Err(Refused::DemoHasNoAddress { is_remembered }.into());
            }
            (name, base_url) => {
                let own = match name {
                    ProviderName::Openai => OpenAi::ADDRESS,
                    _ => Convai::ADDRESS,
                };
                Some(Endpoint::parse(base_url.unwrap_or(own), asked.allow_http)?)
            }
        };
        let remembered = memory.model.as_ref().filter(|_| memory.is_of(name));
        Ok(Self {
            name,
            endpoint,
            is_chosen: base_url.is_some(),
            model: model(name, asked.model.as_ref(), remembered)?,
            prompt: None,
            avoid: None,
            fields: Fields::resolve(name, &asked.fields, memory.fields_of(name))?,
            access: access(name, asked)?,
        })
    }

    /// Refuses a provider, model or fields that differ from the `recipe` of a cast: only a run on its sheet changes those.
    pub(super) fn matches(&self, recipe: &Recipe, cast: &str) -> Result<(), Refused> {
        if (self.name, &self.model) != (recipe.provider, &recipe.model) {
            return Err(Refused::Cast(CastFault::OtherWriter {
                cast: cast.to_owned(),
                recipe: Box::new(recipe.clone()),
                provider: self.name,
                model: self.model.clone(),
            }));
        }
        if self.fields.text() != recipe.fields {
            let cast = cast.to_owned();
            return Err(Refused::Cast(CastFault::OtherFields { cast }));
        }
        Ok(())
    }

    /// Refuses to ask a provider without a prompt not to repeat something.
    pub(super) fn can_avoid(&self) -> Result<(), Refused> {
        match self.name {
            ProviderName::Openai => Ok(()),
            ProviderName::Convai | ProviderName::Demo => Err(Refused::CannotAvoid(self.name)),
        }
    }

    /// The same, with a further part of the prompt, if that is not empty.
    pub(super) fn avoiding(mut self, text: &str) -> Self {
        self.avoid = (!text.is_empty()).then(|| text.to_owned());
        self
    }

    /// The same, with its key: of `key_file`, else of the environment.
    ///
    /// # Errors
    ///
    /// [`Refused::Key`].
    pub(crate) fn with_key(mut self, key_file: Option<&Path>) -> Result<Self, Refused> {
        // Where a header of the user's own authorizes requests, no key is needed either.
        let authorizes = |(name, _): &(HeaderName, SecretString)| *name == "authorization";
        let may_do_without = self.is_loopback() || self.access.headers.iter().any(authorizes);
        self.access.key = key(self.name, may_do_without, key_file)?;
        Ok(self)
    }

    /// The address as the cast remembers it.
    pub(super) fn base_url(&self) -> Option<String> {
        let endpoint = self.endpoint.as_ref().filter(|_| self.is_chosen);
        endpoint.map(|endpoint| endpoint.address().to_owned())
    }

    /// The SHA-256 digest of the API key, where there is one.
    pub(super) fn key_digest(&self) -> Option<[u8; 32]> {
        let key = self.access.key.as_ref()?;
        Some(Sha256::digest(key.expose_secret().as_bytes()).into())
    }

    /// The address under which pace and takes are remembered.
    #[must_use]
    pub(crate) fn endpoint_name(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.address().to_owned(),
            None => self.name.to_string(),
        }
    }

    /// The address of the provider; `None` for the one that is built in.
    #[must_use]
    pub(crate) fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()
    }

    /// Whether there is a key.
    #[must_use]
    pub(crate) fn key_state(&self) -> KeyState {
        match (self.name, &self.access.key) {
            (_, Some(_)) => KeyState::Found,
            (ProviderName::Demo, None) => KeyState::NotNeeded,
            (_, None) => KeyState::None,
        }
    }

    /// Whether the address is this machine's own.
    pub(super) fn is_loopback(&self) -> bool {
        self.endpoint.as_ref().is_none_or(Endpoint::is_loopback)
    }

    /// A client that is ready to send. `demo` starts the built-in service where this is the demo provider, `prompt` is the prompt
    /// over the columns of the sheet, `tokens_max` the token limit of each request, `connect` the longest time to connect.
    ///
    /// # Errors
    ///
    /// [`AppError::Demo`] and [`AppError::Connection`] when the service or the client cannot be set up; [`AppError::Refused`] for
    /// fields that do not fit.
    pub(crate) async fn client(
        &self,
        demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
        prompt: Option<Prompt>,
        tokens_max: Option<NonZeroU32>,
        connect: Duration,
    ) -> Result<Box<dyn Provider>, AppError> {
        let endpoint = if let Some(endpoint) = &self.endpoint {
            endpoint.clone()
        } else {
            let address = demo().await.map_err(AppError::Demo)?;
            Endpoint::parse(&format!("http://{address}"), false)?
        };
        let (access, limits) = (self.access.clone(), Limits { connect });
        let client = match (&self.model, prompt) {
            (Some(model), Some(prompt)) => {
                let asking = Asking {
                    model: model.clone(),
                    prompt: prompting(prompt, self.avoid.clone()),
                    tokens_max,
                    fields: self.fields.of_request(tokens_max)?,
                };
                OpenAi::new(&endpoint, access, limits, asking).map(|openai| Box::new(openai) as _)
            }
            _ => Convai::new(&endpoint, access.key, limits).map(|convai| Box::new(convai) as _),
        };
        client.map_err(|err| AppError::Connection(err.to_string()))
    }
}

/// The model: asked, else remembered; none where the provider has only one.
fn model(
    provider: ProviderName,
    asked: Option<&String>,
    remembered: Option<&String>,
) -> Result<Option<String>, Refused> {
    match (provider, asked.or(remembered)) {
        (ProviderName::Openai, None) => Err(Refused::NoModel),
        (ProviderName::Openai, model) => Ok(model.cloned()),
        (provider, _) if asked.is_some() => Err(Refused::OnlyOneModel(provider)),
        _ => Ok(None),
    }
}
