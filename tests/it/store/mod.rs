//! The database of a cast: matching a changed sheet to it, claims and results, picks, and the search index.

mod changed_sheets;
mod claims;
mod conformance;
mod ledger;
mod picks;
mod postgres;
mod replaced;
mod search;
mod server_reads;
mod takes;
mod unchanged_sheets;
mod workers;
