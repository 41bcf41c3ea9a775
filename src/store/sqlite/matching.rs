//! Carries out the passes of [`domain::matching`](crate::domain::matching): pairs the staged rows with the characters of
//! their cast.
//!
//! It reads the characters in `temp.candidates` and stores the pairs in `temp.matched`. The rules are in `domain`, not here.

use super::importing::Import;
use super::values::trimmed;
use crate::domain::character::CastId;
use crate::domain::matching::{Pass, Presence, passes};
use sqlx::{AssertSqlSafe, SqliteConnection, query};

/// Pairs by key in the cast `?1`. If `?2` is true, only characters in `temp.left_over` may be paired.
const BY_KEY: &str = "
    INSERT INTO temp.matched (row, character_id)
    SELECT i.row, c.id
    FROM temp.incoming i CROSS JOIN stored_characters c ON c.cast_id = ?1 AND c.key = i.key
    WHERE NOT ?2 OR c.id IN (SELECT character_id FROM temp.left_over)";

/// Finds the characters of the staged rows.
pub(super) async fn pair_all(import: &mut Import<'_>) -> Result<(), sqlx::Error> {
    let keyed = import.keyed;
    let tx = &mut *import.writer;
    query(
        "DROP TABLE IF EXISTS temp.matched;
         CREATE TEMP TABLE matched (row INTEGER PRIMARY KEY, character_id INTEGER NOT NULL UNIQUE)",
    )
    .execute(&mut *tx)
    .await?;
    if let Some(cast) = import.cast {
        for pass in passes(keyed) {
            pair(tx, *pass, cast, import.unchanged.is_some()).await?;
        }
    }
    Ok(())
}

/// Carries out one pass on the rows and characters that have no pair yet.
async fn pair(
    tx: &mut SqliteConnection,
    pass: Pass,
    cast: CastId,
    only_left_over: bool,
) -> Result<(), sqlx::Error> {
    match pass {
        Pass::Key => by_key(tx, cast, only_left_over).await,
        Pass::ContentAndCells => by_content_and_cells(tx).await,
        Pass::Content => in_order(tx, "content", "").await,
        Pass::Cells => in_order(tx, "columns", "").await,
        Pass::Name(presence) => by_name(tx, presence).await,
    }
}

/// Looks up each row in the index of the keys. A join with the view of the candidates would compare each row with each
/// candidate (measured: minutes for a million).
async fn by_key(
    tx: &mut SqliteConnection,
    cast: CastId,
    only_left_over: bool,
) -> Result<(), sqlx::Error> {
    query(BY_KEY)
        .bind(cast)
        .bind(only_left_over)
        .execute(tx)
        .await?;
    Ok(())
}

/// Handles only contents that occur several times. The pass by content finds the other pairs as well, without sorting all
/// cells of the sheet (measured).
async fn by_content_and_cells(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.repeated;
         CREATE TEMP TABLE repeated (content BLOB PRIMARY KEY) WITHOUT ROWID;
         INSERT INTO temp.repeated
             SELECT content FROM temp.incoming GROUP BY content HAVING count(*) > 1
             UNION
             SELECT content FROM temp.candidates GROUP BY content HAVING count(*) > 1",
    )
    .execute(&mut *tx)
    .await?;
    let repeated = "AND content IN (SELECT content FROM temp.repeated)";
    in_order(tx, "content, columns", repeated).await?;
    query("DROP TABLE temp.repeated").execute(tx).await?;
    Ok(())
}

/// Pairs rows and characters that are equal in the columns `these`: the first with the first, the second with the second.
/// Only rows and characters that meet `condition` take part.
async fn in_order(
    tx: &mut SqliteConnection,
    these: &'static str,
    condition: &'static str,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO temp.matched (row, character_id)
         SELECT i.row, c.id
         FROM (
             SELECT row, {these}, row_number() OVER (PARTITION BY {these} ORDER BY row) AS nth
             FROM temp.incoming WHERE row NOT IN (SELECT row FROM temp.matched) {condition}
         ) i
         JOIN (
             SELECT id, {these}, row_number() OVER (PARTITION BY {these} ORDER BY gone, row, id) AS nth
             FROM temp.candidates
             WHERE id NOT IN (SELECT character_id FROM temp.matched) {condition}
         ) c USING ({these}, nth)"
    );
    query(AssertSqlSafe(sql)).execute(tx).await?;
    Ok(())
}

async fn by_name(tx: &mut SqliteConnection, presence: Presence) -> Result<(), sqlx::Error> {
    let name = trimmed("name");
    let sql = format!(
        "INSERT INTO temp.matched (row, character_id)
         WITH
             i AS (
                 SELECT {name} AS plain, min(row) AS row FROM temp.incoming
                 WHERE row NOT IN (SELECT row FROM temp.matched) GROUP BY 1 HAVING count(*) = 1
             ),
             c AS (
                 SELECT {name} AS plain, min(id) AS id FROM temp.candidates
                 WHERE gone = ? AND id NOT IN (SELECT character_id FROM temp.matched)
                 GROUP BY 1 HAVING count(*) = 1
             )
         SELECT i.row, c.id FROM i JOIN c USING (plain)"
    );
    query(AssertSqlSafe(sql))
        .bind(presence == Presence::Gone)
        .execute(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Sqlite;
    use crate::store::sqlite::staging::tables;
    use sqlx::Row;

    #[tokio::test]
    async fn each_row_looks_up_its_key_in_the_index_of_keys() {
        let db = Sqlite::in_memory().await.expect("a database");
        let mut tx = db.writer.lock().await;
        let made = "CREATE TEMP TABLE matched (row INTEGER PRIMARY KEY, character_id INTEGER NOT NULL UNIQUE)";
        for sql in [tables(Some(CastId(1)), true), made.to_owned()] {
            query(AssertSqlSafe(sql))
                .execute(&mut *tx)
                .await
                .expect("tables");
        }
        let steps = query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {BY_KEY}")))
            .bind(1)
            .bind(true)
            .fetch_all(&mut *tx)
            .await
            .expect("a plan");
        let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        let plan = steps.join("\n");
        assert!(plan.contains("characters_key"), "{plan}");
        assert!(!plan.contains("SCAN c"), "{plan}");
    }
}
