//! A run on a sheet, up to the point where it can begin: the sheet is imported, its questions are answered.

use super::asked::{Choice, CostAsked, LimitsAsked, PaceAsked};
use super::cost::budget;
use super::error::AppError;
use super::find;
use super::guess::Guess;
use super::import::{ImportNotes, Imported, Step, import};
use super::judge::CastPrompt;
use super::plan::{Conditions, Plan, plan};
use super::remember::remember;
use super::resolve::{Prepared, Resolved};
use super::resume::names_columns;
use super::run::{Ready, Sending};
use super::settings::patience;
use super::unchanged::Unchanged;
use crate::sheet::Note;
use crate::store::{Location, NewRun, Reader, Reopen};
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// What is asked of a run, besides the sheet and the provider.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunAsked {
    /// Which characters to write, and the answers to the questions of the import.
    pub choice: Choice,
    /// Guessed columns are accepted.
    pub accepts_guess: bool,
    /// How fast.
    pub pace: PaceAsked,
    /// What requests cost.
    pub cost: CostAsked,
    /// How long and how often.
    pub limits: LimitsAsked,
}

/// Something to know before the run begins.
#[derive(Debug, Clone)]
pub(crate) enum Notice {
    /// The sheet has stories of an export that are not imported.
    UnreadStories,
    /// About how the sheet was read.
    Sheet(Note),
    /// About the characters of the sheet.
    Import(ImportNotes),
}

/// How a run talks to its user.
pub(crate) trait User {
    /// Takes note of something.
    fn note(&mut self, notice: Notice);

    /// Whether the user can answer a question about the sheet at this path.
    fn can_answer(&self, path: &Path) -> bool;

    /// Asks whether the guess is right. The plan shows what would follow from it.
    ///
    /// # Errors
    ///
    /// [`AppError::Declined`] where the answer is no.
    fn accept(&mut self, guess: &Guess, plan: &Plan) -> Result<(), AppError>;

    /// Sees that the import has made a step. `length` is the length of the sheet in bytes, where that is known.
    fn step(&mut self, step: Step, length: Option<u64>);
}

/// Imports the sheet of `resolved` into the database at `path`, and prepares the run. `demo` starts the service of the
/// demo provider.
///
/// # Errors
///
/// [`AppError`] when the command is refused; nothing was sent then.
pub(crate) async fn start(
    resolved: Resolved,
    asked: &RunAsked,
    path: &Location,
    key_file: Option<&Path>,
    user: &mut impl User,
    demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
) -> Result<Ready, AppError> {
    let mut starting = Starting {
        resolved: &resolved,
        asked,
        db: path,
        user,
        notes_are_shown: false,
    };
    let unchanged = Unchanged::find(&resolved.path, &resolved, &asked.choice, path).await?;
    let prepared = match &unchanged {
        Some(_) => None,
        None => Some(starting.open_and_ask().await?),
    };
    // What is wrong here is reported before the database is created.
    let writer = resolved.writer.clone();
    let of_cast = resolved.memory.budget;
    let budget = budget(&asked.cost, of_cast, writer.name, writer.prompt.as_ref())?;
    let writer = writer.with_key(key_file)?;
    let db = path.open().await?;
    let imported = match Box::pin(starting.import(&db, unchanged, prepared)).await {
        Ok(imported) => imported,
        Err(err) => {
            db.discard().await;
            return Err(err);
        }
    };
    let memory = remember(
        &writer,
        &resolved.path,
        &imported.options,
        resolved.memory.clone(),
    );
    let new = NewRun {
        cast: imported.cast,
        recipe: imported.recipe,
        endpoint: writer.endpoint_name(),
        key_digest: writer.key_digest(),
        reopen: Reopen::failed_if(asked.choice.retry),
        characters_max: asked.choice.limit,
        only: find::all(&db, &resolved.cast, &asked.choice.only).await?,
        needs_columns: names_columns(imported.prompt.as_ref()),
        patience: patience(&asked.limits),
        memory: memory.write(),
        budget: asked.cost.budget,
    };
    let sending = Sending {
        writer: &writer,
        prompt: imported.prompt,
        asks: CastPrompt::new(writer.prompt.clone()),
        budget,
        pace: &asked.pace,
        limits: &asked.limits,
    };
    Ready::new(db, new, sending, demo).await
}

/// A run that is being started.
struct Starting<'a, U> {
    resolved: &'a Resolved,
    asked: &'a RunAsked,
    db: &'a Location,
    user: &'a mut U,
    /// The notes about the sheet were shown together with the question about it.
    notes_are_shown: bool,
}

impl<U: User> Starting<'_, U> {
    /// Opens the sheet. If columns are guessed, a switch or the user must accept them; otherwise the run is refused.
    async fn open_and_ask(&mut self) -> Result<Prepared, AppError> {
        let prepared = self.resolved.clone().open()?;
        let Some(guess) = Guess::of(&prepared.sheet).filter(|_| !self.asked.accepts_guess) else {
            if prepared.sheet.has_unread_stories() {
                self.user.note(Notice::UnreadStories);
            }
            return Ok(prepared);
        };
        if !self.user.can_answer(&self.resolved.path) {
            return Err(AppError::Guess(Box::new(guess)));
        }
        let conditions = Conditions {
            choice: &self.asked.choice,
            pace: &self.asked.pace,
            cost: &self.asked.cost,
        };
        let length = length(&prepared);
        let user = &mut *self.user;
        let plan = plan(prepared, &conditions, self.db, &mut |step| {
            user.step(step, length);
        })
        .await?;
        self.user.accept(&guess, &plan)?;
        self.notes_are_shown = true;
        // The plan has read the whole sheet, so it is opened again.
        self.resolved.clone().open()
    }

    /// Imports the sheet into its cast, unless it is the same file as at the last import.
    async fn import(
        &mut self,
        db: &Reader,
        unchanged: Option<Unchanged>,
        prepared: Option<Prepared>,
    ) -> Result<Imported, AppError> {
        if let Some(unchanged) = unchanged
            && unchanged.still_holds(db, &self.resolved.cast).await?
        {
            return Ok(Imported {
                cast: unchanged.cast,
                recipe: unchanged.recipe,
                prompt: unchanged.prompt,
                options: self.resolved.options().clone(),
                sheet_notes: Vec::new(),
                notes: ImportNotes::default(),
            });
        }
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => self.open_and_ask().await?,
        };
        let (choice, path) = (&self.asked.choice, &self.resolved.path);
        let length = length(&prepared);
        let user = &mut *self.user;
        let imported = import(db, path, prepared, choice, &mut |step| {
            user.step(step, length);
        })
        .await?;
        if !self.notes_are_shown {
            for note in &imported.sheet_notes {
                self.user.note(Notice::Sheet(note.clone()));
            }
        }
        self.user.note(Notice::Import(imported.notes));
        Ok(imported)
    }
}

/// How many bytes the sheet has, where that is known.
fn length(prepared: &Prepared) -> Option<u64> {
    prepared.sheet.bytes_read().map(|(_, length)| length)
}
