//! Computes the code of each row: what is known about it and its character. See [`codes`](crate::store::codes).

use super::session::Transaction;
use crate::domain::status::Status;
use crate::domain::verdict::{Case, Finished, Wording};
use crate::store::StoreError;
use crate::store::codes::{
    CHANGED, DONE, FAILED, GONE, MATCHED, NEW_STORY, OTHER_RECIPE, OWN_PICKED, OWN_TAKE, PICKED,
    RUNNING, SAME_CELLS, STATUS, STORY, case_of,
};
use sqlx::{AssertSqlSafe, Row, query};

const DOING: &str = "compare the sheet with its cast";

/// SQL for the state of the character `c`. One that a dead run left as `running` counts as pending.
pub(super) const KNOWN_STATUS: &str = "CASE
    WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending' ELSE c.status
END";

/// Fills `facts` with the code of each row, its character, and the character's own take that fits. Returns the codes that occur.
pub(super) async fn gather(
    tx: &mut Transaction<'_>,
    recipe: &[u8],
    finished: Finished,
) -> Result<Vec<i64>, StoreError> {
    tx.batch(DOING, "TRUNCATE facts").await?;
    let compare = query(AssertSqlSafe(comparing()));
    let compare = compare.bind(recipe).bind(finished == Finished::Redo);
    tx.execute(DOING, compare).await?;
    tx.batch(DOING, "ANALYZE facts").await?;
    let codes = codes(tx).await?;
    // Looking for takes reads all takes of the cast, so it is done only where one may be needed.
    if !codes
        .iter()
        .any(|code| may_need_own_take(case_of(*code), finished))
    {
        return Ok(codes);
    }
    let own_takes = query(AssertSqlSafe(own_takes()));
    let own_takes = own_takes.bind(recipe).bind(finished == Finished::Redo);
    tx.execute(DOING, own_takes).await?;
    self::codes(tx).await
}

async fn codes(tx: &mut Transaction<'_>) -> Result<Vec<i64>, StoreError> {
    let codes = tx
        .rows(DOING, query("SELECT DISTINCT code FROM facts"))
        .await?;
    Ok(codes.iter().map(|row| row.get(0)).collect())
}

/// Whether a take of the character may become current again: the condition of [`own_takes`].
fn may_need_own_take(case: Case, finished: Finished) -> bool {
    let Case::Matched(matched) = case else {
        return false;
    };
    let redo = finished == Finished::Redo;
    matched.wording != Wording::Same
        || (redo && (matched.other_recipe || matched.status == Status::Pending))
}

/// SQL that compares each row with its character. `$1` is the recipe, `$2` whether finished ones are written again.
fn comparing() -> String {
    format!(
        r#"INSERT INTO facts (row, character_id, seen, differs, code)
         SELECT i.row, c.id, c.xmin,
             c.id IS NOT NULL AND (
                 c.gone OR c.row <> i.row OR c.key IS DISTINCT FROM i.key OR c.name <> i.name OR c.description <> i.description
                 OR c.columns <> i.columns OR c.content <> i.content
             ),
             CASE WHEN i.have IS NULL THEN 0 ELSE {STORY} END + CASE WHEN c.id IS NULL THEN 0 ELSE
                 {MATCHED}
                 + CASE {KNOWN_STATUS}
                     WHEN 'running' THEN {RUNNING} WHEN 'done' THEN {DONE} WHEN 'failed' THEN {FAILED} ELSE 0
                 END
                 + {GONE} * c.gone::int
                 + {PICKED} * c.picked::int
                 + {CHANGED} * (c.content <> i.content)::int
                 + CASE WHEN c.content <> i.content AND NOT EXISTS (
                     SELECT 1 FROM json_each_text(c.columns::json) old JOIN json_each_text(i.columns::json) new USING (key)
                     WHERE old.value <> new.value
                 ) THEN {SAME_CELLS} ELSE 0 END
                 + CASE WHEN i.have IS NOT NULL AND c.columns <> i.columns AND NOT EXISTS (
                     SELECT 1 FROM json_each_text(c.columns::json) old WHERE old.value = i.have COLLATE "C"
                 ) THEN {NEW_STORY} ELSE 0 END
                 + CASE WHEN $2 AND c.status = 'done' AND EXISTS (
                     SELECT 1 FROM stored_takes t JOIN recipes p ON p.id = t.recipe_id
                     WHERE t.character_id = c.id AND t.take = c.take AND p.fingerprint <> $1
                 ) THEN {OTHER_RECIPE} ELSE 0 END
             END
         FROM incoming i
         LEFT JOIN matched m ON m.row = i.row
         LEFT JOIN stored_characters c ON c.id = m.character_id"#
    )
}

/// SQL that finds the character's own take that fits, for rows that may need one. After an edit that is the picked take with this
/// content, else the newest one, also if written by hand. After a change of the recipe it is the newest take of the recipe.
fn own_takes() -> String {
    format!(
        "UPDATE facts f SET code = f.code + {OWN_TAKE} + {OWN_PICKED} * own.picked::int, own_take = own.take
         FROM (
             SELECT DISTINCT ON (f.row) f.row, t.take, t.picked
             FROM facts f
             JOIN incoming i ON i.row = f.row
             JOIN stored_takes t ON t.character_id = f.character_id AND t.content = i.content
             LEFT JOIN recipes p ON p.id = t.recipe_id
             WHERE (f.code & {CHANGED} <> 0 OR ($2 AND (f.code & {OTHER_RECIPE} <> 0 OR f.code & {STATUS} = 0)))
                 AND (p.fingerprint = $1 OR (f.code & {CHANGED} <> 0 AND t.recipe_id IS NULL))
             ORDER BY f.row, (f.code & {CHANGED} <> 0 AND t.picked) DESC, t.take DESC
         ) own
         WHERE own.row = f.row"
    )
}
