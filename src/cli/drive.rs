//! A run from its begin to its last word: signals, reporter, exit code, summary.

use super::args::Progress;
use super::carry_on::tell;
use super::failure::store;
use super::listen::listen;
use super::open_files;
use super::summary;
use super::terminal;
use super::{CliError, Console};
use crate::domain::event::{Event, Kind};
use crate::domain::recipe::ProviderName;
use crate::domain::tally::Counts;
use crate::exit::{Exit, Failure};
use crate::provider::Provider;
use crate::report::{Bar, Desk, Json, Plain, Reporter, Tell};
use crate::runner::{Environment, Outcomes, Run, Settings, Stop};
use crate::store::{NewRun, Sqlite, SqliteRun, Store};
use std::hash::{BuildHasher, RandomState};
use std::io::{sink, stderr};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// Everything a run needs.
pub(super) struct Drive<P> {
    pub(super) db: Arc<Sqlite>,
    pub(super) new: NewRun,
    pub(super) provider: P,
    pub(super) settings: Settings,
    pub(super) progress: Progress,
}

/// Runs, tells, and says with which code the program ends; that is the same whether anybody reads what is told or not.
pub(super) async fn drive<P: Provider>(
    drive: Drive<P>,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let Drive {
        db,
        new,
        provider,
        mut settings,
        progress,
    } = drive;
    let start = tokio::time::Instant::now();
    let signals = listen()?;
    let cast_name = db.cast_name(new.cast).await?;
    let to_name = (db.all_casts().await?.len() > 1).then(|| cast_name.clone());
    let writes = new.recipe.provider;
    let files_each = files_each(writes);
    let run = db.begin_run(new).await?;
    settings.last_start_ago = run.last_start().map(ago);
    let (places, notice) = open_files::places(settings.concurrency, files_each);
    settings.concurrency = places;
    let notices = [
        notice,
        (db.rescued() > 0).then(|| summary::rescued(db.rescued())),
        (db.interrupted() > 0).then(|| summary::interrupted(db.interrupted())),
    ];
    if progress != Progress::Json {
        tell(console, notices.into_iter().flatten());
    }
    let mut desk = Desk::open(reporter(progress));
    let characters_max = settings.characters_max.unwrap_or(u64::MAX);
    let wanted = run.wanted().await?.min(characters_max);
    desk.tell(Event {
        elapsed: start.elapsed(),
        kind: started(cast_name, &run.counts().await?, wanted),
    });
    let environment = Environment {
        store: &run,
        provider: &provider,
        reporter: &mut desk,
        signals,
        dice: Box::new(dice()),
        start,
    };
    let outcomes = Run::new(environment, settings).run().await;
    let (ended, failure, exit) = end(&db, run, &outcomes, writes).await;
    let counts = ended.counts;
    if let Some(db) = Arc::into_inner(db) {
        db.close().await;
    }
    desk.tell(Event {
        elapsed: start.elapsed(),
        kind: finished(&counts, &outcomes, failure.as_ref(), exit),
    });
    desk.close();
    if progress != Progress::Json {
        let mut words = Vec::new();
        let to_name = to_name.as_deref();
        let _ = summary::write(
            &mut words,
            to_name,
            &ended,
            &outcomes,
            failure.as_ref(),
            start.elapsed(),
        );
        say_last(words, console).await;
    }
    Ok(exit)
}

/// The event that the run has begun.
fn started(cast_name: String, counts: &Counts, wanted: u64) -> Kind {
    Kind::RunStarted {
        cast_name,
        pending: counts.pending,
        done: counts.done,
        wanted,
    }
}

/// How long ago a moment was; nothing where the clock was set back since.
fn ago(moment: SystemTime) -> Duration {
    SystemTime::now().duration_since(moment).unwrap_or_default()
}

/// Writes the last words; should nobody read them, a signal ends the program all the same.
async fn say_last(words: Vec<u8>, console: &mut Console) {
    let signals = listen();
    let mut err = std::mem::replace(&mut console.err, Box::new(sink()));
    let (said, heard) = oneshot::channel();
    // What cannot be written holds up a thread that nobody waits for.
    thread::spawn(move || {
        let _ = err.write_all(&words);
        let _ = said.send(err);
    });
    tokio::select! {
        Ok(err) = heard => console.err = err,
        Some(_) = async { signals.ok()?.recv().await } => {}
        // It cannot be written, and nobody would be heard.
        else => {}
    }
}

