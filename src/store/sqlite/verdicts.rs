//! What the rows of a sheet mean for the characters that they are.
//!
//! A take with the same name, description and recipe is never bought again: an edit taken back gets the character's old take,
//! and a take that no character of the sheet has a claim to any more may serve an equal row.

use super::count;
use super::import::{Comparison, Finished, Import};
use super::matching::pair_all;
use super::run::recipe_of;
use crate::domain::recipe::Recipe;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, query_scalar};

/// Compares the staged rows with their cast; leaves a verdict on each row in `temp.verdicts`.
pub(super) async fn compare(import: &mut Import<'_>) -> Result<Comparison, sqlx::Error> {
    let recipe = import.sheet.recipe.fingerprint().to_vec();
    let finished = import.sheet.finished;
    pair_all(import).await?;
    let tx = &mut *import.writer;
    query(
        "DROP TABLE IF EXISTS temp.verdicts;
         CREATE TEMP TABLE verdicts (
             row INTEGER PRIMARY KEY,
             character_id INTEGER,
             changed INTEGER NOT NULL,
             recut INTEGER NOT NULL,
             retold INTEGER NOT NULL,
             status TEXT NOT NULL,
             take INTEGER,
             picked INTEGER,
             spare INTEGER
         )",
    )
    .execute(&mut *tx)
    .await?;
    judge(tx, &recipe, finished).await?;
    if let Some(cast) = import.cast {
        own_takes(tx, &recipe, finished == Finished::Redo).await?;
        spare_takes(tx, cast, &recipe).await?;
    }
    have(tx).await?;
    summary(import, &recipe).await
}

/// The first verdict: what the row means without looking at takes.
///
/// A row is changed when its name or description reads otherwise than before; it is recut when nevertheless no cell does that
/// the sheet had then, too; and it is retold when it brings a story that
/// no cell held before.
async fn judge(
    tx: &mut SqliteConnection,
    recipe: &[u8],
    finished: Finished,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO temp.verdicts (row, character_id, changed, recut, retold, status)
         WITH compared AS (
             SELECT
                 i.row,
                 c.id,
                 -- A plan gives no claims of a killed run back; the run that follows will.
                 CASE
                     WHEN c.status = 'running' AND c.run_id NOT IN (SELECT id FROM z_live_runs) THEN 'pending'
                     ELSE c.status
                 END AS status,
                 c.take,
                 i.have IS NOT NULL AND c.columns <> i.columns AND NOT EXISTS (
                     SELECT 1 FROM json_each(c.columns) old WHERE old.value = i.have
                 ) AS retold,
                 c.content <> i.content AS changed,
                 c.content <> i.content AND NOT EXISTS (
                     SELECT 1 FROM json_each(c.columns) old JOIN json_each(i.columns) new USING (key)
                     WHERE old.value <> new.value
                 ) AS recut
             FROM temp.incoming i
             LEFT JOIN temp.matched m USING (row)
             LEFT JOIN stored_characters c ON c.id = m.character_id
         )
         SELECT
             row,
             id,
             CASE
                 WHEN id IS NULL OR (?3 AND recut AND status = 'done') THEN 0
                 ELSE changed
             END,
             coalesce(recut, 0),
             coalesce(retold, 0),
             CASE
                 WHEN id IS NULL THEN 'pending'
                 WHEN ?3 AND recut AND status = 'done' THEN 'done'
                 WHEN changed THEN 'pending'
                 WHEN ?2 AND status = 'done' AND EXISTS (
                     SELECT 1 FROM stored_takes t JOIN recipes p ON p.id = t.recipe_id
                     WHERE t.character_id = compared.id AND t.take = compared.take AND p.fingerprint <> ?1
                 ) THEN 'pending'
                 ELSE status
             END
         FROM compared",
    )
    .bind(recipe)
    .bind(finished == Finished::Redo)
    .bind(finished == Finished::Keep)
    .execute(tx)
    .await?;
    Ok(())
}

