//! Claiming the pending characters of a run's cast, as the runner does it.

use backstory::facade::domain::character::{Character, CharacterId};
use backstory::facade::store::{Committed, Cursor, Group, Ledger, NextCharacters};
use std::time::SystemTime;

/// Asks for at most `most` characters after the row `after`.
pub(super) fn next_after(after: i64, most: usize) -> NextCharacters<'static> {
    NextCharacters {
        after: Cursor(after),
        most,
        except: Vec::new(),
        at: SystemTime::now(),
        allowance: None,
    }
}

/// Claims at most `most` pending characters, from the first row on.
pub(super) async fn claim<L: Ledger>(run: &L, most: usize) -> Vec<Character> {
    claim_next(run, next_after(0, most)).await.claimed
}

/// What the store answers to `next` alone.
pub(super) async fn claim_next<L: Ledger>(run: &L, next: NextCharacters<'_>) -> Committed {
    let group = Group {
        next: Some(next),
        ..Group::default()
    };
    run.commit(group).await.expect("claimed")
}

/// Asks for all characters but these.
pub(super) fn all_but(except: &[CharacterId]) -> NextCharacters<'static> {
    NextCharacters {
        except: except.to_vec(),
        ..next_after(0, 100)
    }
}
