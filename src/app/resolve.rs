//! From what was asked to an opened sheet and a recipe: the part that `run`, `plan` and `check` share.
//!
//! Each setting has one order: what was asked for (a switch, the environment, the project file), what the cast remembers, the
//! default. [`Writer`], [`Memory`] and [`PromptText`] merge their own settings in this order; pace and limits follow in
//! [`super::settings`]. A wrong command is refused here, before anything is written or sent.

use super::asked::{PromptAsked, ProviderAsked, SheetAsked};
use super::error::AppError;
use super::memory::Memory;
use super::prompt::PromptText;
use super::refused::{FileFault, Refused};
use super::text_file::text_or_file;
use super::writer::Writer;
use crate::domain::recipe::{Describe, ProviderName, Recipe};
use crate::sheet::{self, Options, Prompt, Sheet, SheetError, Source, is_utf_8};
use crate::store::Location;
use std::path::{Path, PathBuf};

/// What decides how a sheet is read and how its stories are made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The sheet; `-` is standard input.
    pub path: PathBuf,
    /// The cast; `None`: the one that is named after the sheet.
    pub cast: Option<String>,
    /// How the sheet is read.
    pub sheet: SheetAsked,
    /// Which provider writes.
    pub provider: ProviderAsked,
    /// The prompt, from switches only.
    pub prompt: PromptAsked,
    /// The prompt, from switches and the project file; used only for a provider that takes a prompt.
    pub prompt_with_file: PromptAsked,
}

/// What was asked for, before the sheet is opened.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// The sheet.
    pub path: PathBuf,
    /// The cast's name.
    pub cast: String,
    /// The provider, without a key.
    pub writer: Writer,
    /// How the sheet is read: as asked, else as remembered.
    options: Options,
    /// The same without the memory of the cast.
    options_asked: Options,
    /// What the cast remembered before.
    pub memory: Memory,
}

/// A sheet that is ready to be imported, and how its stories are made.
pub(crate) struct Prepared {
    /// The cast's name.
    pub cast: String,
    /// The sheet, of which only the first rows are read.
    pub sheet: Sheet,
    /// How the sheet is read, with what was guessed.
    pub options: Options,
    /// The provider.
    pub writer: Writer,
    /// How the stories are made.
    pub recipe: Recipe,
    /// The prompt, bound to the columns of the sheet, where there is one.
    pub prompt: Option<Prompt>,
}

/// Resolves the provider and its prompt, with the memory of the cast.
///
/// # Errors
///
/// [`AppError::Refused`] and [`AppError::Endpoint`].
pub(crate) fn writer(
    provider: &ProviderAsked,
    prompt: &PromptAsked,
    prompt_with_file: &PromptAsked,
    memory: &Memory,
) -> Result<Writer, AppError> {
    let mut writer = Writer::resolve(provider, memory)?;
    let prompt = match writer.name {
        ProviderName::Openai => prompt_with_file,
        ProviderName::Convai | ProviderName::Demo => prompt,
    };
    writer.prompt = PromptText::resolve(writer.name, prompt, memory.prompt_of(writer.name))?;
    Ok(writer)
}

/// Resolves what was asked, with the memory of the cast in `db`.
///
/// # Errors
///
/// [`AppError`] when the command is refused.
pub(crate) async fn resolve(asked: &Asked, db: &Location) -> Result<Resolved, AppError> {
    let cast = match &asked.cast {
        Some(name) => name.clone(),
        None => cast_name(&asked.path)?,
    };
    let memory = Memory::of(db, &cast).await?;
    let Asked {
        provider,
        prompt,
        prompt_with_file,
        sheet,
        path,
        ..
    } = asked;
    let writer = writer(provider, prompt, prompt_with_file, &memory)?;
    let template = text_or_file("template", sheet.template.as_deref())?;
    let options = |memory: &Memory| Options {
        prompt: writer.prompt.as_ref().map(|prompt| prompt.text.clone()),
        ..memory.options(sheet, template.clone(), path)
    };
    Ok(Resolved {
        path: path.clone(),
        cast,
        options: options(&memory),
        options_asked: options(&Memory::default()),
        writer,
        memory,
    })
}

impl Resolved {
    /// How the sheet is read.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// The recipe for this way to make descriptions.
    pub(super) fn recipe(&self, describe: Describe) -> Recipe {
        Recipe {
            provider: self.writer.name,
            model: self.writer.model.clone(),
            describe,
            prompt: self.options.prompt.clone(),
            fields: self.writer.fields.text(),
        }
    }

    /// Opens the sheet.
    ///
    /// # Errors
    ///
    /// [`AppError::Sheet`].
    pub(crate) fn open(self) -> Result<Prepared, AppError> {
        let (sheet, options) = self.open_sheet()?;
        let bind = |text: &String| Prompt::bind(text, sheet.columns(), sheet.source());
        let prompt = options.prompt.as_ref().map(bind).transpose()?;
        let recipe = self.recipe(describe(sheet.describe()));
        Ok(Prepared {
            options: sheet.accepted(&options),
            cast: self.cast,
            sheet,
            writer: self.writer,
            recipe,
            prompt,
        })
    }

    /// Opens the sheet as asked and remembered. What is remembered but does not fit this sheet any more is dropped.
    fn open_sheet(&self) -> Result<(Sheet, Options), SheetError> {
        let source = source(&self.path);
        let mut options = self.options.clone();
        // If the file is UTF-8 now, the remembered encoding is ignored.
        if self.options_asked.encoding.is_none()
            && options.encoding.is_some()
            && is_utf_8(&self.path).unwrap_or(false)
        {
            options.encoding = None;
        }
        match Sheet::open(&source, &options) {
            Ok(sheet) => Ok((sheet, options)),
            // Standard input can be read only once. Another worksheet would be another cast, so there is no fallback to one.
            Err(err)
                if source == Source::Stdin || matches!(err, SheetError::UnknownSheet { .. }) =>
            {
                Err(err)
            }
            Err(err) => Sheet::open(&source, &self.options_asked)
                .map(|sheet| (sheet, self.options_asked.clone()))
                .map_err(|_| err),
        }
    }
}

fn source(path: &Path) -> Source {
    if path == Path::new("-") {
        Source::Stdin
    } else {
        Source::File(path.to_owned())
    }
}

/// The name of a cast that has no name of its own: the file's name without its ending.
///
/// # Errors
///
/// [`Refused`] for a path that has no such name.
pub(crate) fn cast_name(path: &Path) -> Result<String, Refused> {
    if path == Path::new("-") {
        return Ok("stdin".to_owned());
    }
    let Some(stem) = path.file_stem() else {
        return Err(Refused::File(FileFault::SheetIsFolder(path.to_owned())));
    };
    let name = stem.to_str().map(str::to_owned);
    name.ok_or_else(|| Refused::File(FileFault::SheetNameIsNoText(path.to_owned())))
}

/// How the descriptions are made, as the recipe has it.
fn describe(by: &sheet::Describe) -> Describe {
    match by {
        sheet::Describe::Column(column) => Describe::Column(column.clone()),
        sheet::Describe::Template { text, .. } => Describe::Template(text.clone()),
    }
}
