//! A run: which characters come next, which are claimed, what is stored of an attempt.

use super::backend::Backend;
use super::given::{
    begun, begun_on, cast_of, commit, failed, find, finished, imported, new_run, recipe, sent,
    settle, settlement, sheet, start, start_again,
};
use crate::store::claims::{all_but, claim, claim_next, next_after};
use backstory::facade::domain::character::{Character, Claim};
use backstory::facade::domain::money::Money;
use backstory::facade::domain::outcome::{Ending, Outcome, Tokens};
use backstory::facade::store::{
    Allowance, Changes, Failed, Group, Ledger, Library, NewRun, NextCharacters, Reopen, Settled,
    Stored,
};
use std::time::Duration;

const THREE: &str = "name,description\nAda,bakes\nBo,rows\nCy,sings";

/// The names of what is claimed when all that is pending is asked for.
async fn names<L: Ledger>(run: &L) -> Vec<String> {
    let claimed = claim(run, 100).await;
    claimed.into_iter().map(|it| it.name).collect()
}

/// Pending, running, done, failed.
async fn counts<L: Ledger>(run: &L) -> [u64; 4] {
    let counts = run.counts().await.expect("counts");
    [counts.pending, counts.running, counts.done, counts.failed]
}

async fn characters_are_claimed_once_in_the_order_of_the_sheet<B: Backend>(store: B) {
    let run = begun_on(&store, THREE).await;
    let first = claim_next(&run, next_after(0, 2)).await;
    let found: Vec<&str> = first.claimed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((found, first.is_end), (vec!["Ada", "Bo"], false));
    assert_eq!(first.claimed[1].description, "rows");
    assert_eq!(counts(&run).await, [1, 2, 0, 0]);
    // Another run on the cast gets what is left.
    let other = begun(&store, Reopen::None).await;
    let rest = claim_next(&other, next_after(0, 2)).await;
    let found: Vec<&str> = rest.claimed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((found, rest.is_end), (vec!["Cy"], true));
    assert_eq!(start_again(&other, &first.claimed).await, [None, None]);
    assert_eq!(names(&other).await, [""; 0]);
}

