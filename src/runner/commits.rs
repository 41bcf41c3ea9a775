//! Groups of results and starts on their way to the store, one at a time.
//!
//! While one group is being committed, the next one gathers. A group contains the attempts that have ended and those that start
//! now, and is stored as a whole or not at all. If the store fails, the results are kept and tried again a few times.

use super::retries::Candidate;
use crate::domain::character::Character;
use crate::domain::money::Money;
use crate::domain::retry::Next;
use crate::store::{
    Committed, Group, Ledger, NextCharacters, Settlement, Start, StoreError, lease,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// A run that commits nothing for this long commits an empty group, which shows that it is alive.
pub(super) const HEARTBEAT: Duration = lease::RENEWED_EVERY;

/// A group with this many results does not wait for more.
pub(super) const GROUP_MAX: usize = 64;

/// How often the streams are polled once more before a group is committed while other requests are in flight. Requests that end
/// together are then stored together. It costs nothing if only one request is in flight.
const POLLS_MAX: u32 = 4;

/// How often the store may fail in a row before the results are given up.
const FAILURES_MAX: u32 = 5;

/// The time between two tries to store the same results.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// An attempt that has ended and is to be stored.
pub(super) struct Ended {
    pub(super) character: Character,
    pub(super) settlement: Settlement,
    pub(super) next: Next,
    /// How often in a row the service asked this character to wait, or its request could not be sent, this attempt included.
    pub(super) refusals: u32,
}

/// A group that is being committed.
pub(super) struct CommitGroup {
    pub(super) ended: Vec<Ended>,
    pub(super) starting: Starting,
    /// Whether the store was asked to claim characters or to look for them.
    pub(super) is_asked: bool,
}

/// What a group starts.
#[derive(Default)]
pub(super) struct Starting {
    /// Characters that this run has tried before.
    pub(super) retries: Vec<Candidate>,
    /// Reserved for the characters that the store claims beside.
    pub(super) reserved: Money,
    /// Reserved for the requests in flight; `None` if prices are not known.
    pub(super) in_flight: Option<Money>,
}

/// A group that was committed, and the answer of the store.
pub(super) type CommitResult = (CommitGroup, Result<Committed, StoreError>);

/// The group that is being committed and the next one.
pub(super) struct Commits<'a> {
    /// The results of the next group.
    ended: Vec<Ended>,
    current: Option<BoxFuture<'a, CommitResult>>,
    /// The most requests that the current group starts.
    starting: usize,
    /// How often the streams were polled once more for the next group.
    polls: u32,
    last: Instant,
    /// How often the store failed in a row.
    failures: u32,
    retry_at: Option<Instant>,
}

