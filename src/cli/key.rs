//! The key: from a file or the environment, never from a switch, and nowhere else but in the request.

use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::exit::Failure;
use secrecy::SecretString;
use std::path::Path;

/// The key for `provider`; the demo writer needs none, and an endpoint on this machine, for one, may do without.
pub(in crate::cli) fn key(
    provider: ProviderName,
    may_do_without: bool,
    file: Option<&Path>,
) -> Result<Option<SecretString>, Failure> {
    let variable = match provider {
        ProviderName::Demo => return Ok(None),
        provider => variable(provider),
    };
    let (text, whence) = match file {
        Some(file) => {
            let whence = format!("`{}`", shown(&file.to_string_lossy()));
            let text = std::fs::read_to_string(file).map_err(|err| {
                let words = format!("cannot read the API key file {whence}: {err}");
                Failure::usage(words, "use a text file that contains only the API key")
            })?;
            (text, whence)
        }
        None => (
            std::env::var(variable).unwrap_or_default(),
            format!("`{variable}`"),
        ),
    };
    let key = text.trim();
    if key.is_empty() && provider == ProviderName::Openai && may_do_without && file.is_none() {
        return Ok(None);
    }
    if key.is_empty() {
        let words = match file {
            Some(_) => format!("the API key file {whence} is empty"),
            None => format!("no API key: {whence} is not set"),
        };
        let hint =
            format!("set {variable} or pass `--key-file FILE`; `--provider demo` needs no key");
        return Err(Failure::usage(words, hint));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let words =
            format!("the API key in {whence} has white space or characters that no API key has");
        return Err(Failure::usage(
            words,
            "it must contain only the API key, on one line",
        ));
    }
    Ok(Some(SecretString::from(key)))
}

/// The variable that holds the key of `provider`.
pub(in crate::cli) fn variable(provider: ProviderName) -> &'static str {
    match provider {
        ProviderName::Openai => "OPENAI_API_KEY",
        ProviderName::Convai | ProviderName::Demo => "CONVAI_API_KEY",
    }
}
