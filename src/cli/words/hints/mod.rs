//! The hints of errors: what the user can do, with the switches and commands that help.

pub(in crate::cli) mod output;
pub(in crate::cli) mod provider;
pub(in crate::cli) mod sheet;
pub(in crate::cli) mod store;
