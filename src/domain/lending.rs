//! How the budget of a cast is lent to the runs that work on it.
//!
//! Each run holds a part of the budget, and reserves the cost of its requests in that part. The cost of a request that has ended
//! leaves the part and counts as spent. So what is spent and what is held never exceed the budget together, whatever the runs do at
//! the same time: only [`Account::lend`] makes a part larger, and the store calls it under a lock.
//!
//! A request that costs more than was reserved for it can exceed the budget. Nothing here can prevent that.

use super::money::Money;

/// A run borrows ahead at most this part of what no run needs at the moment, so that little is missing when the budget runs short.
const AHEAD_PART: u64 = 8;

/// The budget of a cast, as one run finds it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// The most that the cast may cost in all.
    pub budget: Money,
    /// What the cast has cost so far, with all uncertain costs counted in full.
    pub spent: Money,
    /// The parts that other runs hold.
    pub lent: Money,
}

impl Account {
    /// The part that the run may hold. It needs `need` for its requests, those in flight included, and would borrow `ahead` more.
    #[must_use]
    pub fn lend(&self, need: Money, ahead: Money) -> Money {
        let free = self.budget.without(self.spent).without(self.lent);
        let beyond = free.without(need).scaled(1, AHEAD_PART);
        need.min(free) + ahead.min(beyond)
    }
}

/// How many requests can be paid with `left`, from the first one on, if they cost at most `prices`. And the price of the first one
/// that cannot be paid.
#[must_use]
pub fn covered(left: Money, prices: &[Money]) -> (usize, Option<Money>) {
    let mut rest = left;
    for (nth, price) in prices.iter().enumerate() {
        if *price > rest {
            return (nth, Some(*price));
        }
        rest = rest.without(*price);
    }
    (prices.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        text.parse().expect("an amount")
    }

    #[test]
    fn a_run_gets_what_it_needs_and_a_little_more_as_long_as_there_is_enough() {
        for (spent, lent, need, ahead, part) in [
            ("0", "0", "1", "0", "1"),
            ("0", "0", "1", "9", "2.125"),
            ("0", "0", "1", "0.5", "1.5"),
            ("4", "5", "1", "9", "1"),
            ("4", "5", "3", "9", "1"),
            ("10", "0", "1", "1", "0"),
            ("4", "7", "1", "1", "0"),
        ] {
            let account = Account {
                budget: money("10"),
                spent: money(spent),
                lent: money(lent),
            };
            let lent = account.lend(money(need), money(ahead));
            assert_eq!(lent, money(part), "{account:?}: {need} and {ahead}");
        }
    }

    #[test]
    fn requests_are_covered_from_the_first_one_on() {
        let prices = ["1", "2", "4", "1"].map(money);
        for (left, many, next) in [
            ("0", 0, Some("1")),
            ("1", 1, Some("2")),
            ("3", 2, Some("4")),
            ("6.9", 2, Some("4")),
            ("7", 3, Some("1")),
            ("8", 4, None),
        ] {
            assert_eq!(covered(money(left), &prices), (many, next.map(money)));
        }
    }

    /// What a run does next.
    #[derive(Debug, Clone)]
    enum Step {
        /// It would start so many requests at this price, and borrow so much ahead.
        Start(u64, u64, u64),
        /// Its oldest request ends and costs so many tenths of its price.
        End(u64),
        /// It gives back what it does not need.
        GiveBack,
        /// It is killed: what was in flight counts as spent.
        Die,
    }

    fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
        let step = prop_oneof![
            6 => (1_u64..9, 1_u64..5, 0_u64..20).prop_map(|(many, price, ahead)| Step::Start(many, price, ahead)),
            8 => (0_u64..11).prop_map(Step::End),
            1 => Just(Step::GiveBack),
            1 => Just(Step::Die),
        ];
        prop::collection::vec((0_usize..4, step), 1..300)
    }

    /// A run: the part that it holds, and the prices of its requests in flight.
    #[derive(Default)]
    struct Lender {
        part: Money,
        in_flight: Vec<Money>,
    }

    impl Lender {
        fn reserved(&self) -> Money {
            self.in_flight.iter().copied().sum()
        }
    }

    proptest! {
        #[test]
        fn what_is_spent_and_in_flight_never_exceeds_the_budget(steps in steps(), budget in 0_u64..60) {
            let budget = money("1").times(budget);
            let mut runs: [Lender; 4] = Default::default();
            let mut spent = Money::ZERO;
            for (who, step) in steps {
                let lent = runs.iter().enumerate().filter(|(nth, _)| *nth != who).map(|(_, run)| run.part).sum();
                let run = &mut runs[who];
                match step {
                    Step::Start(many, price, ahead) => {
                        let prices = vec![money("1").times(price); usize::try_from(many).expect("few")];
                        let reserved = run.reserved();
                        let need = reserved + prices.iter().copied().sum::<Money>();
                        if need > run.part {
                            run.part = Account { budget, spent, lent }.lend(need, money("1").times(ahead));
                        }
                        let (many, _) = covered(run.part.without(reserved), &prices);
                        run.in_flight.extend(&prices[..many]);
                    }
                    Step::End(tenths) if !run.in_flight.is_empty() => {
                        let cost = run.in_flight.remove(0).scaled(tenths, 10);
                        spent += cost;
                        run.part = run.part.without(cost);
                    }
                    Step::End(_) => {}
                    Step::GiveBack => run.part = run.reserved(),
                    Step::Die => {
                        spent += run.reserved();
                        *run = Lender::default();
                    }
                }
                let in_flight: Money = runs.iter().map(Lender::reserved).sum();
                let held: Money = runs.iter().map(|run| run.part).sum();
                prop_assert!(in_flight <= held && spent + held <= budget);
            }
        }
    }
}
