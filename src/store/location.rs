//! Where a database is: a file, or a server's address.
//!
//! A password in an address never leaves this file as text for people: [`Location`] and [`ServerAddress`] show it as `***`, also in
//! debug output. Whether a server answers at an address is not known here.

use std::ffi::OsString;
use std::fmt::{self, Debug, Display, Formatter};
use std::path::PathBuf;

/// How an address of a server begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What is shown instead of a password.
const MASK: &str = "***";

/// What is wrong where an address has its parts in other places than addresses have.
const UNESCAPED: &str =
    "special characters in a user name or password must be written with `%`, as in `%40` for `@`";

/// The setting that names the connection pooler in front of the server.
const POOLER: &str = "pooler";

/// The further settings that an address may have. Those in one row mean the same.
const SETTINGS: [&[&str]; 11] = [
    &["sslmode", "ssl-mode"],
    &["sslrootcert", "ssl-root-cert", "ssl-ca"],
    &["sslcert", "ssl-cert"],
    &["sslkey", "ssl-key"],
    &["host"],
    &["hostaddr"],
    &["port"],
    &["dbname"],
    &["user"],
    &["password"],
    &["application_name"],
];

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A database file.
    File(PathBuf),
    /// A database of a server.
    Server(ServerAddress),
}

/// The address of a database of a `PostgreSQL` server.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// The address without our own setting. It may contain a password.
    url: String,
    shown: String,
    pooler: Pooler,
    says_sslmode: bool,
    fault: Option<String>,
}

/// What is between this program and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooler {
    /// Nothing that changes the server connection between two transactions.
    None,
    /// A pooler that may use another server connection for each transaction.
    Transaction,
}

impl Location {
    /// The location that a user names: an address begins with `postgres://` or `postgresql://`, anything else is a file.
    ///
    /// An address that is wrong is found when it is opened, so that its text, which may hold a password, is not repeated here.
    #[must_use]
    pub fn of(text: OsString) -> Self {
        let is_address = |text: &&str| SCHEMES.iter().any(|scheme| begins_with(text, scheme));
        match text.to_str().filter(is_address) {
            Some(address) => Self::Server(ServerAddress::of(address)),
            None => Self::File(text.into()),
        }
    }
}

fn begins_with(text: &str, scheme: &str) -> bool {
    let begin = text.get(..scheme.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
}

impl Display for Location {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => Display::fmt(&path.display(), f),
            Self::Server(address) => Display::fmt(address, f),
        }
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl ServerAddress {
    fn of(address: &str) -> Self {
        read(address).unwrap_or_else(|fault| Self {
            url: String::new(),
            // Where the password is in a wrong address is not known.
            shown: format!("postgres://{MASK}"),
            pooler: Pooler::None,
            says_sslmode: false,
            fault: Some(fault),
        })
    }

    /// What is wrong with it, as the end of a sentence.
    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// The address for the library that connects. It may contain a password.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn pooler(&self) -> Pooler {
        self.pooler
    }

    /// Whether it says if the connection is encrypted.
    pub(super) fn says_sslmode(&self) -> bool {
        self.says_sslmode
    }
}

impl Display for ServerAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Debug for ServerAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.shown, f)
    }
}

/// Reads an address, or says what is wrong with it.
fn read(address: &str) -> Result<ServerAddress, String> {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = match place.split_once('/') {
        Some((authority, database)) => (authority, Some(database)),
        None => (place, None),
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    check_place(host, database.unwrap_or_default())?;
    if address.contains('#') {
        return Err(UNESCAPED.to_owned());
    }
    let mut url = format!("postgres://{place}");
    let mut shown = "postgres://".to_owned();
    if let Some(user) = user {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        shown.push_str(name);
        if !password.is_empty() {
            shown.extend([":", MASK]);
        }
        shown.push('@');
    }
    shown.push_str(host);
    if let Some(database) = database {
        shown.extend(["/", database]);
    }
    let mut pooler = Pooler::None;
    let mut says_sslmode = false;
    let (mut before_url, mut before_shown) = ('?', '?');
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let shown_value = if name == "password" { MASK } else { value };
        shown.push(before_shown);
        shown.extend([name, "=", shown_value]);
        before_shown = '&';
        match (name, value) {
            (POOLER, "transaction") => pooler = Pooler::Transaction,
            (POOLER, _) => return Err(format!("`{POOLER}` can only be `transaction`")),
            _ if !SETTINGS.iter().any(|names| names.contains(&name)) => {
                return Err("it has a setting that is not known".to_owned());
            }
            _ => {
                says_sslmode |= SETTINGS[0].contains(&name);
                url.push(before_url);
                url.push_str(setting);
                before_url = '&';
            }
        }
    }
    Ok(ServerAddress {
        url,
        shown,
        pooler,
        says_sslmode,
        fault: None,
    })
}

