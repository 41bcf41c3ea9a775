//! Reads the stories of a cast for a review, and stores what the review found, what the user dismissed, and which stories are to be
//! written again.
//!
//! Each change is one short transaction without the run's lock.

use super::run::ids;
use super::{Sqlite, failed};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::{Flag, Flags, TakeFlags};
use crate::store::shown_flags::{is_stale, shown_flags};
use crate::store::{Reviewed, StoreError, StoryRecord};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, query};

impl Sqlite {
    pub(in crate::store) async fn each_story<E: From<StoreError>>(
        &self,
        cast: CastId,
        mut each: impl FnMut(StoryRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT c.id, c.key, c.row, c.name, c.description, c.columns, t.take, t.text, t.provider, t.flags, t.review_flags,
                 t.dismissed, {}
             FROM stored_casts k
             CROSS JOIN stored_characters c ON c.cast_id = k.id
             CROSS JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             WHERE k.id = ? AND c.gone = 0 ORDER BY c.row",
            is_stale("k.recipe_id")
        );
        let mut reader = self.reader().await;
        let mut rows = query(AssertSqlSafe(sql)).bind(cast).fetch(&mut *reader);
        while let Some(row) = rows.try_next().await.map_err(failed("read the stories"))? {
            each(story(&row))?;
        }
        Ok(())
    }

    pub(in crate::store) async fn store_review(
        &self,
        cast: CastId,
        reviewed: &Reviewed,
    ) -> Result<(), StoreError> {
        let doing = "store the review";
        self.change(doing, async |tx| {
            store(tx, cast, reviewed).await.map_err(failed(doing))
        })
        .await
    }

    pub(in crate::store) async fn dismiss(
        &self,
        characters: &[CharacterId],
        flag: Flag,
    ) -> Result<u64, StoreError> {
        let doing = "dismiss the flag";
        self.change(doing, async |tx| {
            dismiss(tx, characters, flag).await.map_err(failed(doing))
        })
        .await
    }

    pub(in crate::store) async fn write_again(
        &self,
        characters: &[CharacterId],
    ) -> Result<u64, StoreError> {
        let doing = "mark the characters";
        self.change(doing, async |tx| {
            let again = query(
                "UPDATE stored_characters SET status = 'pending', tries = 0, error_kind = NULL, error = NULL
                 WHERE id IN (SELECT value FROM json_each(?)) AND status IN ('done', 'failed') AND gone = 0",
            );
            let again = again.bind(ids(characters)).execute(tx).await;
            Ok(again.map_err(failed(doing))?.rows_affected())
        })
        .await
    }
}

fn story(row: &SqliteRow) -> StoryRecord {
    StoryRecord {
        id: CharacterId(row.get(0)),
        key: row.get(1),
        row: row.get(2),
        name: row.get(3),
        description: row.get(4),
        columns: row.get(5),
        take: TakeNumber(row.get(6)),
        text: row.get(7),
        provider: row.get(8),
        flags: TakeFlags {
            own: Flags::from_bits(row.get(9)),
            review: Flags::from_bits(row.get(10)),
            dismissed: Flags::from_bits(row.get(11)),
            is_stale: row.get(12),
        },
    }
}

async fn store(
    tx: &mut SqliteConnection,
    cast: CastId,
    reviewed: &Reviewed,
) -> Result<(), sqlx::Error> {
    let takes: Vec<Value> = reviewed
        .takes
        .iter()
        .map(|it| json!([it.id.0, it.take.0, it.own.bits(), it.review.bits()]))
        .collect();
    // What an earlier review found in takes that are not current any more is out of date.
    query(
        "UPDATE stored_takes AS t SET review_flags = 0
         FROM stored_characters c
         WHERE c.cast_id = ? AND t.character_id = c.id AND t.review_flags <> 0 AND (t.take <> c.take OR c.gone = 1)",
    )
    .bind(cast)
    .execute(&mut *tx)
    .await?;
    query(
        "UPDATE stored_takes AS t SET flags = v.value->>2, review_flags = v.value->>3
         FROM json_each(?) v WHERE t.character_id = v.value->>0 AND t.take = v.value->>1",
    )
    .bind(Value::from(takes).to_string())
    .execute(&mut *tx)
    .await?;
    let alike = reviewed.alike.iter().flat_map(|pair| {
        let (one, other) = (pair.one, pair.other);
        [(one, other), (other, one)]
            .map(|(a, b)| json!([a.0.0, a.1.0, b.0.0, b.1.0, pair.similarity]))
    });
    query(
        "DELETE FROM alike_takes WHERE character_id IN (SELECT id FROM stored_characters WHERE cast_id = ?);
         INSERT OR REPLACE INTO alike_takes (character_id, take, other_id, other_take, similarity)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?)",
    )
    .bind(cast)
    .bind(Value::from(alike.collect::<Vec<_>>()).to_string())
    .execute(&mut *tx)
    .await?;
    let changed: Vec<CharacterId> = reviewed.takes.iter().map(|it| it.id).collect();
    show(tx, &ids(&changed)).await
}

/// Brings the shown flags of these characters up to date.
async fn show(tx: &mut SqliteConnection, characters: &str) -> Result<(), sqlx::Error> {
    let sql = format!(
        "UPDATE stored_characters AS c SET flags = {shown}
         FROM stored_takes t, stored_casts k
         WHERE c.id IN (SELECT value FROM json_each(?)) AND k.id = c.cast_id
             AND t.character_id = c.id AND t.take = c.take AND c.flags <> {shown}",
        shown = shown_flags("k.recipe_id")
    );
    query(AssertSqlSafe(sql))
        .bind(characters)
        .execute(tx)
        .await?;
    Ok(())
}

/// Dismisses the flag of the current takes that show it. Returns how many.
async fn dismiss(
    tx: &mut SqliteConnection,
    characters: &[CharacterId],
    flag: Flag,
) -> Result<u64, sqlx::Error> {
    let characters = ids(characters);
    query(
        "UPDATE stored_takes AS t SET dismissed = t.dismissed | ?2
         FROM stored_characters c
         WHERE c.id IN (SELECT value FROM json_each(?1)) AND c.flags & ?2 AND t.character_id = c.id AND t.take = c.take",
    )
    .bind(&characters)
    .bind(flag.bit())
    .execute(&mut *tx)
    .await?;
    let dismissed = query(
        "UPDATE stored_characters SET flags = flags & ~?2, dismissed = dismissed | ?2
         WHERE id IN (SELECT value FROM json_each(?1)) AND flags & ?2",
    )
    .bind(&characters)
    .bind(flag.bit())
    .execute(tx)
    .await?;
    Ok(dismissed.rows_affected())
}
