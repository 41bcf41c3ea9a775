//! Several runs on one cast of a server: leases, what a run holds, results that come late, answers that are lost.

use super::claims::{claim, claim_next, next_after};
use super::conformance::given::{recipe_of, settlement, sheet, start};
use crate::harness::postgres::{self, Database};
use crate::harness::proxy::Proxy;
use backstory::facade::domain::character::{CastId, Character, Content};
use backstory::facade::domain::money::{BudgetChange, Cost, Money};
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::store::{
    CastRun, Committed, Group, Holder, Import, Intake, Ledger, Location, NewRun, Reopen, Settled,
    Settlement, Stored,
};
use futures_util::future::join_all;
use std::time::{Duration, SystemTime};

/// A database with a cast of so many characters, `Name 1` and on.
async fn database(characters: usize) -> Option<Database> {
    let database = postgres::database()?;
    opened(&database.url).await.close().await;
    database.execute(&postgres::cast(characters));
    Some(database)
}

async fn opened(url: &str) -> Holder {
    Location::of(url.into()).open().await.expect("it opens")
}

/// A run on the cast through an address.
async fn run_by(url: &str, patience: Duration) -> CastRun {
    let new = NewRun {
        cast: CastId(1),
        recipe: recipe_of(None),
        endpoint: "http://127.0.0.1:8787".into(),
        key_digest: None,
        reopen: Reopen::None,
        characters_max: None,
        only: None,
        needs_columns: false,
        patience,
        memory: "{}".into(),
        budget: BudgetChange::Keep,
    };
    opened(url).await.begin_run(new).await.expect("a run")
}

async fn run_on(database: &Database) -> CastRun {
    run_by(&database.url, Duration::from_secs(20)).await
}

async fn commit(run: &CastRun, group: Group<'_>) -> Committed {
    run.commit(group).await.expect("stored")
}

async fn settle(run: &CastRun, settlement: Settlement) -> Stored {
    let group = Group {
        settlements: vec![settlement],
        ..Group::default()
    };
    commit(run, group).await.settled[0]
}

fn done(character: &Character) -> Settlement {
    settlement(character, character.claim, Settled::Done)
}

/// Ends the leases of all runs, as time would do it.
fn end_leases(database: &Database) {
    database.execute("UPDATE backstory.runs SET alive_until_ms = 0 WHERE ended_ms IS NULL");
}

/// Checks what must hold in every moment.
fn check(database: &Database) {
    database.execute(postgres::INVARIANTS);
}

#[tokio::test]
async fn runs_that_claim_at_the_same_time_never_get_the_same_character() {
    let Some(database) = database(500).await else {
        return;
    };
    let runs = join_all((0..4).map(|_| run_on(&database))).await;
    let work = async |run: CastRun| {
        let mut rows = Vec::new();
        let mut ended: Vec<Settlement> = Vec::new();
        loop {
            let group = Group {
                settlements: std::mem::take(&mut ended),
                next: Some(next_after(rows.last().copied().unwrap_or(0), 7)),
                ..Group::default()
            };
            let committed = commit(&run, group).await;
            assert!(
                committed
                    .settled
                    .iter()
                    .all(|it| matches!(it, Stored::Take(_)))
            );
            rows.extend(committed.claimed.iter().map(|it| it.row));
            ended.extend(committed.claimed.iter().map(done));
            if committed.is_end && ended.is_empty() {
                run.end(0).await.expect("ended");
                return rows;
            }
        }
    };
    let claimed = join_all(runs.into_iter().map(work)).await;
    for rows in &claimed {
        assert!(rows.is_sorted(), "in the order of the sheet: {rows:?}");
    }
    let mut all: Vec<i64> = claimed.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (1..=500).collect::<Vec<_>>());
    check(&database);
}

#[tokio::test]
async fn a_run_keeps_what_it_tries_again_until_it_ends() {
    let Some(database) = database(1).await else {
        return;
    };
    let [one, other] = [run_on(&database).await, run_on(&database).await];
    let ada = claim(&one, 1).await.remove(0);
    let again = settlement(&ada, ada.claim, Settled::Pending);
    assert_eq!(settle(&one, again).await, Stored::NoTake);
    let look = claim_next(&other, next_after(0, 0)).await;
    assert!(look.is_end && look.is_shared, "{look:?}");
    let none = claim_next(&other, next_after(0, 5)).await;
    assert!(none.claimed.is_empty() && none.is_end && none.is_shared);
    assert!(!claim_next(&one, next_after(0, 0)).await.is_end);
    one.end(130).await.expect("ended");
    let look = claim_next(&other, next_after(0, 0)).await;
    assert!(!look.is_end, "{look:?}");
    assert_eq!(claim(&other, 5).await.len(), 1);
    check(&database);
}