/// An edit taken back gets the fitting take of the character itself that was picked, else its newest; another recipe gets the
/// newest of that recipe, unless a picked take goes on to count.
async fn own_takes(
    tx: &mut SqliteConnection,
    recipe: &[u8],
    redo: bool,
) -> Result<(), sqlx::Error> {
    query(
        "UPDATE temp.verdicts AS v SET status = 'done', take = own.take, picked = own.picked
         FROM (
             WITH fitting AS (
                 SELECT v.row, v.changed, t.take, t.picked, c.picked AS keeps,
                     row_number() OVER (PARTITION BY v.row ORDER BY v.changed AND t.picked DESC, t.take DESC) AS nth
                 FROM temp.verdicts v
                 JOIN temp.incoming i USING (row)
                 JOIN stored_characters c ON c.id = v.character_id
                 JOIN stored_takes t ON t.character_id = c.id
                 LEFT JOIN recipes p ON p.id = t.recipe_id
                 WHERE v.status = 'pending' AND (v.changed OR ?2) AND t.content = i.content
                     AND (p.fingerprint = ?1 OR (v.changed AND t.recipe_id IS NULL))
             )
             SELECT row, iif(keeps AND NOT changed, NULL, take) AS take, iif(changed, picked, keeps) AS picked
             FROM fitting WHERE nth = 1
         ) own
         WHERE own.row = v.row",
    )
    .bind(recipe)
    .bind(redo)
    .execute(tx)
    .await?;
    Ok(())
}

/// What is still without a story gets a fitting take that its own character has no use for any more, each take once; those
/// that count for their characters come first, then the picked and the newest ones, by hand or not.
async fn spare_takes(
    tx: &mut SqliteConnection,
    cast: i64,
    recipe: &[u8],
) -> Result<(), sqlx::Error> {
    query(
        "UPDATE temp.verdicts AS v SET status = 'done', spare = lent.id
         FROM (
             WITH
                 wanted AS (
                     SELECT v.row, i.content, row_number() OVER (PARTITION BY i.content ORDER BY v.row) AS nth
                     FROM temp.verdicts v JOIN temp.incoming i USING (row)
                     WHERE v.status = 'pending' AND (v.changed OR v.character_id IS NULL)
                 ),
                 owner AS (
                     SELECT c.id, c.take, i.content AS wants
                     FROM stored_characters c
                     LEFT JOIN temp.matched m ON m.character_id = c.id
                     LEFT JOIN temp.incoming i ON i.row = m.row
                     WHERE c.cast_id = ?1 AND c.takes > 0 AND (c.takes > 1 OR i.content IS NOT c.content)
                 ),
                 spare AS (
                     SELECT t.id, t.content, row_number() OVER (
                         PARTITION BY t.content
                         ORDER BY t.take IS NOT o.take, t.picked DESC, iif(t.take IS o.take, t.id, -t.id)
                     ) AS nth
                     FROM owner o
                     JOIN stored_takes t ON t.character_id = o.id AND t.content IS NOT o.wants
                     LEFT JOIN recipes p ON p.id = t.recipe_id
                     WHERE (t.recipe_id IS NULL OR p.fingerprint = ?2)
                         AND NOT EXISTS (SELECT 1 FROM stored_takes b WHERE b.copied_from = t.id)
                         AND EXISTS (SELECT 1 FROM wanted)
                 )
             SELECT wanted.row, spare.id FROM wanted JOIN spare USING (content, nth)
         ) lent
         WHERE lent.row = v.row",
    )
    .bind(cast)
    .bind(recipe)
    .execute(tx)
    .await?;
    Ok(())
}

