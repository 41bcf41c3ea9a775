//! What requests cost and how much a run may: from the prices that were given to a budget.

use crate::cli::args::CostArgs;
use crate::cli::prompt::Told;
use crate::domain::money::{Budget, Prices};
use crate::domain::recipe::ProviderName;
use crate::exit::Failure;
use std::num::NonZeroU32;

/// The most tokens of an answer, by the words that were asked for: a word is four tokens at most in any language that models
/// speak well.
const TOKENS_A_WORD: u64 = 4;

/// And so many more, for thoughts that are not shown.
const TOKENS_OF_THOUGHT: u64 = 4_000;

/// The most tokens of an answer to a prompt whose length nobody knows.
const TOKENS_UNKNOWN: u64 = 8_192;

/// The budget of a run by `provider`; `None` where no price was given.
pub(in crate::cli) fn budget(
    typed: &CostArgs,
    provider: ProviderName,
    told: Option<&Told>,
) -> Result<Option<Budget>, Failure> {
    let prices = Prices {
        request: typed.price_per_request.unwrap_or_default(),
        read: typed.price_in.unwrap_or_default(),
        written: typed.price_out.unwrap_or_default(),
    };
    if prices.count_tokens() && provider != ProviderName::Openai {
        let words = format!("`{provider}` does not report tokens");
        let hint = "give the price with `--price-per-request`";
        return Err(Failure::usage(words, hint));
    }
    let given = [typed.price_per_request, typed.price_in, typed.price_out];
    if given.iter().all(Option::is_none) {
        if typed.max_cost.is_some() {
            let words = "`--max-cost` needs a price";
            let hint = "give it with `--price-per-request`, or with `--price-in` and `--price-out` per million tokens";
            return Err(Failure::usage(words, hint));
        }
        return Ok(None);
    }
    Ok(Some(Budget {
        prices,
        max: typed.max_cost,
        written_max: written_max(told),
    }))
}

/// The most tokens that the service is told to write: only where a limit of cost depends on it.
pub(in crate::cli) fn tokens_max(budget: Option<Budget>) -> Option<NonZeroU32> {
    let budget = budget.filter(|budget| budget.max.is_some() && budget.prices.count_tokens())?;
    NonZeroU32::new(u32::try_from(budget.written_max).unwrap_or(u32::MAX))
}

/// The most tokens that an answer is expected to have.
fn written_max(told: Option<&Told>) -> u64 {
    let wishes = told.and_then(|told| told.wishes.as_ref());
    let words = wishes.map(|wishes| u64::from(wishes.words.get()));
    words.map_or(TOKENS_UNKNOWN, |words| {
        TOKENS_A_WORD * words + TOKENS_OF_THOUGHT
    })
}
