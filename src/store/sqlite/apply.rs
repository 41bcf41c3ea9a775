//! Applies the verdicts on the rows of a sheet to the cast, in the transaction that also computed them.
//!
//! Nothing is deleted. An edited character keeps its takes. A character that is no longer in the sheet is marked as gone and
//! keeps its takes and attempts.

use super::importing::Import;
use super::run::recipe_id;
use super::{crash, millis};
use crate::domain::character::CastId;
use crate::store::Sheet;
use crate::store::shown_flags::shown_flags;
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar};
use std::time::SystemTime;

/// Applies the verdicts and commits. Stores `digest` with the cast, and returns the cast.
pub(super) async fn apply(
    import: &mut Import<'_>,
    digest: Option<[u8; 32]>,
) -> Result<CastId, sqlx::Error> {
    let tx = &mut *import.writer;
    let now = millis(SystemTime::now());
    let recipe = recipe_id(tx, &import.sheet.recipe).await?;
    let before: Option<i64> = query_scalar("SELECT recipe_id FROM stored_casts WHERE id = ?")
        .bind(import.cast)
        .fetch_optional(&mut *tx)
        .await?;
    let cast = match import.cast {
        Some(cast) => cast,
        None => {
            query_scalar("INSERT INTO stored_casts (name, created_ms, recipe_id, header) VALUES (?, ?, ?, '[]') RETURNING id")
                .bind(&import.sheet.cast)
                .bind(now)
                .bind(recipe)
                .fetch_one(&mut *tx)
                .await?
        }
    };
    describe(tx, &import.sheet, cast, recipe).await?;
    crash::point("importing");
    if import.unchanged.is_some() {
        renumber(tx, cast).await?;
    }
    mark_gone(tx).await?;
    reindex(tx).await?;
    update(tx).await?;
    insert(tx, cast).await?;
    copy_spare_takes(tx, cast, now).await?;
    store_stories(tx, cast, now).await?;
    update_story_dates(tx, cast).await?;
    // With the same recipe as before, an unchanged character keeps its flags.
    if import.unchanged.is_some() && before == Some(recipe) {
        flag(tx, cast, recipe, LEFT_OVER).await?;
    } else {
        flag(
            tx,
            cast,
            recipe,
            "SELECT id FROM stored_characters WHERE cast_id = ?1",
        )
        .await?;
    }
    remember(tx, cast, digest).await?;
    crash::point("imported");
    query(
        "DROP VIEW temp.verdicts; DROP VIEW temp.sheet_rows; DROP VIEW temp.standing; DROP VIEW temp.candidates;
         DROP TABLE temp.decided; DROP TABLE temp.facts; DROP TABLE temp.matched; DROP TABLE temp.unchanged;
         DROP TABLE temp.left_over; DROP TABLE temp.incoming; COMMIT",
    )
        .execute(tx)
        .await?;
    Ok(cast)
}

/// Stores the recipe, the columns and the key column of the sheet.
async fn describe(
    tx: &mut SqliteConnection,
    sheet: &Sheet,
    cast: CastId,
    recipe: i64,
) -> Result<(), sqlx::Error> {
    let key_column = sheet.key_column.as_deref();
    let key_before: Option<String> =
        query_scalar("SELECT key_column FROM stored_casts WHERE id = ?")
            .bind(cast)
            .fetch_one(&mut *tx)
            .await?;
    if key_before.as_deref() != key_column {
        // With another key column, a key can move to another character. The unique index would reject that while the old
        // keys are still stored.
        query("UPDATE stored_characters SET key = NULL WHERE cast_id = ? AND key IS NOT NULL")
            .bind(cast)
            .execute(&mut *tx)
            .await?;
    }
    query("UPDATE stored_casts SET recipe_id = ?, header = ?, key_column = ? WHERE id = ?")
        .bind(recipe)
        .bind(serde_json::json!(sheet.columns).to_string())
        .bind(key_column)
        .bind(cast)
        .execute(tx)
        .await?;
    Ok(())
}

/// Stores the digest of the sheet. The changes before have deleted the digest of the previous sheet.
pub(super) async fn remember(
    tx: &mut SqliteConnection,
    cast: CastId,
    digest: Option<[u8; 32]>,
) -> Result<(), sqlx::Error> {
    query("UPDATE stored_casts SET sheet_digest = ? WHERE id = ?")
        .bind(digest.map(|digest| digest.to_vec()))
        .bind(cast)
        .execute(tx)
        .await?;
    Ok(())
}

