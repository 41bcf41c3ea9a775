//! What the user changes: picked takes, takes by hand, retries, the name of a cast.

use super::backend::Backend;
use super::given::{
    begun, begun_on, cast_of, failed, find, finished, imported, run_on, sent, settle, settlement,
    sheet, story,
};
use crate::store::claims::claim;
use backstory::facade::domain::character::{Character, CharacterId, TakeNumber};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::status::Status;
use backstory::facade::store::{Changes, Failed, Library, Reopen, Settled, StoreError};

const TWO: &str = "name,description\nAda,bakes\nBo,rows";

/// One more take for every character, in a run of its own.
async fn again<B: Backend>(store: &B) {
    let run = begun(store, Reopen::All).await;
    let done = |character: &Character, claim| settlement(character, claim, Settled::Done);
    sent(&run, done).await;
    store.end(run, 0).await;
}

async fn pick<B: Backend>(store: &B, id: CharacterId, take: Option<i64>) -> Option<i64> {
    let editor = store.editor().await;
    let picked = editor.pick(id, take.map(TakeNumber)).await;
    picked.expect("picked").map(|take| take.0)
}

async fn write<B: Backend>(store: &B, id: CharacterId, text: &str) -> i64 {
    let written = store
        .editor()
        .await
        .write_by_hand(id, text, Flags::default())
        .await;
    written.expect("written").0
}

async fn is_picked<B: Backend>(store: &B, id: CharacterId) -> bool {
    let picked = store.reader().await.picked(&[id]).await;
    picked.expect("read") == 1
}

async fn a_picked_take_is_current_and_stays_so<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    again(&store).await;
    let ada = find(&store, "Ada").await.0;
    assert!(!is_picked(&store, ada).await);
    assert_eq!(pick(&store, ada, Some(1)).await, Some(1));
    assert!(is_picked(&store, ada).await);
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("Story 1 of Ada.")
    );
    again(&store).await;
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("Story 1 of Ada.")
    );
    let takes = store.reader().await.takes(ada).await.expect("takes");
    assert_eq!(takes.len(), 3, "the new one is kept");
}

async fn without_a_pick_the_newest_take_is_current_again<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    again(&store).await;
    let ada = find(&store, "Ada").await.0;
    pick(&store, ada, Some(1)).await;
    assert_eq!(pick(&store, ada, None).await, Some(2));
    assert!(!is_picked(&store, ada).await);
    again(&store).await;
    assert_eq!(find(&store, "Ada").await.1.take, Some(3));
}

async fn a_take_that_does_not_exist_cannot_be_picked<B: Backend>(store: B) {
    imported(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    for take in [None, Some(1), Some(0), Some(-1)] {
        assert_eq!(pick(&store, ada, take).await, None, "{take:?}");
    }
    assert_eq!(find(&store, "Ada").await.1.status, Status::Pending);
    finished(&store).await;
    assert_eq!(pick(&store, ada, Some(2)).await, None);
    assert_eq!(find(&store, "Ada").await.1.take, Some(1));
}

async fn a_pick_finishes_a_character_and_its_removal_does_not<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let edited = sheet(&TWO.replace("bakes", "cooks"));
    imported(&store, &edited).await;
    let ada = find(&store, "Ada").await.0;
    assert_eq!(pick(&store, ada, None).await, Some(1));
    assert_eq!(find(&store, "Ada").await.1.status, Status::Pending);
    pick(&store, ada, Some(1)).await;
    let record = find(&store, "Ada").await.1;
    assert_eq!(
        (record.status, record.flags.words()),
        (Status::Done, vec!["stale"])
    );
    assert_eq!(finished(&store).await, [""; 0]);
}

async fn a_pick_of_a_failed_character_forgets_the_failure<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    imported(&store, &sheet(&TWO.replace("bakes", "cooks"))).await;
    failed(&store).await;
    let (ada, record) = find(&store, "Ada").await;
    assert_eq!(
        (record.status, record.error.is_some()),
        (Status::Failed, true)
    );
    pick(&store, ada, Some(1)).await;
    let record = find(&store, "Ada").await.1;
    assert_eq!(
        (record.status, record.error_kind, record.error),
        (Status::Done, None, None)
    );
}

