//! A run from its begin to its end: what is ready to be sent is sent, stored and reported.
//!
//! What came of it is data; how the program ends because of it, and in which words, is the caller's to say.

use super::asked::{LimitsAsked, PaceAsked};
use super::cost::tokens_max;
use super::error::AppError;
use super::judge::CastPrompt;
use super::settings::{connect_timeout, settings};
use super::writer::Writer;
use crate::domain::character::CastId;
use crate::domain::event::{Event, Kind};
use crate::domain::money::{Budget, BudgetLeft, Cost};
use crate::domain::recipe::ProviderName;
use crate::domain::tally::Counts;
use crate::provider::Provider;
use crate::report::EventSink;
use crate::runner::{Judge, Outcomes, Parts, Run, Settings, Signal, Stop};
use crate::sheet::Prompt;
use crate::store::{CastRun, Cause, Holder, Ledger, Library, NewRun, Reader, StoreError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// How requests are sent.
pub(crate) struct Sending<'a> {
    /// The provider, with its key.
    pub writer: &'a Writer,
    /// The prompt over the columns of the sheet.
    pub prompt: Option<Prompt>,
    /// What the prompt asks of each story.
    pub asks: CastPrompt,
    /// What the run may cost.
    pub budget: Option<Budget>,
    /// How fast.
    pub pace: &'a PaceAsked,
    /// How long and how often.
    pub limits: &'a LimitsAsked,
}

/// A run that can begin: its cast is in the database, and its provider is ready.
pub(crate) struct Ready {
    db: Arc<Holder>,
    new: NewRun,
    client: Box<dyn Provider>,
    judge: Judge,
    settings: Settings,
}

/// A run that has begun in the database.
pub(crate) struct Begun {
    db: Arc<Holder>,
    run: CastRun,
    client: Box<dyn Provider>,
    judge: Judge,
    /// Pace and limits.
    pub settings: Settings,
    /// The provider.
    pub provider: ProviderName,
    /// The cast's name.
    pub cast: String,
    /// The database holds other casts, too.
    pub has_other_casts: bool,
    /// Results that were recovered because an earlier run could not save them.
    pub recovered: u64,
    /// Requests that were in flight when an earlier run was killed.
    pub interrupted: u64,
}

/// What came of a run.
pub(crate) struct Ended {
    /// What the runner did, and why it stopped before everything was done.
    pub outcomes: Outcomes,
    /// The provider.
    pub provider: ProviderName,
    /// The characters of the cast, by their state.
    pub counts: Counts,
    /// The budget of the cast and what is left of it, where it has one.
    pub budget: Option<BudgetLeft>,
    /// Failed characters among those that the run was asked for.
    pub failed: u64,
    /// Why most characters failed, where the run stopped because of that.
    pub commonest_cause: Option<Cause>,
    /// Where results were written that the database could not store.
    pub rescued: Option<Result<PathBuf, StoreError>>,
    /// What the database reported at the very end. Everything else is stored.
    pub store_error: Option<StoreError>,
}

