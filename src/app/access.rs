//! Headers of requests that the user adds, and the one that has the API key.
//!
//! Their values may be secrets: they are stored nowhere, and no error holds them. They shape no text, so they are no part of the
//! recipe.

use super::asked::ProviderAsked;
use super::refused::{HeaderFault, Refused};
use crate::domain::recipe::ProviderName;
use crate::provider::{Access, HeaderName};
use secrecy::SecretString;

/// Headers that belong to the transport or to the form of the request.
const OWN: [&str; 7] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
];

/// The headers of requests to `provider`; the key is added later.
pub(super) fn access(provider: ProviderName, asked: &ProviderAsked) -> Result<Access, Refused> {
    let any = !asked.headers.is_empty() || asked.key_header.is_some();
    if provider != ProviderName::Openai {
        return if any {
            Err(Refused::TakesNoHeaders(provider))
        } else {
            Ok(Access::default())
        };
    }
    let headers = asked.headers.iter().map(|line| header(line));
    let key_header = asked.key_header.as_deref();
    Ok(Access {
        key: None,
        key_header: key_header.map(|text| name(text, true)).transpose()?,
        headers: headers.collect::<Result<_, _>>()?,
    })
}

/// Reads `NAME: VALUE`.
fn header(line: &str) -> Result<(HeaderName, SecretString), Refused> {
    let Some((text, value)) = line.split_once(':') else {
        return Err(Refused::Header(HeaderFault::NoColon));
    };
    let name = name(text.trim(), false)?;
    let value = value.trim();
    let fits = |c: char| c == '\t' || (' '..='~').contains(&c);
    if value.is_empty() || !value.chars().all(fits) {
        return Err(Refused::Header(HeaderFault::Value(name.to_string())));
    }
    Ok((name, SecretString::from(value)))
}

/// A name of a header that may be set.
fn name(text: &str, is_key_header: bool) -> Result<HeaderName, Refused> {
    let read = text.parse::<HeaderName>();
    let text = text.to_owned();
    Err(Refused::Header(match read {
        Ok(name) if !OWN.contains(&name.as_str()) => return Ok(name),
        Ok(_) => HeaderFault::Own {
            is_key_header,
            text,
        },
        Err(_) => HeaderFault::Name {
            is_key_header,
            text,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value_and_no_message_holds_the_value() {
        for good in ["x-team: a b", "API-Key:s3cret", "authorization: Basic eDp5"] {
            assert!(header(good).is_ok(), "{good}");
        }
        for wrong in [
            "s3cret",
            ": s3cret",
            "x y: s3cret",
            "host: s3cret",
            "Content-Type: s3cret",
            "x:",
            "x: s3crét",
            "x: s3cret\r\ny: z",
        ] {
            let failure = header(wrong).expect_err(wrong);
            let all = format!("{failure:?}");
            assert!(!all.contains("s3cr"), "{all}");
        }
    }
}
