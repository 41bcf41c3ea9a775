//! Computes the verdict on each row of a sheet, and stores it in `temp.verdicts` for the import to apply.
//!
//! The rules are in [`domain::verdict`](crate::domain::verdict) and are called once for each case. Only one choice is made
//! here: which spare take goes to which row. A spare take is one that its own character no longer needs.

use super::facts::{KNOWN_STATUS, case_of, gather};
use super::importing::Import;
use super::matching::pair_all;
use super::run::recipe_of;
use super::unchanged::Unchanged;
use super::{count, integer};
use crate::domain::comparison::Comparison;
use crate::domain::recipe::Recipe;
use crate::domain::status::Status;
use crate::domain::verdict::{Case, Finished, Source, Story, Verdict, verdict};
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_as, query_scalar};

/// Compares the staged rows with their cast, and stores a verdict on each row in `temp.verdicts`.
pub(super) async fn compare(import: &mut Import<'_>) -> Result<Comparison, sqlx::Error> {
    let recipe = import.sheet.recipe.fingerprint();
    let finished = import.sheet.finished;
    pair_all(import).await?;
    let cast = import.cast;
    let tx = &mut *import.writer;
    gather(tx, &recipe, finished).await?;
    let verdicts = decide(tx, finished).await?;
    let wanted = |(_, verdict): &(Case, Verdict)| verdict.source == Source::AnotherTake;
    if cast.is_some() && verdicts.iter().any(wanted) {
        assign_spare_takes(tx, &recipe).await?;
    }
    let mut comparison = sum(tx, finished).await?;
    for (case, many) in import.unchanged.iter().flat_map(Unchanged::cases) {
        comparison.add(*case, verdict(*case, finished), *many, 0);
    }
    match cast {
        Some(cast) => {
            let before = recipe_of(tx, cast).await?;
            let changed = |before: &Recipe| before.fingerprint() != recipe;
            comparison.recipe_before =
                before.filter(|before| comparison.finished > 0 && changed(before));
        }
        None => comparison.elsewhere = elsewhere(tx, "temp.incoming", comparison.rows).await?,
    }
    Ok(comparison)
}

