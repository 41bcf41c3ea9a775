//! Why a sheet cannot be used.
//!
//! Each error says what was read and what was found; its hint says what the user can do. Nothing was sent or stored before
//! an error. An error never contains the text of its source: the caller that reports it joins the chain.

use std::fmt::{self, Write};
use std::io;

use super::Source;
use super::fault::Fault;
use super::foreign::Foreign;
use super::role::Role;
use super::shown::{listed, shown};
use super::template_kind::TemplateKind;

/// The most faults that a message lists; the rest is counted.
pub(crate) const FAULTS_MAX: usize = 20;
/// The most worksheets whose errors a message lists.
const SHEETS_MAX: usize = 8;

/// An option that only one kind of sheet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetOption {
    /// The sheet of a workbook.
    Sheet,
    /// What separates the cells of a text.
    Delimiter,
    /// The encoding of a text.
    Encoding,
}

impl fmt::Display for SheetOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sheet => "sheet",
            Self::Delimiter => "delimiter",
            Self::Encoding => "encoding",
        })
    }
}

/// Why a sheet cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file is missing, forbidden or broken.
    #[error("cannot read {}", sheet.named())]
    CannotRead {
        /// The source.
        sheet: Source,
        /// The error of the system.
        source: io::Error,
    },
    /// The path is a folder.
    #[error("cannot read {}: it is a folder", sheet.named())]
    Folder {
        /// The source.
        sheet: Source,
    },
    /// A workbook that cannot be read, for example because it was cut.
    #[error("cannot read {} as a workbook: {reason}", sheet.named())]
    BrokenWorkbook {
        /// The source.
        sheet: Source,
        /// The error of its reader.
        reason: String,
    },
    /// A workbook that is encrypted.
    #[error("cannot read {}: it is protected by a password", sheet.named())]
    Locked {
        /// The source.
        sheet: Source,
    },
    /// A workbook from a pipe, where only text can be read.
    #[error("cannot read {}: it is a workbook, but only text can be read from a pipe", sheet.named())]
    WorkbookInPipe {
        /// The source.
        sheet: Source,
    },
    /// Rows or the header have faults; the first `FAULTS_MAX` are listed.
    #[error("cannot read {}: {}", sheet.named(), fault_lines(faults, *count, *more))]
    Faults {
        /// The source.
        sheet: Source,
        /// The first faults, in the order of the sheet; neighbours with the same problem are one.
        faults: Vec<Fault>,
        /// The number of all faults.
        count: u64,
        /// The number of faults that are not in `faults`.
        more: u64,
    },
    /// The sheet is empty, or has only a header.
    #[error("{} has no characters: {}", sheet.named(), emptiness(*header))]
    NoCharacters {
        /// The source.
        sheet: Source,
        /// Whether there is a header.
        header: bool,
    },
    /// A required column is missing.
    #[error("{} has no column {}: {}", sheet.named(), role.wanted(named.as_deref()), existing(columns))]
    MissingColumn {
        /// The source.
        sheet: Source,
        /// The role of the column.
        role: Role,
        /// The name in the switch, if it was given.
        named: Option<String>,
        /// The columns that exist.
        columns: Vec<String>,
        /// Whether the names come from the sheet, and are not letters.
        has_header: bool,
    },
    /// The line given with `--header-line` does not exist, is empty, or is too far down.
    #[error("{} has no header in line {line}", sheet.named())]
    NoHeaderLine {
        /// The source.
        sheet: Source,
        /// The given line.
        line: u64,
    },
    /// A file of another kind.
    #[error("cannot read {}: it is {kind}", sheet.named())]
    NoSheet {
        /// The source.
        sheet: Source,
        /// The kind of the file.
        kind: Foreign,
    },
    /// The template uses no column, so every character would get the same text.
    #[error("the template uses no column, so all characters would get the same description")]
    TemplateNamesNothing {
        /// The columns that exist.
        columns: Vec<String>,
    },
    /// More than one column fits.
    #[error("{} has more than one column {}: {}", sheet.named(), role.wanted(None), listed(candidates))]
    AmbiguousColumn {
        /// The source.
        sheet: Source,
        /// The role of the column.
        role: Role,
        /// The columns that fit.
        candidates: Vec<String>,
    },
    /// The workbook has no worksheet with the name given with `--sheet`.
    #[error("{} has no sheet `{}`: its sheets are {}", sheet.named(), shown(wanted), listed(sheets))]
    UnknownSheet {
        /// The source.
        sheet: Source,
        /// The given name.
        wanted: String,
        /// The worksheets that exist.
        sheets: Vec<String>,
    },
    /// None of the worksheets has the columns.
    #[error("no sheet of {} has all needed columns: {}", sheet.named(), lacking(refusals))]
    NoSheetFits {
        /// The source.
        sheet: Source,
        /// The worksheets, each with its error.
        refusals: Vec<(String, SheetError)>,
    },
    /// An option for the other kind of sheet.
    #[error("the {option} cannot be chosen for {}: it is {found}", sheet.named())]
    NotApplicable {
        /// The source.
        sheet: Source,
        /// The option.
        option: SheetOption,
        /// The kind of the sheet.
        found: &'static str,
    },
    /// `--delimiter` with a value that cannot separate cells.
    #[error("a {what} cannot separate cells")]
    BadDelimiter {
        /// The value.
        what: &'static str,
    },
    /// `--encoding` with an unknown label.
    #[error("unknown encoding `{}`", shown(label))]
    UnknownEncoding {
        /// The label.
        label: String,
    },
    /// The template is not well-formed.
    #[error("cannot parse line {line} of the {what}: {reason}")]
    TemplateSyntax {
        /// The kind of the template.
        what: TemplateKind,
        /// The line in the template, counted from 1.
        line: usize,
        /// The error of the template engine.
        reason: String,
    },
    /// `columns` in a template without the name of a column in quotes.
    #[error("the {what} uses `columns` without the name of a column in quotes")]
    TemplateSubscript {
        /// The kind of the template.
        what: TemplateKind,
    },
    /// The template uses columns that do not exist.
    #[error("the {what} uses {}: {} has no such column, {}", listed(unknown), sheet.named(), existing(columns))]
    TemplateColumn {
        /// The kind of the template.
        what: TemplateKind,
        /// The source.
        sheet: Source,
        /// The columns in the template.
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
        /// The kind of the template.
        what: TemplateKind,
        /// The name in the template.
        variable: String,
        /// The columns that it fits.
        candidates: Vec<String>,
    },
}

impl SheetError {
    /// The error for a sheet with these faults: the first `FAULTS_MAX` in the order of their lines. The others and `more`
    /// are counted.
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

/// Collects the faults of a sheet: the first ones are kept, and neighbours with the same problem become one.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
    /// The number of faults, without `more`.
    count: u64,
    more: u64,
    /// The line of the last row with a fault, and of the one before it, if there is no good row between.
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

    /// A good row: the faults before and after it are not neighbours.
    pub(super) fn good_row(&mut self) {
        self.last = None;
        self.before = None;
    }

    /// The error for the sheet.
    pub(super) fn refusal(self, sheet: &Source) -> SheetError {
        let listed = self.count.saturating_sub(self.more);
        SheetError::Faults {
            sheet: sheet.clone(),
            faults: self.kept,
            count: listed.saturating_add(self.more),
            more: self.more,
        }
    }
}

/// One fault on the same line, several on lines of their own.
fn fault_lines(faults: &[Fault], count: u64, more: u64) -> String {
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

/// The error of each worksheet, for the first [`SHEETS_MAX`] of them.
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
