//! What every store has to do, as stories that are told once and run on each of them: a database file, and a small model in memory
//! that says what is right.
//!
//! A further database gets a [`Backend`] and a line in the list at the end.

use backstory::facade::domain::character::{CastId, Character, Claim, Content};
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::recipe::{Describe, ProviderName, Recipe};
use backstory::facade::domain::row::Row;
use backstory::facade::store::{
    Changes, Committed, Cursor, Failed, Finished, Group, Holder, Intake, Ledger, NewRun, Reopen,
    Settled, Settlement, Sheet, Sqlite, SqliteRun, Start, Stored,
};
use std::sync::Arc;
use std::time::SystemTime;

use super::model::{Model, ModelRun};

/// A store with one cast.
pub(super) trait Backend: Sized {
    /// The ledger of a run.
    type Run: Ledger;

    /// A fresh store whose cast has these names, in this order.
    async fn with(names: &[&str]) -> Self;

    /// The next run on the cast.
    async fn begin(&self, reopen: Reopen) -> Self::Run;

    /// The process dies while the run is in progress; the store is opened again.
    async fn die(self, run: Self::Run) -> Self;

    /// Makes failed characters pending again. Returns how many.
    async fn retry(&self) -> u64;
}

/// All that is pending, from the top.
async fn pending<L: Ledger>(run: &L) -> Vec<Character> {
    run.upcoming(Cursor(0), 100).await.expect("characters")
}

async fn names<L: Ledger>(run: &L) -> Vec<String> {
    pending(run).await.into_iter().map(|it| it.name).collect()
}

fn start(character: &Character) -> Start {
    Start {
        id: character.id,
        claim: character.claim,
        at: SystemTime::now(),
        reserved: None,
    }
}

fn settlement(character: &Character, claim: Claim, state: Settled) -> Settlement {
    let outcome = match state {
        Settled::Done => Outcome::Ok,
        Settled::Pending => Outcome::Unknown,
        Settled::Failed => Outcome::RefusedRow,
    };
    let mut ending = Ending::without_text(outcome, "no".into());
    if state == Settled::Done {
        ending.error = None;
        ending.text = format!("The story of {}.", character.name).into();
    }
    Settlement {
        id: character.id,
        claim,
        content: Content::of(&character.name, &character.description),
        state,
        tries: 1,
        ending,
        words: 4,
        cost: None,
        at: SystemTime::now(),
    }
}

async fn commit<L: Ledger>(run: &L, group: Group) -> Committed {
    run.commit(group).await.expect("committed")
}

/// Claims the characters and returns their claims.
async fn claim<L: Ledger>(run: &L, characters: &[Character]) -> Vec<Option<Claim>> {
    let starts = characters.iter().map(start).collect();
    let group = Group {
        starts,
        ..Group::default()
    };
    commit(run, group).await.started
}

async fn settle<L: Ledger>(run: &L, settlements: Vec<Settlement>) -> Vec<Stored> {
    let group = Group {
        settlements,
        ..Group::default()
    };
    commit(run, group).await.settled
}

/// Pending, running, done, failed.
async fn counts<L: Ledger>(run: &L) -> [u64; 4] {
    let counts = run.counts().await.expect("counts");
    [counts.pending, counts.running, counts.done, counts.failed]
}

pub(super) async fn the_next_characters_come_in_the_order_of_the_sheet<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy"]).await;
    let run = store.begin(Reopen::None).await;
    assert_eq!(names(&run).await, ["Ada", "Bo", "Cy"]);
    let two = run.upcoming(Cursor(0), 2).await.expect("characters");
    assert_eq!(two.len(), 2);
    let rest = run
        .upcoming(Cursor(two[1].row), 2)
        .await
        .expect("characters");
    assert_eq!(rest[0].name, "Cy");
    assert_eq!(rest.len(), 1);
}

