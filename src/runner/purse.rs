//! What a run has spent and may still spend.
//!
//! The most that a request can cost is set aside before it leaves, so that requests at the same time cannot spend together
//! what each of them could have spent alone. What was not used comes back when the request has ended. Without prices the purse
//! has no bottom and keeps no account.

use crate::domain::money::{Budget, Cost, Money};
use crate::domain::outcome::{Outcome, Tokens};

/// The account of a run.
pub(super) struct Purse {
    budget: Option<Budget>,
    spent: Cost,
    /// Set aside for requests that are written down or in flight.
    reserved: Money,
    /// There was not enough for the next one; something has to come back first.
    short: bool,
}

impl Purse {
    pub(super) fn new(budget: Option<Budget>) -> Self {
        Self {
            budget,
            spent: Cost::default(),
            reserved: Money::ZERO,
            short: false,
        }
    }

    /// Whether an account is kept.
    pub(super) fn keeps(&self) -> bool {
        self.budget.is_some()
    }

    /// What was spent, where an account is kept.
    pub(super) fn spent(&self) -> Option<Cost> {
        self.budget.map(|_| self.spent)
    }

    /// What was spent, if the worst is true.
    pub(super) fn at_most(&self) -> Money {
        self.spent.at_most()
    }

    /// Whether the next request has to wait until something comes back.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// The most that a request of so many `bytes` may cost.
    pub(super) fn price(&self, bytes: impl FnOnce() -> u64) -> Money {
        let price = |budget: Budget| budget.prices.at_most(bytes(), budget.written_max);
        self.budget.map_or(Money::ZERO, price)
    }

    /// Sets `price` aside. Returns whether there was enough.
    pub(super) fn reserve(&mut self, price: Money) -> bool {
        let max = self.budget.and_then(|budget| budget.max);
        let reserved = self.reserved + price;
        self.short = max.is_some_and(|max| self.spent.at_most() + reserved > max);
        if !self.short {
            self.reserved = reserved;
        }
        !self.short
    }

    /// Takes back what was set aside for a request that never left.
    pub(super) fn give_back(&mut self, reserved: Money) {
        self.reserved = self.reserved.without(reserved);
        self.short = false;
    }

    /// Books a request that has ended, for which `reserved` was set aside. Returns what it cost, where an account is kept.
    pub(super) fn settle(
        &mut self,
        reserved: Money,
        outcome: Outcome,
        tokens: Option<Tokens>,
    ) -> Option<Cost> {
        let cost = self.budget?.prices.cost(outcome, tokens, reserved);
        self.give_back(reserved);
        self.spent += cost;
        Some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Prices;

    fn purse(max: &str) -> Purse {
        let money = |text: &str| text.parse().expect("an amount");
        Purse::new(Some(Budget {
            prices: Prices {
                request: money("1"),
                ..Prices::default()
            },
            max: Some(money(max)),
            written_max: 0,
        }))
    }

    #[test]
    fn what_is_set_aside_cannot_be_spent_twice() {
        let mut purse = purse("2.5");
        let one = purse.price(|| 0);
        assert!(purse.reserve(one) && purse.reserve(one));
        assert!(!purse.reserve(one) && purse.is_short());
        purse.settle(one, Outcome::Wait, None);
        assert!(!purse.is_short() && purse.reserve(one), "a refusal is free");
        purse.settle(one, Outcome::Ok, None);
        purse.settle(one, Outcome::Unknown, None);
        assert!(!purse.reserve(one), "what may have been charged counts");
        assert_eq!(
            purse.spent().map(|spent| spent.to_string()).as_deref(),
            Some("1.00 to 2.00")
        );
    }

    #[test]
    fn without_prices_nothing_is_counted_and_nothing_is_held_back() {
        let mut purse = Purse::new(None);
        let price = purse.price(|| unreachable!("nobody has to count"));
        assert!(purse.reserve(price));
        assert_eq!(purse.settle(price, Outcome::Ok, None), None);
        assert_eq!(purse.spent(), None);
    }
}
