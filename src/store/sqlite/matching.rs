//! Which row is which character.
//!
//! By the key if there is one; else first by content and the ordinal among equal rows, then what is left by all its cells, then
//! by name, where the name stands once among the unmatched on both sides.

use super::import::Import;
use sqlx::{SqliteConnection, query, query_scalar};

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
            by_cells(tx, cast).await?;
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

/// By content, one after the other where several are equal: first those whose other columns are equal, too, then the rest.
async fn by_content(tx: &mut SqliteConnection, cast: i64) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.twins;
         CREATE TEMP TABLE twins (content BLOB PRIMARY KEY) WITHOUT ROWID;
         INSERT INTO temp.twins
             SELECT content FROM temp.incoming GROUP BY content HAVING count(*) > 1
             UNION
             SELECT content FROM stored_characters WHERE cast_id = ?1 GROUP BY content HAVING count(*) > 1;
         INSERT INTO temp.matched (row, character_id)
             SELECT i.row, c.id
             FROM (
                 SELECT row, content, columns, row_number() OVER (PARTITION BY content, columns ORDER BY row) AS nth
                 FROM temp.incoming WHERE content IN (SELECT content FROM temp.twins)
             ) i
             JOIN (
                 SELECT id, content, columns,
                     row_number() OVER (PARTITION BY content, columns ORDER BY gone, row, id) AS nth
                 FROM stored_characters WHERE cast_id = ?1 AND content IN (SELECT content FROM temp.twins)
             ) c ON c.content = i.content AND c.columns = i.columns AND c.nth = i.nth;
         DROP TABLE temp.twins;
         INSERT INTO temp.matched (row, character_id)
             SELECT i.row, c.id
             FROM (
                 SELECT row, content, row_number() OVER (PARTITION BY content ORDER BY row) AS nth
                 FROM temp.incoming WHERE row NOT IN (SELECT row FROM temp.matched)
             ) i
             JOIN (
                 SELECT id, content, row_number() OVER (PARTITION BY content ORDER BY gone, row, id) AS nth
                 FROM stored_characters
                 WHERE cast_id = ?1 AND id NOT IN (SELECT character_id FROM temp.matched)
             ) c ON c.content = i.content AND c.nth = i.nth",
    )
    .bind(cast)
    .execute(tx)
    .await?;
    Ok(())
}

/// By all cells, where the description is made otherwise than before.
async fn by_cells(tx: &mut SqliteConnection, cast: i64) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO temp.matched (row, character_id)
         SELECT i.row, c.id
         FROM (
             SELECT row, columns, row_number() OVER (PARTITION BY columns ORDER BY row) AS nth
             FROM temp.incoming WHERE row NOT IN (SELECT row FROM temp.matched)
         ) i
         JOIN (
             SELECT id, columns, row_number() OVER (PARTITION BY columns ORDER BY gone, row, id) AS nth
             FROM stored_characters
             WHERE cast_id = ? AND id NOT IN (SELECT character_id FROM temp.matched)
         ) c ON c.columns = i.columns AND c.nth = i.nth",
    )
    .bind(cast)
    .execute(tx)
    .await?;
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
