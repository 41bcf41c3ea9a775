//! What a cast remembers of its last run, for the next one that does not say.
//!
//! Kept as JSON in the database. What cannot be read is as if it had never been said: a newer program may remember more.
//! Pace and limits are never part of it, nor is the form of the file: that is found anew in each sheet.

use super::args::SheetArgs;
use super::fields::Fields;
use super::prompt::Told;
use super::provider::Writer;
use crate::domain::prompt::{WORDS, Wishes};
use crate::domain::recipe::ProviderName;
use crate::sheet::{Kind, Options};
use crate::store::{Sqlite, StoreError};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::path::Path;

/// Earlier sheets that are remembered.
const SHEETS_MAX: usize = 20;

/// What a cast remembers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Who wrote.
    pub(super) provider: Option<String>,
    /// At which address, where it was not the provider's own.
    pub(super) base_url: Option<String>,
    /// Which model, where there are several.
    pub(super) model: Option<String>,
    /// The text of the prompt, where there is one.
    prompt: Option<String>,
    /// What was wished of the built-in prompt; all absent when the prompt is somebody's own.
    person: Option<String>,
    length: Option<NonZeroU32>,
    language: Option<String>,
    /// Further fields of requests.
    pub(super) fields: Fields,
    /// The sheet, as a path that holds from any folder; absent for standard input, and where JSON cannot hold the path.
    pub(super) sheet: Option<String>,
    /// Sheets of earlier runs, the latest first, so that none of them is written over.
    pub(super) earlier_sheets: Vec<String>,
    name_column: Option<String>,
    description_column: Option<String>,
    key_column: Option<String>,
    template: Option<String>,
    /// The sheet of a workbook.
    tab: Option<String>,
}

impl Memory {
    /// What `cast` remembers, if there is a database and the cast is in it.
    pub(super) async fn of(db: &Path, cast: &str) -> Result<Self, StoreError> {
        match Sqlite::open_to_read(db).await {
            Ok(db) => Self::of_cast(&db, cast).await,
            Err(err) if err.is_absent() => Ok(Self::default()),
            Err(err) => Err(err),
        }
    }

    /// What `cast` of an opened database remembers.
    pub(super) async fn of_cast(db: &Sqlite, cast: &str) -> Result<Self, StoreError> {
        let json = db.memory(cast).await?;
        Ok(json
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Whether `provider` wrote.
    pub(super) fn is_of(&self, provider: ProviderName) -> bool {
        self.provider.as_deref() == Some(provider.word())
    }

    /// What the model was told, where that is remembered.
    pub(super) fn told(&self) -> Option<Told> {
        let wishes = self.person.as_ref().map(|person| Wishes {
            person: person.parse().unwrap_or_default(),
            words: self.length.unwrap_or(WORDS),
            language: self
                .language
                .as_deref()
                .and_then(|language| language.parse().ok()),
        });
        let text = self.prompt.clone()?;
        Some(Told { text, wishes })
    }

    /// What is remembered of a run on `sheet`.
    pub(super) fn of_run(writer: &Writer, sheet: &Path, options: &Options, before: Self) -> Self {
        let wishes = writer.told.as_ref().and_then(|told| told.wishes.as_ref());
        let absolute = std::path::absolute(sheet)
            .ok()
            .filter(|_| sheet != Path::new("-"));
        let sheet = absolute.and_then(|path| path.to_str().map(str::to_owned));
        let mut earlier: Vec<String> = before
            .sheet
            .into_iter()
            .chain(before.earlier_sheets)
            .filter(|earlier| Some(earlier) != sheet.as_ref())
            .collect();
        earlier.truncate(SHEETS_MAX);
        Self {
            provider: Some(writer.name.to_string()),
            base_url: writer.base_url(),
            model: writer.model.clone(),
            prompt: writer.told.as_ref().map(|told| told.text.clone()),
            person: wishes.map(|wishes| wishes.person.to_string()),
            length: wishes.map(|wishes| wishes.words),
            language: wishes
                .and_then(|wishes| wishes.language.as_ref())
                .map(|language| language.name().to_owned()),
            fields: writer.fields.clone(),
            sheet,
            earlier_sheets: earlier,
            name_column: options.name_column.clone(),
            description_column: options.description_column.clone(),
            key_column: options.key_column.clone(),
            template: options.template.clone(),
            tab: options.sheet.clone(),
        }
    }

    /// How the sheet is read: as typed, else as remembered where that means something for a sheet of its kind.
    pub(super) fn options(
        &self,
        typed: &SheetArgs,
        template: Option<String>,
        sheet: &Path,
    ) -> Options {
        let or = |typed: &Option<String>, remembered: &Option<String>| {
            typed.clone().or_else(|| remembered.clone())
        };
        let tab = self.tab.clone().filter(|_| Kind::of(sheet).is_some());
        // A description column that is named puts a remembered template aside, and the other way round.
        let by_column = typed.description_column.is_some() && template.is_none();
        let by_template = template.is_some();
        Options {
            name_column: or(&typed.name_column, &self.name_column),
            description_column: if by_template {
                typed.description_column.clone()
            } else {
                or(&typed.description_column, &self.description_column)
            },
            key_column: or(&typed.key_column, &self.key_column),
            template: if by_column {
                None
            } else {
                template.or_else(|| self.template.clone())
            },
            prompt: None,
            sheet: typed.tab.clone().or(tab),
            delimiter: typed.delimiter,
            encoding: typed.encoding.clone(),
            have_column: typed.have.clone(),
        }
    }

    pub(super) fn write(&self) -> String {
        serde_json::json!(self).to_string()
    }
}
