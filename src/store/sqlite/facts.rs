//! Encodes what is known about each staged row and its character as one small number: the code of a [`Case`].
//!
//! A million rows have only a few different cases. So the rules in `domain` are called once for each case, and SQL applies
//! the results to the rows. The codes exist only in temporary tables.

use crate::domain::status::Status;
use crate::domain::verdict::{Case, Finished, Matched, OwnTake, Story, Wording};
use sqlx::{AssertSqlSafe, SqliteConnection, query};

/// The bits of a code that hold the state of the character.
const STATUS: i64 = 0b11;
const RUNNING: i64 = 1;
const DONE: i64 = 2;
const FAILED: i64 = 3;
/// The row matched a character.
const MATCHED: i64 = 1 << 2;
/// The character was gone.
const GONE: i64 = 1 << 3;
/// The current take of the character was picked.
const PICKED: i64 = 1 << 4;
/// The content differs from that of the character.
const CHANGED: i64 = 1 << 5;
/// The content differs, but no cell does.
const SAME_CELLS: i64 = 1 << 6;
/// The row contains a story.
const STORY: i64 = 1 << 7;
/// No cell of the character contained this story before.
const NEW_STORY: i64 = 1 << 8;
/// The current take has another recipe.
const OTHER_RECIPE: i64 = 1 << 9;
/// Another take of the character has the row's content and can become current.
const OWN_TAKE: i64 = 1 << 10;
/// That other take was picked.
const OWN_PICKED: i64 = 1 << 11;

/// The case of a code.
pub(super) fn case_of(code: i64) -> Case {
    let has = |bit: i64| code & bit != 0;
    let story = match (has(STORY), has(NEW_STORY)) {
        (false, _) => Story::None,
        (true, false) => Story::Known,
        (true, true) => Story::New,
    };
    if !has(MATCHED) {
        return Case::New { story };
    }
    Case::Matched(Matched {
        status: match code & STATUS {
            RUNNING => Status::Running,
            DONE => Status::Done,
            FAILED => Status::Failed,
            _ => Status::Pending,
        },
        gone: has(GONE),
        picked: has(PICKED),
        wording: match (has(CHANGED), has(SAME_CELLS)) {
            (false, _) => Wording::Same,
            (true, false) => Wording::Edited,
            (true, true) => Wording::SameCells,
        },
        story,
        other_recipe: has(OTHER_RECIPE),
        own: has(OWN_TAKE).then(|| OwnTake {
            picked: has(OWN_PICKED),
        }),
    })
}

/// SQL for the state of the character `c`. A character that a dead run left as `running` counts as pending.
pub(super) const KNOWN_STATUS: &str = "CASE
    WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending' ELSE c.status
END";

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
