//! Gives rows the takes that they get without a request: spare takes of other characters, and stories of the sheet.
//!
//! A character whose request is in flight stays claimed, and its new take counts as picked.

use crate::domain::character::CastId;
use crate::store::StoreError;
use crate::store::codes::STORY;
use crate::store::postgres::session::Transaction;
use crate::store::postgres::verdicts::VERDICTS;
use sqlx::{AssertSqlSafe, query};

const DOING: &str = "store the stories of the sheet";

/// Stores the takes. The characters that got one are in `brought` afterwards.
pub(super) async fn store(tx: &mut Transaction<'_>, cast: CastId) -> Result<(), StoreError> {
    if !is_any(tx).await? {
        return Ok(());
    }
    name_new_characters(tx, cast).await?;
    bring_back_known_stories(tx).await?;
    copy_spare_takes(tx).await?;
    insert_stories(tx).await?;
    let current = query(
        "UPDATE stored_characters c SET takes = takes + 1, take = takes + 1, tries = 0, error_kind = NULL, error = NULL,
             status = CASE WHEN status = 'running' THEN status ELSE 'done' END, picked = status = 'running',
             is_answered = status = 'running',
             run_id = CASE WHEN status = 'running' THEN run_id END
         FROM brought b WHERE c.id = b.character_id",
    );
    tx.execute(DOING, current).await?;
    Ok(())
}

async fn is_any(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM facts WHERE spare IS NOT NULL OR code & {STORY} <> 0)"
    );
    let any = tx.value(DOING, query(AssertSqlSafe(sql))).await?;
    Ok(any.unwrap_or(false))
}

/// Characters that were inserted for such rows are known by their rows, which are unique now.
async fn name_new_characters(tx: &mut Transaction<'_>, cast: CastId) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE facts f SET character_id = c.id FROM stored_characters c
         WHERE f.character_id IS NULL AND (f.spare IS NOT NULL OR f.code & {STORY} <> 0)
             AND c.cast_id = $1 AND c.row = f.row AND NOT c.gone"
    );
    let name = query(AssertSqlSafe(sql)).bind(cast);
    tx.execute(DOING, name).await?;
    Ok(())
}

/// A story that the sheet did not have before, but that is a take already, becomes the current one.
async fn bring_back_known_stories(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE stored_characters c SET take = t.take, tries = 0, error_kind = NULL, error = NULL,
             status = CASE WHEN c.status = 'running' THEN c.status ELSE 'done' END, picked = c.status = 'running',
             is_answered = c.status = 'running',
             run_id = CASE WHEN c.status = 'running' THEN c.run_id END
         FROM {VERDICTS} v
         JOIN incoming i ON i.row = v.row
         JOIN stored_takes t ON t.character_id = v.character_id AND t.text = i.have
         WHERE c.id = v.character_id AND v.new_story AND NOT c.picked AND t.content = c.content AND t.take <> c.take"
    );
    tx.execute(DOING, query(AssertSqlSafe(sql))).await?;
    Ok(())
}

async fn copy_spare_takes(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    let copy = query(
        "WITH copied AS (
             INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint,
                 copied_from, finished_ms)
             SELECT c.id, c.takes + 1, t.text, t.words, t.flags, t.content, t.recipe_id, t.provider, t.model, t.endpoint, t.id,
                 now_ms()
             FROM facts f
             JOIN stored_characters c ON c.id = f.character_id
             JOIN stored_takes t ON t.id = f.spare
             RETURNING character_id
         )
         INSERT INTO brought (character_id) SELECT character_id FROM copied",
    );
    tx.execute(DOING, copy).await?;
    Ok(())
}

/// Stores the stories of the sheet that are no takes of a finished character yet.
async fn insert_stories(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    let insert = query(
        "WITH inserted AS (
             INSERT INTO stored_takes (character_id, take, text, words, flags, content, provider, finished_ms)
             SELECT c.id, c.takes + 1, i.have, i.have_words, i.have_flags, c.content, 'hand', now_ms()
             FROM facts f
             JOIN incoming i ON i.row = f.row
             JOIN stored_characters c ON c.id = f.character_id
             WHERE i.have IS NOT NULL AND NOT (
                 (c.status = 'done' OR (c.status = 'running' AND c.picked)) AND EXISTS (
                     SELECT 1 FROM stored_takes t WHERE t.character_id = c.id AND t.text = i.have AND t.content = c.content
                 )
             )
             RETURNING character_id
         )
         INSERT INTO brought (character_id) SELECT character_id FROM inserted",
    );
    tx.execute(DOING, insert).await?;
    Ok(())
}
