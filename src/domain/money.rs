//! What requests cost, in the currency of the prices.
//!
//! All sums are integers, in units of 10^-12 of the currency. So the price of one token is exact if the price of a million
//! tokens has at most six decimals. A cost has two parts: a known sum, and the amount by which the true cost may be higher.

use super::outcome::{Outcome, Tokens};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

/// How many of these units are one unit of the currency.
const UNIT: u64 = 1_000_000_000_000;

/// The most decimals of a price; the price of a million tokens is then exact for one token.
const DECIMALS_MAX: usize = 6;

/// Bytes of a message that are not our text: roles, marks, the template of the model. At most one token per byte.
const FRAME_BYTES: u64 = 64;

/// An amount, never negative. Arithmetic stops at the largest number instead of wrapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount as the database keeps it.
    #[must_use]
    pub fn stored(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    /// The amount that the database keeps as this number.
    #[must_use]
    pub fn from_stored(stored: i64) -> Self {
        Self(stored.try_into().unwrap_or(0))
    }

    /// `times` times the amount.
    #[must_use]
    pub fn times(self, many: u64) -> Self {
        Self(self.0.saturating_mul(many))
    }

    /// The amount without `other`; zero if `other` is more.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The amount times `of`, divided by `by` and rounded down; zero if `by` is zero.
    #[must_use]
    pub fn scaled(self, of: u64, by: u64) -> Self {
        let product = u128::from(self.0) * u128::from(of);
        let amount = product.checked_div(by.into()).unwrap_or(0);
        Self(u64::try_from(amount).unwrap_or(u64::MAX))
    }

    /// Exactly, with as many decimals as needed.
    #[must_use]
    pub fn exactly(self) -> String {
        let digits = format!("{}.{:012}", self.0 / UNIT, self.0 % UNIT);
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        digits.to_owned()
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    /// As people write it: rounded to four decimals below one unit, else to two; never rounded to zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (decimals, step) = match self.0 {
            0 => return f.write_str("0"),
            amount if amount >= UNIT => (2, UNIT / 100),
            amount if amount >= UNIT / 1_000 => (4, UNIT / 10_000),
            amount if amount >= UNIT / 1_000_000 => (6, UNIT / 1_000_000),
            _ => return f.write_str(&self.exactly()),
        };
        let steps = (u128::from(self.0) + u128::from(step / 2)) / u128::from(step);
        let unit = u128::from(UNIT / step);
        write!(f, "{}.{:0decimals$}", steps / unit, steps % unit)
    }
}

impl Serialize for Money {
    /// As a number, exactly.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.exactly())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// A text that is not an amount.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount such as `0.15`, with at most six decimals")]
pub struct NotMoney;

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > DECIMALS_MAX {
            return Err(NotMoney);
        }
        let whole: u64 = whole.parse().map_err(|_| NotMoney)?;
        let decimals: u64 = format!("{decimals:0<12}").parse().map_err(|_| NotMoney)?;
        // A million of them fit: no run costs more, and the sum of such runs does not overflow.
        if whole >= 1_000_000 {
            return Err(NotMoney);
        }
        Ok(Self(whole * UNIT + decimals))
    }
}

/// A cost: a known part, and the most that may have been charged beyond it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Known to be charged.
    pub known: Money,
    /// May have been charged beyond that.
    pub maybe: Money,
}

impl Cost {
    /// The highest possible cost.
    #[must_use]
    pub fn at_most(self) -> Money {
        self.known + self.maybe
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.known += other.known;
        self.maybe += other.maybe;
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.maybe {
            Money::ZERO => self.known.fmt(f),
            _ => write!(f, "{} to {}", self.known, self.at_most()),
        }
    }
}

/// The prices of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prices {
    /// Per request that it carries out.
    pub request: Money,
    /// Per million tokens that it reads.
    pub read: Money,
    /// Per million tokens that it writes.
    pub written: Money,
}

impl Prices {
    /// Whether tokens cost something.
    #[must_use]
    pub fn count_tokens(&self) -> bool {
        self.read > Money::ZERO || self.written > Money::ZERO
    }

