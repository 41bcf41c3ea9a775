//! Reads a spreadsheet as rows.
//!
//! Every row of the sheet is returned once, in order, or reported as a fault with its line. Nothing is dropped without a
//! message, and every guess is reported. Text is streamed: a sheet of a million rows takes no more memory than one of a
//! thousand. A workbook is held in memory. Nothing is stored or sent here, and rows are not compared with each other or with
//! a cast.
//!
//! Read the modules in the order of a row's way: `text` (bytes → text), `delimited` or `workbook` (→ records), `columns`
//! (the role of each column), `judge` (→ row or faults).

mod best_sheet;
mod binding;
mod cell;
mod columns;
mod delimited;
mod dialect;
mod encoding;
mod error;
mod error_value;
mod fault;
mod foreign;
mod gathered;
mod guess;
mod judge;
mod markdown;
mod meter;
mod note;
mod number_format;
mod open;
mod prompt;
mod read_header;
mod record;
mod role;
mod sample;
mod shown;
mod source;
mod subscripts;
mod template;
mod template_kind;
mod templates;
mod text;
mod workbook;

use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;

use crate::domain::row::Row;

pub(crate) use columns::{Guessed, SEPARATORS};
pub(crate) use dialect::{Dialect, Kind, cells_with};
pub(crate) use encoding::is_utf_8;
pub use error::SheetError;
pub(crate) use error::{FAULTS_MAX, SheetOption};
pub use fault::{Fault, Problem};
pub(crate) use foreign::Foreign;
pub(crate) use meter::digest;
pub use note::Note;
pub(crate) use note::{RowsKind, RowsNote};
pub(crate) use prompt::Prompt;
pub(crate) use role::Role;
pub(crate) use shown::shown;
pub use source::Source;
pub(crate) use subscripts::{in_template, needs_quotes};
pub(crate) use template_kind::TemplateKind;

use columns::Described;
use error::Faults;
use gathered::GatheredRows;
use judge::{Judge, NoRow};
use meter::Meter;
use record::Record;
use sample::Sampled;

/// The column in which an export of this program has the stories.
pub(crate) const STORIES: &str = "backstory";

/// The longest cell, in bytes; also the longest description that a template makes.
pub const CELL_MAX: usize = 1024 * 1024;
/// The most bytes of all cells of a row together.
pub(crate) const ROW_MAX: usize = 16 * CELL_MAX;
/// The most columns of a sheet, as many as spreadsheets allow.
pub(crate) const COLUMNS_MAX: usize = 16_384;

/// How to read a sheet; what is left out is detected or guessed.
///
/// A column is named by its exact header, or, if no header is exactly this, without regard to case, spaces and underscores.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--name-column`: the cells of several columns are joined, in this order.
    pub name_columns: Vec<String>,
    /// `--description-column`; ignored if there is a template.
    pub description_column: Option<String>,
    /// `--key-column`, `--no-key`.
    pub key: KeyColumn,
    /// The text of `--template`, not the name of a file.
    pub template: Option<String>,
    /// The text of `--prompt`, not the name of a file; its columns must exist.
    pub prompt: Option<String>,
    /// `--header-line`, `--no-header`.
    pub header: HeaderLine,
    /// The header line comes from an earlier sheet: a header with usual names in another line is preferred.
    pub header_is_remembered: bool,
    /// `--sheet`; only for workbooks.
    pub sheet: Option<String>,
    /// `--delimiter`; only for text.
    pub delimiter: Option<u8>,
    /// `--encoding`, only for text: a label of the WHATWG, such as `windows-1252`. A byte order mark is preferred.
    pub encoding: Option<String>,
    /// `--have`.
    pub have_column: Option<String>,
    /// Rows without a name, or with nothing but a name, are headings and remarks and are skipped; this belongs to an
    /// accepted guess about the description.
    pub passes_over_rows: bool,
}

/// The column with the row keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyColumn {
    /// A column with the name `id` or `key`, if its cells identify rows.
    Found {
        /// The key column that the cast had before: it is used even if its cells repeat.
        before: Option<String>,
    },
    /// This column.
    Named(String),
    /// No column.
    None,
}

impl Default for KeyColumn {
    fn default() -> Self {
        Self::Found { before: None }
    }
}

/// The position of the header.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLine {
    /// It is detected.
    #[default]
    Found,
    /// In this line, counted from 1.
    Line(u64),
    /// There is none: the columns are called `A`, `B`, `C`.
    None,
}

