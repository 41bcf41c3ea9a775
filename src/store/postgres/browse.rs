//! Reads what the page lists: outlines of all characters, and the texts of those that are seen.
//!
//! An outline has no text, so the outlines of all characters fit in memory. No transaction stays open between two calls.

use super::Postgres;
use super::read::{RECORD, numbers, record};
use super::session::{Limits, Transaction};
use crate::domain::character::CharacterId;
use crate::domain::flag::Flags;
use crate::domain::record::Record;
use crate::domain::text::WHITE_SPACE;
use crate::store::stored_words::status;
use crate::store::{Outline, StoreError};
use sqlx::{AssertSqlSafe, Row, query};
use std::collections::HashMap;
use std::ops::ControlFlow;

impl Postgres {
    /// A digest of the set of transactions that are visible now. Every commit changes that set, and a statement that only reads does
    /// not. Commits in other databases of the server change it, too, which costs a needless look.
    ///
    /// It reads no table, so it costs one round trip whatever the size of the casts, and no writer has to count for it.
    pub(in crate::store) async fn version(&self) -> Result<i64, StoreError> {
        let version = query("SELECT hashtextextended(pg_current_snapshot()::text, 0)");
        let mut tx = self.reader.read(Limits::Short).await?;
        let version = tx.value("look for changes", version).await?;
        tx.finish().await;
        version.ok_or(StoreError::Impossible { what: "snapshot" })
    }

    pub(in crate::store) async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let outlines = query(
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
                 row_number() OVER (ORDER BY lower(btrim(c.name, $1)) COLLATE \"C\", c.id)
             FROM stored_characters c
             JOIN stored_casts k ON k.id = c.cast_id
             LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             ORDER BY k.name, c.row, c.id",
        );
        let mut all = Vec::new();
        let mut tx = self.reader.read(Limits::Long).await?;
        let doing = "read the characters of the cast";
        tx.each(doing, outlines.bind(WHITE_SPACE), |row| {
            all.push(Outline {
                id: CharacterId(row.get(0)),
                cast: row.get(1),
                status: status(row.get(2))?,
                gone: row.get(3),
                flags: Flags::from_bits(row.get(4)),
                words: row.get(5),
                finished_ms: row.get(6),
                by_name: row.get(7),
            });
            Ok::<_, StoreError>(ControlFlow::Continue(()))
        })
        .await?;
        tx.finish().await;
        Ok(all)
    }

    pub(in crate::store) async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let mut tx = self.reader.read(Limits::Short).await?;
        let mut records = records(&mut tx, ids).await?;
        tx.finish().await;
        let found = ids.iter().filter_map(|id| Some((*id, records.remove(id)?)));
        Ok(found.collect())
    }
}

/// The records of these characters.
pub(super) async fn records(
    tx: &mut Transaction<'_>,
    ids: &[CharacterId],
) -> Result<HashMap<CharacterId, Record>, StoreError> {
    let sql = format!("{RECORD} WHERE id = ANY($1::bigint[])");
    let records = query(AssertSqlSafe(sql)).bind(numbers(ids));
    let rows = tx.rows("read the characters", records).await?;
    rows.iter()
        .map(|row| Ok((CharacterId(row.get("id")), record(row)?)))
        .collect()
}
