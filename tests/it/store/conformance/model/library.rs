//! Reading.

use super::{Attempt, Cast, Member, Model, State, Take, many};
use backstory::facade::domain::character::{CastId, CharacterId, TakeNumber};
use backstory::facade::domain::flag::{Flags, TakeFlags};
use backstory::facade::domain::money::Money;
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::domain::recipe::Recipe;
use backstory::facade::domain::record::Record;
use backstory::facade::domain::status::Status;
use backstory::facade::domain::text::words;
use backstory::facade::store::{
    AttemptRecord, CastRecord, Cause, Filter, Library, Newest, Outline, RunRecord, StoreError,
    StoryRecord, TakeRecord, Watched, Worker,
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A reader, which may hold on to what it saw first.
pub(in super::super) struct ModelReader {
    model: Model,
    held: Mutex<Option<State>>,
}

impl ModelReader {
    pub(super) fn new(model: Model) -> Self {
        let held = Mutex::default();
        Self { model, held }
    }

    fn held(&self) -> MutexGuard<'_, Option<State>> {
        self.held.lock().expect("no story panics in it")
    }

    /// What this reader sees.
    fn see(&self) -> State {
        let held = self.held().clone();
        held.unwrap_or_else(|| self.model.state().clone())
    }
}

impl Cast {
    fn is_stale(&self, member: &Member, take: &Take) -> bool {
        let recipe = take.recipe.as_ref();
        let other = recipe.is_some_and(|it| it.fingerprint() != self.sheet.recipe.fingerprint());
        other || take.content != member.content
    }
}

impl State {
    pub(super) fn flags(&self, member: &Member) -> Flags {
        member
            .current()
            .map(|take| self.take_flags(member, take).shown())
            .unwrap_or_default()
    }

    /// The flags of the current take of a character.
    fn take_flags(&self, member: &Member, take: &Take) -> TakeFlags {
        TakeFlags {
            is_stale: self.cast(member.cast).is_stale(member, take),
            ..take.flags
        }
    }

    fn story(&self, member: &Member) -> Option<StoryRecord> {
        let take = member.current()?;
        let provider = take.recipe.as_ref().map(|it| it.provider.word());
        Some(StoryRecord {
            id: member.id,
            key: member.key.clone(),
            row: member.row,
            name: member.name.clone(),
            description: member.description.clone(),
            columns: member.columns.clone(),
            take: member.current.take?,
            text: take.text.clone(),
            provider: provider.unwrap_or("hand").to_owned(),
            flags: self.take_flags(member, take),
        })
    }

    fn attempts_of(&self, run: usize) -> Vec<(&Member, &Attempt)> {
        let attempts = |it| Member::attempts_with(it).filter(|(_, attempt)| attempt.run == run);
        self.characters.iter().flat_map(attempts).collect()
    }

    /// The last run on a cast that sent a request.
    fn last_run(&self, cast: CastId) -> Option<usize> {
        let sent = |run: &usize| self.attempts_of(*run).iter().any(|(_, it)| it.was_sent());
        let mut fitting = (0..self.runs.len()).filter(|run| self.runs[*run].cast == cast);
        fitting.rfind(sent)
    }

    fn took(&self, run: usize) -> Duration {
        let last = self
            .attempts_of(run)
            .iter()
            .filter_map(|(_, it)| it.ended)
            .max();
        let began = self.runs[run].began;
        let end = if self.runs[run].alive {
            Some(SystemTime::now())
        } else {
            last
        };
        end.and_then(|end| end.duration_since(began).ok())
            .unwrap_or_default()
    }
}

impl Member {
    fn attempts_with(&self) -> impl Iterator<Item = (&Self, &Attempt)> {
        self.attempts.iter().map(move |attempt| (self, attempt))
    }

    fn requests(&self) -> u64 {
        many(self.attempts.iter().filter(|it| it.was_sent()))
    }
}

impl Attempt {
    fn was_sent(&self) -> bool {
        self.record.outcome != Some(Outcome::NotSent)
    }

    fn is_done(&self) -> bool {
        self.record.outcome == Some(Outcome::Ok)
    }
}

