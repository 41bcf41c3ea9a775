//! Everything that must stay true, in one binary.
//!
//! By boundary: the house and its arrows, the store by its story, the runner under a paused clock, and the whole program
//! against a loopback server that plays each fault and counts what it was asked.

mod architecture;
mod sheets;
