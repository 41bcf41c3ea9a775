//! What is wrong before a run costs anything: provider, sheet, API key, database, disk, clock and endpoint are examined in this
//! order, and each finding is handed out as data.
//!
//! It changes nothing, and waits at most as long as a connection may take. It sends a request only where that is asked for and
//! nothing was found wrong before.

mod attempt;
pub(crate) mod finding;
mod surroundings;

use super::asked::{Choice, CostAsked, LimitsAsked, PaceAsked, ProviderAsked, SheetAsked};
use super::error::AppError;
use super::import::Step;
use super::memory::Memory;
use super::plan::{Conditions, Plan, plan};
use super::resolve::{self, Asked, cast_name, resolve};
use super::settings::connect_timeout;
use super::writer::Writer;
use crate::domain::money::BudgetChange;
use crate::domain::recipe::ProviderName;
use crate::store::{Library, Location};
use finding::{Fault, Finding, SheetFault};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What is asked of a check. `F` says why the caller could not read settings.
pub(crate) struct CheckAsked<F> {
    /// The cast; `None`: the one that is named after the sheet, else the only one.
    pub cast: Option<String>,
    /// Provider and prompt.
    pub writer: Result<Asked, F>,
    /// The sheet; without it, only the rest is examined.
    pub sheet: Option<CheckedSheet<F>>,
    /// Which characters to write, and the answers to the questions of the import.
    pub choice: Choice,
    /// What requests cost.
    pub cost: CostAsked,
    /// How long a connection and a request may take.
    pub limits: LimitsAsked,
    /// Send one request. It may be charged.
    pub send: bool,
}

/// A sheet to examine.
pub(crate) struct CheckedSheet<F> {
    /// Its path; `-` is standard input.
    pub path: PathBuf,
    /// How it is read.
    pub asked: Result<SheetAsked, F>,
    /// Guessed columns are accepted, or the user can be asked about them.
    pub accepts_guess: bool,
}

/// What is known at the end of a check, besides its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Characters failed in an earlier run, and the run would not try them again.
    pub has_failed: bool,
}

/// Where findings go.
pub(crate) trait Inspection {
    /// Why the caller could not read settings.
    type Unread;

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// The error of the writer; it ends the check.
    fn found(&mut self, finding: Finding<'_, Self::Unread>) -> io::Result<()>;

    /// Sees that reading the sheet has made a step. `length` is the length of the sheet in bytes, where that is known.
    fn step(&mut self, step: Step, length: Option<u64>);
}

/// Examines everything that a run on the database at `db` needs. `demo` starts the service of the demo provider.
///
/// # Errors
///
/// [`AppError`] where a finding cannot be handed out or the test request cannot be made; what is wrong with the examined things
/// is a finding.
pub(crate) async fn check<I: Inspection>(
    asked: CheckAsked<I::Unread>,
    db: &Location,
    to: &mut I,
    demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
) -> Result<Checked, AppError> {
    let CheckAsked {
        cast,
        writer,
        sheet,
        choice,
        cost,
        limits,
        send,
    } = asked;
    let mut checking = Checking {
        db,
        to,
        is_wrong: false,
    };
    let path = sheet.as_ref().map(|sheet| sheet.path.clone());
    let (asked, writer) = checking.writer(writer, path.as_deref()).await?;
    let with_writer = writer.as_ref().zip(asked.as_ref()).map(|(_, asked)| asked);
    let of_sheet = OfSheet {
        cast,
        asked: with_writer,
        choice: &choice,
        cost: &cost,
    };
    let plan = match sheet {
        Some(sheet) => checking.sheet(sheet, of_sheet).await?,
        None => None,
    };
    let key_file = asked.and_then(|asked| asked.provider.key_file);
    let keyed = checking.key(writer.as_ref(), key_file.as_deref())?;
    let stories = plan.as_ref().map_or(0, |plan| plan.requests);
    checking
        .surroundings(stories, writer.as_ref(), &limits)
        .await?;
    let has_failed = plan
        .as_ref()
        .is_some_and(|plan| plan.comparison.failed > 0 && !choice.retry);
    if let Some(writer) = keyed.filter(|_| send && !checking.is_wrong) {
        let first = plan.and_then(|plan| plan.first);
        let attempted = attempt::send(&writer, first, &limits, demo).await?;
        if let Some(clock) = attempted.clock {
            checking.found(Finding::ServiceClock(surroundings::same_time(clock)))?;
        }
        checking.found(Finding::Answer(attempted.answer))?;
    }
    Ok(Checked { has_failed })
}

/// What the check of a sheet depends on besides the sheet.
struct OfSheet<'a> {
    /// The cast.
    cast: Option<String>,
    /// Provider and prompt; `None` if no provider can be resolved. Then only the sheet itself is examined.
    asked: Option<&'a Asked>,
    choice: &'a Choice,
    cost: &'a CostAsked,
}

/// A check that is under way.
struct Checking<'a, I> {
    db: &'a Location,
    to: &'a mut I,
    /// Something was found wrong.
    is_wrong: bool,
}

