//! A file at a path, and whether the same file is still there.
//!
//! `SQLite` opens the log (`-wal`) by its path. After the database file was removed or replaced, a write through an old
//! connection would go into a log that now belongs to the new file, and damage that one. So each write first checks the place.
//! A file that was overwritten in place is the same file.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A path, and the file that was there.
pub(super) struct Place {
    path: PathBuf,
    file: FileId,
}

/// A file's identity: device and inode.
type FileId = (u64, u64);

impl Place {
    /// The file that is at `path` now.
    ///
    /// # Errors
    ///
    /// The error of the system if there is none.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: id(&fs::metadata(path)?),
        })
    }

    /// Whether the path still leads to the same file.
    pub(super) fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|found| id(&found) == self.file)
    }
}

fn id(file: &Metadata) -> FileId {
    (file.dev(), file.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_until_it_is_removed_or_another_one_takes_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "1").expect("written");
        fs::write(&other, "2").expect("written");
        let place = Place::of(&path).expect("it exists");
        assert!(place.is_there());
        fs::write(&path, "3").expect("overwritten in place");
        assert!(place.is_there());
        fs::rename(&other, &path).expect("replaced");
        assert!(!place.is_there());
        fs::remove_file(&path).expect("removed");
        assert!(!place.is_there());
        assert!(Place::of(&path).is_err());
    }
}