/// Gives unchanged characters their new row numbers.
async fn renumber(tx: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    query(
        "UPDATE stored_characters AS c SET row = c.row + u.row - u.character_row
         FROM temp.unchanged u
         WHERE u.row <> u.character_row AND c.cast_id = ?
             AND c.row BETWEEN u.character_row AND u.character_row + u.many - 1 AND c.gone = 0",
    )
    .bind(cast)
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks the characters as gone whose row is no longer in the sheet.
async fn mark_gone(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "UPDATE stored_characters SET gone = 1
         WHERE id IN (
             SELECT id FROM temp.candidates WHERE gone = 0 AND id NOT IN (SELECT character_id FROM temp.matched)
         )",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks the characters whose texts change, so that the next search indexes them again. New characters and new takes need
/// no mark: the index finds them by their identities.
async fn reindex(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "INSERT OR IGNORE INTO search_changed (character_id)
         SELECT c.id FROM temp.verdicts v
         JOIN temp.incoming i USING (row)
         JOIN stored_characters c ON c.id = v.character_id
         WHERE v.take IS NOT NULL OR c.name <> i.name OR c.description <> i.description",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Updates the characters that a row matched: their cells and their state.
async fn update(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "UPDATE stored_characters AS c SET
             row = i.row,
             key = i.key,
             name = i.name,
             description = i.description,
             columns = i.columns,
             content = i.content,
             gone = 0,
             status = v.status,
             take = coalesce(v.take, c.take),
             picked = v.picked,
             tries = CASE WHEN v.status = c.status AND NOT v.edited THEN c.tries ELSE 0 END,
             error_kind = CASE WHEN v.status = 'failed' THEN c.error_kind END,
             error = CASE WHEN v.status = 'failed' THEN c.error END
         FROM temp.verdicts v JOIN temp.incoming i USING (row)
         -- The second statement updates characters that get a spare take or a story from the sheet.
         WHERE c.id = v.character_id AND v.spare IS NULL AND i.have IS NULL
             -- Most rows are unchanged and are not written.
             AND (c.row <> i.row OR c.key IS NOT i.key OR c.name <> i.name OR c.description <> i.description
                 OR c.columns <> i.columns OR c.content <> i.content OR c.gone = 1
                 OR v.edited OR v.take IS NOT NULL OR v.status <> c.status);
         UPDATE stored_characters AS c SET
             row = i.row,
             key = i.key,
             name = i.name,
             description = i.description,
             columns = i.columns,
             content = i.content,
             gone = 0,
             picked = v.picked,
             status = CASE WHEN v.edited THEN 'pending' ELSE c.status END,
             error_kind = CASE WHEN c.status = 'failed' AND NOT v.edited THEN c.error_kind END,
             error = CASE WHEN c.status = 'failed' AND NOT v.edited THEN c.error END
         FROM temp.verdicts v JOIN temp.incoming i USING (row)
         WHERE c.id = v.character_id AND (v.spare IS NOT NULL OR i.have IS NOT NULL)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Inserts a character for each row that matched none.
async fn insert(tx: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    let inserted = query(
        "INSERT INTO stored_characters (cast_id, row, key, name, description, columns, content)
         SELECT ?, i.row, i.key, i.name, i.description, i.columns, i.content
         FROM temp.verdicts v JOIN temp.incoming i USING (row)
         WHERE v.character_id IS NULL ORDER BY i.row",
    )
    .bind(cast)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    query("UPDATE stored_casts SET pending = pending + ? WHERE id = ?")
        .bind(super::integer(inserted))
        .bind(cast)
        .execute(tx)
        .await?;
    Ok(())
}

/// Copies spare takes of other characters to the rows with the same content.
async fn copy_spare_takes(
    tx: &mut SqliteConnection,
    cast: CastId,
    now: i64,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint,
             copied_from, finished_ms)
         SELECT c.id, c.takes + 1, t.text, t.words, t.flags, t.content, t.recipe_id, t.provider, t.model, t.endpoint, t.id, ?2
         FROM temp.verdicts v
         JOIN stored_characters c ON c.cast_id = ?1 AND c.row = v.row AND c.gone = 0
         JOIN stored_takes t ON t.id = v.spare
         WHERE v.spare IS NOT NULL;
         UPDATE stored_characters SET takes = takes + 1, take = takes + 1, status = 'done', tries = 0, picked = 0
         WHERE cast_id = ?1 AND gone = 0 AND row IN (SELECT row FROM temp.verdicts WHERE spare IS NOT NULL)",
    )
    .bind(cast)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores the stories that the sheet contains, as takes. A story that is already stored as a take is not stored again; if the
/// sheet did not contain it before, that take becomes the current one.
async fn store_stories(
    tx: &mut SqliteConnection,
    cast: CastId,
    now: i64,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT OR IGNORE INTO search_changed (character_id)
         SELECT v.character_id FROM temp.incoming i JOIN temp.verdicts v USING (row)
         WHERE i.have IS NOT NULL AND v.new_story;
         UPDATE stored_characters AS c SET take = t.take, status = 'done', tries = 0, error_kind = NULL, error = NULL
         FROM temp.incoming i
         JOIN temp.verdicts v USING (row)
         JOIN stored_takes t ON t.character_id = v.character_id AND t.text = i.have
         WHERE c.id = v.character_id AND v.new_story AND c.picked = 0 AND t.content = c.content AND t.take <> c.take",
    )
    .execute(&mut *tx)
    .await?;
    query(
        "DELETE FROM temp.incoming WHERE have IS NULL OR EXISTS (
             SELECT 1 FROM stored_characters c JOIN stored_takes t ON t.character_id = c.id
             WHERE c.cast_id = ?1 AND c.row = incoming.row AND c.gone = 0
                 AND c.status = 'done' AND t.text = incoming.have AND t.content = c.content
         );
         INSERT INTO stored_takes (character_id, take, text, words, flags, content, provider, finished_ms)
         SELECT c.id, c.takes + 1, i.have, i.have_words, i.have_flags, c.content, 'hand', ?2
         FROM temp.incoming i
         JOIN stored_characters c ON c.cast_id = ?1 AND c.row = i.row AND c.gone = 0;
         UPDATE stored_characters SET takes = takes + 1, take = takes + 1, status = 'done', tries = 0, picked = 0,
             error_kind = NULL, error = NULL
         WHERE cast_id = ?1 AND gone = 0 AND row IN (SELECT row FROM temp.incoming)",
    )
    .bind(cast)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Updates the times of the first and the last story, if the sheet brought stories.
async fn update_story_dates(tx: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    query(
        "UPDATE stored_casts SET oldest_ms = coalesce(oldest_ms, brought.ms), newest_ms = brought.ms
         FROM (
             SELECT max(t.finished_ms) AS ms
             FROM temp.verdicts v
             JOIN stored_characters c ON c.cast_id = ?1 AND c.row = v.row AND c.gone = 0
             JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             WHERE v.spare IS NOT NULL OR v.row IN (SELECT row FROM temp.incoming)
         ) brought
         WHERE id = ?1 AND brought.ms IS NOT NULL",
    )
    .bind(cast)
    .execute(tx)
    .await?;
    Ok(())
}

/// SQL for the characters of all staged rows, and those that matched no unchanged row.
const LEFT_OVER: &str = "
    SELECT character_id AS id FROM temp.left_over
    UNION
    SELECT c.id FROM temp.facts f
    CROSS JOIN stored_characters c ON c.cast_id = ?1 AND c.row = f.row AND c.gone = 0";

/// Updates the flags of `characters` from their current takes. A take of another content or recipe gets the flag `stale`.
async fn flag(
    tx: &mut SqliteConnection,
    cast: CastId,
    recipe: i64,
    characters: &'static str,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "UPDATE stored_characters AS c SET flags = now.flags
         FROM (
             SELECT c.id, {} AS flags
             FROM ({characters}) these
             CROSS JOIN stored_characters c ON c.id = these.id
             JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         ) now
         WHERE now.id = c.id AND now.flags <> c.flags",
        shown_flags("?2")
    );
    query(AssertSqlSafe(sql))
        .bind(cast)
        .bind(recipe)
        .execute(tx)
        .await?;
    Ok(())
}
