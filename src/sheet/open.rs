//! Opens a sheet: finds out the kind of the file, the header, and the role of each column.
//!
//! Text and workbooks become the same [`Sheet`], whose rows are not read here. Of several worksheets, the one that fits best
//! is chosen, and the first of those that fit equally well. A note names the others that fit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::best_sheet::{Fit, Fitting, Refused, best_of, named_sheet};
use super::columns::{Described, folded};
use super::delimited::Delimited;
use super::dialect::{self, Dialect, Magic};
use super::encoding::escaped_script;
use super::error::SheetOption;
use super::fault::{Fault, Problem};
use super::foreign::Foreign;
use super::judge::Judge;
use super::markdown::Markdown;
use super::meter::{Meter, digest};
use super::read_header::{Opened, read_header};
use super::sample::Sampled;
use super::source::{Records, Source, sniff};
use super::subscripts::lines_of;
use super::template::Template;
use super::template_kind::TemplateKind;
use super::templates::Templates;
use super::text::{BLOCK, Text};
use super::workbook::Workbook;
use super::{Describe, KeyColumn, Options, Sheet, SheetError};

/// Opens a sheet and reads its header.
pub(super) fn open(source: &Source, options: &Options) -> Result<Sheet, SheetError> {
    let (Source::File(path) | Source::Tab(path, _)) = source else {
        return open_text(source, Box::new(io::stdin()), options);
    };
    let cannot_read = |err| SheetError::CannotRead {
        sheet: source.clone(),
        source: err,
    };
    if path.is_dir() {
        return Err(SheetError::Folder {
            sheet: source.clone(),
        });
    }
    let file = File::open(path).map_err(cannot_read)?;
    let (meter, file) = Meter::of(file).map_err(cannot_read)?;
    match sniff(source, file)? {
        (Magic::Text, bytes) => {
            read_text(source, bytes, options).map(|sheet| Sheet { meter, ..sheet })
        }
        (magic, _) => {
            let before = digest(path).map_err(cannot_read)?;
            let sheet = read_workbook(source, path, magic, options)?;
            Ok(Sheet {
                before: Some((path.clone(), before)),
                ..sheet
            })
        }
    }
}

/// Opens delimited text and reads its header.
pub(super) fn open_text(
    source: &Source,
    bytes: Box<dyn Read + Send>,
    options: &Options,
) -> Result<Sheet, SheetError> {
    match sniff(source, bytes)? {
        (Magic::Text, bytes) => read_text(source, bytes, options),
        _ => Err(SheetError::WorkbookInPipe {
            sheet: source.clone(),
        }),
    }
}

fn read_text(
    source: &Source,
    bytes: Box<dyn Read + Send>,
    options: &Options,
) -> Result<Sheet, SheetError> {
    refuse_option(source, SheetOption::Sheet, options.sheet.is_some(), "text")?;
    let templates = Templates::compile(options)?;
    let faulty = |fault| SheetError::faults(source, vec![fault], 0);
    let mut text = Text::open(bytes, BLOCK, options.encoding.as_deref())?
        .map_err(|problem| faulty(Fault::at(1, problem)))?;
    if let Some(kind) = Foreign::of_text(text.rest()) {
        return Err(SheetError::NoSheet {
            sheet: source.clone(),
            kind,
        });
    }
    if options.encoding.is_none()
        && let Some(likely) = escaped_script(text.rest())
    {
        let escape = text.rest().find('\u{1b}').unwrap_or(0);
        let before = &text.rest()[..escape];
        let line = u64::try_from(before.matches('\n').count())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or("").chars().count();
        return Err(faulty(Fault::at(
            line,
            Problem::NotDecoded {
                column: u64::try_from(column).unwrap_or(u64::MAX).saturating_add(1),
                encoding: text.encoding(),
                bytes: vec![0x1B],
                likely: Some(likely),
            },
        )));
    }
    let mut line = 1;
    let mut delimiter = options.delimiter.map(dialect::checked).transpose()?;
    if let Some((length, separator)) = dialect::separator_line(text.rest()) {
        text.take(length);
        line += 1;
        delimiter = delimiter.or(Some(separator));
    }
    let encoding = text.encoding();
    let is_markdown = delimiter.is_none() && Markdown::is_in(text.rest());
    if is_markdown {
        let records = Records::Markdown(Box::new(Markdown::new(text, line)));
        return assemble(
            source,
            Dialect::Markdown { encoding },
            records,
            options,
            templates,
        );
    }
    let delimiter = delimiter.unwrap_or_else(|| match source {
        Source::File(path) if is_tab_separated(path) => b'\t',
        _ => dialect::find_delimiter(text.rest(), text.is_last(), options),
    });
    let dialect = Dialect::Delimited {
        delimiter: char::from(delimiter),
        encoding,
    };
    let records = Records::Delimited(Box::new(Delimited::new(text, delimiter, line)));
    assemble(source, dialect, records, options, templates)
}

fn is_tab_separated(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"))
}

