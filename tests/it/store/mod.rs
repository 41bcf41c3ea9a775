//! The database of a cast: matching a changed sheet to it, claims and results, picks, the search index, and copies of casts.

mod borrowing;
mod changed_sheets;
mod claims;
mod conformance;
mod copies;
mod ledger;
mod picks;
mod postgres;
mod search;
mod server_reads;
mod takes;
mod unchanged_sheets;
mod workers;
