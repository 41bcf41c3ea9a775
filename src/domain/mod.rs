//! The rules of the program, without input and output.
//!
//! They say what a character, a recipe and a take are, what follows from an outcome, what a pace is, and what the events of
//! a run are.
//!
//! There is no clock, no dice, no file and no network here: all of these come in as arguments. So a function here
//! can fail only for reasons that its signature shows.

pub mod alignment;
pub mod character;
pub mod comparison;
pub mod difference;
pub mod event;
pub mod flag;
pub mod formula;
pub mod matching;
pub mod money;
pub mod notice;
pub mod origin;
pub mod outcome;
pub mod own_columns;
pub mod pace;
pub mod prompt;
pub mod recipe;
pub mod record;
pub mod retry;
pub mod row;
pub mod sharing;
pub mod shown;
pub mod speed;
pub mod stakes;
pub mod status;
pub mod takes;
pub mod tally;
pub mod text;
pub mod verdict;
