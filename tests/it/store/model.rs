//! A store in memory, as small as it can be: it says what is right for the others.

use backstory::facade::domain::character::{Character, CharacterId, Claim, Content, TakeNumber};
use backstory::facade::domain::money::Money;
use backstory::facade::domain::tally::Counts;
use backstory::facade::store::{
    Committed, Group, Ledger, Reopen, Settled, Settlement, Start, StoreError, Stored,
};
use std::sync::{Arc, Mutex};

/// A cast.
#[derive(Clone)]
pub(super) struct Model {
    rows: Arc<Mutex<Vec<Row>>>,
}

/// A run on it.
pub(super) struct ModelRun(Model);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Running,
    Done,
    Failed,
}

struct Row {
    character: Character,
    state: State,
    takes: i64,
}

impl Model {
    pub(super) fn of(names: &[&str]) -> Self {
        let row = |(name, number): (&&str, i64)| Row {
            character: Character {
                id: CharacterId(number),
                claim: Claim(0),
                row: number,
                key: None,
                name: (*name).to_owned(),
                description: "x".into(),
                columns: None,
                content: Content::of(name, "x"),
                tries: 0,
            },
            state: State::Pending,
            takes: 0,
        };
        Self {
            rows: Arc::new(Mutex::new(names.iter().zip(1..).map(row).collect())),
        }
    }

    pub(super) fn begin(&self, reopen: Reopen) -> ModelRun {
        if reopen == Reopen::Failed {
            self.reopen_failed();
        }
        ModelRun(self.clone())
    }

    /// Makes failed characters pending again, with all their tries. Returns how many.
    pub(super) fn reopen_failed(&self) -> u64 {
        let mut many = 0;
        for row in self.rows.lock().expect("whole").iter_mut() {
            if row.state == State::Failed {
                row.state = State::Pending;
                row.character.tries = 0;
                many += 1;
            }
        }
        many
    }

    /// What was in flight is pending again; its claim is spent.
    pub(super) fn recover(&self) {
        for row in self.rows.lock().expect("whole").iter_mut() {
            if row.state == State::Running {
                row.state = State::Pending;
            }
        }
    }
}

impl Row {
    fn settle(&mut self, settlement: &Settlement) -> Stored {
        let is_current = self.character.claim == settlement.claim;
        if self.state != State::Running || !is_current {
            return Stored::NotOurs;
        }
        self.character.tries = settlement.tries;
        self.state = match settlement.state {
            Settled::Pending => State::Pending,
            Settled::Failed => State::Failed,
            Settled::Done => {
                self.takes += 1;
                self.state = State::Done;
                return Stored::Take(TakeNumber(self.takes));
            }
        };
        Stored::NoTake
    }

    fn start(&mut self, start: &Start) -> Option<Claim> {
        let is_free = self.state == State::Pending && self.character.claim == start.claim;
        is_free.then(|| {
            self.state = State::Running;
            self.character.claim = start.claim.next();
            self.character.claim
        })
    }
}

impl Ledger for ModelRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        let mut rows = self.0.rows.lock().expect("whole");
        let of = |id: CharacterId| usize::try_from(id.0 - 1).expect("a row");
        let mut committed = Committed::default();
        for settlement in &group.settlements {
            let at = of(settlement.id);
            committed.settled.push(rows[at].settle(settlement));
        }
        for start in &group.starts {
            let at = of(start.id);
            committed.started.push(rows[at].start(start));
        }
        let Some(next) = &group.next else {
            return Ok(committed);
        };
        committed.is_end = true;
        let pending = rows
            .iter_mut()
            .filter(|row| row.state == State::Pending && row.character.row > next.after.0)
            .filter(|row| !next.except.contains(&row.character.id));
        for row in pending {
            let price = next.allowance.as_ref().map(|it| (it.price)(&row.character));
            let left = next.allowance.as_ref().and_then(|it| it.left);
            let spent: Money = price
                .iter()
                .copied()
                .cycle()
                .take(committed.claimed.len())
                .sum();
            let is_short = left
                .zip(price)
                .is_some_and(|(left, price)| spent + price > left);
            if committed.claimed.len() == next.most || is_short {
                committed.is_end = false;
                committed.short = price.filter(|_| is_short);
                break;
            }
            row.state = State::Running;
            row.character.claim = row.character.claim.next();
            committed.claimed.push(row.character.clone());
        }
        Ok(committed)
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let rows = self.0.rows.lock().expect("whole");
        let many = |state| {
            let many = rows.iter().filter(|row| row.state == state).count();
            u64::try_from(many).unwrap_or(u64::MAX)
        };
        Ok(Counts {
            pending: many(State::Pending),
            running: many(State::Running),
            done: many(State::Done),
            failed: many(State::Failed),
            gone: 0,
        })
    }
}
