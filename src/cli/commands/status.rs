//! `backstory status [CAST]`: shows the counts of a cast, why characters failed, and which requests may have been charged without
//! a story.

use crate::app::select;
use crate::cli::commands::show::moment;
use crate::cli::words::advice::advice;
use crate::cli::words::command_line::other_command;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::{shown, shown_start};
use crate::domain::speed::{forecast, length, reached, together};
use crate::exit::Exit;
use crate::store::{CastRecord, Cause, Library, RunRecord, Worker};
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// Show counts, failures by cause with advice, speed, requests that may have been charged without a story
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory status
  backstory status villagers --json")]
pub(in crate::cli) struct StatusArgs {
    /// The cast [default: all]
    cast: Option<String>,
    /// One JSON object per cast
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn status(
    args: StatusArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let named = database.cast(args.cast.as_deref())?;
    let (db, casts) = select::casts(&database.db, named).await?;
    for (nth, cast) in casts.iter().enumerate() {
        let workers = db.workers(cast.id).await?;
        if args.json {
            let line = Line { cast, workers };
            writeln!(console.out, "{}", serde_json::json!(line))?;
            continue;
        }
        if nth > 0 {
            writeln!(console.out)?;
        }
        page(&mut console.out, cast)?;
        match workers.as_deref() {
            Some(workers @ [_, _, ..]) => several(&mut console.out, cast, workers)?,
            _ => {
                if let Some(run) = db.last_run(cast.id).await? {
                    speed(&mut console.out, cast, &run)?;
                }
            }
        }
        let name = (named.is_some() || casts.len() > 1).then_some(cast.cast_name.as_str());
        let again = ["retry", "resume"].map(|command| other_command(command, name));
        failures(&mut console.out, &db.causes(cast.id).await?, &again)?;
    }
    if casts.len() > 1 && !args.json {
        all(&mut console.out, &casts)?;
    }
    Ok(Exit::Done)
}

/// A cast as JSON.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    cast: &'a CastRecord,
    /// Only where a cast can have several.
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<Vec<Worker>>,
}

fn page(out: &mut dyn Write, cast: &CastRecord) -> Result<(), CliError> {
    writeln!(
        out,
        "cast `{}`: {}",
        shown(&cast.cast_name),
        plural(cast.total, "character")
    )?;
    let mut count = |word: &str, value: String| writeln!(out, "  {word:10}{value}");
    for (word, many) in [
        ("done", cast.done),
        ("failed", cast.failed),
        ("pending", cast.pending),
        ("running", cast.running),
    ] {
        count(word, many.to_string())?;
    }
    if cast.gone > 0 {
        let words = format!("{} (no longer in the sheet; kept)", cast.gone);
        count("gone", words)?;
    }
    count("requests", requests(cast))?;
    if cast.cost.is_some() {
        count("cost", cast.cost_so_far().to_string())?;
    }
    if let Some(budget) = cast.budget_and_left() {
        count("budget", budget.to_string())?;
    }
    if cast.flagged > 0 {
        let words = format!("{} (`backstory review` shows them)", cast.flagged);
        count("flagged", words)?;
    }
    if let (Some(oldest), Some(newest)) = (&cast.oldest, &cast.newest) {
        count(
            "stories",
            format!("first {} UTC, last {} UTC", moment(oldest), moment(newest)),
        )?;
    }
    Ok(())
}

/// Writes the speed of the last run and, at that speed, how long the rest takes.
fn speed(out: &mut dyn Write, cast: &CastRecord, run: &RunRecord) -> Result<(), CliError> {
    let (when, requests) = (&run.started_at, plural(run.requests, "request"));
    let whose = match run.pid {
        Some(pid) => format!("{requests} of process {pid}, running since {when} UTC"),
        None => format!("{requests} in the run of {when} UTC"),
    };
    if let Some(pace) = reached(run.requests, run.took) {
        writeln!(out, "  {:10}{pace} ({whose})", "speed")?;
    }
    if let Some(time) = forecast(run.done, run.took, cast.pending + cast.running) {
        let whose = if run.pid.is_some() {
            "its"
        } else {
            "that run's"
        };
        writeln!(
            out,
            "  {:10}about {} at {whose} speed",
            "left",
            length(time)
        )?;
    }
    Ok(())
}

/// Writes each worker, the speed of all, and how long the rest takes at that speed.
fn several(out: &mut dyn Write, cast: &CastRecord, workers: &[Worker]) -> Result<(), CliError> {
    writeln!(out, "  {:10}{}", "workers", workers.len())?;
    for worker in workers {
        let Worker { host, pid, .. } = worker;
        writeln!(
            out,
            "    process {pid} on {}, since {} UTC: {} in flight · {}",
            shown(host),
            moment(&worker.started_at),
            plural(worker.in_flight, "request"),
            match worker.done {
                1 => "1 story".to_owned(),
                many => format!("{many} stories"),
            }
        )?;
    }
    let each = |of: fn(&Worker) -> u64| {
        let each: Vec<_> = workers.iter().map(|it| (of(it), it.took)).collect();
        together(&each)
    };
    let (requests, took) = each(|worker| worker.requests);
    if let Some(pace) = reached(requests, took) {
        writeln!(out, "  {:10}{pace} (all workers)", "speed")?;
    }
    let (done, took) = each(|worker| worker.done);
    if let Some(time) = forecast(done, took, cast.pending + cast.running) {
        writeln!(out, "  {:10}about {} at their speed", "left", length(time))?;
    }
    Ok(())
}

/// Writes the sums over several casts on one line.
fn all(out: &mut dyn Write, casts: &[CastRecord]) -> Result<(), CliError> {
    let sum = |of: fn(&CastRecord) -> u64| casts.iter().map(of).sum::<u64>();
    Ok(writeln!(
        out,
        "\nall {} casts: {} · {} done · {} failed · {} pending · {}",
        casts.len(),
        plural(sum(|cast| cast.total), "character"),
        sum(|cast| cast.done),
        sum(|cast| cast.failed),
        sum(|cast| cast.pending + cast.running),
        plural(sum(|cast| cast.requests), "request"),
    )?)
}

/// Writes why characters failed: each cause with an example, and what to do about it.
fn failures(
    out: &mut dyn Write,
    causes: &[Cause],
    [retry, resume]: &[String; 2],
) -> Result<(), CliError> {
    if !causes.is_empty() {
        writeln!(out, "failed:")?;
    }
    for cause in causes {
        let Cause {
            error_kind,
            error,
            many,
            example,
        } = cause;
        writeln!(
            out,
            "  {many} × `{error_kind}`: {} (for example {})",
            shown_start(error, 200),
            shown(example)
        )?;
        writeln!(out, "    {}", advice(*error_kind, error, retry, resume))?;
    }
    Ok(())
}

fn requests(cast: &CastRecord) -> String {
    match cast.maybe_charged {
        0 => cast.requests.to_string(),
        many => format!(
            "{} ({many} may have been charged without a story)",
            cast.requests
        ),
    }
}
