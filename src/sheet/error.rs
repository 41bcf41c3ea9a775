//! Why a sheet cannot be used.
//!
//! Each error says what was looked at and what was found; its hint says what to do now. Nothing has been sent and nothing
//! stored when one appears. The text of a source is never repeated: who reports joins the chain.

use std::fmt::Write;
use std::io;

use super::Source;
use super::fault::Fault;
use super::foreign::Foreign;
use super::role::Role;
use super::shown::{listed, shown};
use super::template::What;

/// So many faults are told one by one; the rest is counted.
pub const FAULTS_MAX: usize = 20;
/// Of so many sheets of a workbook it is told what they lack.
const SHEETS_MAX: usize = 8;

/// Why a sheet cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file is missing, forbidden or broken.
    #[error("cannot read {}", sheet.named())]
    CannotRead {
        /// What was to be read.
        sheet: Source,
        /// What the system says.
        source: io::Error,
    },
    /// The path is a folder.
    #[error("cannot read {}: it is a folder", sheet.named())]
    Folder {
        /// What was to be read.
        sheet: Source,
    },
    /// A workbook that cannot be understood, as when it was cut.
    #[error("cannot read {} as a workbook: {reason}", sheet.named())]
    BrokenWorkbook {
        /// What was to be read.
        sheet: Source,
        /// What its reader says.
        reason: String,
    },
    /// A workbook that is encrypted.
    #[error("cannot read {}: it is protected by a password", sheet.named())]
    Locked {
        /// What was to be read.
        sheet: Source,
    },
    /// A workbook where only text can be read, from a pipe.
    #[error("cannot read {}: it is a workbook, but only text can be read from a pipe", sheet.named())]
    WorkbookInPipe {
        /// What was to be read.
        sheet: Source,
    },
    /// Rows or the header are wrong; all faults of the sheet, the first [`FAULTS_MAX`] one by one.
    #[error("cannot read {}: {}", sheet.named(), told(faults, *count, *more))]
    Faults {
        /// What was read.
        sheet: Source,
        /// The first of them, in the order of the sheet; neighbours with the same problem as one.
        faults: Vec<Fault>,
        /// How many there are in all.
        count: u64,
        /// How many of them stand beyond `faults`.
        more: u64,
    },
    /// Nothing, or nothing but a header.
    #[error("{} has no characters: {}", sheet.named(), emptiness(*header))]
    NoCharacters {
        /// What was read.
        sheet: Source,
        /// Whether there is a header at least.
        header: bool,
    },
    /// A column that is needed is not there.
    #[error("{} has no column {}: {}", sheet.named(), role.wanted(named.as_deref()), existing(columns))]
    MissingColumn {
        /// What was read.
        sheet: Source,
        /// What it is needed for.
        role: Role,
        /// The name that was asked for with the switch, if one was.
        named: Option<String>,
        /// The columns that exist.
        columns: Vec<String>,
        /// Whether they are named by the sheet itself, and not by letters.
        has_header: bool,
    },
    /// The line given with `--header-line` is not there, is empty, or is too far down.
    #[error("{} has no header in line {line}", sheet.named())]
    NoHeaderLine {
        /// What was read.
        sheet: Source,
        /// What was asked for.
        line: u64,
    },
    /// A file of another kind.
    #[error("cannot read {}: it is {kind}", sheet.named())]
    NoSheet {
        /// What was to be read.
        sheet: Source,
        /// What it is.
        kind: Foreign,
    },
    /// The template names no column, so every character would get the same text.
    #[error("the template uses no column, so all characters would get the same description")]
    TemplateNamesNothing {
        /// The columns that exist.
        columns: Vec<String>,
    },
    /// More than one column would do.
    #[error("{} has more than one column {}: {}", sheet.named(), role.wanted(None), listed(candidates))]
    AmbiguousColumn {
        /// What was read.
        sheet: Source,
        /// What it is needed for.
        role: Role,
        /// Those that would do.
        candidates: Vec<String>,
    },
    /// The workbook has no sheet of the name given with `--sheet`.
    #[error("{} has no sheet `{}`: its sheets are {}", sheet.named(), shown(wanted), listed(sheets))]
    UnknownSheet {
        /// What was read.
        sheet: Source,
        /// What was asked for.
        wanted: String,
        /// The sheets that exist.
        sheets: Vec<String>,
    },
    /// None of several sheets of a workbook has the columns.
    #[error("no sheet of {} has all needed columns: {}", sheet.named(), lacking(refusals))]
    NoSheetFits {
        /// What was read.
        sheet: Source,
        /// The sheets that were looked at, each with its own refusal.
        refusals: Vec<(String, SheetError)>,
    },
    /// A switch for the other kind of sheet.
    #[error("`{switch}` cannot be used with {}: it is {found}", sheet.named())]
    NotApplicable {
        /// What was read.
        sheet: Source,
        /// The switch.
        switch: &'static str,
        /// What the sheet is.
        found: &'static str,
    },
    /// `--delimiter` with something that cannot separate cells.
    #[error("a {what} cannot separate cells")]
    BadDelimiter {
        /// What it is.
        what: &'static str,
    },
    /// `--encoding` with a label that nobody knows.
    #[error("unknown encoding `{}`", shown(label))]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// The template is not well-formed.
    #[error("cannot parse line {line} of the {what}: {reason}")]
    TemplateSyntax {
        /// What it makes.
        what: What,
        /// The line in the template, counted from 1.
        line: usize,
        /// What its engine says.
        reason: String,
    },
    /// `columns` in a template without the name of a column in quotes.
    #[error("the {what} uses `columns` without the name of a column in quotes")]
    TemplateSubscript {
        /// What it makes.
        what: What,
    },
    /// The template names columns that do not exist.
    #[error("the {what} uses {}: {} has no such column, {}", listed(unknown), sheet.named(), existing(columns))]
    TemplateColumn {
        /// What it makes.
        what: What,
        /// What was read.
        sheet: Source,
        /// What the template names.
        unknown: Vec<String>,
        /// The columns that exist.
        columns: Vec<String>,
    },
    /// A name in the template fits several columns.
    #[error(
        "`{}` in the {what} matches several columns: {}",
        shown(variable),
        listed(candidates)
    )]
    TemplateAmbiguous {
        /// What it makes.
        what: What,
        /// What the template names.
        variable: String,
        /// The columns it fits.
        candidates: Vec<String>,
    },
}

