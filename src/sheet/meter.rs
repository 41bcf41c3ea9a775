//! How much of a file has been read, and the digest of exactly those bytes.
//!
//! The digest is taken as the bytes pass by, not in a reading of its own: a file may change between two readings.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// So many bytes are read at a time when nothing but the digest is wanted.
const BLOCK: usize = 256 * 1024;

/// What is known of a file that is being read.
#[derive(Clone)]
pub(super) struct Meter {
    passed: Arc<Mutex<Passed>>,
    /// As long as it was when it was opened.
    pub(super) length: u64,
}

#[derive(Default)]
struct Passed {
    bytes: u64,
    digest: Sha256,
    /// The end of the file was seen.
    whole: bool,
}

impl Meter {
    /// A meter, and `file` as it is to be read; a pipe has none: it can be read only once, and has no length.
    ///
    /// # Errors
    ///
    /// When the file cannot be looked at.
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

    /// The digest of the file, once all of it has been read.
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

/// The digest of a file as it is now: the one that reading it as a sheet gives.
///
/// # Errors
///
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<[u8; 32]> {
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
