//! Taking a sheet into its cast, or refusing it: with everything that is wrong with it, or with a question before paying much.

use super::CliError;
use super::args::ChoiceArgs;
use super::carry_on::keep_their_pick;
use super::sheet_notes::in_words;
use super::summary::plural;
use super::typed::cast_switch;
use super::unchanged::Reading;
use crate::domain::recipe::Recipe;
use crate::domain::row::Row;
use crate::domain::shown::{shown, shown_start};
use crate::exit::Failure;
use crate::provider::Request;
use crate::report::Gauge;
use crate::sheet::{FAULTS_MAX, Fault, Note, Problem, Sheet, SheetError};
use crate::store::{self, Batch, Comparison, Finished, Form, Import, Sqlite};
use serde_json::{Map, Value};

/// Rows that are handed on together.
const BATCH: usize = 500;

/// Equal rows are told of in sheets of up to so many rows: in a million, `sqlite3` counts them for 1.8 s, where all of them are
/// taken in in 2.5.
const LOOKED_THROUGH: u64 = 100_000;

/// So many finished characters must be at stake before the question is asked.
const FINISHED_MIN: u64 = 5;

/// The answers to a recipe that changed.
const REDO_OR_KEEP: &str =
    "`--redo` writes finished characters again; `--keep` leaves them as they are";

/// What a sheet is taken in as.
pub(super) fn staged(
    sheet: &Sheet,
    cast: &str,
    recipe: &Recipe,
    choice: &ChoiceArgs,
) -> store::Sheet {
    store::Sheet {
        cast: cast.to_owned(),
        columns: sheet.columns().to_vec(),
        key_column: sheet.key_column().map(str::to_owned),
        have: sheet.have_column().is_some(),
        recipe: recipe.clone(),
        told: sheet.prompt_columns(),
        finished: match (choice.redo, choice.keep) {
            (true, _) => Finished::Redo,
            (_, true) => Finished::Keep,
            _ => Finished::KeepUnlessEdited,
        },
    }
}

/// A sheet that was taken in.
pub(super) struct TakenIn {
    pub(super) cast: i64,
    /// What is of note about how it was read, in words.
    pub(super) sheet_notes: Vec<String>,
    /// What else is of note, in words.
    pub(super) notes: Vec<String>,
}

/// Reads the whole sheet and takes it in. A refused sheet leaves the cast as it was.
pub(super) async fn take_in(
    db: &Sqlite,
    sheet: Sheet,
    reading: &Reading,
    cast: &str,
    recipe: &Recipe,
    choice: &ChoiceArgs,
    on_terminal: bool,
) -> Result<TakenIn, CliError> {
    let name = sheet.source().to_string();
    let mut gauge = gauge(&sheet, on_terminal);
    let mut import = db.import(staged(&sheet, cast, recipe, choice)).await?;
    let staged = stage(&mut import, sheet, &mut gauge).await;
    gauge.goes_on("storing it");
    let compared = match staged {
        Ok(staged) => import
            .compare()
            .await
            .map(|comparison| (comparison, staged))
            .map_err(CliError::from),
        Err(err) => Err(err),
    };
    let refused = match &compared {
        Ok((comparison, _)) => Refusal::of(comparison, cast, &name, recipe, choice)
            .map(|Refusal { words, hint }| Failure::usage(words, hint).into()),
        Err(_) => None,
    };
    match (compared, refused) {
        (Ok((comparison, staged)), None) => {
            let notes = notes(&mut import, &comparison).await?;
            let words = |note: &Note| format!("note: {}", in_words(note));
            let sheet_notes = staged.notes.iter().map(words).collect();
            let digest = staged.digest.and_then(|digest| reading.of(digest));
            let cast = import.apply(digest).await?;
            Ok(TakenIn {
                cast,
                sheet_notes,
                notes,
            })
        }
        (Err(err), _) | (_, Some(err)) => {
            // A full disk has rolled everything back already; the error to tell is the first one.
            let _ = import.abandon().await;
            Err(err)
        }
    }
}

/// What is of note about the rows.
async fn notes(import: &mut Import<'_>, comparison: &Comparison) -> Result<Vec<String>, CliError> {
    let mut notes = Vec::new();
    if comparison.rows <= LOOKED_THROUGH {
        notes.extend(equal_rows(import.duplicates().await?).map(|words| format!("note: {words}")));
    }
    if comparison.would_leave > 0 {
        let (many, their) = match comparison.would_leave {
            1 => ("1 character is".to_owned(), "its stories are"),
            many => (format!("{many} characters are"), "their stories are"),
        };
        notes.push(format!(
            "note: {many} no longer in the sheet; marked `gone`, {their} kept"
        ));
    }
    if comparison.keep_their_pick > 0 {
        notes.push(keep_their_pick(comparison.keep_their_pick));
    }
    Ok(notes)
}

/// What is said of rows that read the same as others.
pub(super) fn equal_rows(many: u64) -> Option<String> {
    (many > 0).then(|| {
        let many = match many {
            1 => "1 row repeats".to_owned(),
            many => format!("{many} rows repeat"),
        };
        format!("{many} an earlier row; each row becomes its own character")
    })
}

/// Shows how much of the sheet has been read, where that can be told and `on_terminal` says that somebody can see it.
pub(super) fn gauge(sheet: &Sheet, on_terminal: bool) -> Gauge {
    let length = sheet.bytes_read().map(|(_, length)| length);
    let seen = on_terminal && length.is_some();
    Gauge::of_bytes("reading the sheet", length.unwrap_or_default(), seen)
}

