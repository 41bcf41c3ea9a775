//! Finds the header of a sheet, reads it and what stands above it, and finds the columns.
//!
//! Only the rows that were read in advance are looked at; the rows below the header stay unread.

use super::columns::{Columns, Guessed, Head};
use super::fault::{Fault, Problem};
use super::guess::{self, Header};
use super::judge::flaw_in_words;
use super::note::Note;
use super::record::Record;
use super::sample::Sampled;
use super::shown::Positions;
use super::source::Source;
use super::templates::Templates;
use super::{HeaderLine, Options, SheetError};
use crate::domain::formula::{as_text, restored};
use crate::domain::own_columns::{is_state, position};

/// What the header and the first rows show.
pub(super) struct Opened {
    pub(super) columns: Columns,
    pub(super) is_ours: bool,
    /// `None` if there is no header.
    pub(super) header_line: Option<u64>,
}

/// Finds the header, removes it and the rows above it, and finds the columns.
pub(super) fn read_header(
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
