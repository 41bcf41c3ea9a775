//! The result of one check.

use crate::exit::Failure;

/// A text that describes what is fine, or the failure.
pub(super) type Finding = Result<String, Failure>;
