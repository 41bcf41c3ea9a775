//! The use cases: what the program can do, callable from the command line, from the page and from tests.
//!
//! What was asked for comes in as plain data, without clap and with no process arguments; what came of it goes out as data, errors
//! included. Nothing here words a message, and nothing prints.

mod access;
pub mod asked;
mod cost;
mod error;
pub mod fields;
pub mod find;
mod guess;
pub mod import;
pub mod key;
pub mod memory;
pub mod plan;
mod prompt;
pub mod refused;
mod remember;
pub mod resolve;
pub mod resume;
pub mod run;
pub mod settings;
pub mod start;
mod text_file;
mod unchanged;
mod writer;

pub use error::{AppError, Asks, NotFound};
pub use guess::Guess;
pub use prompt::{PromptText, over};
pub use writer::{KeyState, Writer};
