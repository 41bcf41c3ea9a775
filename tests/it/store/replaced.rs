//! A database file that is removed or replaced while a process has it open: that process writes nothing more, and damages no
//! file that is at the path now.

use crate::fake::{Answer, Fake};
use crate::harness::Folder;
use backstory::facade::domain::character::{CastId, CharacterId, TakeNumber};
use backstory::facade::domain::flag::{Flag, Flags};
use backstory::facade::store::{
    Changes, Editor, Failed, Holder, Library, Location, Reviewed, ReviewedTake, Search, StoreError,
};

/// What becomes of the file that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Another database is moved to its path.
    Replaced,
    /// It is moved away, and another database takes its path.
    Swapped,
    /// It is deleted.
    Removed,
}

/// What a process does with the old file.
#[derive(Debug, Clone, Copy)]
enum Act {
    Pick,
    Unpick,
    Write,
    Retry,
    Rename,
    Index,
    Review,
    Dismiss,
    WriteAgain,
    Copy,
    Forget,
}

const ACTS: [Act; 11] = [
    Act::Pick,
    Act::Unpick,
    Act::Write,
    Act::Retry,
    Act::Rename,
    Act::Index,
    Act::Review,
    Act::Dismiss,
    Act::WriteAgain,
    Act::Copy,
    Act::Forget,
];

/// A folder with a database of two finished characters and a failed one. `other.db` and `third.db` are databases
/// of one character.
fn folder() -> Folder {
    let folder = Folder::with_sheet("name,description\nAda,bakes\nBo,rows\nCy,sails\n");
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Cy" => Answer::status(400, "", r#"{"ERROR":"not this one"}"#),
        name => Answer::story(&format!("{name} went home.")),
    });
    let ran = folder.generate(&fake, "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let other = Folder::with_sheet("name,description\nEve,dives\n");
    assert_eq!(other.generate(&fake, "").code, 0);
    let renamed = other.run("casts rename cast divers");
    assert_eq!(renamed.code, 0, "{}", renamed.err);
    for copy in ["other.db", "third.db"] {
        std::fs::copy(other.path("backstory.db"), folder.path(copy)).expect("a copy");
    }
    folder
}

fn befall(folder: &Folder, fate: Fate) {
    let (db, other) = (folder.path("backstory.db"), folder.path("other.db"));
    match fate {
        Fate::Replaced => std::fs::rename(other, db),
        Fate::Swapped => {
            std::fs::rename(&db, folder.path("old.db")).expect("moved away");
            std::fs::rename(other, db)
        }
        Fate::Removed => std::fs::remove_file(db),
    }
    .expect("it was there");
}

async fn act(db: &Editor, act: Act) -> Result<(), StoreError> {
    let ada = CharacterId(1);
    match act {
        Act::Pick => db.pick(ada, Some(TakeNumber(1))).await.map(drop),
        Act::Unpick => db.pick(ada, None).await.map(drop),
        Act::Write => db
            .write_by_hand(ada, "By hand.", Flags::default())
            .await
            .map(drop),
        Act::Retry => db.retry(CastId(1), &Failed::default()).await.map(drop),
        Act::Rename => db.rename(CastId(1), "new").await,
        Act::Index => db.index(|_| std::ops::ControlFlow::Continue(())).await,
        Act::Review => {
            let flagged = ReviewedTake {
                id: ada,
                take: TakeNumber(1),
                own: Flags::default().with(Flag::Loop),
                review: Flags::default(),
            };
            let reviewed = Reviewed {
                takes: vec![flagged],
                ..Reviewed::default()
            };
            db.store_review(CastId(1), &reviewed).await
        }
        Act::Dismiss => db.dismiss(&[ada], Flag::Loop).await.map(drop),
        Act::WriteAgain => db.write_again(&[ada]).await.map(drop),
        Act::Copy | Act::Forget => unreachable!("they need the lock"),
    }
}

/// What needs the lock: to delete a cast, or to store the copy of one from `third.db`.
async fn act_with_lock(db: &Holder, folder: &Folder, act: Act) -> Result<(), StoreError> {
    if matches!(act, Act::Forget) {
        return db.forget(CastId(1)).await;
    }
    let source = Location::File(folder.path("third.db"));
    let source = source.open().await.expect("a database");
    let copying = source.copying(CastId(1)).await.expect("a cast");
    let copied = copying.store_into(db).await.map(drop);
    source.close().await;
    copied
}

#[tokio::test]
async fn nothing_is_written_into_a_file_that_was_removed_or_replaced() {
    for fate in [Fate::Replaced, Fate::Swapped, Fate::Removed] {
        for deed in ACTS {
            let folder = folder();
            let db = Location::File(folder.path("backstory.db"));
            let before = std::fs::read(folder.path("other.db")).expect("a file");
            let needs_lock = matches!(deed, Act::Copy | Act::Forget);
            let refused = if needs_lock {
                let holder = db.open().await.expect("a database");
                befall(&folder, fate);
                let refused = act_with_lock(&holder, &folder, deed).await;
                holder.close().await;
                refused
            } else {
                let editor = db.open_to_change().await.expect("a database");
                // What was written before must not reach the new file either.
                let written = editor
                    .write_by_hand(CharacterId(2), "Before.", Flags::default())
                    .await;
                assert_eq!(written.expect("written"), TakeNumber(2));
                befall(&folder, fate);
                let refused = act(&editor, deed).await;
                editor.close().await;
                refused
            };
            let what = format!("{deed:?} in a file that was {fate:?}");
            assert!(
                matches!(refused, Err(StoreError::Replaced { .. })),
                "{what}: {refused:?}"
            );
            if fate == Fate::Removed {
                assert!(!folder.path("backstory.db").exists(), "{what}");
                continue;
            }
            let after = std::fs::read(folder.path("backstory.db")).expect("a file");
            assert!(before == after, "{what}: the new file was changed");
            let ran = folder.run("list");
            assert_eq!(ran.code, 0, "{what}: {}", ran.err);
            assert!(ran.out.contains("Eve"), "{what}: {}", ran.out);
            if fate == Fate::Swapped && !needs_lock {
                let ran = folder.run("show Bo --db old.db");
                assert!(ran.out.contains("Before."), "{what}: {}", ran.out);
                assert!(!ran.out.contains("By hand."), "{what}: {}", ran.out);
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_took_the_place_of_a_new_database_is_not_removed_with_it() {
    let folder = folder();
    let before = std::fs::read(folder.path("other.db")).expect("a file");
    let new = folder.path("new.db");
    let holder = Location::File(new.clone()).open().await;
    let holder = holder.expect("a new database");
    std::fs::rename(folder.path("other.db"), &new).expect("it was there");
    holder.discard().await;
    assert!(std::fs::read(&new).expect("still there") == before);
}

#[tokio::test]
async fn a_reader_knows_whether_its_file_is_still_there() {
    let folder = folder();
    let db = Location::File(folder.path("backstory.db"));
    let reader = db.open_to_read().await.expect("a database");
    assert!(reader.is_there());
    // Overwritten in place, it is the same file.
    std::fs::copy(folder.path("other.db"), folder.path("backstory.db")).expect("a copy");
    assert!(reader.is_there());
    befall(&folder, Fate::Replaced);
    assert!(!reader.is_there());
    assert!(reader.casts().await.is_ok(), "what was opened can be read");
}
