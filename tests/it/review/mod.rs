//! The rules of the review against stories that were judged by hand (`tests/it/fixtures/review/`), and against stories of the
//! built-in writer.

mod demo;
mod truth;