/// A story that the writer already has makes its character finished.
async fn have(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "UPDATE temp.verdicts SET status = 'done', spare = NULL
         WHERE row IN (SELECT row FROM temp.incoming WHERE have IS NOT NULL)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn summary(import: &mut Import<'_>, recipe: &[u8]) -> Result<Comparison, sqlx::Error> {
    let tx = &mut *import.writer;
    let rows = query(
        "SELECT
             count(*),
             total(character_id IS NULL),
             total(changed),
             total(status = 'pending'),
             total(status = 'done'),
             total(status = 'failed')
         FROM temp.verdicts",
    )
    .fetch_one(&mut *tx)
    .await?;
    // `total` gives a REAL, which holds counts exactly far beyond any sheet.
    let number = |at: usize| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of rows"
        )]
        let number = rows.get::<f64, _>(at) as u64;
        number
    };
    let all = count(rows.get(0));
    let (new, edited) = (number(1), number(2));
    let mut comparison = Comparison {
        rows: all,
        new,
        edited,
        unchanged: all - new - edited,
        pending: number(3),
        done: number(4),
        failed: number(5),
        ..Comparison::default()
    };
    match import.cast {
        Some(cast) => stakes(tx, cast, recipe, &mut comparison).await?,
        None => comparison.elsewhere = elsewhere(tx, "temp.incoming", all).await?,
    }
    Ok(comparison)
}

/// What is at stake for the characters that stand finished.
async fn stakes(
    tx: &mut SqliteConnection,
    cast: i64,
    recipe: &[u8],
    comparison: &mut Comparison,
) -> Result<(), sqlx::Error> {
    let row = query(
        "SELECT
             count(*) FILTER (WHERE c.gone = 1 OR m.row IS NULL),
             count(*) FILTER (WHERE c.gone = 0 AND c.status = 'done'),
             count(*) FILTER (WHERE c.gone = 0 AND c.status = 'done' AND m.row IS NULL),
             count(*) FILTER (WHERE c.gone = 0 AND c.status = 'done' AND v.status = 'pending' AND v.changed),
             count(*) FILTER (
                 WHERE c.gone = 0 AND c.status = 'done' AND v.status = 'pending' AND v.changed AND v.recut
             ),
             count(*) FILTER (WHERE c.gone = 1 AND m.row IS NOT NULL),
             count(*) FILTER (WHERE c.gone = 0 AND m.row IS NULL),
             count(*) FILTER (WHERE c.picked AND c.status = 'done' AND v.status = 'pending' AND NOT v.changed)
         FROM stored_characters c
         LEFT JOIN temp.matched m ON m.character_id = c.id
         LEFT JOIN temp.verdicts v ON v.row = m.row
         WHERE c.cast_id = ?",
    )
    .bind(cast)
    .fetch_one(&mut *tx)
    .await?;
    comparison.gone = count(row.get::<i64, _>(0) - row.get::<i64, _>(5));
    comparison.would_leave = count(row.get(6));
    comparison.keep_their_pick = count(row.get(7));
    comparison.finished = count(row.get(1));
    comparison.would_go = count(row.get(2));
    comparison.would_be_paid_again = count(row.get(3));
    comparison.made_otherwise = count(row.get(4));
    let before = recipe_of(tx, cast).await?;
    let changed = |before: &Recipe| before.fingerprint() != *recipe;
    comparison.recipe_before = before.filter(|before| comparison.finished > 0 && changed(before));
    Ok(())
}

/// The other cast that holds most of the `rows` finished that `incoming` has, if there is one.
pub(super) async fn elsewhere(
    tx: &mut SqliteConnection,
    incoming: &str,
    rows: u64,
) -> Result<Option<String>, sqlx::Error> {
    let sql = format!(
        "SELECT k.name
         FROM {incoming} i
         JOIN stored_characters c ON c.content = i.content AND c.status = 'done' AND c.gone = 0
         JOIN stored_casts k ON k.id = c.cast_id
         GROUP BY k.id
         HAVING 2 * count(DISTINCT i.row) > ?
         ORDER BY count(DISTINCT i.row) DESC LIMIT 1"
    );
    query_scalar(AssertSqlSafe(sql))
        .bind(super::integer(rows))
        .fetch_optional(tx)
        .await
}
