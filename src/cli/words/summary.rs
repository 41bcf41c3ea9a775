//! The summary at the end of a run: the counts, and the commands to continue.

use crate::app::run::Ended;
use crate::cli::words::command_line::{continuation, failed_again, other_command};
use crate::cli::words::plural;
use crate::domain::speed::length;
use crate::exit::Failure;
use crate::runner::{Signal, Stop};
use std::io::{self, Write};
use std::time::Duration;

/// The note about requests that killed runs left behind.
pub(in crate::cli) fn interrupted(requests: u64) -> String {
    let (were, they) = match requests {
        1 => ("1 request was", "it"),
        _ => ("requests were", "they"),
    };
    let many = if requests == 1 {
        String::new()
    } else {
        format!("{requests} ")
    };
    format!("{many}{were} in flight when an earlier run was killed; {they} may have been charged")
}

/// The note when results were recovered that an earlier run could not save.
pub(in crate::cli) fn recovered(endings: u64) -> String {
    format!(
        "recovered {} that an earlier run could not save",
        plural(endings, "result")
    )
}

/// Writes the summary to `out`. If `cast` is given, the commands in it name the cast.
pub(in crate::cli) fn write(
    out: &mut dyn Write,
    cast: Option<&str>,
    ended: &Ended,
    failure: Option<&Failure>,
    elapsed: Duration,
) -> io::Result<()> {
    let (counts, outcomes) = (&ended.counts, &ended.outcomes);
    if let Some(failure) = failure {
        writeln!(out, "{failure}")?;
    }
    if let Some(Stop::Signal(signal)) = outcomes.stop {
        writeln!(
            out,
            "stopped by {}; everything finished is stored",
            name(signal)
        )?;
    }
    let pending = counts.pending + counts.running;
    writeln!(
        out,
        "cast: {} done · {} failed · {pending} pending; this run: {} in {}{}{}",
        counts.done,
        counts.failed,
        plural(outcomes.requests, "request"),
        took(elapsed),
        outcomes
            .cost
            .map_or_else(String::new, |cost| format!(" · cost {cost}")),
        ended
            .budget
            .map_or_else(String::new, |it| format!(" · budget of the cast {it}"))
    )?;
    if counts.flagged > 0 {
        let flagged = match counts.flagged {
            1 => "1 story has a flag".to_owned(),
            many => format!("{many} stories have flags"),
        };
        writeln!(out, "{flagged}: {}", other_command("review", cast))?;
    }
    if outcomes.stop.is_some() && (pending > 0 || failure.is_some()) {
        // The same command would not try failed characters again, and so would do nothing.
        let only_failed = pending == 0 && ended.failed > 0;
        let command = if only_failed {
            failed_again(cast)
        } else {
            continuation(cast)
        };
        return writeln!(out, "continue: {command}");
    }
    if ended.failed > 0 {
        let (why, again) = (other_command("status", cast), failed_again(cast));
        return writeln!(out, "to see why: {why} · to try again: {again}");
    }
    if pending == 0 {
        let next = ["list", "show NAME", "export -o FILE"];
        let next = next.map(|command| other_command(command, cast));
        writeln!(out, "next: {}", next.join(" · "))?;
    }
    Ok(())
}

/// The duration of a run, in words.
fn took(elapsed: Duration) -> String {
    if elapsed < Duration::from_secs(1) {
        return format!("{}ms", elapsed.as_millis());
    }
    length(elapsed)
}

fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "Ctrl-C",
        Signal::Terminate => "SIGTERM",
        Signal::HangUp => "SIGHUP",
    }
}
