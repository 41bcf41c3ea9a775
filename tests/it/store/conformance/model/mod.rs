//! A store in memory, as simple as it can be: it says what is right for the databases.
//!
//! Where `domain` has a rule, the model calls it. It has no transaction and no second process, and it never fails. It cannot
//! search, and it does not know what the page shows of a run: the stories about these are for databases only.

mod changes;
mod intake;
mod ledger;
mod library;

use super::backend::Backend;
use backstory::facade::domain::character::{CastId, CharacterId, Claim, Content};
use backstory::facade::domain::flag::{Flags, TakeFlags};
use backstory::facade::domain::money::{Cost, Money};
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::domain::recipe::Recipe;
use backstory::facade::domain::row::Row;
use backstory::facade::domain::status::Status;
use backstory::facade::domain::takes::{self, Current, Event};
use backstory::facade::domain::text::{flags, words};
use backstory::facade::store::{AttemptRecord, NewRun, Reopen, Sheet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

pub(super) use intake::ModelImport;
pub(super) use ledger::ModelRun;
pub(super) use library::ModelReader;

/// A database in memory.
#[derive(Clone, Default)]
pub(super) struct Model(Arc<Mutex<State>>);

/// All that the database holds. Identities are positions, counted from 1.
#[derive(Clone, Default)]
struct State {
    casts: Vec<Cast>,
    characters: Vec<Member>,
    runs: Vec<Run>,
    /// Rises with each change.
    version: i64,
}

#[derive(Clone)]
struct Cast {
    id: CastId,
    sheet: Sheet,
    memory: String,
    budget: Option<Money>,
    cost: Option<Cost>,
    digest: Option<[u8; 32]>,
}

#[derive(Clone)]
struct Run {
    cast: CastId,
    endpoint: String,
    recipe: Recipe,
    began: SystemTime,
    alive: bool,
    exit: Option<u8>,
}

/// A character.
#[derive(Clone)]
struct Member {
    id: CharacterId,
    cast: CastId,
    row: i64,
    key: Option<String>,
    name: String,
    description: String,
    columns: String,
    content: Content,
    status: Status,
    gone: bool,
    /// It was given a story while its request is in flight.
    is_answered: bool,
    claim: Claim,
    tries: u32,
    error: Option<(Outcome, String)>,
    /// The run that holds it: a position in `State::runs`.
    run: Option<usize>,
    current: Current,
    /// First to last.
    takes: Vec<Take>,
    /// What the rule of the domain needs of each take.
    rule: Vec<takes::Take>,
    attempts: Vec<Attempt>,
}

#[derive(Clone)]
struct Take {
    text: String,
    /// Without what depends on the character as it is now.
    flags: TakeFlags,
    content: Content,
    /// `None` if it was written by hand.
    recipe: Option<Recipe>,
    endpoint: Option<String>,
    finished: SystemTime,
    /// The character and the position of the take that it is a copy of.
    copied_from: Option<(CharacterId, usize)>,
}

#[derive(Clone)]
struct Attempt {
    run: usize,
    reserved: Option<Money>,
    record: AttemptRecord,
    started: SystemTime,
    ended: Option<SystemTime>,
}

impl Model {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no story panics in it")
    }

    /// The state, about to change.
    fn change(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.version += 1;
        state
    }
}

impl State {
    fn cast(&self, id: CastId) -> &Cast {
        &self.casts[position(id.0)]
    }

    fn named(&self, name: &str) -> Option<&Cast> {
        self.casts.iter().find(|cast| cast.sheet.cast == name)
    }

    fn member(&self, id: CharacterId) -> &Member {
        &self.characters[position(id.0)]
    }

    fn member_mut(&mut self, id: CharacterId) -> &mut Member {
        &mut self.characters[position(id.0)]
    }

    /// The characters of a cast, by row.
    fn of_cast(&self, id: CastId) -> Vec<&Member> {
        let of_cast = self.characters.iter().filter(|it| it.cast == id);
        let mut of_cast: Vec<_> = of_cast.collect();
        of_cast.sort_by_key(|it| (it.row, it.id));
        of_cast
    }
}

impl Cast {
    fn charge(&mut self, cost: Cost) {
        *self.cost.get_or_insert_default() += cost;
    }
}

impl Member {
    /// A character of this row, without a story.
    fn new(id: CharacterId, cast: CastId, row: &Row, sheet: &Sheet) -> Self {
        let mut new = Self {
            id,
            cast,
            row: 0,
            key: None,
            name: String::new(),
            description: String::new(),
            columns: String::new(),
            content: content_of(row, sheet),
            status: Status::Pending,
            gone: false,
            is_answered: false,
            claim: Claim(0),
            tries: 0,
            error: None,
            run: None,
            current: Current::default(),
            takes: Vec::new(),
            rule: Vec::new(),
            attempts: Vec::new(),
        };
        new.read(row, sheet);
        new
    }

    /// Takes over the cells of the row.
    fn read(&mut self, row: &Row, sheet: &Sheet) {
        self.row = i64::try_from(row.number).expect("few rows");
        self.key = row.key.as_deref().map(|key| key.trim().to_owned());
        self.name.clone_from(&row.name);
        self.description.clone_from(&row.description);
        self.columns = columns_of(row, sheet);
        self.content = content_of(row, sheet);
        self.gone = false;
    }

