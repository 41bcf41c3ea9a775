//! The rescue file: results that could not be stored in the database, in a file next to it until the next run imports them.
//!
//! Each line names its database and the terms of its run. The file is imported in one transaction, while the claims of the
//! run that wrote it still hold. It is deleted only after the commit.

use super::commit::{charge, tally};
use super::file::beside;
use super::group::carry_out;
use super::terms::Terms;
use super::{Sqlite, crash, failed, millis, millis_of};
use crate::domain::character::{CharacterId, Claim, Content};
use crate::domain::flag::Flags;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::{Ending, Outcome, Prospect, Tokens};
use crate::store::{Settled, Settlement, StoreError, Stored};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// The end of the file's name.
pub(super) const NAME: &str = "rescue.jsonl";

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    database: String,
    terms: Terms,
    character: i64,
    claim: i64,
    content: [u8; 16],
    state: String,
    tries: u32,
    words: u64,
    at_ms: i64,
    outcome: String,
    http_status: Option<u16>,
    error: Option<String>,
    text: String,
    #[serde(default)]
    thoughts: String,
    flags: i64,
    first_text_ms: Option<i64>,
    bytes: u64,
    // Absent in files of earlier versions.
    tokens_in: Option<u64>,
    tokens_out: Option<u64>,
    cost: Option<i64>,
    cost_maybe: Option<i64>,
}

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
    let mut text = String::new();
    for settlement in unsaved {
        let line = Line::of(&db.id, terms, settlement);
        text.push_str(&serde_json::json!(line).to_string());
        text.push('\n');
    }
    let [first, second] = files(&db.path, &db.id);
    append(&first, &text)
        .map(|()| first)
        .or_else(|_| append(&second, &text).map(|()| second.clone()))
        .map_err(|source| StoreError::Unusable {
            db: second.display().to_string(),
            source,
        })
}

fn append(file: &Path, text: &str) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)?;
    let before = out.metadata()?.len();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.sync_all());
    if written.is_err() {
        // Half a line would make the file unreadable, so it is removed; and so is an empty file.
        let _ = out.set_len(before);
        if before == 0 {
            let _ = fs::remove_file(file);
        }
    }
    written
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
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(source) => {
            let db = path.display().to_string();
            return Err(StoreError::Unusable { db, source });
        }
    };
    let lines: Vec<Line> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(|err| StoreError::Rescue {
            file: path.display().to_string(),
            source: Box::new(err),
        })?;
    if lines.iter().any(|line| line.database != id) {
        return Err(StoreError::RescueElsewhere {
            file: path.display().to_string(),
        });
    }
    let mut tx = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed("begin a transaction"))?;
    let mut imported = 0;
    for line in lines {
        let terms = line.terms.clone();
        let settlement = [line.settlement()?];
        imported += import_one(&mut tx, &terms, &settlement).await?;
    }
    tx.commit().await.map_err(failed("commit"))?;
    crash::point("rescued");
    // A crash before this line is harmless: on a second import the claims no longer hold, and nothing changes.
    fs::remove_file(path).map_err(|source| StoreError::Unusable {
        db: path.display().to_string(),
        source,
    })?;
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

impl Line {
    fn of(database: &str, terms: &Terms, settlement: &Settlement) -> Self {
        let ending = &settlement.ending;
        Self {
            database: database.to_owned(),
            terms: terms.clone(),
            character: settlement.id.0,
            claim: settlement.claim.0,
            content: settlement.content.0,
            state: settlement.state.word().to_owned(),
            tries: settlement.tries,
            words: settlement.words,
            at_ms: millis(settlement.at),
            outcome: ending.outcome.word().to_owned(),
            http_status: ending.http_status,
            error: ending.error.clone(),
            text: ending.text.to_string(),
            thoughts: ending.thoughts.to_string(),
            flags: ending.flags.bits(),
            first_text_ms: ending.first_text.map(millis_of),
            bytes: ending.bytes,
            tokens_in: ending.tokens.map(|tokens| tokens.read),
            tokens_out: ending.tokens.map(|tokens| tokens.written),
            cost: settlement.cost.map(|cost| cost.known.stored()),
            cost_maybe: settlement.cost.map(|cost| cost.maybe.stored()),
        }
    }

    fn settlement(self) -> Result<Settlement, StoreError> {
        let impossible = |what| StoreError::Impossible { what };
        let length = |ms: i64| Duration::from_millis(super::count(ms));
        Ok(Settlement {
            id: CharacterId(self.character),
            claim: Claim(self.claim),
            content: Content(self.content),
            state: Settled::of(&self.state).ok_or(impossible("state"))?,
            tries: self.tries,
            words: self.words,
            cost: self.cost.zip(self.cost_maybe).map(|(known, maybe)| Cost {
                known: Money::from_stored(known),
                maybe: Money::from_stored(maybe),
            }),
            at: UNIX_EPOCH + length(self.at_ms),
            ending: Ending {
                outcome: Outcome::of(&self.outcome).ok_or(impossible("outcome"))?,
                http_status: self.http_status,
                error: self.error,
                text: self.text.into(),
                thoughts: self.thoughts.into(),
                prospect: Prospect::default(),
                flags: Flags::from_bits(self.flags),
                first_text: self.first_text_ms.map(length),
                bytes: self.bytes,
                tokens: self
                    .tokens_in
                    .zip(self.tokens_out)
                    .map(|(read, written)| Tokens { read, written }),
                retry_after: None,
            },
        })
    }
}