/// How the description is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Describe {
    /// The cell of this column.
    Column(String),
    /// The text that a template makes.
    Template {
        /// The template.
        text: String,
        /// The columns in the template, by their headers, in the order of the sheet.
        columns: Vec<String>,
    },
}

/// A sheet that is being read: its columns are known, and at least one row or fault follows.
///
/// The iterator continues after a fault, so that all faults can be reported. It ends after an error that makes the rest
/// unreadable.
pub struct Sheet {
    source: Source,
    dialect: Dialect,
    describe: Describe,
    judge: Box<Judge>,
    records: Box<Sampled>,
    record: Record,
    /// Read in advance: the first row, or the faults of one.
    ahead: VecDeque<Result<Row, Fault>>,
    rows: u64,
    blank: u64,
    notes: Vec<Note>,
    gathered: GatheredRows,
    has_ended: bool,
    /// `None` for a workbook, which is held in memory, and for a pipe, which has no length.
    meter: Option<Meter>,
    /// The file of a workbook, and its digest before it was read.
    before: Option<(PathBuf, [u8; 32])>,
}

impl Sheet {
    /// Opens a sheet and reads it as far as its first row.
    ///
    /// # Errors
    ///
    /// Any [`SheetError`], including faults of the header. Faults of rows come later, with the rows.
    pub fn open(source: &Source, options: &Options) -> Result<Self, SheetError> {
        open::open(source, options)?.start()
    }

    /// As [`Sheet::open`], for delimited text from any reader. `source` is its name in messages.
    ///
    /// # Errors
    ///
    /// As [`Sheet::open`].
    pub fn open_reader(
        source: &Source,
        reader: impl Read + Send + 'static,
        options: &Options,
    ) -> Result<Self, SheetError> {
        open::open_text(source, Box::new(reader), options)?.start()
    }

