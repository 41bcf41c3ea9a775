//! The lease of a run: how long it counts as alive after its last commit.
//!
//! Each commit renews the lease; a run with nothing to commit renews it with an empty group, [`RENEWED_EVERY`] at the latest. When
//! a lease has ended, what the run had in flight is interrupted, and its characters are pending again.
//!
//! Who judges depends on the store. A database file has a lock, and who holds it knows that every other run is dead, so the lease
//! only tells readers whether a run is alive. A database server has no lock: there the lease alone decides, by the server's clock.

use std::time::Duration;

/// How long a run counts as alive after its last commit, for the readers of a database file.
pub(crate) const OF_A_FILE: Duration = Duration::from_secs(15);

/// How long the characters of a run are its own after its last commit, on a database server.
pub(crate) const ON_A_SERVER: Duration = Duration::from_secs(30);

/// A run renews its lease this often, even with nothing to commit. Two renewals may be lost before a lease ends,
/// on a server five.
pub(crate) const RENEWED_EVERY: Duration = Duration::from_secs(5);

const _: () = assert!(OF_A_FILE.as_secs() >= 3 * RENEWED_EVERY.as_secs());
const _: () = assert!(ON_A_SERVER.as_secs() >= 3 * RENEWED_EVERY.as_secs());
