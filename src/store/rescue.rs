//! The format of a rescue file: results that could not be stored in the database, until the next run imports them.
//!
//! Each line names its database and the terms of its run. Where the file is, and how it is imported, is for each kind of database to
//! say.

use super::{RunId, Settled, Settlement, StoreError};
use crate::domain::character::{CharacterId, Claim, Content};
use crate::domain::flag::Flags;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::{Ending, Outcome, Prospect, Tokens};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The end of the file's name.
pub(super) const NAME: &str = "rescue.jsonl";

/// What is stored with each take of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) run: RunId,
    pub(super) recipe_id: i64,
    pub(super) provider: String,
    pub(super) model: Option<String>,
    pub(super) endpoint: String,
}

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

/// Appends the results of a run to a file; all of them or none.
pub(super) fn write(
    file: &Path,
    database: &str,
    terms: &Terms,
    unsaved: &[Settlement],
) -> io::Result<()> {
    let mut text = String::new();
    for settlement in unsaved {
        let line = Line::of(database, terms, settlement);
        text.push_str(&serde_json::json!(line).to_string());
        text.push('\n');
    }
    append(file, &text)
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

/// The results in a file, each with the terms of its run; `None` if there is no file.
///
/// # Errors
///
/// [`StoreError::Rescue`] when the file cannot be understood; [`StoreError::RescueElsewhere`] when it is of another database.
pub(super) fn read(
    file: &Path,
    database: &str,
) -> Result<Option<Vec<(Terms, Settlement)>>, StoreError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(unusable(file, source)),
    };
    let lines: Vec<Line> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(|err| StoreError::Rescue {
            file: file.display().to_string(),
            source: Box::new(err),
        })?;
    if lines.iter().any(|line| line.database != database) {
        return Err(StoreError::RescueElsewhere {
            file: file.display().to_string(),
        });
    }
    let results = lines.into_iter().map(|line| {
        let terms = line.terms.clone();
        Ok((terms, line.settlement()?))
    });
    results.collect::<Result<_, _>>().map(Some)
}

/// Our error for one of the operating system.
pub(super) fn unusable(file: &Path, source: io::Error) -> StoreError {
    StoreError::Unusable {
        db: file.display().to_string(),
        source,
    }
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
        let length = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
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

fn millis(at: SystemTime) -> i64 {
    millis_of(at.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis_of(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