impl<'a> Commits<'a> {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            ended: Vec::new(),
            current: None,
            starting: 0,
            polls: 0,
            last: now,
            failures: 0,
            retry_at: None,
        }
    }

    /// Adds a result to the next group.
    pub(super) fn add(&mut self, ended: Ended) {
        self.ended.push(ended);
    }

    /// The number of results in the next group.
    pub(super) fn len(&self) -> usize {
        self.ended.len()
    }

    /// Whether a group is being committed.
    pub(super) fn is_committing(&self) -> bool {
        self.current.is_some()
    }

    /// The most requests that start when the current group is committed.
    pub(super) fn starting(&self) -> usize {
        if self.is_committing() {
            self.starting
        } else {
            0
        }
    }

    /// Whether everything is stored.
    pub(super) fn is_idle(&self) -> bool {
        self.ended.is_empty() && !self.is_committing()
    }

    /// Whether the next group waits for other requests that may end at the same time.
    pub(super) fn is_gathering(&self, in_flight: usize) -> bool {
        let may_grow = !self.ended.is_empty() && self.len() < in_flight.min(GROUP_MAX);
        may_grow && !self.is_committing() && self.failures == 0 && self.polls < POLLS_MAX
    }

    /// The streams were polled once more, and nothing had ended.
    pub(super) fn polled(&mut self) {
        self.polls += 1;
    }

    /// Closes the next group, if it may be committed now.
    pub(super) fn close_group(&mut self, now: Instant, in_flight: usize) -> bool {
        let is_early = self.retry_at.is_some_and(|retry_at| now < retry_at);
        if self.is_committing() || self.is_gathering(in_flight) || is_early {
            return false;
        }
        self.polls = 0;
        self.retry_at = None;
        true
    }

    /// Commits all results, `starting` and what `next` claims, or nothing if there is no need.
    pub(super) fn commit<S: Ledger>(
        &mut self,
        store: &'a S,
        starting: Starting,
        next: Option<NextCharacters<'a>>,
        now: Instant,
    ) {
        let is_heartbeat_due = now - self.last >= HEARTBEAT && self.failures == 0;
        let is_empty = self.ended.is_empty() && starting.retries.is_empty() && next.is_none();
        if is_empty && !is_heartbeat_due {
            return;
        }
        let ended = std::mem::take(&mut self.ended);
        let is_asked = next.is_some();
        let claims = next.as_ref().map_or(0, |next| next.most);
        self.starting = starting.retries.len() + claims;
        let group = Group {
            settlements: ended.iter().map(|ended| ended.settlement.clone()).collect(),
            starts: starting
                .retries
                .iter()
                .map(|candidate| start(candidate, starting.in_flight.is_some()))
                .collect(),
            next,
            reserved: starting.in_flight,
        };
        self.last = now;
        let stored = store.commit(group);
        let group = CommitGroup {
            ended,
            starting,
            is_asked,
        };
        self.current = Some(async move { (group, stored.await) }.boxed());
    }

    /// Waits for the group that is being committed; `None` if there is none.
    pub(super) fn result(&mut self) -> OptionFuture<&mut BoxFuture<'a, CommitResult>> {
        self.current.as_mut().into()
    }

    /// The group is stored.
    pub(super) fn succeeded(&mut self) {
        self.current = None;
        self.failures = 0;
    }

    /// The group is not stored: its results go back in front of the next group.
    pub(super) fn failed(&mut self, mut ended: Vec<Ended>, now: Instant) {
        self.current = None;
        self.failures += 1;
        self.retry_at = Some(now + RETRY_AFTER);
        ended.append(&mut self.ended);
        self.ended = ended;
    }

    /// When results are tried again that could not be stored.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// When the next empty group is due. `None` while the store fails.
    pub(super) fn heartbeat_at(&self) -> Option<Instant> {
        (self.failures == 0).then(|| self.last + HEARTBEAT)
    }

    /// Whether the results are not tried again: the store failed too often, or it failed and the run `is_aborted`.
    pub(super) fn gives_up(&self, is_aborted: bool) -> bool {
        self.failures >= FAILURES_MAX || self.failures > 0 && is_aborted
    }

    /// The results that could not be stored.
    pub(super) fn into_unsaved(self) -> Vec<Settlement> {
        self.ended
            .into_iter()
            .map(|ended| ended.settlement)
            .collect()
    }
}

