//! Runs: from pending to done, with pace, retries, timeouts and costs.

mod costs;
mod fleet;
mod promises;
mod rate_limits;
mod runs;
mod scripted;
mod stopping;
mod timeouts;