    fn current(&self) -> Option<&Take> {
        let number = self.current.take?;
        self.takes.get(position(number.0))
    }

    /// Adds a take, and lets the rule of the domain decide which one counts.
    fn add(&mut self, take: Take, event: impl FnOnce(takes::Take) -> Event) -> i64 {
        let number = i64::try_from(self.takes.len()).expect("few takes") + 1;
        let rule = takes::Take {
            number: backstory::facade::domain::character::TakeNumber(number),
            content: take.content,
            picked: false,
        };
        self.takes.push(take);
        self.rule.push(rule);
        self.current = takes::current(&mut self.rule, self.current, event(rule));
        number
    }

    /// A take that the user wrote.
    fn by_hand(&self, text: &str, of_words: Flags) -> Take {
        Take {
            text: text.to_owned(),
            flags: own(of_words.union(flags(text, words(text)))),
            content: self.content,
            recipe: None,
            endpoint: None,
            finished: SystemTime::now(),
            copied_from: None,
        }
    }

    /// Another state than `Running`, with the reason of a failure. A character that was given a story meanwhile is done.
    fn becomes(&mut self, status: Status, error: Option<(Outcome, String)>) {
        let was_answered = std::mem::take(&mut self.is_answered);
        (self.status, self.error) = if was_answered {
            (Status::Done, None)
        } else {
            (status, error)
        };
        self.run = None;
    }

    /// The user gives it a story: it is done now, or when its request ends.
    fn gets_story(&mut self) {
        if self.status == Status::Running {
            self.is_answered = true;
        } else {
            self.becomes(Status::Done, None);
        }
    }

    /// Pending again, with all its tries.
    fn again(&mut self) {
        self.becomes(Status::Pending, None);
        self.tries = 0;
    }
}

/// The flags of a new take.
fn own(own: Flags) -> TakeFlags {
    TakeFlags {
        own,
        ..TakeFlags::default()
    }
}

/// The position of an identity or a number that is counted from 1.
fn position(number: i64) -> usize {
    usize::try_from(number - 1).expect("counted from 1")
}

fn many(items: impl Iterator) -> u64 {
    u64::try_from(items.count()).expect("few")
}

fn content_of(row: &Row, sheet: &Sheet) -> Content {
    let cells = sheet
        .prompt_columns
        .iter()
        .map(|at| row.cells[*at].as_str());
    Content::with(&row.name, &row.description, cells)
}

/// The cells by column, as a JSON object.
fn columns_of(row: &Row, sheet: &Sheet) -> String {
    let cells = sheet.columns.iter().cloned().zip(row.cells.iter().cloned());
    let cells = cells.map(|(column, cell)| (column, serde_json::Value::from(cell)));
    serde_json::Value::Object(cells.collect()).to_string()
}

impl Backend for Model {
    type Import<'a> = ModelImport<'a>;
    type Run = ModelRun;
    type Reader = ModelReader;
    type Editor = Self;

    async fn empty() -> Self {
        Self::default()
    }

    async fn reopen(self) -> Self {
        let mut state = self.change();
        for run in &mut state.runs {
            run.alive = false;
        }
        let State {
            casts, characters, ..
        } = &mut *state;
        for member in characters {
            if member.status == Status::Running {
                member.becomes(Status::Pending, None);
                let attempt = member.attempts.last_mut().expect("it was claimed");
                attempt.record.outcome = Some(Outcome::Interrupted);
                attempt.ended = Some(SystemTime::now());
                if let Some(maybe) = attempt.reserved {
                    let known = Money::ZERO;
                    casts[position(member.cast.0)].charge(Cost { known, maybe });
                }
            }
        }
        drop(state);
        self
    }

    async fn import(&self, sheet: Sheet) -> ModelImport<'_> {
        ModelImport::new(self, sheet)
    }

    async fn begin(&self, new: NewRun) -> ModelRun {
        let mut state = self.change();
        let cast = &mut state.casts[position(new.cast.0)];
        cast.memory.clone_from(&new.memory);
        cast.budget = new.budget.applied_to(cast.budget);
        let mut left = new.characters_max.unwrap_or(u64::MAX);
        let mut rows: Vec<_> = state.of_cast(new.cast).iter().map(|it| it.id).collect();
        rows.retain(|id| new.only.as_ref().is_none_or(|only| only.contains(id)));
        for id in rows {
            let member = state.member_mut(id);
            let again = match (new.reopen, member.status) {
                (Reopen::None, _) | (_, Status::Running) => false,
                (_, Status::Pending | Status::Failed) => true,
                (reopen, Status::Done) => reopen == Reopen::All,
            };
            if again && !member.gone && left > 0 {
                left -= 1;
                if member.status != Status::Pending {
                    member.again();
                }
            }
        }
        state.runs.push(Run {
            cast: new.cast,
            endpoint: new.endpoint.clone(),
            recipe: new.recipe.clone(),
            began: SystemTime::now(),
            alive: true,
            exit: None,
        });
        let run = state.runs.len() - 1;
        drop(state);
        ModelRun::new(self.clone(), run, new)
    }

    async fn end(&self, run: ModelRun, exit: u8) {
        let mut state = self.change();
        let run = &mut state.runs[run.number()];
        run.alive = false;
        run.exit = Some(exit);
    }

    async fn reader(&self) -> ModelReader {
        ModelReader::new(self.clone())
    }

    async fn editor(&self) -> Self {
        self.clone()
    }
}
