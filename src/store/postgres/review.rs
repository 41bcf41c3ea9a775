//! Reads the stories of a cast for a review, and stores what the review found, what the user dismissed, and which stories are to be
//! written again.
//!
//! Each change is one short transaction. The characters are locked first, in the order of their identities, and the row of the cast
//! last, as everywhere.

use super::Postgres;
use super::read::numbers;
use super::session::{Limits, Transaction};
use super::values::integer;
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::{Flag, Flags, TakeFlags};
use crate::store::shown_flags::{is_stale, shown_flags};
use crate::store::{Reviewed, StoreError, StoryRecord};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row, query};
use std::ops::ControlFlow;

impl Postgres {
    pub(in crate::store) async fn each_story<E: From<StoreError>>(
        &self,
        cast: CastId,
        mut each: impl FnMut(StoryRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT c.id, c.key, c.row, c.name, c.description, c.columns, t.take, t.text, t.provider, t.flags, t.review_flags,
                 t.dismissed, {}
             FROM stored_casts k
             JOIN stored_characters c ON c.cast_id = k.id
             JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             WHERE k.id = $1 AND NOT c.gone ORDER BY c.row, c.id",
            is_stale("k.recipe_id")
        );
        let mut tx = self.reader.read(Limits::Long).await?;
        let rows = query(AssertSqlSafe(sql)).bind(cast);
        let each = |row: &PgRow| -> Result<_, E> {
            each(story(row))?;
            Ok(ControlFlow::Continue(()))
        };
        tx.each("read the stories", rows, each).await?;
        tx.finish().await;
        Ok(())
    }

    pub(in crate::store) async fn store_review(
        &self,
        cast: CastId,
        reviewed: &Reviewed,
    ) -> Result<(), StoreError> {
        let doing = "store the review";
        let mut tx = self.writer.write(Limits::Long).await?;
        let lock = query(
            "SELECT c.id FROM stored_characters c
             WHERE c.cast_id = $1 AND (c.id = ANY($2) OR EXISTS (
                 SELECT 1 FROM stored_takes t WHERE t.character_id = c.id AND t.review_flags <> 0
             ))
             ORDER BY c.id FOR NO KEY UPDATE OF c",
        );
        let changed: Vec<CharacterId> = reviewed.takes.iter().map(|it| it.id).collect();
        let changed = numbers(&changed);
        tx.execute(doing, lock.bind(cast).bind(&changed)).await?;
        store_flags(&mut tx, doing, cast, reviewed).await?;
        store_pairs(&mut tx, doing, cast, reviewed).await?;
        show(&mut tx, doing, cast, &changed).await?;
        tx.commit(doing).await
    }

    pub(in crate::store) async fn dismiss(
        &self,
        characters: &[CharacterId],
        flag: Flag,
    ) -> Result<u64, StoreError> {
        let doing = "dismiss the flag";
        let mut tx = self.writer.write(Limits::Long).await?;
        let lock = query(
            "SELECT id FROM stored_characters WHERE id = ANY($1) AND flags & $2 <> 0 ORDER BY id FOR NO KEY UPDATE",
        );
        let lock = lock.bind(numbers(characters)).bind(flag.bit());
        let rows = tx.rows(doing, lock).await?;
        let held: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let takes = query(
            "UPDATE stored_takes t SET dismissed = t.dismissed | $2
             FROM stored_characters c WHERE c.id = ANY($1) AND t.character_id = c.id AND t.take = c.take",
        );
        tx.execute(doing, takes.bind(&held).bind(flag.bit()))
            .await?;
        let dismissed = query(
            "WITH c AS (
                 UPDATE stored_characters SET flags = flags & ~$2::bigint, dismissed = dismissed | $2 WHERE id = ANY($1) RETURNING cast_id, flags, gone
             )
             UPDATE stored_casts k SET flagged = k.flagged - n.many
             FROM (SELECT cast_id, count(*) AS many FROM c WHERE flags = 0 AND NOT gone GROUP BY cast_id) n
             WHERE k.id = n.cast_id",
        );
        tx.execute(doing, dismissed.bind(&held).bind(flag.bit()))
            .await?;
        tx.commit(doing).await?;
        Ok(u64::try_from(held.len()).unwrap_or(u64::MAX))
    }

    pub(in crate::store) async fn write_again(
        &self,
        characters: &[CharacterId],
    ) -> Result<u64, StoreError> {
        let doing = "mark the characters";
        let mut tx = self.writer.write(Limits::Long).await?;
        let lock = query(
            "SELECT id, status, cast_id FROM stored_characters
             WHERE id = ANY($1) AND status IN ('done', 'failed') AND NOT gone ORDER BY id FOR NO KEY UPDATE",
        );
        let rows = tx.rows(doing, lock.bind(numbers(characters))).await?;
        let held: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let again = query(
            "WITH before AS (
                 SELECT cast_id, count(*) AS many, count(*) FILTER (WHERE status = 'done') AS done
                 FROM stored_characters WHERE id = ANY($1) GROUP BY cast_id
             ),
             c AS (
                 UPDATE stored_characters SET status = 'pending', tries = 0, run_id = NULL, error_kind = NULL, error = NULL
                 WHERE id = ANY($1)
             )
             UPDATE stored_casts k SET
                 done = k.done - b.done, failed = k.failed - (b.many - b.done), pending = k.pending + b.many
             FROM before b WHERE k.id = b.cast_id",
        );
        tx.execute(doing, again.bind(&held)).await?;
        tx.commit(doing).await?;
        Ok(u64::try_from(held.len()).unwrap_or(u64::MAX))
    }
}

