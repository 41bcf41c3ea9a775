//! What every store has to do, as stories that are told once and run on each of them: a database file, and a small model in memory
//! that says what is right.
//!
//! A further database gets a [`Backend`] and a line in the list at the end.

use backstory::facade::domain::character::{CastId, Character, Claim, Content};
use backstory::facade::domain::money::Money;
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::recipe::{Describe, ProviderName, Recipe};
use backstory::facade::domain::row::Row;
use backstory::facade::store::{
    Allowance, Changes, Committed, Failed, Finished, Group, Holder, Intake, Ledger, NewRun,
    NextCharacters, Reopen, Settled, Settlement, Sheet, Sqlite, SqliteRun, Start, Stored,
};
use std::sync::Arc;
use std::time::SystemTime;

use super::claims::{all_but, claim, claim_next, next_after};
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

/// The names of what is claimed when all that is pending is asked for.
async fn names<L: Ledger>(run: &L) -> Vec<String> {
    let claimed = claim(run, 100).await;
    claimed.into_iter().map(|it| it.name).collect()
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

async fn commit<L: Ledger>(run: &L, group: Group<'_>) -> Committed {
    run.commit(group).await.expect("committed")
}

/// Claims characters again and returns their claims.
async fn start_again<L: Ledger>(run: &L, characters: &[Character]) -> Vec<Option<Claim>> {
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

pub(super) async fn characters_are_claimed_once_in_the_order_of_the_sheet<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy"]).await;
    let run = store.begin(Reopen::None).await;
    let first = claim_next(&run, next_after(0, 2)).await;
    let found: Vec<&str> = first.claimed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((found, first.is_end), (vec!["Ada", "Bo"], false));
    assert_eq!(counts(&run).await, [1, 2, 0, 0]);
    // Another run on the cast gets what is left.
    let other = store.begin(Reopen::None).await;
    let rest = claim_next(&other, next_after(0, 2)).await;
    assert_eq!(
        (rest.claimed[0].name.as_str(), rest.claimed.len()),
        ("Cy", 1)
    );
    assert!(rest.is_end);
    assert_eq!(start_again(&other, &first.claimed).await, [None, None]);
    assert_eq!(names(&other).await, [""; 0]);
}

pub(super) async fn a_look_says_whether_something_is_left_and_claims_nothing<B: Backend>() {
    let store = B::with(&["Ada", "Bo"]).await;
    let run = store.begin(Reopen::None).await;
    assert!(!claim_next(&run, next_after(0, 0)).await.is_end);
    assert_eq!(counts(&run).await, [2, 0, 0, 0]);
    let ada = claim(&run, 1).await.remove(0);
    assert!(!claim_next(&run, next_after(ada.row, 0)).await.is_end);
    let bo = claim(&run, 1).await.remove(0);
    assert!(claim_next(&run, next_after(bo.row, 0)).await.is_end);
    let back = settlement(&ada, ada.claim, Settled::Pending);
    settle(&run, vec![back]).await;
    assert!(!claim_next(&run, next_after(0, 0)).await.is_end);
    assert!(claim_next(&run, all_but(&[ada.id])).await.is_end);
    assert_eq!(counts(&run).await, [1, 1, 0, 0]);
}

pub(super) async fn no_more_is_claimed_than_can_be_paid<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy", "Di"]).await;
    let run = store.begin(Reopen::None).await;
    let euros = |amount: &str| amount.parse::<Money>().expect("an amount");
    let paying = |left: &str| NextCharacters {
        allowance: Some(Allowance {
            price: Box::new(move |character| euros(if character.name == "Cy" { "3" } else { "1" })),
            left: Some(euros(left)),
        }),
        ..next_after(0, 100)
    };
    let first = claim_next(&run, paying("4.50")).await;
    assert_eq!((first.claimed.len(), first.is_end), (2, false));
    assert_eq!(first.short, Some(euros("3")));
    let none = claim_next(&run, paying("2.50")).await;
    assert_eq!((none.claimed.len(), none.short), (0, Some(euros("3"))));
    let rest = claim_next(&run, paying("4")).await;
    assert_eq!(
        (rest.claimed.len(), rest.short, rest.is_end),
        (2, None, true)
    );
}

