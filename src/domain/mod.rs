//! The rules of the program, without input and output.
//!
//! They say what a character, a recipe and a take are, what follows from an outcome, what a pace is, and what the events of
//! a run are.
//!
//! There is no clock, no dice, no file and no network here: all of these come in as arguments. So a function here
//! can fail only for reasons that its signature shows.

pub(crate) mod alignment;
pub(crate) mod character;
pub(crate) mod comparison;
pub(crate) mod difference;
pub(crate) mod event;
pub(crate) mod flag;
pub(crate) mod formula;
pub(crate) mod lending;
pub(crate) mod matching;
pub(crate) mod money;
pub(crate) mod notice;
pub(crate) mod origin;
pub(crate) mod outcome;
pub(crate) mod own_columns;
pub(crate) mod pace;
pub(crate) mod prompt;
pub(crate) mod recipe;
pub(crate) mod record;
pub(crate) mod retry;
pub(crate) mod row;
pub(crate) mod sharing;
pub(crate) mod shown;
pub(crate) mod speed;
pub(crate) mod stakes;
pub(crate) mod status;
pub(crate) mod takes;
pub(crate) mod tally;
pub(crate) mod text;
pub(crate) mod verdict;
