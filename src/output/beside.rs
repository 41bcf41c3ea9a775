//! The place beside a target where something is written until it is complete.
//!
//! It is hidden and named after this process, so that two exports never write into one another. What exports left there that
//! were killed is removed when the next one to the same target begins.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The place for what will be `target`; nothing of ours is there.
pub(super) fn beside(target: &Path) -> PathBuf {
    let begin = begin(target);
    let this = std::process::id();
    let entries = target.parent().map(fs::read_dir);
    for entry in entries.into_iter().flatten().flatten().flatten() {
        let process = number(&entry.file_name(), &begin);
        if process.is_some_and(|process| process == this || is_dead(process)) {
            // What cannot be removed is told by the one who writes there.
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
    target.with_file_name(format!("{begin}{this}"))
}

/// How the names of all places beside `target` begin.
fn begin(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.backstory-")
}

/// The process that a place is named after, where `name` is that of a place.
fn number(name: &OsStr, begin: &str) -> Option<u32> {
    let number = name.to_str()?.strip_prefix(begin)?;
    number.parse().ok().filter(|process| *process > 0)
}

/// Whether there is no process of this number on this machine.
fn is_dead(process: u32) -> bool {
    let process = i32::try_from(process).ok();
    let process = process.and_then(rustix::process::Pid::from_raw);
    process.is_none_or(|process| {
        rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
    })
}
