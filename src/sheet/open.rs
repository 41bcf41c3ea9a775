//! Opens a sheet: finds out the kind of the file, the header, and the role of each column.
//!
//! Text and workbooks become the same [`Sheet`], whose rows are not read here. Of several worksheets, the one that fits best
//! is chosen, and the first of those that fit equally well. A note names the others that fit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::domain::formula::{as_text, restored};
use crate::domain::own_columns::{is_state, position};

use super::columns::{Columns, Described, Guessed, Head, folded};
use super::delimited::Delimited;
use super::dialect::{self, Dialect, Magic};
use super::encoding::escaped_script;
use super::error::SheetOption;
use super::fault::{Fault, Problem};
use super::foreign::Foreign;
use super::guess::{self, Header};
use super::judge::{Judge, flaw_in_words};
use super::markdown::Markdown;
use super::meter::{Meter, digest};
use super::note::Note;
use super::record::Record;
use super::sample::Sampled;
use super::shown::Positions;
use super::source::{Records, Source, sniff};
use super::subscripts::lines_of;
use super::template::Template;
use super::template_kind::TemplateKind;
use super::text::{BLOCK, Text};
use super::workbook::Workbook;
use super::{Describe, HeaderLine, KeyColumn, Options, Sheet, SheetError};

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

/// The worksheets that can be read, each with its fit and its name.
type Fitting = Vec<(Fit, String, Sheet)>;

/// The worksheets that cannot be read, each with its error.
type Refused = Vec<(String, SheetError)>;

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

/// The worksheet that fits best, with a note about the others that fit.
fn best_of(
    source: &Source,
    mut found: Fitting,
    mut refusals: Refused,
) -> Result<Sheet, SheetError> {
    let Some(best) = found.iter().map(|(fit, ..)| *fit).max() else {
        return Err(no_sheet_fits(source, refusals));
    };
    // An error because two columns fit equally well is better than guessed columns.
    if let Some(at) = refusals
        .iter()
        .position(|(_, refusal)| matches!(refusal, SheetError::AmbiguousColumn { .. }))
        && best.columns < COLUMNS_FOUND
    {
        return Err(refusals.swap_remove(at).1);
    }
    let Some(at) = found.iter().position(|(fit, ..)| *fit == best) else {
        return Err(no_sheet_fits(source, refusals));
    };
    let (_, read, mut sheet) = found.remove(at);
    let also_fits = |fit: &Fit, other: &Sheet| {
        fit.columns >= best.columns || other.columns() == sheet.columns()
    };
    let others: Vec<String> = found
        .iter()
        .filter(|(fit, _, other)| also_fits(fit, other))
        .map(|(_, tab, _)| tab.clone())
        .collect();
    if !others.is_empty() {
        sheet.note(Note::OtherSheets { read, others });
    }
    Ok(sheet)
}

/// Name and description are found, or given by switches.
const COLUMNS_FOUND: u8 = 4;

/// How well a worksheet fits. A larger value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// The worksheet is named after characters, and has a column for their names.
    is_cast: bool,
    /// 4 if name and description are found, less for each guess.
    columns: u8,
    /// Whether the worksheet is named after characters.
    is_called_so: bool,
}

impl Fit {
    fn of(sheet: &Sheet, tab: &str) -> Self {
        let Guessed {
            name,
            description,
            no_header,
            header_like_a_row,
        } = sheet.guessed();
        // `Monster` is not a usual header for names, but it says what is in the column.
        let is_name_unclear = name && !sheet.name_from().into_iter().all(guess::speaks_of_names);
        let columns = if no_header || header_like_a_row {
            0
        } else {
            COLUMNS_FOUND - u8::from(description) - 2 * u8::from(is_name_unclear)
        };
        let is_called_so = guess::speaks_of_names(tab) || tab.to_lowercase().contains("cast");
        Self {
            is_cast: is_called_so && !is_name_unclear && columns > 0,
            columns,
            is_called_so,
        }
    }
}

