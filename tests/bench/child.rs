//! A program run to its end, and what that cost: time, processor time, memory.
//!
//! What it writes goes to a file, so that no pipe holds it up; it is shown only when the program ends otherwise than expected.

use crate::Failed;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory of a child is read. What it reached is kept by the system, so only the last moments can be missed.
const LOOK: Duration = Duration::from_millis(5);

/// What a child cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// User and system together, in steps of a clock tick, which is 10 ms as a rule; `None` where that cannot be read.
    pub(crate) cpu: Option<Duration>,
    /// The most memory that was resident, in KiB; `None` where that cannot be read.
    pub(crate) peak_kib: Option<u64>,
}

/// Runs `command` in `folder` to its end.
///
/// # Errors
///
/// When it cannot be started or ends with another code than 0; with its words.
pub(crate) fn run(folder: &Path, command: &mut Command) -> Result<Cost, Failed> {
    run_to(folder, command, 0)
}

/// Runs `command` in `folder` to its end, which has this code.
///
/// # Errors
///
/// When it cannot be started or ends with another code; with its words.
pub(crate) fn run_to(folder: &Path, command: &mut Command, expected: i32) -> Result<Cost, Failed> {
    let log = folder.join("output.txt");
    let out = File::create(&log)?;
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out);
    let name = command.get_program().to_string_lossy().into_owned();
    let begun = Instant::now();
    let child = command
        .spawn()
        .map_err(|err| format!("cannot start `{name}`: {err}"))?;
    let (cost, code) = follow(child, begun)?;
    if code != Some(expected) {
        let words = fs::read_to_string(&log).unwrap_or_default();
        let code = code.map_or("a signal".to_owned(), |code| format!("code {code}"));
        return Err(format!("`{name}` ended with {code}: {}", words.trim()).into());
    }
    Ok(cost)
}

/// Waits for the end of `child`.
///
/// # Errors
///
/// When it is no child of ours.
pub(crate) fn follow(mut child: Child, begun: Instant) -> Result<(Cost, Option<i32>), Failed> {
    let pid = child.id();
    let peak = Arc::new(AtomicU64::new(0));
    let ended = Arc::new(AtomicBool::new(false));
    let watcher = thread::spawn({
        let (peak, ended) = (Arc::clone(&peak), Arc::clone(&ended));
        move || {
            while !ended.load(Ordering::Relaxed) {
                if let Some(kib) = high_water(pid) {
                    peak.fetch_max(kib, Ordering::Relaxed);
                }
                thread::sleep(LOOK);
            }
        }
    });
    let id = Pid::from_raw(i32::try_from(pid)?).ok_or("no pid")?;
    // It stays to be asked what it cost.
    waitid(
        WaitId::Pid(id),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )?;
    let wall = begun.elapsed();
    let cpu = processor_time(pid);
    ended.store(true, Ordering::Relaxed);
    let code = child.wait()?.code();
    watcher.join().map_err(|_| "the watcher died")?;
    let peak = peak.load(Ordering::Relaxed);
    let cost = Cost {
        wall,
        cpu,
        peak_kib: (peak > 0).then_some(peak),
    };
    Ok((cost, code))
}

/// The most memory that was resident so far.
fn high_water(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// User and system time of a process and all its threads.
pub(crate) fn processor_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything, a closing parenthesis, too.
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let a_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_millis((user + system) * 1_000 / a_second))
}
