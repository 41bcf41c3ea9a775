//! A spreadsheet → rows.
//!
//! Every row of the sheet comes out once, in order, or as a fault with its line; nothing is dropped in silence, and no
//! guess is made that a person would have to find out. Delimited text streams: a sheet of a million rows takes no more
//! memory than one of a thousand. A workbook is held as a whole. Nothing is stored or sent here, and rows are not compared
//! with each other or with any cast.
//!
//! A row's walk, which is the order to read in: `text` (bytes → text), `delimited` or `workbook` (→ records), `columns`
//! (which column is what), `judge` (→ row or faults).

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
mod hint;
mod judge;
mod markdown;
mod meter;
mod note;
mod number_format;
mod open;
mod prompt;
mod record;
mod role;
mod sample;
mod shown;
mod source;
mod subscripts;
mod template;
mod text;
mod workbook;

use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;

use crate::domain::row::Row;

pub use columns::Guessed;
pub use dialect::{Dialect, Kind};
pub use encoding::is_utf_8;
pub use error::{FAULTS_MAX, SheetError};
pub use fault::{Fault, Likely, Problem};
pub use foreign::Foreign;
pub use meter::digest;
pub use note::{Note, RowsKind, RowsNote};
pub use prompt::Prompt;
pub use role::Role;
pub use source::Source;
pub use template::What;

use columns::Described;
use error::Faults;
use gathered::GatheredRows;
use judge::{Judge, NoRow};
use meter::Meter;
use record::Record;
use sample::Sampled;

/// The column that our own export puts the stories in.
pub const STORIES: &str = "backstory";

/// A cell may be so many bytes long, and a description made by a template as well.
pub const CELL_MAX: usize = 1024 * 1024;
/// All cells of a row together may be so many bytes long.
pub const ROW_MAX: usize = 16 * CELL_MAX;
/// A sheet may have so many columns, as many as the spreadsheets allow.
pub const COLUMNS_MAX: usize = 16_384;

/// How a sheet is to be read; what is left out is found or guessed.
///
/// A column is named exactly, or, where no header is written so, whatever the case, spaces or underscores.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--name-column`: of several the cells are joined, in this order.
    pub name_columns: Vec<String>,
    /// `--description-column`; not looked at when there is a template.
    pub description_column: Option<String>,
    /// `--key-column`, `--no-key`.
    pub key: KeyColumn,
    /// The text of `--template`, not a file's name.
    pub template: Option<String>,
    /// The text of `--prompt`, not a file's name; what it names must be there.
    pub prompt: Option<String>,
    /// `--header-line`, `--no-header`.
    pub header: HeaderLine,
    /// That was said of an earlier sheet: a header with usual names in another line counts for more.
    pub header_is_remembered: bool,
    /// `--sheet`, for workbooks only.
    pub sheet: Option<String>,
    /// `--delimiter`, for text only.
    pub delimiter: Option<u8>,
    /// `--encoding`, for text only: a label of the WHATWG's, such as `windows-1252`. A byte order mark counts for more.
    pub encoding: Option<String>,
    /// `--have`.
    pub have_column: Option<String>,
    /// Rows without a name, or with nothing but a name, are headings and remarks, and are passed over: part of a guess about
    /// the description that was accepted.
    pub passes_over_rows: bool,
}

/// Which column identifies the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyColumn {
    /// One that is called `id` or `key`, if its cells identify rows.
    Found {
        /// The key column that the cast had before: it stays one, even where its cells repeat.
        before: Option<String>,
    },
    /// This one.
    Named(String),
    /// None.
    None,
}

impl Default for KeyColumn {
    fn default() -> Self {
        Self::Found { before: None }
    }
}

/// Where the header is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLine {
    /// It is found.
    #[default]
    Found,
    /// In this line, counted from 1.
    Line(u64),
    /// Nowhere: the columns are called `A`, `B`, `C`.
    None,
}

/// How the description is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Describe {
    /// It is the cell of this column.
    Column(String),
    /// A template makes it.
    Template {
        /// The template.
        text: String,
        /// The columns it reads, by their headers, in the order of the sheet.
        columns: Vec<String>,
    },
}