impl SheetError {
    /// The refusal of a sheet with these faults: the first [`FAULTS_MAX`] in the order of their lines, the others and `more` as a
    /// number.
    #[must_use]
    pub fn faults(sheet: &Source, mut faults: Vec<Fault>, more: u64) -> Self {
        faults.sort_by_key(|fault| fault.line);
        let mut gathered = Faults::default();
        for fault in faults {
            gathered.add(fault);
        }
        gathered.more = gathered.more.saturating_add(more);
        gathered.refusal(sheet)
    }
}

/// The faults of a sheet as they come: the first are kept one by one, neighbours with the same problem as one.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
    /// How many there are in all, besides `more`.
    count: u64,
    more: u64,
    /// The line of the last faulty row, and of the one before it, if no good row stands between.
    last: Option<u64>,
    before: Option<u64>,
}

impl Faults {
    /// Adds a fault. Faults come in the order of the sheet.
    pub(super) fn add(&mut self, fault: Fault) {
        if self.last != Some(fault.line) {
            self.before = self.last.replace(fault.line);
        }
        self.count += 1;
        let is_next = |kept: &&mut Fault| {
            kept.problem == fault.problem
                && kept.problem.may_be_a_range()
                && kept.last_line != fault.line
                && Some(kept.last_line) == self.before
        };
        if let Some(kept) = self.kept.iter_mut().find(is_next) {
            kept.last_line = fault.last_line;
        } else if self.kept.len() < FAULTS_MAX {
            self.kept.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// A good row: the faults before it and behind it are no neighbours.
    pub(super) fn good_row(&mut self) {
        self.last = None;
        self.before = None;
    }

    /// The refusal of the sheet because of them.
    pub(super) fn refusal(self, sheet: &Source) -> SheetError {
        let told = self.count.saturating_sub(self.more);
        SheetError::Faults {
            sheet: sheet.clone(),
            faults: self.kept,
            count: told.saturating_add(self.more),
            more: self.more,
        }
    }
}

/// One fault behind the colon, several as lines under it.
fn told(faults: &[Fault], count: u64, more: u64) -> String {
    if let ([fault], 0) = (faults, more) {
        return fault.to_string();
    }
    let mut out = format!("{count} faults");
    for fault in faults {
        let _ = write!(out, "\n  {fault}");
    }
    if more > 0 {
        let _ = write!(out, "\n  and {more} more");
    }
    out
}

fn emptiness(header: bool) -> &'static str {
    if header {
        "there is no row under its header"
    } else {
        "it is empty"
    }
}

fn existing(columns: &[String]) -> String {
    let are = if columns.len() == 1 {
        "only column is"
    } else {
        "columns are"
    };
    format!("its {are} {}", listed(columns))
}

/// What each sheet of a workbook lacks, or the first [`SHEETS_MAX`] of them.
fn lacking(refusals: &[(String, SheetError)]) -> String {
    let lacks = refusals.iter().take(SHEETS_MAX).map(|(name, refusal)| {
        let what = match refusal {
            SheetError::MissingColumn { role, named, .. } => match named {
                Some(named) => format!("has no `{}`", shown(named)),
                None => format!("has none {}", role.wanted(None)),
            },
            SheetError::TemplateColumn { unknown, .. } => format!("has no {}", listed(unknown)),
            SheetError::NoCharacters { .. } => "is empty".to_owned(),
            _ => "has faults".to_owned(),
        };
        format!("`{}` {what}", shown(name))
    });
    let mut out = lacks.collect::<Vec<_>>().join(", ");
    if let Some(more) = refusals
        .len()
        .checked_sub(SHEETS_MAX)
        .filter(|&more| more > 0)
    {
        let _ = write!(out, " and {more} more");
    }
    out
}
