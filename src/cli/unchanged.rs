//! Whether a sheet is the one that its cast was last taken in from, to the byte and read in the same way: then there is
//! nothing to take in.
//!
//! It errs on the side of reading. What decides how the bytes are read goes into the digest as a whole: all switches of the
//! sheet as they were resolved, the kind that the file's name promises, the recipe, and this program's version. What changes a
//! cast without its sheet (a run, a take picked or written by hand) changes nothing that taking the same sheet in again would
//! change back. `--redo` and `--have` ask for more than the sheet says, so they are never passed over.

use super::CliError;
use super::args::ChoiceArgs;
use crate::domain::recipe::Recipe;
use crate::sheet::{self, Options, Sheet};
use crate::store::Sqlite;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// How a sheet is read.
pub(super) struct Reading {
    path: PathBuf,
    /// Of everything but the bytes.
    digest: Sha256,
    /// Its rows bring stories.
    have: bool,
}

impl Reading {
    /// How the sheet at `path` is read with `options`, for a cast with this recipe.
    pub(super) fn new(path: &Path, options: &Options, recipe: &Recipe) -> Self {
        let mut digest = Sha256::new();
        let kind = path.extension().unwrap_or_default();
        for part in [
            env!("CARGO_PKG_VERSION").as_bytes(),
            kind.as_encoded_bytes(),
            // Every field, those of a later version, too.
            format!("{options:?}").as_bytes(),
            &recipe.fingerprint(),
        ] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(part);
        }
        Self {
            path: path.to_owned(),
            digest,
            have: options.have_column.is_some(),
        }
    }

    /// The digest of bytes that were read in this way; `None` when the cast is not to remember it.
    pub(super) fn of(&self, bytes: [u8; 32]) -> Option<[u8; 32]> {
        let whole = self.digest.clone().chain_update(bytes);
        (!self.have).then(|| whole.finalize().into())
    }

    /// The cast, if taking `sheet` in would change nothing in it.
    pub(super) async fn unchanged(
        &self,
        db: &Sqlite,
        cast: &str,
        sheet: &Sheet,
        choice: &ChoiceArgs,
    ) -> Result<Option<i64>, CliError> {
        if choice.redo || self.have || sheet.bytes_read().is_none() {
            return Ok(None);
        }
        let Some((id, remembered)) = db.sheet_digest(cast).await? else {
            return Ok(None);
        };
        // A file that cannot be read any more is told of by whoever reads it as a sheet.
        let bytes = sheet::digest(&self.path).ok();
        let digest = bytes.and_then(|bytes| self.of(bytes));
        Ok(digest
            .is_some_and(|digest| remembered == digest)
            .then_some(id))
    }
}