/// Files that a request has open: the demo writer's other end is in this process, too.
fn files_each(provider: ProviderName) -> u64 {
    match provider {
        ProviderName::Convai | ProviderName::Openai => 1,
        ProviderName::Demo => 2,
    }
}

/// The last fact about the run.
fn finished(counts: &Counts, outcomes: &Outcomes, failure: Option<&Failure>, exit: Exit) -> Kind {
    Kind::RunFinished {
        done: counts.done,
        failed: counts.failed,
        pending: counts.pending + counts.running,
        requests: outcomes.requests,
        cost: outcomes.cost,
        exit: i32::from(exit.code()),
        error: failure.map(|failure| failure.words.clone()),
        hint: failure.and_then(|failure| failure.hint.clone()),
    }
}

/// How the cast stands when a run has ended.
pub(super) struct Ended {
    pub(super) counts: Counts,
    /// Failed characters among those that the run was asked for.
    pub(super) failed: u64,
}

/// Ends the run in the database; how the cast then stands, and what is to be said.
async fn end(
    db: &Sqlite,
    run: SqliteRun,
    outcomes: &Outcomes,
    writes: ProviderName,
) -> (Ended, Option<Failure>, Exit) {
    let mut failure = match &outcomes.stop {
        Some(Stop::MostlyFailed { .. }) => {
            let causes = db.causes(run.cast()).await.unwrap_or_default();
            summary::mostly_failed(outcomes, writes, causes.first())
        }
        Some(stop) => summary::failure(stop, outcomes, writes),
        None => None,
    };
    if let (Some(failure), false) = (&mut failure, outcomes.unsaved.is_empty()) {
        summary::rescued_to(
            failure,
            &run.rescue(&outcomes.unsaved),
            outcomes.unsaved.len(),
        );
    }
    let counts = run.counts().await;
    let failed = run.failed().await.unwrap_or_default();
    // A limit that was reached with the last character stopped nothing.
    let limited = matches!(
        outcomes.stop,
        Some(Stop::Time | Stop::Requests | Stop::Cost { .. })
    );
    let all_done = counts
        .as_ref()
        .is_ok_and(|counts| counts.pending + counts.running == 0);
    if limited && all_done && outcomes.unsaved.is_empty() {
        failure = None;
    }
    let signal = match &outcomes.stop {
        Some(Stop::Signal(signal)) => Some(Exit::Signal(signal.number())),
        _ => None,
    };
    let exit = |failure: &Option<Failure>| match (signal, failure, &counts) {
        (Some(signal), _, _) => signal,
        (None, Some(failure), _) => failure.exit,
        (None, None, Ok(_)) if failed > 0 => Exit::SomeFailed,
        _ => Exit::Done,
    };
    let ended = run.end(exit(&failure).code()).await;
    // A database that fails at the very end has stored everything, but nobody can be sure of what comes next.
    let failure = failure.or_else(|| ended.as_ref().err().or(counts.as_ref().err()).map(store));
    let exit = exit(&failure);
    let counts = counts.unwrap_or_default();
    (Ended { counts, failed }, failure, exit)
}

/// Whether progress is told by a bar.
pub(super) fn shows_bar(progress: Progress) -> bool {
    match progress {
        Progress::Bar => true,
        Progress::Auto => terminal::can_redraw(&stderr()),
        Progress::Plain | Progress::Json | Progress::None => false,
    }
}

fn reporter(progress: Progress) -> Option<Box<dyn Reporter>> {
    match progress {
        _ if shows_bar(progress) => Some(Box::new(Bar::new(
            terminal::may_colour(),
            terminal::columns,
        ))),
        Progress::Auto | Progress::Bar | Progress::Plain => Some(Box::new(Plain::new(stderr()))),
        Progress::Json => Some(Box::new(Json::new(stderr()))),
        Progress::None => None,
    }
}

/// Numbers from 0 up to but not including 1, different in each run.
fn dice() -> impl FnMut() -> f64 {
    let random = RandomState::new();
    let mut thrown = 0_u64;
    move || {
        thrown += 1;
        let [a, b, c, d, ..] = random.hash_one(thrown).to_le_bytes();
        f64::from(u32::from_le_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }
}
