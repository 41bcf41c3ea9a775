//! Which row is which character.
//!
//! By the key if there is one; else first by content (among rows that read the same by their other columns, then by their
//! order), then what is left by all its cells, then by name, where the name stands once among the unmatched on both sides.

use super::import::Import;
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar};

/// Finds the characters of the staged rows; leaves the pairs in `temp.matched`.
pub(super) async fn pair(import: &mut Import<'_>) -> Result<(), sqlx::Error> {
    let keyed = same_key_column(import).await?;
    let tx = &mut *import.writer;
    query(
        "DROP TABLE IF EXISTS temp.matched;
         CREATE TEMP TABLE matched (row INTEGER PRIMARY KEY, character_id INTEGER NOT NULL UNIQUE)",
    )
    .execute(&mut *tx)
    .await?;
    if let Some(cast) = import.cast {
        if keyed {
            by_key(tx, cast).await?;
        } else {
            by_content(tx, cast).await?;
            // Where the description is made otherwise than before, nothing but all cells together tells equal names apart.
            in_order(tx, cast, "columns", "").await?;
            by_name(tx, cast, false).await?;
            by_name(tx, cast, true).await?;
        }
    }
    Ok(())
}

/// Whether rows and characters are keyed by the same column; when a key column appears or changes, content decides once.
async fn same_key_column(import: &mut Import<'_>) -> Result<bool, sqlx::Error> {
    let stored: Option<String> = query_scalar("SELECT key_column FROM stored_casts WHERE id = ?")
        .bind(import.cast)
        .fetch_optional(&mut *import.writer)
        .await?
        .flatten();
    Ok(import.sheet.key_column.is_some() && import.sheet.key_column == stored)
}

async fn by_key(tx: &mut SqliteConnection, cast: i64) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO temp.matched (row, character_id)
         SELECT i.row, c.id FROM temp.incoming i JOIN stored_characters c ON c.cast_id = ? AND c.key = i.key",
    )
    .bind(cast)
    .execute(tx)
    .await?;
    Ok(())
}

/// By content: where several read the same, first those whose other columns are equal, too.
async fn by_content(tx: &mut SqliteConnection, cast: i64) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.twins;
         CREATE TEMP TABLE twins (content BLOB PRIMARY KEY) WITHOUT ROWID;
         INSERT INTO temp.twins
             SELECT content FROM temp.incoming GROUP BY content HAVING count(*) > 1
             UNION
             SELECT content FROM stored_characters WHERE cast_id = ? GROUP BY content HAVING count(*) > 1",
    )
    .bind(cast)
    .execute(&mut *tx)
    .await?;
    let twins = "AND content IN (SELECT content FROM temp.twins)";
    in_order(tx, cast, "content, columns", twins).await?;
    query("DROP TABLE temp.twins").execute(&mut *tx).await?;
    in_order(tx, cast, "content", "").await
}

/// Pairs what is left and equal in `these` columns, one after the other; of the rows and characters for which `which` holds.
async fn in_order(
    tx: &mut SqliteConnection,
    cast: i64,
    these: &'static str,
    which: &'static str,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO temp.matched (row, character_id)
         SELECT i.row, c.id
         FROM (
             SELECT row, {these}, row_number() OVER (PARTITION BY {these} ORDER BY row) AS nth
             FROM temp.incoming WHERE row NOT IN (SELECT row FROM temp.matched) {which}
         ) i
         JOIN (
             SELECT id, {these}, row_number() OVER (PARTITION BY {these} ORDER BY gone, row, id) AS nth
             FROM stored_characters
             WHERE cast_id = ? AND id NOT IN (SELECT character_id FROM temp.matched) {which}
         ) c USING ({these}, nth)"
    );
    query(AssertSqlSafe(sql)).bind(cast).execute(tx).await?;
    Ok(())
}

async fn by_name(tx: &mut SqliteConnection, cast: i64, gone: bool) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO temp.matched (row, character_id)
         WITH
             blank (chars) AS (SELECT char(9, 10, 13, 32)),
             i AS (
                 SELECT trim(name, chars) AS plain, min(row) AS row FROM temp.incoming, blank
                 WHERE row NOT IN (SELECT row FROM temp.matched) GROUP BY 1 HAVING count(*) = 1
             ),
             c AS (
                 SELECT trim(name, chars) AS plain, min(id) AS id FROM stored_characters, blank
                 WHERE cast_id = ? AND gone = ? AND id NOT IN (SELECT character_id FROM temp.matched)
                 GROUP BY 1 HAVING count(*) = 1
             )
         SELECT i.row, c.id FROM i JOIN c USING (plain)",
    )
    .bind(cast)
    .bind(gone)
    .execute(tx)
    .await?;
    Ok(())
}
