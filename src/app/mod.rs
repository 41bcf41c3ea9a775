//! The use cases: what the program can do, callable from the command line, from the page and from tests.
//!
//! What was asked for comes in as plain data, without clap and with no process arguments; what came of it goes out as data, errors
//! included. Nothing here words a message, and nothing prints.

mod access;
pub(crate) mod asked;
pub(crate) mod avoid;
pub(crate) mod casts;
pub(crate) mod change;
pub(crate) mod check;
mod copy;
mod cost;
mod error;
pub(crate) mod export;
pub(crate) mod fields;
mod find;
mod guess;
pub(crate) mod import;
mod judge;
pub(crate) mod key;
pub(crate) mod memory;
pub(crate) mod plan;
mod prompt;
pub(crate) mod refused;
mod remember;
pub(crate) mod resolve;
pub(crate) mod resume;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod select;
pub(crate) mod settings;
pub(crate) mod start;
mod text_file;
mod unchanged;
mod writer;

pub(crate) use error::{AppError, Asks, NotFound};
pub(crate) use guess::Guess;
pub(crate) use writer::{KeyState, Writer};
