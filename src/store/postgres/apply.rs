//! Applies the verdicts on the rows of a sheet to the cast, in the transaction that also computed them.
//!
//! Nothing is deleted. An edited character keeps its takes. A character that is no longer in the sheet is marked as gone and keeps its
//! takes and attempts.
//!
//! Runs go on during an import. The characters that change are locked first, in the order of their identities. If a run or a user has
//! changed one of them since the comparison, the verdicts are computed again, until they fit what is locked. A character whose request
//! is in flight stays claimed: the result of the request is a take of its older content. Where the import gives it a story, the story
//! counts as picked, so that this take does not replace it.

mod stories;

use super::importing::Import;
use super::session::Transaction;
use super::verdicts::{VERDICTS, judge};
use super::{recipes, trouble};
use crate::domain::character::CastId;
use crate::store::shown_flags::shown_flags;
use crate::store::{Sheet, StoreError};
use sqlx::{AssertSqlSafe, Row, query};

const DOING: &str = "import the sheet";

/// From this many rows on the planner must know of them before the first run.
const MANY_ROWS: u64 = 1_000;

/// Applies the verdicts and commits. Stores `digest` with the cast, and returns the cast.
pub(super) async fn apply(
    mut import: Import<'_>,
    digest: Option<[u8; 32]>,
) -> Result<CastId, StoreError> {
    let recipe = recipes::recipe_id(&mut import.tx, &import.sheet.recipe).await?;
    let mut reach = Reach::Touched;
    let cast = if let Some(cast) = import.cast {
        let before = hold(&mut import, cast).await?;
        if before != (recipe, import.sheet.key_column.clone()) {
            reach = Reach::All;
        }
        lock(&mut import, cast, reach).await?;
        if before.1 != import.sheet.key_column {
            forget_keys(&mut import.tx, cast).await?;
        }
        mark_gone(&mut import.tx, cast).await?;
        update(&mut import.tx).await?;
        cast
    } else {
        create(&mut import, recipe).await?
    };
    let tx = &mut import.tx;
    let inserted = insert(tx, cast).await?;
    stories::store(tx, cast).await?;
    flag(tx, cast, recipe, reach).await?;
    describe(tx, &import.sheet, cast, recipe, digest).await?;
    recount(tx, cast).await?;
    if inserted >= MANY_ROWS {
        tx.batch(DOING, "ANALYZE stored_characters").await?;
    }
    import.tx.commit(DOING).await?;
    Ok(cast)
}

/// Which characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those that the sheet changes.
    Touched,
    /// All of the cast, because the recipe or the key column is another one.
    All,
}

/// Keeps the cast from being renamed and deleted. Returns its recipe and its key column.
async fn hold(import: &mut Import<'_>, cast: CastId) -> Result<(i64, Option<String>), StoreError> {
    let held = query("SELECT recipe_id, key_column FROM stored_casts WHERE id = $1 FOR KEY SHARE");
    let held = import.tx.row(DOING, held.bind(cast)).await?;
    let gone = || StoreError::UnknownCast {
        db: import.db.clone(),
        cast: import.sheet.cast.clone(),
        casts: Vec::new(),
    };
    let held = held.ok_or_else(gone)?;
    Ok((held.get(0), held.get(1)))
}

async fn create(import: &mut Import<'_>, recipe: i64) -> Result<CastId, StoreError> {
    let create = query(
        "INSERT INTO stored_casts (name, created_ms, recipe_id, header) VALUES ($1, now_ms(), $2, '[]') RETURNING id",
    );
    let create = create.bind(&import.sheet.cast).bind(recipe);
    match import.tx.value(DOING, create).await {
        Ok(cast) => cast.ok_or(StoreError::Impossible { what: "cast" }),
        // A cast was renamed to this name since the comparison.
        Err(err) if trouble::is_unique_violation(&err) => Err(StoreError::CastExists {
            db: import.db.clone(),
            cast: import.sheet.cast.clone(),
        }),
        Err(err) => Err(err),
    }
}

