//! Several runs on one cast, with one service and key: the limits hold over all of them, and each character is done once.

use super::scripted::{
    Model, RecordedEvents, Script, Scripted, a_story, away, busy, most_in_a_second, ms, now, oops,
    parts, refused, settings,
};
use super::shared_budget::SharedBudget;
use backstory::facade::domain::event::Kind;
use backstory::facade::domain::money::{Budget, Money, Prices};
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::domain::sharing::{Endpoint, Standing, Worker, share};
use backstory::facade::domain::tally::Counts;
use backstory::facade::runner::{Outcomes, Run, Settings, Stop};
use backstory::facade::store::{Committed, Group, Ledger, Part, StoreError};
use futures_util::future::join_all;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// A cast in memory that several runs work on.
struct Shared {
    cast: Model,
    limits: Mutex<(Endpoint, Vec<Worker>)>,
    start: Instant,
}

/// The cast as one run sees it.
struct Seen<'a> {
    shared: &'a Shared,
    who: i64,
}

impl Ledger for Seen<'_> {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        sleep(ms(3)).await;
        let committed = self.shared.cast.commit_as(self.who, group).await?;
        let is_shared = committed.is_end && self.shared.cast.count("running") > 0;
        Ok(Committed {
            is_shared,
            ..committed
        })
    }

    fn shares_limits(&self) -> bool {
        true
    }

    async fn share(&self, standing: Standing) -> Result<Part, StoreError> {
        sleep(ms(2)).await;
        let start = self.shared.start;
        let at = i64::try_from(start.elapsed().as_nanos()).expect("a time");
        let share = {
            let mut limits = self.shared.limits.lock().expect("whole");
            let (endpoint, workers) = &mut *limits;
            let mut others = workers.clone();
            let place = others.iter().position(|worker| worker.who == self.who);
            let mut me = others.remove(place.expect("it has joined"));
            let share = share(endpoint, &mut me, &others, &standing, at);
            others.push(me);
            *workers = others;
            share
        };
        sleep(ms(2)).await;
        let when = |at: &i64| start + Duration::from_nanos(u64::try_from(*at).expect("a time"));
        Ok(Part {
            concurrency: share.concurrency,
            gap: share.gap,
            starts: share.starts.iter().map(when).collect(),
            again: share.again,
            pause: share.pause,
            may_probe: share.may_probe,
            halted: share.halted,
        })
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.shared.cast.counts().await
    }
}

/// Lets `runs` runs work on a cast of `rows` characters, each with these settings.
async fn fleet<F: Fn(&str, usize, Duration) -> Script + Send + Sync>(
    (runs, rows): (i64, i64),
    service: &Scripted<F>,
    settings: &Settings,
) -> (Shared, Vec<(Outcomes, RecordedEvents)>) {
    fleet_on((runs, Model::of(rows)), service, settings).await
}

/// Lets `runs` runs work on this cast, each with these settings.
async fn fleet_on<F: Fn(&str, usize, Duration) -> Script + Send + Sync>(
    (runs, cast): (i64, Model),
    service: &Scripted<F>,
    settings: &Settings,
) -> (Shared, Vec<(Outcomes, RecordedEvents)>) {
    let worker = |who| Worker {
        who,
        ..Worker::default()
    };
    let shared = Shared {
        cast,
        limits: Mutex::new((Endpoint::default(), (1..=runs).map(worker).collect())),
        start: Instant::now(),
    };
    let one = |who| {
        let (shared, settings) = (&shared, settings.clone());
        async move {
            let seen = Seen { shared, who };
            let mut events = RecordedEvents::default();
            let (_sender, signals) = mpsc::unbounded_channel();
            let parts = parts(&seen, service, &mut events, signals);
            let outcomes = Run::new(parts, settings).run().await;
            let mut limits = shared.limits.lock().expect("whole");
            limits.1.retain(|worker| worker.who != who);
            if let Some(budget) = &shared.cast.budget {
                budget.leave(who);
            }
            (outcomes, events)
        }
    };
    let ended = timeout(Duration::from_hours(2), join_all((1..=runs).map(one)));
    let ended = ended.await.expect("the runs end");
    (shared, ended)
}

