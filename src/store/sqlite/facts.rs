//! Computes the code of each staged row: what is known about it and its character. See [`codes`](crate::store::codes).

use crate::domain::verdict::Finished;
use crate::store::codes::{
    CHANGED, DONE, FAILED, GONE, MATCHED, NEW_STORY, OTHER_RECIPE, OWN_PICKED, OWN_TAKE, PICKED,
    RUNNING, SAME_CELLS, STATUS, STORY,
};
use sqlx::{AssertSqlSafe, SqliteConnection, query};

/// SQL for the state of the character `c`. A character that a dead run left as `running` counts as pending.
pub(super) const KNOWN_STATUS: &str = "CASE
    WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending' ELSE c.status
END";

/// SQL for whether the unchanged character `c` may have a take that its row does not need: it has several, or its only one was made
/// from an earlier content. Such a one is or was flagged as stale; so is one of another recipe, which is why this says
/// only `may`.
pub(super) const MAY_LEND: &str =
    "(c.takes > 1 OR (c.takes = 1 AND (c.flags | c.dismissed) & 64 <> 0))";

/// Fills `temp.facts` with the code of each row, its character, and the character's own take that fits.
pub(super) async fn gather(
    tx: &mut SqliteConnection,
    recipe: &[u8],
    finished: Finished,
) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.facts;
         CREATE TEMP TABLE facts (
             row INTEGER PRIMARY KEY,
             character_id INTEGER,
             -- The code of the case.
             code INTEGER NOT NULL,
             -- A fitting take of the character's own.
             own_take INTEGER,
             -- A fitting take of another character, which no longer needs it.
             spare INTEGER
         )",
    )
    .execute(&mut *tx)
    .await?;
    compare(tx, recipe, finished).await?;
    own_takes(tx, recipe, finished).await
}

/// Compares each row with its character.
async fn compare(
    tx: &mut SqliteConnection,
    recipe: &[u8],
    finished: Finished,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO temp.facts (row, character_id, code)
         SELECT i.row, c.id,
             iif(i.have IS NULL, 0, {STORY}) + iif(c.id IS NULL, 0,
                 {MATCHED}
                 + CASE {KNOWN_STATUS}
                     WHEN 'running' THEN {RUNNING} WHEN 'done' THEN {DONE} WHEN 'failed' THEN {FAILED} ELSE 0
                 END
                 + {GONE} * c.gone
                 + {PICKED} * c.picked
                 + {CHANGED} * (c.content <> i.content)
                 + {SAME_CELLS} * (c.content <> i.content AND NOT EXISTS (
                     SELECT 1 FROM json_each(c.columns) old JOIN json_each(i.columns) new USING (key)
                     WHERE old.value <> new.value
                 ))
                 + {NEW_STORY} * (i.have IS NOT NULL AND c.columns <> i.columns AND NOT EXISTS (
                     SELECT 1 FROM json_each(c.columns) old WHERE old.value = i.have
                 ))
                 + {OTHER_RECIPE} * (?2 AND c.status = 'done' AND EXISTS (
                     SELECT 1 FROM stored_takes t JOIN recipes p ON p.id = t.recipe_id
                     WHERE t.character_id = c.id AND t.take = c.take AND p.fingerprint <> ?1
                 ))
             )
         FROM temp.incoming i
         LEFT JOIN temp.matched m USING (row)
         LEFT JOIN stored_characters c ON c.id = m.character_id"
    );
    query(AssertSqlSafe(sql))
        .bind(recipe)
        .bind(finished == Finished::Redo)
        .execute(tx)
        .await?;
    Ok(())
}

/// Finds the character's own take that fits, for rows that may need one. After an edit that is the picked take with this
/// content, else the newest one, also if written by hand. After a change of the recipe it is the newest take of the recipe.
async fn own_takes(
    tx: &mut SqliteConnection,
    recipe: &[u8],
    finished: Finished,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "UPDATE temp.facts AS f SET
             code = f.code + {OWN_TAKE} + {OWN_PICKED} * own.picked,
             own_take = own.take
         FROM (
             SELECT f.row, t.take, t.picked,
                 row_number() OVER (
                     PARTITION BY f.row ORDER BY f.code & {CHANGED} AND t.picked DESC, t.take DESC
                 ) AS nth
             FROM temp.facts f
             JOIN temp.incoming i USING (row)
             JOIN stored_takes t ON t.character_id = f.character_id
             LEFT JOIN recipes p ON p.id = t.recipe_id
             WHERE (f.code & {CHANGED} OR (?2 AND (f.code & {OTHER_RECIPE} OR f.code & {STATUS} = 0)))
                 AND t.content = i.content
                 AND (p.fingerprint = ?1 OR (f.code & {CHANGED} AND t.recipe_id IS NULL))
         ) own
         WHERE own.row = f.row AND own.nth = 1"
    );
    query(AssertSqlSafe(sql))
        .bind(recipe)
        .bind(finished == Finished::Redo)
        .execute(tx)
        .await?;
    Ok(())
}
