//! Sheets, runs and results for the stories.

use super::backend::Backend;
use crate::store::claims::claim;
use backstory::facade::domain::character::{CastId, Character, CharacterId, Claim, Content};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::money::BudgetChange;
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::recipe::{Describe, ProviderName, Recipe};
use backstory::facade::domain::record::Record;
use backstory::facade::domain::row::Row;
use backstory::facade::domain::status::Status;
use backstory::facade::domain::text::words;
use backstory::facade::store::{
    Committed, Comparison, Filter, Finished, Group, Intake, Ledger, Library, NewRun, Reopen,
    Settled, Settlement, Sheet, Start, StoreError, Stored,
};
use std::time::{Duration, SystemTime};

/// The recipe of all sheets here, by this model.
pub(in crate::store) fn recipe_of(model: Option<&str>) -> Recipe {
    Recipe {
        provider: ProviderName::Demo,
        model: model.map(str::to_owned),
        describe: Describe::Column("description".into()),
        prompt: None,
        fields: None,
    }
}

pub(in crate::store) fn recipe() -> Recipe {
    recipe_of(None)
}

/// A sheet with its rows.
#[derive(Clone)]
pub(in crate::store) struct Given {
    pub(in crate::store) sheet: Sheet,
    pub(in crate::store) rows: Vec<Row>,
}

/// The sheet of the cast `cast` with this text: the columns in the first line, then a row in each line, the cells between
/// commas. The columns `name` and `description` are what they are called; a column `id` is the key, and a column `story` has
/// finished stories.
pub(in crate::store) fn sheet(text: &str) -> Given {
    let mut lines = text.lines();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let columns = cells(lines.next().expect("a header"));
    let place = |name: &str| columns.iter().position(|column| column == name);
    let row = |(number, line): (u64, &str)| {
        let cells = cells(line);
        let cell = |name: &str| place(name).map(|at| cells[at].clone());
        Row {
            line: number + 1,
            number,
            key: cell("id"),
            name: cell("name").expect("a name"),
            description: cell("description").expect("a description"),
            have: cell("story").filter(|story| !story.is_empty()),
            have_flags: Flags::default(),
            cells,
        }
    };
    Given {
        rows: (1..).zip(lines).map(row).collect(),
        sheet: Sheet {
            cast: "cast".into(),
            key_column: place("id").map(|_| "id".into()),
            have: place("story").is_some(),
            recipe: recipe(),
            prompt_columns: Vec::new(),
            finished: Finished::KeepUnlessEdited,
            columns,
        },
    }
}

impl Given {
    /// The same sheet for a cast of this name.
    pub(super) fn of_cast(mut self, name: &str) -> Self {
        name.clone_into(&mut self.sheet.cast);
        self
    }

    /// The same sheet with a recipe of this model, and what that means for finished characters.
    pub(super) fn by_model(mut self, model: &str, finished: Finished) -> Self {
        self.sheet.recipe = recipe_of(Some(model));
        self.sheet.finished = finished;
        self
    }
}

/// Begins an import of all rows and compares them.
pub(super) async fn compared<'s, B: Backend>(
    store: &'s B,
    given: &Given,
) -> (B::Import<'s>, Comparison) {
    let mut import = store.import(given.sheet.clone()).await;
    let batch = B::Import::batch(&import.form(), given.rows.clone());
    import.add(batch).await.expect("stored");
    let comparison = import.compare().await.expect("compared");
    (import, comparison)
}

/// Imports the sheet, and returns what the comparison said before.
pub(super) async fn imported<B: Backend>(store: &B, given: &Given) -> Comparison {
    let (import, comparison) = compared(store, given).await;
    import.apply(None).await.expect("applied");
    comparison
}

/// The cast of the store.
pub(super) async fn cast_of<B: Backend>(store: &B) -> CastId {
    let cast = store.reader().await.one_cast(Some("cast")).await;
    cast.expect("a cast").id
}

/// A run on this cast.
pub(super) fn new_run(cast: CastId, reopen: Reopen) -> NewRun {
    NewRun {
        cast,
        recipe: recipe(),
        endpoint: "http://127.0.0.1:8787".into(),
        key_digest: None,
        reopen,
        characters_max: None,
        only: None,
        needs_columns: false,
        patience: Duration::from_secs(20),
        memory: "{}".into(),
        budget: BudgetChange::Keep,
    }
}

/// The next run on the cast of the store, with the recipe of the cast.
pub(super) async fn begun<B: Backend>(store: &B, reopen: Reopen) -> B::Run {
    let mut new = new_run(cast_of(store).await, reopen);
    let recipe = store.reader().await.recipe(new.cast).await;
    new.recipe = recipe.expect("a recipe");
    store.begin(new).await
}

