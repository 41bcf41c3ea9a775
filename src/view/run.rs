//! The page of a run: its progress and speed, why it waits, the newest stories, and what failed and why.

use super::AppState;
use super::address::{of_character, with_query};
use super::advice::advice;
use super::cast::{events, heading, link, meant};
use super::chart::charts;
use super::error::ViewError;
use super::page::{Frame, Pages, begin, moment, number, plural};
use crate::domain::outcome::Outcome;
use crate::domain::speed::{forecast, length, reached};
use crate::store::{CastRecord, Cause, Newest, Watched, Worker};
use minijinja::{Value, context};
use std::sync::Arc;
use std::time::Duration;

/// The most characters of a new story that are shown.
const BEGIN_CHARS: usize = 160;

/// If the last story is older than this, its age is shown.
const LONG_AGO: Duration = Duration::from_secs(10);

/// The most characters of a server's message that are shown.
const ERROR_CHARS: usize = 300;

/// The page of the run; of the run of this cast, if a cast is given.
///
/// # Errors
///
/// [`ViewError`] if there is no such cast, or the database cannot be read.
pub(super) async fn run(app: &Arc<AppState>, cast_name: Option<&str>) -> Result<String, ViewError> {
    let casts = app.casts().await?;
    let cast = meant(&casts, cast_name)?;
    let seen = app.watch.snapshot(cast.map(|cast| cast.id)).await?;
    let frame = Frame {
        title: "The run",
        here: "run",
        heading: heading(cast),
        link: link(&casts, cast),
        events: events(link(&casts, cast)),
        // This page already shows the state of the run.
        strip: Value::UNDEFINED,
        side: Value::UNDEFINED,
    };
    app.pages
        .whole(frame, Value::from_safe_string(seen.run.clone()))
}

/// The content of the run's page.
///
/// # Errors
///
/// [`ViewError::Page`] if the values do not fit.
pub(super) fn fragment(
    pages: &Pages,
    run: Option<&Watched>,
    cast: Option<&CastRecord>,
    link: &str,
    stories: &[Newest],
    causes: &[Cause],
) -> Result<String, ViewError> {
    let (Some(run), Some(cast)) = (run, cast) else {
        return pages.part("run", context! { unknown => true });
    };
    let of_cast = |parts: &[(&str, &str)]| {
        let named = [("cast", link)];
        with_query("/", &[&named, parts].concat())
    };
    let list = of_cast(&[]);
    let list = list.split_once('?').map_or("", |(_, query)| query);
    let newest = |story: &Newest| {
        context! {
            address => of_character(story.id, list),
            name => story.name.trim(),
            begin => begin(&story.begin, BEGIN_CHARS),
            words => plural(story.words, "word", "words"),
            finished_at => moment(&story.finished_at),
        }
    };
    let values = context! {
        alive => run.alive,
        cast => cast.cast_name.as_str(),
        done => cast.done,
        total => cast.total,
        done_of => format!("{} of {}", number(cast.done), plural(cast.total, "character", "characters")),
        state => state(run, cast),
        ended => (!run.alive).then(|| ended(run.exit)),
        setback => run.setback.as_ref().filter(|_| run.alive).map(|setback| context! {
            ago => length(setback.ago),
            what => said(setback.outcome),
            error => begin(&setback.error, ERROR_CHARS),
        }),
        facts => facts(run, cast),
        charts => charts(run),
        workers => workers(&run.workers),
        newest => stories.iter().map(newest).collect::<Vec<_>>(),
        causes => causes.iter().map(cause).collect::<Vec<_>>(),
        failed => of_cast(&[("status", "failed")]),
    };
    pages.part("run", values)
}

/// The line with the state of a live run, for all pages; empty if no run is live.
///
/// # Errors
///
/// [`ViewError::Page`] if the values do not fit.
pub(super) fn strip(
    pages: &Pages,
    run: Option<&Watched>,
    cast: Option<&CastRecord>,
    link: &str,
) -> Result<String, ViewError> {
    let (Some(run), Some(cast)) = (run.filter(|run| run.alive), cast) else {
        return pages.part("strip", context! { idle => true });
    };
    let values = context! {
        cast => cast.cast_name.as_str(),
        done => cast.done,
        total => cast.total,
        done_of => format!("{} of {}", number(cast.done), number(cast.total)),
        state => state(run, cast),
        run => with_query("/run", &[("cast", link)]),
    };
    pages.part("strip", values)
}

