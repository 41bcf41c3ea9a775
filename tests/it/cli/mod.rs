//! The commands as a user types them: help, refusals, exit codes, and what they print.

mod check;
mod command_line;
mod reading;
mod review;
mod selecting;