/// The flags of a take in the list of takes: whether it is stale is said of the character only.
fn shown_alone(take: &Take, is_current: bool) -> Flags {
    let flags = take.flags.shown();
    if is_current {
        flags
    } else {
        flags.without(take.flags.review.without(take.flags.own))
    }
}

fn time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("small")
}

fn record(state: &State, member: &Member) -> Record {
    let current = member.current();
    let recipe = current.and_then(|take| take.recipe.as_ref());
    let provider = |_: &Take| recipe.map_or("hand", |it| it.provider.word()).to_owned();
    Record {
        cast_name: state.cast(member.cast).sheet.cast.clone(),
        key: member.key.clone(),
        row: member.row,
        name: member.name.clone(),
        description: member.description.clone(),
        columns: RawValue::from_string(member.columns.clone()).expect("JSON"),
        status: member.status,
        gone: member.gone,
        backstory: current.map(|take| take.text.clone()),
        take: member.current.take.map(|take| take.0),
        words: current.map(|take| signed(words(&take.text))),
        requests: signed(member.requests()),
        flags: state.flags(member),
        error_kind: member.error.as_ref().map(|(kind, _)| *kind),
        error: member.error.as_ref().map(|(_, error)| error.clone()),
        provider: current.map(provider),
        model: recipe.and_then(|it| it.model.clone()),
        finished_at: current.map(|take| time(take.finished)),
    }
}

fn cast_record(state: &State, cast: &Cast) -> CastRecord {
    let all = state.of_cast(cast.id);
    let in_sheet: Vec<_> = all.iter().filter(|it| !it.gone).collect();
    let with = |status| many(in_sheet.iter().filter(|it| it.status == status));
    let attempts = || all.iter().flat_map(|it| &it.attempts);
    let maybe = |it: &&Attempt| it.record.outcome.is_some_and(Outcome::maybe_charged);
    let finished = || {
        all.iter()
            .flat_map(|it| &it.takes)
            .map(|take| take.finished)
    };
    CastRecord {
        id: cast.id,
        cast_name: cast.sheet.cast.clone(),
        total: many(in_sheet.iter()),
        done: with(Status::Done),
        failed: with(Status::Failed),
        pending: with(Status::Pending),
        running: with(Status::Running),
        gone: many(all.iter().filter(|it| it.gone)),
        requests: all.iter().map(|it| it.requests()).sum(),
        maybe_charged: many(attempts().filter(maybe)),
        flagged: many(
            in_sheet
                .iter()
                .filter(|it| state.flags(it) != Flags::default()),
        ),
        oldest: finished().min().map(time),
        newest: finished().max().map(time),
        cost: cast.cost.map(|cost| cost.known),
        cost_maybe: cast.cost.map(|cost| cost.maybe),
        budget: cast.budget,
        budget_left: cast
            .budget
            .map(|budget| budget.without(cast.cost.unwrap_or_default().at_most())),
    }
}

/// The characters that a filter selects, in order.
fn selected<'s>(state: &'s State, filter: &Filter) -> Vec<&'s Member> {
    let part = filter.name.as_ref().map(|part| part.to_lowercase());
    let fits = |it: &&Member| {
        (filter.gone || !it.gone)
            && filter.status.is_none_or(|status| it.status == status)
            && filter.flag.is_none_or(|flag| state.flags(it).has(flag))
            && part
                .as_ref()
                .is_none_or(|part| it.name.to_lowercase().contains(part))
    };
    let mut casts: Vec<_> = state.casts.iter().collect();
    casts.sort_by(|a, b| a.sheet.cast.cmp(&b.sheet.cast));
    casts.retain(|cast| {
        filter
            .cast
            .as_ref()
            .is_none_or(|name| *name == cast.sheet.cast)
    });
    let all = casts.iter().flat_map(|cast| state.of_cast(cast.id));
    let limit = usize::try_from(filter.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    all.filter(fits).take(limit).collect()
}

