//! What a run has spent and may still spend.
//!
//! The highest possible cost of a request is reserved before the request is sent, so concurrent requests cannot exceed the limit
//! together. When a request ends, its reservation is released and its real cost is booked. Without prices nothing is limited
//! and nothing is counted.

use crate::domain::money::{Budget, Cost, Money};
use crate::domain::outcome::{Outcome, Tokens};

/// Spent and reserved money of one run.
pub(super) struct BudgetTracker {
    budget: Option<Budget>,
    spent: Cost,
    /// Reserved for requests that are being committed or in flight.
    reserved: Money,
    /// The last reservation was refused; a request in flight has to end first.
    short: bool,
}

impl BudgetTracker {
    pub(super) fn new(budget: Option<Budget>) -> Self {
        Self {
            budget,
            spent: Cost::default(),
            reserved: Money::ZERO,
            short: false,
        }
    }

    /// Whether prices are known, so that costs are counted.
    pub(super) fn has_prices(&self) -> bool {
        self.budget.is_some()
    }

    /// What was spent, if prices are known.
    pub(super) fn spent(&self) -> Option<Cost> {
        self.budget.map(|_| self.spent)
    }

    /// The most that was spent: requests that may have been charged count as charged.
    pub(super) fn spent_at_most(&self) -> Money {
        self.spent.at_most()
    }

    /// The budget with its prices, if they are known.
    pub(super) fn known(&self) -> Option<Budget> {
        self.budget
    }

    /// What is neither spent nor reserved; `None` if there is no limit.
    pub(super) fn left(&self) -> Option<Money> {
        let max = self.budget?.max?;
        Some(max.without(self.spent.at_most()).without(self.reserved))
    }

    /// Reserves all that is left. Returns how much that is.
    pub(super) fn reserve_rest(&mut self) -> Money {
        let rest = self.left().unwrap_or(Money::ZERO);
        self.reserved += rest;
        rest
    }

    /// Whether the next request has to wait until a reservation is released.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// The most that a request of `bytes` bytes may cost. `bytes` is called only if prices are known.
    pub(super) fn price(&self, bytes: impl FnOnce() -> u64) -> Money {
        self.budget
            .map_or(Money::ZERO, |budget| budget.at_most(bytes()))
    }

    /// Reserves `price`. Returns whether the budget allows it.
    pub(super) fn reserve(&mut self, price: Money) -> bool {
        let max = self.budget.and_then(|budget| budget.max);
        let reserved = self.reserved + price;
        self.short = max.is_some_and(|max| self.spent.at_most() + reserved > max);
        if !self.short {
            self.reserved = reserved;
        }
        !self.short
    }

    /// Releases the reservation of a request that was not sent.
    pub(super) fn release(&mut self, reserved: Money) {
        self.reserved = self.reserved.without(reserved);
        self.short = false;
    }

    /// Books a request that has ended and releases its reservation `reserved`. Returns its cost, if prices are known.
    pub(super) fn settle(
        &mut self,
        reserved: Money,
        outcome: Outcome,
        tokens: Option<Tokens>,
    ) -> Option<Cost> {
        let cost = self.budget?.prices.cost(outcome, tokens, reserved);
        self.release(reserved);
        self.spent += cost;
        Some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Prices;

    fn tracker(max: &str) -> BudgetTracker {
        let money = |text: &str| text.parse().expect("an amount");
        BudgetTracker::new(Some(Budget {
            prices: Prices {
                request: money("1"),
                ..Prices::default()
            },
            max: Some(money(max)),
            written_max: 0,
        }))
    }

    #[test]
    fn what_is_reserved_cannot_be_spent_twice() {
        let mut budget = tracker("2.5");
        let one = budget.price(|| 0);
        assert!(budget.reserve(one) && budget.reserve(one));
        assert!(!budget.reserve(one) && budget.is_short());
        budget.settle(one, Outcome::Wait, None);
        assert!(
            !budget.is_short() && budget.reserve(one),
            "a refusal is free"
        );
        budget.settle(one, Outcome::Ok, None);
        budget.settle(one, Outcome::Unknown, None);
        assert!(!budget.reserve(one), "what may have been charged counts");
        assert_eq!(
            budget.spent().map(|spent| spent.to_string()).as_deref(),
            Some("1.00 to 2.00")
        );
    }

    #[test]
    fn what_is_left_can_be_reserved_as_a_whole() {
        let mut budget = tracker("2.5");
        let one = budget.price(|| 0);
        assert!(budget.reserve(one));
        let rest = budget.reserve_rest();
        assert_eq!(budget.left(), Some(Money::ZERO));
        assert!(!budget.reserve(one));
        budget.release(rest);
        assert!(budget.reserve(one) && !budget.reserve(one));
    }

    #[test]
    fn without_prices_nothing_is_counted_and_nothing_is_held_back() {
        let mut budget = BudgetTracker::new(None);
        let price = budget.price(|| unreachable!("no bytes are counted without prices"));
        assert!(budget.reserve(price));
        assert_eq!(budget.settle(price, Outcome::Ok, None), None);
        assert_eq!(budget.spent(), None);
    }
}
