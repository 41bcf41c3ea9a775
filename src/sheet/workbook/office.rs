//! A workbook of Excel since 2007: an archive with one part for the workbook, one for each worksheet, one for shared texts
//! and one for styles.
//!
//! The parts are XML (`.xlsx`, `.xlsm`) or records (`.xlsb`). Only worksheets with filled cells count; sheets of macros,
//! charts and dialogs are left out, and never a reason to refuse the file. Shared parts are read with the first worksheet.

use std::fs::File;

use super::budget::Budget;
use super::contents::{Named, no_workbook};
use super::grid::Grid;
use super::package::{Package, Relation};
use super::strings::Strings;
use super::styles::Styles;
use super::{Book, SheetEntry, Trouble, broken, xlsb, xlsx};

/// An open workbook.
pub(super) struct OfficeBook {
    form: Form,
    package: Package,
    /// The memory for all that is held of it.
    budget: Budget,
    entries: Vec<SheetEntry>,
    /// The part of each worksheet.
    parts: Vec<String>,
    strings_part: Option<String>,
    styles_part: Option<String>,
    is_1904: bool,
    shared: Option<Shared>,
}

/// The form of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Xml,
    Binary,
}

/// The content that all worksheets share.
struct Shared {
    strings: Strings,
    styles: Styles,
}

impl OfficeBook {
    /// Opens a file of this many bytes, of which at most `bytes_max` are held in memory.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub(super) fn open(
        form: Form,
        file: File,
        length: u64,
        bytes_max: u64,
    ) -> Result<Self, Trouble> {
        let mut package = Package::open(file, length)?;
        let mut budget = Budget::new(bytes_max);
        let part = match (package.main_part(&mut budget)?, form) {
            (Some(part), _) => part,
            (None, Form::Xml) => "xl/workbook.xml".to_owned(),
            (None, Form::Binary) => "xl/workbook.bin".to_owned(),
        };
        let is_binary = part.to_ascii_lowercase().ends_with(".bin");
        let contents = match form {
            Form::Xml if !is_binary => match package.xml(&part)? {
                Some(xml) => xlsx::read_workbook(xml, &mut budget)?,
                None => return Err(no_workbook()),
            },
            Form::Binary if is_binary => match package.records(&part)? {
                Some(records) => xlsb::read_workbook(records, &mut budget)?,
                None => return Err(no_workbook()),
            },
            _ => return Err(no_workbook()),
        };
        let relations = package.relations(&part, &mut budget)?;
        let (entries, parts) = worksheets(contents.sheets, &relations);
        let part_of = |kind: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map(|relation| relation.target.clone())
        };
        Ok(Self {
            strings_part: part_of("sharedStrings"),
            styles_part: part_of("styles"),
            form,
            package,
            budget,
            entries,
            parts,
            is_1904: contents.is_1904,
            shared: None,
        })
    }

    fn read_shared(&mut self) -> Result<Shared, Trouble> {
        let (package, budget) = (&mut self.package, &mut self.budget);
        let mut shared = Shared {
            strings: Strings::default(),
            styles: Styles::default(),
        };
        let strings = self.strings_part.as_deref().unwrap_or_default();
        let styles = self.styles_part.as_deref().unwrap_or_default();
        match self.form {
            Form::Xml => {
                if let Some(xml) = package.xml(strings)? {
                    shared.strings = xlsx::read_strings(xml, budget)?;
                }
                if let Some(xml) = package.xml(styles)? {
                    shared.styles = xlsx::read_styles(xml, budget)?;
                }
            }
            Form::Binary => {
                if let Some(records) = package.records(strings)? {
                    shared.strings = xlsb::read_strings(records, budget)?;
                }
                if let Some(records) = package.records(styles)? {
                    shared.styles = xlsb::read_styles(records, budget)?;
                }
            }
        }
        Ok(shared)
    }
}

impl Book for OfficeBook {
    fn sheets(&self) -> &[SheetEntry] {
        &self.entries
    }

    fn read(&mut self, index: usize) -> Result<Grid, Trouble> {
        let shared = match self.shared.take() {
            Some(shared) => shared,
            None => self.read_shared()?,
        };
        let Shared { strings, styles } = self.shared.insert(shared);
        let part = self.parts.get(index).map_or("", String::as_str);
        let missing = || broken("its archive has no part for this sheet");
        let mut grid = Grid::new(self.budget.left());
        match self.form {
            Form::Xml => {
                let xml = self.package.xml(part)?.ok_or_else(missing)?;
                xlsx::Cells::new(strings, styles, self.is_1904).read(xml, &mut grid)?;
            }
            Form::Binary => {
                let records = self.package.records(part)?.ok_or_else(missing)?;
                xlsb::Cells::new(strings, styles, self.is_1904).read(records, &mut grid)?;
            }
        }
        Ok(grid)
    }
}

/// The worksheets with filled cells, and the part of each. If the part of one is not named, it is kept, and refused when it
/// is read.
fn worksheets(sheets: Vec<Named>, relations: &[Relation]) -> (Vec<SheetEntry>, Vec<String>) {
    let sheets = sheets.into_iter().filter_map(|Named { entry, relation }| {
        match relations.iter().find(|known| known.id == relation) {
            Some(found) if found.kind == "worksheet" => Some((entry, found.target.clone())),
            Some(_) => None,
            None => Some((entry, String::new())),
        }
    });
    sheets.unzip()
}
