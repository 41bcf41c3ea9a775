//! Limits the number of requests at a time by the number of files that the process may open.
//!
//! The limit of open files is raised as far as the system allows. If it is still too low, fewer requests run at a time, and
//! the user gets a note.

use rustix::process::{Resource, getrlimit, setrlimit};
use std::num::NonZeroUsize;

/// Files that are open in addition to those of requests: the database, its log, the terminal, the runtime.
const OTHERS: u64 = 32;

/// How many of `wanted` requests can run at a time if each opens `each` files, and a note if these are fewer.
pub(in crate::cli) fn places(wanted: NonZeroUsize, each: u64) -> (NonZeroUsize, Option<String>) {
    let mut limit = getrlimit(Resource::Nofile);
    let needed = u64::try_from(wanted.get())
        .unwrap_or(u64::MAX)
        .saturating_mul(each)
        .saturating_add(OTHERS);
    let has = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    if !has(limit.current) && limit.maximum != limit.current {
        limit.current = limit
            .maximum
            .map(|maximum| maximum.min(needed))
            .or(Some(needed));
        // If the system refuses, the current limit is used.
        let _ = setrlimit(Resource::Nofile, limit);
        limit = getrlimit(Resource::Nofile);
    }
    let Some(current) = limit.current.filter(|current| *current < needed) else {
        return (wanted, None);
    };
    let room = usize::try_from(current.saturating_sub(OTHERS) / each).unwrap_or(usize::MAX);
    let places = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    let notice = format!(
        "at most {places} requests at a time: this process may open only {current} files (`ulimit -n`)"
    );
    (places, Some(notice))
}
