//! Opening a sheet: what it is, and its header.
//!
//! Text and workbooks end in the same [`Sheet`], whose rows are not read here. Of several sheets in a workbook the first with
//! the columns is taken; a sheet in which two columns would do is not passed over, but refused.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::domain::formula::restored;

use super::columns::Columns;
use super::delimited::Delimited;
use super::dialect::{self, Dialect, Kind, Magic};
use super::fault::{Fault, Problem};
use super::judge::{Judge, flaw_in_words};
use super::meter::Meter;
use super::record::Record;
use super::source::{Records, Source, sniff};
use super::template::{Template, What};
use super::text::{BLOCK, Text};
use super::workbook::Workbook;
use super::{Describe, Options, Sheet, SheetError};

/// So many rows are looked at below one that is no header.
const TITLE_ROWS_MAX: usize = 5;

/// Opens a sheet and reads its header.
pub(super) fn open(source: &Source, options: &Options) -> Result<Sheet, SheetError> {
    let Source::File(path) = source else {
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
        (Magic::Text, is_empty, _) if Kind::of(path).is_some() && !is_empty => {
            Err(SheetError::NoWorkbook {
                sheet: source.clone(),
            })
        }
        (Magic::Text, _, bytes) => {
            read_text(source, bytes, options).map(|sheet| Sheet { meter, ..sheet })
        }
        (magic, ..) => read_workbook(source, path, magic, options),
    }
}

/// Opens delimited text and reads its header.
pub(super) fn open_text(
    source: &Source,
    bytes: Box<dyn Read + Send>,
    options: &Options,
) -> Result<Sheet, SheetError> {
    match sniff(source, bytes)? {
        (Magic::Text, _, bytes) => read_text(source, bytes, options),
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
    refuse_switch(source, "--sheet", options.sheet.is_some(), "text")?;
    let templates = compile(options)?;
    let faulty = |fault| SheetError::faults(source, vec![fault], 0);
    let mut text = Text::open(bytes, BLOCK, options.encoding.as_deref())?
        .map_err(|problem| faulty(Fault { line: 1, problem }))?;
    let mut line = 1;
    let mut delimiter = options.delimiter.map(dialect::checked).transpose()?;
    if let Some((length, separator)) = dialect::separator_line(text.rest()) {
        text.take(length);
        line += 1;
        delimiter = delimiter.or(Some(separator));
    }
    let delimiter = delimiter.unwrap_or_else(|| match source {
        Source::File(path)
            if path
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("tsv")) =>
        {
            b'\t'
        }
        _ => dialect::find_delimiter(text.rest(), text.is_last(), options),
    });
    let dialect = Dialect::Delimited {
        delimiter: char::from(delimiter),
        encoding: text.encoding(),
    };
    let mut records = Records::Delimited(Box::new(Delimited::new(text, delimiter, line)));
    let columns = read_header(source, &mut records, options)?;
    assemble(source, dialect, records, columns, templates)
}

fn read_workbook(
    source: &Source,
    path: &Path,
    magic: Magic,
    options: &Options,
) -> Result<Sheet, SheetError> {
    refuse_switch(
        source,
        "--delimiter",
        options.delimiter.is_some(),
        "a workbook",
    )?;
    refuse_switch(
        source,
        "--encoding",
        options.encoding.is_some(),
        "a workbook",
    )?;
    let mut workbook = Workbook::open(path, magic)?;
    let sheets = match &options.sheet {
        None => workbook.visible(),
        Some(wanted) => vec![named_sheet(source, wanted, workbook.names())?],
    };
    let mut refusals = Vec::new();
    for name in sheets {
        let dialect = Dialect::Workbook {
            kind: workbook.kind(),
            sheet: name.clone(),
        };
        let mut records = Records::Workbook(workbook.rows(&name)?);
        let templates = compile(options)?;
        let sheet = read_header(source, &mut records, options)
            .and_then(|columns| assemble(source, dialect, records, columns, templates));
        match sheet {
            Err(refusal) if is_another_sheet(&refusal) => refusals.push((name, refusal)),
            decided => return decided,
        }
    }
    let sheet = source.clone();
    match (refusals.pop(), refusals.is_empty()) {
        (None, _) => Err(SheetError::NoCharacters {
            sheet,
            header: false,
        }),
        (Some((_, only)), true) => Err(only),
        (last, _) => {
            refusals.extend(last);
            Err(SheetError::NoSheetFits { sheet, refusals })
        }
    }
}

/// The templates of description and prompt.
struct Templates {
    description: Option<Template>,
    prompt: Option<Template>,
}

fn compile(options: &Options) -> Result<Templates, SheetError> {
    let compile = |what, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| Template::compile(what, text)).transpose()
    };
    Ok(Templates {
        description: compile(What::Template, &options.template)?,
        prompt: compile(What::Prompt, &options.prompt)?,
    })
}

