//! The full-text search as far as it is the same for every database: what words mean, how texts are cut into words, snippets.
//!
//! Texts are cut into words by the index of `SQLite` alone, also for a server. So all databases find the same characters, and show
//! the same snippets.

pub(in crate::store) mod expression;
pub(in crate::store) mod scratch;
mod snippet;
pub(in crate::store) mod temporary;
