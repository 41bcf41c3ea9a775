//! Which callers the service answers: programs, and pages of an allowed origin.
//!
//! Any page in the same browser could send a form here and cause costs at the service behind this one. So a request with
//! another origin is refused before anything else happens, and so is a request with a foreign host name. One origin can be
//! allowed; its pages then get the headers that browsers need, also for a preflight request.
//!
//! A service that is open to other machines may be called under any name. It requires an API key, which no foreign page has.

use super::refusal::Refusal;
use crate::domain::origin::OwnNames;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW,
    HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// The methods of the one route.
pub(super) const METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");

/// An origin whose pages may call: `https://example.org`, `http://127.0.0.1:5173`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

/// A text that is not an origin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin such as `http://127.0.0.1:5173`, without a path")]
pub(crate) struct NotAnOrigin;

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let uri: Uri = text.parse().map_err(|_| NotAnOrigin)?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let is_origin = matches!(uri.scheme_str(), Some("http" | "https"))
            && !authority.is_empty()
            && !authority.contains('@')
            && text.ends_with(authority);
        is_origin.then_some(Self(text)).ok_or(NotAnOrigin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rules for callers.
pub(super) struct Gate {
    names: OwnNames,
    /// Whether the service can be called from this machine only.
    is_local: bool,
    cors: Option<Origin>,
}

impl Gate {
    /// The rules of the service at `address`, which allows the pages of `cors`.
    pub(super) fn new(address: SocketAddr, cors: Option<Origin>) -> Self {
        let ip = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        Self {
            names: OwnNames::new(address.port(), [ip.as_str()]),
            is_local: address.ip().is_loopback(),
            cors,
        }
    }

    /// Accepts a request.
    ///
    /// # Errors
    ///
    /// A refusal, if a foreign page sent the request, or its host name is foreign.
    pub(super) fn pass(&self, request: &Request) -> Result<(), Refusal> {
        let refused = |words| Err(Refusal::new(StatusCode::FORBIDDEN, words));
        let headers = request.headers();
        let whole = request.uri().authority().map(Authority::as_str);
        if self.is_local && !self.names.are_called(texts(headers, &HOST), whole) {
            return refused("The Host header does not name this service.");
        }
        if self.is_let_in(headers) {
            return Ok(());
        }
        let sites = HeaderName::from_static("sec-fetch-site");
        if !self
            .names
            .call(texts(headers, &ORIGIN), texts(headers, &sites))
        {
            return refused("Pages of another origin may not use this service.");
        }
        Ok(())
    }

    /// Whether a page of the allowed origin sent a request with these headers.
    fn is_let_in(&self, headers: &HeaderMap) -> bool {
        let mut origins = texts(headers, &ORIGIN);
        let (Some(cors), Some(Some(origin)), None) = (&self.cors, origins.next(), origins.next())
        else {
            return false;
        };
        origin.eq_ignore_ascii_case(&cors.0)
    }

    /// The headers that a page of the allowed origin needs to read the answer to a request with `headers`.
    pub(super) fn open(&self, headers: &HeaderMap) -> HeaderMap {
        let mut opened = HeaderMap::new();
        if self.cors.is_some() {
            opened.insert(VARY, HeaderValue::from_static("origin"));
        }
        if let (true, Some(origin)) = (self.is_let_in(headers), headers.get(ORIGIN)) {
            opened.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static("retry-after");
            opened.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        opened
    }
}

/// The answer to `OPTIONS`: the allowed methods, and for a preflight request the allowed headers.
pub(super) fn options(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    answer.insert(ALLOW, METHODS);
    if headers.contains_key(ORIGIN) {
        let usual = HeaderValue::from_static("content-type, convai-api-key");
        let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(usual));
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        let private = HeaderName::from_static("access-control-allow-private-network");
        answer.insert(private, HeaderValue::from_static("true"));
    }
    response
}

/// The values of a header as text; a value that is not text counts as an empty one.
fn texts<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Option<&'h str>> + use<'h> {
    headers
        .get_all(name)
        .into_iter()
        .map(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const HOST: (&str, &str) = ("host", "127.0.0.1:8787");

    fn passes(address: &str, cors: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let cors = cors.map(|cors| cors.parse().expect("an origin"));
        let gate = Gate::new(address.parse().expect("an address"), cors);
        let mut request = Request::post("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        gate.pass(&request).is_ok()
    }

    #[test]
    fn a_foreign_page_and_a_foreign_host_name_are_refused() {
        let page = ("origin", "http://127.0.0.1:5173");
        for (headers, closed, open) in [
            (&[HOST][..], true, true),
            (&[("host", "LOCALHOST:8787")], true, true),
            (&[("host", "evil.example")], false, false),
            (&[("host", "127.0.0.1:8788")], false, false),
            (&[], false, false),
            (&[HOST, ("origin", "http://127.0.0.1:8787")], true, true),
            (&[HOST, page], false, true),
            (&[HOST, page, ("sec-fetch-site", "same-site")], false, true),
            (
                &[HOST, page, ("origin", "http://evil.example")],
                false,
                false,
            ),
            (&[HOST, ("origin", "http://evil.example")], false, false),
            (&[HOST, ("origin", "null")], false, false),
            (&[HOST, ("sec-fetch-site", "cross-site")], false, false),
            (&[("host", "evil.example"), page], false, false),
        ] {
            let at = "127.0.0.1:8787";
            let found = (passes(at, None, headers), passes(at, Some(page.1), headers));
            assert_eq!(found, (closed, open), "{headers:?}");
        }
        let everywhere = "0.0.0.0:8787";
        assert!(passes(everywhere, None, &[("host", "box.lan:8787")]));
        assert!(!passes(everywhere, None, &[("host", "box.lan:8787"), page]));
    }

    #[test]
    fn an_origin_has_no_path_and_no_password() {
        for good in [
            "http://127.0.0.1:5173",
            "https://Example.org/",
            "http://[::1]:80",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for wrong in [
            "",
            "*",
            "null",
            "example.org",
            "ftp://x",
            "http://x/y",
            "http://a@b",
            "http://x?y",
        ] {
            assert_eq!(wrong.parse::<Origin>(), Err(NotAnOrigin), "{wrong}");
        }
    }
}
