//! The rescue file of a database file: results that could not be stored, in a file next to it until the next run imports them.
//!
//! The file is imported in one transaction, while the claims of the run that wrote it still hold. It is deleted only after the commit.

use super::commit::{charge, tally};
use super::file::beside;
use super::group::carry_out;
use super::terms::Terms;
use super::{Sqlite, crash, failed};
use crate::store::rescue::{NAME, read, unusable};
use crate::store::{Settlement, StoreError, Stored, rescue};
use sqlx::{Connection, SqliteConnection};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the file may be: next to the database, else in the folder for temporary files.
fn files(db: &Path, id: &str) -> [PathBuf; 2] {
    let elsewhere = std::env::temp_dir().join(format!("backstory-{id}.rescue.jsonl"));
    [beside(db, NAME), elsewhere]
}

/// Writes settlements to the rescue file: next to the database or, when that fails, in the folder for temporary files.
pub(super) fn write(
    db: &Sqlite,
    terms: &Terms,
    unsaved: &[Settlement],
) -> Result<PathBuf, StoreError> {
    let [first, second] = files(&db.path, &db.id);
    let write = |file: &Path| rescue::write(file, &db.id, terms, unsaved);
    write(&first)
        .map(|()| first)
        .or_else(|_| write(&second).map(|()| second.clone()))
        .map_err(|source| unusable(&second, source))
}

/// Imports the results that an earlier run could not store. Returns how many.
pub(super) async fn import(
    writer: &mut SqliteConnection,
    db: &Path,
    id: &str,
) -> Result<u64, StoreError> {
    let mut imported = 0;
    for file in files(db, id) {
        imported += import_file(writer, &file, id).await?;
    }
    Ok(imported)
}

async fn import_file(
    writer: &mut SqliteConnection,
    path: &Path,
    id: &str,
) -> Result<u64, StoreError> {
    let Some(results) = read(path, id)? else {
        return Ok(0);
    };
    let mut tx = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed("begin a transaction"))?;
    let mut imported = 0;
    for (terms, settlement) in results {
        imported += import_one(&mut tx, &terms, &[settlement]).await?;
    }
    tx.commit().await.map_err(failed("commit"))?;
    crash::point("rescued");
    // A crash before this line is harmless: on a second import the claims no longer hold, and nothing changes.
    fs::remove_file(path).map_err(|source| unusable(path, source))?;
    Ok(imported)
}

async fn import_one(
    tx: &mut SqliteConnection,
    terms: &Terms,
    settlement: &[Settlement],
) -> Result<u64, StoreError> {
    let settled = carry_out(tx, terms, settlement, &[]).await?.settled;
    let tallied = tally(settlement, &settled);
    sqlx::query(
        "UPDATE stored_casts SET
             requests = requests + ?1,
             maybe_charged = maybe_charged + ?2,
             oldest_ms = coalesce(oldest_ms, ?3),
             newest_ms = coalesce(?3, newest_ms)
         WHERE id = (SELECT cast_id FROM runs WHERE id = ?4)",
    )
    .bind(tallied.requests)
    .bind(tallied.maybe_charged)
    .bind(tallied.newest)
    .bind(terms.run.0)
    .execute(&mut *tx)
    .await
    .map_err(failed("count"))?;
    if let Some(cost) = tallied.cost {
        charge(tx, terms, cost).await?;
    }
    let ours = settled
        .iter()
        .filter(|stored| **stored != Stored::NotOurs)
        .count();
    Ok(u64::try_from(ours).unwrap_or(0))
}
