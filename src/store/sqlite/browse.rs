//! Reads for the list on the page of `view`: the outlines of all characters, and the full records of some.
//!
//! An outline holds what a list is sorted and filtered by: state, flags, words, and the position of the name. It takes about
//! 50 bytes, so the outlines of 100,000 characters fit in memory. Texts are read only for the characters that are shown.
//! Nothing here writes, and no transaction stays open between two calls.

use super::Sqlite;
use super::values::{status, trimmed};
use super::{failed, search};
use crate::domain::character::CharacterId;
use crate::domain::flag::Flags;
use crate::domain::record::Record;
use crate::store::{Outline, StoreError};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, query, query_scalar};

impl Sqlite {
    pub(in crate::store) async fn version(&self) -> Result<i64, StoreError> {
        query_scalar("PRAGMA data_version")
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("look for changes"))
    }

    pub(in crate::store) async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let doing = "read the characters of the cast";
        let mut reader = self.reader().await;
        let name = trimmed("c.name");
        let sql = format!(
            "SELECT
                 c.id,
                 c.cast_id,
                 CASE
                     WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending'
                     ELSE c.status
                 END,
                 c.gone,
                 c.flags,
                 t.words,
                 t.finished_ms,
                 row_number() OVER (ORDER BY {name} COLLATE NOCASE, c.id)
             FROM stored_characters c
             JOIN stored_casts k ON k.id = c.cast_id
             LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             ORDER BY k.name, c.row, c.id"
        );
        let mut rows = query(AssertSqlSafe(sql)).fetch(&mut *reader);
        let mut outlines = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failed(doing))? {
            outlines.push(Outline {
                id: CharacterId(row.get(0)),
                cast: row.get(1),
                status: status(row.get(2))?,
                gone: row.get(3),
                flags: Flags::from_bits(row.get(4)),
                words: row.get(5),
                finished_ms: row.get(6),
                by_name: row.get(7),
            });
        }
        Ok(outlines)
    }

    pub(in crate::store) async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let wanted: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut records = search::records(&mut *self.reader().await, &wanted).await?;
        let found = ids.iter().filter_map(|id| Some((*id, records.remove(id)?)));
        Ok(found.collect())
    }
}