/// Locks the characters that change, and makes sure that the verdicts are about them as they are now.
async fn lock(import: &mut Import<'_>, cast: CastId, reach: Reach) -> Result<(), StoreError> {
    let touched = format!(
        "INSERT INTO touched (character_id, seen)
         SELECT v.character_id, v.seen FROM {VERDICTS} v
         WHERE v.character_id IS NOT NULL AND (
             v.differs OR v.edited OR v.story OR v.take IS NOT NULL OR v.spare IS NOT NULL OR v.status <> v.status_before
         )
         UNION ALL
         SELECT c.id, NULL FROM stored_characters c
         WHERE c.cast_id = $1 AND NOT c.gone AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.character_id = c.id)"
    );
    let join = match reach {
        Reach::Touched => "JOIN",
        Reach::All => "RIGHT JOIN",
    };
    let locked = format!(
        "WITH l AS MATERIALIZED (
             SELECT c.xmin AS now, t.seen
             FROM touched t {join} stored_characters c ON c.id = t.character_id
             WHERE c.cast_id = $1 ORDER BY c.id FOR NO KEY UPDATE OF c
         )
         SELECT count(*) FROM l WHERE NOT l.now = l.seen"
    );
    loop {
        import.tx.batch(DOING, "TRUNCATE touched").await?;
        let touched = query(AssertSqlSafe(touched.clone()));
        import.tx.execute(DOING, touched.bind(cast)).await?;
        import.tx.batch(DOING, "ANALYZE touched").await?;
        let locked = query(AssertSqlSafe(locked.clone())).bind(cast);
        let changed: Option<i64> = import.tx.value(DOING, locked).await?;
        if changed.unwrap_or(0) == 0 {
            return Ok(());
        }
        judge(import).await?;
    }
}

/// With another key column, a key can move to another character. The unique index would reject that while the old keys are stored.
async fn forget_keys(tx: &mut Transaction<'_>, cast: CastId) -> Result<(), StoreError> {
    let forget =
        query("UPDATE stored_characters SET key = NULL WHERE cast_id = $1 AND key IS NOT NULL");
    tx.execute(DOING, forget.bind(cast)).await?;
    Ok(())
}

/// Marks the characters as gone whose row is no longer in the sheet.
async fn mark_gone(tx: &mut Transaction<'_>, cast: CastId) -> Result<(), StoreError> {
    let gone = query(
        "UPDATE stored_characters c SET gone = true
         WHERE cast_id = $1 AND NOT gone AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.character_id = c.id)",
    );
    tx.execute(DOING, gone.bind(cast)).await?;
    Ok(())
}

/// Updates the characters that change: their cells and their state. Those that get a spare take or a story of the sheet get their
/// state with it.
async fn update(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    let sql = format!(
        "WITH v AS (
             SELECT v.*, v.spare IS NOT NULL OR v.story AS gets_story
             FROM {VERDICTS} v JOIN touched t ON t.character_id = v.character_id
         ),
         n AS (
             SELECT
                 c.id,
                 CASE
                     WHEN c.status = 'running' THEN 'running'
                     WHEN NOT v.gets_story THEN v.status
                     WHEN v.edited THEN 'pending'
                     ELSE c.status
                 END AS status
             FROM v JOIN stored_characters c ON c.id = v.character_id
         )
         UPDATE stored_characters c SET
             row = i.row,
             key = i.key,
             name = i.name,
             description = i.description,
             columns = i.columns,
             content = i.content,
             gone = false,
             status = n.status,
             run_id = CASE WHEN n.status IN ('pending', 'running') THEN c.run_id END,
             take = coalesce(v.take, c.take),
             picked = v.picked OR (v.take IS NOT NULL AND n.status = 'running'),
             is_answered = NOT v.edited AND c.is_answered OR (v.take IS NOT NULL AND n.status = 'running'),
             tries = CASE WHEN n.status = c.status AND NOT v.edited THEN c.tries ELSE 0 END,
             error_kind = CASE WHEN n.status = 'failed' THEN c.error_kind END,
             error = CASE WHEN n.status = 'failed' THEN c.error END
         FROM v JOIN n ON n.id = v.character_id JOIN incoming i ON i.row = v.row
         WHERE c.id = v.character_id"
    );
    tx.execute(DOING, query(AssertSqlSafe(sql))).await?;
    Ok(())
}

