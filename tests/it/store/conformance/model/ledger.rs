//! The ledger of a run.

use super::{Attempt, Cast, Member, Model, Run, State, Take, many, own, position};
use backstory::facade::domain::character::{Character, CharacterId, Claim, TakeNumber};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::money::Money;
use backstory::facade::domain::status::Status;
use backstory::facade::domain::takes::Event;
use backstory::facade::domain::tally::Counts;
use backstory::facade::domain::text::flags;
use backstory::facade::store::{
    AttemptRecord, Committed, Group, Held, Ledger, NewRun, NextCharacters, OverBudget, Settled,
    Settlement, Start, StoreError, Stored,
};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A run.
pub(in super::super) struct ModelRun {
    model: Model,
    number: usize,
    only: Option<Vec<CharacterId>>,
    needs_columns: bool,
}

impl ModelRun {
    pub(super) fn new(model: Model, number: usize, new: NewRun) -> Self {
        Self {
            model,
            number,
            only: new.only,
            needs_columns: new.needs_columns,
        }
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Claims the next characters, as many as can be paid.
    fn claim(
        &self,
        state: &mut State,
        next: &NextCharacters<'_>,
        allowed: &mut Allowed,
        committed: &mut Committed,
    ) {
        let cast = state.of_cast(state.runs[self.number].cast);
        let selected = |it: &Member| self.only.as_ref().is_none_or(|only| only.contains(&it.id));
        let free = cast.into_iter().filter(|it| {
            let is_pending = it.status == Status::Pending && !it.gone && it.row > next.after.0;
            is_pending && !next.except.contains(&it.id) && selected(it)
        });
        let free: Vec<_> = free.map(|it| self.character(it)).collect();
        let most = &free[..next.most.min(free.len())];
        let prices: Vec<Option<Money>> = match &next.allowance {
            Some(allowance) => {
                let (prices, short) = allowance.paid(most);
                committed.short = short;
                prices.into_iter().map(Some).collect()
            }
            None => vec![None; most.len()],
        };
        for (character, price) in most.iter().zip(prices) {
            if !allowed.pays(price) {
                break;
            }
            let member = state.member_mut(character.id);
            let start = start_of(character, next.at, price);
            let claim = member.start(&start, self.number);
            let claim = claim.expect("it is pending");
            committed.claimed.push(Character {
                claim,
                ..character.clone()
            });
        }
        committed.is_end = committed.claimed.len() == free.len();
    }

    fn character(&self, member: &Member) -> Character {
        Character {
            id: member.id,
            claim: member.claim,
            row: member.row,
            key: member.key.clone(),
            name: member.name.clone(),
            description: member.description.clone(),
            columns: self.needs_columns.then(|| member.columns.clone()),
            content: member.content,
            tries: member.tries,
        }
    }
}

/// What the budget of a cast still allows.
struct Allowed {
    budget: Option<Money>,
    spent: Money,
    left: Money,
    over: Option<OverBudget>,
}

impl Allowed {
    fn on(cast: &Cast, reserved: Option<Money>) -> Self {
        let spent = cast.cost.unwrap_or_default().at_most();
        let budget = cast.budget.unwrap_or_default();
        let left = budget.without(spent);
        Self {
            budget: cast.budget,
            spent,
            left: reserved.map_or(Money::ZERO, |reserved| left.without(reserved)),
            over: None,
        }
    }

    /// Pays for a request, if the budget allows this one and those before.
    fn pays(&mut self, price: Option<Money>) -> bool {
        let Some(budget) = self.budget else {
            return true;
        };
        if self.over.is_none() && price.is_some_and(|price| price <= self.left) {
            self.left = self.left.without(price.unwrap_or_default());
            return true;
        }
        self.over.get_or_insert(OverBudget {
            budget,
            spent: self.spent,
            next: price,
            held: Held::ByNone,
        });
        false
    }
}

impl Member {
    fn settle(&mut self, settlement: &Settlement, number: usize, run: &Run) -> Stored {
        let is_ours = self.claim == settlement.claim && self.run == Some(number);
        if self.status != Status::Running || !is_ours {
            return Stored::NotOurs;
        }
        self.end_attempt(settlement);
        self.tries = settlement.tries;
        let ending = &settlement.ending;
        let error = ending.error.clone().unwrap_or_default();
        match settlement.state {
            Settled::Pending => self.becomes(Status::Pending, None),
            Settled::Failed => self.becomes(Status::Failed, Some((ending.outcome, error))),
            Settled::Done => {
                self.becomes(Status::Done, None);
                let take = Take {
                    text: ending.text.to_string(),
                    flags: own(ending.flags.union(flags(&ending.text, settlement.words))),
                    content: settlement.content,
                    recipe: Some(run.recipe.clone()),
                    endpoint: Some(run.endpoint.clone()),
                    finished: settlement.at,
                    copied_from: None,
                };
                let number = self.add(take, |take| Event::Settled(take.number));
                return Stored::Take(TakeNumber(number));
            }
        }
        Stored::NoTake
    }

