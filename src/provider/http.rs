//! One way to speak HTTP: an address that may be called, and a client that does exactly one request a call.
//!
//! The client follows no redirect (our key would go along), retries nothing (a hidden request may be a paid one), asks for no
//! compression, and never sends loopback traffic through a proxy.

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

/// Idle connections are dropped after this time: many services close theirs soon after, and a request that meets the closing
/// may or may not have been charged.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);

/// The content type of an event stream.
const EVENT_STREAM: &str = "text/event-stream";

/// The time limits of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For connecting, TLS included.
    pub connect: Duration,
}

/// An address that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why an address may not be called.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an address at all.
    #[error("`{address}` is not an http or https address")]
    NotAnAddress {
        /// What was given, without a password in it.
        address: String,
    },
    /// The key would travel in the open.
    #[error("`{host}` is called over plain http, which sends the API key unencrypted")]
    Plain {
        /// Whom it names.
        host: String,
    },
}

impl EndpointError {
    /// What to do now.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAnAddress { .. } => "write it as `https://host` or `http://127.0.0.1:8787`",
            Self::Plain { .. } => "use `https://`, or pass `--allow-http` if you trust the network",
        }
    }
}

impl Endpoint {
    /// Reads an address. Plain `http` to another machine needs `allow_http`.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] when the text is no such address or may not be called.
    pub fn parse(address: &str, allow_http: bool) -> Result<Self, EndpointError> {
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
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port that is called.
    #[must_use]
    pub fn port(&self) -> u16 {
        // There is one for each of the two schemes that are let in.
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The address as it is remembered: without a slash at its end.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of `path`, which begins with a slash, below this one.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

/// A key, ready to go along with requests.
pub(super) struct Key(HeaderValue);

impl Key {
    /// A key whose header holds `scheme` and the key.
    ///
    /// # Errors
    ///
    /// When it cannot stand in a header.
    pub(super) fn new(secret: &SecretString, scheme: &str) -> Result<Self, InvalidHeaderValue> {
        let value = SecretString::from(format!("{scheme}{}", secret.expose_secret()));
        sensitive(&value).map(Self)
    }

    /// The value of its header.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// The value of a header that nothing prints.
///
/// # Errors
///
/// When it cannot stand in a header.
pub(super) fn sensitive(value: &SecretString) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut header = HeaderValue::from_str(value.expose_secret())?;
    header.set_sensitive(true);
    Ok(header)
}

/// A client for `endpoint`.
///
/// # Errors
///
/// When the platform's TLS cannot be set up.
pub(super) fn client(
    endpoint: &Endpoint,
    limits: Limits,
) -> Result<reqwest::Client, reqwest::Error> {
    // Somebody else in this process may have chosen first; then theirs serves as well.
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
            // Nobody to be trusted or not: the system's certificates, some 150 files, need not be read.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build()
}

/// What we ask for.
pub(super) fn event_stream() -> HeaderValue {
    HeaderValue::from_static(EVENT_STREAM)
}

/// Whether the body is an event stream by its own word.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(EVENT_STREAM)
}

/// Refuses a body that is compressed although nothing asked for that: none of its bytes can be read.
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

/// Whether the end of the body can be told from a cut: it is chunked or has its length.
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

/// Whether the head of the answer was longer than is read: every further answer of the service would be.
fn is_head_too_large(err: &(dyn Error + 'static)) -> bool {
    let here = err.downcast_ref::<hyper::Error>();
    here.is_some_and(hyper::Error::is_parse_too_large)
        || err.source().is_some_and(is_head_too_large)
}

/// Whether the chain of `err` holds a TLS error that trying again cannot mend: anything but a handshake that was cut.
fn tls_refusal(err: &(dyn Error + 'static)) -> bool {
    if err.is::<rustls::Error>() {
        return true;
    }
    // An IO error's `source` skips what it carries, and TLS errors are carried, sometimes twice over.
    let carried = err
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    carried.is_some_and(|carried| tls_refusal(carried)) || err.source().is_some_and(tls_refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leaves_this_machine_only_on_request() {
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
    fn what_is_no_address_is_refused_without_its_password() {
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