/// How the program ends because of a run, for the database and for reports.
pub(crate) struct Closing {
    /// The exit code.
    pub code: u8,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Ready {
    /// Makes a run ready on `db`. `demo` starts the service of the demo provider.
    ///
    /// # Errors
    ///
    /// As [`Writer::client`].
    pub(crate) async fn new(
        db: Holder,
        new: NewRun,
        sending: Sending<'_>,
        demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
    ) -> Result<Self, AppError> {
        let Sending {
            writer,
            prompt,
            asks,
            budget,
            pace,
            limits,
        } = sending;
        let connect = connect_timeout(limits);
        let client = writer.client(demo, prompt, tokens_max(budget), connect);
        Ok(Self {
            client: client.await?,
            judge: asks.judge(),
            settings: settings(writer, pace, limits, budget, new.characters_max),
            db: Arc::new(db),
            new,
        })
    }

    /// Begins the run in the database.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`]; then no run has begun.
    pub(crate) async fn begin(self) -> Result<Begun, AppError> {
        let Self {
            db,
            new,
            client,
            judge,
            mut settings,
        } = self;
        let cast = db.cast_name(new.cast).await?;
        let has_other_casts = db.all_casts().await?.len() > 1;
        let provider = new.recipe.provider;
        let run = db.begin_run(new).await?;
        settings.last_start_ago = run.last_start().map(ago);
        Ok(Begun {
            recovered: db.rescued(),
            interrupted: db.interrupted(),
            db,
            run,
            client,
            judge,
            settings,
            provider,
            cast,
            has_other_casts,
        })
    }
}

impl Begun {
    /// Runs to the end, and closes the database. `start` is when the program began, for times in reports; `closing` says how the
    /// program will end.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] when the database fails before anything is sent.
    pub(crate) async fn run(
        self,
        sink: &mut impl EventSink,
        signals: UnboundedReceiver<Signal>,
        start: Instant,
        closing: impl Fn(&Ended) -> Closing,
    ) -> Result<Ended, AppError> {
        let Self {
            db,
            run,
            client,
            judge,
            settings,
            provider,
            cast,
            ..
        } = self;
        let (counts, wanted) = (run.counts().await?, run.wanted().await?);
        sink.emit(Event {
            elapsed: start.elapsed(),
            kind: Kind::RunStarted {
                cast_name: cast,
                pending: counts.pending,
                done: counts.done,
                wanted: wanted.min(settings.characters_max.unwrap_or(u64::MAX)),
            },
        });
        let parts = Parts {
            store: &run,
            provider: &client,
            judge,
            reporter: sink,
            signals,
            dice: Box::new(dice()),
            start,
        };
        let outcomes = Run::new(parts, settings).run().await;
        let ended = end(&db, run, outcomes, provider, &closing).await;
        if let Some(db) = Arc::into_inner(db) {
            db.close().await;
        }
        sink.emit(Event {
            elapsed: start.elapsed(),
            kind: finished(&ended, closing(&ended)),
        });
        Ok(ended)
    }
}

/// How long ago a moment was; zero where the clock was set back since.
fn ago(moment: SystemTime) -> Duration {
    SystemTime::now().duration_since(moment).unwrap_or_default()
}

/// The last event of the run.
fn finished(ended: &Ended, closing: Closing) -> Kind {
    let counts = &ended.counts;
    Kind::RunFinished {
        done: counts.done,
        failed: counts.failed,
        pending: counts.pending + counts.running,
        flagged: counts.flagged,
        requests: ended.outcomes.requests,
        cost: ended.outcomes.cost,
        budget: ended.budget,
        exit: i32::from(closing.code),
        error: closing.error,
        hint: closing.hint,
    }
}

/// Ends the run in the database.
async fn end(
    db: &Reader,
    run: CastRun,
    mut outcomes: Outcomes,
    provider: ProviderName,
    closing: &impl Fn(&Ended) -> Closing,
) -> Ended {
    let commonest_cause = match &outcomes.stop {
        Some(Stop::MostlyFailed { .. }) => {
            let causes = db.causes(run.cast()).await.unwrap_or_default();
            causes.into_iter().next()
        }
        _ => None,
    };
    let rescued = (!outcomes.unsaved.is_empty() && is_failure(outcomes.stop.as_ref()))
        .then(|| run.rescue(&outcomes.unsaved));
    let counts = run.counts().await;
    let failed = run.failed().await.unwrap_or_default();
    // A limit that was reached with the last character stopped nothing.
    let is_limit = matches!(
        outcomes.stop,
        Some(Stop::Time | Stop::Requests | Stop::Cost { .. } | Stop::Budget { .. })
    );
    let all_done = counts
        .as_ref()
        .is_ok_and(|counts| counts.pending + counts.running == 0);
    if is_limit && all_done && outcomes.unsaved.is_empty() {
        outcomes.stop = None;
    }
    let (counts, store_error) = match counts {
        Ok(counts) => (counts, None),
        Err(err) => (Counts::default(), Some(err)),
    };
    let budget = budget_left(db, run.cast(), outcomes.cost).await;
    let mut ended = Ended {
        outcomes,
        provider,
        counts,
        budget,
        failed,
        commonest_cause,
        rescued,
        store_error,
    };
    // A database that fails here has stored everything, but what comes next is uncertain.
    let closed = run.end(closing(&ended).code).await;
    ended.store_error = closed.err().or(ended.store_error);
    ended
}

/// The budget of the cast and what is left of it. Without prices, which every run needs on a cast with a budget, there is none.
async fn budget_left(db: &Reader, id: CastId, cost: Option<Cost>) -> Option<BudgetLeft> {
    cost?;
    let casts = db.casts().await.ok()?;
    let found = casts.into_iter().find(|it| it.id == id)?;
    found.budget_and_left()
}

/// Whether a stop is a failure, and not what the user asked for.
fn is_failure(stop: Option<&Stop>) -> bool {
    !matches!(stop, None | Some(Stop::Signal(_)))
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
