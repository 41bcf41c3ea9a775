//! Runs: from pending to done, with pace, retries, timeouts and costs.

mod budget;
mod costs;
mod fleet;
mod promises;
mod rate_limits;
mod runs;
mod scripted;
mod shared_budget;
mod stopping;
mod timeouts;