#[tokio::test(start_paused = true)]
async fn all_runs_together_do_each_character_once_within_the_concurrency() {
    let service = Scripted::new(|_, _, _| a_story());
    let (shared, ended) = fleet((4, 300), &service, &settings("unlimited", 10)).await;
    assert_eq!(shared.cast.count("done"), 300);
    assert_eq!(service.asked().len(), 300);
    assert!(ended.iter().all(|(outcomes, _)| outcomes.stop.is_none()));
    assert_eq!(service.in_flight.lock().expect("whole").1, 10);
    let done: Vec<u64> = ended.iter().map(|(outcomes, _)| outcomes.done).collect();
    assert!(done.iter().all(|done| *done > 30), "{done:?}");
    // 300 stories of half a second, ten at a time: 15 s.
    let last = service.asked().last().expect("some").0;
    assert!(last < Duration::from_secs(18), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn all_runs_together_keep_the_pace() {
    for pace in [10, 100] {
        let service = Scripted::new(|_, _, _| a_story());
        let rows = 30 * i64::from(pace);
        let settings = settings(&format!("{pace}/s"), 200);
        let (shared, _) = fleet((4, rows), &service, &settings).await;
        assert_eq!(
            shared.cast.count("done"),
            usize::try_from(rows).expect("few")
        );
        let at: Vec<f64> = service
            .asked()
            .iter()
            .map(|(at, _)| at.as_secs_f64())
            .collect();
        most_in_a_second(&at, f64::from(pace), &format!("{pace}/s"));
        let took = at[at.len() - 1] - at[0];
        let of_the_rate = (30.0 - 1.0 / f64::from(pace)) / took;
        assert!(of_the_rate > 0.97, "{pace}/s: {of_the_rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_pauses_all_runs_and_one_probe_ends_the_pause() {
    fn wait() -> backstory::facade::provider::ProviderError {
        refused(429, Outcome::Wait, Some(20))
    }
    // For a second at the fifth one the service is busy.
    let is_busy = |at: Duration| (Duration::from_secs(5)..Duration::from_secs(6)).contains(&at);
    let service = Scripted::new(move |_, _, at| if is_busy(at) { now(wait) } else { a_story() });
    let (shared, ended) = fleet((4, 400), &service, &settings("unlimited", 12)).await;
    assert_eq!(shared.cast.count("done"), 400);
    let asked = service.asked();
    let first = asked.iter().position(|(at, _)| is_busy(*at)).expect("busy");
    let refused_at = asked[first].0;
    let in_pause = asked.iter().filter(|(at, _)| {
        *at > refused_at + Duration::from_secs(2) && *at < refused_at + Duration::from_secs(20)
    });
    assert_eq!(in_pause.count(), 0);
    let after: Vec<Duration> = asked
        .iter()
        .map(|(at, _)| *at)
        .filter(|at| *at > refused_at + Duration::from_secs(2))
        .collect();
    let alone = after[1].saturating_sub(after[0]);
    assert!(alone >= ms(200), "the probe was alone for {alone:?}");
    for (_, events) in &ended {
        assert!(events.count(|kind| matches!(kind, Kind::Paused { .. })) >= 1);
        assert!(events.count(|kind| matches!(kind, Kind::Resumed)) >= 1);
    }
}

#[tokio::test(start_paused = true)]
async fn at_a_slow_pace_runs_go_on_after_a_pause() {
    // Slow enough that the time of a start is missed while the gate is closed.
    let is_busy = |at: Duration| (Duration::from_secs(5)..Duration::from_secs(25)).contains(&at);
    let service = Scripted::new(move |_, _, at| if is_busy(at) { now(busy) } else { a_story() });
    for runs in [1, 3] {
        let (shared, ended) = fleet((runs, 40), &service, &settings("60/min", 3)).await;
        assert_eq!(shared.cast.count("done"), 40, "{runs} runs");
        assert!(ended.iter().all(|(outcomes, _)| outcomes.stop.is_none()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_reached_is_waited_for_until_patience_is_over() {
    let service = Scripted::new(|_, _, _| now(away));
    for (runs, pace) in [(1, "60/min"), (3, "60/min"), (3, "unlimited")] {
        let begin = Instant::now();
        let (shared, ended) = fleet((runs, 40), &service, &settings(pace, 3)).await;
        assert_eq!(shared.cast.count("pending"), 40, "{runs} runs at {pace}");
        for (outcomes, _) in &ended {
            assert!(matches!(outcomes.stop, Some(Stop::Patience { .. })));
        }
        // A minute before the first answer. Each run counts from its own first failure, and the last wait may begin shortly before.
        let took = begin.elapsed().as_secs();
        assert!((60..180).contains(&took), "{runs} runs at {pace}: {took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_stops_all_runs() {
    fn no_credit() -> backstory::facade::provider::ProviderError {
        refused(429, Outcome::RefusedRun, None)
    }
    let is_over = |at: Duration| at > Duration::from_secs(5);
    let service = Scripted::new(move |_, _, at| {
        if is_over(at) {
            now(no_credit)
        } else {
            a_story()
        }
    });
    let (shared, ended) = fleet((3, 400), &service, &settings("unlimited", 12)).await;
    assert!(shared.cast.count("pending") > 100);
    for (outcomes, _) in &ended {
        assert!(matches!(outcomes.stop, Some(Stop::Refused { .. })));
    }
    assert!(service.asked().last().expect("some").0 < Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn all_runs_together_use_up_the_budget_of_the_cast_and_never_pass_it() {
    fn no() -> backstory::facade::provider::ProviderError {
        refused(422, Outcome::RefusedRow, None)
    }
    // Some requests are free, and some may have been charged.
    let script = |name: &str, before: usize, _: Duration| match name.as_bytes().last() {
        Some(b'3') => now(no),
        Some(b'7') if before == 0 => now(oops),
        _ => a_story(),
    };
    for ahead in ["0", "5"] {
        let money = |text: &str| text.parse::<Money>().expect("an amount");
        let service = Scripted::new(script);
        let mut cast = Model::of(400);
        cast.budget = Some(SharedBudget::new(money("100.5"), money(ahead)));
        let mut settings = settings("unlimited", 12);
        settings.budget = Some(Budget {
            prices: Prices {
                request: money("1"),
                ..Prices::default()
            },
            max: None,
            cast_max: None,
            written_max: 0,
        });
        let (shared, ended) = fleet_on((4, cast), &service, &settings).await;
        let asked = service.asked();
        let free = asked.iter().filter(|(_, name)| name.ends_with('3')).count();
        assert_eq!(asked.len() - free, 100, "with {ahead} ahead");
        let spent = shared.cast.budget.expect("a budget").spent();
        assert_eq!(spent, money("100"));
        for (outcomes, _) in &ended {
            let Some(Stop::Budget { spent, next, .. }) = outcomes.stop else {
                panic!("{:?}", outcomes.stop);
            };
            assert_eq!((spent, next), (money("100"), Some(money("1"))));
        }
    }
}
