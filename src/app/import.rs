//! Importing a sheet into its cast, or refusing it: with everything that is wrong with it, or with a question before paying much.
//!
//! The cast is as before until all rows are read, compared and accepted.

use super::asked::Choice;
use super::error::{AppError, Asks};
use super::judge::flags_by_hand;
use super::resolve::Prepared;
use super::unchanged::Reading;
use crate::domain::character::CastId;
use crate::domain::recipe::Recipe;
use crate::domain::row::Row;
use crate::domain::stakes::{self, OnRecipeChange, Stakes};
use crate::provider::Request;
use crate::sheet::{FAULTS_MAX, Fault, Note, Options, Problem, Prompt, Sheet, SheetError};
use crate::store::{self, Comparison, Finished, Intake, Reader};
use serde_json::{Map, Value};
use std::path::Path;

/// Rows that are handed to the store together.
const BATCH: usize = 500;

/// Equal rows are counted in sheets of up to this many rows. With a million rows, counting takes 1.8 s; the whole import takes 2.5 s.
const EQUAL_ROWS_COUNTED: u64 = 100_000;

/// A step of an import, for a progress display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// This many bytes of the sheet are read, where that is known.
    Read(u64),
    /// All rows are read; they are being compared with the cast and stored.
    Storing,
    /// All rows are read; they are being compared with the cast, and nothing is stored.
    Comparing,
}

/// A cast after the import of its sheet.
pub(crate) struct Imported {
    /// The cast.
    pub cast: CastId,
    /// How its stories are made.
    pub recipe: Recipe,
    /// The prompt made from columns of the sheet.
    pub prompt: Option<Prompt>,
    /// How the sheet was read.
    pub options: Options,
    /// Notes about the sheet.
    pub sheet_notes: Vec<Note>,
    /// Notes about the characters.
    pub notes: ImportNotes,
}

/// Notes about an import. All numbers count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ImportNotes {
    /// Rows that are equal to an earlier one; 0 where they were not counted.
    pub equal_rows: u64,
    /// Characters that are no longer in the sheet.
    pub gone_now: u64,
    /// Characters whose picked take stays the current one although a new one will be written.
    pub keep_their_pick: u64,
}

/// Reads the whole sheet at `path` and imports it into its cast in `db`. A refused sheet leaves the cast as it was.
///
/// # Errors
///
/// [`AppError::Sheet`], [`AppError::Asks`], [`AppError::Store`].
pub(crate) async fn import(
    db: &Reader,
    path: &Path,
    prepared: Prepared,
    choice: &Choice,
    on: &mut dyn FnMut(Step),
) -> Result<Imported, AppError> {
    let Prepared {
        cast,
        sheet,
        options,
        recipe,
        prompt,
        ..
    } = prepared;
    let reading = Reading::new(path, &options, &recipe);
    let name = sheet.source().to_string();
    let mut import = db.import(incoming(&sheet, &cast, &recipe, choice)).await?;
    let (comparison, staged) = match compare(&mut import, sheet, on).await {
        Ok(compared) => compared,
        Err(err) => return Err(abandon(import, err).await),
    };
    if let Some(asks) = asks(&comparison, &cast, &name, &recipe, choice) {
        return Err(abandon(import, AppError::Asks(Box::new(asks))).await);
    }
    let notes = notes(&mut import, &comparison).await?;
    let digest = staged.digest.and_then(|digest| reading.of(digest));
    Ok(Imported {
        cast: import.apply(digest).await?,
        recipe,
        prompt,
        options,
        sheet_notes: staged.notes,
        notes,
    })
}

/// Gives the import up because of `err`. If the disk is full, the database has undone everything already, so an error of undoing is
/// ignored.
async fn abandon(import: impl Intake, err: AppError) -> AppError {
    let _ = import.abandon().await;
    err
}

async fn compare(
    import: &mut impl Intake,
    sheet: Sheet,
    on: &mut dyn FnMut(Step),
) -> Result<(Comparison, Staged), AppError> {
    let staged = stage(import, sheet, on).await?;
    on(Step::Storing);
    Ok((import.compare().await?, staged))
}

/// The sheet as the store imports it.
pub(super) fn incoming(
    sheet: &Sheet,
    cast: &str,
    recipe: &Recipe,
    choice: &Choice,
) -> store::Sheet {
    store::Sheet {
        cast: cast.to_owned(),
        columns: sheet.columns().to_vec(),
        key_column: sheet.key_column().map(str::to_owned),
        have: sheet.have_column().is_some(),
        recipe: recipe.clone(),
        prompt_columns: sheet.prompt_columns(),
        finished: match choice.answers.on_recipe_change {
            OnRecipeChange::Redo => Finished::Redo,
            OnRecipeChange::Keep => Finished::Keep,
            OnRecipeChange::Ask => Finished::KeepUnlessEdited,
        },
    }
}

