//! HTTP: an address that may be called, and a client that sends exactly one request per call.
//!
//! The client follows no redirect (the API key would go along), repeats no request (a hidden one may be charged), asks for
//! no compression, and never sends traffic to this machine through a proxy.

use super::ProviderError;
use super::secrets::Secrets;
use reqwest::Url;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, InvalidHeaderValue,
    TRANSFER_ENCODING,
};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

/// Idle connections are closed after this time. Many services close theirs soon after; a request on a connection that is
/// being closed may or may not be charged.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);

/// The content type of an event stream.
const EVENT_STREAM: &str = "text/event-stream";

/// The time limits of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For connecting, including TLS.
    pub connect: Duration,
}

/// An address that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

/// Why an address may not be called.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is not an address.
    #[error("`{address}` is not an http or https address")]
    NotAnAddress {
        /// The given text, without a password in it.
        address: String,
    },
    /// The API key would be sent unencrypted.
    #[error("`{host}` is called over plain http, which sends the API key unencrypted")]
    Plain {
        /// The host in the address.
        host: String,
    },
}

impl Endpoint {
    /// Reads an address. Plain `http` to another machine needs `allow_http`.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] if the text is not such an address or the address may not be called.
    pub(crate) fn parse(address: &str, allow_http: bool) -> Result<Self, EndpointError> {
        let wrong = || EndpointError::NotAnAddress {
            address: address
                .chars()
                .filter(|c| !c.is_control())
                .take(80)
                .collect(),
        };
        if address.contains('@') {
            return Err(EndpointError::NotAnAddress {
                address: "***".to_owned(),
            });
        }
        let url = Url::parse(address).map_err(|_| wrong())?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        let endpoint = Self(url);
        match (endpoint.0.scheme(), endpoint.host()) {
            (_, "") => Err(wrong()),
            ("https", _) => Ok(endpoint),
            ("http", _) if allow_http || endpoint.is_loopback() => Ok(endpoint),
            ("http", host) => Err(EndpointError::Plain {
                host: host.to_owned(),
            }),
            _ => Err(wrong()),
        }
    }

