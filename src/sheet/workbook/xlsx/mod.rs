//! A workbook of Excel since 2007, `.xlsx` and `.xlsm`, from its own XML.
//!
//! Only sheets with cells are there; sheets of macros, charts and dialogs are left out, and never a reason to refuse the
//! file. A cell shows what its format shows. A formula is not computed: the result that was stored counts, and one without a
//! result is held as such. Texts in two scripts are read without their readings.

mod cells;
mod escape;
mod strings;
mod styles;

use std::fs::File;
use std::io::BufRead;

use super::budget::Budget;
use super::grid::Grid;
use super::package::Package;
use super::xml::{Piece, Tag, Xml};
use super::{Book, SheetEntry, Trouble, Visibility, broken};

use cells::Cells;
use strings::Strings;
use styles::Styles;

/// An open workbook.
pub(super) struct Xlsx {
    package: Package,
    /// For everything that is held of it.
    budget: Budget,
    entries: Vec<SheetEntry>,
    /// The part of each sheet.
    parts: Vec<String>,
    strings_part: Option<String>,
    styles_part: Option<String>,
    is_1904: bool,
    /// What all sheets share, once one is read.
    shared: Option<Shared>,
}

struct Shared {
    strings: Strings,
    styles: Styles,
}

/// What the part of the workbook says of one sheet.
struct Named {
    entry: SheetEntry,
    /// The relation that names its part.
    relation: String,
}

impl Xlsx {
    /// Opens a file of so many bytes, of which at most `bytes_max` are held in memory.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(super) fn open(file: File, length: u64, bytes_max: u64) -> Result<Self, Trouble> {
        let mut package = Package::open(file, length)?;
        let mut budget = Budget::new(bytes_max);
        let document = package
            .relations("", &mut budget)?
            .into_iter()
            .find(|relation| relation.kind == "officeDocument");
        let part = document.map_or("xl/workbook.xml".to_owned(), |relation| relation.target);
        if part.to_ascii_lowercase().ends_with(".bin") {
            return Err(broken("it is a workbook in binary form, `.xlsb`"));
        }
        let relations = package.relations(&part, &mut budget)?;
        let xml = package.xml(&part)?;
        let (named, is_1904) = read_workbook(xml.ok_or_else(no_workbook)?, &mut budget)?;
        let (mut entries, mut parts) = (Vec::new(), Vec::new());
        for Named { entry, relation } in named {
            let found = relations.iter().find(|known| known.id == relation);
            match found {
                Some(found) if found.kind != "worksheet" => {}
                Some(found) => {
                    entries.push(entry);
                    parts.push(found.target.clone());
                }
                None => {
                    entries.push(entry);
                    parts.push(String::new());
                }
            }
        }
        let part_of = |kind: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map(|relation| relation.target.clone())
        };
        Ok(Self {
            strings_part: part_of("sharedStrings"),
            styles_part: part_of("styles"),
            package,
            budget,
            entries,
            parts,
            is_1904,
            shared: None,
        })
    }

    /// Reads what all sheets share.
    fn share(&mut self) -> Result<Shared, Trouble> {
        let strings = match &self.strings_part {
            Some(part) => match self.package.xml(part)? {
                Some(xml) => Strings::read(xml, &mut self.budget)?,
                None => Strings::default(),
            },
            None => Strings::default(),
        };
        let styles = match &self.styles_part {
            Some(part) => match self.package.xml(part)? {
                Some(xml) => Styles::read(xml, &mut self.budget)?,
                None => Styles::default(),
            },
            None => Styles::default(),
        };
        Ok(Shared { strings, styles })
    }
}

impl Book for Xlsx {
    fn sheets(&self) -> &[SheetEntry] {
        &self.entries
    }

    fn read(&mut self, index: usize) -> Result<Grid, Trouble> {
        let shared = match self.shared.take() {
            Some(shared) => shared,
            None => self.share()?,
        };
        let shared = self.shared.insert(shared);
        let part = self.parts.get(index).map_or("", String::as_str);
        let xml = self.package.xml(part)?;
        let xml =
            xml.ok_or_else(|| broken("the part of the archive with this sheet is missing"))?;
        let mut grid = Grid::new(self.budget.left());
        Cells::new(&shared.strings, &shared.styles, self.is_1904).read(xml, &mut grid)?;
        Ok(grid)
    }
}

fn no_workbook() -> Trouble {
    broken("it is a zip archive without a workbook in it")
}

/// The sheets of every kind, and whether days are counted from 1904.
fn read_workbook<R: BufRead>(
    mut xml: Xml<R>,
    budget: &mut Budget,
) -> Result<(Vec<Named>, bool), Trouble> {
    let mut named = Vec::new();
    let mut is_1904 = false;
    let mut is_workbook = false;
    loop {
        match xml.next()? {
            Piece::Start(tag) => match tag.name() {
                "workbook" => is_workbook = true,
                "workbookPr" => is_1904 = tag.attribute("date1904")?.is_some_and(|on| is_on(&on)),
                "sheet" => named.extend(sheet(&tag, budget)?),
                _ => {}
            },
            Piece::Nothing if is_workbook => return Ok((named, is_1904)),
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
