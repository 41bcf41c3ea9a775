//! What requests cost and how much a run and its cast may cost: from the prices that were given to a budget.

use super::asked::CostAsked;
use super::prompt::PromptText;
use super::refused::{CostLimit, Refused};
use crate::domain::money::{Budget, BudgetChange, Money, Prices};
use crate::domain::recipe::ProviderName;
use std::num::NonZeroU32;

/// The most tokens of an answer, by the words that were asked for: a word is four tokens at most in any language that models
/// speak well.
const TOKENS_A_WORD: u64 = 4;

/// And so many more, for thoughts that are not shown.
const TOKENS_OF_THOUGHT: u64 = 4_000;

/// The most tokens of an answer to a prompt whose length nobody knows.
const TOKENS_UNKNOWN: u64 = 8_192;

/// The budget of a run with `provider`; `None` where no price was given. The cast remembers `of_cast` as its own budget.
pub(super) fn budget(
    asked: &CostAsked,
    of_cast: Option<Money>,
    provider: ProviderName,
    prompt: Option<&PromptText>,
) -> Result<Option<Budget>, Refused> {
    let prices = Prices {
        request: asked.price_per_request.unwrap_or_default(),
        read: asked.price_in.unwrap_or_default(),
        written: asked.price_out.unwrap_or_default(),
    };
    if prices.count_tokens() && provider != ProviderName::Openai {
        return Err(Refused::ReportsNoTokens(provider));
    }
    let given = [asked.price_per_request, asked.price_in, asked.price_out];
    if given.iter().all(Option::is_none) {
        let limit = limit(asked, of_cast);
        return limit.map_or(Ok(None), |limit| Err(Refused::LimitWithoutPrice(limit)));
    }
    Ok(Some(Budget {
        prices,
        max: asked.max_cost,
        cast_max: asked.budget.applied_to(of_cast),
        written_max: written_max(prompt),
    }))
}

/// A limit that cannot be kept without prices.
fn limit(asked: &CostAsked, of_cast: Option<Money>) -> Option<CostLimit> {
    if asked.max_cost.is_some() {
        return Some(CostLimit::Run);
    }
    match asked.budget {
        BudgetChange::Set(_) => Some(CostLimit::Budget),
        BudgetChange::Keep => of_cast.map(CostLimit::Remembered),
        BudgetChange::Remove => None,
    }
}

/// The token limit that requests set: only where a limit of cost depends on it.
pub(super) fn tokens_max(budget: Option<Budget>) -> Option<NonZeroU32> {
    let budget = budget.filter(|budget| budget.is_limited() && budget.prices.count_tokens())?;
    NonZeroU32::new(u32::try_from(budget.written_max).unwrap_or(u32::MAX))
}

/// The most tokens that an answer is expected to have.
fn written_max(prompt: Option<&PromptText>) -> u64 {
    let wishes = prompt.and_then(|prompt| prompt.wishes.as_ref());
    let words = wishes.map(|wishes| u64::from(wishes.words.get()));
    words.map_or(TOKENS_UNKNOWN, |words| {
        TOKENS_A_WORD * words + TOKENS_OF_THOUGHT
    })
}