/// A store with the cast of this sheet, and a run on it.
pub(super) async fn begun_on<B: Backend>(store: &B, text: &str) -> B::Run {
    imported(store, &sheet(text)).await;
    begun(store, Reopen::None).await
}

/// The start of the next attempt for a character that the run knows.
pub(in crate::store) fn start(id: CharacterId, claim: Claim) -> Start {
    Start {
        id,
        claim,
        at: SystemTime::now(),
        reserved: None,
    }
}

/// How an attempt under this claim ended. Each claim brings another story.
pub(in crate::store) fn settlement(
    character: &Character,
    claim: Claim,
    state: Settled,
) -> Settlement {
    let content = Content::of(&character.name, &character.description);
    settlement_of(character.id, claim, state, &character.name, content)
}

/// The same for a character of this identity, name and content.
pub(in crate::store) fn settlement_of(
    id: CharacterId,
    claim: Claim,
    state: Settled,
    name: &str,
    content: Content,
) -> Settlement {
    let outcome = match state {
        Settled::Done => Outcome::Ok,
        Settled::Pending => Outcome::Unknown,
        Settled::Failed => Outcome::RefusedRow,
    };
    let mut ending = Ending::without_text(outcome, format!("no {name}"));
    if state == Settled::Done {
        ending.error = None;
        ending.text = format!("Story {} of {name}.", claim.0).into();
    }
    Settlement {
        id,
        claim,
        content,
        state,
        tries: 1,
        words: words(&ending.text),
        ending,
        cost: None,
        at: SystemTime::now(),
    }
}

pub(super) async fn commit<L: Ledger>(run: &L, group: Group<'_>) -> Committed {
    run.commit(group).await.expect("committed")
}

/// Claims characters again and returns their claims.
pub(super) async fn start_again<L: Ledger>(
    run: &L,
    characters: &[Character],
) -> Vec<Option<Claim>> {
    let starts = characters.iter().map(|it| start(it.id, it.claim));
    let group = Group {
        starts: starts.collect(),
        ..Group::default()
    };
    commit(run, group).await.started
}

pub(super) async fn settle<L: Ledger>(run: &L, settlements: Vec<Settlement>) -> Vec<Stored> {
    let group = Group {
        settlements,
        ..Group::default()
    };
    commit(run, group).await.settled
}

/// Claims everything that is pending and settles it like this. Returns the names in order.
pub(super) async fn sent<L: Ledger>(
    run: &L,
    end: impl Fn(&Character, Claim) -> Settlement,
) -> Vec<String> {
    let characters = claim(run, 100).await;
    let ended = characters.iter().map(|it| end(it, it.claim));
    let stored = settle(run, ended.collect()).await;
    assert!(stored.iter().all(|stored| *stored != Stored::NotOurs));
    characters.into_iter().map(|it| it.name).collect()
}

/// A story for every character that is pending, in a run of its own. Returns their names in order.
pub(super) async fn finished<B: Backend>(store: &B) -> Vec<String> {
    let run = begun(store, Reopen::None).await;
    let done = |character: &Character, claim| settlement(character, claim, Settled::Done);
    let names = sent(&run, done).await;
    store.end(run, 0).await;
    names
}

/// Imports the sheet and finishes it. Returns the names of those that were written.
pub(super) async fn run_on<B: Backend>(store: &B, given: &Given) -> Vec<String> {
    imported(store, given).await;
    finished(store).await
}

/// Every pending character fails, in a run of its own.
pub(super) async fn failed<B: Backend>(store: &B) {
    let run = begun(store, Reopen::None).await;
    let fails = |character: &Character, claim| settlement(character, claim, Settled::Failed);
    sent(&run, fails).await;
    store.end(run, 1).await;
}

/// The characters that the filter selects.
pub(super) async fn records<B: Backend>(store: &B, filter: &Filter) -> Vec<Record> {
    let mut records = Vec::new();
    let each = |record| {
        records.push(record);
        Ok::<_, StoreError>(())
    };
    let read = store.reader().await.each_record(filter, each).await;
    read.expect("read");
    records
}

/// Name, state and story of each character in the sheet.
pub(super) async fn stories<B: Backend>(store: &B) -> Vec<(String, Status, Option<String>)> {
    let records = records(store, &Filter::default()).await.into_iter();
    let in_short = |record: Record| (record.name, record.status, record.backstory);
    records.map(in_short).collect()
}

/// The one character of this name, also if it is gone.
pub(super) async fn find<B: Backend>(store: &B, name: &str) -> (CharacterId, Record) {
    let reader = store.reader().await;
    let mut found = reader.find("cast", name, true).await.expect("read");
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

/// The story of the one character of this name.
pub(super) async fn story<B: Backend>(store: &B, name: &str) -> Option<String> {
    find(store, name).await.1.backstory
}