/// The error for a workbook of which no worksheet can be read.
fn no_sheet_fits(source: &Source, mut refusals: Vec<(String, SheetError)>) -> SheetError {
    let sheet = source.clone();
    if refusals.len() > 1 {
        return SheetError::NoSheetFits { sheet, refusals };
    }
    refusals.pop().map_or(
        SheetError::NoCharacters {
            sheet,
            header: false,
        },
        |(_, only)| only,
    )
}

/// The templates of description and prompt.
struct Templates {
    description: Option<Template>,
    prompt: Option<Template>,
}

impl Templates {
    fn compile(options: &Options) -> Result<Self, SheetError> {
        let compile = |what, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| Template::compile(what, text)).transpose()
        };
        Ok(Self {
            description: compile(TemplateKind::Template, &options.template)?,
            prompt: compile(TemplateKind::Prompt, &options.prompt)?,
        })
    }

    /// Whether a template uses a column with this name.
    fn name(&self, header: &str) -> bool {
        let templates = [&self.description, &self.prompt];
        templates
            .into_iter()
            .flatten()
            .any(|template| template.names(header))
    }
}

/// The worksheet with exactly this name, else the one whose name differs only in case.
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

/// What the header and the first rows show.
struct Opened {
    columns: Columns,
    is_ours: bool,
    /// `None` if there is no header.
    header_line: Option<u64>,
}

/// Finds the header, removes it and the rows above it, and finds the columns.
fn read_header(
    source: &Source,
    records: &mut Sampled,
    options: &Options,
    templates: &Templates,
) -> Result<Opened, SheetError> {
    if let Some(fault) = records.fault_at_once() {
        return Err(SheetError::faults(source, vec![fault], 0));
    }
    let filled: Vec<(usize, Record)> = {
        let each = records.ahead().enumerate();
        let filled = each.filter(|(_, record)| !record.is_blank());
        filled.map(|(at, record)| (at, record.clone())).collect()
    };
    let rows: Vec<Vec<&str>> = filled
        .iter()
        .map(|(_, record)| record.cells().map(str::trim).collect())
        .collect();
    if rows.is_empty() {
        return Err(SheetError::NoCharacters {
            sheet: source.clone(),
            header: false,
        });
    }
    let line_of = |at: usize| filled[at].1.line;
    let lines: Vec<u64> = (0..rows.len()).map(line_of).collect();
    let at = header_row(source, &rows, &lines, options, templates)?;
    let under = &rows[at.map_or(0, |at| at + 1)..];
    let positions = records.positions();
    let header = match at {
        Some(at) => {
            refuse_flaws(source, &filled[at].1, positions)?;
            filled[at].1.cells().map(str::to_owned).collect()
        }
        None => letters(positions, rows.iter().map(Vec::len).max().unwrap_or(0)),
    };
    let is_text = records.delimiter().is_some();
    let (header, is_ours) = own_header(header, under, is_text && at.is_some());
    let head = Head {
        header,
        line: at.map(line_of),
        positions,
        rows: under,
    };
    let mut columns = Columns::find(&head, options, source)?;
    columns.guessed = guessed_header(columns.guessed, &rows, at, options);
    let header_line = head.line;
    if let Some(at) = at {
        columns.notes.splice(0..0, above_header(at, line_of(at)));
        records.skip_to(filled[at].0);
    }
    Ok(Opened {
        columns,
        is_ours,
        header_line,
    })
}

