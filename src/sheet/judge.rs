//! Turns a record into a row, or reports all its faults.
//!
//! Everything that would be paid for is checked: a row needs a name and a description, its cells must be text, and a formula
//! must have a result. Every fault of a row is reported, except one that only follows from another. A row with nothing but a
//! check box, a zero or its own number is skipped. The importer, which has all rows, finds repeated row keys.

use std::sync::Arc;

use crate::domain::flag::Flags;
use crate::domain::formula::{as_text, restored};
use crate::domain::row::Row;

use super::binding::Binding;
use super::columns::{Columns, Described, folded};
use super::error_value::is_error;
use super::fault::{Fault, Problem};
use super::guess::SWITCHES;
use super::note::RowsKind;
use super::record::{Flaw, FlawKind, Record, is_blank};
use super::template::Template;

/// The requirements for a row of this sheet.
pub(super) struct Judge {
    pub(super) columns: Columns,
    pub(super) template: Option<(Template, Arc<Binding>)>,
    pub(super) prompt: Option<(Template, Arc<Binding>)>,
    /// `None` for a workbook: its rows have any length, and its cells have types.
    pub(super) delimiter: Option<char>,
    /// An export of this program wrote the text: an apostrophe before a formula belongs to the export.
    pub(super) is_ours: bool,
    /// The line of the header; 0 if there is none.
    pub(super) header_line: u64,
    /// A row without a name, or with nothing but a name, is a heading or a remark: the description is a guess.
    pub(super) is_lenient: bool,
}

/// A record that is not a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRow {
    /// No cell is filled.
    Blank,
    /// It has this in common with other skipped rows.
    Passed(RowsKind),
    /// It is the line of dashes below a header.
    Ruler,
}

impl Judge {
    /// The row; or `None`, with its faults added to `faults`.
    pub(super) fn row(&self, record: &Record, number: u64, faults: &mut Vec<Fault>) -> Option<Row> {
        let problems = self.problems_of_form(record);
        if !problems.is_empty() {
            faults.extend(problems);
            return None;
        }
        let mut problems = Vec::new();
        let row = self.read(record, number, &mut problems);
        let is_good = problems.is_empty();
        let at_this_line = |problem| Fault::at(record.line, problem);
        faults.extend(problems.into_iter().map(at_this_line));
        is_good.then_some(row)
    }

    /// Why the record is not a row, if so. `number` is its number if it is one.
    pub(super) fn no_row(&self, record: &Record, number: u64) -> Option<NoRow> {
        if record.is_blank() {
            return Some(NoRow::Blank);
        }
        let is_named = self
            .columns
            .name
            .iter()
            .any(|&at| !is_blank(self.cell(record, at)) || self.has_no_result(record, at));
        if !record.flaws().is_empty() {
            return None;
        }
        let mut filled = record.cells().map(str::trim).filter(|cell| !is_blank(cell));
        if !is_named {
            let is_described = match self.columns.described {
                Described::Column(at) => !is_blank(self.cell(record, at)),
                _ => false,
            };
            if is_described {
                return None;
            }
            let own = [
                number,
                record.line,
                record.line.saturating_sub(self.header_line),
            ];
            let is_own = |cell: &str| {
                cell.trim_end_matches('.')
                    .parse()
                    .is_ok_and(|cell: u64| own.contains(&cell))
            };
            let says_nothing = |cell: &str| cell == "0" || is_own(cell) || is_switch(cell);
            let otherwise = self.is_lenient.then_some(NoRow::Passed(RowsKind::Nameless));
            return if record.has_all_results() && filled.all(says_nothing) {
                Some(NoRow::Passed(RowsKind::Hollow))
            } else {
                otherwise
            };
        }
        if self.is_lenient && !self.says_anything(record) {
            return Some(NoRow::Passed(RowsKind::Bare));
        }
        let is_ruler = |cell: &str| {
            cell.len() > 1
                && cell
                    .bytes()
                    .all(|byte| matches!(byte, b'-' | b'=' | b':' | b'+'))
        };
        if filled.next().is_some_and(is_ruler) && filled.all(is_ruler) {
            return Some(NoRow::Ruler);
        }
        let is_header =
            self.header_line > 0
                && self.columns.width() > 1
                && self.columns.name.iter().all(|&at| {
                    folded(self.cell(record, at)) == folded(&self.columns.headers()[at])
                });
        is_header.then_some(NoRow::Passed(RowsKind::Header))
    }