fn story(row: &PgRow) -> StoryRecord {
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

async fn store_flags(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    cast: CastId,
    reviewed: &Reviewed,
) -> Result<(), StoreError> {
    // What an earlier review found in takes that are not current any more is out of date.
    let outdated = query(
        "UPDATE stored_takes t SET review_flags = 0
         FROM stored_characters c
         WHERE c.cast_id = $1 AND t.character_id = c.id AND t.review_flags <> 0 AND (t.take <> c.take OR c.gone)",
    );
    tx.execute(doing, outdated.bind(cast)).await?;
    let takes = &reviewed.takes;
    let flags = query(
        "UPDATE stored_takes t SET flags = v.own, review_flags = v.review
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS v (id, take, own, review)
         WHERE t.character_id = v.id AND t.take = v.take",
    )
    .bind(takes.iter().map(|it| it.id.0).collect::<Vec<_>>())
    .bind(takes.iter().map(|it| it.take.0).collect::<Vec<_>>())
    .bind(takes.iter().map(|it| it.own.bits()).collect::<Vec<_>>())
    .bind(takes.iter().map(|it| it.review.bits()).collect::<Vec<_>>());
    tx.execute(doing, flags).await?;
    Ok(())
}

async fn store_pairs(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    cast: CastId,
    reviewed: &Reviewed,
) -> Result<(), StoreError> {
    let delete = query(
        "DELETE FROM alike_takes a USING stored_characters c WHERE c.id = a.character_id AND c.cast_id = $1",
    );
    tx.execute(doing, delete.bind(cast)).await?;
    let pairs = &reviewed.alike;
    let insert = query(
        "INSERT INTO alike_takes (character_id, take, other_id, other_take, similarity)
         SELECT d.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::float8[]) AS v (a, ta, b, tb, s)
         CROSS JOIN LATERAL (VALUES (v.a, v.ta, v.b, v.tb, v.s), (v.b, v.tb, v.a, v.ta, v.s)) d
         ON CONFLICT DO NOTHING",
    )
    .bind(pairs.iter().map(|it| it.one.0.0).collect::<Vec<_>>())
    .bind(pairs.iter().map(|it| it.one.1.0).collect::<Vec<_>>())
    .bind(pairs.iter().map(|it| it.other.0.0).collect::<Vec<_>>())
    .bind(pairs.iter().map(|it| it.other.1.0).collect::<Vec<_>>())
    .bind(pairs.iter().map(|it| it.similarity).collect::<Vec<_>>());
    tx.execute(doing, insert).await?;
    Ok(())
}

/// Brings the shown flags of these characters up to date, and the count of the cast.
async fn show(
    tx: &mut Transaction<'_>,
    doing: &'static str,
    cast: CastId,
    characters: &[i64],
) -> Result<(), StoreError> {
    let sql = format!(
        "WITH n AS MATERIALIZED (
             SELECT c.id, c.flags AS before, {shown} AS now
             FROM stored_characters c
             JOIN stored_casts k ON k.id = c.cast_id
             JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             WHERE c.id = ANY($1)
         ),
         c AS (
             UPDATE stored_characters c SET flags = n.now FROM n WHERE n.id = c.id AND n.now <> n.before
             RETURNING c.gone, (n.now <> 0)::int - (n.before <> 0)::int AS flagged
         )
         SELECT coalesce(sum(flagged) FILTER (WHERE NOT gone), 0)::bigint FROM c",
        shown = shown_flags("k.recipe_id")
    );
    let more: Option<i64> = tx
        .value(doing, query(AssertSqlSafe(sql)).bind(characters))
        .await?;
    let count = query("UPDATE stored_casts SET flagged = flagged + $2 WHERE id = $1 AND $2 <> 0");
    let count = count.bind(cast).bind(more.unwrap_or(0));
    tx.execute(doing, count).await?;
    Ok(())
}
