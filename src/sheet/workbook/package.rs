//! The zip archive of a newer workbook: its parts, and their relations.
//!
//! Parts are found without regard to the case of their names and the kind of slash between folders. Only parts that are read
//! are unpacked, as a stream.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use zip::ZipArchive;

use super::budget::Budget;
use super::records::Records;
use super::xml::{Piece, Xml};
use super::{Trouble, broken};

/// The bytes that a part of any file may unpack to.
const UNPACKED_FREE: u64 = 512 * 1024 * 1024;
/// Beyond that, this factor of the size of the file.
const UNPACKED_TIMES: u64 = 50;

/// The bytes that are unpacked at a time.
const BLOCK: usize = 64 * 1024;

/// An open archive.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
    /// The position of each part in the archive, by its name from [`folded`].
    parts: HashMap<String, usize>,
    unpacked_max: u64,
}

/// A relation: one part uses another.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// The identifier of the relation.
    pub(super) id: String,
    /// The last word of its type: `worksheet`, `styles`.
    pub(super) kind: String,
    /// The name of the other part.
    pub(super) target: String,
}

impl Package {
    /// Opens a file of so many bytes.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if this is not a zip archive.
    pub(super) fn open(file: File, length: u64) -> Result<Self, Trouble> {
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|_| broken("it is cut off or damaged"))?;
        let names = archive.file_names().enumerate();
        let parts = names.filter_map(|(index, name)| Some((folded(&name.ok()?), index)));
        Ok(Self {
            parts: parts.collect(),
            archive,
            unpacked_max: UNPACKED_FREE.saturating_add(length.saturating_mul(UNPACKED_TIMES)),
        })
    }

    /// The part of this name as a stream of XML; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if it cannot be unpacked.
    pub(super) fn xml<'package>(
        &'package mut self,
        name: &str,
    ) -> Result<Option<Xml<impl BufRead + use<'package>>>, Trouble> {
        let unpacked_max = self.unpacked_max;
        let part = self.part(name)?;
        Ok(part.map(|part| Xml::new(part, unpacked_max)))
    }

    /// The part of this name as a stream of records in binary form; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if it cannot be unpacked.
    pub(super) fn records<'package>(
        &'package mut self,
        name: &str,
    ) -> Result<Option<Records<impl BufRead + use<'package>>>, Trouble> {
        let unpacked_max = self.unpacked_max;
        let part = self.part(name)?;
        Ok(part.map(|part| Records::new(part, unpacked_max)))
    }

    fn part<'package>(
        &'package mut self,
        name: &str,
    ) -> Result<Option<impl BufRead + use<'package>>, Trouble> {
        let Some(&index) = self.parts.get(&folded(name)) else {
            return Ok(None);
        };
        let part = self.archive.by_index(index).map_err(|err| broken(&err))?;
        Ok(Some(BufReader::with_capacity(BLOCK, part)))
    }

    /// The main part of the archive.
    ///
    /// # Errors
    ///
    /// As [`Package::relations`].
    pub(super) fn main_part(&mut self, budget: &mut Budget) -> Result<Option<String>, Trouble> {
        let relations = self.relations("", budget)?;
        let main = relations
            .into_iter()
            .find(|relation| relation.kind == "officeDocument");
        Ok(main.map(|relation| relation.target))
    }

    /// The relations of a part; of the archive itself, if the name is empty.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`], or [`Trouble::TooLarge`] if there is not enough memory.
    pub(super) fn relations(
        &mut self,
        of: &str,
        budget: &mut Budget,
    ) -> Result<Vec<Relation>, Trouble> {
        let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
        let mut relations = Vec::new();
        let Some(mut xml) = self.xml(&format!("{folder}/_rels/{name}.rels"))? else {
            return Ok(relations);
        };
        loop {
            match xml.next()? {
                Piece::Start(tag) if tag.name() == "Relationship" => {
                    let (id, kind) = (tag.attribute("Id")?, tag.attribute("Type")?);
                    let (target, mode) = (tag.attribute("Target")?, tag.attribute("TargetMode")?);
                    let (Some(id), Some(kind), Some(target)) = (id, kind, target) else {
                        continue;
                    };
                    if mode.is_some_and(|mode| mode.eq_ignore_ascii_case("external")) {
                        continue;
                    }
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    let target = resolved(folder, &target);
                    budget.take(size_of::<Relation>() + id.len() + kind.len() + target.len())?;
                    relations.push(Relation { id, kind, target });
                }
                Piece::Nothing => return Ok(relations),
                _ => {}
            }
        }
    }
}

/// The name of a part in the form that is compared.
fn folded(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_ascii_lowercase()
}

/// The name of the part that a part in this folder calls `target`.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').collect(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_relative_to_the_folder_of_the_part_that_uses_it() {
        for (folder, target, name) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl/worksheets", "../media/a.png", "xl/media/a.png"),
            ("xl", ".\\worksheets\\a.xml", "xl/worksheets/a.xml"),
            ("", "xl/workbook.xml", "/xl/workbook.xml"),
            ("", "../../a", "a"),
        ] {
            assert_eq!(folded(&resolved(folder, target)), folded(name));
        }
    }
}