impl<I: Inspection> Checking<'_, I> {
    fn found(&mut self, finding: Finding<'_, I::Unread>) -> Result<(), AppError> {
        self.is_wrong |= finding.is_wrong();
        Ok(self.to.found(finding)?)
    }

    /// Examines the provider with its prompt: as asked, else as in the last run of the cast. Returns what was asked, and the
    /// provider where it can be used.
    async fn writer(
        &mut self,
        asked: Result<Asked, I::Unread>,
        sheet: Option<&Path>,
    ) -> Result<(Option<Asked>, Option<Writer>), AppError> {
        let asked = match asked {
            Ok(asked) => asked,
            Err(settings) => {
                self.found(Finding::Provider(Err(Fault::Settings(settings))))?;
                return Ok((None, None));
            }
        };
        let writer = match writer(&asked, sheet, self.db).await {
            Ok(writer) => {
                self.found(Finding::Provider(Ok(&writer)))?;
                Some(writer)
            }
            Err(err) => {
                self.found(Finding::Provider(Err(Fault::Refused(err))))?;
                None
            }
        };
        Ok((Some(asked), writer))
    }

    /// Examines a sheet. Returns the plan of a run, if the run would go on.
    async fn sheet(
        &mut self,
        sheet: CheckedSheet<I::Unread>,
        of: OfSheet<'_>,
    ) -> Result<Option<Plan>, AppError> {
        let planned = match sheet.asked {
            Err(settings) => Err(SheetFault::Settings(settings)),
            Ok(asked) => {
                let of_run = Asked {
                    path: sheet.path,
                    sheet: asked,
                    ..of.asked.cloned().unwrap_or_else(|| demo(of.cast.clone()))
                };
                self.plan(&of_run, &of, sheet.accepts_guess).await
            }
        };
        match planned {
            Ok(plan) => {
                self.found(Finding::Sheet(Ok(&plan)))?;
                Ok(Some(plan))
            }
            Err(fault) => {
                self.found(Finding::Sheet(Err(fault)))?;
                Ok(None)
            }
        }
    }

    async fn plan(
        &mut self,
        asked: &Asked,
        of: &OfSheet<'_>,
        accepts_guess: bool,
    ) -> Result<Plan, SheetFault<I::Unread>> {
        let made = self.made(asked, of).await;
        let mut plan = made.map_err(SheetFault::Refused)?;
        if let Some(guess) = plan.about.guess.take_if(|_| !accepts_guess) {
            return Err(SheetFault::Refused(AppError::Guess(Box::new(guess))));
        }
        // Without a known provider, it cannot be said whether the recipe changed.
        match plan.asks.take_if(|_| of.asked.is_some()) {
            Some(asks) => Err(SheetFault::Asks(Box::new(asks))),
            None => Ok(plan),
        }
    }

    async fn made(&mut self, asked: &Asked, of: &OfSheet<'_>) -> Result<Plan, AppError> {
        // Without a known provider there are no prices, and so no budget to keep.
        let no_cost = CostAsked {
            budget: BudgetChange::Remove,
            ..CostAsked::default()
        };
        let conditions = Conditions {
            choice: of.choice,
            pace: &PaceAsked::default(),
            cost: of.asked.map_or(&no_cost, |_| of.cost),
        };
        let prepared = resolve(asked, self.db).await?.open()?;
        let length = prepared.sheet.bytes_read().map(|(_, length)| length);
        let to = &mut *self.to;
        plan(prepared, &conditions, self.db, &mut |step| {
            to.step(step, length);
        })
        .await
    }

    /// Examines the key of `writer`. Returns the writer with its key, where there is one or none is needed.
    fn key(
        &mut self,
        writer: Option<&Writer>,
        key_file: Option<&Path>,
    ) -> Result<Option<Writer>, AppError> {
        let Some(writer) = writer else {
            return Ok(None);
        };
        match writer.clone().with_key(key_file) {
            Ok(keyed) => {
                self.found(Finding::Key(Ok(keyed.key_state())))?;
                Ok(Some(keyed))
            }
            Err(refused) => {
                self.found(Finding::Key(Err(refused)))?;
                Ok(None)
            }
        }
    }

    /// Examines database, disk, clock and endpoint. `stories` is the number of stories that are still to be stored.
    async fn surroundings(
        &mut self,
        stories: u64,
        writer: Option<&Writer>,
        limits: &LimitsAsked,
    ) -> Result<(), AppError> {
        let database = surroundings::database(self.db).await;
        let apart = database.as_ref().ok().and_then(surroundings::clocks_apart);
        self.found(Finding::Database(database))?;
        self.found(Finding::Disk(surroundings::disk(self.db, stories)))?;
        self.found(Finding::Clock(surroundings::clock(self.db).await))?;
        if let Some(apart) = apart {
            self.found(Finding::DatabaseClock(apart))?;
        }
        if let Some(writer) = writer {
            let connect = connect_timeout(limits);
            let reached = surroundings::endpoint(writer.endpoint(), connect).await;
            self.found(Finding::Endpoint(reached))?;
        }
        Ok(())
    }
}

/// What is asked where no provider is known: the demo provider, which needs nothing.
fn demo(cast: Option<String>) -> Asked {
    Asked {
        cast,
        provider: ProviderAsked {
            provider: Some(ProviderName::Demo),
            ..ProviderAsked::default()
        },
        ..Asked::default()
    }
}

/// The provider with its prompt: as asked, else as in the last run of the cast.
async fn writer(asked: &Asked, sheet: Option<&Path>, db: &Location) -> Result<Writer, AppError> {
    let cast = match (&asked.cast, sheet) {
        (Some(cast), _) => Some(cast.clone()),
        (None, Some(sheet)) => Some(cast_name(sheet)?),
        (None, None) => only_cast(db).await,
    };
    // An error of the database is reported by the check of the database.
    let memory = match cast {
        Some(cast) => Memory::of(db, &cast).await.unwrap_or_default(),
        None => Memory::default(),
    };
    resolve::writer(
        &asked.provider,
        &asked.prompt,
        &asked.prompt_with_file,
        &memory,
    )
}

/// The name of the only cast of the database, if there is exactly one.
async fn only_cast(db: &Location) -> Option<String> {
    let db = db.open_to_read().await.ok()?;
    let cast = db.one_cast(None).await.ok();
    db.close().await;
    Some(cast?.cast_name)
}