    /// The host that is called.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port that is called.
    #[must_use]
    pub(crate) fn port(&self) -> u16 {
        // Both schemes that are allowed have a default port.
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Whether it is this machine.
    #[must_use]
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The address as a cast remembers it: without a slash at its end.
    #[must_use]
    pub(crate) fn address(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of `path`, which begins with a slash, below this one.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

/// The API key as the value of a header.
pub(super) struct Key(HeaderValue);

impl Key {
    /// The value of a header that contains `scheme` and the API key.
    ///
    /// # Errors
    ///
    /// If it cannot be the value of a header.
    pub(super) fn new(secret: &SecretString, scheme: &str) -> Result<Self, InvalidHeaderValue> {
        let value = SecretString::from(format!("{scheme}{}", secret.expose_secret()));
        sensitive(&value).map(Self)
    }

    /// The value of the header.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// The value of a header that is marked as secret, so that it is never printed.
///
/// # Errors
///
/// If it cannot be the value of a header.
pub(super) fn sensitive(value: &SecretString) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut header = HeaderValue::from_str(value.expose_secret())?;
    header.set_sensitive(true);
    Ok(header)
}

/// A client for `endpoint`.
///
/// # Errors
///
/// If the platform's TLS cannot be set up.
pub(super) fn client(
    endpoint: &Endpoint,
    limits: Limits,
) -> Result<reqwest::Client, reqwest::Error> {
    // Other code in this process may have chosen a provider before; it serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("backstory/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_idle_timeout(IDLE_CONNECTION)
        .connect_timeout(limits.connect);
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
        if endpoint.0.scheme() == "http" {
            // There is no certificate to verify, so the system's certificates, some 150 files, need not be read.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build()
}

/// The content type that requests ask for.
pub(super) fn event_stream() -> HeaderValue {
    HeaderValue::from_static(EVENT_STREAM)
}

/// Whether the content type says that the body is an event stream.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(EVENT_STREAM)
}

/// Refuses a body that is compressed although the request did not allow it: it cannot be read.
///
/// # Errors
///
/// [`ProviderError::Compressed`].
pub(super) fn not_compressed(
    answer: &reqwest::Response,
    secrets: &Secrets,
) -> Result<(), ProviderError> {
    let codings = answer.headers().get_all(CONTENT_ENCODING).iter();
    let names = codings.filter_map(|coding| coding.to_str().ok());
    let mut names = names.flat_map(|names| names.split(',')).map(str::trim);
    match names.find(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")) {
        Some(coding) => Err(ProviderError::Compressed {
            coding: secrets.scrub(coding.to_owned()),
        }),
        None => Ok(()),
    }
}

/// Whether a cut of the body can be detected: it is chunked or has a length.
pub(super) fn is_proven(headers: &HeaderMap) -> bool {
    let coding = headers.get_all(TRANSFER_ENCODING).iter().next_back();
    let coding = coding.and_then(|coding| coding.to_str().ok());
    match coding.and_then(|codings| codings.split(',').next_back()) {
        Some(last) => last.trim().eq_ignore_ascii_case("chunked"),
        None => headers.contains_key(CONTENT_LENGTH),
    }
}

/// Why a request got no answer.
pub(super) fn failed(err: reqwest::Error, host: &str) -> ProviderError {
    let host = host.to_owned();
    let connecting = err.is_connect() || err.is_builder();
    let untrusted = tls_refusal(&err);
    let too_large = is_head_too_large(&err);
    let source = Box::new(err.without_url());
    if too_large {
        return ProviderError::HeadTooLarge { host, source };
    }
    match (connecting, untrusted) {
        (true, true) => ProviderError::Untrusted { host, source },
        (true, false) => ProviderError::NotSent { host, source },
        (false, _) => ProviderError::Cut { source },
    }
}

/// Whether the head of the answer was larger than the limit; all further answers of the service would be, too.
fn is_head_too_large(err: &(dyn Error + 'static)) -> bool {
    let here = err.downcast_ref::<hyper::Error>();
    here.is_some_and(hyper::Error::is_parse_too_large)
        || err.source().is_some_and(is_head_too_large)
}

/// Whether the chain of `err` contains a TLS error that a retry cannot solve: any but a connection that was cut in the
/// handshake.
fn tls_refusal(err: &(dyn Error + 'static)) -> bool {
    if err.is::<rustls::Error>() {
        return true;
    }
    // `source` of an IO error skips the error that it contains, and TLS errors are contained in one, sometimes in two.
    let carried = err
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    carried.is_some_and(|carried| tls_refusal(carried)) || err.source().is_some_and(tls_refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_to_another_machine_must_be_allowed() {
        for loopback in [
            "http://127.0.0.1:8787",
            "http://localhost:1/x",
            "http://[::1]:9",
        ] {
            assert!(Endpoint::parse(loopback, false).is_ok(), "{loopback}");
        }
        let far = "http://example.com";
        assert!(matches!(
            Endpoint::parse(far, false),
            Err(EndpointError::Plain { .. })
        ));
        assert!(Endpoint::parse(far, true).is_ok());
        assert!(Endpoint::parse("https://example.com", false).is_ok());
        assert!(Endpoint::parse("http://127.0.0.1.example.com", false).is_err());
    }

    #[test]
    fn a_refused_address_is_shown_without_its_password() {
        for wrong in [
            "",
            "api.convai.com",
            "ftp://x",
            "https://",
            "https://u:s3cret@h",
            "https://h/?q",
        ] {
            let err = Endpoint::parse(wrong, true).expect_err("no address");
            assert!(!err.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn the_path_stays_below_the_prefix() {
        for (base, expected) in [
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787/a/b"),
            ("http://127.0.0.1:8787/", "http://127.0.0.1:8787/a/b"),
            ("https://h/prefix/", "https://h/prefix/a/b"),
        ] {
            let endpoint = Endpoint::parse(base, false).expect("an address");
            assert_eq!(endpoint.join("/a/b").as_str(), expected);
        }
    }
}