impl Library for ModelReader {
    async fn casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        let state = self.see();
        let casts = state.casts.iter().map(|cast| cast_record(&state, cast));
        let mut casts: Vec<_> = casts.collect();
        casts.sort_by(|a, b| a.cast_name.cmp(&b.cast_name));
        Ok(casts)
    }

    async fn all_casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        let casts = self.casts().await?;
        let db = "memory".into();
        if casts.is_empty() {
            Err(StoreError::NoCast { db })
        } else {
            Ok(casts)
        }
    }

    async fn one_cast(&self, name: Option<&str>) -> Result<CastRecord, StoreError> {
        let mut casts = self.all_casts().await?;
        let names = casts.iter().map(|cast| cast.cast_name.clone()).collect();
        let db = "memory".into();
        let at = match name {
            Some(name) => casts.iter().position(|cast| cast.cast_name == name),
            None if casts.len() > 1 => return Err(StoreError::SeveralCasts { db, casts: names }),
            None => Some(0),
        };
        let cast = name.unwrap_or_default().to_owned();
        let at = at.ok_or(StoreError::UnknownCast {
            db,
            cast,
            casts: names,
        })?;
        Ok(casts.swap_remove(at))
    }

    async fn cast_name(&self, id: CastId) -> Result<String, StoreError> {
        Ok(self.see().cast(id).sheet.cast.clone())
    }

    async fn recipe(&self, cast: CastId) -> Result<Recipe, StoreError> {
        Ok(self.see().cast(cast).sheet.recipe.clone())
    }

    async fn memory(&self, cast: &str) -> Result<Option<String>, StoreError> {
        Ok(self.see().named(cast).map(|cast| cast.memory.clone()))
    }

    async fn budget(&self, cast: &str) -> Result<Option<Money>, StoreError> {
        Ok(self.see().named(cast).and_then(|cast| cast.budget))
    }

    async fn columns(&self, cast: &str) -> Result<Vec<String>, StoreError> {
        let columns = self
            .see()
            .named(cast)
            .map(|cast| cast.sheet.columns.clone());
        columns.ok_or(StoreError::Impossible { what: "header" })
    }

    async fn key_column(&self, cast: &str) -> Result<Option<String>, StoreError> {
        let state = self.see();
        Ok(state
            .named(cast)
            .and_then(|cast| cast.sheet.key_column.clone()))
    }

    async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        let state = self.see();
        let mut causes: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
        for it in state.of_cast(cast).into_iter().filter(|it| !it.gone) {
            if let Some((kind, error)) = &it.error {
                let names = causes.entry((error.clone(), kind.word())).or_default();
                names.push(&it.name);
            }
        }
        let cause = |((error, kind), names): ((String, &str), Vec<&str>)| Cause {
            error_kind: Outcome::of(kind).expect("a word of an outcome"),
            error,
            many: many(names.iter()),
            example: names
                .iter()
                .min()
                .map(|name| (*name).to_owned())
                .unwrap_or_default(),
        };
        let mut causes: Vec<_> = causes.into_iter().map(cause).collect();
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.many));
        Ok(causes)
    }

    async fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let state = self.see();
        let selected = selected(&state, filter).into_iter();
        selected.map(|it| record(&state, it)).try_for_each(each)
    }

    async fn each_story<E: From<StoreError>>(
        &self,
        cast: CastId,
        mut each: impl FnMut(StoryRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let state = self.see();
        let of_cast = state.of_cast(cast).into_iter().filter(|it| !it.gone);
        of_cast
            .filter_map(|it| state.story(it))
            .try_for_each(&mut each)
    }

    async fn ids(&self, filter: &Filter) -> Result<Vec<CharacterId>, StoreError> {
        Ok(selected(&self.see(), filter)
            .iter()
            .map(|it| it.id)
            .collect())
    }

    async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        let state = self.see();
        Ok(many(
            ids.iter().filter(|id| state.member(**id).current.picked),
        ))
    }

    async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let state = self.see();
        let names = |it: &&Member| {
            it.name.trim() == who.trim()
                || it.key.as_deref() == Some(who)
                || who.strip_prefix('#') == Some(it.row.to_string().as_str())
        };
        let all = state.named(cast).map(|cast| state.of_cast(cast.id));
        let found = all
            .into_iter()
            .flatten()
            .filter(|it| gone || !it.gone)
            .filter(names);
        Ok(found.map(|it| (it.id, record(&state, it))).collect())
    }

    async fn hold_still(&self) -> Result<(), StoreError> {
        let now = self.see();
        *self.held() = Some(now);
        Ok(())
    }

    async fn sheet_digest(&self, cast: &str) -> Result<Option<(CastId, Vec<u8>)>, StoreError> {
        let state = self.see();
        let cast = state.named(cast);
        Ok(cast.and_then(|cast| Some((cast.id, cast.digest?.to_vec()))))
    }

    async fn last_run(&self, cast: CastId) -> Result<Option<RunRecord>, StoreError> {
        let state = self.see();
        let run = state.last_run(cast);
        Ok(run.map(|run| RunRecord {
            started_at: time(state.runs[run].began),
            pid: state.runs[run].alive.then(|| u64::from(std::process::id())),
            took: state.took(run),
            requests: many(
                state
                    .attempts_of(run)
                    .iter()
                    .filter(|(_, it)| it.was_sent()),
            ),
            done: many(state.attempts_of(run).iter().filter(|(_, it)| it.is_done())),
        }))
    }

    async fn takes(&self, id: CharacterId) -> Result<Vec<TakeRecord>, StoreError> {
        let state = self.see();
        let member = state.member(id);
        let take = |(number, take): (i64, &Take)| {
            let recipe = take.recipe.as_ref();
            TakeRecord {
                take: number,
                text: take.text.clone(),
                words: signed(words(&take.text)),
                flags: shown_alone(take, member.current.take == Some(TakeNumber(number))),
                provider: recipe.map_or("hand", |it| it.provider.word()).to_owned(),
                model: recipe.and_then(|it| it.model.clone()),
                endpoint: take.endpoint.clone(),
                finished_at: time(take.finished),
                current: member
                    .current
                    .take
                    .is_some_and(|current| current.0 == number),
            }
        };
        Ok((1..).zip(&member.takes).map(take).collect())
    }

    async fn attempts(&self, id: CharacterId) -> Result<Vec<AttemptRecord>, StoreError> {
        let state = self.see();
        let took = |it: &Attempt| it.ended?.duration_since(it.started).ok();
        let record = |it: &Attempt| AttemptRecord {
            ended_at: it.ended.map(time),
            took_ms: took(it).and_then(|took| i64::try_from(took.as_millis()).ok()),
            ..it.record.clone()
        };
        Ok(state.member(id).attempts.iter().map(record).collect())
    }

    async fn version(&self) -> Result<i64, StoreError> {
        Ok(self.see().version)
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let state = self.see();
        let mut by_name: Vec<_> = state.characters.iter().collect();
        by_name.sort_by_key(|it| (it.name.trim().to_ascii_lowercase(), it.id));
        let place = |id| {
            by_name
                .iter()
                .position(|it| it.id == id)
                .map_or(0, |at| at + 1)
        };
        let everything = Filter {
            gone: true,
            ..Filter::default()
        };
        let outline = |it: &Member| Outline {
            id: it.id,
            cast: it.cast,
            status: it.status,
            gone: it.gone,
            flags: state.flags(it),
            words: it.current().map(|take| signed(words(&take.text))),
            finished_ms: it.current().map(|take| {
                let since = take.finished.duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).expect("a time of this age")
            }),
            by_name: i64::try_from(place(it.id)).expect("few"),
        };
        Ok(selected(&state, &everything)
            .into_iter()
            .map(outline)
            .collect())
    }

    async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let state = self.see();
        let known = |id: &&CharacterId| state.characters.iter().any(|it| it.id == **id);
        let known = ids.iter().filter(known);
        Ok(known
            .map(|id| (*id, record(&state, state.member(*id))))
            .collect())
    }

    async fn workers(&self, _: CastId) -> Result<Option<Vec<Worker>>, StoreError> {
        Ok(None)
    }

    async fn watched(&self, _: Option<CastId>) -> Result<Option<Watched>, StoreError> {
        unreachable!("what the page shows of a run is tested on databases only")
    }

    async fn newest(&self, _: Option<CastId>, _: u32) -> Result<Vec<Newest>, StoreError> {
        unreachable!("what the page shows of a run is tested on databases only")
    }
}