/// Which of the rows, in these lines, is the header; `None` if there is none.
fn header_row(
    source: &Source,
    rows: &[Vec<&str>],
    lines: &[u64],
    options: &Options,
    templates: &Templates,
) -> Result<Option<usize>, SheetError> {
    let is_asked_for =
        |cell: &str| options.names(cell) || (!cell.is_empty() && templates.name(cell));
    let header = if options.header_is_remembered {
        remembered(options.header, rows, lines)
    } else {
        options.header
    };
    match header {
        HeaderLine::None => Ok(None),
        HeaderLine::Line(line) => match lines.iter().position(|&found| found == line) {
            Some(at) => Ok(Some(at)),
            None => Err(SheetError::NoHeaderLine {
                sheet: source.clone(),
                line,
            }),
        },
        HeaderLine::Found => Ok(match guess::header(rows, is_asked_for) {
            Header::Plain(at) | Header::Likely(at) => Some(at),
            Header::Absent => None,
        }),
    }
}

/// The header line, remembered from an earlier sheet: detected again if another line has usual headers.
fn remembered(header: HeaderLine, rows: &[Vec<&str>], lines: &[u64]) -> HeaderLine {
    let plain = match guess::header(rows, |_| false) {
        Header::Plain(at) => Some(lines[at]),
        _ => None,
    };
    match (header, plain) {
        (HeaderLine::Line(line), Some(plain)) if line == plain => header,
        (_, Some(_)) => HeaderLine::Found,
        (header, None) => header,
    }
}

/// The guesses, including those about the header, which is row `at`.
fn guessed_header(
    guessed: Guessed,
    rows: &[Vec<&str>],
    at: Option<usize>,
    options: &Options,
) -> Guessed {
    let is_found = options.header == HeaderLine::Found;
    let is_like_a_row = at.is_some_and(|at| guess::is_like_a_row(rows, at));
    Guessed {
        no_header: is_found && at.is_none() && !options.names_all(),
        header_like_a_row: is_found && is_like_a_row && !options.names_nothing(),
        ..guessed
    }
}

/// The note about the rows above the header.
fn above_header(rows: usize, header_line: u64) -> Option<Note> {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    (rows > 0).then_some(Note::AboveHeader { rows, header_line })
}

/// The header as its writer means it, and whether an export of this program wrote the sheet.
fn own_header(header: Vec<String>, under: &[Vec<&str>], is_text: bool) -> (Vec<String>, bool) {
    if !is_text {
        return (header, false);
    }
    let trimmed: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
    let cells = |at: usize| under.iter().filter_map(move |row| row.get(at));
    let is_ours = position(&trimmed, |at| cells(at).all(|cell| is_state(cell))).is_some();
    let meant = |cell: &String| {
        if is_ours {
            restored(cell).to_owned()
        } else {
            as_text(cell).to_owned()
        }
    };
    (header.iter().map(meant).collect(), is_ours)
}

/// The names of the columns of a sheet without a header.
fn letters(positions: Positions, columns: usize) -> Vec<String> {
    let letters = match positions {
        Positions::Numbers => Positions::Letters { first: 0 },
        letters @ Positions::Letters { .. } => letters,
    };
    (0..columns).map(|at| letters.shown(at)).collect()
}

/// Refuses a header with a wrong form, or with a cell that nobody would type, such as an error value.
fn refuse_flaws(source: &Source, record: &Record, positions: Positions) -> Result<(), SheetError> {
    let flaws = record
        .flaws()
        .iter()
        .map(|flaw| flaw_in_words(*flaw, positions.shown(flaw.cell)));
    let nul = record
        .cells()
        .enumerate()
        .filter(|(_, cell)| cell.contains('\0'));
    let nul = nul.map(|(index, _)| {
        Fault::at(
            record.line,
            Problem::Nul {
                column: positions.shown(index),
            },
        )
    });
    let faults: Vec<Fault> = flaws.chain(nul).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(SheetError::faults(source, faults, 0))
    }
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
    fn names_all(&self) -> bool {
        !self.name_columns.is_empty()
            && (self.description_column.is_some() || self.template.is_some())
    }

    /// Whether no switch names a column.
    fn names_nothing(&self) -> bool {
        self.name_columns.is_empty() && self.description_column.is_none()
    }
}