/// What was seen of a sheet while its rows were staged.
#[derive(Default)]
pub(super) struct Staged {
    /// What would be asked for the first row, with all its cells.
    pub(super) first: Option<Request>,
    /// Bytes of all names and descriptions.
    pub(super) bytes: u64,
    /// The digest of the file, where there is one.
    digest: Option<[u8; 32]>,
    /// What is of note about how the sheet was read.
    pub(super) notes: Vec<Note>,
}

/// Stages all rows; fails with all faults of the sheet if there is one. `gauge` shows how far it is.
pub(super) async fn stage(
    import: &mut Import<'_>,
    mut sheet: Sheet,
    gauge: &mut Gauge,
) -> Result<Staged, CliError> {
    let source = sheet.source().clone();
    let columns = sheet.columns().to_vec();
    let form = import.form();
    let mut seen = Staged::default();
    let mut next = read(&mut sheet, &columns, &form, &mut seen);
    let mut stored = None;
    loop {
        let rows = match next {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            Err(fault) => return Err(sheet.refuse(fault).into()),
        };
        // While these are being stored, the next are read, and those before are put away.
        let reading = async {
            drop(stored.take());
            read(&mut sheet, &columns, &form, &mut seen)
        };
        let (added, read) = tokio::join!(import.add(rows), reading);
        stored = Some(added?);
        next = read;
        if let Some((bytes, _)) = sheet.bytes_read() {
            gauge.reach(bytes);
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
fn read(
    sheet: &mut Sheet,
    columns: &[String],
    form: &Form,
    seen: &mut Staged,
) -> Result<Option<Batch>, Fault> {
    let rows: Vec<Row> = sheet.by_ref().take(BATCH).collect::<Result<_, _>>()?;
    if let Some(row) = rows.first().filter(|row| row.number == 1) {
        seen.first = Some(request(columns, row));
    }
    for row in &rows {
        let bytes = row.name.len() + row.description.len();
        seen.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }
    Ok((!rows.is_empty()).then(|| form.batch(rows)))
}

/// A question that is asked before much is paid.
pub(super) struct Refusal {
    pub(super) words: String,
    pub(super) hint: String,
}

impl Refusal {
    /// The question that taking the sheet in raises, unless it was answered.
    pub(super) fn of(
        comparison: &Comparison,
        cast: &str,
        sheet: &str,
        recipe: &Recipe,
        choice: &ChoiceArgs,
    ) -> Option<Self> {
        let (finished, cast) = (comparison.finished, shown(cast));
        if let Some(other) = comparison.elsewhere.as_ref().filter(|_| !choice.new) {
            return Some(Self {
                words: format!(
                    "most rows of `{sheet}` are already finished in cast `{}`",
                    shown(other)
                ),
                hint: format!(
                    "`{}` continues that cast and pays only for the changes; `--new` pays for a new cast",
                    cast_switch(other)
                ),
            });
        }
        if let Some(before) = comparison
            .recipe_before
            .as_ref()
            .filter(|_| !choice.redo && !choice.keep)
        {
            let (change, finished) = (difference(before, recipe), are(finished));
            return Some(Self {
                words: format!(
                    "the recipe of cast `{cast}` changed ({change}); {finished} finished with the old one"
                ),
                hint: REDO_OR_KEEP.to_owned(),
            });
        }
        let otherwise = comparison.made_otherwise;
        if 2 * otherwise > finished && !choice.redo {
            return Some(Self {
                words: format!(
                    "the descriptions of cast `{cast}` now come from another column or template; {} finished with the old one",
                    are(otherwise)
                ),
                hint: REDO_OR_KEEP.to_owned(),
            });
        }
        let mut again = comparison.would_be_paid_again;
        if choice.redo {
            // They are asked for.
            again -= otherwise;
        }
        let go = comparison.would_go;
        if finished >= FINISHED_MIN && 2 * (go + again) > finished && !choice.replace {
            return Some(Self {
                words: format!("this would mark {go} of {finished} finished characters of cast `{cast}` as `gone` and pay again for {again}"),
                hint: "to do that, pass `--replace`; if this sheet is another cast, choose its name with `--cast NAME`".to_owned(),
            });
        }
        None
    }
}

/// `1 character is`, `2 characters are`.
fn are(characters: u64) -> String {
    let verb = if characters == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(characters, "character"))
}

/// What differs between two recipes, in words.
fn difference(old: &Recipe, new: &Recipe) -> String {
    let text = |text: &str| format!("`{}`", shown_start(text, 40));
    let mut parts = Vec::new();
    if old.provider != new.provider {
        parts.push(format!("provider: `{}` → `{}`", old.provider, new.provider));
    }
    if old.model != new.model {
        let model =
            |model: &Option<String>| model.as_deref().map_or_else(|| "none".to_owned(), text);
        parts.push(format!(
            "model: {} → {}",
            model(&old.model),
            model(&new.model)
        ));
    }
    if old.describe != new.describe {
        let (was, is) = (&old.describe, &new.describe);
        let (was, is) = (
            format!("{} {}", was.word(), text(was.text())),
            format!("{} {}", is.word(), text(is.text())),
        );
        parts.push(format!("description: {was} → {is}"));
    }
    if old.prompt != new.prompt {
        parts.push("another prompt".to_owned());
    }
    if old.fields != new.fields {
        let fields =
            |fields: &Option<String>| fields.as_deref().map_or_else(|| "none".to_owned(), text);
        let (was, is) = (fields(&old.fields), fields(&new.fields));
        parts.push(format!("`--set`: {was} → {is}"));
    }
    parts.join(", ")
}