async fn a_pick_survives_an_edit_that_is_undone<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    write(&store, ada, "A rejected draft.").await;
    pick(&store, ada, Some(1)).await;
    let typo = sheet(&TWO.replace("bakes", "bakkes"));
    assert_eq!(run_on(&store, &typo).await, ["Ada"]);
    assert_eq!(find(&store, "Ada").await.1.take, Some(3));
    assert_eq!(run_on(&store, &sheet(TWO)).await, [""; 0]);
    assert_eq!(find(&store, "Ada").await.1.take, Some(1));
    again(&store).await;
    assert_eq!(
        find(&store, "Ada").await.1.take,
        Some(1),
        "it is picked as before"
    );
}

async fn a_pick_that_was_removed_does_not_come_back<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    write(&store, ada, "The better draft.").await;
    let edited = sheet(&TWO.replace("bakes", "cooks"));
    run_on(&store, &edited).await;
    // Made from the row as it was before, and given up while the row says something else.
    pick(&store, ada, Some(1)).await;
    pick(&store, ada, None).await;
    run_on(&store, &sheet(TWO)).await;
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("The better draft.")
    );
}

async fn a_take_by_hand_is_stored_unchanged_and_counts<B: Backend>(store: B) {
    imported(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    let text = " Mine,\r\nall \u{1b}of it ";
    assert_eq!(write(&store, ada, text).await, 1);
    let record = find(&store, "Ada").await.1;
    assert_eq!((record.status, record.take), (Status::Done, Some(1)));
    assert_eq!(
        (record.backstory.as_deref(), record.words),
        (Some(text), Some(4))
    );
    assert_eq!(
        (record.provider.as_deref(), record.requests),
        (Some("hand"), 0)
    );
    assert_eq!(record.flags.words(), ["abrupt"]);
    assert_eq!(finished(&store).await, ["Bo"]);
}

async fn a_take_by_hand_gives_way_to_a_newer_one<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    assert_eq!(write(&store, ada, "Mine.").await, 2);
    assert_eq!(story(&store, "Ada").await.as_deref(), Some("Mine."));
    again(&store).await;
    assert_eq!(find(&store, "Ada").await.1.take, Some(3));
}

async fn a_request_in_flight_does_not_replace_what_the_user_chose<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let run = begun(&store, Reopen::All).await;
    let both = claim(&run, 2).await;
    write(&store, both[0].id, "Mine.").await;
    pick(&store, both[1].id, Some(1)).await;
    assert_eq!(find(&store, "Ada").await.1.status, Status::Running);
    let done = |it: &Character| settlement(it, it.claim, Settled::Done);
    settle(&run, both.iter().map(done).collect()).await;
    for (name, take, takes) in [("Ada", 2, 3), ("Bo", 1, 2)] {
        let (id, record) = find(&store, name).await;
        assert_eq!(
            (record.take, record.status),
            (Some(take), Status::Done),
            "{name}"
        );
        let all = store.reader().await.takes(id).await.expect("takes");
        assert_eq!(all.len(), takes, "{name}");
    }
}

async fn a_character_that_gets_a_story_while_its_request_is_in_flight_is_not_sent_again<
    B: Backend,
>(
    store: B,
) {
    let run = begun_on(&store, TWO).await;
    let both = claim(&run, 2).await;
    for it in &both {
        write(&store, it.id, "Mine.").await;
    }
    let ended = [(&both[0], Settled::Pending), (&both[1], Settled::Failed)];
    let ended = ended.map(|(it, state)| settlement(it, it.claim, state));
    settle(&run, ended.to_vec()).await;
    store.end(run, 0).await;
    for name in ["Ada", "Bo"] {
        let record = find(&store, name).await.1;
        assert_eq!(
            (record.status, record.error),
            (Status::Done, None),
            "{name}"
        );
    }
    assert_eq!(finished(&store).await, [""; 0]);
}

