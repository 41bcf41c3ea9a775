//! Progress as JSON lines, for programs.

use super::Reporter;
use crate::domain::event::{Event, Kind};
use crate::domain::tally::Tally;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// A reporter that writes JSON lines.
pub(crate) struct Json<W> {
    out: W,
}

impl<W: Write + Send> Json<W> {
    /// JSON lines, written to `out`.
    pub(crate) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Reporter for Json<W> {
    fn event(&mut self, event: &Event, _: &Tally) -> io::Result<()> {
        let Some((name, fields)) = fields(&event.kind) else {
            return Ok(());
        };
        let mut line = json!({"elapsed_ms": millis(event.elapsed), "event": name});
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }

    fn tick(&mut self, _: Duration, _: &Tally) -> io::Result<()> {
        Ok(())
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }
}

fn fields(kind: &Kind) -> Option<(&'static str, Value)> {
    Some(match kind {
        Kind::RunStarted {
            cast_name,
            pending,
            done,
            ..
        } => {
            let fields = json!({"cast_name": cast_name, "pending": pending, "done": done});
            ("run_started", fields)
        }
        // The events of the endings have everything that a program needs of these.
        Kind::CharacterStarted { .. } | Kind::Charged { .. } | Kind::Stopping { .. } => {
            return None;
        }
        Kind::CharacterDone {
            key,
            name,
            take,
            words,
        } => {
            let fields = json!({"key": key, "name": name, "take": take.0, "words": words});
            ("character_done", fields)
        }
        Kind::CharacterRetrying {
            key,
            name,
            outcome,
            wait,
        } => {
            let (outcome, wait_ms) = (outcome.word(), millis(*wait));
            let fields = json!({"key": key, "name": name, "outcome": outcome, "wait_ms": wait_ms});
            ("character_retrying", fields)
        }
        Kind::CharacterFailed {
            key,
            name,
            error_kind,
            error,
        } => {
            let error_kind = error_kind.word();
            let fields =
                json!({"key": key, "name": name, "error_kind": error_kind, "error": error});
            ("character_failed", fields)
        }
        Kind::Paused { why, wait } => ("paused", json!({"why": why, "wait_ms": millis(*wait)})),
        Kind::Resumed => ("resumed", json!({})),
        Kind::RunFinished { .. } => ("run_finished", run_finished(kind)),
    })
}

/// The fields of the last event of a run; none for another event.
fn run_finished(kind: &Kind) -> Value {
    let Kind::RunFinished {
        done,
        failed,
        pending,
        flagged,
        requests,
        cost,
        budget,
        exit,
        error,
        hint,
    } = kind
    else {
        return json!({});
    };
    let mut fields = json!({"done": done, "failed": failed, "pending": pending, "flagged": flagged, "requests": requests, "exit": exit});
    if let Some(cost) = cost {
        fields["cost"] = json!(cost.known);
        fields["cost_maybe"] = json!(cost.maybe);
    }
    if let Some(it) = budget {
        fields["budget"] = json!(it.budget);
        fields["budget_left"] = json!(it.left);
    }
    if let Some(error) = error {
        fields["error"] = json!(error);
        fields["hint"] = json!(hint);
    }
    fields
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
