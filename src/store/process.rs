//! Which process this is, and whether another one of this machine still exists.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::fs;

/// This machine's name, as it is stored with a run.
pub(super) fn this_host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

/// Which processes this one can see by their numbers: those of the same start of the same machine, and of the same container. Empty
/// where that is not known; then nothing can be said about other processes.
pub(super) fn this_place() -> String {
    if !cfg!(target_os = "linux") {
        return this_host();
    }
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let numbers = fs::read_link("/proc/self/ns/pid");
    match (boot, numbers) {
        (Ok(boot), Ok(numbers)) => format!("{} {}", boot.trim(), numbers.display()),
        _ => String::new(),
    }
}

/// Whether a process of this machine exists, also if another user owns it.
pub(super) fn is_alive(pid: i64) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_one_that_has_ended_is_not() {
        assert!(is_alive(i64::from(std::process::id())));
        let mut ended = std::process::Command::new("true").spawn().expect("`true`");
        let pid = i64::from(ended.id());
        ended.wait().expect("it ends");
        assert!(!is_alive(pid));
    }
}
