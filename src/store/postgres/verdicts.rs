//! Computes the verdict on each row of a sheet, which the import then applies.
//!
//! The rules are in [`domain::verdict`](crate::domain::verdict) and are called once for each case. Only one choice is made here: which
//! spare take goes to which row. A spare take is one that its own character does not need.

use super::facts::{KNOWN_STATUS, gather};
use super::importing::Import;
use super::matching::pair_all;
use super::session::Transaction;
use super::values::integer;
use super::{count, recipes};
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::domain::recipe::Recipe;
use crate::domain::status::Status;
use crate::domain::verdict::{Case, Finished, Source, Story, Verdict, verdict};
use crate::store::StoreError;
use crate::store::codes::case_of;
use sqlx::{AssertSqlSafe, Row, query};

const DOING: &str = "compare the sheet with its cast";

/// SQL for the verdict on each row.
pub(super) const VERDICTS: &str = "(
    SELECT
        f.row,
        f.character_id,
        f.seen,
        f.differs,
        f.spare,
        CASE WHEN f.spare IS NULL THEN d.status ELSE 'done' END AS status,
        d.status_before,
        d.edited,
        CASE WHEN d.own THEN f.own_take END AS take,
        d.picked,
        d.story,
        d.new_story
    FROM facts f JOIN decided d ON d.code = f.code
)";

/// Matches the rows to the characters, and computes the verdict on each of them.
pub(super) async fn compare(import: &mut Import<'_>) -> Result<Comparison, StoreError> {
    pair_all(import).await?;
    judge(import).await
}

/// Computes the verdict on each matched row. It can be repeated: rows and characters stay matched while an import is in progress,
/// but runs change the states and takes of characters.
pub(super) async fn judge(import: &mut Import<'_>) -> Result<Comparison, StoreError> {
    let recipe = import.sheet.recipe.fingerprint();
    let finished = import.sheet.finished;
    let cast = import.cast;
    let tx = &mut import.tx;
    let codes = gather(tx, &recipe, finished).await?;
    let verdicts = decide(tx, &codes, finished).await?;
    let wanted = |verdict: &Verdict| verdict.source == Source::AnotherTake;
    if let Some(cast) = cast
        && verdicts.iter().any(wanted)
    {
        assign_spare_takes(tx, cast, &recipe).await?;
    }
    let mut comparison = sum_of_rows(tx, finished).await?;
    match cast {
        Some(cast) => {
            add_unmatched(tx, cast, finished, &mut comparison).await?;
            let before = recipes::of_cast(tx, cast).await?;
            let changed = |before: &Recipe| before.fingerprint() != recipe;
            comparison.recipe_before =
                before.filter(|before| comparison.finished > 0 && changed(before));
        }
        None => comparison.elsewhere = elsewhere(tx, comparison.rows).await?,
    }
    Ok(comparison)
}

/// Computes the verdicts on these cases, and stores them in `decided`.
async fn decide(
    tx: &mut Transaction<'_>,
    codes: &[i64],
    finished: Finished,
) -> Result<Vec<Verdict>, StoreError> {
    let cases: Vec<Case> = codes.iter().copied().map(case_of).collect();
    let verdicts: Vec<Verdict> = cases.iter().map(|case| verdict(*case, finished)).collect();
    let before: Vec<Option<&str>> = cases.iter().map(|case| status_before(*case)).collect();
    let each = |of: fn(&Verdict) -> bool| verdicts.iter().map(of).collect::<Vec<_>>();
    let new_story = |case: &Case| matches!(case, Case::Matched(it) if it.story == Story::New);
    let decided = query(
        "INSERT INTO decided (code, status_before, status, edited, picked, own, wanted, story, new_story)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::boolean[],
             $8::boolean[], $9::boolean[])",
    )
    .bind(codes)
    .bind(before)
    .bind(verdicts.iter().map(|it| it.status.word()).collect::<Vec<_>>())
    .bind(each(|it| it.edited))
    .bind(each(|it| it.picked))
    .bind(each(|it| it.source == Source::OwnTake))
    .bind(each(|it| it.source == Source::AnotherTake))
    .bind(each(|it| it.source == Source::Sheet))
    .bind(cases.iter().map(new_story).collect::<Vec<_>>());
    tx.batch(DOING, "TRUNCATE decided").await?;
    tx.execute(DOING, decided).await?;
    tx.batch(DOING, "ANALYZE decided").await?;
    Ok(verdicts)
}

