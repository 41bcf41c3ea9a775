//! The store against a small model, under random claims, settlings, late settlings and deaths.

use super::claims::{claim, next_after};
use super::conformance::given::{recipe, settlement_of, start};
use backstory::facade::domain::character::{CastId, CharacterId, Claim, Content};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::money::BudgetChange;
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::domain::row::Row;
use backstory::facade::domain::status::Status;
use backstory::facade::store::{
    CastRun, Filter, Finished, Group, Holder, Import, Intake, Ledger, Library, Location, NewRun,
    Reopen, Settled, Settlement, Sheet, Stored,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What may happen to the ledger.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Claims the next so many.
    Claim(usize),
    /// Settles one of those in flight.
    Settle(usize, Settled),
    /// A word from a claim that was given up, or never was.
    Late(usize, i64),
    /// The process dies; the next one opens the database.
    Die,
    /// The next run takes failed ones up again.
    Retry,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let state = prop::sample::select(vec![Settled::Done, Settled::Pending, Settled::Failed]);
    let act = prop_oneof![
        4 => (1_usize..4).prop_map(Act::Claim),
        6 => (any::<usize>(), state).prop_map(|(which, state)| Act::Settle(which, state)),
        2 => (any::<usize>(), -1_i64..3).prop_map(|(which, off)| Act::Late(which, off)),
        1 => Just(Act::Die),
        1 => Just(Act::Retry),
    ];
    prop::collection::vec(act, 1..40)
}

/// A character as the model has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    status: Status,
    claim: i64,
    takes: usize,
    interrupted: usize,
}

const ROWS: u64 = 6;

async fn open(folder: &tempfile::TempDir) -> Arc<Holder> {
    Arc::new(
        Location::File(folder.path().join("x.db"))
            .open()
            .await
            .expect("a database"),
    )
}

async fn begin(db: &Arc<Holder>, cast: CastId, retry_failed: bool) -> CastRun {
    let new = NewRun {
        cast,
        recipe: recipe(),
        endpoint: "demo".into(),
        key_digest: None,
        reopen: Reopen::failed_if(retry_failed),
        needs_columns: false,
        characters_max: None,
        only: None,
        patience: Duration::ZERO,
        memory: "{}".into(),
        budget: BudgetChange::Keep,
    };
    db.begin_run(new).await.expect("begun")
}

async fn enroll(db: &Holder) -> CastId {
    let sheet = Sheet {
        cast: "cast".into(),
        columns: vec!["name".into()],
        key_column: None,
        have: false,
        recipe: recipe(),
        prompt_columns: Vec::new(),
        finished: Finished::KeepUnlessEdited,
    };
    let rows: Vec<Row> = (1..=ROWS)
        .map(|number| Row {
            line: number,
            number,
            key: None,
            name: format!("Name {number}"),
            description: "x".into(),
            cells: vec![format!("Name {number}")],
            have: None,
            have_flags: Flags::default(),
        })
        .collect();
    let mut import = db.import(sheet).await.expect("begun");
    let batch = Import::batch(&import.form(), rows);
    import.add(batch).await.expect("stored");
    import.compare().await.expect("compared");
    import.apply(None).await.expect("applied")
}

fn settlement(id: CharacterId, claim: i64, state: Settled) -> Settlement {
    settlement_of(id, Claim(claim), state, "Name", Content::of("Name", "x"))
}

