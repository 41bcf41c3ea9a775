//! What a review reads and stores, what the user dismisses of it, and which stories are to be written again.

use super::backend::Backend;
use super::given::{begun, cast_of, find, finished, imported, run_on, sent, settlement, sheet};
use backstory::facade::domain::character::{Character, CharacterId, TakeNumber};
use backstory::facade::domain::flag::{Flag, Flags, TakeFlags};
use backstory::facade::domain::status::Status;
use backstory::facade::store::{
    AlikePair, Changes, Filter, Library, Reopen, Reviewed, ReviewedTake, Settled, StoreError,
    StoryRecord,
};

const TWO: &str = "name,description\nAda,bakes\nBo,rows";

fn set(flags: &[Flag]) -> Flags {
    flags.iter().copied().fold(Flags::default(), Flags::with)
}

/// The flags of a take.
fn take_of(id: CharacterId, take: i64, own: &[Flag], review: &[Flag]) -> ReviewedTake {
    ReviewedTake {
        id,
        take: TakeNumber(take),
        own: set(own),
        review: set(review),
    }
}

async fn review<B: Backend>(store: &B, takes: Vec<ReviewedTake>) {
    let reviewed = Reviewed {
        takes,
        alike: Vec::new(),
    };
    let cast = cast_of(store).await;
    let stored = store.editor().await.store_review(cast, &reviewed).await;
    stored.expect("stored");
}

async fn dismiss<B: Backend>(store: &B, id: CharacterId, flag: Flag) -> u64 {
    let dismissed = store.editor().await.dismiss(&[id], flag).await;
    dismissed.expect("dismissed")
}

async fn stories<B: Backend>(store: &B) -> Vec<StoryRecord> {
    let cast = cast_of(store).await;
    let mut stories = Vec::new();
    let each = |story| {
        stories.push(story);
        Ok::<_, StoreError>(())
    };
    let read = store.reader().await.each_story(cast, each).await;
    read.expect("read");
    stories
}

async fn flags<B: Backend>(store: &B, name: &str) -> Vec<&'static str> {
    find(store, name).await.1.flags.words()
}

/// How many characters of the cast have a flag.
async fn flagged<B: Backend>(store: &B) -> u64 {
    let cast = store.reader().await.one_cast(Some("cast")).await;
    cast.expect("a cast").flagged
}

/// The characters with this flag.
async fn with<B: Backend>(store: &B, flag: Flag) -> Vec<CharacterId> {
    let filter = Filter {
        flag: Some(flag),
        ..Filter::default()
    };
    store.reader().await.ids(&filter).await.expect("read")
}

/// One more take for every character, in a run of its own.
async fn again<B: Backend>(store: &B) {
    let run = begun(store, Reopen::All).await;
    let done = |character: &Character, claim| settlement(character, claim, Settled::Done);
    sent(&run, done).await;
    store.end(run, 0).await;
}

async fn flags_of_words_are_stored_with_the_take<B: Backend>(store: B) {
    imported(&store, &sheet(TWO)).await;
    let run = begun(&store, Reopen::None).await;
    let judged = |character: &Character, claim| {
        let mut done = settlement(character, claim, Settled::Done);
        if character.name == "Ada" {
            done.ending.flags = set(&[Flag::Unnamed, Flag::Loop, Flag::Unproven]);
        }
        done
    };
    sent(&run, judged).await;
    store.end(run, 0).await;
    let (ada, record) = find(&store, "Ada").await;
    assert_eq!(record.flags.words(), ["unproven", "unnamed", "loop"]);
    let takes = store.reader().await.takes(ada).await.expect("takes");
    assert_eq!(takes[0].flags, record.flags);
    assert_eq!(with(&store, Flag::Unnamed).await, [ada]);
    assert_eq!(with(&store, Flag::Alike).await, []);
    assert_eq!(flagged(&store).await, 1);
}

async fn flags_of_words_come_with_a_story_of_the_user<B: Backend>(store: B) {
    let mut given = sheet("name,description,story\nAda,bakes,\nBo,rows,Bo rows and");
    given.rows[1].have_flags = set(&[Flag::Placeholder]);
    imported(&store, &given).await;
    let ada = find(&store, "Ada").await.0;
    let written = store.editor().await;
    let written = written.write_by_hand(ada, "She bakes.", set(&[Flag::Unnamed]));
    written.await.expect("written");
    assert_eq!(flags(&store, "Ada").await, ["unnamed"]);
    assert_eq!(flags(&store, "Bo").await, ["abrupt", "placeholder"]);
}