fn status_before(case: Case) -> Option<&'static str> {
    match case {
        Case::Matched(matched) => Some(matched.status.word()),
        _ => None,
    }
}

/// Assigns spare takes to rows that need a story and have the same content. Each take is used once. Takes that are current for
/// their own characters come first, then picked ones, then the newest; also takes written by hand.
async fn assign_spare_takes(
    tx: &mut Transaction<'_>,
    cast: CastId,
    recipe: &[u8],
) -> Result<(), StoreError> {
    let assign = query(
        "WITH
             wanted AS MATERIALIZED (
                 SELECT f.row, i.content, row_number() OVER (PARTITION BY i.content ORDER BY f.row) AS nth
                 FROM facts f JOIN decided d ON d.code = f.code JOIN incoming i ON i.row = f.row
                 WHERE d.wanted
             ),
             fitting AS MATERIALIZED (
                 SELECT t.id, t.character_id, t.take, t.content, t.picked, t.take IS NOT DISTINCT FROM c.take AS is_current
                 FROM stored_takes t
                 JOIN stored_characters c ON c.id = t.character_id
                 LEFT JOIN recipes p ON p.id = t.recipe_id
                 WHERE c.cast_id = $1 AND c.takes > 0
                     AND t.content IN (SELECT content FROM wanted)
                     AND (t.recipe_id IS NULL OR p.fingerprint = $2)
             ),
             spare AS (
                 SELECT t.id, t.content, row_number() OVER (
                     PARTITION BY t.content
                     ORDER BY t.is_current DESC, t.picked DESC, CASE WHEN t.is_current THEN t.id ELSE -t.id END
                 ) AS nth
                 FROM fitting t
                 LEFT JOIN matched m ON m.character_id = t.character_id
                 LEFT JOIN incoming i ON i.row = m.row
                 WHERE i.content IS DISTINCT FROM t.content
                     AND NOT EXISTS (SELECT 1 FROM stored_takes b WHERE b.copied_from = t.id)
             )
         UPDATE facts f SET spare = spare.id
         FROM wanted JOIN spare USING (content, nth)
         WHERE wanted.row = f.row",
    );
    tx.execute(DOING, assign.bind(cast).bind(recipe)).await?;
    Ok(())
}

/// Sums up the cases of all rows.
async fn sum_of_rows(
    tx: &mut Transaction<'_>,
    finished: Finished,
) -> Result<Comparison, StoreError> {
    let mut comparison = Comparison::default();
    let cases = query("SELECT code, count(*), count(spare) FROM facts GROUP BY code");
    for row in tx.rows(DOING, cases).await? {
        let case = case_of(row.get(0));
        let (many, lent) = (count(row.get(1)), count(row.get(2)));
        comparison.add(case, verdict(case, finished), many, lent);
    }
    Ok(comparison)
}

/// Adds the characters without a row.
async fn add_unmatched(
    tx: &mut Transaction<'_>,
    cast: CastId,
    finished: Finished,
    comparison: &mut Comparison,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {KNOWN_STATUS}, c.gone, count(*) FROM stored_characters c
         WHERE c.cast_id = $1 AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.character_id = c.id) GROUP BY 1, 2"
    );
    let unmatched = query(AssertSqlSafe(sql));
    for row in tx.rows(DOING, unmatched.bind(cast)).await? {
        let status = Status::of(row.get(0)).ok_or(StoreError::Impossible { what: "status" })?;
        let gone = row.get(1);
        let without_row = Case::Unmatched { status, gone };
        let verdict = verdict(without_row, finished);
        comparison.add(without_row, verdict, count(row.get(2)), 0);
    }
    Ok(())
}

/// The name of another cast in which more than half of the `rows` rows are finished, if there is one.
async fn elsewhere(tx: &mut Transaction<'_>, rows: u64) -> Result<Option<String>, StoreError> {
    let elsewhere = query(
        "SELECT k.name
         FROM incoming i
         JOIN stored_characters c ON c.content = i.content AND c.status = 'done' AND NOT c.gone
         JOIN stored_casts k ON k.id = c.cast_id
         GROUP BY k.id
         HAVING 2 * count(DISTINCT i.row) > $1
         ORDER BY count(DISTINCT i.row) DESC, k.id LIMIT 1",
    );
    tx.value(DOING, elsewhere.bind(integer(rows))).await
}
