//! A folder with one Markdown file per character, with file names that every system accepts.
//!
//! The files are written to a temporary folder and moved at the end. A new folder is either absent or complete. A folder
//! that exists gets its files one by one, each complete, and keeps its other files. No link is followed.

use super::markdown::character;
use super::name::Names;
use super::temp_path::temp_path;
use super::{Output, OutputError};
use crate::domain::record::Record;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is being written.
pub(crate) struct Folder {
    target: PathBuf,
    temp_path: PathBuf,
    names: Names,
}

impl Folder {
    /// Starts a folder that will become `target`, or be added to it.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unwritable`] if nothing can be created beside it, or the target is not a folder.
    pub(crate) fn create(target: &Path) -> Result<Self, OutputError> {
        // A link to a folder counts as that folder; a file in it may not be a link.
        let target = fs::canonicalize(target).or_else(|_| std::path::absolute(target));
        let target = target?;
        let unwritable = |source| OutputError::Unwritable {
            file: target.display().to_string(),
            source,
        };
        if target.exists() && !target.is_dir() {
            return Err(unwritable(io::ErrorKind::NotADirectory.into()));
        }
        let temp_path = temp_path(&target);
        fs::create_dir(&temp_path).map_err(unwritable)?;
        Ok(Self {
            target: target.clone(),
            temp_path,
            names: Names::default(),
        })
    }

    /// Moves the files into the folder that exists already.
    fn add(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.temp_path)? {
            let entry = entry?;
            fs::rename(entry.path(), self.target.join(entry.file_name()))?;
        }
        fs::remove_dir(&self.temp_path)
    }
}

impl Output for Folder {
    fn begin(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        let file = self.temp_path.join(self.names.give(&record.name) + ".md");
        fs::write(&file, character(record, "#")).map_err(|source| OutputError::Unwritable {
            file: self.target.display().to_string(),
            source,
        })
    }

    fn end(&mut self) -> Result<(), OutputError> {
        let placed = if self.target.exists() {
            self.add()
        } else {
            fs::rename(&self.temp_path, &self.target)
        };
        placed.map_err(|source| OutputError::Unwritable {
            file: self.target.display().to_string(),
            source,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The rest is not wanted. If it cannot be removed, its name is hidden and has the number of this process.
        let _ = fs::remove_dir_all(&self.temp_path);
    }
}
