//! What a run has spent and may still spend.
//!
//! The highest possible cost of a request is reserved before the request is sent, so concurrent requests cannot exceed the limit
//! together. When a request ends, its reservation is released and its real cost is booked. Without prices nothing is limited
//! and nothing is counted.
//!
//! The limit here is that of the run. The budget of the cast is enforced by the store, which other runs may share; here is only kept
//! that the store has refused, and when it is asked again.

use crate::domain::money::{Budget, Cost, Money};
use crate::domain::outcome::{Outcome, Tokens};
use crate::store::Held;
use std::time::Duration;
use tokio::time::Instant;

/// How long after a refusal the store is asked again whether other runs have given back a part of the cast's budget.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Spent and reserved money of one run.
pub(super) struct BudgetTracker {
    budget: Option<Budget>,
    spent: Cost,
    /// Reserved for requests that are being committed or in flight.
    reserved: Money,
    /// The last reservation was refused; a request in flight has to end first.
    short: bool,
    /// Whether the budget of the cast allows the next request.
    of_cast: OfCast,
}

/// Whether the budget of the cast allows the next request, as far as this run knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfCast {
    /// The store has not refused it.
    Open,
    /// The store has refused it; a request in flight has to end first.
    Short,
    /// The store has refused it. Other runs may give a part back, so from this time on it may be asked again.
    ShortUntil(Instant),
}

impl BudgetTracker {
    pub(super) fn new(budget: Option<Budget>) -> Self {
        Self {
            budget,
            spent: Cost::default(),
            reserved: Money::ZERO,
            short: false,
            of_cast: OfCast::Open,
        }
    }

    /// What was spent, if prices are known.
    pub(super) fn spent(&self) -> Option<Cost> {
        self.budget.map(|_| self.spent)
    }

    /// The most that was spent: requests that may have been charged count as charged.
    pub(super) fn spent_at_most(&self) -> Money {
        self.spent.at_most()
    }

    /// What is reserved, if prices are known.
    pub(super) fn reserved(&self) -> Option<Money> {
        self.budget.map(|_| self.reserved)
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
        self.short || self.of_cast != OfCast::Open
    }

    /// Whether the next request has to wait for the budget of the cast. It does not if it is time to ask the store again.
    pub(super) fn waits_for_cast(&mut self, now: Instant) -> bool {
        if self.ask_again_at().is_some_and(|at| at <= now) {
            self.of_cast = OfCast::Open;
        }
        self.of_cast != OfCast::Open
    }

    /// When the store is asked again about the budget of the cast, if it has refused a request that other runs may make room for.
    pub(super) fn ask_again_at(&self) -> Option<Instant> {
        match self.of_cast {
            OfCast::ShortUntil(at) => Some(at),
            OfCast::Open | OfCast::Short => None,
        }
    }

    /// The store has refused a request because of the budget of the cast, of which others hold a part or none.
    pub(super) fn cast_is_short(&mut self, held: Held, now: Instant) {
        self.of_cast = match held {
            Held::ByOthers => OfCast::ShortUntil(now + ASK_AGAIN),
            Held::ByNone => OfCast::Short,
        };
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
        self.of_cast = OfCast::Open;
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
            cast_max: None,
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
    fn a_request_that_the_budget_of_the_cast_does_not_allow_waits_for_this_run_or_for_others() {
        let now = Instant::now();
        let mut budget = tracker("9");
        let one = budget.price(|| 0);
        assert!(budget.reserve(one));
        budget.cast_is_short(Held::ByNone, now);
        assert!(budget.is_short() && budget.waits_for_cast(now + ASK_AGAIN));
        assert_eq!(budget.ask_again_at(), None);
        budget.settle(one, Outcome::Wait, None);
        assert!(!budget.is_short(), "this run has made room");
        budget.cast_is_short(Held::ByOthers, now);
        assert!(budget.is_short() && budget.waits_for_cast(now));
        let later = budget.ask_again_at().expect("a time");
        assert!(!budget.waits_for_cast(later) && !budget.is_short());
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
