//! Which requests of a browser a server on this machine accepts.
//!
//! A page of another site in the same browser can send requests to this machine, also under a host name of its own that
//! resolves to this machine. So two things are checked: the host name that was called, and the origin of the page that
//! calls.

/// What `sec-fetch-site` says when the page itself sends the request, or when a person typed the address.
const SITES: [&str; 2] = ["same-origin", "none"];

/// The host names under which a server on this machine may be called.
#[derive(Debug, Clone)]
pub(crate) struct OwnNames(Vec<String>);

impl OwnNames {
    /// The names of this machine and `others`, each with `port`.
    #[must_use]
    pub(crate) fn new<'a>(port: u16, others: impl IntoIterator<Item = &'a str>) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"];
        let names: Vec<&str> = names.into_iter().chain(others).collect();
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.into_iter().map(str::to_owned));
        }
        Self(hosts)
    }

    /// Whether `host`, as a request has it, is one of them.
    #[must_use]
    pub(crate) fn know(&self, host: Option<&str>) -> bool {
        host.is_some_and(|host| self.0.iter().any(|own| own.eq_ignore_ascii_case(host)))
    }

    /// Whether a request was sent to one of them: it has exactly one `hosts`, and the complete address in its first line, if
    /// there is one, agrees.
    #[must_use]
    pub(crate) fn are_called<'a>(
        &self,
        hosts: impl IntoIterator<Item = Option<&'a str>>,
        whole: Option<&str>,
    ) -> bool {
        let mut hosts = hosts.into_iter();
        let is_ours = match (hosts.next(), hosts.next()) {
            (Some(host), None) => self.know(host),
            _ => false,
        };
        is_ours && whole.is_none_or(|whole| self.know(Some(whole)))
    }

    /// Whether a request with these `origins` and `sites` (from `sec-fetch-site`) comes from one of our pages, from a
    /// person, or from a program that is not a browser.
    #[must_use]
    pub(crate) fn call<'a>(
        &self,
        origins: impl IntoIterator<Item = Option<&'a str>>,
        sites: impl IntoIterator<Item = Option<&'a str>>,
    ) -> bool {
        let mut origins = origins.into_iter();
        let mut sites = sites.into_iter();
        origins.all(|origin| self.know(origin.and_then(|origin| origin.strip_prefix("http://"))))
            && sites.all(|site| site.is_some_and(|site| SITES.contains(&site)))
    }
}
