//! A worker that is cut off from the database.

use super::{all_done, all_is_whole, database, holding_first, surplus, worker};
use crate::harness::proxy::Proxy;
use crate::harness::{Folder, finished, signal, wait_for};
use rustix::process::Signal;

/// The rescue files in a folder.
fn rescue_files(folder: &Folder) -> usize {
    let files = folder.files();
    files
        .iter()
        .filter(|it| it.ends_with(".rescue.jsonl"))
        .count()
}

#[test]
fn a_worker_that_is_cut_off_ends_with_its_stories_in_a_file_that_the_next_run_imports() {
    for others_come_first in [false, true] {
        let rows = 500;
        let Some(database) = database(rows) else {
            return;
        };
        let Some(proxy) = Proxy::to(&database) else {
            return;
        };
        let (fake, come, release) = holding_first(3);
        let (folder, elsewhere) = (Folder::new(), Folder::new());
        let switches = "--concurrency 3 --patience 1s";
        let cut_off = worker(&folder, &proxy.url(), &fake, switches);
        come.wait(3);
        proxy.refuse(true);
        release.on();
        let ran = finished(cut_off);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert_eq!(rescue_files(&folder), 1, "{}", ran.err);
        let next = if others_come_first {
            let others = (0..3).map(|_| worker(&elsewhere, &database.url, &fake, ""));
            all_done(others.collect());
            vec![worker(&folder, &database.url, &fake, "")]
        } else {
            let next = (0..4).map(|_| worker(&folder, &database.url, &fake, ""));
            next.collect()
        };
        all_done(next);
        assert_eq!(rescue_files(&folder), 0);
        database.execute(&all_is_whole(rows));
        let twice = if others_come_first { 3 } else { 0 };
        assert_eq!(surplus(&fake), twice);
        database.execute(&format!(
            "DO $$ BEGIN
                 ASSERT (SELECT count(*) FROM backstory.takes) = {};
                 ASSERT (SELECT maybe_charged FROM backstory.z_cast_counts) = 0;
             END $$",
            rows + twice
        ));
    }
}

#[test]
fn a_user_who_asks_twice_to_stop_does_not_wait_for_the_database() {
    let Some(database) = database(50) else { return };
    let Some(proxy) = Proxy::to(&database) else {
        return;
    };
    let (fake, come, release) = holding_first(3);
    let folder = Folder::new();
    let switches = "--concurrency 3 --progress plain";
    let mut stopped = worker(&folder, &proxy.url(), &fake, switches);
    come.wait(3);
    proxy.refuse(true);
    signal(&stopped, Signal::INT);
    wait_for(&mut stopped, "stopping");
    signal(&stopped, Signal::INT);
    let ran = finished(stopped);
    assert_eq!(ran.code, 3, "{}", ran.err);
    release.on();
    assert_eq!(rescue_files(&folder), 1, "{}", ran.err);
}