fn read_workbook(
    source: &Source,
    path: &Path,
    magic: Magic,
    options: &Options,
) -> Result<Sheet, SheetError> {
    for (option, is_given) in [
        (SheetOption::Delimiter, options.delimiter.is_some()),
        (SheetOption::Encoding, options.encoding.is_some()),
    ] {
        refuse_option(source, option, is_given, "a workbook")?;
    }
    let foreign = |refusal| match (&refusal, Foreign::of_container(path)) {
        (SheetError::BrokenWorkbook { .. }, Some(kind)) => SheetError::NoSheet {
            sheet: source.clone(),
            kind,
        },
        _ => refusal,
    };
    let mut workbook = Workbook::open(path, magic).map_err(foreign)?;
    let tabs = match &options.sheet {
        None => workbook.visible(),
        Some(wanted) => vec![named_sheet(source, wanted, workbook.names())?],
    };
    let (found, refusals) = open_tabs(source, path, &mut workbook, tabs, options)?;
    best_of(source, found, refusals)
}

/// Opens these worksheets of a workbook.
fn open_tabs(
    source: &Source,
    path: &Path,
    workbook: &mut Workbook,
    tabs: Vec<String>,
    options: &Options,
) -> Result<(Fitting, Refused), SheetError> {
    let is_one_of_several = workbook.names().len() > 1;
    let mut found = Fitting::new();
    let mut refusals = Refused::new();
    for tab in tabs {
        let here = if is_one_of_several {
            Source::Tab(path.to_owned(), tab.clone())
        } else {
            source.clone()
        };
        let dialect = Dialect::Workbook {
            kind: workbook.kind(),
            sheet: tab.clone(),
        };
        let records = Records::Workbook(workbook.rows(&tab)?);
        let templates = Templates::compile(options)?;
        match assemble(&here, dialect, records, options, templates).and_then(Sheet::start) {
            Ok(sheet) => found.push((Fit::of(&sheet, &tab), tab, sheet)),
            Err(refusal) => refusals.push((tab, refusal)),
        }
    }
    Ok((found, refusals))
}

/// Refuses an option that this kind of sheet does not have.
fn refuse_option(
    source: &Source,
    option: SheetOption,
    is_given: bool,
    found: &'static str,
) -> Result<(), SheetError> {
    if is_given {
        Err(SheetError::NotApplicable {
            sheet: source.clone(),
            option,
            found,
        })
    } else {
        Ok(())
    }
}

/// Combines the parts that read the rows.
fn assemble(
    source: &Source,
    dialect: Dialect,
    records: Records,
    options: &Options,
    templates: Templates,
) -> Result<Sheet, SheetError> {
    let mut records = Sampled::new(records);
    let Opened {
        mut columns,
        is_ours,
        header_line,
    } = read_header(source, &mut records, options, &templates)?;
    let template = match (templates.description, &columns.described) {
        (None, Described::Made(made)) => {
            let text = lines_of(&columns.named(made));
            Some(Template::compile(TemplateKind::Template, &text)?)
        }
        (typed, _) => typed,
    };
    if template.as_ref().is_some_and(Template::names_nothing) && !is_single_row(&records) {
        return Err(SheetError::TemplateNamesNothing {
            columns: columns.kept().to_vec(),
        });
    }
    let bind = |template: Option<Template>| match template {
        None => Ok(None),
        Some(template) => {
            let binding = template.bind(columns.headers(), columns.kept, source)?;
            // In the list of a made description each column has its own label, so it does not matter which of several equal
            // headers is meant.
            // made.
            if template.text() != lines_of(&columns.named(binding.columns())) {
                columns.refuse_equal(binding.columns(), header_line, source)?;
            }
            Ok::<_, SheetError>(Some((template, binding)))
        }
    };
    let is_lenient = options.passes_over_rows || columns.guessed.description;
    let template = bind(template)?;
    let prompt = bind(templates.prompt)?;
    let describe = match (&template, &columns.described) {
        (Some((template, binding)), _) => Describe::Template {
            text: template.text().to_owned(),
            columns: columns
                .named(binding.columns())
                .into_iter()
                .map(str::to_owned)
                .collect(),
        },
        (None, Described::Column(at)) => Describe::Column(columns.headers()[*at].clone()),
        (None, _) => Describe::Column(String::new()),
    };
    let notes = std::mem::take(&mut columns.notes);
    let judge = Judge {
        columns,
        template,
        prompt,
        delimiter: records.delimiter(),
        is_ours,
        header_line: header_line.unwrap_or(0),
        is_lenient,
    };
    let mut sheet = Sheet::new(source.clone(), dialect, describe, judge, records);
    for note in notes {
        sheet.note(note);
    }
    Ok(sheet)
}

/// Whether there is at most one row left.
fn is_single_row(records: &Sampled) -> bool {
    records.is_whole() && records.ahead().filter(|record| !record.is_blank()).count() <= 1
}

impl Options {
    /// Whether a switch names this column.
    pub(super) fn names(&self, header: &str) -> bool {
        let key = match &self.key {
            KeyColumn::Named(key) => Some(key),
            _ => None,
        };
        let others = [
            self.description_column.as_ref(),
            key,
            self.have_column.as_ref(),
        ];
        let mut named = self.name_columns.iter().chain(others.into_iter().flatten());
        let header = folded(header);
        !header.is_empty() && named.any(|name| folded(name) == header)
    }

    /// Whether switches give all that is needed.
    pub(super) fn names_all(&self) -> bool {
        !self.name_columns.is_empty()
            && (self.description_column.is_some() || self.template.is_some())
    }

    /// Whether no switch names a column.
    pub(super) fn names_nothing(&self) -> bool {
        self.name_columns.is_empty() && self.description_column.is_none()
    }
}
