//! A server that crashes and comes back, and connections that are lost at the worst moment.

use super::{all_done, all_is_whole, counting, database, fill, surplus, worker};
use crate::harness::Folder;
use crate::harness::postgres::Own;
use crate::harness::proxy::Proxy;

const WORKERS: usize = 4;

#[test]
fn a_server_that_crashes_again_and_again_costs_no_request() {
    let rows = 2_000;
    let Some(server) = Own::start() else { return };
    fill(&server.url(), rows, |sql| server.execute(sql));
    let (fake, come) = counting();
    let folder = Folder::new();
    let workers = (0..WORKERS).map(|_| worker(&folder, &server.url(), &fake, ""));
    let workers: Vec<_> = workers.collect();
    for crash in 1..=4 {
        come.wait(crash * rows / 6);
        server.crash();
    }
    all_done(workers);
    server.execute(&all_is_whole(rows));
    assert_eq!(surplus(&fake), 0, "none was paid twice");
}

#[test]
fn connections_that_are_lost_at_a_commit_lose_no_claim_and_settle_nothing_twice() {
    let rows = 1_000;
    let Some(database) = database(rows) else {
        return;
    };
    let proxies: Vec<_> = (0..WORKERS).filter_map(|_| Proxy::to(&database)).collect();
    if proxies.is_empty() {
        return;
    }
    let (fake, come) = counting();
    let folder = Folder::new();
    let workers = proxies.iter();
    let workers = workers.map(|proxy| worker(&folder, &proxy.url(), &fake, ""));
    let workers: Vec<_> = workers.collect();
    for cut in 1..=40 {
        come.wait(cut * rows / 50);
        proxies[cut % WORKERS].cut_at_commit(cut % 3 != 0);
    }
    all_done(workers);
    database.execute(&all_is_whole(rows));
    let cuts: usize = proxies.iter().map(Proxy::cuts).sum();
    assert!(cuts > 20, "{cuts}");
    assert_eq!(surplus(&fake), 0, "none was paid twice");
    database.execute(
        "DO $$ BEGIN
             ASSERT (SELECT count(*) FROM backstory.takes) = 1000;
             ASSERT NOT EXISTS (SELECT FROM backstory.attempts WHERE outcome = 'interrupted'), 'no claim was forgotten';
         END $$",
    );
}