async fn a_character_that_was_picked_for_while_its_request_was_in_flight_is_done_after_a_kill<
    B: Backend,
>(
    store: B,
) {
    run_on(&store, &sheet(TWO)).await;
    let run = begun(&store, Reopen::All).await;
    let both = claim(&run, 2).await;
    pick(&store, both[0].id, Some(1)).await;
    drop(run);
    let store = store.reopen().await;
    assert_eq!(find(&store, "Ada").await.1.status, Status::Done);
    assert_eq!(finished(&store).await, ["Bo"]);
    again(&store).await;
    let takes = store.reader().await.takes(both[0].id).await;
    assert_eq!(takes.expect("takes").len(), 2, "asked for once more");
}

async fn new_keys_take_the_current_stories_along<B: Backend>(store: B) {
    run_on(
        &store,
        &sheet("id,name,description\n1,Ada,bakes\n2,Bo,rows"),
    )
    .await;
    write(&store, find(&store, "Ada").await.0, "My Ada.").await;
    write(&store, find(&store, "Bo").await.0, "My Bo.").await;
    let renumbered = sheet("id,name,description\n1,Zed,sails\n2,Ada,bakes\n3,Bo,rows");
    assert_eq!(run_on(&store, &renumbered).await, ["Zed"]);
    assert_eq!(story(&store, "Ada").await.as_deref(), Some("My Ada."));
    assert_eq!(story(&store, "Bo").await.as_deref(), Some("My Bo."));
}

async fn a_new_key_takes_along_the_newest_story_that_fits_the_row<B: Backend>(store: B) {
    let text = "id,name,description\n1,Ada,bakes";
    run_on(&store, &sheet(text)).await;
    write(&store, find(&store, "Ada").await.0, "The better draft.").await;
    run_on(&store, &sheet(&text.replace("bakes", "cooks"))).await;
    let renumbered = sheet("id,name,description\n1,Zed,sails\n2,Ada,bakes");
    assert_eq!(run_on(&store, &renumbered).await, ["Zed"]);
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("The better draft.")
    );
}

async fn a_character_that_returns_under_another_key_has_its_current_story<B: Backend>(store: B) {
    run_on(
        &store,
        &sheet("id,name,description\n1,Ada,bakes\n2,Bo,rows"),
    )
    .await;
    write(&store, find(&store, "Ada").await.0, "My Ada.").await;
    run_on(&store, &sheet("id,name,description\n2,Bo,rows")).await;
    let back = sheet("id,name,description\n2,Bo,rows\n7,Ada,bakes");
    assert_eq!(run_on(&store, &back).await, [""; 0]);
    let reader = store.reader().await;
    let found = reader.find("cast", "7", false).await.expect("read");
    assert_eq!(found[0].1.backstory.as_deref(), Some("My Ada."));
}

/// Ada was refused, Bo was cut, Cy brought nothing.
async fn three_failed<B: Backend>(store: &B) {
    let three = format!("{TWO}\nCy,sings");
    imported(store, &sheet(&three)).await;
    let run = begun(store, Reopen::None).await;
    let end = |character: &Character, claim| {
        let mut failed = settlement(character, claim, Settled::Failed);
        let (outcome, error) = match character.name.as_str() {
            "Ada" => (Outcome::RefusedRow, "422: Too Long"),
            "Bo" => (Outcome::Unknown, "cut"),
            _ => (Outcome::BadText, "no text"),
        };
        failed.ending = Ending::without_text(outcome, error.into());
        failed
    };
    sent(&run, end).await;
    store.end(run, 1).await;
}