#[tokio::test]
async fn a_character_that_met_an_internal_error_is_free_for_other_runs() {
    let Some(database) = database(1).await else {
        return;
    };
    let [one, other] = [run_on(&database).await, run_on(&database).await];
    let ada = claim(&one, 1).await.remove(0);
    let mut broken = settlement(&ada, ada.claim, Settled::Pending);
    broken.ending = Ending::without_text(Outcome::Interrupted, "a fault of ours".into());
    settle(&one, broken).await;
    assert_eq!(claim(&other, 5).await.len(), 1);
    check(&database);
}

#[tokio::test]
async fn what_a_dead_run_held_is_taken_over_by_a_run_that_has_nothing_left() {
    let Some(database) = database(3).await else {
        return;
    };
    let [dead, other] = [run_on(&database).await, run_on(&database).await];
    let held = claim(&dead, 2).await;
    settle(&dead, settlement(&held[1], held[1].claim, Settled::Pending)).await;
    let rest = claim(&other, 5).await;
    assert_eq!(rest.len(), 1);
    settle(&other, done(&rest[0])).await;
    end_leases(&database);
    assert!(!claim_next(&other, next_after(0, 0)).await.is_end);
    let taken = claim(&other, 5).await;
    assert_eq!(taken.iter().map(|it| it.row).collect::<Vec<_>>(), [1, 2]);
    check(&database);
    let maybe_charged = "SELECT maybe_charged::text FROM z_cast_counts";
    assert_eq!(
        database.ask(maybe_charged),
        "2",
        "one interrupted, one unknown"
    );
}

#[tokio::test]
async fn a_late_result_counts_as_usual_if_no_run_has_claimed_its_character() {
    let Some(database) = database(2).await else {
        return;
    };
    let frozen = run_on(&database).await;
    let two = claim(&frozen, 2).await;
    end_leases(&database);
    let _other = run_on(&database).await;
    let interrupted = "SELECT count(*)::text FROM attempts WHERE outcome = 'interrupted'";
    assert_eq!(database.ask(interrupted), "2");
    assert!(matches!(
        settle(&frozen, done(&two[0])).await,
        Stored::Take(_)
    ));
    let again = settlement(&two[1], two[1].claim, Settled::Pending);
    assert_eq!(settle(&frozen, again).await, Stored::NoTake);
    let group = Group {
        starts: vec![start(two[1].id, two[1].claim)],
        ..Group::default()
    };
    assert!(
        commit(&frozen, group).await.started[0].is_some(),
        "it goes on"
    );
    check(&database);
    let counts = "SELECT (done, running, maybe_charged)::text FROM z_cast_counts";
    assert_eq!(database.ask(counts), "(1,1,1)");
}

#[tokio::test]
async fn a_late_story_of_a_character_that_another_run_has_claimed_is_one_more_take() {
    for other_is_done in [false, true] {
        let Some(database) = database(1).await else {
            return;
        };
        let frozen = run_on(&database).await;
        let ada = claim(&frozen, 1).await.remove(0);
        end_leases(&database);
        let other = run_on(&database).await;
        let theirs = claim(&other, 1).await.remove(0);
        if other_is_done {
            settle(&other, done(&theirs)).await;
        }
        let mut late = done(&ada);
        late.cost = Some(Cost {
            known: Money::from_stored(5),
            maybe: Money::from_stored(0),
        });
        let taken = settle(&frozen, late.clone()).await;
        assert!(matches!(taken, Stored::Take(_)), "{taken:?}");
        assert_eq!(settle(&frozen, late).await, Stored::NotOurs, "only once");
        if !other_is_done {
            let second = settle(&other, done(&theirs)).await;
            assert!(
                matches!(second, Stored::Take(take) if take.0 == 2),
                "{second:?}"
            );
        }
        check(&database);
        let counts =
            "SELECT (done, running, requests, maybe_charged, cost)::text FROM z_cast_counts";
        assert_eq!(database.ask(counts), "(1,0,2,0,5)");
        let current = "SELECT count(*)::text FROM takes WHERE current = 1";
        assert_eq!(database.ask(current), "1");
    }
}

#[tokio::test]
async fn a_story_of_what_the_sheet_said_before_leaves_its_character_pending() {
    let Some(database) = database(1).await else {
        return;
    };
    let run = run_on(&database).await;
    let mut ada = claim(&run, 1).await.remove(0);
    ada.content = Content::of("Name 1", "something else");
    let mut story = done(&ada);
    story.content = ada.content;
    assert!(matches!(settle(&run, story).await, Stored::Take(_)));
    assert_eq!(claim(&run, 1).await.len(), 1, "it is written again");
    check(&database);
}

/// Imports a sheet with this text while runs may work on its cast.
async fn import(database: &Database, text: &str) {
    let (db, given) = (opened(&database.url).await, sheet(text));
    let mut import = db.import(given.sheet).await.expect("begun");
    let batch = Import::batch(&import.form(), given.rows);
    import.add(batch).await.expect("stored");
    import.compare().await.expect("compared");
    import.apply(None).await.expect("applied");
}

