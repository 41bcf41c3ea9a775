//! The commands. Each file has the switches of one command, its function, and its output.

pub(in crate::cli) mod casts;
pub(in crate::cli) mod check;
pub(in crate::cli) mod completions;
pub(in crate::cli) mod edit;
pub(in crate::cli) mod export;
pub(in crate::cli) mod list;
pub(in crate::cli) mod man;
pub(in crate::cli) mod pick;
pub(in crate::cli) mod plan;
pub(in crate::cli) mod query;
pub(in crate::cli) mod redo;
pub(in crate::cli) mod resume;
pub(in crate::cli) mod retry;
pub(in crate::cli) mod review;
pub(in crate::cli) mod run;
pub(in crate::cli) mod search;
pub(in crate::cli) mod serve;
pub(in crate::cli) mod show;
pub(in crate::cli) mod status;
pub(in crate::cli) mod view;