/// The question that the user must answer first, if there is one.
pub(super) fn asks(
    comparison: &Comparison,
    cast: &str,
    sheet: &str,
    recipe: &Recipe,
    choice: &Choice,
) -> Option<Asks> {
    let stakes = Stakes {
        finished: comparison.finished,
        would_become_gone: comparison.would_go,
        would_be_paid_again: comparison.would_be_paid_again,
        description_source_changed: comparison.made_otherwise,
        recipe_changed: comparison.recipe_before.is_some(),
        is_done_elsewhere: comparison.elsewhere.is_some(),
    };
    let question = stakes::question(&stakes, choice.answers)?;
    let before = comparison.recipe_before.clone();
    Some(Asks {
        question,
        sheet: sheet.to_owned(),
        cast: cast.to_owned(),
        other_cast: comparison.elsewhere.clone(),
        recipes: before.map(|before| Box::new((before, recipe.clone()))),
    })
}

async fn notes(import: &mut impl Intake, comparison: &Comparison) -> Result<ImportNotes, AppError> {
    let is_counted = comparison.rows <= EQUAL_ROWS_COUNTED;
    Ok(ImportNotes {
        equal_rows: if is_counted {
            import.duplicates().await?
        } else {
            0
        },
        gone_now: comparison.would_leave,
        keep_their_pick: comparison.keep_their_pick,
    })
}

/// What was seen of a sheet while its rows were handed to the store.
#[derive(Default)]
pub(super) struct Staged {
    /// The request for the first row, with all its cells.
    pub(super) first: Option<Request>,
    /// Bytes of all names and descriptions.
    pub(super) bytes: u64,
    /// The digest of the file, where there is one.
    digest: Option<[u8; 32]>,
    /// Notes about how the sheet was read.
    pub(super) notes: Vec<Note>,
}

/// Hands all rows to the store. If the sheet has faults, fails with the first [`FAULTS_MAX`] of them.
pub(super) async fn stage<I: Intake>(
    import: &mut I,
    mut sheet: Sheet,
    on: &mut dyn FnMut(Step),
) -> Result<Staged, AppError> {
    let source = sheet.source().clone();
    let columns = sheet.columns().to_vec();
    let form = import.form();
    let mut seen = Staged::default();
    let mut next = read::<I>(&mut sheet, &columns, &form, &mut seen);
    let mut stored = None;
    loop {
        let rows = match next {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            Err(fault) => return Err(sheet.refuse(fault).into()),
        };
        // While these rows are being stored, the next are read, and the memory of those before is freed.
        let reading = async {
            drop(stored.take());
            read::<I>(&mut sheet, &columns, &form, &mut seen)
        };
        let (added, read) = tokio::join!(import.add(rows), reading);
        stored = Some(added?);
        next = read;
        if let Some((bytes, _)) = sheet.bytes_read() {
            on(Step::Read(bytes));
        }
    }
    let repeated = import.repeated_keys(FAULTS_MAX).await?;
    if repeated.is_empty() {
        seen.digest = sheet.digest();
        seen.notes = sheet.notes();
        return Ok(seen);
    }
    let faults = repeated
        .into_iter()
        .map(|(key, first_line, line)| Fault::at(line, Problem::DuplicateKey { key, first_line }));
    Err(SheetError::faults(&source, faults.collect(), 0).into())
}

fn request(columns: &[String], row: &Row) -> Request {
    let cells = columns.iter().zip(&row.cells);
    let cells: Map<String, Value> = cells
        .map(|(column, cell)| (column.clone(), cell.as_str().into()))
        .collect();
    Request {
        name: row.name.clone(),
        description: row.description.clone(),
        columns: Some(Value::Object(cells).to_string()),
    }
}

/// Reads the next rows and puts them into form; `None` at the end of the sheet.
fn read<I: Intake>(
    sheet: &mut Sheet,
    columns: &[String],
    form: &I::Form,
    seen: &mut Staged,
) -> Result<Option<I::Batch>, Fault> {
    let mut rows: Vec<Row> = sheet.by_ref().take(BATCH).collect::<Result<_, _>>()?;
    for row in &mut rows {
        if let Some(story) = &row.have {
            row.have_flags = flags_by_hand(&row.name, story);
        }
    }
    if let Some(row) = rows.first().filter(|row| row.number == 1) {
        seen.first = Some(request(columns, row));
    }
    for row in &rows {
        let bytes = row.name.len() + row.description.len();
        seen.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }
    Ok((!rows.is_empty()).then(|| I::batch(form, rows)))
}