async fn play(acts: Vec<Act>) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut db = open(&folder).await;
    let cast = enroll(&db).await;
    let mut run = begin(&db, cast, false).await;
    let filter = Filter {
        cast: Some("cast".into()),
        ..Filter::default()
    };
    let new = Known {
        status: Status::Pending,
        claim: 0,
        takes: 0,
        interrupted: 0,
    };
    let characters = db.ids(&filter).await.expect("read");
    let mut model: BTreeMap<i64, Known> = characters.iter().map(|id| (id.0, new.clone())).collect();
    for act in acts {
        match act {
            Act::Claim(many) => {
                // This one has another claim than the run believes.
                let first = characters[0];
                let other = Claim(model[&first.0].claim + 7);
                let group = Group {
                    starts: vec![start(first, other)],
                    next: Some(next_after(0, many)),
                    ..Group::default()
                };
                let committed = run.commit(group).await.expect("started");
                assert_eq!(committed.started, [None], "it is not ours to start");
                for who in &committed.claimed {
                    let known = model.get_mut(&who.id.0).expect("known");
                    assert_eq!(known.status, Status::Pending);
                    known.status = Status::Running;
                    known.claim += 1;
                    assert_eq!(who.claim, Claim(known.claim));
                }
            }
            Act::Settle(which, state) => {
                let flying: Vec<i64> = model
                    .iter()
                    .filter(|(_, known)| known.status == Status::Running)
                    .map(|(id, _)| *id)
                    .collect();
                let Some(id) = flying.get(which % flying.len().max(1)) else {
                    continue;
                };
                let known = model.get_mut(id).expect("known");
                let group = Group {
                    settlements: vec![settlement(CharacterId(*id), known.claim, state)],
                    ..Group::default()
                };
                let stored = run.commit(group).await.expect("settled").settled;
                known.status = Status::of(state.word()).expect("a state");
                if state == Settled::Done {
                    known.takes += 1;
                    assert!(matches!(stored[..], [Stored::Take(_)]));
                } else {
                    assert_eq!(stored, [Stored::NoTake]);
                }
            }
            Act::Late(which, off) => {
                let id = characters[which % characters.len()];
                let known = &model[&id.0];
                let claim = known.claim + off;
                if known.status == Status::Running && claim == known.claim {
                    continue;
                }
                let group = Group {
                    settlements: vec![settlement(id, claim, Settled::Done)],
                    ..Group::default()
                };
                assert_eq!(
                    run.commit(group).await.expect("nothing").settled,
                    [Stored::NotOurs]
                );
            }
            Act::Die | Act::Retry => {
                drop(run);
                drop(db);
                db = open(&folder).await;
                run = begin(&db, cast, matches!(act, Act::Retry)).await;
                for known in model.values_mut() {
                    if known.status == Status::Running {
                        known.interrupted += 1;
                        known.status = Status::Pending;
                    }
                    if known.status == Status::Failed && matches!(act, Act::Retry) {
                        known.status = Status::Pending;
                    }
                }
            }
        }
        compare(&db, &model).await;
    }
}

/// The database and the model are of one mind, and so are the kept counts and those that counting gives.
async fn compare(db: &Holder, model: &BTreeMap<i64, Known>) {
    for (id, known) in model {
        let takes = db.takes(CharacterId(*id)).await.expect("takes");
        assert_eq!(takes.len(), known.takes);
        let attempts = db.attempts(CharacterId(*id)).await.expect("attempts");
        assert_eq!(i64::try_from(attempts.len()), Ok(known.claim));
        let interrupted = attempts
            .iter()
            .filter(|attempt| attempt.outcome == Some(Outcome::Interrupted))
            .count();
        assert_eq!(interrupted, known.interrupted);
        let open = attempts
            .iter()
            .filter(|attempt| attempt.outcome.is_none())
            .count();
        assert_eq!(open, usize::from(known.status == Status::Running));
    }
    let count = |status: Status| {
        u64::try_from(
            model
                .values()
                .filter(|known| known.status == status)
                .count(),
        )
        .expect("few")
    };
    let cast = &db.casts().await.expect("casts")[0];
    assert_eq!(
        (cast.done, cast.failed),
        (count(Status::Done), count(Status::Failed))
    );
    assert_eq!(
        (cast.pending, cast.running),
        (count(Status::Pending), count(Status::Running))
    );
    let claims: i64 = model.values().map(|known| known.claim).sum();
    assert_eq!(i64::try_from(cast.requests), Ok(claims));
    let maybe_sql = "select count(*) from attempts where outcome in ('unknown', 'interrupted')";
    let mut maybe = 0;
    db.query::<backstory::facade::store::StoreError>(maybe_sql, None, |_, values| {
        if let [backstory::facade::store::Value::Integer(many)] = values[..] {
            maybe = many;
        }
        Ok(())
    })
    .await
    .expect("a query");
    assert_eq!(i64::try_from(cast.maybe_charged), Ok(maybe));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_store_and_a_small_model_are_of_one_mind(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(play(acts));
    }
}

/// What was stored gets into the file itself while the run goes on, long before the log is so long that a commit must see to it.
#[tokio::test]
async fn the_log_is_written_back_beside_the_commits() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let db = open(&folder).await;
    let cast = enroll(&db).await;
    let run = begin(&db, cast, false).await;
    let path = folder.path().join("x.db");
    let in_the_file = || std::fs::metadata(&path).expect("a file").len();
    let before = in_the_file();
    let mut stored = 0;
    for who in claim(&run, 99).await {
        let mut ended = settlement(who.id, 1, Settled::Done);
        ended.ending.text = "word ".repeat(100_000).into();
        stored += ended.ending.text.len();
        let group = Group {
            settlements: vec![ended],
            ..Group::default()
        };
        run.commit(group).await.expect("settled");
    }
    let begun = Instant::now();
    while in_the_file() - before < 1 << 20 {
        assert!(begun.elapsed() < Duration::from_mins(1), "never");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.end(0).await.expect("ended");
    assert!(in_the_file() > u64::try_from(stored).expect("a length"));
    Arc::into_inner(db).expect("no other holder").close().await;
    let names = std::fs::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<_> = names.map(|name| name.expect("read").file_name()).collect();
    names.sort();
    assert_eq!(names, ["x.db", "x.db.lock"]);
}
