//! The recipes that casts, runs and takes refer to.

use super::session::Transaction;
use crate::domain::character::CastId;
use crate::domain::recipe::{Describe, Recipe};
use crate::store::StoreError;
use sqlx::postgres::PgRow;
use sqlx::{Row, query};

const DOING: &str = "store the recipe";

/// The identity of a recipe; stores the recipe if it is new.
pub(super) async fn recipe_id(
    tx: &mut Transaction<'_>,
    recipe: &Recipe,
) -> Result<i64, StoreError> {
    // Read first: a row that is written here would be locked until the transaction ends, and every run needs a recipe.
    if let Some(id) = known(tx, recipe).await? {
        return Ok(id);
    }
    let new = query(
        "INSERT INTO recipes (fingerprint, provider, model, describe, describe_text, prompt, fields)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (fingerprint) DO NOTHING",
    )
    .bind(recipe.fingerprint().to_vec())
    .bind(recipe.provider.word())
    .bind(recipe.model.as_deref())
    .bind(recipe.describe.word())
    .bind(recipe.describe.text())
    .bind(recipe.prompt.as_deref())
    .bind(recipe.fields.as_deref());
    tx.execute(DOING, new).await?;
    let id = known(tx, recipe).await?;
    id.ok_or(StoreError::Impossible { what: "recipe" })
}

async fn known(tx: &mut Transaction<'_>, recipe: &Recipe) -> Result<Option<i64>, StoreError> {
    let known = query("SELECT id FROM recipes WHERE fingerprint = $1");
    tx.value(DOING, known.bind(recipe.fingerprint().to_vec()))
        .await
}

/// The recipe of a cast's stories; `None` if this program does not know its provider.
pub(super) async fn of_cast(
    tx: &mut Transaction<'_>,
    cast: CastId,
) -> Result<Option<Recipe>, StoreError> {
    let recipe = query(
        "SELECT p.provider, p.model, p.describe, p.describe_text, p.prompt, p.fields
         FROM stored_casts k JOIN recipes p ON p.id = k.recipe_id WHERE k.id = $1",
    );
    let row = tx.row("read the recipe", recipe.bind(cast)).await?;
    let row = row.ok_or(StoreError::Impossible { what: "cast" })?;
    Ok(recipe_of(&row))
}

fn recipe_of(row: &PgRow) -> Option<Recipe> {
    let text = row.get(3);
    let describe = match row.get::<&str, _>(2) {
        "template" => Describe::Template(text),
        _ => Describe::Column(text),
    };
    Some(Recipe {
        provider: row.get::<&str, _>(0).parse().ok()?,
        model: row.get(1),
        describe,
        prompt: row.get(4),
        fields: row.get(5),
    })
}