    /// The price of the tokens.
    #[must_use]
    pub fn of_tokens(&self, tokens: Tokens) -> Money {
        let each = |million: Money| Money(million.0 / 1_000_000);
        each(self.read).times(tokens.read) + each(self.written).times(tokens.written)
    }

    /// The most that a request can cost if it sends `bytes` of text and the answer has at most `written_max` tokens.
    ///
    /// No token is shorter than a byte.
    #[must_use]
    pub fn at_most(&self, bytes: u64, written_max: u64) -> Money {
        let tokens = Tokens {
            read: bytes.saturating_add(FRAME_BYTES),
            written: written_max,
        };
        self.request + self.of_tokens(tokens)
    }

    /// The estimated cost of a request that sends `bytes` of text and gets `words` in answer: four bytes are one token, and
    /// three words are four tokens.
    #[must_use]
    pub fn about(&self, bytes: u64, words: u64) -> Money {
        let tokens = Tokens {
            read: bytes.saturating_add(FRAME_BYTES).div_ceil(4),
            written: words.saturating_mul(4).div_ceil(3),
        };
        self.request + self.of_tokens(tokens)
    }

    /// The cost of an attempt that ended with `outcome` and could cost `at_most`.
    #[must_use]
    pub fn cost(&self, outcome: Outcome, tokens: Option<Tokens>, at_most: Money) -> Cost {
        let charged = |tokens: Tokens| Cost {
            known: self.request + self.of_tokens(tokens),
            maybe: Money::ZERO,
        };
        match (outcome, tokens) {
            (Outcome::NotSent | Outcome::Wait | Outcome::RefusedRow | Outcome::RefusedRun, _) => {
                Cost::default()
            }
            // A service that reports tokens has counted them.
            (_, Some(tokens)) => charged(tokens),
            (Outcome::Ok | Outcome::BadText, None) => Cost {
                known: self.request,
                maybe: at_most.without(self.request),
            },
            (Outcome::Unknown | Outcome::Interrupted, None) => Cost {
                known: Money::ZERO,
                maybe: at_most,
            },
        }
    }
}

/// What a run may spend, and how it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The prices of the service.
    pub prices: Prices,
    /// The most that the run may cost, with all uncertain costs counted in full.
    pub max: Option<Money>,
    /// The most that the cast may cost in all, over all runs. The store enforces it, because it knows what other runs have spent.
    pub cast_max: Option<Money>,
    /// The most tokens that an answer is expected to have. If a limit is set, it is sent to the service.
    pub written_max: u64,
}

impl Budget {
    /// Whether the cost is limited at all.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.max.is_some() || self.cast_max.is_some()
    }

    /// The most that a request with `bytes` bytes of text may cost.
    #[must_use]
    pub fn at_most(&self, bytes: u64) -> Money {
        self.prices.at_most(bytes, self.written_max)
    }
}

/// What becomes of the budget that a cast remembers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BudgetChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// The cast has no budget any more.
    Remove,
    /// This is the budget from now on.
    Set(Money),
}

impl BudgetChange {
    /// The budget that follows, where the cast remembers `remembered`.
    #[must_use]
    pub fn applied_to(self, remembered: Option<Money>) -> Option<Money> {
        match self {
            Self::Keep => remembered,
            Self::Remove => None,
            Self::Set(budget) => Some(budget),
        }
    }
}

/// A text that is not a budget.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `none`, or an amount such as `0.15`, with at most six decimals")]
pub struct NotBudget;

impl FromStr for BudgetChange {
    type Err = NotBudget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::Remove),
            amount => amount.parse().map(Self::Set).map_err(|NotMoney| NotBudget),
        }
    }
}

/// The budget of a cast, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLeft {
    /// The most that the cast may cost in all.
    pub budget: Money,
    /// What the cast may still cost. Uncertain costs count in full; requests in flight do not count yet.
    pub left: Money,
}

impl BudgetLeft {
    /// What is left of `budget` after this cost.
    #[must_use]
    pub fn after(budget: Money, cost: Cost) -> Self {
        Self {
            budget,
            left: budget.without(cost.at_most()),
        }
    }
}

