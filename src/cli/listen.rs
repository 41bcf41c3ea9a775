//! Receives the signals that ask the program to end.
//!
//! A signal that was ignored when the program started stays ignored, as `nohup` requires.

use crate::runner::Signal;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Starts to listen; returns the channel of signals.
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

/// Handles `SIGXFSZ`. Then a file beyond the size limit of the process gives an error of the write, instead of killing the
/// process.
pub(in crate::cli) fn survive_file_size_limit() -> io::Result<()> {
    let raw = rustix::process::Signal::XFSZ.as_raw();
    // The handler remains installed after the listener is dropped.
    signal(SignalKind::from_raw(raw)).map(drop)
}

/// The bit mask of ignored signals; 0 if the system does not report it.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