async fn failures_are_retried_by_class_message_and_name<B: Backend>(store: B) {
    let failed = |cause: Option<&str>, name: Option<&str>| Failed {
        cause: cause.map(str::to_owned),
        name: name.map(str::to_owned),
    };
    three_failed(&store).await;
    let cast = cast_of(&store).await;
    let editor = store.editor().await;
    for (which, many) in [
        (failed(Some("refused"), None), 0),
        (failed(Some("unknown"), Some("ada")), 0),
        (failed(Some("too long"), None), 1),
        (failed(Some("unknown"), Some("BO")), 1),
        (failed(None, None), 1),
        (failed(None, None), 0),
    ] {
        let retried = editor.retry(cast, &which).await;
        assert_eq!(retried.expect("retried"), many, "{which:?}");
    }
    let cy = find(&store, "Cy").await.1;
    assert_eq!(
        (cy.status, cy.error_kind, cy.error),
        (Status::Pending, None, None)
    );
    assert_eq!(finished(&store).await, ["Ada", "Bo", "Cy"]);
}

async fn only_failures_of_this_cast_and_sheet_are_retried<B: Backend>(store: B) {
    three_failed(&store).await;
    imported(&store, &sheet(TWO)).await;
    imported(&store, &sheet(TWO).of_cast("other")).await;
    let reader = store.reader().await;
    let other = reader.one_cast(Some("other")).await.expect("a cast").id;
    let editor = store.editor().await;
    for (cast, many) in [(other, 0), (cast_of(&store).await, 2)] {
        let retried = editor.retry(cast, &Failed::default()).await;
        assert_eq!(retried.expect("retried"), many);
    }
    assert_eq!(
        find(&store, "Cy").await.1.status,
        Status::Failed,
        "it is gone"
    );
}

async fn a_cast_is_renamed_with_all_that_it_has<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let cast = cast_of(&store).await;
    store
        .editor()
        .await
        .rename(cast, "neu")
        .await
        .expect("renamed");
    let reader = store.reader().await;
    assert_eq!(reader.cast_name(cast).await.expect("a name"), "neu");
    let renamed = reader.one_cast(None).await.expect("a cast");
    assert_eq!(
        (renamed.id, renamed.cast_name.as_str(), renamed.done),
        (cast, "neu", 2)
    );
    assert_eq!(
        reader.find("neu", "Ada", false).await.expect("read").len(),
        1
    );
}

async fn a_name_that_another_cast_has_is_refused<B: Backend>(store: B) {
    imported(&store, &sheet(TWO)).await;
    imported(&store, &sheet(TWO).of_cast("other")).await;
    let cast = cast_of(&store).await;
    let editor = store.editor().await;
    let refused = editor.rename(cast, "other").await;
    assert!(
        matches!(&refused, Err(StoreError::CastExists { cast, .. }) if cast == "other"),
        "{refused:?}"
    );
    let name = store.reader().await.cast_name(cast).await;
    assert_eq!(name.expect("a name"), "cast");
    editor
        .rename(cast, "cast")
        .await
        .expect("its own name is no other cast's");
}

each_store!(
    a_picked_take_is_current_and_stays_so,
    without_a_pick_the_newest_take_is_current_again,
    a_take_that_does_not_exist_cannot_be_picked,
    a_pick_finishes_a_character_and_its_removal_does_not,
    a_pick_of_a_failed_character_forgets_the_failure,
    a_pick_survives_an_edit_that_is_undone,
    a_pick_that_was_removed_does_not_come_back,
    a_take_by_hand_is_stored_unchanged_and_counts,
    a_take_by_hand_gives_way_to_a_newer_one,
    a_request_in_flight_does_not_replace_what_the_user_chose,
    a_character_that_gets_a_story_while_its_request_is_in_flight_is_not_sent_again,
    a_character_that_was_picked_for_while_its_request_was_in_flight_is_done_after_a_kill,
    new_keys_take_the_current_stories_along,
    a_new_key_takes_along_the_newest_story_that_fits_the_row,
    a_character_that_returns_under_another_key_has_its_current_story,
    failures_are_retried_by_class_message_and_name,
    only_failures_of_this_cast_and_sheet_are_retried,
    a_cast_is_renamed_with_all_that_it_has,
    a_name_that_another_cast_has_is_refused,
);
