//! The shown flags of a character as SQL, the same for both kinds of database.
//!
//! [`TakeFlags::shown`](crate::domain::flag::TakeFlags::shown) is the rule; the conformance suite compares the two.

use crate::domain::flag::Flag;

/// SQL for the flags of the character `c` whose current take is `t`. `recipe` is SQL for the identity of its cast's recipe.
pub(super) fn shown_flags(recipe: &str) -> String {
    let stale = Flag::Stale.bit();
    let is_stale = is_stale(recipe);
    format!(
        "((t.flags | t.review_flags | CASE WHEN {is_stale} THEN {stale} ELSE 0 END) & ~t.dismissed)"
    )
}

/// SQL for whether the take `t` was made from another content or recipe than the character `c` has now.
pub(super) fn is_stale(recipe: &str) -> String {
    format!("(t.content <> c.content OR (t.recipe_id IS NOT NULL AND t.recipe_id <> {recipe}))")
}
