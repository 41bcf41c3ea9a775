//! The temporary path beside a target, where an output is written until it is complete.
//!
//! The name is hidden and has the number of this process, so that two exports never write into the same file. If an export
//! was killed, the next one to the same target removes what it left.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The temporary path for `target`; nothing is there.
pub(super) fn temp_path(target: &Path) -> PathBuf {
    let prefix = prefix(target);
    let this = std::process::id();
    let entries = target.parent().map(fs::read_dir);
    for entry in entries.into_iter().flatten().flatten().flatten() {
        let process = process_in(&entry.file_name(), &prefix);
        if process.is_some_and(|process| process == this || is_dead(process)) {
            // If it cannot be removed, the writer that uses the path gets the error.
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
    target.with_file_name(format!("{prefix}{this}"))
}

/// The first part of the names of all temporary paths of `target`.
fn prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.backstory-")
}

/// The process in the name of a temporary path; `None` for any other name.
fn process_in(name: &OsStr, prefix: &str) -> Option<u32> {
    let number = name.to_str()?.strip_prefix(prefix)?;
    number.parse().ok().filter(|process| *process > 0)
}

/// Whether this machine has no process with this number.
fn is_dead(process: u32) -> bool {
    let process = i32::try_from(process).ok();
    let process = process.and_then(rustix::process::Pid::from_raw);
    process.is_none_or(|process| {
        rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
    })
}