    /// Whether a cell of the description is filled, or will be after its formula is calculated.
    fn says_anything(&self, record: &Record) -> bool {
        let says = |at: usize| !is_blank(self.cell(record, at)) || self.has_no_result(record, at);
        match (&self.template, &self.columns.described) {
            (Some((_, binding)), _) => binding.columns().iter().any(|&at| says(at)),
            (None, Described::Column(at)) => says(*at),
            (None, _) => true,
        }
    }

    /// Whether the row has cells to the right of the last header that are passed over.
    pub(super) fn passes_over_cells(&self, record: &Record) -> bool {
        let width = self.columns.width();
        self.is_lenient
            && !self.header_is_narrow(record.fields())
            && (width..record.fields()).any(|at| !is_blank(record.cell(at)))
    }

    /// Whether the row ends before the last column of the header. A row of a workbook may end anywhere.
    pub(super) fn is_short(&self, record: &Record) -> bool {
        self.delimiter.is_some() && record.fields() < self.columns.width()
    }

    /// Faults that make it unclear which cell belongs to which column; other faults are not looked for then.
    fn problems_of_form(&self, record: &Record) -> Vec<Fault> {
        let is_swallowed =
            |flaw: &Flaw| matches!(flaw.kind, FlawKind::CellTooLong | FlawKind::RowTooLong);
        let flaws = record.flaws();
        let never_closed = flaws
            .iter()
            .any(|flaw| flaw.kind == FlawKind::QuoteNeverClosed);
        let reported = flaws
            .iter()
            .filter(|flaw| !(never_closed && is_swallowed(flaw)));
        let mut faults: Vec<Fault> = reported
            .map(|flaw| flaw_in_words(*flaw, self.columns.shown_cell(flaw.cell)))
            .collect();
        if flaws.is_empty() {
            let beyond = self.beyond_the_header(record);
            faults.extend(
                beyond
                    .into_iter()
                    .map(|problem| Fault::at(record.line, problem)),
            );
        }
        faults
    }

    /// The cells to the right of the last header.
    fn beyond_the_header(&self, record: &Record) -> Vec<Problem> {
        let width = self.columns.width();
        let found = record.fields();
        let filled: Vec<usize> = (width..found)
            .filter(|&at| !is_blank(record.cell(at)))
            .collect();
        match (self.delimiter, &filled[..]) {
            (_, []) => Vec::new(),
            _ if self.passes_over_cells(record) => Vec::new(),
            (Some(delimiter), _) if self.header_is_narrow(found) => vec![Problem::Ragged {
                found,
                expected: width,
                delimiter,
            }],
            (_, filled) => filled
                .iter()
                .map(|&at| Problem::NoHeader {
                    column: self.columns.shown_cell(at),
                })
                .collect(),
        }
    }

    /// Whether the header has fewer cells than this, including empty ones at its end.
    fn header_is_narrow(&self, found: usize) -> bool {
        self.delimiter.is_some() && found > self.columns.fields
    }

    fn read(&self, record: &Record, number: u64, problems: &mut Vec<Problem>) -> Row {
        if record.text().as_bytes().contains(&0) {
            let cells = record
                .cells()
                .enumerate()
                .filter(|(_, cell)| cell.contains('\0'));
            problems.extend(cells.map(|(index, _)| Problem::Nul {
                column: self.columns.shown_cell(index),
            }));
        }
        let name = self.name(record);
        if is_blank(&name)
            && !self
                .columns
                .name
                .iter()
                .any(|&at| self.has_no_result(record, at))
        {
            problems.push(Problem::NoName);
        }
        let key = self.columns.key.map(|index| self.cell(record, index));
        if let Some((index, _)) = self.columns.key.zip(key).filter(|(_, key)| is_blank(key)) {
            problems.push(Problem::NoKey {
                column: self.columns.shown(index),
            });
        }
        self.find_errors(record, problems);
        let description = self.description(record, problems);
        self.try_prompt(record, problems);
        Row {
            line: record.line,
            number,
            key: key.map(str::to_owned),
            name,
            description,
            cells: (0..self.columns.kept)
                .map(|index| self.cell(record, index).to_owned())
                .collect(),
            have_flags: Flags::default(),
            have: self
                .columns
                .have
                .map(|index| self.cell(record, index))
                .filter(|have| !is_blank(have))
                .map(str::to_owned),
        }
    }

