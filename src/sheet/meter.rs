//! Counts the bytes that are read from a file, and computes their digest.
//!
//! The digest is computed while the file is read, and not in a second pass: the file may change between the two.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The bytes that are read at a time if only the digest is needed.
const BLOCK: usize = 256 * 1024;

/// What is known of a file that is being read.
#[derive(Clone)]
pub(super) struct Meter {
    passed: Arc<Mutex<Passed>>,
    /// Its length when it was opened.
    pub(super) length: u64,
}

#[derive(Default)]
struct Passed {
    bytes: u64,
    digest: Sha256,
    /// Whether the end of the file was reached.
    whole: bool,
}

impl Meter {
    /// A meter, and the reader to use in place of `file`. A pipe has no meter: it can be read only once and has no length.
    ///
    /// # Errors
    ///
    /// If the properties of the file cannot be read.
    pub(super) fn of(file: File) -> io::Result<(Option<Self>, Box<dyn Read + Send>)> {
        let about = file.metadata()?;
        if !about.is_file() {
            return Ok((None, Box::new(file)));
        }
        let meter = Self {
            passed: Arc::default(),
            length: about.len(),
        };
        let read = Metered {
            file,
            passed: Arc::clone(&meter.passed),
        };
        Ok((Some(meter), Box::new(read)))
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.with(|passed| passed.bytes)
    }

    /// The digest of the file, after all of it was read.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        self.with(|passed| {
            passed
                .whole
                .then(|| passed.digest.clone().finalize().into())
        })
    }

    fn with<T>(&self, look: impl FnOnce(&Passed) -> T) -> T {
        look(&self.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The digest of a file as it is now; the same that reading it as a sheet gives.
///
/// # Errors
///
/// If it cannot be read.
pub(crate) fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(digest.finalize().into()),
            Ok(read) => digest.update(&block[..read]),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
}

struct Metered {
    file: File,
    passed: Arc<Mutex<Passed>>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.bytes += u64::try_from(read).unwrap_or(0);
        passed.digest.update(&buffer[..read]);
        passed.whole |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}
