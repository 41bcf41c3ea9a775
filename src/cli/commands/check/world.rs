//! The checks of the surroundings: database, disk, clock, endpoint.
//!
//! It creates nothing, and sends nothing but a TCP connection to the endpoint.

use super::finding::Finding;
use crate::cli::words::failure::store;
use crate::cli::words::plural;
use crate::domain::shown::shown;
use crate::domain::speed::length;
use crate::domain::text::joined;
use crate::exit::{Exit, Failure};
use crate::provider::Endpoint;
use crate::store::Location;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// When this version was written, in seconds since 1970. A correct clock shows a later time.
const WRITTEN_SECS: u64 = 1_764_000_000;

/// Disk space for each character with its story, its attempts and its index entries, in bytes.
const BYTES_A_CHARACTER: u64 = 16 << 10;

/// Disk space for everything else, mostly the write-ahead log, in bytes.
const BYTES_BESIDES: u64 = 64 << 20;

/// Whether the database has no damage and no live run, or can be created.
pub(super) async fn database(location: &Location) -> Finding {
    let named = shown(&location.to_string()).into_owned();
    match location.open_to_read().await {
        Ok(db) => {
            let casts = db.examine().await.map_err(|err| store(&err))?;
            let waits = if db.rescue_waits() {
                "; the next run imports results that an earlier run could not save"
            } else {
                ""
            };
            db.close().await;
            Ok(format!(
                "`{named}`: no damage found, {}{waits}",
                plural(casts, "cast")
            ))
        }
        Err(err) if err.is_absent() => {
            let can_be_created = match location {
                Location::File(path) => folder(path).is_dir(),
                Location::Server(_) => true,
            };
            if can_be_created {
                return Ok(format!("`{named}` will be created"));
            }
            Err(Failure {
                exit: Exit::Stopped,
                words: format!("`{named}` cannot be created: its folder does not exist"),
                hint: Some("create the folder, or choose another file with `--db`".to_owned()),
            })
        }
        Err(err) => Err(store(&err)),
    }
}

/// Whether the disk of the database has space for this many more stories.
pub(super) fn disk(location: &Location, stories: u64) -> Finding {
    let path = match location {
        Location::File(path) => path,
        Location::Server(_) => return Ok("the database is on a server".to_owned()),
    };
    let folder = folder(path);
    let failed = |err: rustix::io::Errno| Failure {
        exit: Exit::Stopped,
        words: format!(
            "cannot read the free space of the disk of `{}`: {err}",
            shown(&folder.to_string_lossy())
        ),
        hint: None,
    };
    // A missing folder is reported by the check of the database. Then the space of its parent is checked.
    let there = folder.ancestors().find(|folder| folder.is_dir());
    let disk = rustix::fs::statvfs(there.unwrap_or(Path::new("."))).map_err(failed)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let needed = stories
        .saturating_mul(BYTES_A_CHARACTER)
        .saturating_add(BYTES_BESIDES);
    if free < needed {
        return Err(Failure {
            exit: Exit::Stopped,
            words: format!(
                "{} MB free on the disk of the database, about {} MB needed",
                free >> 20,
                needed >> 20
            ),
            hint: Some("free some space, or choose another disk with `--db FILE`".to_owned()),
        });
    }
    Ok(format!(
        "{} MB free on the disk of the database",
        free >> 20
    ))
}

/// Whether the clock of this machine can be correct.
pub(super) async fn clock(location: &Location) -> Finding {
    let now = SystemTime::now();
    let wrong = |words: String| Failure {
        exit: Exit::Stopped,
        words,
        hint: Some("set this machine's clock: certificates and times depend on it".to_owned()),
    };
    let at = humantime::format_rfc3339_seconds(now);
    if now < UNIX_EPOCH + Duration::from_secs(WRITTEN_SECS) {
        return Err(wrong(format!(
            "it shows {at}, but this version of backstory is newer than that"
        )));
    }
    // An error of the database is reported by the check of the database.
    let last = match location.open_to_read().await {
        Ok(db) => db.last_request().await.ok().flatten(),
        Err(_) => None,
    };
    // The stored time of a request can be slightly later than the time when it was stored.
    let ahead = last.and_then(|last| last.duration_since(now + Duration::from_secs(1)).ok());
    match ahead {
        Some(ahead) => Err(wrong(format!(
            "it shows {at}, {} before the last request was sent",
            length(ahead)
        ))),
        None => Ok(format!("it shows {at}")),
    }
}

/// Whether the clock of this machine agrees with that of the service.
pub(super) fn same_time(theirs: SystemTime) -> Finding {
    let now = SystemTime::now();
    let apart = now
        .duration_since(theirs)
        .unwrap_or_else(|err| err.duration());
    if apart > Duration::from_mins(5) {
        return Err(Failure {
            exit: Exit::Done,
            words: format!(
                "it differs from the clock of the service by {}",
                length(apart)
            ),
            hint: Some("set this machine's clock: certificates and times depend on it".to_owned()),
        });
    }
    Ok("it agrees with the clock of the service".to_owned())
}

/// Whether the endpoint accepts connections. `None` is the built-in writer, which has no endpoint.
pub(super) async fn endpoint(endpoint: Option<&Endpoint>, connect: Duration) -> Finding {
    let Some(endpoint) = endpoint else {
        return Ok("built in".to_owned());
    };
    let host = endpoint.host();
    let failed = |why: &str| Failure {
        exit: Exit::Stopped,
        words: format!("cannot connect to `{}`: {why}", shown(host)),
        hint: Some("check `--base-url`, the network, and that the service is running".to_owned()),
    };
    if !endpoint.is_loopback() && has_proxy() {
        return Ok("not tested, because a proxy is set; `--send` sends a test request".to_owned());
    }
    let reach = async {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = lookup_host((bare, endpoint.port())).await?;
        let addresses: Vec<SocketAddr> = found.collect();
        TcpStream::connect(addresses.as_slice()).await
    };
    match timeout(connect, reach).await {
        Ok(Ok(stream)) => {
            let port = endpoint.port();
            drop(stream);
            Ok(format!(
                "`{}` accepts connections on port {port}",
                shown(host)
            ))
        }
        Ok(Err(err)) => Err(failed(&joined(&err))),
        Err(_) => Err(failed(&format!("no answer within {}", length(connect)))),
    }
}

fn has_proxy() -> bool {
    let names = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.iter().any(is_set)
}

fn folder(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
