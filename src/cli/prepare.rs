//! From what was typed to a sheet that is opened and a recipe: the part that `run` and `plan` share.
//!
//! Everything that can be wrong with the command comes out here, before anything is written or sent.

use super::args::{PromptArgs, ProviderArgs, SheetArgs};
use super::file::ProjectFile;
use super::memory::Memory;
use super::prompt::Told;
use super::provider::Writer;
use super::{CliError, Database};
use crate::domain::recipe::{Describe, Recipe};
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::sheet::{self, Options, Prompt, STORIES, Sheet, SheetError, Source};
use std::path::Path;

/// A sheet, ready to be taken in, and how its stories are made.
pub(super) struct Prepared {
    pub(super) cast: String,
    pub(super) sheet: Sheet,
    pub(super) options: Options,
    pub(super) writer: Writer,
    pub(super) recipe: Recipe,
    /// What the model is told, over the columns of the sheet, where there is one.
    pub(super) prompt: Option<Prompt>,
    /// What the cast remembered before.
    pub(super) memory: Memory,
    /// What a person should know before anything happens.
    pub(super) notes: Vec<String>,
}

/// Resolves switches, environment, project file and the cast's memory, in this order.
pub(super) async fn prepare(
    path: &Path,
    sheet: &mut SheetArgs,
    provider: &mut ProviderArgs,
    prompt: &mut PromptArgs,
    file: &ProjectFile,
    database: &Database,
) -> Result<Prepared, CliError> {
    let cast = match database.cast(None)? {
        Some(name) => name.to_owned(),
        None => cast_name(path)?,
    };
    file.sheet(sheet)?;
    let mut notes = Vec::from_iter(file.provider(provider)?);
    let memory = Memory::of(&database.db, &cast).await?;
    let mut writer = Writer::resolve(provider, &memory)?;
    file.prompt(writer.name, prompt)?;
    writer.told = Told::resolve(writer.name, prompt, &memory)?;
    let told = writer.told.as_ref().map(|told| told.text.clone());
    let template = text_or_file("template", sheet.template.as_deref())?;
    let (sheet, options) = open(path, sheet, template.as_ref(), told.as_ref(), &memory)?;
    if sheet.has_unread_stories() {
        notes.push(format!(
            "note: the column `{STORIES}` is not read; `--have {STORIES}` takes the stories in it as takes"
        ));
    }
    let bind = |text: &String| Prompt::bind(text, sheet.columns(), sheet.source());
    let prompt = told.as_ref().map(bind).transpose()?;
    let recipe = Recipe {
        provider: writer.name,
        model: writer.model.clone(),
        describe: describe(sheet.describe()),
        prompt: told,
        fields: writer.fields.text(),
    };
    Ok(Prepared {
        cast,
        sheet,
        options,
        writer,
        recipe,
        prompt,
        memory,
        notes,
    })
}

/// Opens the sheet as typed and remembered. What is remembered but does not fit this sheet any more is let go.
fn open(
    path: &Path,
    typed: &SheetArgs,
    template: Option<&String>,
    prompt: Option<&String>,
    memory: &Memory,
) -> Result<(Sheet, Options), SheetError> {
    let source = source(path);
    let options = |memory: &Memory| Options {
        prompt: prompt.cloned(),
        ..memory.options(typed, template.cloned(), path)
    };
    let remembered = options(memory);
    match Sheet::open(&source, &remembered) {
        Ok(sheet) => Ok((sheet, remembered)),
        // Standard input can be read only once.
        Err(err) if source == Source::Stdin => Err(err),
        Err(err) => {
            let options = options(&Memory::default());
            Sheet::open(&source, &options)
                .map(|sheet| (sheet, options))
                .map_err(|_| err)
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
pub(super) fn cast_name(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        return Ok("stdin".to_owned());
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.map(str::to_owned).ok_or_else(|| {
        let words = format!("cannot name a cast after `{}`", path.display());
        Failure::usage(words, "name it with `--cast NAME`")
    })
}

/// The text of a template or a prompt: as typed, or what the file holds.
pub(super) fn text_or_file(what: &str, typed: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(file) = typed.and_then(|typed| typed.strip_prefix('@')) else {
        return Ok(typed.map(str::to_owned));
    };
    std::fs::read_to_string(file).map(Some).map_err(|err| {
        let words = format!("cannot read the {what} `{}`: {err}", shown(file));
        let hint = format!("name a text file after the `@`, or write the {what} itself");
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
