//! A run without the sheet, with what the cast remembers of its last one: what `resume` and `redo` share.

use super::asked::{CostAsked, LimitsAsked, PaceAsked, ProviderAsked};
use super::avoid::{Avoid, UsedUp};
use super::cost::budget;
use super::error::AppError;
use super::fields::Fields;
use super::find;
use super::judge::CastPrompt;
use super::memory::Memory;
use super::review::remarks;
use super::run::{Ready, Sending};
use super::settings::patience;
use super::writer::Writer;
use crate::domain::character::CharacterId;
use crate::sheet::{Prompt, Source};
use crate::store::{Filter, Library, Location, NewRun, Reader, Reopen};
use std::io;
use std::net::SocketAddr;

/// Which characters a run is for.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    /// All that are pending.
    All,
    /// These: names, row keys or `#ROW`.
    Named(Vec<String>),
    /// All that match; the cast is added.
    Matching(Filter),
}

/// What is asked of a run without its sheet.
pub(crate) struct ResumeAsked {
    /// The cast; `None`: the only one.
    pub cast: Option<String>,
    /// Which characters.
    pub which: Which,
    /// Which of them become pending first.
    pub reopen: Reopen,
    /// At most so many characters.
    pub limit: Option<u64>,
    /// Whether the model is asked not to repeat the other stories.
    pub avoid: Avoid,
    /// How the provider is reached.
    pub provider: ProviderAsked,
    /// How fast.
    pub pace: PaceAsked,
    /// What requests cost.
    pub cost: CostAsked,
    /// How long and how often.
    pub limits: LimitsAsked,
}

/// A run that is ready, and what is of note about it.
pub(crate) struct Resumed {
    /// The run.
    pub ready: Ready,
    /// The characters that will keep their picked take.
    pub keep_their_pick: u64,
    /// What the model is asked not to repeat; `None` if that was not asked for.
    pub used_up: Option<UsedUp>,
}

/// Makes a run on the cast ready. `demo` starts the service of the demo provider.
///
/// # Errors
///
/// [`AppError`] when the command is refused.
pub(crate) async fn resume(
    asked: ResumeAsked,
    db: &Location,
    demo: impl AsyncFnOnce() -> io::Result<SocketAddr>,
) -> Result<Resumed, AppError> {
    let reader = db.open_to_read().await?;
    let cast = reader.one_cast(asked.cast.as_deref()).await?;
    let mut memory = Memory::of_cast(&reader, &cast.cast_name).await?;
    let recipe = reader.recipe(cast.id).await?;
    let columns = reader.columns(&cast.cast_name).await?;
    // A cast keeps its recipe, whatever its last run only intended.
    memory.fields = Fields::of_recipe(recipe.fields.as_deref());
    let writer = Writer::resolve(&asked.provider, &memory)?;
    writer.matches(&recipe, &cast.cast_name)?;
    let used_up = match asked.avoid {
        Avoid::Nothing => None,
        Avoid::UsedUp => {
            writer.can_avoid()?;
            Some(UsedUp::of(&remarks(&reader, &cast).await?))
        }
    };
    let writer = match &used_up {
        Some(used_up) => writer.avoiding(&used_up.text),
        None => writer,
    };
    reader.close().await;
    let bind =
        |text: &String| Prompt::bind(text, &columns, &Source::File((&cast.cast_name).into()));
    let prompt = recipe.prompt.as_ref().map(bind).transpose()?;
    let asks = CastPrompt::of(&memory);
    let of_cast = memory.budget;
    let budget = budget(&asked.cost, of_cast, writer.name, memory.prompt().as_ref())?;
    let writer = writer.with_key(asked.provider.key_file.as_deref())?;
    memory.base_url = writer.base_url();
    let db = db.open().await?;
    let only = ids(&db, &cast.cast_name, asked.which).await?;
    let keep_their_pick = match (asked.reopen, only.as_deref()) {
        (Reopen::All, Some(only)) => db.picked(only).await?,
        _ => 0,
    };
    let new = NewRun {
        cast: cast.id,
        recipe,
        endpoint: writer.endpoint_name(),
        key_digest: writer.key_digest(),
        reopen: asked.reopen,
        characters_max: asked.limit,
        only,
        needs_columns: names_columns(prompt.as_ref()),
        patience: patience(&asked.limits),
        memory: memory.write(),
        budget: asked.cost.budget,
    };
    let sending = Sending {
        writer: &writer,
        prompt,
        asks,
        budget,
        pace: &asked.pace,
        limits: &asked.limits,
    };
    Ok(Resumed {
        ready: Ready::new(db, new, sending, demo).await?,
        keep_their_pick,
        used_up,
    })
}

/// The characters of a cast; `None`: all of them.
pub(super) async fn ids(
    db: &Reader,
    cast: &str,
    which: Which,
) -> Result<Option<Vec<CharacterId>>, AppError> {
    match which {
        Which::All => Ok(None),
        Which::Named(asked) => find::all(db, cast, &asked).await,
        Which::Matching(filter) => {
            let cast = Some(cast.to_owned());
            Ok(Some(db.ids(&Filter { cast, ..filter }).await?))
        }
    }
}

/// Whether the requests need the columns.
pub(super) fn names_columns(prompt: Option<&Prompt>) -> bool {
    prompt.is_some_and(|prompt| !prompt.columns().is_empty())
}