pub(super) async fn a_result_counts_only_under_its_claim<B: Backend>() {
    let store = B::with(&["Ada"]).await;
    let run = store.begin(Reopen::None).await;
    let ada = claim(&run, 1).await.remove(0);
    let first = ada.claim;
    let never = settlement(&ada, Claim(7), Settled::Done);
    assert_eq!(settle(&run, vec![never]).await, [Stored::NotOurs]);
    let back = settlement(&ada, first, Settled::Pending);
    assert_eq!(settle(&run, vec![back]).await, [Stored::NoTake]);
    let second = start_again(&run, std::slice::from_ref(&ada)).await[0].expect("a claim");
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

pub(super) async fn a_group_settles_starts_again_and_claims<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy"]).await;
    let run = store.begin(Reopen::None).await;
    let both = claim(&run, 2).await;
    let back = settlement(&both[1], both[1].claim, Settled::Pending);
    settle(&run, vec![back]).await;
    let group = Group {
        settlements: vec![settlement(&both[0], both[0].claim, Settled::Done)],
        starts: vec![start(&both[1])],
        next: Some(next_after(both[1].row, 5)),
    };
    let committed = commit(&run, group).await;
    assert!(matches!(committed.settled[..], [Stored::Take(_)]));
    assert!(matches!(committed.started[..], [Some(_)]));
    assert_eq!(committed.claimed[0].name, "Cy");
    assert_eq!(counts(&run).await, [0, 2, 1, 0]);
}

pub(super) async fn what_was_in_flight_when_the_process_died_is_pending_again<B: Backend>() {
    let store = B::with(&["Ada", "Bo", "Cy"]).await;
    let run = store.begin(Reopen::None).await;
    let two = claim(&run, 2).await;
    settle(&run, vec![settlement(&two[0], two[0].claim, Settled::Done)]).await;
    let store = store.die(run).await;
    let run = store.begin(Reopen::None).await;
    assert_eq!(counts(&run).await, [2, 0, 1, 0]);
    // The result of the dead process comes too late.
    assert_eq!(names(&run).await, ["Bo", "Cy"]);
    let late = settlement(&two[1], two[1].claim, Settled::Done);
    assert_eq!(settle(&run, vec![late]).await, [Stored::NotOurs]);
    assert_eq!(counts(&run).await, [0, 2, 1, 0]);
}

pub(super) async fn failed_characters_are_tried_again_only_when_that_is_asked_for<B: Backend>() {
    let store = B::with(&["Ada", "Bo"]).await;
    let run = store.begin(Reopen::None).await;
    let both = claim(&run, 2).await;
    let ended = both.iter().zip([Settled::Failed, Settled::Done]);
    let settlements = ended.map(|(character, state)| settlement(character, character.claim, state));
    settle(&run, settlements.collect()).await;
    assert_eq!(counts(&run).await, [0, 0, 1, 1]);
    let store = store.die(run).await;
    let run = store.begin(Reopen::None).await;
    assert_eq!(names(&run).await, [""; 0]);
    assert_eq!(store.retry().await, 1);
    assert_eq!(store.retry().await, 0, "it is pending already");
    let ada = claim(&run, 9).await.remove(0);
    assert_eq!((ada.name.as_str(), ada.tries), ("Ada", 0));
    settle(&run, vec![settlement(&ada, ada.claim, Settled::Failed)]).await;
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
    characters_are_claimed_once_in_the_order_of_the_sheet,
    a_look_says_whether_something_is_left_and_claims_nothing,
    no_more_is_claimed_than_can_be_paid,
    a_result_counts_only_under_its_claim,
    a_group_settles_starts_again_and_claims,
    what_was_in_flight_when_the_process_died_is_pending_again,
    failed_characters_are_tried_again_only_when_that_is_asked_for,
);
