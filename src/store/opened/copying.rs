//! Copies a cast from a database of either kind to one of either kind.

use super::{Holder, Opened};
use crate::domain::character::{CastId, CharacterId};
use crate::store::sqlite::Sqlite;
use crate::store::transfer::{Contents, Outgoing, copy};
use crate::store::{StoreError, postgres, sqlite};
use std::path::Path;

/// A cast that is about to be copied. What happens to it from now on is not in the copy.
pub struct Copying<'a>(Source<'a>);

enum Source<'a> {
    File(Box<sqlite::Transfer<'a>>),
    Server(Box<postgres::Transfer<'a>>),
}

impl Holder {
    /// Begins to copy a cast.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] when a run works on the cast; another when the database cannot be read.
    pub async fn copying(&self, cast: CastId) -> Result<Copying<'_>, StoreError> {
        Ok(Copying(match self.opened() {
            // This process holds the lock that a run needs.
            Opened::File(db) => Source::File(Box::new(db.outgoing(cast).await?)),
            Opened::Server(db) => {
                let mut cast = db.outgoing(cast, None).await?;
                cast.refuse_live_run().await?;
                Source::Server(Box::new(cast))
            }
        }))
    }

    /// Whether both are the same database of a server. Two files that are opened for a run are never the same.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when one of them cannot be read.
    pub async fn is_same(&self, other: &Self) -> Result<bool, StoreError> {
        match (self.opened(), other.opened()) {
            (Opened::Server(one), Opened::Server(other)) => one.is_same(other).await,
            _ => Ok(false),
        }
    }

    fn opened(&self) -> &Opened {
        &self.0.0.0
    }
}

impl Copying<'_> {
    /// Stores the copy in another database, in one transaction. Returns what it holds, which is equal to the original.
    ///
    /// # Errors
    ///
    /// [`StoreError::CastExists`]; [`StoreError::CopyDiffers`]; another when one of the databases cannot be used. The target is as it
    /// was then.
    pub async fn store_into(self, target: &Holder) -> Result<Contents, StoreError> {
        match self.0 {
            Source::File(mut cast) => copy_into(&mut *cast, target.opened()).await,
            Source::Server(mut cast) => copy_into(&mut *cast, target.opened()).await,
        }
    }
}

async fn copy_into(source: &mut impl Outgoing, target: &Opened) -> Result<Contents, StoreError> {
    match target {
        Opened::File(db) => copy_into_file(source, db).await,
        Opened::Server(db) => {
            let mut target = db.incoming().await?;
            let contents = Box::pin(copy(source, &mut target)).await?;
            target.commit().await?;
            Ok(contents)
        }
    }
}

async fn copy_into_file(source: &mut impl Outgoing, db: &Sqlite) -> Result<Contents, StoreError> {
    let mut target = db.incoming().await?;
    match Box::pin(copy(source, &mut target)).await {
        Ok(contents) => {
            target.commit().await?;
            Ok(contents)
        }
        Err(err) => {
            target.undo().await;
            Err(err)
        }
    }
}

/// Copies a cast of a server into `file`, which is empty. What runs have in flight is interrupted in the copy.
///
/// # Errors
///
/// [`StoreError`] when the copy cannot be written. The content of `file` is not usable then.
pub(super) async fn into_new_file(
    db: &postgres::Postgres,
    cast: CastId,
    only: Option<&[CharacterId]>,
    file: &Path,
) -> Result<(), StoreError> {
    let mut source = db.outgoing(cast, only).await?;
    let target = Sqlite::open(file).await?;
    let copied = copy_into_file(&mut source, &target).await;
    target.close_without_lock_file().await;
    source.finish().await;
    copied.map(drop)
}