/// Computes the verdicts on all cases that occur. The view `temp.verdicts` shows the result for each row.
async fn decide(
    tx: &mut SqliteConnection,
    finished: Finished,
) -> Result<Vec<(Case, Verdict)>, sqlx::Error> {
    query(
        "DROP VIEW IF EXISTS temp.verdicts;
         DROP TABLE IF EXISTS temp.decided;
         CREATE TEMP TABLE decided (
             code INTEGER PRIMARY KEY,
             status TEXT NOT NULL,
             edited INTEGER NOT NULL,
             picked INTEGER NOT NULL,
             -- An earlier take of the same character becomes current again.
             own INTEGER NOT NULL,
             -- A spare take of another character would finish it.
             wanted INTEGER NOT NULL,
             -- The row contains a story that no cell contained before.
             new_story INTEGER NOT NULL
         );
         CREATE TEMP VIEW verdicts AS
             SELECT
                 f.row,
                 f.character_id,
                 d.edited,
                 iif(f.spare IS NULL, d.status, 'done') AS status,
                 iif(d.own, f.own_take, NULL) AS take,
                 d.picked,
                 d.new_story,
                 f.spare
             FROM temp.facts f JOIN temp.decided d USING (code)",
    )
    .execute(&mut *tx)
    .await?;
    let codes: Vec<i64> = query_scalar("SELECT DISTINCT code FROM temp.facts")
        .fetch_all(&mut *tx)
        .await?;
    let mut verdicts = Vec::new();
    for code in codes {
        let case = case_of(code);
        let verdict = verdict(case, finished);
        query("INSERT INTO temp.decided (code, status, edited, picked, own, wanted, new_story) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(code)
            .bind(verdict.status.word())
            .bind(verdict.edited)
            .bind(verdict.picked)
            .bind(verdict.source == Source::OwnTake)
            .bind(verdict.source == Source::AnotherTake)
            .bind(matches!(case, Case::Matched(matched) if matched.story == Story::New))
            .execute(&mut *tx)
            .await?;
        verdicts.push((case, verdict));
    }
    Ok(verdicts)
}

/// Assigns spare takes to rows that need a story and have the same content. Each take is used once. Takes that are current for
/// their own characters come first, then picked ones, then the newest; also takes written by hand.
async fn assign_spare_takes(tx: &mut SqliteConnection, recipe: &[u8]) -> Result<(), sqlx::Error> {
    query(
        "UPDATE temp.facts AS f SET spare = lent.id
         FROM (
             WITH
                 wanted AS (
                     SELECT f.row, i.content, row_number() OVER (PARTITION BY i.content ORDER BY f.row) AS nth
                     FROM temp.facts f JOIN temp.decided d USING (code) JOIN temp.incoming i USING (row)
                     WHERE d.wanted
                 ),
                 owner AS (
                     SELECT c.id, c.take, i.content AS wants
                     FROM temp.candidates c
                     LEFT JOIN temp.matched m ON m.character_id = c.id
                     LEFT JOIN temp.incoming i ON i.row = m.row
                     WHERE c.takes > 0 AND (c.takes > 1 OR i.content IS NOT c.content)
                     UNION ALL
                     SELECT id, take, content FROM temp.standing WHERE takes_max > 1 AND takes > 1
                 ),
                 spare AS (
                     SELECT t.id, t.content, row_number() OVER (
                         PARTITION BY t.content
                         ORDER BY t.take IS NOT o.take, t.picked DESC, iif(t.take IS o.take, t.id, -t.id)
                     ) AS nth
                     FROM owner o
                     JOIN stored_takes t ON t.character_id = o.id AND t.content IS NOT o.wants
                     LEFT JOIN recipes p ON p.id = t.recipe_id
                     WHERE (t.recipe_id IS NULL OR p.fingerprint = ?)
                         AND NOT EXISTS (SELECT 1 FROM stored_takes b WHERE b.copied_from = t.id)
                 )
             SELECT wanted.row, spare.id FROM wanted JOIN spare USING (content, nth)
         ) lent
         WHERE lent.row = f.row",
    )
    .bind(recipe)
    .execute(tx)
    .await?;
    Ok(())
}

/// Sums up the cases of all rows, and of the characters without a row.
async fn sum(tx: &mut SqliteConnection, finished: Finished) -> Result<Comparison, sqlx::Error> {
    let mut comparison = Comparison::default();
    let rows: Vec<(i64, i64, i64)> =
        query_as("SELECT code, count(*), count(spare) FROM temp.facts GROUP BY code")
            .fetch_all(&mut *tx)
            .await?;
    for (code, many, lent) in rows {
        let case = case_of(code);
        comparison.add(case, verdict(case, finished), count(many), count(lent));
    }
    let unmatched = format!(
        "SELECT {KNOWN_STATUS}, c.gone, count(*) FROM temp.candidates c
         WHERE c.id NOT IN (SELECT character_id FROM temp.matched) GROUP BY 1, 2"
    );
    let unmatched: Vec<(String, bool, i64)> = query_as(AssertSqlSafe(unmatched))
        .fetch_all(&mut *tx)
        .await?;
    for (status, gone, many) in unmatched {
        let unknown = || sqlx::Error::Decode("an unknown status".into());
        let status = Status::of(&status).ok_or_else(unknown)?;
        let case = Case::Unmatched { status, gone };
        comparison.add(case, verdict(case, finished), count(many), 0);
    }
    Ok(comparison)
}

/// The name of another cast in which more than half of the `rows` rows of `incoming` are finished, if there is one.
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
        .bind(integer(rows))
        .fetch_optional(tx)
        .await
}
