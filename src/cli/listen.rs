//! Signals that ask the program to end, handed to the run.
//!
//! A signal that was ignored when the program started stays ignored: `nohup` means it.

use crate::runner::Signal;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Listens from now on.
pub(in crate::cli) fn listen() -> io::Result<UnboundedReceiver<Signal>> {
    let ignored = ignored();
    let (sender, receiver) = unbounded_channel();
    let kinds = [
        (Signal::Interrupt, SignalKind::interrupt()),
        (Signal::Terminate, SignalKind::terminate()),
        (Signal::HangUp, SignalKind::hangup()),
    ];
    for (kind, number) in kinds {
        if ignored & 1 << (kind.number() - 1) != 0 {
            continue;
        }
        let mut arrivals = signal(number)?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while arrivals.recv().await.is_some() && sender.send(kind).is_ok() {}
        });
    }
    Ok(receiver)
}

/// Makes a file that grows beyond the limit of this process an error that can be told, and not the end of it.
pub(in crate::cli) fn survive_file_size_limit() -> io::Result<()> {
    let raw = rustix::process::Signal::XFSZ.as_raw();
    // The handler stays when the listener goes.
    signal(SignalKind::from_raw(raw)).map(drop)
}

/// The mask of signals that are ignored, where the system tells.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
