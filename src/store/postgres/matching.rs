//! Carries out the passes of [`domain::matching`](crate::domain::matching): pairs the rows of a sheet with the characters of its cast.
//!
//! It reads `incoming` and stores the pairs in `matched`. The rules are in `domain`, not here.

use super::importing::Import;
use super::session::{Statement, Transaction};
use super::staging::trimmed;
use crate::domain::character::CastId;
use crate::domain::matching::{Pass, Presence, passes};
use crate::store::StoreError;
use sqlx::{AssertSqlSafe, query};

const DOING: &str = "match the sheet with its cast";

/// Contents that occur once among the rows and once among the characters need no order, only a join. Most are of this kind.
const SINGLE_CONTENTS: &str = "
    INSERT INTO matched (row, character_id)
    SELECT i.row, c.id
    FROM incoming i JOIN stored_characters c ON c.content = i.content AND c.cast_id = $1
    WHERE NOT EXISTS (SELECT 1 FROM repeated r WHERE r.content = i.content)";

const REPEATED: &str = "
    INSERT INTO repeated (content)
    SELECT content FROM incoming GROUP BY content HAVING count(*) > 1
    UNION
    SELECT content FROM stored_characters WHERE cast_id = $1 GROUP BY content HAVING count(*) > 1";

/// Finds the characters of the rows.
pub(super) async fn pair_all(import: &mut Import<'_>) -> Result<(), StoreError> {
    import.tx.batch(DOING, "TRUNCATE matched, repeated").await?;
    let Some(cast) = import.cast else {
        return Ok(());
    };
    for pass in passes(import.keyed) {
        if is_everything_paired(&mut import.tx, cast).await? {
            break;
        }
        pair(&mut import.tx, *pass, cast).await?;
    }
    let known =
        "CREATE INDEX IF NOT EXISTS matched_character ON matched (character_id); ANALYZE matched";
    import.tx.batch(DOING, known).await
}

/// Whether no row or no character is left for further passes. Each of them would read both.
async fn is_everything_paired(tx: &mut Transaction<'_>, cast: CastId) -> Result<bool, StoreError> {
    let left = query(
        "SELECT (SELECT count(*) FROM matched) >= least(
             (SELECT count(*) FROM incoming), (SELECT count(*) FROM stored_characters WHERE cast_id = $1)
         )",
    );
    Ok(tx.value(DOING, left.bind(cast)).await?.unwrap_or(false))
}

/// Carries out one pass on the rows and characters that have no pair yet.
async fn pair(tx: &mut Transaction<'_>, pass: Pass, cast: CastId) -> Result<(), StoreError> {
    match pass {
        Pass::Key => run(tx, by_key().bind(cast)).await,
        Pass::ContentAndCells => {
            run(tx, query(REPEATED).bind(cast)).await?;
            tx.batch(DOING, "ANALYZE repeated").await?;
            run(tx, in_order("content, columns", IN_REPEATED).bind(cast)).await
        }
        Pass::Content => {
            run(tx, query(SINGLE_CONTENTS).bind(cast)).await?;
            run(tx, in_order("content", IN_REPEATED).bind(cast)).await
        }
        Pass::Cells => run(tx, in_order("columns", "").bind(cast)).await,
        Pass::Name(presence) => {
            run(tx, by_name().bind(cast).bind(presence == Presence::Gone)).await
        }
    }
}

async fn run(tx: &mut Transaction<'_>, statement: Statement<'_>) -> Result<(), StoreError> {
    tx.execute(DOING, statement).await.map(drop)
}

/// Of several rows with one key, which are refused later, the first has the character.
fn by_key() -> Statement<'static> {
    query(
        "INSERT INTO matched (row, character_id)
         SELECT i.row, c.id FROM incoming i JOIN stored_characters c ON c.cast_id = $1 AND c.key = i.key
         WHERE NOT EXISTS (SELECT 1 FROM incoming e WHERE e.key = i.key AND e.row < i.row)",
    )
}

const IN_REPEATED: &str = "AND EXISTS (SELECT 1 FROM repeated r WHERE r.content = x.content)";

/// Pairs rows and characters that are equal in the columns `these`: the first with the first, the second with the second. Only rows
/// and characters `x` that meet `condition` take part.
fn in_order(these: &str, condition: &str) -> Statement<'static> {
    let sql = format!(
        "INSERT INTO matched (row, character_id)
         SELECT i.row, c.id
         FROM (
             SELECT row, {these}, row_number() OVER (PARTITION BY {these} ORDER BY row) AS nth
             FROM incoming x WHERE NOT EXISTS (SELECT 1 FROM matched m WHERE m.row = x.row) {condition}
         ) i
         JOIN (
             SELECT id, {these}, row_number() OVER (PARTITION BY {these} ORDER BY gone, row, id) AS nth
             FROM stored_characters x
             WHERE cast_id = $1 AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.character_id = x.id) {condition}
         ) c USING ({these}, nth)"
    );
    query(AssertSqlSafe(sql))
}

fn by_name() -> Statement<'static> {
    let name = trimmed("x.name");
    let sql = format!(
        "INSERT INTO matched (row, character_id)
         WITH
             i AS (
                 SELECT {name} AS plain, min(row) AS row FROM incoming x
                 WHERE NOT EXISTS (SELECT 1 FROM matched m WHERE m.row = x.row) GROUP BY 1 HAVING count(*) = 1
             ),
             c AS (
                 SELECT {name} AS plain, min(id) AS id FROM stored_characters x
                 WHERE cast_id = $1 AND gone = $2 AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.character_id = x.id)
                 GROUP BY 1 HAVING count(*) = 1
             )
         SELECT i.row, c.id FROM i JOIN c USING (plain)"
    );
    query(AssertSqlSafe(sql))
}
