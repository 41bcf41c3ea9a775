//! The checks of the surroundings: database, disk, clock, endpoint.
//!
//! They create nothing, and send nothing but a TCP connection to the endpoint.

use super::finding::{
    ClockFault, ConnectFault, Database, DatabaseFault, DiskFault, Reached, Unreached,
};
use crate::provider::Endpoint;
use crate::store::{Examined, Location};
use std::io;
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

/// The largest difference from the clock of the service, or of the database's server, that is no fault.
const CLOCKS_APART_MAX: Duration = Duration::from_mins(5);

/// Whether the database has no damage and no live run, or can be created.
pub(super) async fn database(location: &Location) -> Result<Database, DatabaseFault> {
    match location.examine().await {
        Ok(found) => Ok(Database::Usable(found)),
        Err(err) if err.is_absent() => {
            let can_be_created = match location {
                Location::File(path) => folder(path).is_dir(),
                Location::Server(_) => true,
            };
            if can_be_created {
                Ok(Database::Absent)
            } else {
                Err(DatabaseFault::NoFolder)
            }
        }
        Err(err) => Err(DatabaseFault::Store(err)),
    }
}

/// The difference between the clocks of the database's server and of this machine, if it is too large.
pub(super) fn clocks_apart(found: &Database) -> Option<Duration> {
    let Database::Usable(Examined { server, .. }) = found else {
        return None;
    };
    let ahead = server.as_ref()?.clock_ahead_ms;
    let apart = Duration::from_millis(ahead.unsigned_abs());
    (apart > CLOCKS_APART_MAX).then_some(apart)
}

/// Whether the disk of the database has space for this many more stories. Returns the free space in bytes; `None` where the
/// database is on a server.
pub(super) fn disk(location: &Location, stories: u64) -> Result<Option<u64>, DiskFault> {
    let Location::File(path) = location else {
        return Ok(None);
    };
    let folder = folder(path);
    // A missing folder is reported by the check of the database. Then the space of its parent is checked.
    let there = folder.ancestors().find(|folder| folder.is_dir());
    let disk = rustix::fs::statvfs(there.unwrap_or(Path::new("."))).map_err(|err| {
        DiskFault::Unreadable {
            folder: folder.to_owned(),
            err: err.into(),
        }
    })?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let needed = stories
        .saturating_mul(BYTES_A_CHARACTER)
        .saturating_add(BYTES_BESIDES);
    if free < needed {
        return Err(DiskFault::TooFull { free, needed });
    }
    Ok(Some(free))
}

/// Whether the clock of this machine can be correct. Returns the time that it shows.
pub(super) async fn clock(location: &Location) -> Result<SystemTime, ClockFault> {
    let now = SystemTime::now();
    if now < UNIX_EPOCH + Duration::from_secs(WRITTEN_SECS) {
        return Err(ClockFault::BeforeThisVersion { now });
    }
    // An error of the database is reported by the check of the database.
    let last = match location.open_to_read().await {
        Ok(db) => db.last_request().await.ok().flatten(),
        Err(_) => None,
    };
    // The stored time of a request can be slightly later than the time when it was stored.
    let ahead = last.and_then(|last| last.duration_since(now + Duration::from_secs(1)).ok());
    match ahead {
        Some(by) => Err(ClockFault::BeforeLastRequest { now, by }),
        None => Ok(now),
    }
}

/// Whether the clock of this machine agrees with that of the service; the error is the difference.
pub(super) fn same_time(theirs: SystemTime) -> Result<(), Duration> {
    let apart = SystemTime::now()
        .duration_since(theirs)
        .unwrap_or_else(|err| err.duration());
    if apart > CLOCKS_APART_MAX {
        return Err(apart);
    }
    Ok(())
}

/// Whether the endpoint accepts a connection within `connect`. `None` is the built-in writer, which has no endpoint.
pub(super) async fn endpoint(
    endpoint: Option<&Endpoint>,
    connect: Duration,
) -> Result<Reached, Unreached> {
    let Some(endpoint) = endpoint else {
        return Ok(Reached::BuiltIn);
    };
    if !endpoint.is_loopback() && has_proxy() {
        return Ok(Reached::BehindProxy);
    }
    let host = endpoint.host().to_owned();
    match timeout(connect, connection(endpoint)).await {
        Ok(Ok(())) => {
            let port = endpoint.port();
            Ok(Reached::Accepts { host, port })
        }
        Ok(Err(err)) => {
            let cause = ConnectFault::System(err);
            Err(Unreached { host, cause })
        }
        Err(_) => {
            let cause = ConnectFault::Timeout(connect);
            Err(Unreached { host, cause })
        }
    }
}

/// Opens a connection to the endpoint, and closes it.
async fn connection(endpoint: &Endpoint) -> io::Result<()> {
    let host = endpoint.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = lookup_host((bare, endpoint.port())).await?;
    let addresses: Vec<SocketAddr> = found.collect();
    TcpStream::connect(addresses.as_slice()).await.map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_five_minutes_in_both_directions() {
        let now = SystemTime::now();
        let (near, far) = (Duration::from_mins(4), Duration::from_mins(6));
        assert_eq!(same_time(now - near), Ok(()));
        assert_eq!(same_time(now + near), Ok(()));
        assert!(same_time(now - far).is_err());
        assert!(same_time(now + far).is_err());
    }

    #[test]
    fn a_disk_that_cannot_hold_the_stories_is_reported_with_what_is_needed() {
        let db = Location::File("backstory.db".into());
        assert!(disk(&db, 0).is_ok());
        let full = disk(&db, u64::MAX);
        let needs_all = |fault: &DiskFault| matches!(fault, DiskFault::TooFull { needed, .. } if *needed == u64::MAX);
        assert!(full.as_ref().is_err_and(needs_all), "{full:?}");
    }

    #[tokio::test]
    async fn a_database_can_be_created_only_in_a_folder_that_exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let found = database(&Location::File(folder.path().join("x.db"))).await;
        assert!(matches!(found, Ok(Database::Absent)), "{found:?}");
        let found = database(&Location::File(folder.path().join("nowhere/x.db"))).await;
        assert!(matches!(found, Err(DatabaseFault::NoFolder)), "{found:?}");
        assert!(!folder.path().join("x.db").exists());
    }
}
