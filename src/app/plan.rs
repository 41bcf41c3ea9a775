//! What a run would do: the sheet compared with its cast, as an import compares it, and left as it was.
//!
//! It sends nothing, changes nothing, and needs no key and no database: without a database every row is new.

use super::asked::{Choice, CostAsked, PaceAsked};
use super::cost::budget;
use super::error::{AppError, Asks};
use super::find::not_found;
use super::guess::Guess;
use super::import::{Staged, Step, asks, incoming, stage};
use super::prompt::PromptText;
use super::resolve::Prepared;
use super::settings::pace;
use super::writer::Writer;
use crate::domain::money::{Budget, BudgetLeft, Cost, Money};
use crate::domain::pace::Pace;
use crate::domain::prompt::WORDS;
use crate::provider::Request;
use crate::sheet::{Describe, Dialect, Note, Sheet};
use crate::store::{CastRecord, Comparison, Intake, Library, Location, Reader};
use std::time::Duration;

/// What a run would do.
pub(crate) struct Plan {
    /// The cast's name.
    pub cast: String,
    /// What the import would do.
    pub comparison: Comparison,
    /// Rows that are equal to an earlier one.
    pub equal_rows: u64,
    /// Requests that the run would send, if none fails.
    pub requests: u64,
    /// The pace of the run.
    pub pace: Pace,
    /// The sheet.
    pub about: AboutSheet,
    /// What the requests would cost by experience, where prices are known.
    pub estimate: Option<Money>,
    /// The most that the run may cost.
    pub max_cost: Option<Money>,
    /// The budget that the cast would have, and what is left of it.
    pub budget: Option<BudgetLeft>,
    /// What would be asked for the first character.
    pub first: Option<Request>,
    /// The question that the run would stop with.
    pub asks: Option<Asks>,
    /// What is of note about the sheet.
    pub notes: Vec<Note>,
}

/// What is known of a sheet before all of its rows are read.
pub(crate) struct AboutSheet {
    /// The form of its text, or the workbook.
    pub dialect: Dialect,
    /// How the description is made.
    pub describe: Describe,
    /// The columns of the name.
    pub name_from: Vec<String>,
    /// The columns that make the description.
    pub description_from: Vec<String>,
    /// The column of the row keys.
    pub key: Option<String>,
    /// The column with stories that exist already.
    pub have: Option<String>,
    /// The sheet has stories of an export that are not imported.
    pub has_unread_stories: bool,
    /// What of that is a guess.
    pub guess: Option<Guess>,
}

/// What a plan depends on besides the sheet.
#[derive(Clone, Copy)]
pub(crate) struct Conditions<'a> {
    /// Which characters, and the answers.
    pub choice: &'a Choice,
    /// How fast.
    pub pace: &'a PaceAsked,
    /// What requests cost.
    pub cost: &'a CostAsked,
}

/// Compares the sheet with its cast in `db`, as a run would, and leaves everything as it was.
///
/// # Errors
///
/// [`AppError`] for what the run would refuse, but for its questions: those are part of the plan.
pub(crate) async fn plan(
    prepared: Prepared,
    conditions: &Conditions<'_>,
    db: &Location,
    on: &mut dyn FnMut(Step),
) -> Result<Plan, AppError> {
    let Prepared {
        cast,
        sheet,
        writer,
        recipe,
        ..
    } = prepared;
    let choice = conditions.choice;
    let db = match db.open_to_read().await {
        Ok(db) => db,
        Err(err) if err.is_absent() => Reader::in_memory().await?,
        Err(err) => return Err(err.into()),
    };
    let about = AboutSheet::of(&sheet);
    let name = sheet.source().to_string();
    let of_cast = db.budget(&cast).await?;
    let budget = budget(
        conditions.cost,
        of_cast,
        writer.name,
        writer.prompt.as_ref(),
    )?;
    let budget_left = match budget.and_then(|budget| budget.cast_max) {
        Some(budget) => Some(BudgetLeft::after(budget, cost_so_far(&db, &cast).await?)),
        None => None,
    };
    let mut import = db.import(incoming(&sheet, &cast, &recipe, choice)).await?;
    let staged = stage(&mut import, sheet, on).await?;
    on(Step::Comparing);
    let comparison = import.compare().await?;
    let equal_rows = import.duplicates().await?;
    let requests = requests(&mut import, &comparison, choice).await;
    import.abandon().await?;
    let requests = requests?;
    let each = budget.map(|budget| cost_of_one(&budget, &staged, comparison.rows, &writer));
    Ok(Plan {
        about,
        notes: staged.notes,
        asks: asks(&comparison, &cast, &name, &recipe, choice),
        cast,
        comparison,
        equal_rows,
        requests,
        estimate: each.map(|each| each.times(requests)),
        max_cost: budget.and_then(|budget| budget.max),
        budget: budget_left,
        pace: pace(&writer, conditions.pace),
        first: staged.first,
    })
}

/// What the cast has cost so far; nothing if there is no such cast.
async fn cost_so_far(db: &Reader, cast: &str) -> Result<Cost, AppError> {
    let casts = db.casts().await?;
    let found = casts.iter().find(|it| it.cast_name == cast);
    Ok(found.map(CastRecord::cost_so_far).unwrap_or_default())
}

/// What a request costs by experience.
fn cost_of_one(budget: &Budget, staged: &Staged, rows: u64, writer: &Writer) -> Money {
    let prompt = writer.prompt.as_ref();
    let prompt_bytes = prompt.map_or(0, |prompt| prompt.text.len());
    let bytes = staged.bytes / rows.max(1) + u64::try_from(prompt_bytes).unwrap_or(u64::MAX);
    let words = prompt.and_then(PromptText::words).unwrap_or(WORDS);
    budget.prices.about(bytes, words.get().into())
}

/// How many requests a run would send at least.
async fn requests(
    import: &mut impl Intake,
    comparison: &Comparison,
    choice: &Choice,
) -> Result<u64, AppError> {
    let mut requests = if choice.only.is_empty() {
        comparison.pending
    } else {
        import.wanted(&choice.only).await?
    };
    if let Some(unknown) = import.unknown(&choice.only).await? {
        return Err(not_found(&unknown, Vec::new()));
    }
    if choice.retry {
        requests += comparison.failed;
    }
    Ok(choice.limit.map_or(requests, |limit| requests.min(limit)))
}

impl AboutSheet {
    fn of(sheet: &Sheet) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            dialect: sheet.dialect().clone(),
            describe: sheet.describe().clone(),
            name_from: owned(sheet.name_from()),
            description_from: owned(sheet.description_from()),
            key: sheet.key_column().map(str::to_owned),
            have: sheet.have_column().map(str::to_owned),
            has_unread_stories: sheet.has_unread_stories(),
            guess: Guess::of(sheet),
        }
    }
}

impl Plan {
    /// The shortest time that the requests take at the pace.
    #[must_use]
    pub(crate) fn at_least(&self) -> Duration {
        let gaps = u32::try_from(self.requests.saturating_sub(1)).unwrap_or(u32::MAX);
        self.pace.period().saturating_mul(gaps)
    }

    /// The description of the first character, as it would be sent.
    #[must_use]
    pub(crate) fn first_description(&self) -> &str {
        self.first
            .as_ref()
            .map_or("", |first| first.description.as_str())
    }
}