/// Checks host, port and name of the database. A password with `/`, `?` or `#` that is not written as `%2F` and so on ends in one of
/// them.
fn check_place(host: &str, database: &str) -> Result<(), String> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_in_name = |c: char| c.is_alphanumeric() || "-._%[]:~".contains(c);
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    let fits = name.chars().all(is_in_name)
        && port.is_none_or(is_port)
        && !database.contains(['/', '@', '#', ':']);
    if fits {
        Ok(())
    } else {
        Err(UNESCAPED.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        Location::of(text.into()).to_string()
    }

    #[test]
    fn an_address_begins_with_its_scheme_and_anything_else_is_a_file() {
        for text in [
            "postgres://host/db",
            "postgresql:///db?host=/tmp",
            "POSTGRES://host/db",
        ] {
            let location = Location::of(text.into());
            assert!(matches!(location, Location::Server(_)), "{text}");
        }
        for text in [
            "backstory.db",
            "./postgres://x",
            "postgres:x",
            "sqlite://x.db",
            "",
        ] {
            assert_eq!(
                Location::of(text.into()),
                Location::File(text.into()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_password_is_shown_as_three_stars() {
        for (text, expected) in [
            (
                "postgres://ada@host:5433/cast",
                "postgres://ada@host:5433/cast",
            ),
            (
                "postgresql://ada:secret@host/cast?sslmode=require",
                "postgres://ada:***@host/cast?sslmode=require",
            ),
            (
                "postgres://ada:se:cr@et@host/cast",
                "postgres://ada:***@host/cast",
            ),
            (
                "postgres:///cast?host=/tmp&user=ada&password=secret&pooler=transaction",
                "postgres:///cast?host=/tmp&user=ada&password=***&pooler=transaction",
            ),
            ("postgres://[::1]:5432/cast", "postgres://[::1]:5432/cast"),
            ("postgres://ada:se/cret@host/cast", "postgres://***"),
            ("postgres://ada:5?secret@host/cast", "postgres://***"),
            ("postgres://ada:se#cret@host/cast", "postgres://***"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong_and_never_repeats_it() {
        for (text, expected) in [
            (
                "postgres://u:p@host/db?pooler=session",
                "can only be `transaction`",
            ),
            (
                "postgres://u:p@host/db?sslmod=require",
                "setting that is not known",
            ),
            ("postgres://u:p/q@host/db", "must be written with `%`"),
            ("postgres://host:99999/db", "must be written with `%`"),
        ] {
            let Location::Server(address) = Location::of(text.into()) else {
                panic!("{text} is an address");
            };
            let fault = address.fault().unwrap_or_default();
            assert!(fault.contains(expected), "{text}: {fault}");
        }
    }

    #[test]
    fn our_own_setting_is_not_passed_to_the_library() {
        let text = "postgres://host/db?pooler=transaction&sslmode=disable";
        let Location::Server(address) = Location::of(text.into()) else {
            panic!("an address");
        };
        assert_eq!(address.url(), "postgres://host/db?sslmode=disable");
        assert_eq!(address.pooler(), Pooler::Transaction);
        assert!(address.says_sslmode());
    }

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn no_password_is_ever_shown(password in "[^ *p]{0,6}SECRET[^ *]{0,6}", query in any::<bool>()) {
            let text = if query {
                format!("postgres://host/db?password={password}")
            } else {
                format!("postgres://ada:{password}@host/db")
            };
            let location = Location::of(text.into());
            prop_assert!(!location.to_string().contains("SECRET"));
            let debug = format!("{location:?}");
            prop_assert!(!debug.contains("SECRET"));
        }
    }
}