    /// The name: one cell unchanged, or several joined by a blank if the script uses blanks.
    fn name(&self, record: &Record) -> String {
        let cells = self.columns.name.iter().map(|&at| self.cell(record, at));
        if let [only] = self.columns.name[..] {
            return self.cell(record, only).to_owned();
        }
        cells.fold(String::new(), |mut name, cell| {
            let cell = cell.trim();
            let is_first = name.is_empty() || cell.is_empty();
            let is_joined = is_unspaced(&name) && is_unspaced(cell);
            if !is_first && !is_joined {
                name.push(' ');
            }
            name.push_str(cell);
            name
        })
    }

    fn has_no_result(&self, record: &Record, column: usize) -> bool {
        record.has_no_result(self.columns.cell(column))
    }

    /// Cells that are sent or imported as a story and are a failed formula, or one without a result.
    fn find_errors(&self, record: &Record, problems: &mut Vec<Problem>) {
        let bound: Vec<usize> = [&self.template, &self.prompt]
            .into_iter()
            .flatten()
            .flat_map(|(_, binding)| binding.columns().iter().copied())
            .collect();
        let described = match self.columns.described {
            Described::Column(at) => Some(at),
            _ => None,
        };
        let name = self.columns.name.iter().copied();
        let single = name.chain(
            [self.columns.key, described, self.columns.have]
                .into_iter()
                .flatten(),
        );
        let read = single.filter(|index| !bound.contains(index));
        for index in read.chain(bound.iter().copied()) {
            let cell = self.cell(record, index).trim();
            if self.has_no_result(record, index) {
                problems.push(Problem::NoResult {
                    column: self.columns.shown(index),
                });
            } else if is_error(cell) {
                problems.push(Problem::ErrorValue {
                    value: cell.to_owned(),
                    column: self.columns.shown(index),
                });
            }
        }
    }

    fn description(&self, record: &Record, problems: &mut Vec<Problem>) -> String {
        let (made, from) = match (&self.template, &self.columns.described) {
            (Some((template, binding)), _) => {
                let cells = binding
                    .columns()
                    .iter()
                    .map(|&index| self.cell(record, index));
                (template.render(binding, cells), binding.columns())
            }
            (None, Described::Column(at)) => (
                Ok(self.cell(record, *at).to_owned()),
                std::slice::from_ref(at),
            ),
            (None, _) => (Ok(String::new()), &[][..]),
        };
        match made {
            Ok(description) if is_blank(&description) => {
                if !from.iter().any(|&at| self.has_no_result(record, at)) {
                    problems.push(Problem::NoDescription);
                }
            }
            Ok(description) => return description,
            Err(problem) => problems.push(problem),
        }
        String::new()
    }

    /// A prompt that cannot be made for this row is a fault of the row; a prompt without columns is the same for all rows.
    fn try_prompt(&self, record: &Record, problems: &mut Vec<Problem>) {
        let Some((prompt, binding)) = &self.prompt else {
            return;
        };
        if !binding.columns().is_empty() {
            let cells = binding
                .columns()
                .iter()
                .map(|&index| self.cell(record, index));
            problems.extend(prompt.render(binding, cells).err());
        }
    }

    /// The cell of a column as its writer means it.
    fn cell<'r>(&self, record: &'r Record, column: usize) -> &'r str {
        let cell = record.cell(self.columns.cell(column));
        match self.delimiter {
            None => cell,
            Some(_) if self.is_ours => restored(cell),
            Some(_) => as_text(cell),
        }
    }
}

/// Whether a cell is a check box or similar.
fn is_switch(cell: &str) -> bool {
    SWITCHES.contains(&cell.to_lowercase().as_str())
}

/// Whether the script of the text puts no blanks between words.
fn is_unspaced(text: &str) -> bool {
    let is_unspaced = |char| matches!(char, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}');
    text.chars().next().is_some_and(is_unspaced)
}

/// The fault in the form of a cell, with the column as messages show it.
pub(super) fn flaw_in_words(flaw: Flaw, column: String) -> Fault {
    let problem = match flaw.kind {
        FlawKind::TextAfterQuote => Problem::TextAfterQuote { column },
        FlawKind::QuoteRunsOn { met } => Problem::QuoteRunsOn { met },
        FlawKind::QuoteNeverClosed => Problem::QuoteNeverClosed,
        FlawKind::QuoteBehindBlank => Problem::QuoteBehindBlank { column },
        FlawKind::CellTooLong => Problem::CellTooLong { column },
        FlawKind::RowTooLong => Problem::RowTooLong,
    };
    Fault::at(flaw.line, problem)
}
