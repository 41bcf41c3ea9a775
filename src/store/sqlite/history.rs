//! Looking in: what a character went through, its takes and attempts, as the views have them.

use super::read::raw;
use super::{Sqlite, failed};
use crate::domain::character::CharacterId;
use crate::store::StoreError;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{Row, query};

/// A take, as the view `takes` has it.
#[derive(Debug, Serialize)]
pub struct TakeRecord {
    /// Its number.
    pub take: i64,
    /// The story.
    pub text: String,
    /// Its words.
    pub words: i64,
    /// Its flags.
    pub flags: Box<RawValue>,
    /// Who wrote it.
    pub provider: String,
    /// With which model.
    pub model: Option<String>,
    /// At which address.
    pub endpoint: Option<String>,
    /// When.
    pub finished_at: String,
    /// Whether it is the one that counts.
    pub current: bool,
}

/// An attempt, as the view `attempts` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRecord {
    /// Its number.
    pub attempt: i64,
    /// How it ended, if it has.
    pub outcome: Option<String>,
    /// The status of the answer.
    pub http_status: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was sent.
    pub started_at: String,
    /// How long its first text took, in milliseconds.
    pub first_text_ms: Option<i64>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Bytes of text received.
    pub bytes: Option<i64>,
    /// Tokens of the request, where the provider counts them.
    pub tokens_in: Option<i64>,
    /// Tokens of the answer, where the provider counts them.
    pub tokens_out: Option<i64>,
    /// What had arrived of a story that did not become a take.
    pub partial: Option<String>,
}

impl Sqlite {
    /// All takes of a character, first to last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn takes(&self, id: CharacterId) -> Result<Vec<TakeRecord>, StoreError> {
        let rows = query(
            "SELECT take, text, words, flags, provider, model, endpoint, finished_at, current
             FROM takes WHERE character_id = ? ORDER BY take",
        )
        .bind(id.0)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the takes"))?;
        rows.iter()
            .map(|row| {
                Ok(TakeRecord {
                    take: row.get(0),
                    text: row.get(1),
                    words: row.get(2),
                    flags: raw(row.get(3))?,
                    provider: row.get(4),
                    model: row.get(5),
                    endpoint: row.get(6),
                    finished_at: row.get(7),
                    current: row.get(8),
                })
            })
            .collect()
    }

    /// All attempts of a character, first to last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn attempts(&self, id: CharacterId) -> Result<Vec<AttemptRecord>, StoreError> {
        let rows = query(
            "SELECT attempt, outcome, http_status, error, started_at, first_text_ms, ended_at, bytes, tokens_in, tokens_out,
                 partial
             FROM attempts WHERE character_id = ? ORDER BY attempt",
        )
        .bind(id.0)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the attempts"))?;
        Ok(rows
            .iter()
            .map(|row| AttemptRecord {
                attempt: row.get(0),
                outcome: row.get(1),
                http_status: row.get(2),
                error: row.get(3),
                started_at: row.get(4),
                first_text_ms: row.get(5),
                ended_at: row.get(6),
                bytes: row.get(7),
                tokens_in: row.get(8),
                tokens_out: row.get(9),
                partial: row.get(10),
            })
            .collect())
    }
}
