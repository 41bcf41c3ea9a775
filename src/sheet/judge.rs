//! A record → a row, or all that is wrong with it.
//!
//! What is judged is what would be paid for: a row without a name or a description, a cell that is no text, a formula that
//! failed. Every fault of a row is told, but not what only follows from another. Whether a key stands twice is left to who
//! holds all rows.

use std::sync::Arc;

use crate::domain::formula::restored;
use crate::domain::row::Row;

use super::binding::Binding;
use super::cell::is_error;
use super::columns::Columns;
use super::fault::{Fault, Problem};
use super::record::{Flaw, FlawKind, Record};
use super::template::Template;

/// What a row of this sheet has to be.
pub(super) struct Judge {
    pub(super) columns: Columns,
    pub(super) template: Option<(Template, Arc<Binding>)>,
    pub(super) prompt: Option<(Template, Arc<Binding>)>,
    /// `None` for a workbook, whose rows are as long as they happen to be filled, and whose cells carry a type.
    pub(super) delimiter: Option<char>,
}

impl Judge {
    /// The row, or what is wrong with it, added to `faults`.
    pub(super) fn row(&self, record: &Record, number: u64, faults: &mut Vec<Fault>) -> Option<Row> {
        let problems = self.problems_of_form(record);
        if !problems.is_empty() {
            faults.extend(problems);
            return None;
        }
        let mut problems = Vec::new();
        let row = self.read(record, number, &mut problems);
        let is_good = problems.is_empty();
        faults.extend(problems.into_iter().map(|problem| Fault {
            line: record.line,
            problem,
        }));
        is_good.then_some(row)
    }

    /// What is wrong before any cell is read: as long as this is not right, nobody knows which cell is which.
    fn problems_of_form(&self, record: &Record) -> Vec<Fault> {
        let is_swallowed =
            |flaw: &Flaw| matches!(flaw.kind, FlawKind::CellTooLong | FlawKind::RowTooLong);
        let flaws = record.flaws();
        let never_closed = flaws
            .iter()
            .any(|flaw| flaw.kind == FlawKind::QuoteNeverClosed);
        let told = flaws
            .iter()
            .filter(|flaw| !(never_closed && is_swallowed(flaw)));
        let mut faults: Vec<Fault> = told
            .map(|flaw| flaw_in_words(*flaw, self.columns.shown(flaw.cell)))
            .collect();
        let problem = self.ragged(record).filter(|_| flaws.is_empty());
        faults.extend(problem.map(|problem| Fault {
            line: record.line,
            problem,
        }));
        faults
    }

    fn ragged(&self, record: &Record) -> Option<Problem> {
        let headers = self.columns.headers().len();
        let found = record.fields();
        if let Some(delimiter) = self
            .delimiter
            .filter(|_| found < headers || found > self.columns.fields)
        {
            return Some(Problem::Ragged {
                found,
                expected: headers,
                delimiter,
            });
        }
        let beyond = (headers..found).find(|&index| !record.cell(index).trim().is_empty())?;
        Some(Problem::NoHeader {
            column: self.columns.shown(beyond),
        })
    }

    fn read(&self, record: &Record, number: u64, problems: &mut Vec<Problem>) -> Row {
        if record.text().as_bytes().contains(&0) {
            let cells = record
                .cells()
                .enumerate()
                .filter(|(_, cell)| cell.contains('\0'));
            problems.extend(cells.map(|(index, _)| Problem::Nul {
                column: self.columns.shown(index),
            }));
        }
        let name = self.cell(record, self.columns.name);
        if is_blank(name) {
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
            name: name.to_owned(),
            description,
            cells: (0..self.columns.kept)
                .map(|index| self.cell(record, index).to_owned())
                .collect(),
            have: self
                .columns
                .have
                .map(|index| self.cell(record, index))
                .filter(|have| !is_blank(have))
                .map(str::to_owned),
        }
    }

    /// Failed formulas in the cells that would be sent or taken for a story.
    fn find_errors(&self, record: &Record, problems: &mut Vec<Problem>) {
        let bound: Vec<usize> = [&self.template, &self.prompt]
            .into_iter()
            .flatten()
            .flat_map(|(_, binding)| binding.columns().iter().copied())
            .collect();
        let single = [
            Some(self.columns.name),
            self.columns.key,
            self.columns.description,
            self.columns.have,
        ];
        let read = single
            .into_iter()
            .flatten()
            .filter(|index| !bound.contains(index));
        for index in read.chain(bound.iter().copied()) {
            let cell = self.cell(record, index).trim();
            if record.has_no_result(index) {
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
        let made = match (&self.template, self.columns.description) {
            (Some((template, binding)), _) => template.render(
                binding,
                binding
                    .columns()
                    .iter()
                    .map(|&index| self.cell(record, index)),
            ),
            (None, column) => Ok(column
                .map_or("", |index| self.cell(record, index))
                .to_owned()),
        };
        match made {
            Ok(description) if is_blank(&description) => problems.push(Problem::NoDescription),
            Ok(description) => return description,
            Err(problem) => problems.push(problem),
        }
        String::new()
    }

    /// A prompt that cannot be made of this row is a fault of the row; where it names no column it is the same for all.
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

    fn cell<'r>(&self, record: &'r Record, index: usize) -> &'r str {
        let cell = record.cell(index);
        if self.delimiter.is_some() {
            restored(cell)
        } else {
            cell
        }
    }
}

fn is_blank(cell: &str) -> bool {
    cell.trim_start().is_empty()
}

/// What is wrong with the form of a cell, in the column that is shown.
pub(super) fn flaw_in_words(flaw: Flaw, column: String) -> Fault {
    let problem = match flaw.kind {
        FlawKind::TextAfterQuote => Problem::TextAfterQuote { column },
        FlawKind::QuoteRunsOn { met } => Problem::QuoteRunsOn { met },
        FlawKind::QuoteNeverClosed => Problem::QuoteNeverClosed,
        FlawKind::CellTooLong => Problem::CellTooLong { column },
        FlawKind::RowTooLong => Problem::RowTooLong,
    };
    Fault {
        line: flaw.line,
        problem,
    }
}