    fn end_attempt(&mut self, settlement: &Settlement) {
        let ending = &settlement.ending;
        let attempt = self.attempts.last_mut().expect("it was claimed");
        let number = |number: u64| i64::try_from(number).ok();
        let kept = match settlement.state {
            Settled::Done => &ending.thoughts,
            _ => &ending.text,
        };
        attempt.ended = Some(settlement.at);
        let record = &mut attempt.record;
        record.outcome = Some(ending.outcome);
        record.http_status = ending.http_status.map(i64::from);
        record.error.clone_from(&ending.error);
        record.first_text_ms = ending.first_text.map(millis);
        record.bytes = number(ending.bytes);
        record.tokens_in = ending.tokens.and_then(|tokens| number(tokens.read));
        record.tokens_out = ending.tokens.and_then(|tokens| number(tokens.written));
        record.partial = Some(Arc::clone(kept).to_string()).filter(|kept| !kept.is_empty());
    }

    fn start(&mut self, start: &Start, run: usize) -> Option<Claim> {
        let is_free = self.status == Status::Pending && self.claim == start.claim && !self.gone;
        is_free.then(|| {
            self.status = Status::Running;
            self.run = Some(run);
            self.claim = start.claim.next();
            self.attempts.push(Attempt {
                run,
                reserved: start.reserved,
                record: AttemptRecord {
                    attempt: self.claim.0,
                    outcome: None,
                    http_status: None,
                    error: None,
                    started_at: humantime::format_rfc3339_millis(start.at).to_string(),
                    first_text_ms: None,
                    ended_at: None,
                    took_ms: None,
                    bytes: None,
                    tokens_in: None,
                    tokens_out: None,
                    partial: None,
                },
                started: start.at,
                ended: None,
            });
            self.claim
        })
    }
}

fn start_of(character: &Character, at: SystemTime, reserved: Option<Money>) -> Start {
    Start {
        id: character.id,
        claim: character.claim,
        at,
        reserved,
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).expect("a short time")
}

impl Ledger for ModelRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        let mut state = self.model.change();
        let run = state.runs[self.number].clone();
        let mut committed = Committed::default();
        for settlement in &group.settlements {
            let member = state.member_mut(settlement.id);
            let stored = member.settle(settlement, self.number, &run);
            if let Some(cost) = settlement.cost.filter(|_| stored != Stored::NotOurs) {
                state.casts[position(run.cast.0)].charge(cost);
            }
            committed.settled.push(stored);
        }
        let mut allowed = Allowed::on(state.cast(run.cast), group.reserved);
        for start in &group.starts {
            let started = allowed.pays(start.reserved).then(|| {
                let member = state.member_mut(start.id);
                member.start(start, self.number)
            });
            committed.started.push(started.flatten());
        }
        if let Some(next) = &group.next {
            self.claim(&mut state, next, &mut allowed, &mut committed);
        }
        committed.over_budget = allowed.over;
        Ok(committed)
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let state = self.model.state();
        let cast = state.of_cast(state.runs[self.number].cast);
        let in_state = |status| many(cast.iter().filter(|it| !it.gone && it.status == status));
        Ok(Counts {
            pending: in_state(Status::Pending),
            running: in_state(Status::Running),
            done: in_state(Status::Done),
            failed: in_state(Status::Failed),
            gone: many(cast.iter().filter(|it| it.gone)),
            flagged: many(
                cast.iter()
                    .filter(|it| !it.gone && state.flags(it) != Flags::default()),
            ),
        })
    }
}