async fn a_look_says_whether_something_is_left_and_claims_nothing<B: Backend>(store: B) {
    let run = begun_on(&store, "name,description\nAda,bakes\nBo,rows").await;
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

async fn no_more_is_claimed_than_can_be_paid<B: Backend>(store: B) {
    let run = begun_on(&store, &format!("{THREE}\nDi,flies")).await;
    let euros = |amount: &str| amount.parse::<Money>().expect("an amount");
    let paying = |left: &str| NextCharacters {
        allowance: Some(Allowance {
            price: Box::new(move |it| euros(if it.name == "Cy" { "3" } else { "1" })),
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
    let rest = (rest.claimed.len(), rest.short, rest.is_end);
    assert_eq!(rest, (2, None, true));
}

async fn a_result_counts_only_under_its_claim<B: Backend>(store: B) {
    let run = begun_on(&store, "name,description\nAda,bakes").await;
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

async fn a_group_settles_starts_again_and_claims<B: Backend>(store: B) {
    let run = begun_on(&store, THREE).await;
    let both = claim(&run, 2).await;
    let back = settlement(&both[1], both[1].claim, Settled::Pending);
    settle(&run, vec![back]).await;
    let group = Group {
        settlements: vec![settlement(&both[0], both[0].claim, Settled::Done)],
        starts: vec![start(both[1].id, both[1].claim)],
        next: Some(next_after(both[1].row, 5)),
        ..Group::default()
    };
    let committed = commit(&run, group).await;
    assert!(matches!(committed.settled[..], [Stored::Take(_)]));
    assert!(matches!(committed.started[..], [Some(_)]));
    assert_eq!(committed.claimed[0].name, "Cy");
    assert_eq!(counts(&run).await, [0, 2, 1, 0]);
}

async fn what_was_in_flight_when_the_process_died_is_pending_again<B: Backend>(store: B) {
    let run = begun_on(&store, THREE).await;
    let two = claim(&run, 2).await;
    settle(&run, vec![settlement(&two[0], two[0].claim, Settled::Done)]).await;
    drop(run);
    let store = store.reopen().await;
    let run = begun(&store, Reopen::None).await;
    assert_eq!(counts(&run).await, [2, 0, 1, 0]);
    assert_eq!(names(&run).await, ["Bo", "Cy"]);
    // The result of the dead process comes too late.
    let late = settlement(&two[1], two[1].claim, Settled::Done);
    assert_eq!(settle(&run, vec![late]).await, [Stored::NotOurs]);
    assert_eq!(counts(&run).await, [0, 2, 1, 0]);
}

async fn an_attempt_of_a_dead_process_is_interrupted_and_may_have_been_charged<B: Backend>(
    store: B,
) {
    let run = begun_on(&store, THREE).await;
    let ada = claim(&run, 1).await.remove(0);
    drop(run);
    let store = store.reopen().await;
    let reader = store.reader().await;
    let attempts = reader.attempts(ada.id).await.expect("attempts");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].outcome, Some(Outcome::Interrupted));
    assert!(attempts[0].ended_at.is_some());
    let cast = reader.one_cast(None).await.expect("a cast");
    assert_eq!((cast.requests, cast.maybe_charged), (1, 1));
}

async fn failed_characters_are_tried_again_only_when_that_is_asked_for<B: Backend>(store: B) {
    imported(&store, &sheet("name,description\nAda,bakes\nBo,rows")).await;
    let run = begun(&store, Reopen::None).await;
    let end = |character: &Character, claim| match character.name.as_str() {
        "Ada" => settlement(character, claim, Settled::Failed),
        _ => settlement(character, claim, Settled::Done),
    };
    sent(&run, end).await;
    assert_eq!(counts(&run).await, [0, 0, 1, 1]);
    let run = begun(&store, Reopen::None).await;
    assert_eq!(names(&run).await, [""; 0]);
    let cast = cast_of(&store).await;
    let editor = store.editor().await;
    for (retried, why) in [(1, "it failed"), (0, "it is pending already")] {
        let again = editor.retry(cast, &Failed::default()).await;
        assert_eq!(again.expect("retried"), retried, "{why}");
    }
    let ada = claim(&run, 9).await.remove(0);
    assert_eq!((ada.name.as_str(), ada.tries), ("Ada", 0));
    settle(&run, vec![end(&ada, ada.claim)]).await;
    let run = begun(&store, Reopen::Failed).await;
    assert_eq!(names(&run).await, ["Ada"]);
}

async fn a_run_may_ask_for_one_more_take_of_what_is_finished<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    finished(&store).await;
    let mut new = new_run(cast_of(&store).await, Reopen::All);
    new.only = Some(vec![find(&store, "Bo").await.0]);
    let run = store.begin(new).await;
    assert_eq!(counts(&run).await, [1, 0, 2, 0]);
    let done = |character: &Character, claim| settlement(character, claim, Settled::Done);
    assert_eq!(sent(&run, done).await, ["Bo"]);
    let (bo, record) = find(&store, "Bo").await;
    let takes = store.reader().await.takes(bo).await.expect("takes");
    assert_eq!((takes.len(), record.take), (2, Some(2)));
}

async fn a_run_on_some_characters_sees_no_others<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let mut new = new_run(cast_of(&store).await, Reopen::None);
    new.only = Some(vec![
        find(&store, "Cy").await.0,
        find(&store, "Ada").await.0,
    ]);
    let run = store.begin(new).await;
    assert_eq!(counts(&run).await, [3, 0, 0, 0], "those of the cast");
    assert_eq!(names(&run).await, ["Ada", "Cy"]);
}

async fn no_more_characters_are_reopened_than_the_run_may_try<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    failed(&store).await;
    let new = NewRun {
        characters_max: Some(2),
        ..new_run(cast_of(&store).await, Reopen::Failed)
    };
    let run = store.begin(new).await;
    assert_eq!(names(&run).await, ["Ada", "Bo"]);
}

async fn the_cells_come_with_a_character_only_if_the_prompt_names_columns<B: Backend>(store: B) {
    imported(&store, &sheet("name,description,city\nAda,bakes,Rome")).await;
    let mut new = new_run(cast_of(&store).await, Reopen::None);
    let run = store.begin(new.clone()).await;
    let ada = claim(&run, 1).await.remove(0);
    assert_eq!(ada.columns, None);
    let back = settlement(&ada, ada.claim, Settled::Pending);
    settle(&run, vec![back]).await;
    // What a run will try again is its own until it ends.
    store.end(run, 0).await;
    new.needs_columns = true;
    let run = store.begin(new).await;
    let columns = claim(&run, 1).await.remove(0).columns.expect("columns");
    let columns: serde_json::Value = serde_json::from_str(&columns).expect("JSON");
    assert_eq!(columns["city"], "Rome");
}