pub(super) async fn a_character_is_claimed_once<B: Backend>() {
    let store = B::with(&["Ada", "Bo"]).await;
    let run = store.begin(Reopen::None).await;
    let both = pending(&run).await;
    let first = claim(&run, &both[..1]).await;
    assert!(first[0].is_some_and(|claim| claim > both[0].claim));
    // Another run has read the same characters before.
    let other = store.begin(Reopen::None).await;
    let again = claim(&other, &both).await;
    assert_eq!(again[0], None);
    assert!(again[1].is_some());
    assert_eq!(counts(&run).await, [0, 2, 0, 0]);
    assert_eq!(names(&run).await, [""; 0]);
}

pub(super) async fn a_result_counts_only_under_its_claim<B: Backend>() {
    let store = B::with(&["Ada"]).await;
    let run = store.begin(Reopen::None).await;
    let ada = pending(&run).await.remove(0);
    let never = settlement(&ada, Claim(7), Settled::Done);
    assert_eq!(settle(&run, vec![never]).await, [Stored::NotOurs]);
    let first = claim(&run, std::slice::from_ref(&ada)).await[0].expect("a claim");
    let back = settlement(&ada, first, Settled::Pending);
    assert_eq!(settle(&run, vec![back]).await, [Stored::NoTake]);
    let ada = pending(&run).await.remove(0);
    assert_eq!(ada.tries, 1);
    let second = claim(&run, std::slice::from_ref(&ada)).await[0].expect("a claim");
    assert!(second > first);
    let late = settlement(&ada, first, Settled::Done);
    let right = settlement(&ada, second, Settled::Done);
    assert_eq!(settle(&run, vec![late]).await, [Stored::NotOurs]);
    let stored = settle(&run, vec![right.clone()]).await;
    assert!(matches!(stored[..], [Stored::Take(_)]));
    // The same result once more changes nothing.
    assert_eq!(settle(&run, vec![right]).await, [Stored::NotOurs]);
    assert_eq!(counts(&run).await, [0, 0, 1, 0]);
}

pub(super) async fn a_group_settles_before_it_claims<B: Backend>() {
    let store = B::with(&["Ada", "Bo"]).await;
    let run = store.begin(Reopen::None).await;
    let both = pending(&run).await;
    let ada = claim(&run, &both[..1]).await[0].expect("a claim");
    let group = Group {
        settlements: vec![settlement(&both[0], ada, Settled::Done)],
        starts: vec![start(&both[1])],
    };
    let committed = commit(&run, group).await;
    assert!(matches!(committed.settled[..], [Stored::Take(_)]));
    assert!(matches!(committed.started[..], [Some(_)]));
    assert_eq!(counts(&run).await, [0, 1, 1, 0]);
}

pub(super) async fn what_was_in_flight_when_the_process_died_is_pending_again<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy"]).await;
    let run = store.begin(Reopen::None).await;
    let all = pending(&run).await;
    let claims = claim(&run, &all[..2]).await;
    let ada = claims[0].expect("a claim");
    settle(&run, vec![settlement(&all[0], ada, Settled::Done)]).await;
    let store = store.die(run).await;
    let run = store.begin(Reopen::None).await;
    assert_eq!(counts(&run).await, [2, 0, 1, 0]);
    assert_eq!(names(&run).await, ["Bo", "Cy"]);
    // The result of the dead process comes too late.
    let bo = claims[1].expect("a claim");
    let late = settlement(&all[1], bo, Settled::Done);
    assert_eq!(settle(&run, vec![late]).await, [Stored::NotOurs]);
    assert_eq!(counts(&run).await, [2, 0, 1, 0]);
}

pub(super) async fn failed_characters_are_tried_again_only_when_that_is_asked_for<B: Backend>() {
    let store = B::with(&["Ada", "Bo"]).await;
    let run = store.begin(Reopen::None).await;
    let both = pending(&run).await;
    let claims = claim(&run, &both).await;
    let ended = both
        .iter()
        .zip(claims)
        .zip([Settled::Failed, Settled::Done]);
    let settlements = ended
        .map(|((character, claim), state)| settlement(character, claim.expect("a claim"), state));
    settle(&run, settlements.collect()).await;
    assert_eq!(counts(&run).await, [0, 0, 1, 1]);
    let store = store.die(run).await;
    let run = store.begin(Reopen::None).await;
    assert_eq!(names(&run).await, [""; 0]);
    assert_eq!(store.retry().await, 1);
    assert_eq!(store.retry().await, 0, "it is pending already");
    assert_eq!(names(&run).await, ["Ada"]);
    assert_eq!(pending(&run).await[0].tries, 0);
    let ada = pending(&run).await;
    let claim = claim(&run, &ada).await[0].expect("a claim");
    settle(&run, vec![settlement(&ada[0], claim, Settled::Failed)]).await;
    let store = store.die(run).await;
    let run = store.begin(Reopen::Failed).await;
    assert_eq!(names(&run).await, ["Ada"]);
}

