//! Which requests are answered: those of this machine's own browser, from the page itself.
//!
//! A page of another site in the same browser can send requests here, also under a host name of its own that resolves to
//! this machine. So the host name and the origin of each request are checked. A request that changes something also needs a
//! token from the page. Each answer tells the browser what it may do with it: show it, run the one script.

use super::error::ViewError;
use crate::domain::origin::OwnNames;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Uri};
use std::fs::File;
use std::io::{self, Read};

/// The length of the token, in bytes.
const TOKEN_BYTES: usize = 16;

/// The headers that limit what the browser may do with an answer.
const ANSWER: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // No other site learns from which page a link was followed. With `no-referrer` the browser would also hide that a form
    // is ours.
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// The names under which the page may be called, and the token of this process.
pub(super) struct OriginGuard {
    names: OwnNames,
    token: String,
}

impl OriginGuard {
    /// The guard of the page on this port, with a new token.
    ///
    /// # Errors
    ///
    /// The error of the system if it has no random numbers.
    pub(super) fn new(port: u16) -> io::Result<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Self {
            names: OwnNames::new(port, []),
            token: format!("{:032x}", u128::from_be_bytes(bytes)),
        })
    }

    /// The token that a request must have if it changes something. A page gets it together with the number of the opening of the
    /// database that the page was made from.
    pub(super) fn token(&self, opening: u64) -> String {
        format!("{}-{opening}", self.token)
    }

    /// Accepts a request that the page itself or a person sent to this machine.
    ///
    /// # Errors
    ///
    /// [`ViewError::Refused`] for any other request.
    pub(super) fn pass<'a>(&self, uri: &Uri, headers: &'a HeaderMap) -> Result<(), ViewError> {
        let refused = |why| Err(ViewError::Refused { why });
        let text = |value: &'a HeaderValue| value.to_str().ok();
        let whole = uri.authority().map(axum::http::uri::Authority::as_str);
        let hosts = headers.get_all(HOST).into_iter().map(text);
        if !self.names.are_called(hosts, whole) {
            return refused("wrong address for this page");
        }
        let origins = headers.get_all(ORIGIN).into_iter().map(text);
        let sites = headers.get_all("sec-fetch-site").into_iter().map(text);
        if !self.names.call(origins, sites) {
            return refused("this request came from another page");
        }
        Ok(())
    }

    /// Accepts a change that was sent from a page of this process. Returns the number of the opening that the page was made from.
    ///
    /// # Errors
    ///
    /// [`ViewError::Refused`] for any other request.
    pub(super) fn pass_change(&self, token: &str) -> Result<u64, ViewError> {
        let (token, opening) = token.split_once('-').unwrap_or_default();
        if let Ok(opening) = opening.parse()
            && token == self.token
        {
            return Ok(opening);
        }
        let why =
            "this page is from an earlier `backstory view`, so nothing was changed: reload it";
        Err(ViewError::Refused { why })
    }
}

/// Adds the headers that limit what the browser may do with an answer.
pub(super) fn seal(headers: &mut HeaderMap) {
    for (name, value) in ANSWER {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let guard = OriginGuard::new(8788).expect("random numbers");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        guard.pass(&Uri::from_static("/"), &map).is_ok()
    }

    #[test]
    fn only_the_page_itself_and_a_person_are_answered() {
        let host = ("host", "127.0.0.1:8788");
        assert!(passes(&[host]));
        assert!(passes(&[("host", "LOCALHOST:8788")]));
        assert!(passes(&[host, ("origin", "http://127.0.0.1:8788")]));
        assert!(passes(&[host, ("sec-fetch-site", "none")]));
        for headers in [
            &[][..],
            &[("host", "evil.example:8788")],
            &[("host", "127.0.0.1")],
            &[("host", "127.0.0.1:8789")],
            &[host, host],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "https://127.0.0.1:8788")],
            &[host, ("origin", "null")],
            &[
                host,
                ("origin", "http://127.0.0.1:8788"),
                ("origin", "http://evil.example"),
            ],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
        ] {
            assert!(!passes(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_complete_address_in_the_first_line_is_checked_too() {
        let guard = OriginGuard::new(8788).expect("random numbers");
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8788"));
        let evil = Uri::from_static("http://evil.example/");
        assert!(guard.pass(&evil, &headers).is_err());
    }

    #[test]
    fn each_process_has_its_own_token() {
        let one = OriginGuard::new(1).expect("random numbers");
        let other = OriginGuard::new(1).expect("random numbers");
        assert!(matches!(one.pass_change(&one.token(7)), Ok(7)));
        for wrong in [
            other.token(7),
            String::new(),
            one.token(7) + "x",
            "-7".into(),
        ] {
            assert!(one.pass_change(&wrong).is_err(), "{wrong}");
        }
    }
}
