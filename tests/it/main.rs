//! The tests of the whole program, in one binary.
//!
//! | folder | what it tests |
//! |---|---|
//! | `sheet/` | reading a file: encodings, delimited text, workbooks, columns, guesses, refusals |
//! | `store/` | the database: a changed or unchanged sheet, claims and results, picks, the search index |
//! | `run/` | `run` and `resume`: from pending to done, pace, retries, timeouts, costs, stopping |
//! | `faults/` | a service, a network or a disk that fails, and processes that are killed; the API key stays secret |
//! | `fleet/` | several workers on one cast of a server: killed, frozen, cut off, and the server crashes |
//! | `provider/` | `openai` and the services that are compatible with it; `serve`, its relay and its simulated faults |
//! | `review/` | the flags of `review` against stories that were judged by hand |
//! | `output/` | `export` |
//! | `view/` | the page, over HTTP and in a real browser |
//! | `cli/` | `check`, `status`, `list`, `show`, `query`, `pick`, `edit`, `redo`, `retry`, `casts`; help and exit codes |
//!
//! `architecture.rs` reads the source and checks what may use what. The other files here are shared: `harness.rs` runs the
//! program in a folder of its own, `harness/postgres.rs` starts a server for tests that need one, `fake.rs` is a server that plays each fault and records its requests, and `witness.rs`
//! checks the invariants of a run against that record. Files of other programs are in `fixtures/`.

#![expect(
    clippy::format_collect,
    reason = "sheets of a few rows, where the plain way reads best"
)]

mod architecture;
mod cli;
mod fake;
mod faults;
mod fleet;
mod harness;
mod output;
mod provider;
mod review;
mod run;
mod sheet;
mod store;
mod view;
mod witness;