/// Inserts a character for each row that matched none. Returns how many.
async fn insert(tx: &mut Transaction<'_>, cast: CastId) -> Result<u64, StoreError> {
    let insert = query(
        "INSERT INTO stored_characters (cast_id, row, key, name, description, columns, content)
         SELECT $1, i.row, i.key, i.name, i.description, i.columns, i.content
         FROM facts f JOIN incoming i ON i.row = f.row
         WHERE f.character_id IS NULL ORDER BY i.row",
    );
    tx.execute(DOING, insert.bind(cast)).await
}

/// Updates the flags from the current takes. A take of another content or recipe gets the flag `stale`.
async fn flag(
    tx: &mut Transaction<'_>,
    cast: CastId,
    recipe: i64,
    reach: Reach,
) -> Result<(), StoreError> {
    let which = match reach {
        Reach::Touched => {
            "c.id IN (SELECT character_id FROM touched UNION SELECT character_id FROM brought)"
        }
        Reach::All => "true",
    };
    let sql = format!(
        "UPDATE stored_characters c SET flags = n.flags
         FROM (
             SELECT c.id, {} AS flags
             FROM stored_characters c JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
             WHERE c.cast_id = $1 AND {which}
         ) n
         WHERE n.id = c.id AND n.flags <> c.flags",
        shown_flags("$2")
    );
    let flag = query(AssertSqlSafe(sql)).bind(cast).bind(recipe);
    tx.execute(DOING, flag).await?;
    Ok(())
}

/// Stores the recipe, the columns and the key column of the sheet, its digest, and when it brought stories. The row of the cast is
/// locked by this, so that no change by hand is between this and [`recount`].
async fn describe(
    tx: &mut Transaction<'_>,
    sheet: &Sheet,
    cast: CastId,
    recipe: i64,
    digest: Option<[u8; 32]>,
) -> Result<(), StoreError> {
    let describe = query(
        "UPDATE stored_casts SET
             recipe_id = $2,
             header = $3,
             key_column = $4,
             sheet_digest = $5,
             oldest_ms = coalesce(oldest_ms, brought.ms),
             newest_ms = coalesce(brought.ms, newest_ms)
         FROM (SELECT max(t.finished_ms) AS ms FROM brought b JOIN stored_takes t USING (character_id)) brought
         WHERE id = $1",
    )
    .bind(cast)
    .bind(recipe)
    .bind(serde_json::json!(sheet.columns).to_string())
    .bind(sheet.key_column.as_deref())
    .bind(digest.map(|digest| digest.to_vec()));
    tx.execute(DOING, describe).await?;
    Ok(())
}

/// Stores the counts of the cast. What runs have changed is subtracted in the same statement, which sees their counts and the
/// characters at one moment.
async fn recount(tx: &mut Transaction<'_>, cast: CastId) -> Result<(), StoreError> {
    let counts = query(
        "UPDATE stored_casts k SET
             done = n.done - r.done,
             failed = n.failed - r.failed,
             pending = n.pending - r.pending,
             gone = n.gone,
             flagged = n.flagged - r.flagged
         FROM (
             SELECT
                 count(*) FILTER (WHERE NOT gone AND status = 'done') AS done,
                 count(*) FILTER (WHERE NOT gone AND status = 'failed') AS failed,
                 count(*) FILTER (WHERE NOT gone AND status IN ('pending', 'running')) AS pending,
                 count(*) FILTER (WHERE gone) AS gone,
                 count(*) FILTER (WHERE NOT gone AND flags <> 0) AS flagged
             FROM stored_characters WHERE cast_id = $1
         ) n, (
             SELECT
                 coalesce(sum(cast_done), 0) AS done,
                 coalesce(sum(cast_failed), 0) AS failed,
                 coalesce(sum(cast_pending), 0) AS pending,
                 coalesce(sum(cast_flagged), 0) AS flagged
             FROM runs WHERE cast_id = $1
         ) r
         WHERE k.id = $1",
    );
    tx.execute(DOING, counts.bind(cast)).await?;
    Ok(())
}
