//! A file that is either absent or complete: it is written under another name, synced, and renamed at the end.
//!
//! If it is dropped before the end, nothing is left. If the program is killed before the end, a hidden file is left beside
//! the target; the next export to this target removes it.

use super::OutputError;
use super::temp_path::temp_path;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that is being written.
pub(crate) struct AtomicFile {
    target: PathBuf,
    temp_path: PathBuf,
    out: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Starts a file that will replace `target`.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unwritable`] if the folder cannot be written, or the target is a folder.
    pub(crate) fn create(target: &Path) -> Result<Self, OutputError> {
        Self::with_mode(target, 0o666)
    }

    /// The same, but only its owner may read the file.
    ///
    /// # Errors
    ///
    /// As [`Self::create`].
    pub(crate) fn create_for_owner(target: &Path) -> Result<Self, OutputError> {
        Self::with_mode(target, 0o600)
    }

    /// The temporary path, where it is written.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.temp_path
    }

    fn with_mode(target: &Path, mode: u32) -> Result<Self, OutputError> {
        let unwritable = |source| OutputError::Unwritable {
            file: target.display().to_string(),
            source,
        };
        if target.is_dir() || target.file_name().is_none() {
            return Err(unwritable(io::ErrorKind::IsADirectory.into()));
        }
        // A link is followed, so that the file it points to is replaced, and not the link.
        let target = fs::canonicalize(target).or_else(|_| std::path::absolute(target));
        let target = target?;
        // `create_new` does not follow a link that another program may have put there.
        let temp_path = temp_path(&target);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let file = options.open(&temp_path).map_err(unwritable)?;
        Ok(Self {
            target,
            temp_path,
            out: Some(BufWriter::new(file)),
        })
    }

    /// Completes the file and renames it to its target.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if it cannot be completed; the target is unchanged.
    pub(crate) fn finish(mut self) -> Result<(), OutputError> {
        if let Some(out) = self.out.take() {
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let placed = file
                .sync_all()
                .and_then(|()| fs::rename(&self.temp_path, &self.target));
            if let Err(source) = placed {
                let _ = fs::remove_file(&self.temp_path);
                return Err(OutputError::Unwritable {
                    file: self.target.display().to_string(),
                    source,
                });
            }
        }
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Some(out) => out.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Some(out) => out.flush(),
            None => Ok(()),
        }
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.out {
            Some(out) => out.seek(to),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.out.take().is_some() {
            // If it cannot be removed, its name is hidden and has the number of this process.
            let _ = fs::remove_file(&self.temp_path);
        }
    }
}
