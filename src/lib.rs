//! `backstory` turns a spreadsheet of characters into a cast with finished backstories.
//!
//! The words: a **cast** is the characters of one sheet; a **character** is one row; its **description** is what is sent; a
//! **take** is one finished backstory of it; an **attempt** is one request, written down before it is sent; a **run** is one
//! execution of the program on a cast; the **gate** decides when the next request may start; a **provider** writes.
//!
//! One row's walk is the order to read in: the [`sheet`] reads a record and remembers its line; the [`domain`] gives it its
//! content; the [`store`] enrolls it; the [`runner`] has a free place, its gate lets the character pass, and the attempt is
//! committed; the [`provider`] streams; the domain judges; the store settles; only now the [`report`] hears of it; the last
//! tally becomes the [`exit`] code.
//!
//! The arrows, which a test checks: `domain` and `exit` use nothing of this crate; `sheet`, `provider`, `store`, `report` and
//! `output` use `domain`; `service` uses `domain` and `provider`; [`view`] uses `domain` and `store`; `runner` uses `domain` and
//! the traits of `provider`, `store` and `report`; [`app`] carries the use cases out with all of these but `service` and `view`; [`cli`]
//! constructs and wires them all.

/// How a property is tested: as proptest does by itself, or with so many cases. Inputs that failed are kept in
/// `tests/proptest-regressions`, are tried first from then on, and are committed.
#[cfg(test)]
macro_rules! property_config {
    () => {
        proptest::test_runner::Config::with_failure_persistence(
            proptest::test_runner::FileFailurePersistence::SourceParallel(
                "tests/proptest-regressions",
            ),
        )
    };
    ($cases:expr) => {
        proptest::test_runner::Config {
            cases: $cases,
            ..property_config!()
        }
    };
}

mod app;
pub mod cli;
pub mod domain;
mod exit;
mod output;
pub mod provider;
pub mod report;
pub mod runner;
mod service;
pub mod sheet;
pub mod store;
mod view;