/// What the store needs to know of an attempt that starts.
fn start(candidate: &Candidate, has_prices: bool) -> Start {
    Start {
        id: candidate.character.id,
        claim: candidate.character.claim,
        at: SystemTime::now(),
        reserved: has_prices.then_some(candidate.reserved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{CharacterId, Claim, Content};
    use crate::domain::outcome::{Ending, Outcome};
    use crate::domain::tally::Counts;
    use crate::store::Settled;

    /// A store that accepts each group, or none.
    struct Disk {
        is_full: bool,
    }

    impl Ledger for Disk {
        async fn commit(&self, _: Group<'_>) -> Result<Committed, StoreError> {
            if self.is_full {
                return Err(StoreError::Impossible { what: "disk" });
            }
            Ok(Committed::default())
        }

        async fn counts(&self) -> Result<Counts, StoreError> {
            Ok(Counts::default())
        }
    }

    fn ended(row: i64) -> Ended {
        let content = Content([0; 16]);
        Ended {
            character: Character {
                id: CharacterId(row),
                claim: Claim(1),
                row,
                key: None,
                name: String::new(),
                description: String::new(),
                columns: None,
                content,
                tries: 0,
            },
            settlement: Settlement {
                id: CharacterId(row),
                claim: Claim(1),
                content,
                state: Settled::Pending,
                tries: 0,
                ending: Ending::without_text(Outcome::Wait, String::new()),
                words: 0,
                cost: None,
                at: SystemTime::UNIX_EPOCH,
            },
            next: Next::Fail,
            refusals: 0,
        }
    }

    fn rows(ended: &[Ended]) -> Vec<i64> {
        ended.iter().map(|ended| ended.character.row).collect()
    }

    #[test]
    fn a_group_waits_for_other_requests_a_few_polls_long() {
        let now = Instant::now();
        let mut commits = Commits::new(now);
        assert!(!commits.is_gathering(8), "nothing has ended");
        commits.add(ended(1));
        assert!(!commits.is_gathering(1), "no more can come");
        for _ in 0..POLLS_MAX {
            assert!(commits.is_gathering(8) && !commits.close_group(now, 8));
            commits.polled();
        }
        assert!(!commits.is_gathering(8) && commits.close_group(now, 8));
    }

    #[test]
    fn a_full_group_waits_for_nothing() {
        let mut commits = Commits::new(Instant::now());
        for row in 0..64 {
            assert_eq!(commits.is_gathering(1_000), row > 0, "{row}");
            commits.add(ended(row));
        }
        assert!(!commits.is_gathering(1_000));
    }

    #[tokio::test(start_paused = true)]
    async fn one_group_is_committed_at_a_time_and_the_next_one_gathers() {
        let (now, disk) = (Instant::now(), Disk { is_full: false });
        let mut commits = Commits::new(now);
        commits.add(ended(1));
        commits.commit(&disk, Starting::default(), None, now);
        commits.add(ended(2));
        assert!(commits.is_committing() && !commits.close_group(now, 0));
        let (group, result) = commits.result().await.expect("a group");
        assert_eq!(rows(&group.ended), [1]);
        assert!(result.is_ok());
        commits.succeeded();
        assert!(commits.close_group(now, 0) && !commits.is_idle());
    }

    #[tokio::test(start_paused = true)]
    async fn results_that_could_not_be_stored_come_first_in_the_next_group() {
        let (mut now, disk) = (Instant::now(), Disk { is_full: true });
        let mut commits = Commits::new(now);
        for row in 1..=5 {
            commits.add(ended(row));
            assert!(commits.close_group(now, 0));
            commits.commit(&disk, Starting::default(), None, now);
            let (group, result) = commits.result().await.expect("a group");
            assert!(result.is_err() && !commits.gives_up(false), "{row}");
            commits.failed(group.ended, now);
            assert!(commits.gives_up(true), "an aborted run does not try again");
            assert!(!commits.close_group(now, 0), "it is too early");
            assert_eq!(commits.heartbeat_at(), None);
            now = commits.retry_at().expect("another try");
        }
        assert!(commits.gives_up(false), "the store failed too often");
        let unsaved = commits.into_unsaved();
        let unsaved: Vec<i64> = unsaved.iter().map(|unsaved| unsaved.id.0).collect();
        assert_eq!(unsaved, [1, 2, 3, 4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_group_is_committed_only_as_a_heartbeat() {
        let (now, disk) = (Instant::now(), Disk { is_full: false });
        let mut commits = Commits::new(now);
        let early = now + HEARTBEAT - Duration::from_millis(1);
        commits.commit(&disk, Starting::default(), None, early);
        assert!(!commits.is_committing());
        let due = commits.heartbeat_at().expect("the store works");
        commits.commit(&disk, Starting::default(), None, due);
        assert!(commits.is_committing());
        let (group, _) = commits.result().await.expect("a group");
        assert!(group.ended.is_empty() && group.starting.retries.is_empty());
        commits.succeeded();
        assert_eq!(commits.heartbeat_at(), Some(due + HEARTBEAT));
    }
}
