//! Headers of requests, `--header 'NAME: VALUE'` and `--key-header NAME`.
//!
//! Their values may be secrets: they are stored nowhere, no message holds them, and a command that is printed to be typed again has
//! only their names. They shape no text, so they are no part of the recipe.

use crate::cli::args::ProviderArgs;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown_start;
use crate::exit::Failure;
use crate::provider::{Access, HeaderName};
use secrecy::SecretString;

/// As much of a header's name is quoted.
const NAME_CHARS_MAX: usize = 60;

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

/// What lets requests to `provider` in, but for the key.
pub(in crate::cli) fn access(
    provider: ProviderName,
    typed: &ProviderArgs,
) -> Result<Access, Failure> {
    let any = !typed.header.is_empty() || typed.key_header.is_some();
    if provider != ProviderName::Openai {
        if !any {
            return Ok(Access::default());
        }
        let words = format!("`{provider}` takes no extra headers");
        let hint = "leave out `--header` and `--key-header`, or choose `--provider openai`";
        return Err(Failure::usage(words, hint));
    }
    let headers = typed.header.iter().map(|line| header(line));
    let key_header = typed.key_header.as_deref();
    Ok(Access {
        key: None,
        key_header: key_header
            .map(|text| name(text, "key-header"))
            .transpose()?,
        headers: headers.collect::<Result<_, _>>()?,
    })
}

/// Reads `NAME: VALUE`.
fn header(line: &str) -> Result<(HeaderName, SecretString), Failure> {
    let Some((text, value)) = line.split_once(':') else {
        let words =
            "`--header` without a colon (its text is not shown, because it may be a secret)";
        let hint = "write it as `--header 'NAME: VALUE'`";
        return Err(Failure::usage(words, hint));
    };
    let name = name(text.trim(), "header")?;
    let value = value.trim();
    let fits = |c: char| c == '\t' || (' '..='~').contains(&c);
    if value.is_empty() || !value.chars().all(fits) {
        let words = format!("`--header '{name}: …'`: its value is empty or not valid in a header");
        return Err(Failure::usage(words, "use printable ASCII on one line"));
    }
    Ok((name, SecretString::from(value)))
}

/// A name of a header that may be set.
fn name(text: &str, switch: &str) -> Result<HeaderName, Failure> {
    let refused = |why: &str, hint: &str| {
        let text = shown_start(text, NAME_CHARS_MAX);
        Failure::usage(format!("`--{switch}`: `{text}` {why}"), hint)
    };
    let name: HeaderName = text.parse().map_err(|_| {
        let hint = "a name has letters, digits and `-`, such as `api-key`";
        refused("is not a valid header name", hint)
    })?;
    if OWN.contains(&name.as_str()) {
        return Err(refused("is set by backstory itself", "leave it out"));
    }
    Ok(name)
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
