//! From what was typed to an opened sheet and a recipe: the part that `run`, `plan` and `check` share.
//!
//! Everything that can be wrong with the command comes out here, before anything is written or sent.

use crate::cli::args::{PromptArgs, ProviderArgs, SheetArgs};
use crate::cli::config::ProjectFile;
use crate::cli::memory::Memory;
use crate::cli::prompt::Told;
use crate::cli::provider::Writer;
use crate::cli::{CliError, Database};
use crate::domain::recipe::{Describe, Recipe};
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::sheet::{self, Options, Prompt, STORIES, Sheet, SheetError, Source, is_utf_8};
use std::path::{Path, PathBuf};

/// What was asked for, before the sheet is opened.
#[derive(Clone)]
pub(in crate::cli) struct Resolved {
    path: PathBuf,
    pub(in crate::cli) cast: String,
    pub(in crate::cli) writer: Writer,
    /// How the sheet is read: typed, else remembered.
    options: Options,
    /// How it is read by what was typed alone.
    typed: Options,
    /// What the cast remembered before.
    pub(in crate::cli) memory: Memory,
    /// What a person should know before anything happens.
    pub(in crate::cli) notes: Vec<String>,
}

/// A sheet, ready to be imported, and how its stories are made.
pub(in crate::cli) struct Prepared {
    pub(in crate::cli) cast: String,
    pub(in crate::cli) sheet: Sheet,
    /// How the sheet is read, with what was guessed.
    pub(in crate::cli) options: Options,
    pub(in crate::cli) writer: Writer,
    pub(in crate::cli) recipe: Recipe,
    /// The prompt, over the columns of the sheet, where there is one.
    pub(in crate::cli) prompt: Option<Prompt>,
    /// What a person should know before anything happens.
    pub(in crate::cli) notes: Vec<String>,
}

/// Resolves switches, environment, project file and the cast's memory, in this order.
pub(in crate::cli) async fn resolve(
    path: &Path,
    sheet: &mut SheetArgs,
    provider: &mut ProviderArgs,
    prompt: &mut PromptArgs,
    file: &ProjectFile,
    database: &Database,
) -> Result<Resolved, CliError> {
    let cast = match database.cast(None)? {
        Some(name) => name.to_owned(),
        None => cast_name(path)?,
    };
    file.sheet(sheet)?;
    let notes = Vec::from_iter(file.provider(provider)?);
    let memory = Memory::of(&database.db, &cast).await?;
    let mut writer = Writer::resolve(provider, &memory)?;
    file.prompt(writer.name, prompt)?;
    writer.told = Told::resolve(writer.name, prompt, &memory)?;
    let template = text_or_file("template", sheet.template.as_deref())?;
    let options = |memory: &Memory| Options {
        prompt: writer.told.as_ref().map(|told| told.text.clone()),
        ..memory.options(sheet, template.clone(), path)
    };
    Ok(Resolved {
        path: path.to_owned(),
        cast,
        options: options(&memory),
        typed: options(&Memory::default()),
        writer,
        memory,
        notes,
    })
}

impl Resolved {
    /// How the sheet is read.
    pub(in crate::cli) fn options(&self) -> &Options {
        &self.options
    }

    /// The recipe, when descriptions are made so.
    pub(in crate::cli) fn recipe(&self, describe: Describe) -> Recipe {
        Recipe {
            provider: self.writer.name,
            model: self.writer.model.clone(),
            describe,
            prompt: self.options.prompt.clone(),
            fields: self.writer.fields.text(),
        }
    }

    /// Opens the sheet.
    pub(in crate::cli) fn open(self) -> Result<Prepared, CliError> {
        let (sheet, options) = self.open_sheet()?;
        let mut notes = self.notes.clone();
        if sheet.has_unread_stories() {
            notes.push(format!(
                "note: the column `{STORIES}` is ignored; `--have {STORIES}` imports its stories"
            ));
        }
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
            notes,
        })
    }

    /// Opens the sheet as typed and remembered. What is remembered but does not fit this sheet any more is dropped.
    fn open_sheet(&self) -> Result<(Sheet, Options), SheetError> {
        let source = source(&self.path);
        let mut options = self.options.clone();
        // A sheet that was saved as UTF-8 since would be read wrong in the encoding that it had before.
        if self.typed.encoding.is_none()
            && options.encoding.is_some()
            && is_utf_8(&self.path).unwrap_or(false)
        {
            options.encoding = None;
        }
        match Sheet::open(&source, &options) {
            Ok(sheet) => Ok((sheet, options)),
            // Standard input can be read only once; and another sheet of a workbook is another cast, unless it is asked for.
            Err(err)
                if source == Source::Stdin || matches!(err, SheetError::UnknownSheet { .. }) =>
            {
                Err(err)
            }
            Err(err) => Sheet::open(&source, &self.typed)
                .map(|sheet| (sheet, self.typed.clone()))
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

/// The name that a cast has without `--cast`: the file's stem.
pub(in crate::cli) fn cast_name(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        return Ok("stdin".to_owned());
    }
    let shown = shown(&path.to_string_lossy()).into_owned();
    let Some(stem) = path.file_stem() else {
        let words = format!("`{shown}` is a folder");
        return Err(Failure::usage(words, "pass the sheet's file"));
    };
    stem.to_str().map(str::to_owned).ok_or_else(|| {
        let words = format!("cannot name a cast after `{shown}`: its name is not UTF-8");
        Failure::usage(words, "choose a name with `--cast NAME`")
    })
}

/// The text of a template or a prompt: as typed, or what the file holds.
pub(in crate::cli) fn text_or_file(
    what: &str,
    typed: Option<&str>,
) -> Result<Option<String>, Failure> {
    let Some(file) = typed.and_then(|typed| typed.strip_prefix('@')) else {
        return Ok(typed.map(str::to_owned));
    };
    std::fs::read_to_string(file).map(Some).map_err(|err| {
        let words = format!("cannot read the {what} `{}`: {err}", shown(file));
        let hint = format!("give a text file after the `@`, or write the {what} itself");
        Failure::usage(words, hint)
    })
}

/// How the descriptions are made, as the recipe has it.
fn describe(by: &sheet::Describe) -> Describe {
    match by {
        sheet::Describe::Column(column) => Describe::Column(column.clone()),
        sheet::Describe::Template { text, .. } => Describe::Template(text.clone()),
    }
}