/// A sheet that is being read: its columns are known, and at least one row or fault follows.
///
/// As an iterator it goes on after a fault, so that all can be told, and ends after one that leaves nothing to read.
pub struct Sheet {
    source: Source,
    dialect: Dialect,
    describe: Describe,
    judge: Box<Judge>,
    records: Box<Sampled>,
    record: Record,
    /// Read ahead: the first row, or the faults of one.
    ahead: VecDeque<Result<Row, Fault>>,
    rows: u64,
    blank: u64,
    notes: Vec<Note>,
    gathered: GatheredRows,
    has_ended: bool,
    /// `None` for a workbook, which its reader holds as a whole, and for a pipe, which has no length.
    meter: Option<Meter>,
    /// The file of a workbook, and its digest before it was read.
    before: Option<(PathBuf, [u8; 32])>,
}

impl Sheet {
    /// Opens a sheet and reads it as far as its first row.
    ///
    /// # Errors
    ///
    /// Any [`SheetError`]; faults of the header are among them, faults of rows are not: they come with the rows.
    pub fn open(source: &Source, options: &Options) -> Result<Self, SheetError> {
        open::open(source, options)?.start()
    }

    /// As [`Sheet::open`], for delimited text from any reader. `source` is what messages call it.
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

    /// The headers, trimmed, in order, without the three that our own export adds.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.judge.columns.kept()
    }

    /// The headers of the columns that make the name, in the order in which they are joined.
    #[must_use]
    pub fn name_from(&self) -> Vec<&str> {
        self.judge.columns.named(&self.judge.columns.name)
    }

    /// The headers of the columns that the description is made of.
    #[must_use]
    pub fn description_from(&self) -> Vec<&str> {
        match &self.describe {
            Describe::Column(column) => vec![column],
            Describe::Template { columns, .. } => columns.iter().map(String::as_str).collect(),
        }
    }

    /// What was decided by the cells, and neither by a switch nor by a usual header.
    #[must_use]
    pub fn guessed(&self) -> Guessed {
        self.judge.columns.guessed
    }

    /// `options` with what was found and guessed: read with these, the sheet is read in the same way, nothing is a guess, and a
    /// column or a sheet that is added later changes nothing.
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

    /// What a person should know about how the sheet is read; of its rows, only what was read so far.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.notes.clone();
        notes.extend(self.gathered.notes());
        notes.extend(self.records.note());
        notes
    }

    /// The header of the column with the keys, if there is one.
    #[must_use]
    pub fn key_column(&self) -> Option<&str> {
        self.judge
            .columns
            .key
            .map(|index| self.judge.columns.headers()[index].as_str())
    }

    /// The header of the column with the stories that exist already, if one was asked for.
    #[must_use]
    pub fn have_column(&self) -> Option<&str> {
        self.judge
            .columns
            .have
            .map(|index| self.judge.columns.headers()[index].as_str())
    }

    /// Whether there is a column for stories, as our own export has one, that nobody asked to read.
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

    /// The positions, in [`Sheet::columns`], of those that the prompt names besides name and description.
    #[must_use]
    pub fn prompt_columns(&self) -> Vec<usize> {
        let (columns, prompt) = (&self.judge.columns, &self.judge.prompt);
        let is_sent =
            |at: &usize| columns.name[..] == [*at] || columns.described == Described::Column(*at);
        let named = prompt.iter().flat_map(|(_, binding)| binding.columns());
        named.copied().filter(|at| !is_sent(at)).collect()
    }

    /// Where the sheet comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was found out about the form of the sheet.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// How many rows without a single filled cell were passed over so far, empty lines of a text included. Rows of a
    /// workbook that were never filled are not there to be counted.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank
    }

    /// How many bytes of how many have been read; `None` where that cannot be told: of a workbook and of a pipe.
    #[must_use]
    pub fn bytes_read(&self) -> Option<(u64, u64)> {
        let meter = self.meter.as_ref()?;
        Some((meter.bytes(), meter.length))
    }

    /// The digest of the bytes that were read, once all rows have come out; `None` before, of a pipe, and of a workbook that was
    /// changed meanwhile. [`digest`] gives the same for a file that holds the same bytes.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        if let Some((path, before)) = &self.before {
            let is_same = self.has_ended && digest(path).is_ok_and(|after| after == *before);
            return is_same.then_some(*before);
        }
        self.meter.as_ref()?.digest()
    }

    /// The refusal of this sheet because of `fault`: reads on to its end, and gathers what else is wrong.
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

    /// Reads ahead, so that a sheet without rows is refused before it is used.
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

    /// Reads until something is ahead, or the sheet is at its end.
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