async fn a_review_replaces_what_the_review_before_found<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let (ada, bo) = (find(&store, "Ada").await.0, find(&store, "Bo").await.0);
    let first = vec![
        take_of(ada, 1, &[Flag::Echo], &[Flag::Alike, Flag::OddLength]),
        take_of(bo, 1, &[], &[Flag::Alike]),
    ];
    review(&store, first).await;
    assert_eq!(flags(&store, "Ada").await, ["echo", "odd_length", "alike"]);
    assert_eq!(with(&store, Flag::Alike).await, [ada, bo]);
    assert_eq!(flagged(&store).await, 2);
    let found = stories(&store).await;
    let expected = TakeFlags {
        own: set(&[Flag::Echo]),
        review: set(&[Flag::Alike, Flag::OddLength]),
        ..TakeFlags::default()
    };
    assert_eq!(found[0].flags, expected);
    assert_eq!((found[1].id, found[1].take), (bo, TakeNumber(1)));
    let second = vec![
        take_of(ada, 1, &[], &[Flag::SameOpening]),
        take_of(bo, 1, &[], &[]),
    ];
    review(&store, second).await;
    assert_eq!(flags(&store, "Ada").await, ["same_opening"]);
    assert_eq!(flags(&store, "Bo").await, [""; 0]);
    assert_eq!(flagged(&store).await, 1);
}

async fn what_a_review_found_belongs_to_the_take<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    review(&store, vec![take_of(ada, 1, &[Flag::Echo], &[Flag::Alike])]).await;
    again(&store).await;
    assert_eq!(flags(&store, "Ada").await, [""; 0]);
    assert_eq!(flagged(&store).await, 0);
    let takes = store.reader().await.takes(ada).await.expect("takes");
    assert_eq!(takes[0].flags.words(), ["echo"], "it is not compared now");
    // The next review is about the new take; what was found of the old one is out of date.
    review(&store, Vec::new()).await;
    let picked = store.editor().await.pick(ada, Some(TakeNumber(1))).await;
    assert_eq!(picked.expect("picked"), Some(TakeNumber(1)));
    assert_eq!(flags(&store, "Ada").await, ["echo"]);
}

async fn an_import_keeps_what_a_review_found<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    review(
        &store,
        vec![take_of(ada, 1, &[], &[Flag::Alike, Flag::Echo])],
    )
    .await;
    dismiss(&store, ada, Flag::Echo).await;
    let moved = sheet("name,description,city\nCy,sings,Rome\nBo,rows,Ghent\nAda,bakes,Graz");
    imported(&store, &moved).await;
    assert_eq!(flags(&store, "Ada").await, ["alike"]);
    let edited = sheet(&TWO.replace("bakes", "cooks"));
    imported(&store, &edited).await;
    assert_eq!(flags(&store, "Ada").await, ["stale", "alike"]);
    imported(&store, &sheet(TWO)).await;
    assert_eq!(flags(&store, "Ada").await, ["alike"]);
}

async fn a_dismissed_flag_does_not_come_back_for_that_take<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let ada = find(&store, "Ada").await.0;
    let found = vec![take_of(ada, 1, &[Flag::Unnamed], &[Flag::Alike])];
    review(&store, found.clone()).await;
    assert_eq!(
        dismiss(&store, ada, Flag::Loop).await,
        0,
        "it has no such flag"
    );
    assert_eq!(dismiss(&store, ada, Flag::Unnamed).await, 1);
    assert_eq!(dismiss(&store, ada, Flag::Unnamed).await, 0);
    assert_eq!(flags(&store, "Ada").await, ["alike"]);
    assert_eq!(flagged(&store).await, 1);
    assert_eq!(dismiss(&store, ada, Flag::Alike).await, 1);
    assert_eq!(flagged(&store).await, 0);
    review(&store, found).await;
    assert_eq!(flags(&store, "Ada").await, [""; 0]);
    assert_eq!(
        stories(&store).await[0].flags.dismissed,
        set(&[Flag::Unnamed, Flag::Alike])
    );
    again(&store).await;
    review(&store, vec![take_of(ada, 2, &[Flag::Unnamed], &[])]).await;
    assert_eq!(flags(&store, "Ada").await, ["unnamed"], "of the new take");
    let picked = store.editor().await.pick(ada, Some(TakeNumber(1))).await;
    picked.expect("picked");
    assert_eq!(flags(&store, "Ada").await, [""; 0]);
}

