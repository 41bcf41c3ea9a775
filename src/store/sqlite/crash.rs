//! Crash points: places where a test can kill the process, as a power failure would. Release builds have none.

/// Kills the process if the environment says so: with `BACKSTORY_CRASH_AT=committed:3`, at the third call with `committed`.
#[cfg(debug_assertions)]
pub(super) fn point(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSED: AtomicU64 = AtomicU64::new(0);

    let Ok(wanted) = std::env::var("BACKSTORY_CRASH_AT") else {
        return;
    };
    let Some((place, time)) = wanted.split_once(':') else {
        return;
    };
    if place == name && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == time.parse().unwrap_or(1) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub(super) fn point(_: &str) {}