#[tokio::test]
async fn an_edit_that_is_taken_back_while_its_story_is_written_is_not_paid_again() {
    let Some(database) = postgres::database() else {
        return;
    };
    import(&database, "name,description\nAda,bakes").await;
    let run = run_on(&database).await;
    let bakes = claim(&run, 1).await.remove(0);
    assert!(matches!(settle(&run, done(&bakes)).await, Stored::Take(_)));
    import(&database, "name,description\nAda,swims").await;
    let swims = claim(&run, 1).await.remove(0);
    import(&database, "name,description\nAda,bakes").await;
    assert!(matches!(settle(&run, done(&swims)).await, Stored::Take(_)));
    assert_eq!(claim(&run, 1).await, [], "it has its story");
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT (status, take, picked)::text FROM backstory.stored_characters) = '(done,1,t)', 'the first one counts';
         END $$",
    );
    check(&database);
}

#[tokio::test]
async fn two_imports_at_once_give_one_cast_with_each_row_once() {
    let Some(database) = postgres::database() else {
        return;
    };
    opened(&database.url).await.close().await;
    let rows: String = (1..=50).map(|row| format!("\nName {row},walks")).collect();
    let text = format!("name,description{rows}");
    join_all((0..4).map(|_| import(&database, &text))).await;
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.stored_casts) = 1;
             ASSERT (SELECT (count(*), count(DISTINCT name))::text FROM backstory.results) = '(50,50)';
         END $$",
    );
    check(&database);
}

/// What a group of this run may change: a result, a character that is tried again, a claim.
async fn group_of_all(run: &CastRun) -> (Group<'static>, Vec<Character>) {
    let three = claim(run, 3).await;
    let again = settlement(&three[1], three[1].claim, Settled::Pending);
    settle(run, again).await;
    let group = Group {
        settlements: vec![
            done(&three[0]),
            settlement(&three[2], three[2].claim, Settled::Pending),
        ],
        starts: vec![start(three[1].id, three[1].claim)],
        next: Some(next_after(3, 2)),
        ..Group::default()
    };
    (group, three)
}

#[tokio::test]
async fn a_group_whose_answer_is_lost_is_stored_once_and_all_it_claimed_is_known() {
    for is_stored in [true, false] {
        let Some(database) = database(6).await else {
            return;
        };
        let Some(proxy) = Proxy::to(&database) else {
            return;
        };
        let run = run_by(&proxy.url(), Duration::from_secs(20)).await;
        let (group, three) = group_of_all(&run).await;
        proxy.cut_at_commit(is_stored);
        let committed = commit(&run, group).await;
        assert_eq!(proxy.cuts(), 1);
        assert!(matches!(
            committed.settled[..],
            [Stored::Take(_), Stored::NoTake]
        ));
        assert_eq!(committed.started, [Some(three[1].claim.next())]);
        let rows: Vec<i64> = committed.claimed.iter().map(|it| it.row).collect();
        assert_eq!(rows, [4, 5]);
        check(&database);
        let counts = "SELECT (done, running, pending, requests)::text FROM z_cast_counts";
        assert_eq!(database.ask(counts), "(1,3,2,6)");
        assert_eq!(database.ask("SELECT count(*)::text FROM takes"), "1");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for_until_patience_is_over() {
    let Some(database) = database(2).await else {
        return;
    };
    let Some(proxy) = Proxy::to(&database) else {
        return;
    };
    let run = run_by(&proxy.url(), Duration::from_secs(1)).await;
    let two = claim(&run, 2).await;
    proxy.refuse(true);
    let group = || Group {
        settlements: vec![done(&two[0]), done(&two[1])],
        ..Group::default()
    };
    let begin = SystemTime::now();
    let err = run.commit(group()).await.expect_err("away");
    assert!(format!("{err}").contains("cannot reach"), "{err}");
    assert!(begin.elapsed().expect("forward") < Duration::from_secs(30));
    proxy.refuse(false);
    let committed = commit(&run, group()).await;
    assert!(matches!(
        committed.settled[..],
        [Stored::Take(_), Stored::Take(_)]
    ));
    check(&database);
}

#[tokio::test]
async fn a_user_who_stops_at_once_does_not_wait_for_the_database() {
    let Some(database) = database(1).await else {
        return;
    };
    let Some(proxy) = Proxy::to(&database) else {
        return;
    };
    let run = run_by(&proxy.url(), Duration::from_mins(15)).await;
    let ada = claim(&run, 1).await.remove(0);
    proxy.swallow();
    let group = Group {
        settlements: vec![done(&ada)],
        ..Group::default()
    };
    let (stopped, ()) = tokio::join!(run.commit(group), async { run.hurry() });
    stopped.expect_err("given up");
}
