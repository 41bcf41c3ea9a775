//! A file that is absent or complete: written beside its target, synced, and put in its place at the end.
//!
//! Dropped before the end, it leaves nothing behind; killed before the end, a hidden file beside the target, which the next
//! one removes.

use super::OutputError;
use super::beside::beside;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file on its way to its place.
pub struct AtomicFile {
    target: PathBuf,
    beside: PathBuf,
    out: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Begins a file that will take the place of `target`.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unwritable`] when the folder cannot be written, or the target is one.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        Self::with_mode(target, 0o666)
    }

    /// The same, but nobody else than its owner may read it.
    ///
    /// # Errors
    ///
    /// As [`Self::create`].
    pub fn create_for_owner(target: &Path) -> Result<Self, OutputError> {
        Self::with_mode(target, 0o600)
    }

    /// Where it is written until it is finished.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.beside
    }

    fn with_mode(target: &Path, mode: u32) -> Result<Self, OutputError> {
        let unwritable = |source| OutputError::Unwritable {
            file: target.display().to_string(),
            source,
        };
        if target.is_dir() || target.file_name().is_none() {
            return Err(unwritable(io::ErrorKind::IsADirectory.into()));
        }
        // A link is followed, so that what it points to is replaced, and not the link.
        let target = fs::canonicalize(target).or_else(|_| std::path::absolute(target));
        let target = target?;
        // `create_new`: not through a link that somebody put there.
        let beside = beside(&target);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let file = options.open(&beside).map_err(unwritable)?;
        Ok(Self {
            target,
            beside,
            out: Some(BufWriter::new(file)),
        })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when it cannot be completed; the target is as it was.
    pub fn finish(mut self) -> Result<(), OutputError> {
        if let Some(out) = self.out.take() {
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let placed = file
                .sync_all()
                .and_then(|()| fs::rename(&self.beside, &self.target));
            if let Err(source) = placed {
                let _ = fs::remove_file(&self.beside);
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
            // What cannot be removed is hidden and named after this process.
            let _ = fs::remove_file(&self.beside);
        }
    }
}
