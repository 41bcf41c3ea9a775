//! What a cast remembers of its last run, for the next one that does not say otherwise.
//!
//! It is kept as JSON in the database. What cannot be read counts as never said: a newer program may remember more. Pace and
//! limits are never part of it; the budget, which is a limit of the cast, has a place of its own in the database. How the sheet is
//! read is part of it: the columns that were named or accepted, the encoding, the delimiter, the line of the header. What the
//! program finds by itself is found again in each sheet.

use super::asked::SheetAsked;
use super::fields::Fields;
use super::prompt::PromptText;
use crate::domain::money::Money;
use crate::domain::prompt::{WORDS, Wishes};
use crate::domain::recipe::ProviderName;
use crate::sheet::{HeaderLine, KeyColumn, Kind, Options};
use crate::store::{Library, Location, Reader, StoreError};
use serde::{Deserialize, Serialize};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::Path;

/// What a cast remembers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// The provider.
    pub(super) provider: Option<String>,
    /// Its address, where it was not the provider's own.
    pub(super) base_url: Option<String>,
    /// The model, where the provider has several.
    pub(super) model: Option<String>,
    /// The text of the prompt, where there is one.
    pub(super) prompt: Option<String>,
    /// What was asked of the built-in prompt; all absent for a prompt of the user's own.
    pub(super) person: Option<String>,
    pub(super) length: Option<NonZeroU32>,
    pub(super) language: Option<String>,
    /// The extra fields of requests.
    pub(super) fields: Fields,
    /// The sheet, as a path that holds from any folder; absent for standard input, and where JSON cannot hold the path.
    pub(super) sheet: Option<String>,
    /// Sheets of earlier runs, the latest first, so that none of them is written over.
    pub(super) earlier_sheets: Vec<String>,
    pub(super) name_column: Option<OneOrMany>,
    pub(super) description_column: Option<String>,
    pub(super) key_column: Option<String>,
    pub(super) no_key: bool,
    pub(super) template: Option<String>,
    /// Whether that came of a guess, which also says which rows are no characters.
    pub(super) passes_over_rows: bool,
    pub(super) header_line: Option<NonZeroU64>,
    pub(super) no_header: bool,
    pub(super) delimiter: Option<u8>,
    pub(super) encoding: Option<String>,
    /// The sheet of a workbook.
    pub(super) tab: Option<String>,
    /// The key column that the cast has now, named or found; the cast itself keeps it.
    #[serde(skip)]
    pub(super) key_before: Option<String>,
    /// The most that the cast may cost in all; the cast itself keeps it.
    #[serde(skip)]
    pub(super) budget: Option<Money>,
}

impl Memory {
    /// What `cast` remembers, if there is a database and the cast is in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(crate) async fn of(db: &Location, cast: &str) -> Result<Self, StoreError> {
        match db.open_to_read().await {
            Ok(db) => Self::of_cast(&db, cast).await,
            Err(err) if err.is_absent() => Ok(Self::default()),
            Err(err) => Err(err),
        }
    }

    /// What `cast` of an opened database remembers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(crate) async fn of_cast(db: &Reader, cast: &str) -> Result<Self, StoreError> {
        let json = db.memory(cast).await?;
        let memory = json.and_then(|json| serde_json::from_str(&json).ok());
        Ok(Self {
            key_before: db.key_column(cast).await?,
            budget: db.budget(cast).await?,
            ..memory.unwrap_or_default()
        })
    }

    /// The sheets that the cast came from, the latest first.
    pub(crate) fn sheets(&self) -> impl Iterator<Item = &str> {
        let sheets = self.sheet.iter().chain(&self.earlier_sheets);
        sheets.map(String::as_str)
    }

    /// The extra fields of the last run, if it was with `provider`.
    pub(super) fn fields_of(&self, provider: ProviderName) -> Fields {
        if self.is_of(provider) {
            self.fields.clone()
        } else {
            Fields::default()
        }
    }

    /// The prompt of the last run, if it was with `provider`.
    pub(super) fn prompt_of(&self, provider: ProviderName) -> Option<PromptText> {
        self.prompt().filter(|_| self.is_of(provider))
    }

    /// Whether the last run was with `provider`.
    pub(super) fn is_of(&self, provider: ProviderName) -> bool {
        self.provider.as_deref() == Some(provider.word())
    }

    /// The prompt, where one is remembered.
    pub(super) fn prompt(&self) -> Option<PromptText> {
        let wishes = self.person.as_ref().map(|person| Wishes {
            person: person.parse().unwrap_or_default(),
            words: self.length.unwrap_or(WORDS),
            language: self
                .language
                .as_deref()
                .and_then(|language| language.parse().ok()),
        });
        let text = self.prompt.clone()?;
        Some(PromptText { text, wishes })
    }

    /// How the sheet is read: as asked, else as remembered where that means something for a sheet of its kind.
    pub(super) fn options(
        &self,
        asked: &SheetAsked,
        template: Option<String>,
        sheet: &Path,
    ) -> Options {
        let or = |asked: &Option<String>, remembered: &Option<String>| {
            asked.clone().or_else(|| remembered.clone())
        };
        let is_workbook = Kind::of(sheet).is_some();
        let tab = self.tab.clone().filter(|_| is_workbook);
        // A description column that is named puts a remembered template aside, and the other way round.
        let by_column = asked.description_column.is_some() && template.is_none();
        let by_template = template.is_some();
        Options {
            name_columns: if asked.name_columns.is_empty() {
                self.name_column
                    .clone()
                    .map_or_else(Vec::new, OneOrMany::into_vec)
            } else {
                asked.name_columns.clone()
            },
            description_column: if by_template {
                asked.description_column.clone()
            } else {
                or(&asked.description_column, &self.description_column)
            },
            key: self.key(asked),
            template: if by_column {
                None
            } else {
                template.or_else(|| self.template.clone())
            },
            prompt: None,
            header: self.header(asked),
            header_is_remembered: asked.header_line.is_none()
                && !asked.no_header
                && (self.header_line.is_some() || self.no_header),
            sheet: asked.tab.clone().or(tab),
            delimiter: asked.delimiter.or(self.delimiter.filter(|_| !is_workbook)),
            encoding: asked
                .encoding
                .clone()
                .or_else(|| self.encoding.clone().filter(|_| !is_workbook)),
            have_column: asked.have.clone(),
            passes_over_rows: self.passes_over_rows && !by_column && !by_template,
        }
    }

    fn key(&self, asked: &SheetAsked) -> KeyColumn {
        match (
            &asked.key_column,
            asked.no_key,
            &self.key_column,
            self.no_key,
        ) {
            (Some(column), ..) | (None, false, Some(column), _) => KeyColumn::Named(column.clone()),
            (None, true, ..) | (None, false, None, true) => KeyColumn::None,
            (None, false, None, false) => KeyColumn::Found {
                before: self.key_before.clone(),
            },
        }
    }

    fn header(&self, asked: &SheetAsked) -> HeaderLine {
        let of = |line: Option<NonZeroU64>, none: bool| match (line, none) {
            (Some(line), _) => HeaderLine::Line(line.get()),
            (None, true) => HeaderLine::None,
            (None, false) => HeaderLine::Found,
        };
        match of(asked.header_line, asked.no_header) {
            HeaderLine::Found => of(self.header_line, self.no_header),
            asked => asked,
        }
    }

    pub(super) fn write(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// One text, or several in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    #[must_use]
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}
