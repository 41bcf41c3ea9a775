//! Connects to a server.
//!
//! A connection goes through TLS with a verified certificate, unless the server is on this machine or the address says otherwise.
//! While the server is away, connecting is tried again, with growing pauses, for a given time. An error that time does not cure ends
//! it at once: a wrong password, a database that does not exist, a certificate that cannot be verified.
//!
//! No setting is sent with the connection itself, because poolers refuse those; `session.rs` makes them in each transaction.

use super::trouble::{Trouble, refused, trouble};
use crate::store::location::{Pooler, ServerAddress};
use crate::store::{Location, StoreError};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long one try to connect may take. The library has no limit of its own.
const CONNECT: Duration = Duration::from_secs(10);

/// The first pause between two tries to connect, and the longest one.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// The name under which the server lists our connections.
const APPLICATION: &str = "backstory";

/// A server, and how it is connected to.
#[derive(Debug, Clone)]
pub(super) struct Server {
    options: PgConnectOptions,
    pub(super) pooler: Pooler,
    /// The address for messages: without a password.
    pub(super) db: String,
}

/// A connection that was just made.
pub(super) struct Connected {
    pub(super) connection: PgConnection,
    /// What the session of this connection is marked with; see [`Server::marker`].
    pub(super) mark: String,
}

impl Server {
    /// The server at an address. Nothing is sent yet. A password that the address does not have comes from `PGPASSWORD`, else from
    /// `~/.pgpass`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Address`] when the address is wrong.
    pub(super) fn new(address: &ServerAddress) -> Result<Self, StoreError> {
        let db = address.to_string();
        let wrong = |reason: String| StoreError::Address {
            db: db.clone(),
            reason,
        };
        if let Some(fault) = address.fault() {
            return Err(wrong(fault.to_owned()));
        }
        let mut options: PgConnectOptions = address
            .url()
            .parse()
            .map_err(|err: sqlx::Error| wrong(reason(&err)))?;
        let says_sslmode = address.says_sslmode() || std::env::var_os("PGSSLMODE").is_some();
        if !says_sslmode && !is_local(&options) {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        options = options.extra_float_digits(None);
        if options.get_application_name().is_none() {
            options = options.application_name(APPLICATION);
        }
        Ok(Self {
            options: options.disable_statement_logging(),
            pooler: address.pooler(),
            db,
        })
    }

    /// Connects. While the server is away, it is tried again until `patience` is over; with no patience, once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Away`] when the server was away all the time; [`StoreError::Refused`] when trying again does not help.
    pub(super) async fn connect(&self, patience: Duration) -> Result<Connected, StoreError> {
        let begin = Instant::now();
        let random = RandomState::new();
        let mut pause = PAUSE_FIRST;
        loop {
            let err = match self.try_once(&random).await {
                Ok(connected) => return Ok(connected),
                Err(err) => err,
            };
            let (starting, away) = match trouble(&err) {
                Trouble::Starting => (true, true),
                Trouble::Lost => (false, true),
                _ => (false, false),
            };
            if !away {
                return Err(refused(&self.db, err));
            }
            // A server that is starting answers in a moment, so this is worth a little time in any case.
            let patience = if starting {
                patience.max(CONNECT)
            } else {
                patience
            };
            let jittered = pause / 2 + pause.mul_f64(dice(&random, pause) / 2.0);
            if begin.elapsed() + jittered > patience {
                return Err(StoreError::Away {
                    db: self.db.clone(),
                    source: Box::new(err),
                });
            }
            sleep(jittered).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn try_once(&self, random: &RandomState) -> Result<Connected, sqlx::Error> {
        let late = || sqlx::Error::Io(io::ErrorKind::TimedOut.into());
        let mark = format!("{:016x}", random.hash_one(Instant::now()));
        let set = self.marker(&mark);
        timeout(CONNECT, async {
            let mut connection = self.options.connect().await?;
            if let Some(set) = set {
                sqlx::raw_sql(AssertSqlSafe(set))
                    .execute(&mut connection)
                    .await?;
            }
            Ok(Connected { connection, mark })
        })
        .await
        .unwrap_or_else(|_| Err(late()))
    }

    /// The statement that marks the session of a new connection; each transaction checks the mark.
    ///
    /// Behind a pooler that changes the server connection, at some time the mark is missing, or is that of another
    /// client. Our named statements
    /// are prepared only where the mark is ours, so that they are never mixed up with those of another client. Where the address
    /// names the pooler, no statement has a name, and no mark is needed.
    fn marker(&self, mark: &str) -> Option<String> {
        (self.pooler == Pooler::None).then(|| format!("SET backstory.connection = '{mark}'"))
    }
}

impl Location {
    /// Whether a server of this machine is meant, so that its traffic leaves no network interface.
    #[cfg(test)]
    fn is_verified(&self) -> Result<bool, StoreError> {
        let Self::Server(address) = self else {
            return Ok(false);
        };
        let options = Server::new(address)?.options;
        Ok(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull))
    }
}

/// Whether the server is on this machine, as far as its address shows that.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let is_loopback = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
    };
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || is_loopback(host)
}