/// A database file.
struct File {
    folder: tempfile::TempDir,
    db: Arc<Holder>,
    cast: CastId,
}

fn recipe() -> Recipe {
    Recipe {
        provider: ProviderName::Demo,
        model: None,
        describe: Describe::Column("description".into()),
        prompt: None,
        fields: None,
    }
}

impl File {
    async fn open(folder: &tempfile::TempDir) -> Arc<Holder> {
        let db = Sqlite::open(&folder.path().join("x.db")).await;
        Arc::new(db.expect("a database"))
    }
}

impl Backend for File {
    type Run = SqliteRun;

    async fn with(names: &[&str]) -> Self {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = Self::open(&folder).await;
        let sheet = Sheet {
            cast: "cast".into(),
            columns: vec!["name".into()],
            key_column: None,
            have: false,
            recipe: recipe(),
            prompt_columns: Vec::new(),
            finished: Finished::KeepUnlessEdited,
        };
        let rows = names.iter().zip(1..).map(|(name, number)| Row {
            line: number,
            number,
            key: None,
            name: (*name).to_owned(),
            description: "x".into(),
            cells: vec![(*name).to_owned()],
            have: None,
        });
        let cast = imported(db.import(sheet).await.expect("an import"), rows.collect()).await;
        Self { folder, db, cast }
    }

    async fn begin(&self, reopen: Reopen) -> SqliteRun {
        let new = NewRun {
            cast: self.cast,
            recipe: recipe(),
            endpoint: "demo".into(),
            reopen,
            characters_max: None,
            only: None,
            needs_columns: false,
            memory: "{}".into(),
        };
        self.db.begin_run(new).await.expect("begun")
    }

    async fn die(self, run: SqliteRun) -> Self {
        let Self { folder, db, cast } = self;
        drop(run);
        drop(db);
        let db = Self::open(&folder).await;
        Self { folder, db, cast }
    }

    async fn retry(&self) -> u64 {
        let retried = self.db.retry(self.cast, &Failed::default()).await;
        retried.expect("retried")
    }
}

/// Imports the rows into their cast.
async fn imported<I: Intake>(mut import: I, rows: Vec<Row>) -> CastId {
    let batch = I::batch(&import.form(), rows);
    import.add(batch).await.expect("stored");
    import.compare().await.expect("compared");
    import.apply(None).await.expect("applied")
}

impl Backend for Model {
    type Run = ModelRun;

    async fn with(names: &[&str]) -> Self {
        Self::of(names)
    }

    async fn begin(&self, reopen: Reopen) -> ModelRun {
        self.begin(reopen)
    }

    async fn die(self, _: ModelRun) -> Self {
        self.recover();
        self
    }

    async fn retry(&self) -> u64 {
        self.reopen_failed()
    }
}

macro_rules! each_store {
    ($($story:ident),* $(,)?) => {
        mod a_database_file {
            $(#[tokio::test]
            async fn $story() {
                super::$story::<super::File>().await;
            })*
        }

        mod the_model_in_memory {
            $(#[tokio::test]
            async fn $story() {
                super::$story::<super::Model>().await;
            })*
        }
    };
}

each_store!(
    the_next_characters_come_in_the_order_of_the_sheet,
    a_character_is_claimed_once,
    a_result_counts_only_under_its_claim,
    a_group_settles_before_it_claims,
    what_was_in_flight_when_the_process_died_is_pending_again,
    failed_characters_are_tried_again_only_when_that_is_asked_for,
);
