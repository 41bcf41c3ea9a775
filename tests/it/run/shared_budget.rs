//! The budget of a cast in memory, which runs borrow from as from that of a server.

use backstory::facade::domain::lending::{Account, covered};
use backstory::facade::domain::money::{Cost, Money};
use backstory::facade::store::{Held, OverBudget, Settlement};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The budget, what is spent of it, and what each run holds.
pub(super) struct SharedBudget {
    budget: Money,
    /// What a run borrows beyond its need.
    ahead: Money,
    state: Mutex<(Money, BTreeMap<i64, Money>)>,
}

impl SharedBudget {
    pub(super) fn new(budget: Money, ahead: Money) -> Self {
        Self {
            budget,
            ahead,
            state: Mutex::default(),
        }
    }

    /// What the cast has cost at most.
    pub(super) fn spent(&self) -> Money {
        self.state.lock().expect("whole").0
    }

    /// The attempt of a run has ended.
    pub(super) fn settle(&self, who: i64, settlement: &Settlement) {
        let cost = settlement.cost.map_or(Money::ZERO, Cost::at_most);
        let (spent, parts) = &mut *self.state.lock().expect("whole");
        *spent += cost;
        let part = parts.entry(who).or_default();
        *part = part.without(cost);
    }

    /// How many requests at these prices a run may start, and why not all.
    pub(super) fn grant(
        &self,
        who: i64,
        reserved: Money,
        prices: &[Money],
    ) -> (usize, Option<OverBudget>) {
        let (spent, parts) = &mut *self.state.lock().expect("whole");
        let others = parts.iter().filter(|(other, _)| **other != who);
        let account = Account {
            budget: self.budget,
            spent: *spent,
            lent: others.map(|(_, part)| *part).sum(),
        };
        let part = parts.entry(who).or_default();
        let need = reserved + prices.iter().copied().sum::<Money>();
        if need > *part {
            *part = account.lend(need, self.ahead);
        }
        let (many, next) = covered(part.without(reserved), prices);
        if next.is_some() || prices.is_empty() {
            *part = (*part).min(reserved + prices[..many].iter().copied().sum::<Money>());
        }
        let over = next.map(|next| OverBudget {
            budget: self.budget,
            spent: *spent,
            next: Some(next),
            held: if account.lent > Money::ZERO {
                Held::ByOthers
            } else {
                Held::ByNone
            },
        });
        (many, over)
    }

    /// A run has ended.
    pub(super) fn leave(&self, who: i64) {
        self.state.lock().expect("whole").1.remove(&who);
    }
}
