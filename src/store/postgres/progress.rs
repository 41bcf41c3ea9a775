//! What a run knows of its own groups: which one was sent last, what it has in flight, and since when the database is away.

use super::budget::Borrowing;
use super::values::millis;
use crate::store::{Committed, Group};
use std::collections::HashMap;
use tokio::time::Instant;

/// What is known of a run on this side.
pub(super) struct Progress {
    /// The number of the last group that was sent.
    pub(super) number: i64,
    /// Whether that group may be stored although no answer came.
    pub(super) is_uncertain: bool,
    /// What the run has in flight: characters with their claims.
    pub(super) in_flight: HashMap<i64, i64>,
    /// When the lease was last renewed.
    pub(super) renewed: Instant,
    /// When dead runs were last looked for.
    pub(super) recovered: Option<Instant>,
    /// Since when the database is away.
    pub(super) away_since: Option<Instant>,
    pub(super) last_start_ms: i64,
    /// The part of the cast's budget that the run holds.
    pub(super) borrowing: Borrowing,
}

impl Progress {
    /// A run that has just begun.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            number: 0,
            is_uncertain: false,
            in_flight: HashMap::new(),
            renewed: now,
            recovered: None,
            away_since: None,
            last_start_ms: 0,
            borrowing: Borrowing::default(),
        }
    }

    /// When the last request of the run started, in milliseconds since 1970, or 0.
    pub(super) fn last_start_ms(&self) -> i64 {
        self.last_start_ms
    }

    /// A group is stored.
    pub(super) fn stored(&mut self, group: &Group<'_>, committed: &Committed) {
        for settlement in &group.settlements {
            self.in_flight.remove(&settlement.id.0);
        }
        let again = group.starts.iter().zip(&committed.started);
        for (start, claim) in again {
            if let Some(claim) = claim {
                self.in_flight.insert(start.id.0, claim.0);
                self.last_start_ms = self.last_start_ms.max(millis(start.at));
            }
        }
        for claimed in &committed.claimed {
            self.in_flight.insert(claimed.id.0, claimed.claim.0);
        }
        if let Some(next) = group
            .next
            .as_ref()
            .filter(|_| !committed.claimed.is_empty())
        {
            self.last_start_ms = self.last_start_ms.max(millis(next.at));
        }
    }
}
