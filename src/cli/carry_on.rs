//! A run without the sheet, with what the cast remembers of its last one: what `resume` and `redo` share.

use crate::cli::args::{HowArgs, Progress, WhichArgs};
use crate::cli::commands::run::{only, tells_columns};
use crate::cli::config::ProjectFile;
use crate::cli::cost::{budget, tokens_max};
use crate::cli::drive::{Drive, drive};
use crate::cli::fields::Fields;
use crate::cli::listen::survive_file_size_limit;
use crate::cli::memory::Memory;
use crate::cli::provider::{self, Writer};
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::character::CharacterId;
use crate::exit::Exit;
use crate::sheet::{Prompt, Source};
use crate::store::{NewRun, Reopen, Sqlite};
use std::sync::Arc;

/// Whom a run takes up.
pub(in crate::cli) enum Whom {
    /// All who are pending.
    Everybody,
    /// These: names, keys or rows.
    Named(Vec<String>),
    /// Those that fit.
    Fitting(WhichArgs),
}

/// What is to be carried on.
pub(in crate::cli) struct CarryOn {
    pub(in crate::cli) whom: Whom,
    pub(in crate::cli) reopen: Reopen,
    /// At most so many characters are taken up.
    pub(in crate::cli) limit: Option<u64>,
    pub(in crate::cli) how: HowArgs,
}

pub(in crate::cli) async fn carry_on(
    carry_on: CarryOn,
    cast: Option<&str>,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let CarryOn {
        whom,
        reopen,
        limit,
        mut how,
    } = carry_on;
    let file = ProjectFile::read()?;
    file.pace(&mut how.pace)?;
    file.cost(&mut how.cost)?;
    file.limits(&mut how.limits)?;
    file.report(&mut how.report)?;
    let silent = how.report.progress == Some(Progress::Json);
    let note = file.provider(&mut how.provider)?;
    tell(console, note.filter(|_| !silent));
    let reader = Sqlite::open_to_read(&database.db).await?;
    let cast = reader.one_cast(database.cast(cast)?).await?;
    let memory = Memory::of_cast(&reader, &cast.cast_name).await?;
    let recipe = reader.recipe(cast.id).await?;
    let columns = reader.columns(&cast.cast_name).await?;
    reader.close().await;
    let mut memory = memory;
    // A cast keeps its recipe, whatever its last run only intended.
    memory.fields = Fields::of_recipe(recipe.fields.as_deref());
    let writer = Writer::resolve(&how.provider, &memory)?;
    writer.writes(&recipe, &cast.cast_name)?;
    let bind =
        |text: &String| Prompt::bind(text, &columns, &Source::File((&cast.cast_name).into()));
    let prompt = recipe.prompt.as_ref().map(bind).transpose()?;
    let budget = budget(&how.cost, writer.name, memory.told().as_ref())?;
    let writer = writer.with_key(&how.provider)?;
    let mut remember = memory;
    remember.base_url = writer.base_url();
    survive_file_size_limit()?;
    let db = Sqlite::open(&database.db).await?;
    let only = ids(&db, &cast.cast_name, &whom).await?;
    if let Some(note) = kept(&db, reopen, only.as_deref()).await? {
        tell(console, Some(note).filter(|_| !silent));
    }
    let drive_with = Drive {
        new: NewRun {
            cast: cast.id,
            recipe,
            endpoint: writer.endpoint_name(),
            reopen,
            take_up_max: limit,
            only,
            tells_columns: tells_columns(prompt.as_ref()),
            memory: remember.write(),
        },
        db: Arc::new(db),
        provider: provider::start(&writer, prompt, tokens_max(budget), &how.limits).await?,
        settings: provider::settings(&writer, &how.pace, budget, &how.limits, limit),
        progress: how.report.progress.unwrap_or_default(),
    };
    drive(drive_with, console).await
}

/// Tells a person what is good to know, if there is anything.
pub(in crate::cli) fn tell(console: &mut Console, notes: impl IntoIterator<Item = String>) {
    for note in notes {
        // When standard error is closed, the note cannot be shown anywhere.
        let _ = writeln!(console.err, "{note}");
    }
}

async fn ids(db: &Sqlite, cast: &str, whom: &Whom) -> Result<Option<Vec<CharacterId>>, CliError> {
    match whom {
        Whom::Everybody => Ok(None),
        Whom::Named(who) => only(db, cast, who).await,
        Whom::Fitting(which) => Ok(Some(db.ids(&which.filter(Some(cast), false)).await?)),
    }
}

/// What to know when a new take will not count, because another one was picked.
async fn kept(
    db: &Sqlite,
    reopen: Reopen,
    only: Option<&[CharacterId]>,
) -> Result<Option<String>, CliError> {
    let picked = match (reopen, only) {
        (Reopen::Everybody, Some(only)) => db.picked(only).await?,
        _ => 0,
    };
    Ok((picked > 0).then(|| keep_their_pick(picked)))
}

/// What is said of characters whose new take will not count.
pub(in crate::cli) fn keep_their_pick(many: u64) -> String {
    let keep = if many == 1 { "keeps" } else { "keep" };
    let many = plural(many, "character");
    format!("note: {many} {keep} the picked take; `backstory pick WHO --newest` uses the new one")
}
