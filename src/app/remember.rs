//! What a cast remembers of a run on its sheet.

use super::memory::{Memory, OneOrMany};
use super::writer::Writer;
use crate::sheet::{HeaderLine, KeyColumn, Options};
use std::num::NonZeroU64;
use std::path::Path;

/// Earlier sheets that are remembered.
const SHEETS_MAX: usize = 20;

/// What is remembered of a run on `sheet`.
pub(super) fn remember(writer: &Writer, sheet: &Path, options: &Options, before: Memory) -> Memory {
    let wishes = writer
        .prompt
        .as_ref()
        .and_then(|prompt| prompt.wishes.as_ref());
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
    Memory {
        provider: Some(writer.name.to_string()),
        base_url: writer.base_url(),
        model: writer.model.clone(),
        prompt: writer.prompt.as_ref().map(|prompt| prompt.text.clone()),
        person: wishes.map(|wishes| wishes.person.to_string()),
        length: wishes.map(|wishes| wishes.words),
        language: wishes
            .and_then(|wishes| wishes.language.as_ref())
            .map(|language| language.name().to_owned()),
        fields: writer.fields.clone(),
        sheet,
        earlier_sheets: earlier,
        name_column: (!options.name_columns.is_empty())
            .then(|| OneOrMany::Many(options.name_columns.clone())),
        description_column: options.description_column.clone(),
        key_column: match &options.key {
            KeyColumn::Named(column) => Some(column.clone()),
            _ => None,
        },
        no_key: options.key == KeyColumn::None,
        template: options.template.clone(),
        passes_over_rows: options.passes_over_rows,
        header_line: match options.header {
            HeaderLine::Line(line) => NonZeroU64::new(line),
            _ => None,
        },
        no_header: options.header == HeaderLine::None,
        delimiter: options.delimiter,
        encoding: options.encoding.clone(),
        tab: options.sheet.clone(),
        key_before: None,
        budget: None,
    }
}