/// The words of an error of an address, which has no password in it.
fn reason(err: &sqlx::Error) -> String {
    match err {
        sqlx::Error::Configuration(source) => source.to_string(),
        _ => "it cannot be read".to_owned(),
    }
}

/// A number from 0 up to 1.
fn dice(random: &RandomState, seed: Duration) -> f64 {
    let [a, b, c, d, ..] = random.hash_one((seed, Instant::now())).to_le_bytes();
    f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_is_verified_beyond_this_machine_unless_the_address_says_otherwise() {
        for (address, verified) in [
            ("postgres://db.example/cast", true),
            ("postgres://10.0.0.7/cast", true),
            ("postgres://db.example/cast?sslmode=require", false),
            ("postgres://db.example/cast?sslmode=disable", false),
            ("postgres://localhost/cast", false),
            ("postgres://127.0.0.1/cast", false),
            ("postgres://[::1]/cast", false),
            ("postgres:///cast?host=/tmp", false),
            ("postgres:///cast?host=db.example", true),
        ] {
            let location = Location::of(address.into());
            let found = location.is_verified().expect("a valid address");
            assert_eq!(found, verified, "{address}");
        }
    }

    #[test]
    fn a_wrong_address_is_the_users_error_and_is_found_before_anything_is_sent() {
        for address in [
            "postgres://u:secret@host/db?pooler=session",
            "postgres://u:secret@host/db?sslmode=perhaps",
            "postgres://u:secret@/db",
        ] {
            let err = Location::of(address.into()).is_verified();
            let err = err.expect_err("a wrong address");
            assert!(err.is_usage(), "{address}: {err}");
            assert!(!err.to_string().contains("secret"), "{err}");
        }
    }

    fn server(address: &str) -> Server {
        let Location::Server(address) = Location::of(address.into()) else {
            panic!("an address");
        };
        Server::new(&address).expect("a valid address")
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_accepts_and_never_answers_is_away_after_a_while() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = silent.local_addr().expect("bound").port();
        let begin = Instant::now();
        let connected = server(&format!("postgres://ada@127.0.0.1:{port}/db"));
        let connected = connected.connect(Duration::ZERO).await;
        let err = connected.err().expect("no answer");
        assert!(matches!(err, StoreError::Away { .. }), "{err:?}");
        assert_eq!(begin.elapsed().as_secs(), CONNECT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_away_is_tried_until_patience_is_over() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        for patience in [Duration::ZERO, Duration::from_mins(1)] {
            let begin = Instant::now();
            let connected = server(&format!("postgres://ada@127.0.0.1:{port}/db"));
            let err = connected.connect(patience).await.err().expect("away");
            assert!(matches!(err, StoreError::Away { .. }), "{err:?}");
            let took = begin.elapsed();
            assert!(took <= patience && took + PAUSE_MAX >= patience, "{took:?}");
        }
    }
}
