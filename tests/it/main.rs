//! Everything that must stay true, in one binary.
//!
//! By boundary: the house and its arrows, the store by its story, the runner under a paused clock, and the whole program
//! against a loopback server that plays each fault and counts what it was asked.

#![expect(
    clippy::format_collect,
    reason = "sheets of a few rows, where the plain way reads best"
)]

mod architecture;
mod browser;
mod cases;
mod changes;
mod check;
mod choosing;
mod command_line;
mod deaths;
mod dialects;
mod disk;
mod fake;
mod faults;
mod guess;
mod handing_on;
mod harness;
mod identity;
mod kept;
mod large;
mod ledger;
mod looking_in;
mod money;
mod network;
mod old_workbooks;
mod openai;
mod page;
mod paused;
mod rehearsal;
mod runs;
mod search;
mod secrets;
mod service;
mod sheets;
mod takes;
mod view;
mod witness;
mod workbooks;