/// What is running and what waits: `3 running · 2 waiting to retry · 4 pending · 1 failed · about 20s left`.
fn state(run: &Watched, cast: &CastRecord) -> String {
    let mut parts = Vec::new();
    if run.alive {
        parts.push(format!("{} running", number(cast.running)));
        if let Some(ago) = run.last_story.filter(|ago| *ago >= LONG_AGO) {
            parts.push(format!("last story {} ago", length(ago)));
        }
        if run.in_back_off > 0 {
            parts.push(format!("{} waiting to retry", number(run.in_back_off)));
        }
    }
    if cast.pending > 0 {
        parts.push(format!("{} pending", number(cast.pending)));
    }
    if cast.failed > 0 {
        parts.push(format!("{} failed", number(cast.failed)));
    }
    let left = forecast(run.done, run.took, cast.pending + cast.running);
    if let Some(left) = left.filter(|_| run.alive) {
        parts.push(format!("about {} left", length(left)));
    }
    parts.join(" · ")
}

/// The facts of a run, each with its name.
fn facts(run: &Watched, cast: &CastRecord) -> Vec<(&'static str, String)> {
    let process = match run.workers.len() {
        0 | 1 => ("process", format!("{} on {}", run.pid, run.host)),
        many => ("workers", number(many)),
    };
    let mut facts = vec![
        ("started", format!("{} UTC", moment(&run.started_at))),
        (
            if run.alive { "running for" } else { "took" },
            length(run.took),
        ),
        process,
        ("service", run.endpoint.clone()),
        ("requests", number(run.requests)),
        ("stories", number(run.done)),
    ];
    if let Some(pace) = reached(run.requests, run.took) {
        facts.push(("speed", pace));
    }
    if cast.cost.is_some() {
        facts.push(("cost", format!("{} for this cast", cast.cost_so_far())));
    }
    if let Some(budget) = cast.budget_and_left() {
        facts.push(("budget", budget.to_string()));
    }
    if cast.maybe_charged > 0 {
        let many = plural(cast.maybe_charged, "request", "requests");
        facts.push((
            "maybe charged",
            format!("{many} of this cast without a story"),
        ));
    }
    facts
}

/// The workers of a cast, if it has several.
fn workers(workers: &[Worker]) -> Vec<Value> {
    let row = |worker: &Worker| {
        context! {
            host => worker.host.as_str(),
            pid => worker.pid,
            since => moment(&worker.started_at),
            in_flight => number(worker.in_flight),
            done => number(worker.done),
        }
    };
    match workers {
        [] | [_] => Vec::new(),
        workers => workers.iter().map(row).collect(),
    }
}

/// How a run ended, according to its exit code.
fn ended(exit: Option<i64>) -> &'static str {
    match exit {
        Some(0) => "Everything asked for is done.",
        Some(1) => "Finished, but characters of the cast have failed.",
        Some(3) => {
            "Stopped: the service, the database or an output failed. The rest is still pending; the same command continues."
        }
        Some(4) => "Stopped at a limit that was set. The rest is still pending.",
        Some(_) => {
            "Stopped by a signal. Everything finished is stored; the same command continues."
        }
        None => "Killed: requests in flight may have been charged. The same command continues.",
    }
}

/// What the service did, in words.
fn said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Wait => "the service asked to wait",
        Outcome::NotSent => "the service could not be reached",
        Outcome::RefusedRun => "the service refused all requests",
        Outcome::BadText => "an answer had no usable story",
        _ => "no complete answer",
    }
}

fn cause(cause: &Cause) -> Value {
    context! {
        error_kind => cause.error_kind.word(),
        error => begin(&cause.error, ERROR_CHARS),
        many => number(cause.many),
        example => cause.example.as_str(),
        advice => code(&advice(cause.error_kind, &cause.error)),
    }
}

/// A text with commands in back-ticks, in pieces; commands are marked.
fn code(text: &str) -> Vec<Value> {
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(nth, text)| context! { text, code => nth % 2 == 1 })
        .collect()
}