/// Whether the refusal means that a sheet of a workbook is about something else.
fn is_another_sheet(refusal: &SheetError) -> bool {
    matches!(
        refusal,
        SheetError::MissingColumn { .. }
            | SheetError::TemplateColumn { .. }
            | SheetError::NoCharacters { header: false, .. }
    )
}

/// The sheet of exactly this name, else the one whose name differs only in its case.
fn named_sheet(source: &Source, wanted: &str, sheets: Vec<String>) -> Result<String, SheetError> {
    let lower = wanted.to_lowercase();
    let found = sheets
        .iter()
        .find(|name| *name == wanted)
        .or_else(|| sheets.iter().find(|name| name.to_lowercase() == lower));
    match found {
        Some(name) => Ok(name.clone()),
        None => Err(SheetError::UnknownSheet {
            sheet: source.clone(),
            wanted: wanted.to_owned(),
            sheets,
        }),
    }
}

/// A switch that says nothing about this kind of sheet was not meant for it.
fn refuse_switch(
    source: &Source,
    switch: &'static str,
    is_given: bool,
    found: &'static str,
) -> Result<(), SheetError> {
    if is_given {
        Err(SheetError::NotApplicable {
            sheet: source.clone(),
            switch,
            found,
        })
    } else {
        Ok(())
    }
}

/// Reads the first record with anything in it.
fn read_header(
    source: &Source,
    records: &mut Records,
    options: &Options,
) -> Result<Columns, SheetError> {
    let mut record = Record::default();
    loop {
        match records.read(&mut record) {
            Ok(true) if record.is_blank() => {}
            Ok(true) => break,
            Ok(false) => {
                return Err(SheetError::NoCharacters {
                    sheet: source.clone(),
                    header: false,
                });
            }
            Err(fault) => return Err(SheetError::faults(source, vec![fault], 0)),
        }
    }
    let positions = records.positions();
    let flaws = record
        .flaws()
        .iter()
        .map(|flaw| flaw_in_words(*flaw, positions.shown(flaw.cell)));
    let nul = record
        .cells()
        .enumerate()
        .filter(|(_, cell)| cell.contains('\0'));
    let nul = nul.map(|(index, _)| Fault {
        line: record.line,
        problem: Problem::Nul {
            column: positions.shown(index),
        },
    });
    let faults: Vec<Fault> = flaws.chain(nul).collect();
    if !faults.is_empty() {
        return Err(SheetError::faults(source, faults, 0));
    }
    find_columns(source, records, &record, options).map_err(|mut refusal| {
        if let SheetError::MissingColumn { below, .. } = &mut refusal {
            *below = header_below(source, records, options);
        }
        refusal
    })
}

/// The columns, if `record` is the header.
fn find_columns(
    source: &Source,
    records: &Records,
    record: &Record,
    options: &Options,
) -> Result<Columns, SheetError> {
    let is_text = matches!(records, Records::Delimited(_));
    let header: Vec<String> = record
        .cells()
        .map(|cell| if is_text { restored(cell) } else { cell }.to_owned())
        .collect();
    Columns::find(&header, records.positions(), record.line, options, source)
}

/// The line of one of the next rows that would do as a header: above it there may be a title.
fn header_below(source: &Source, records: &mut Records, options: &Options) -> Option<u64> {
    let mut record = Record::default();
    (0..TITLE_ROWS_MAX).find_map(|_| {
        let is_read = records.read(&mut record).ok()?;
        let fits = is_read && find_columns(source, records, &record, options).is_ok();
        fits.then_some(record.line)
    })
}

fn assemble(
    source: &Source,
    dialect: Dialect,
    records: Records,
    columns: Columns,
    templates: Templates,
) -> Result<Sheet, SheetError> {
    let headers = columns.headers();
    let bind = |template: Option<Template>| match template {
        None => Ok(None),
        Some(template) => {
            let binding = template.bind(headers, columns.kept, source)?;
            Ok::<_, SheetError>(Some((template, binding)))
        }
    };
    let template = bind(templates.description)?;
    let prompt = bind(templates.prompt)?;
    let describe = match &template {
        Some((template, binding)) => Describe::Template {
            text: template.text().to_owned(),
            columns: binding
                .columns()
                .iter()
                .map(|&index| headers[index].clone())
                .collect(),
        },
        None => Describe::Column(
            columns
                .description
                .map(|index| headers[index].clone())
                .unwrap_or_default(),
        ),
    };
    let delimiter = match &records {
        Records::Delimited(records) => Some(char::from(records.delimiter())),
        Records::Workbook(_) => None,
    };
    let judge = Judge {
        columns,
        template,
        prompt,
        delimiter,
    };
    Ok(Sheet::new(
        source.clone(),
        dialect,
        describe,
        judge,
        records,
    ))
}