async fn a_dismissed_stale_flag_leaves_the_take_to_be_found_again<B: Backend>(store: B) {
    let edited = sheet(&TWO.replace("bakes", "cooks"));
    run_on(&store, &sheet(TWO)).await;
    imported(&store, &edited).await;
    let ada = find(&store, "Ada").await.0;
    assert_eq!(dismiss(&store, ada, Flag::Stale).await, 1);
    assert_eq!(flags(&store, "Ada").await, [""; 0]);
    assert!(stories(&store).await[0].flags.is_stale);
    let swapped = sheet("name,description\nZed,sails\nAda,cooks\nBo,rows\nAda,bakes");
    imported(&store, &swapped).await;
    let mut left = finished(&store).await;
    left.sort();
    assert_eq!(left, ["Ada", "Zed"], "one Ada has the take");
}

async fn a_story_is_written_again_by_the_run_that_comes_next<B: Backend>(store: B) {
    let three = sheet(&format!("{TWO}\nCy,sings"));
    run_on(&store, &three).await;
    let ids: Vec<CharacterId> = stories(&store).await.iter().map(|it| it.id).collect();
    let run = begun(&store, Reopen::None).await;
    let again = store.editor().await.write_again(&ids[..2]).await;
    assert_eq!(again.expect("marked"), 2);
    let again = store.editor().await.write_again(&ids[..1]).await;
    assert_eq!(again.expect("marked"), 0, "it is pending already");
    let (_, ada) = find(&store, "Ada").await;
    assert_eq!((ada.status, ada.take), (Status::Pending, Some(1)));
    let counts = store
        .reader()
        .await
        .one_cast(Some("cast"))
        .await
        .expect("a cast");
    assert_eq!((counts.done, counts.pending), (1, 2));
    // The live run takes them up.
    let done = |character: &Character, claim| settlement(character, claim, Settled::Done);
    sent(&run, done).await;
    store.end(run, 0).await;
    assert_eq!(find(&store, "Ada").await.1.take, Some(2));
    assert_eq!(find(&store, "Cy").await.1.take, Some(1));
    imported(&store, &sheet(TWO)).await;
    let gone = store.editor().await.write_again(&ids[2..]).await;
    assert_eq!(gone.expect("marked"), 0, "it is gone");
}

async fn pairs_of_alike_stories_are_stored_with_a_review<B: Backend>(store: B) {
    run_on(&store, &sheet(TWO)).await;
    let (ada, bo) = (find(&store, "Ada").await.0, find(&store, "Bo").await.0);
    let reviewed = Reviewed {
        takes: vec![
            take_of(ada, 1, &[], &[Flag::Alike]),
            take_of(bo, 1, &[], &[Flag::Alike]),
        ],
        alike: vec![AlikePair {
            one: (ada, TakeNumber(1)),
            other: (bo, TakeNumber(1)),
            similarity: 0.5,
        }],
    };
    let cast = cast_of(&store).await;
    for _ in 0..2 {
        let stored = store.editor().await.store_review(cast, &reviewed).await;
        stored.expect("stored");
    }
    assert_eq!(with(&store, Flag::Alike).await, [ada, bo]);
    assert_eq!(finished(&store).await, [""; 0]);
}

each_store!(
    flags_of_words_are_stored_with_the_take,
    flags_of_words_come_with_a_story_of_the_user,
    a_review_replaces_what_the_review_before_found,
    what_a_review_found_belongs_to_the_take,
    an_import_keeps_what_a_review_found,
    a_dismissed_flag_does_not_come_back_for_that_take,
    a_dismissed_stale_flag_leaves_the_take_to_be_found_again,
    a_story_is_written_again_by_the_run_that_comes_next,
    pairs_of_alike_stories_are_stored_with_a_review,
);
