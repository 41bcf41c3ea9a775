//! Which sheet of a workbook is read: the one that fits best, the first of those that fit equally well.
//!
//! The other sheets that fit are noted. Nothing is opened here.

use super::columns::Guessed;
use super::guess;
use super::note::Note;
use super::source::Source;
use super::{Sheet, SheetError};

/// The worksheets that can be read, each with its fit and its name.
pub(super) type Fitting = Vec<(Fit, String, Sheet)>;

/// The worksheets that cannot be read, each with its error.
pub(super) type Refused = Vec<(String, SheetError)>;

/// The worksheet that fits best, with a note about the others that fit.
pub(super) fn best_of(
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
pub(super) struct Fit {
    /// The worksheet is named after characters, and has a column for their names.
    is_cast: bool,
    /// 4 if name and description are found, less for each guess.
    columns: u8,
    /// Whether the worksheet is named after characters.
    is_called_so: bool,
}

impl Fit {
    pub(super) fn of(sheet: &Sheet, tab: &str) -> Self {
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

/// The worksheet with exactly this name, else the one whose name differs only in case.
pub(super) fn named_sheet(
    source: &Source,
    wanted: &str,
    sheets: Vec<String>,
) -> Result<String, SheetError> {
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
