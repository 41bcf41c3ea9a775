//! One Markdown file a character, in a folder with names that every system takes.
//!
//! The files are written beside the folder and moved into place at the end: a folder that was not there is absent or complete,
//! one that was there gets its files one by one, each whole, and keeps what else is in it. No link is followed on the way.

use super::beside::beside;
use super::markdown::character;
use super::name::Names;
use super::{Output, OutputError};
use crate::domain::record::Record;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder on its way to its place.
pub struct Folder {
    target: PathBuf,
    beside: PathBuf,
    names: Names,
}

impl Folder {
    /// Begins a folder that will be, or be added to, `target`.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unwritable`] when nothing can be made beside it, or it is there and no folder.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        // A link to a folder is that folder; what is in it may be no link.
        let target = fs::canonicalize(target).or_else(|_| std::path::absolute(target));
        let target = target?;
        let unwritable = |source| OutputError::Unwritable {
            file: target.display().to_string(),
            source,
        };
        if target.exists() && !target.is_dir() {
            return Err(unwritable(io::ErrorKind::NotADirectory.into()));
        }
        let beside = beside(&target);
        fs::create_dir(&beside).map_err(unwritable)?;
        Ok(Self {
            target: target.clone(),
            beside,
            names: Names::default(),
        })
    }

    /// Moves the files into the folder that was there already.
    fn add(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.beside)? {
            let entry = entry?;
            fs::rename(entry.path(), self.target.join(entry.file_name()))?;
        }
        fs::remove_dir(&self.beside)
    }
}

impl Output for Folder {
    fn begin(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        let file = self.beside.join(self.names.give(&record.name) + ".md");
        fs::write(&file, character(record, "#")).map_err(|source| OutputError::Unwritable {
            file: self.target.display().to_string(),
            source,
        })
    }

    fn end(&mut self) -> Result<(), OutputError> {
        let placed = if self.target.exists() {
            self.add()
        } else {
            fs::rename(&self.beside, &self.target)
        };
        placed.map_err(|source| OutputError::Unwritable {
            file: self.target.display().to_string(),
            source,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it was not wanted; what cannot be removed is hidden and named after this process.
        let _ = fs::remove_dir_all(&self.beside);
    }
}
