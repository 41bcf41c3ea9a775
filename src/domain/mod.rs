//! The rules of the house, without the outside world.
//!
//! What a character, a recipe and a take are; what follows from an outcome; what a pace is; what can be told of a run.
//!
//! No clock, no dice, no files, no network: what happens outside comes in as an argument, so nothing here can fail for a
//! reason that is not in its signature.

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
pub mod shown;
pub mod speed;
pub mod status;
pub mod takes;
pub mod tally;
pub mod text;
pub mod verdict;
