//! `backstory` turns a spreadsheet of characters into a cast with finished backstories.
//!
//! The terms: a **cast** is all characters of one sheet; a **character** is one row; its **description** is what is sent; a
//! **take** is one finished backstory of a character; an **attempt** is one request, recorded before it is sent; a **run** is
//! one execution of the program on a cast; the **gate** decides when the next request may start; a **provider** writes the
//! stories.
//!
//! One row's way through the program is a good order to read the modules in:
//!
//! 1. `sheet` reads the row from the file.
//! 2. `app` imports it: `domain` decides what the import means for each character, and `store` carries that out.
//! 3. `runner` takes the next pending character when its gate permits a request. The store commits the attempt before the
//!    request is sent.
//! 4. `provider` sends the request and streams the answer.
//! 5. `domain` decides what the answer means and whether to retry. The runner settles the attempt, and the store commits text,
//!    attempt and state in one transaction.
//! 6. Only then `report` shows the progress. At the end [`cli`] prints the summary and chooses the `exit` code.
//!
//! `review` finds what a reader would object to, `output` writes exports, `view` is the page in the browser, and `service` is
//! the local server with the built-in writer. `.github/CONTRIBUTING.md` has the same map with the names of files.
//!
//! What may use what, which a test checks: `domain` and `exit` use nothing of this crate; `sheet`, `provider`, `store`, `report`,
//! `output` and `review` use `domain`; `service` uses `domain` and `provider`; `view` uses `domain`, `store` and `app`; `runner`
//! uses `domain`, `provider`, `store` and `report`; `app` has the use cases and may use all of these except `service` and `view`;
//! `cli` may use everything.
//!
//! Only [`cli`], which the program starts, and [`facade`], which the tests use, are public.

/// The configuration of a property test: the default of proptest, or the given number of cases. Inputs that failed are stored in
/// `tests/proptest-regressions` and tried first in later runs. These files are committed.
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
mod domain;
mod exit;
pub mod facade;
mod output;
mod provider;
mod report;
mod review;
mod runner;
mod service;
mod sheet;
#[expect(
    unreachable_pub,
    unused_imports,
    reason = "what only the crate uses is still to be marked"
)]
mod store;
mod view;
