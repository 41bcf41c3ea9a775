//! What `check` finds out about one thing.

use crate::exit::Failure;

/// What is right with a thing, in words, or what is wrong with it.
pub(super) type Finding = Result<String, Failure>;
