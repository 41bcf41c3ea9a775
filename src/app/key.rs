//! The API key: from a file or the environment, and nowhere else but in the request.

use super::refused::{KeyFault, Refused};
use crate::domain::recipe::ProviderName;
use secrecy::SecretString;
use std::path::Path;

/// The key for `provider`. The demo provider needs none; `may_do_without` says that the endpoint may need none either.
///
/// # Errors
///
/// [`Refused::Key`].
pub(crate) fn key(
    provider: ProviderName,
    may_do_without: bool,
    file: Option<&Path>,
) -> Result<Option<SecretString>, Refused> {
    if provider == ProviderName::Demo {
        return Ok(None);
    }
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|err| {
            let file = path.to_owned();
            Refused::Key(KeyFault::Unreadable { file, err })
        })?,
        None => std::env::var(variable(provider)).unwrap_or_default(),
    };
    let from = file.map(Path::to_owned);
    let key = text.trim();
    if key.is_empty() {
        let is_needed = provider != ProviderName::Openai || !may_do_without || from.is_some();
        return if is_needed {
            let file = from;
            Err(Refused::Key(KeyFault::Missing { file, provider }))
        } else {
            Ok(None)
        };
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let file = from;
        return Err(Refused::Key(KeyFault::Malformed { file, provider }));
    }
    Ok(Some(SecretString::from(key)))
}

/// The variable of the environment that holds the key of `provider`.
#[must_use]
pub(crate) fn variable(provider: ProviderName) -> &'static str {
    match provider {
        ProviderName::Openai => "OPENAI_API_KEY",
        ProviderName::Convai | ProviderName::Demo => "CONVAI_API_KEY",
    }
}
