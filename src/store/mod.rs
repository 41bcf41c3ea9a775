//! The store: what is known of casts, and kept.
//!
//! Its traits are what every database has to do: [`Ledger`] for a run, [`Intake`] for a sheet that is imported, [`Library`] for
//! reading, [`Changes`] for what the user changes, [`Search`]. A [`Location`] says where a database is: a file, or an address of a
//! `PostgreSQL` server. It is opened as a [`Reader`], an [`Editor`] or a [`Holder`]: the type says what may be done with it.
//!
//! No type of a database crate is part of these traits, not even in an error.

/// The views that others build on.
const VIEWS: [&str; 6] = ["results", "takes", "attempts", "failures", "casts", "alike"];

mod changes;
mod codes;
mod error;
mod examined;
mod found;
mod fulltext;
mod incoming;
mod intake;
pub(crate) mod lease;
mod ledger;
mod library;
mod limits;
mod location;
mod new_run;
mod one_cast;
mod opened;
mod postgres;
mod process;
mod records;
mod rescue;
mod reviewed;
mod searching;
mod shown_flags;
mod spans;
mod sqlite;
mod staged;
mod stored_words;
mod transfer;
mod value;
mod watched;
mod workers;

pub use crate::domain::comparison::Comparison;
pub use crate::domain::sharing::Standing;
pub use crate::domain::verdict::Finished;
pub use changes::Changes;
pub use error::{StoreError, Trouble};
pub use examined::{Examined, ExaminedServer, Tables};
pub use found::{Found, Hits, Snippet, Wanted};
pub use incoming::{Failed, Sheet};
pub use intake::Intake;
pub use ledger::{
    Allowance, Committed, Cursor, Group, Held, Ledger, NextCharacters, OverBudget, RunId, Settled,
    Settlement, Start, Stored,
};
pub use library::Library;
pub use limits::Part;
pub use location::{Location, ServerAddress};
pub use new_run::{NewRun, Reopen};
pub use opened::{Batch, CastRun, Copying, Editor, Form, Holder, Import, Reader};
pub use records::{AttemptRecord, CastRecord, Cause, Filter, Outline, RunRecord, TakeRecord};
pub use reviewed::{AlikePair, Reviewed, ReviewedTake, StoryRecord};
pub use searching::Search;
pub use transfer::Contents;
pub use value::Value;
pub use watched::{Newest, Setback, Span, Watched};
pub use workers::Worker;