async fn all_that_is_known_of_an_attempt_is_stored<B: Backend>(store: B) {
    let run = begun_on(&store, "name,description\nAda,bakes").await;
    let ada = claim(&run, 1).await.remove(0);
    let mut cut = settlement(&ada, ada.claim, Settled::Pending);
    cut.ending = Ending {
        http_status: Some(200),
        text: "Once upon".into(),
        first_text: Some(Duration::from_millis(120)),
        bytes: 9,
        tokens: Some(Tokens {
            read: 30,
            written: 2,
        }),
        ..Ending::without_text(Outcome::Unknown, "the stream was cut".into())
    };
    settle(&run, vec![cut]).await;
    let attempts = store.reader().await.attempts(ada.id).await;
    let attempt = attempts.expect("attempts").remove(0);
    assert_eq!(
        (attempt.attempt, attempt.outcome),
        (ada.claim.0, Some(Outcome::Unknown))
    );
    assert_eq!(attempt.http_status, Some(200));
    assert_eq!(attempt.error.as_deref(), Some("the stream was cut"));
    assert_eq!(attempt.partial.as_deref(), Some("Once upon"));
    assert_eq!((attempt.first_text_ms, attempt.bytes), (Some(120), Some(9)));
    assert_eq!((attempt.tokens_in, attempt.tokens_out), (Some(30), Some(2)));
    assert!(
        attempt
            .ended_at
            .is_some_and(|ended| ended >= attempt.started_at)
    );
}

async fn a_request_that_was_not_sent_is_no_request<B: Backend>(store: B) {
    let run = begun_on(&store, "name,description\nAda,bakes").await;
    let unsent = |character: &Character, claim| {
        let mut unsent = settlement(character, claim, Settled::Pending);
        unsent.ending = Ending::without_text(Outcome::NotSent, "refused".into());
        unsent
    };
    sent(&run, unsent).await;
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!((cast.requests, cast.maybe_charged), (0, 0));
    assert_eq!(find(&store, "Ada").await.1.requests, 0);
}

async fn a_story_remembers_what_it_was_made_by<B: Backend>(store: B) {
    let run = begun_on(&store, "name,description\nAda,bakes").await;
    let with_thoughts = |character: &Character, claim| {
        let mut done = settlement(character, claim, Settled::Done);
        done.ending.thoughts = "Hmm.".into();
        done
    };
    sent(&run, with_thoughts).await;
    let (ada, record) = find(&store, "Ada").await;
    assert_eq!(record.backstory.as_deref(), Some("Story 1 of Ada."));
    assert_eq!((record.words, record.requests), (Some(4), 1));
    let reader = store.reader().await;
    let take = reader.takes(ada).await.expect("takes").remove(0);
    assert_eq!((take.take, take.current), (1, true));
    assert_eq!(take.provider, recipe().provider.word());
    assert_eq!(take.endpoint.as_deref(), Some("http://127.0.0.1:8787"));
    let attempt = reader.attempts(ada).await.expect("attempts").remove(0);
    assert_eq!(attempt.partial.as_deref(), Some("Hmm."), "its thoughts");
}

async fn an_empty_group_changes_nothing<B: Backend>(store: B) {
    let run = begun_on(&store, THREE).await;
    let committed = commit(&run, Group::default()).await;
    assert!(committed.settled.is_empty() && committed.started.is_empty());
    assert_eq!(counts(&run).await, [3, 0, 0, 0]);
}

each_store!(
    characters_are_claimed_once_in_the_order_of_the_sheet,
    a_look_says_whether_something_is_left_and_claims_nothing,
    no_more_is_claimed_than_can_be_paid,
    a_result_counts_only_under_its_claim,
    a_group_settles_starts_again_and_claims,
    what_was_in_flight_when_the_process_died_is_pending_again,
    an_attempt_of_a_dead_process_is_interrupted_and_may_have_been_charged,
    failed_characters_are_tried_again_only_when_that_is_asked_for,
    a_run_may_ask_for_one_more_take_of_what_is_finished,
    a_run_on_some_characters_sees_no_others,
    no_more_characters_are_reopened_than_the_run_may_try,
    the_cells_come_with_a_character_only_if_the_prompt_names_columns,
    all_that_is_known_of_an_attempt_is_stored,
    a_request_that_was_not_sent_is_no_request,
    a_story_remembers_what_it_was_made_by,
    an_empty_group_changes_nothing,
);