    /// The headers, trimmed, in order, without the three columns that an export of this program adds.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.judge.columns.kept()
    }

    /// The headers of the columns of the name, in the order in which their cells are joined.
    #[must_use]
    pub fn name_from(&self) -> Vec<&str> {
        self.judge.columns.named(&self.judge.columns.name)
    }

    /// The headers of the columns of the description.
    #[must_use]
    pub fn description_from(&self) -> Vec<&str> {
        match &self.describe {
            Describe::Column(column) => vec![column],
            Describe::Template { columns, .. } => columns.iter().map(String::as_str).collect(),
        }
    }

    /// The decisions that come from the cells, and neither from a switch nor from a usual header.
    #[must_use]
    pub fn guessed(&self) -> Guessed {
        self.judge.columns.guessed
    }

    /// `options` with all that was detected and guessed. With these options the sheet is read in the same way, nothing is a
    /// guess, and a column or worksheet that is added later changes nothing.
    #[must_use]
    pub fn accepted(&self, options: &Options) -> Options {
        let guessed = self.guessed();
        let mut accepted = options.clone();
        accepted.name_columns = self.name_from().into_iter().map(str::to_owned).collect();
        match &self.describe {
            Describe::Column(column) => accepted.description_column = Some(column.clone()),
            Describe::Template { text, .. } => accepted.template = Some(text.clone()),
        }
        accepted.passes_over_rows |= guessed.description;
        if guessed.no_header {
            accepted.header = HeaderLine::None;
        }
        if guessed.header_like_a_row {
            accepted.header = HeaderLine::Line(self.judge.header_line);
        }
        if let Dialect::Workbook { sheet, .. } = &self.dialect {
            accepted.sheet = Some(sheet.clone());
        }
        accepted
    }

    /// Notes on how the sheet is read; about its rows, only as far as they were read.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.notes.clone();
        notes.extend(self.gathered.notes());
        notes.extend(self.records.note());
        notes
    }

    /// The header of the column with the row keys, if there is one.
    #[must_use]
    pub fn key_column(&self) -> Option<&str> {
        self.judge
            .columns
            .key
            .map(|index| self.judge.columns.headers()[index].as_str())
    }

    /// The header of the column with existing stories, if one was requested.
    #[must_use]
    pub fn have_column(&self) -> Option<&str> {
        self.judge
            .columns
            .have
            .map(|index| self.judge.columns.headers()[index].as_str())
    }

    /// Whether there is a column for stories, as an export of this program has it, that was not requested.
    #[must_use]
    pub fn has_unread_stories(&self) -> bool {
        let columns = &self.judge.columns;
        let at = columns
            .headers()
            .iter()
            .position(|header| header == STORIES);
        at.is_some_and(|at| columns.have.is_none() && columns.described != Described::Column(at))
    }

    /// How the description is made.
    #[must_use]
    pub fn describe(&self) -> &Describe {
        &self.describe
    }

    /// The positions, in [`Sheet::columns`], of the columns in the prompt other than name and description.
    #[must_use]
    pub fn prompt_columns(&self) -> Vec<usize> {
        let (columns, prompt) = (&self.judge.columns, &self.judge.prompt);
        let is_sent =
            |at: &usize| columns.name[..] == [*at] || columns.described == Described::Column(*at);
        let named = prompt.iter().flat_map(|(_, binding)| binding.columns());
        named.copied().filter(|at| !is_sent(at)).collect()
    }

    /// The source of the sheet.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was detected about the form of the sheet.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// How many rows without a filled cell were skipped so far, including empty lines of a text. Rows of a workbook that
    /// were never filled do not exist and are not counted.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank
    }

    /// The bytes read and the bytes in all; `None` for a workbook and for a pipe, where this is not known.
    #[must_use]
    pub fn bytes_read(&self) -> Option<(u64, u64)> {
        let meter = self.meter.as_ref()?;
        Some((meter.bytes(), meter.length))
    }

    /// The digest of the bytes that were read, after the last row; `None` before, for a pipe, and for a workbook that was
    /// changed meanwhile. `digest` gives the same for a file with the same bytes.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        if let Some((path, before)) = &self.before {
            let is_same = self.has_ended && digest(path).is_ok_and(|after| after == *before);
            return is_same.then_some(*before);
        }
        self.meter.as_ref()?.digest()
    }

    /// The error for this sheet because of `fault`: the rest is read to collect all other faults.
    #[must_use]
    pub fn refuse(mut self, fault: Fault) -> SheetError {
        let mut faults = Faults::default();
        faults.add(fault);
        for row in self.by_ref() {
            match row {
                Ok(_) => faults.good_row(),
                Err(fault) => faults.add(fault),
            }
        }
        faults.refusal(&self.source)
    }

    fn new(
        source: Source,
        dialect: Dialect,
        describe: Describe,
        judge: Judge,
        records: Sampled,
    ) -> Self {
        let (record, ahead) = (Record::default(), VecDeque::new());
        Self {
            source,
            dialect,
            describe,
            judge: Box::new(judge),
            records: Box::new(records),
            record,
            ahead,
            rows: 0,
            blank: 0,
            notes: Vec::new(),
            gathered: GatheredRows::default(),
            has_ended: false,
            meter: None,
            before: None,
        }
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Reads in advance, so that a sheet without rows is an error before it is used.
    fn start(mut self) -> Result<Self, SheetError> {
        self.advance();
        if self.ahead.is_empty() {
            return Err(SheetError::NoCharacters {
                sheet: self.source,
                header: self.judge.header_line > 0,
            });
        }
        Ok(self)
    }

    /// Reads until a row or fault is ready, or the sheet ends.
    fn advance(&mut self) {
        while self.ahead.is_empty() && !self.has_ended {
            match self.records.read(&mut self.record) {
                Ok(true) => match self.judge.no_row(&self.record, self.rows + 1) {
                    Some(NoRow::Blank) => self.blank += 1,
                    Some(NoRow::Ruler) => {}
                    Some(NoRow::Passed(kind)) => self.gathered.add(kind, self.record.line),
                    None => self.judge(),
                },
                Ok(false) => self.has_ended = true,
                Err(fault) => {
                    self.has_ended = true;
                    self.ahead.push_back(Err(fault));
                }
            }
        }
    }

    fn judge(&mut self) {
        self.rows += 1;
        if self.judge.is_short(&self.record) {
            self.gathered.add(RowsKind::Short, self.record.line);
        }
        if self.judge.passes_over_cells(&self.record) {
            self.gathered.add(RowsKind::BeyondHeader, self.record.line);
        }
        let mut faults = Vec::new();
        let row = self.judge.row(&self.record, self.rows, &mut faults);
        self.ahead.extend(row.map(Ok));
        self.ahead.extend(faults.into_iter().map(Err));
    }
}

impl Iterator for Sheet {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance();
        self.ahead.pop_front()
    }
}