impl fmt::Display for BudgetLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} left", self.budget, self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().expect("an amount")
    }

    #[test]
    fn an_amount_reads_back_exactly_and_is_shown_as_people_write_it() {
        for (text, exactly, shown) in [
            ("0", "0", "0"),
            ("0.15", "0.15", "0.1500"),
            ("12.345678", "12.345678", "12.35"),
            ("1", "1", "1.00"),
            ("0.999999", "0.999999", "1.0000"),
            ("0.000001", "0.000001", "0.000001"),
            ("0.001", "0.001", "0.0010"),
            ("007.50", "7.5", "7.50"),
        ] {
            assert_eq!(
                (
                    money(text).exactly().as_str(),
                    money(text).to_string().as_str()
                ),
                (exactly, shown)
            );
            assert_eq!(
                serde_json::json!({"cost": money(text)})["cost"]
                    .to_string()
                    .parse(),
                exactly.parse::<f64>()
            );
        }
        for rubbish in [
            "",
            "-1",
            "1e3",
            ".5",
            "5.",
            "1,5",
            "0.1234567",
            "$1",
            "1000000",
            " 1",
        ] {
            assert_eq!(rubbish.parse::<Money>(), Err(NotMoney), "{rubbish}");
        }
    }

    #[test]
    fn a_token_costs_a_millionth_of_a_million_to_the_last_digit() {
        let prices = Prices {
            request: Money::ZERO,
            read: money("0.075"),
            written: money("0.000001"),
        };
        let tokens = Tokens {
            read: 3,
            written: 7,
        };
        assert_eq!(prices.of_tokens(tokens).exactly(), "0.000000225007");
    }

    #[test]
    fn uncertain_cost_is_counted_apart_and_refusals_are_free() {
        let prices = Prices {
            request: money("0.01"),
            read: money("1"),
            written: money("2"),
        };
        let at_most = prices.at_most(936, 500);
        assert_eq!(at_most, money("0.012"));
        let tokens = Some(Tokens {
            read: 100,
            written: 200,
        });
        let cost = |outcome, tokens| {
            let cost = prices.cost(outcome, tokens, at_most);
            (cost.known.exactly(), cost.maybe.exactly())
        };
        let is = |known: &str, maybe: &str| (known.to_owned(), maybe.to_owned());
        for free in [
            Outcome::NotSent,
            Outcome::Wait,
            Outcome::RefusedRow,
            Outcome::RefusedRun,
        ] {
            assert_eq!(cost(free, None), is("0", "0"));
        }
        for charged in [
            Outcome::Ok,
            Outcome::BadText,
            Outcome::Unknown,
            Outcome::Interrupted,
        ] {
            assert_eq!(cost(charged, tokens), is("0.0105", "0"));
        }
        assert_eq!(cost(Outcome::Ok, None), is("0.01", "0.002"));
        assert_eq!(cost(Outcome::Unknown, None), is("0", "0.012"));
    }

    #[test]
    fn a_scaled_amount_is_rounded_down_and_never_overflows() {
        for (amount, of, by, scaled) in [
            ("8", 1, 8, "1"),
            ("1", 1, 3, "0.333333333333"),
            ("2", 1_000, 250, "8"),
            ("1", 1, 0, "0"),
            ("0", 7, 1, "0"),
        ] {
            assert_eq!(money(amount).scaled(of, by).exactly(), scaled);
        }
        assert_eq!(Money(u64::MAX).scaled(3, 2), Money(u64::MAX));
    }

    #[test]
    fn a_budget_is_an_amount_or_none() {
        let some = Some(money("3"));
        for (text, before, after) in [
            ("none", some, None),
            ("none", None, None),
            ("2.5", some, Some(money("2.5"))),
            ("0", None, Some(Money::ZERO)),
        ] {
            let change: BudgetChange = text.parse().expect("a budget");
            assert_eq!(change.applied_to(before), after, "{text}");
        }
        for text in ["", "None", "-1", "lots"] {
            assert_eq!(text.parse::<BudgetChange>(), Err(NotBudget), "{text}");
        }
        assert_eq!(BudgetChange::default().applied_to(some), some);
    }
}
