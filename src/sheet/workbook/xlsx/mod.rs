//! Reads the parts of an `.xlsx` or `.xlsm`, which are XML.
//!
//! A cell has the text that its format shows. A formula is not calculated: its stored result counts, and a formula without
//! one is marked. Names of tags count without their namespace, so both forms of the standard are read.

mod cells;
mod escape;
mod styles;
mod text;

use std::io::BufRead;

use super::budget::Budget;
use super::contents::{Contents, Named, no_workbook};
use super::xml::{Piece, Tag, Xml};
use super::{SheetEntry, Trouble, Visibility};

pub(super) use cells::Cells;
pub(super) use styles::read_styles;
pub(super) use text::read_strings;

/// Reads the part of the workbook, which has sheets of every kind.
///
/// # Errors
///
/// [`Trouble`].
pub(super) fn read_workbook<R: BufRead>(
    mut xml: Xml<R>,
    budget: &mut Budget,
) -> Result<Contents, Trouble> {
    let mut contents = Contents::default();
    let mut is_workbook = false;
    loop {
        match xml.next()? {
            Piece::Start(tag) => match tag.name() {
                "workbook" => is_workbook = true,
                "workbookPr" => {
                    // An extension after it has a tag of the same name.
                    if let Some(value) = tag.attribute("date1904")? {
                        contents.is_1904 = is_on(&value);
                    }
                }
                "sheet" => contents.sheets.extend(sheet(&tag, budget)?),
                _ => {}
            },
            Piece::Nothing if is_workbook => return Ok(contents),
            Piece::Nothing => return Err(no_workbook()),
            _ => {}
        }
    }
}

fn sheet(tag: &Tag, budget: &mut Budget) -> Result<Option<Named>, Trouble> {
    let (Some(name), Some(relation)) = (tag.attribute("name")?, tag.attribute("id")?) else {
        return Ok(None);
    };
    let visibility = match tag.attribute("state")?.as_deref() {
        Some("hidden" | "veryHidden") => Visibility::Hidden,
        _ => Visibility::Visible,
    };
    budget.take(size_of::<Named>() + name.len() + relation.len())?;
    let entry = SheetEntry { name, visibility };
    Ok(Some(Named { entry, relation }))
}

/// Whether an attribute switches something on.
fn is_on(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}
