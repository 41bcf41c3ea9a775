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
mod fault;
mod hint;
mod judge;
mod meter;
mod number_format;
mod open;
mod prompt;
mod record;
mod role;
mod shown;
mod source;
mod subscripts;
mod template;
mod text;
mod workbook;

use std::collections::VecDeque;
use std::io::Read;

use crate::domain::row::Row;

pub use dialect::{Dialect, Kind};
pub use error::{FAULTS_MAX, SheetError};
pub use fault::{Fault, Likely, Problem};
pub use meter::digest;
pub use prompt::Prompt;
pub use role::Role;
pub use source::Source;
pub use template::What;

use judge::Judge;
use meter::Meter;
use record::Record;
use source::Records;

/// The column that our own export puts the stories in.
pub const STORIES: &str = "backstory";

/// A cell may be so many bytes long, and a description made by a template as well.
pub const CELL_MAX: usize = 1024 * 1024;
/// All cells of a row together may be so many bytes long.
pub const ROW_MAX: usize = 16 * CELL_MAX;
/// A sheet may have so many columns, as many as the spreadsheets allow.
pub const COLUMNS_MAX: usize = 16_384;

/// How a sheet is to be read; what is left out is found.
///
/// A column is named exactly, or, where no header is written so, whatever the case, spaces or underscores.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--name-column`.
    pub name_column: Option<String>,
    /// `--description-column`; not looked at when there is a template.
    pub description_column: Option<String>,
    /// `--key-column`.
    pub key_column: Option<String>,
    /// The text of `--template`, not a file's name.
    pub template: Option<String>,
    /// The text of `--prompt`, not a file's name; what it names must be there.
    pub prompt: Option<String>,
    /// `--sheet`, for workbooks only.
    pub sheet: Option<String>,
    /// `--delimiter`, for text only.
    pub delimiter: Option<u8>,
    /// `--encoding`, for text only: a label of the WHATWG's, such as `windows-1252`. A byte order mark counts for more.
    pub encoding: Option<String>,
    /// `--have`.
    pub have_column: Option<String>,
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
    judge: Judge,
    records: Records,
    record: Record,
    /// Read ahead: the first row, or the faults of one.
    ahead: VecDeque<Result<Row, Fault>>,
    rows: u64,
    blank: u64,
    has_ended: bool,
    /// `None` for a workbook, which its reader holds as a whole, and for a pipe, which has no length.
    meter: Option<Meter>,
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

    /// The header of the column with the names.
    #[must_use]
    pub fn name_column(&self) -> &str {
        &self.judge.columns.headers()[self.judge.columns.name]
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
        at.is_some_and(|at| columns.have.is_none() && columns.description != Some(at))
    }

    /// How the description is made.
    #[must_use]
    pub fn describe(&self) -> &Describe {
        &self.describe
    }

    /// The places, in [`Sheet::columns`], of those that the prompt names besides name and description.
    #[must_use]
    pub fn told(&self) -> Vec<usize> {
        let (columns, prompt) = (&self.judge.columns, &self.judge.prompt);
        let sent = [Some(columns.name), columns.description];
        let named = prompt.iter().flat_map(|(_, binding)| binding.columns());
        named
            .copied()
            .filter(|at| !sent.contains(&Some(*at)))
            .collect()
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

    /// The digest of the bytes that were read, once all rows have come out; `None` before, and of a workbook and a pipe.
    /// [`digest`] gives the same for a file that holds the same bytes.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        self.meter.as_ref()?.digest()
    }

    /// The refusal of this sheet because of `fault`: reads on to its end, and gathers what else is wrong.
    #[must_use]
    pub fn refuse(mut self, fault: Fault) -> SheetError {
        let mut faults = vec![fault];
        let mut more = 0;
        for fault in self.by_ref().filter_map(Result::err) {
            if faults.len() < FAULTS_MAX {
                faults.push(fault);
            } else {
                more += 1;
            }
        }
        SheetError::faults(&self.source, faults, more)
    }

    fn new(
        source: Source,
        dialect: Dialect,
        describe: Describe,
        judge: Judge,
        records: Records,
    ) -> Self {
        let (record, ahead) = (Record::default(), VecDeque::new());
        Self {
            source,
            dialect,
            describe,
            judge,
            records,
            record,
            ahead,
            rows: 0,
            blank: 0,
            has_ended: false,
            meter: None,
        }
    }

    /// Reads ahead, so that a sheet without rows is refused before it is used.
    fn start(mut self) -> Result<Self, SheetError> {
        self.advance();
        if self.ahead.is_empty() {
            return Err(SheetError::NoCharacters {
                sheet: self.source,
                header: true,
            });
        }
        Ok(self)
    }

    /// Reads until something is ahead, or the sheet is at its end.
    fn advance(&mut self) {
        while self.ahead.is_empty() && !self.has_ended {
            match self.records.read(&mut self.record) {
                Ok(true) if self.record.is_blank() => self.blank += 1,
                Ok(true) => self.judge(),
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
