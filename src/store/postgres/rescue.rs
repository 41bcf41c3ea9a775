//! The rescue file of a database on a server: results that could not be stored, in the current directory of the run.
//!
//! Each run has a file of its own, so that one process never imports a file to which another one is still writing. Results are
//! settled under the claims of the run that wrote them, also when its lease has ended meanwhile. A file is deleted only after the commit;
//! importing it again changes nothing.

use super::group::bind_settlements;
use super::session::{Limits, Transaction};
use super::{Postgres, count};
use crate::store::rescue::{self, NAME, Terms, read, unusable};
use crate::store::{Settlement, StoreError};
use sqlx::query;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Writes settlements to the rescue file of the run. Returns its path.
pub(super) fn write(
    db: &Postgres,
    terms: &Terms,
    unsaved: &[Settlement],
) -> Result<PathBuf, StoreError> {
    let file = PathBuf::from(format!("{}{}.{NAME}", prefix(&db.id), terms.run.0));
    rescue::write(&file, &db.id, terms, unsaved).map_err(|source| unusable(&file, source))?;
    Ok(file)
}

/// The begin of the names of all rescue files of a database.
fn prefix(id: &str) -> String {
    format!("backstory-{id}.")
}

/// The rescue files of a database in the current directory. A directory that cannot be read has none.
pub(super) fn files(id: &str) -> Vec<PathBuf> {
    let prefix = prefix(id);
    let entries = fs::read_dir(".").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut files: Vec<PathBuf> = names
        .filter(|name| name.starts_with(&prefix) && name.ends_with(NAME))
        .map(PathBuf::from)
        .collect();
    files.sort();
    files
}

impl Postgres {
    /// Imports the results that earlier runs could not store. Returns how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when a file cannot be understood, or the server cannot be reached; the files are still there then.
    pub(super) async fn import_rescued(&self) -> Result<u64, StoreError> {
        let mut imported = 0;
        for file in files(&self.id) {
            imported += self.import_file(&file).await?;
        }
        Ok(imported)
    }

    async fn import_file(&self, file: &Path) -> Result<u64, StoreError> {
        let Some(results) = read(file, &self.id)? else {
            return Ok(0);
        };
        let mut tx = self.writer.write(Limits::Short).await?;
        let mut imported = 0;
        for (terms, settlement) in results {
            imported += import_one(&mut tx, &terms, settlement).await?;
        }
        tx.commit("import rescued results").await?;
        match fs::remove_file(file) {
            // Another process has imported it at the same time.
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(imported),
            removed => removed
                .map(|()| imported)
                .map_err(|source| unusable(file, source)),
        }
    }
}

async fn import_one(
    tx: &mut Transaction<'_>,
    terms: &Terms,
    settlement: Settlement,
) -> Result<u64, StoreError> {
    let doing = "import rescued results";
    // A run that is gone had a cast that is gone.
    let lock = query("SELECT id FROM runs WHERE id = $1 FOR UPDATE").bind(terms.run.0);
    if tx.row(doing, lock).await?.is_none() {
        return Ok(0);
    }
    let settle = query(
        "SELECT count(*) FROM settle_attempts($1, false, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20)",
    );
    let settle = bind_settlements(settle.bind(terms.run.0), &[settlement]);
    let settled: Option<i64> = tx.value(doing, settle).await?;
    Ok(count(settled.unwrap_or_default()))
}
