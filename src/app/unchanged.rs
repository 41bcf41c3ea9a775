//! Whether a sheet is the one that its cast was last imported from, to the byte and read in the same way: then there is
//! nothing to import, and it is not opened.
//!
//! It errs on the side of reading. What decides how the bytes are read goes into the digest as a whole: all settings of the
//! sheet as they were resolved, the kind that the file's name promises, the recipe, and this program's version. What changes a
//! cast without its sheet (a run, a take picked or written by hand) changes nothing that importing the same sheet again would
//! change back. A run that writes finished characters again, or imports stories, asks for more than the sheet says, so its sheet is
//! always opened.

use super::asked::Choice;
use super::error::AppError;
use super::resolve::Resolved;
use crate::domain::character::CastId;
use crate::domain::recipe::{Describe, Recipe};
use crate::domain::stakes::OnRecipeChange;
use crate::sheet::{self, KeyColumn, Options, Prompt, Source};
use crate::store::{Library, Location, Reader};
use sha2::{Digest, Sha256};
use std::path::Path;

/// How a sheet is read.
pub(super) struct Reading {
    /// Of everything but the bytes.
    digest: Sha256,
    /// Its rows bring stories.
    have: bool,
}

impl Reading {
    /// How the sheet at `path` is read with `options`, for a cast with this recipe.
    pub(super) fn new(path: &Path, options: &Options, recipe: &Recipe) -> Self {
        let mut options = options.clone();
        if let KeyColumn::Found { before } = &mut options.key {
            // What the cast had before says nothing of the sheet.
            *before = None;
        }
        options.header_is_remembered = false;
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
            digest,
            have: options.have_column.is_some(),
        }
    }

    /// The digest of bytes that were read in this way; `None` when the cast is not to remember it.
    pub(super) fn of(&self, bytes: [u8; 32]) -> Option<[u8; 32]> {
        let whole = self.digest.clone().chain_update(bytes);
        (!self.have).then(|| whole.finalize().into())
    }
}

/// A cast whose sheet is as it was.
pub(super) struct Unchanged {
    pub(super) cast: CastId,
    pub(super) recipe: Recipe,
    pub(super) prompt: Option<Prompt>,
    digest: [u8; 32],
}

impl Unchanged {
    /// The cast that the sheet at `path` was last imported into, if importing it again would change nothing.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] when the database cannot be read.
    pub(super) async fn find(
        path: &Path,
        resolved: &Resolved,
        choice: &Choice,
        db: &Location,
    ) -> Result<Option<Self>, AppError> {
        if choice.answers.on_recipe_change == OnRecipeChange::Redo
            || resolved.options().have_column.is_some()
            || !path.is_file()
        {
            return Ok(None);
        }
        let db = match db.open_to_read().await {
            Ok(db) => db,
            Err(err) if err.is_absent() => return Ok(None),
            Err(err) => return Err(err.into()),
        };
        let found = Self::of(path, resolved, &db).await;
        db.close().await;
        found
    }

    async fn of(path: &Path, resolved: &Resolved, db: &Reader) -> Result<Option<Self>, AppError> {
        let Some((cast, remembered)) = db.sheet_digest(&resolved.cast).await? else {
            return Ok(None);
        };
        let before = db.recipe(cast).await?;
        let describe = match &resolved.options().template {
            Some(template) => Describe::Template(template.clone()),
            None => before.describe,
        };
        let recipe = resolved.recipe(describe);
        let reading = Reading::new(path, resolved.options(), &recipe);
        // A file that cannot be read any more is reported when it is opened as a sheet.
        let bytes = sheet::digest(path).ok();
        let Some(digest) = bytes
            .and_then(|bytes| reading.of(bytes))
            .filter(|digest| remembered == *digest)
        else {
            return Ok(None);
        };
        let columns = db.columns(&resolved.cast).await?;
        let source = Source::File(path.to_owned());
        let bind = |text: &String| Prompt::bind(text, &columns, &source);
        let prompt = recipe.prompt.as_ref().map(bind).transpose()?;
        Ok(Some(Self {
            cast,
            recipe,
            prompt,
            digest,
        }))
    }

    /// Whether that still holds, now that no other run can change the cast.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] when the database cannot be read.
    pub(super) async fn still_holds(&self, db: &Reader, cast: &str) -> Result<bool, AppError> {
        let now = db.sheet_digest(cast).await?;
        Ok(now.is_some_and(|(cast, digest)| cast == self.cast && digest == self.digest))
    }
}
