//! The run under a paused clock: hours of a bad service in milliseconds, against a store that is a small model.

use backstory::domain::character::{Character, CharacterId, Claim, Content, TakeNumber};
use backstory::domain::event::{Event, Kind};
use backstory::domain::money::{Budget, Cost, Money, Prices};
use backstory::domain::notice::Notice;
use backstory::domain::outcome::{Outcome, Prospect};
use backstory::domain::retry::Policy;
use backstory::domain::tally::Counts;
use backstory::provider::{Piece, Pieces, Provider, ProviderError, Request};
use backstory::report::Tell;
use backstory::runner::{Environment, Outcomes, Run, Settings, Signal, Stop, Timeouts};
use backstory::store::{Committed, Group, Place, Settled, Settlement, Store, StoreError, Stored};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// A cast as the runner knows it, and nothing else.
#[derive(Default)]
struct Model {
    rows: Mutex<BTreeMap<i64, Row>>,
    /// The commits, from 0, that fail.
    failing: Vec<u64>,
    /// How long each takes.
    commit_takes: Duration,
    /// The most that a group began beyond what it settled.
    burst: Mutex<usize>,
    commits: Mutex<u64>,
}

#[derive(Clone)]
struct Row {
    character: Character,
    status: &'static str,
    story: Option<String>,
    outcomes: Vec<Outcome>,
}

impl Model {
    fn of(many: i64) -> Self {
        let row = |row| Row {
            character: Character {
                id: CharacterId(row),
                claim: Claim(0),
                row,
                key: None,
                name: format!("Name {row}"),
                description: "someone".into(),
                columns: None,
                content: Content([0; 16]),
                tries: 0,
            },
            status: "pending",
            story: None,
            outcomes: Vec::new(),
        };
        Self {
            rows: Mutex::new((1..=many).map(|nth| (nth, row(nth))).collect()),
            ..Self::default()
        }
    }

    fn count(&self, status: &str) -> usize {
        self.rows
            .lock()
            .expect("whole")
            .values()
            .filter(|row| row.status == status)
            .count()
    }

    fn row(&self, nth: i64) -> Row {
        self.rows.lock().expect("whole")[&nth].clone()
    }
}

impl Store for Model {
    async fn upcoming(&self, place: Place, limit: usize) -> Result<Vec<Character>, StoreError> {
        let rows = self.rows.lock().expect("whole");
        let pending = rows
            .range(place.0 + 1..)
            .map(|(_, row)| row)
            .filter(|row| row.status == "pending");
        Ok(pending
            .take(limit)
            .map(|row| row.character.clone())
            .collect())
    }

    async fn commit(&self, group: Group) -> Result<Committed, StoreError> {
        if !self.commit_takes.is_zero() {
            sleep(self.commit_takes).await;
        }
        let nth = {
            let mut commits = self.commits.lock().expect("whole");
            *commits += 1;
            *commits - 1
        };
        if self.failing.contains(&nth) || self.failing.contains(&u64::MAX) && nth > 3 {
            return Err(StoreError::Impossible { what: "disk" });
        }
        {
            let mut burst = self.burst.lock().expect("whole");
            let more = group.starts.len().saturating_sub(group.settlements.len());
            *burst = (*burst).max(more);
        }
        let mut rows = self.rows.lock().expect("whole");
        let mut committed = Committed::default();
        for settlement in group.settlements {
            let row = rows.get_mut(&settlement.id.0).expect("there");
            if row.status != "running" || row.character.claim != settlement.claim {
                committed.settled.push(Stored::NotOurs);
                continue;
            }
            row.status = settlement.state.word();
            row.character.tries = settlement.tries;
            row.outcomes.push(settlement.ending.outcome);
            committed
                .settled
                .push(if settlement.state == Settled::Done {
                    assert!(row.story.is_none(), "bought twice");
                    row.story = Some(settlement.ending.text.to_string());
                    Stored::Take(TakeNumber(1))
                } else {
                    Stored::NoTake
                });
        }
        for start in group.starts {
            let row = rows.get_mut(&start.id.0).expect("there");
            assert_eq!((row.status, row.character.claim), ("pending", start.claim));
            row.status = "running";
            row.character.claim.0 += 1;
            committed.started.push(Some(row.character.claim));
        }
        Ok(committed)
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        Ok(Counts::default())
    }
}

/// What happens to a request: steps in time, and then an end.
type Script = Vec<(Duration, Result<&'static str, fn() -> ProviderError>)>;

/// A service that follows a script, and remembers when it was asked, by whom, and how many flew at once.
struct Scripted<F> {
    script: F,
    start: Instant,
    asked: Mutex<Vec<(Duration, String)>>,
    by_name: Mutex<HashMap<String, usize>>,
    flying: std::sync::Arc<Mutex<(usize, usize)>>,
}

impl<F: Fn(&str, usize, Duration) -> Script + Send + Sync> Scripted<F> {
    /// `script` is given the name, how often it was asked for before, and the time.
    fn new(script: F) -> Self {
        Self {
            script,
            start: Instant::now(),
            asked: Mutex::default(),
            by_name: Mutex::default(),
            flying: std::sync::Arc::default(),
        }
    }

    fn asked(&self) -> Vec<(Duration, String)> {
        self.asked.lock().expect("whole").clone()
    }
}

/// Counts a request as flying until it is dropped.
struct InFlight(std::sync::Arc<Mutex<(usize, usize)>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.lock().expect("whole").0 -= 1;
    }
}

impl<F: Fn(&str, usize, Duration) -> Script + Send + Sync> Provider for Scripted<F> {
    fn write(&self, request: Request) -> Pieces {
        let now = self.start.elapsed();
        let before = {
            let mut by_name = self.by_name.lock().expect("whole");
            let times = by_name.entry(request.name.clone()).or_default();
            *times += 1;
            *times - 1
        };
        self.asked
            .lock()
            .expect("whole")
            .push((now, request.name.clone()));
        {
            let mut flying = self.flying.lock().expect("whole");
            flying.0 += 1;
            flying.1 = flying.1.max(flying.0);
        }
        let in_flight = InFlight(self.flying.clone());
        let steps = (self.script)(&request.name, before, now);
        assert!(
            steps.iter().all(|(_, step)| !matches!(step, Ok("panic"))),
            "as the script says"
        );
        let pieces: BoxStream<'static, _> = stream::iter(steps)
            .then(move |(wait, step)| {
                let _keep = &in_flight;
                async move {
                    sleep(wait).await;
                    step.map(piece).map_err(|err| err())
                }
            })
            .boxed();
        pieces
    }
}

/// A text; `at work` stands for a comment in the stream, `held` for a head that says that nothing more is allowed for two minutes.
fn piece(text: &str) -> Piece {
    match text {
        "at work" => Piece::Alive,
        "held" => Piece::Head(Notice {
            spent: Some(Duration::from_mins(2)),
            clock: None,
        }),
        text => Piece::Text(text.into()),
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn a_story() -> Script {
    vec![(ms(200), Ok("A story")), (ms(300), Ok(" that ends."))]
}

fn refused(status: u16, outcome: Outcome, wait: Option<u64>) -> ProviderError {
    ProviderError::Refused {
        status,
        message: String::new(),
        outcome,
        prospect: Prospect::Open,
        retry_after: wait.map(Duration::from_secs),
    }
}

fn busy() -> ProviderError {
    refused(503, Outcome::Wait, None)
}

fn away() -> ProviderError {
    ProviderError::NotSent {
        host: "there".into(),
        source: "refused".into(),
    }
}

fn oops() -> ProviderError {
    refused(500, Outcome::Unknown, None)
}

fn now(err: fn() -> ProviderError) -> Script {
    vec![(ms(50), Err(err))]
}

#[derive(Default)]
struct Told(Vec<Event>);

impl Tell for Told {
    fn tell(&mut self, event: Event) {
        self.0.push(event);
    }

    fn has_room(&mut self) -> bool {
        true
    }

    fn is_broken(&self) -> bool {
        false
    }
}

impl Told {
    fn count(&self, wanted: fn(&Kind) -> bool) -> usize {
        self.0.iter().filter(|event| wanted(&event.kind)).count()
    }
}

fn settings(pace: &str, places: usize) -> Settings {
    Settings {
        pace: pace.parse().expect("a pace"),
        concurrency: NonZeroUsize::new(places).expect("not 0"),
        concurrency_initial: NonZeroUsize::new(places).expect("not 0"),
        policy: Policy {
            attempts_max: NonZeroU32::new(4).expect("not 0"),
        },
        timeouts: Timeouts {
            idle: Duration::from_mins(1),
            first: Duration::from_mins(1),
            total: Duration::from_mins(5),
        },
        patience: Duration::from_mins(15),
        grace: Duration::from_secs(30),
        requests_max: None,
        time_max: None,
        characters_max: None,
        budget: None,
        keep_going: true,
        last_start_ago: None,
    }
}

/// What a run works with here; its time begins now.
fn environment<'a, S, P, T>(
    store: &'a S,
    provider: &'a P,
    reporter: &'a mut T,
    signals: mpsc::UnboundedReceiver<Signal>,
) -> Environment<'a, S, P, T> {
    Environment {
        store,
        provider,
        reporter,
        signals,
        dice: Box::new(|| 0.5),
        start: Instant::now(),
    }
}

async fn run<F: Fn(&str, usize, Duration) -> Script + Send + Sync>(
    model: &Model,
    service: &Scripted<F>,
    settings: Settings,
) -> (Outcomes, Told) {
    let mut told = Told::default();
    let (_sender, signals) = mpsc::unbounded_channel();
    let mut thrown = 0_u32;
    let dice = move || {
        thrown = thrown.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(thrown) / (f64::from(u32::MAX) + 1.0)
    };
    let environment = Environment {
        dice: Box::new(dice),
        ..environment(model, service, &mut told, signals)
    };
    let outcomes = Run::new(environment, settings).run().await;
    (outcomes, told)
}

#[tokio::test(start_paused = true)]
async fn a_good_service_writes_the_whole_cast_in_the_sheets_order() {
    let model = Model::of(1_000);
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, told) = run(&model, &service, settings("unlimited", 8)).await;
    assert!(outcomes.stop.is_none());
    assert_eq!((model.count("done"), outcomes.requests), (1_000, 1_000));
    assert_eq!(
        told.count(|kind| matches!(kind, Kind::CharacterDone { .. })),
        1_000
    );
    let names: Vec<String> = service.asked().into_iter().map(|(_, name)| name).collect();
    assert!(
        names
            .iter()
            .enumerate()
            .all(|(at, name)| *name == format!("Name {}", at + 1))
    );
    assert_eq!(
        service.flying.lock().expect("whole").1,
        8,
        "as many at once as there are places"
    );
}

/// So that they do not end in one moment either, and wait for each other ever after.
#[tokio::test(start_paused = true)]
async fn many_free_places_are_filled_one_small_group_after_the_other() {
    let model = Model {
        commit_takes: ms(1),
        ..Model::of(500)
    };
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, _) = run(&model, &service, settings("unlimited", 100)).await;
    assert_eq!(outcomes.done, 500);
    assert_eq!(service.flying.lock().expect("whole").1, 100);
    assert_eq!(*model.burst.lock().expect("whole"), 8);
    let took = service.start.elapsed();
    assert!(took < ms(200) + 5 * ms(500) + ms(150), "{took:?}");
}

/// What may be silent for long before its first text may not be so after it.
#[tokio::test(start_paused = true)]
async fn a_stream_that_stalls_after_its_first_text_has_only_the_idle_limit() {
    for first in [ms(10), ms(0)] {
        let model = Model::of(1);
        let service = Scripted::new(move |_, before, _| match before {
            0 => vec![
                (first, Ok("It begins")),
                (Duration::from_mins(10), Ok("late")),
            ],
            _ => a_story(),
        });
        let mut settings = settings("unlimited", 1);
        settings.timeouts.first = Duration::from_mins(3);
        let start = Instant::now();
        let (outcomes, _) = run(&model, &service, settings).await;
        assert_eq!((outcomes.requests, model.count("done")), (2, 1));
        let took = start.elapsed();
        assert!(took < Duration::from_secs(70), "{took:?}");
    }
}

/// Some services send nothing but comments for minutes, while a request waits in their queue.
#[tokio::test(start_paused = true)]
async fn comments_before_the_first_text_are_signs_of_life_up_to_the_total_limit() {
    let comments = |many: usize| vec![(Duration::from_secs(10), Ok("at work")); many];
    for (script, outcomes) in [
        (comments(24), &[Outcome::Ok][..]),
        (comments(100), &[Outcome::Unknown, Outcome::Ok]),
    ] {
        let model = Model::of(1);
        let service = Scripted::new(move |_, before, _| match before {
            0 => script.iter().copied().chain(a_story()).collect(),
            _ => a_story(),
        });
        let (ended, _) = run(&model, &service, settings("unlimited", 1)).await;
        assert_eq!(
            (ended.done, model.row(1).outcomes.as_slice()),
            (1, outcomes)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn comments_after_the_first_text_are_none() {
    let model = Model::of(1);
    let service = Scripted::new(|_, before, _| match before {
        0 => {
            let comments = vec![(Duration::from_secs(10), Ok("at work")); 24];
            let begun = [(ms(10), Ok("It begins"))].into_iter();
            begun.chain(comments).chain(a_story()).collect()
        }
        _ => a_story(),
    });
    let (ended, _) = run(&model, &service, settings("unlimited", 1)).await;
    assert_eq!((ended.done, ended.requests), (1, 2));
}

/// A server with so many slots, at which further requests wait in silence, first come first served; each story takes as long.
fn queueing(
    slots: impl Fn(Duration) -> usize + Send + Sync,
    takes: Duration,
) -> impl Fn(&str, usize, Duration) -> Script + Send + Sync {
    let free_at = Mutex::new(vec![Duration::ZERO; 64]);
    move |_, _, at| {
        let mut free_at = free_at.lock().expect("whole");
        let slots = slots(at);
        let soonest = free_at[..slots].iter_mut().min().expect("a slot");
        let begins = at.max(*soonest);
        *soonest = begins + takes;
        let queued = begins.saturating_sub(at);
        let mut script: Script = vec![(queued + takes / 10, Ok("A part. "))];
        script.extend(vec![(takes / 10, Ok("A part. ")); 9]);
        script
    }
}

/// With the defaults, and with a number at a time that was set.
#[tokio::test(start_paused = true)]
async fn a_server_with_few_slots_loses_no_row_to_the_waiting_in_its_queue() {
    for (slots, takes, first) in [
        (1, 4, 2),
        (1, 4, 8),
        (2, 4, 2),
        (1, 60, 2),
        (1, 120, 2),
        (2, 60, 8),
    ] {
        let model = Model::of(30);
        let service = Scripted::new(queueing(move |_| slots, Duration::from_secs(takes)));
        let mut settings = settings("unlimited", 8);
        settings.concurrency_initial = NonZeroUsize::new(first).expect("not 0");
        settings.timeouts.idle = Duration::from_secs(takes / 2 + 7);
        settings.timeouts.first = Duration::from_secs(9.max(takes / 2));
        let (outcomes, _) = run(&model, &service, settings).await;
        let case = format!("{slots} slots, {takes} s, {first} at first");
        assert!(outcomes.stop.is_none(), "{case}: {:?}", outcomes.stop);
        assert_eq!(model.count("done"), 30, "{case}");
        assert!(
            outcomes.requests <= 32,
            "{case}: {} requests",
            outcomes.requests
        );
        let ideal = Duration::from_secs(30 * takes / u64::try_from(slots).expect("few"));
        let took = service.start.elapsed();
        assert!(
            took < ideal.mul_f64(1.2),
            "{case}: {took:?} instead of {ideal:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_at_a_time_falls_to_what_is_served_and_rises_again() {
    let model = Model::of(200);
    let one_slot = Duration::from_mins(2);
    let slots = move |at| if at < one_slot { 1 } else { 8 };
    let service = Scripted::new(queueing(slots, Duration::from_secs(8)));
    let mut settings = settings("unlimited", 8);
    settings.concurrency_initial = NonZeroUsize::new(8).expect("not 0");
    let (outcomes, _) = run(&model, &service, settings).await;
    assert_eq!((outcomes.done, outcomes.requests), (200, 200));
    let within = |from: u64, to: u64| {
        let span = Duration::from_secs(from)..Duration::from_secs(to);
        service
            .asked()
            .iter()
            .filter(|(at, _)| span.contains(at))
            .count()
    };
    assert!(
        within(40, 110) <= 10,
        "one after the other: {}",
        within(40, 110)
    );
    assert!(
        within(180, 220) >= 35,
        "eight at a time: {}",
        within(180, 220)
    );
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_ten_minutes_costs_probes_only_and_no_tries() {
    let model = Model::of(200);
    let storm = Duration::from_mins(1)..Duration::from_mins(11);
    let service = Scripted::new(move |_, _, at| {
        if storm.contains(&at) {
            now(busy)
        } else {
            a_story()
        }
    });
    let (outcomes, told) = run(&model, &service, settings("2/s", 64)).await;
    assert!(outcomes.stop.is_none(), "{:?}", outcomes.stop);
    assert_eq!(model.count("done"), 200);
    let refused = (1..=200)
        .map(|nth| model.row(nth))
        .flat_map(|row| row.outcomes)
        .filter(|outcome| *outcome == Outcome::Wait)
        .count();
    assert!(
        (10..=24).contains(&refused),
        "{refused} requests met the storm"
    );
    assert!((1..=200).all(|nth| model.row(nth).character.tries == 0));
    assert_eq!(told.count(|kind| matches!(kind, Kind::Resumed)), 1);
    let asked: Vec<_> = service.asked();
    let during: Vec<_> = asked
        .iter()
        .filter(|(at, _)| *at > Duration::from_secs(65) && *at < Duration::from_mins(11))
        .collect();
    for pair in during.windows(2) {
        assert_ne!(pair[0].1, pair[1].1, "each probe is another character");
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_four_refusals_at_once_are_one_closed_period() {
    let model = Model::of(500);
    let bad = Duration::from_secs(10)..Duration::from_millis(10_600);
    let service = Scripted::new(move |_, _, at| {
        if bad.contains(&at) {
            now(busy)
        } else {
            a_story()
        }
    });
    let (outcomes, told) = run(&model, &service, settings("unlimited", 64)).await;
    assert!(outcomes.stop.is_none());
    assert_eq!(model.count("done"), 500);
    // 500 stories take 4 s at 64 at a time: the bad moment never comes, unless it is early.
    assert_eq!(told.count(|kind| matches!(kind, Kind::Paused { .. })), 0);
    let model = Model::of(500);
    let service = Scripted::new(move |_, _, at| {
        if (ms(600)..ms(1_300)).contains(&at) {
            now(busy)
        } else {
            a_story()
        }
    });
    let (_, told) = run(&model, &service, settings("unlimited", 64)).await;
    assert_eq!(model.count("done"), 500);
    assert_eq!(
        told.count(|kind| matches!(kind, Kind::Paused { .. })),
        1,
        "{:?}",
        told.0
            .iter()
            .filter(|e| matches!(e.kind, Kind::Paused { .. }))
            .collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn one_character_that_is_always_refused_does_not_hold_up_the_others() {
    let model = Model::of(50);
    let service = Scripted::new(|name, _, _| {
        if name == "Name 7" {
            now(busy)
        } else {
            a_story()
        }
    });
    let (outcomes, _) = run(&model, &service, settings("unlimited", 3)).await;
    assert!(
        matches!(outcomes.stop, Some(Stop::Patience { .. })),
        "{:?}",
        outcomes.stop
    );
    assert_eq!((model.count("done"), model.count("pending")), (49, 1));
    let asked = service.asked();
    let last_other = asked
        .iter()
        .rposition(|(_, name)| name != "Name 7")
        .expect("others");
    let between = asked[..last_other]
        .iter()
        .filter(|(_, name)| name == "Name 7")
        .count();
    assert!(between >= 3, "it is tried between them: {between}");
    assert_eq!(model.row(7).character.tries, 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_goes_away_and_comes_back_is_waited_for() {
    let model = Model::of(300);
    let gone = Duration::from_secs(10)..Duration::from_secs(30);
    let service = Scripted::new(move |_, _, at| {
        if gone.contains(&at) {
            now(away)
        } else {
            a_story()
        }
    });
    let (outcomes, told) = run(&model, &service, settings("10/s", 8)).await;
    assert!(outcomes.stop.is_none(), "{:?}", outcomes.stop);
    assert_eq!(
        (model.count("done"), outcomes.requests),
        (300, 300),
        "what never left does not count"
    );
    assert_eq!(told.count(|kind| matches!(kind, Kind::Resumed)), 1);
    let away = Duration::from_secs(10)..Duration::from_secs(30);
    let during = service
        .asked()
        .iter()
        .filter(|(at, _)| away.contains(at))
        .count();
    assert!(during <= 8 + 6, "{during} knocks at a closed door");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_never_there_is_given_up_after_a_minute() {
    let model = Model::of(9);
    let service = Scripted::new(|_, _, _| now(away));
    let (outcomes, _) = run(&model, &service, settings("unlimited", 3)).await;
    assert!(matches!(outcomes.stop, Some(Stop::Patience { .. })));
    assert!(
        service.start.elapsed() <= Duration::from_secs(62),
        "{:?}",
        service.start.elapsed()
    );
    assert_eq!((model.count("pending"), outcomes.requests), (9, 0));
    assert_eq!(service.flying.lock().expect("whole").1, 1, "one at a time");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_drips_is_ended_by_the_total_limit() {
    let model = Model::of(2);
    let service = Scripted::new(|name, before, _| match (name, before) {
        ("Name 2", 0) => (0..1_000)
            .map(|_| (Duration::from_secs(20), Ok("x")))
            .collect(),
        _ => a_story(),
    });
    let (outcomes, _) = run(&model, &service, settings("unlimited", 3)).await;
    assert!(outcomes.stop.is_none());
    assert_eq!(model.row(2).outcomes, [Outcome::Unknown, Outcome::Ok]);
    assert!(service.start.elapsed() > Duration::from_mins(5));
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_ours_interrupts_one_attempt_and_loses_no_place() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let model = Model::of(40);
    let service = Scripted::new(|name, _, _| match name {
        "Name 5" => vec![(ms(1), Ok("panic"))],
        _ => a_story(),
    });
    let (outcomes, _) = run(&model, &service, settings("unlimited", 2)).await;
    std::panic::set_hook(hook);
    assert!(
        matches!(outcomes.stop, Some(Stop::OurFault)),
        "{:?}",
        outcomes.stop
    );
    assert_eq!((model.count("done"), model.count("pending")), (39, 1));
    assert_eq!(model.row(5).outcomes, [Outcome::Interrupted]);
}

/// A pause of a few ms, at the end of patience: the probe's planned moment lies before the closing.
#[tokio::test(start_paused = true)]
async fn a_probe_that_is_refused_at_once_is_not_waited_for() {
    let told = || refused(429, Outcome::Wait, Some(1));
    for (delay, commit_takes) in (30..50).flat_map(|delay| [1, 4, 7, 9].map(|takes| (delay, takes)))
    {
        let mut model = Model::of(6);
        model.commit_takes = ms(commit_takes);
        let drawn = Mutex::new(0);
        let service = Scripted::new(move |_, _, _| {
            let mut drawn = drawn.lock().expect("whole");
            *drawn += 1;
            match *drawn {
                1 => vec![(ms(0), Err(told as fn() -> ProviderError))],
                2 => vec![(ms(delay), Err(busy as fn() -> ProviderError))],
                _ => vec![(ms(0), Err(busy as fn() -> ProviderError))],
            }
        });
        let mut settings = settings("100/s", 4);
        settings.patience = ms(1_050);
        let running = run(&model, &service, settings);
        let (outcomes, _) = tokio::time::timeout(Duration::from_hours(1), running)
            .await
            .expect("it ends");
        assert!(
            matches!(outcomes.stop, Some(Stop::Patience { .. })),
            "{:?}",
            outcomes.stop
        );
    }
}

/// The word that stops the run comes while the next group is being written down.
#[tokio::test(start_paused = true)]
async fn what_is_written_down_when_the_run_stops_is_not_sent() {
    for slow in [1, 30, 80, 130] {
        let mut model = Model::of(60);
        model.commit_takes = ms(50);
        let wrong_key = || refused(401, Outcome::RefusedRun, None);
        let service = Scripted::new(move |name, _, _| match name {
            "Name 9" => vec![(ms(slow), Err(wrong_key as fn() -> ProviderError))],
            _ => vec![(ms(20), Ok("A story.")), (ms(40), Ok(""))],
        });
        let (outcomes, _) = run(&model, &service, settings("unlimited", 6)).await;
        assert!(
            matches!(outcomes.stop, Some(Stop::Refused { .. })),
            "{:?}",
            outcomes.stop
        );
        let asked = service.asked();
        let (refused_at, _) = asked
            .iter()
            .find(|(_, name)| name == "Name 9")
            .expect("it was asked for");
        let (last, _) = asked.last().expect("some");
        assert!(
            *last <= *refused_at + ms(slow),
            "a request left after the refusal"
        );
        assert_eq!(
            (model.count("running"), model.count("done") + 1),
            (0, asked.len())
        );
        assert_eq!(u64::try_from(asked.len()), Ok(outcomes.requests));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_once_loses_no_story_and_stops_paying() {
    let mut model = Model::of(40);
    model.failing = vec![5];
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, _) = run(&model, &service, settings("unlimited", 4)).await;
    assert!(matches!(outcomes.stop, Some(Stop::Store(_))));
    assert!(outcomes.unsaved.is_empty(), "tried again, and stored");
    assert_eq!(
        (model.count("running"), model.count("done")),
        (0, service.asked().len())
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_ever_hands_every_ending_back() {
    let mut model = Model::of(40);
    model.failing = vec![u64::MAX];
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, _) = run(&model, &service, settings("unlimited", 4)).await;
    assert!(matches!(outcomes.stop, Some(Stop::Store(_))));
    let whole = outcomes
        .unsaved
        .iter()
        .filter(|unsaved| &*unsaved.ending.text == "A story that ends.")
        .count();
    assert_eq!(whole + model.count("done"), service.asked().len());
    assert!(whole > 0);
}

/// Whoever stops the run, before or after the store fails: that nothing can be stored is what is told and what is rescued.
#[tokio::test(start_paused = true)]
async fn a_word_to_stop_hides_no_store_that_fails() {
    for after in [600, 900, 1_700] {
        let mut model = Model::of(40);
        model.failing = vec![u64::MAX];
        let service = Scripted::new(|_, _, _| a_story());
        let (sender, signals) = mpsc::unbounded_channel();
        let mut told = Told::default();
        let environment = environment(&model, &service, &mut told, signals);
        let run = Run::new(environment, settings("unlimited", 4)).run();
        let said = async {
            sleep(ms(after)).await;
            sender.send(Signal::Interrupt).expect("it listens");
        };
        let ((), outcomes) = tokio::join!(biased; said, run);
        let stop = &outcomes.stop;
        assert!(matches!(stop, Some(Stop::Store(_))), "{after}: {stop:?}");
        let whole = |unsaved: &&Settlement| &*unsaved.ending.text == "A story that ends.";
        let whole = outcomes.unsaved.iter().filter(whole).count();
        assert!(whole > 0, "{after}");
        assert_eq!(whole + model.count("done"), service.asked().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_breaks_the_service_fails_and_the_others_go_on() {
    let model = Model::of(30);
    let service = Scripted::new(|name, _, _| {
        if name == "Name 3" {
            now(oops)
        } else {
            a_story()
        }
    });
    let (outcomes, _) = run(&model, &service, settings("unlimited", 3)).await;
    assert!(outcomes.stop.is_none());
    assert_eq!((model.count("done"), model.count("failed")), (29, 1));
    assert_eq!(model.row(3).outcomes, [Outcome::Unknown; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_lets_streams_finish_within_grace() {
    let model = Model::of(30);
    let service = Scripted::new(|name, _, _| match name {
        "Name 4" => vec![
            (ms(10), Ok("slow")),
            (Duration::from_secs(50), Ok(" story.")),
        ],
        _ => a_story(),
    });
    let mut told = Told::default();
    let (sender, signals) = mpsc::unbounded_channel();
    let environment = environment(&model, &service, &mut told, signals);
    let running = Run::new(environment, settings("unlimited", 3)).run();
    let (outcomes, ()) = tokio::join!(running, async {
        sleep(ms(1_200)).await;
        sender.send(Signal::Interrupt).expect("it listens");
    });
    assert!(matches!(
        outcomes.stop,
        Some(Stop::Signal(Signal::Interrupt))
    ));
    assert_eq!(
        model.row(4).outcomes,
        [Outcome::Interrupted],
        "grace has an end"
    );
    assert_eq!(model.count("running"), 0);
    assert_eq!(model.count("done") + 1, service.asked().len());
}

/// Whatever ends it comes at the very moment of a text.
#[tokio::test(start_paused = true)]
async fn a_stream_that_never_stops_talking_is_ended_all_the_same() {
    let total = Duration::from_mins(5);
    for (drip, signals, ended) in [
        (ms(100), &[][..], total),
        (ms(100), &[ms(1_200)], ms(31_200)),
        (ms(100), &[ms(1_000), ms(200)], ms(1_200)),
        (ms(1), &[ms(1_000), ms(200)], ms(1_200)),
    ] {
        let model = Model::of(1);
        let service = Scripted::new(move |_, _, _| vec![(drip, Ok("x")); 4_000]);
        let mut told = Told::default();
        let (sender, heard) = mpsc::unbounded_channel();
        let mut settings = settings("unlimited", 1);
        settings.policy.attempts_max = NonZeroU32::MIN;
        let environment = environment(&model, &service, &mut told, heard);
        let run = Run::new(environment, settings).run();
        let start = Instant::now();
        let signals_sent = async {
            for after in signals {
                sleep(*after).await;
                sender.send(Signal::Interrupt).expect("it listens");
            }
        };
        tokio::join!(biased; signals_sent, run);
        let outcome = if signals.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Interrupted
        };
        assert_eq!(model.row(1).outcomes, [outcome]);
        let late = start.elapsed().saturating_sub(ended);
        assert!(late < ms(200), "{late:?} late, every {drip:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_that_nothing_is_left_is_not_asked_before_there_is_more() {
    let model = Model::of(40);
    let service = Scripted::new(|name, _, _| match name {
        "Name 9" => vec![(ms(100), Ok("held")), (ms(100), Ok("A story."))],
        _ => a_story(),
    });
    let (outcomes, told) = run(&model, &service, settings("unlimited", 4)).await;
    assert!(outcomes.stop.is_none(), "{:?}", outcomes.stop);
    assert_eq!((model.count("done"), outcomes.requests), (40, 40));
    let asked = service.asked();
    let at = |name: &str| {
        asked
            .iter()
            .find(|(_, asked)| asked == name)
            .map(|(at, _)| *at)
    };
    let until = at("Name 9").expect("asked") + ms(100) + Duration::from_mins(2);
    let between = asked
        .iter()
        .filter(|(moment, _)| *moment > at("Name 9").expect("asked") + ms(100) && *moment < until);
    assert_eq!(between.count(), 0, "nobody is sent into a refusal");
    assert!(
        asked.iter().any(|(at, _)| *at == until),
        "and nobody waits longer than that"
    );
    assert_eq!(told.count(|kind| matches!(kind, Kind::Paused { .. })), 1);
    assert_eq!(told.count(|kind| matches!(kind, Kind::Resumed)), 1);
}

/// Rates from slow to fast: the share of the pace that is used, and the most starts in any second.
#[tokio::test(start_paused = true)]
async fn the_pace_is_used_to_the_last_per_cent_and_never_exceeded() {
    for (pace, many, per_second) in [
        ("1/s", 60, 1.0),
        ("50/s", 2_000, 50.0),
        ("1000/s", 20_000, 1_000.0),
    ] {
        let model = Model::of(many);
        let service = Scripted::new(|_, _, _| vec![(ms(20), Ok("A story."))]);
        let (outcomes, _) = run(&model, &service, settings(pace, 100)).await;
        assert!(outcomes.stop.is_none());
        let at: Vec<f64> = service
            .asked()
            .iter()
            .map(|(at, _)| at.as_secs_f64())
            .collect();
        for (nth, moment) in (0_u32..).zip(&at) {
            let planned = at[0] + f64::from(nth) / per_second;
            assert!(
                *moment > planned - 1e-6,
                "{pace}: {moment} before {planned}"
            );
        }
        let (first, last) = (at[1], at[at.len() - 1]);
        let used =
            f64::from(u32::try_from(at.len() - 2).expect("few")) / (last - first) / per_second;
        assert!((0.97..=1.001).contains(&used), "{pace}: {used}");
        most_in_a_second(&at, per_second, pace);
    }
}

/// No window of a second holds more than the rate and one, plus what fits in 10 ms.
fn most_in_a_second(at: &[f64], per_second: f64, what: &str) {
    let mut from = 0;
    for (to, moment) in at.iter().enumerate() {
        while moment - at[from] > 1.0 {
            from += 1;
        }
        let many = f64::from(u32::try_from(to - from + 1).expect("few"));
        assert!(
            many <= per_second * 1.01 + 1.0,
            "{what}: {many} in a second"
        );
    }
}

/// What may happen to a request, whoever it is for.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Story,
    Busy,
    Away,
    Oops,
    Cut,
    Slow,
}

fn luck() -> impl Strategy<Value = Vec<Luck>> {
    let one = prop_oneof![
        6 => Just(Luck::Story), 1 => Just(Luck::Busy), 1 => Just(Luck::Away), 1 => Just(Luck::Oops), 1 => Just(Luck::Cut),
        1 => Just(Luck::Slow),
    ];
    prop::collection::vec(one, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the service does, everybody ends in one state, no try is spent on waiting, pace and places are kept.
    #[test]
    fn whatever_the_service_does_the_promises_hold(
        luck in luck(),
        many in 1_i64..60,
        places in 1_usize..9,
        patience in prop::sample::select(vec![60, 1_050, 900_000]),
        commit_takes in prop::sample::select(vec![0, 3, 12]),
        max_cost in prop::sample::select(vec![None, Some("0"), Some("3.5"), Some("20")]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let mut model = Model::of(many);
            model.commit_takes = ms(commit_takes);
            let drawn = Mutex::new(0);
            let service = Scripted::new(move |_, _, _| {
                let mut drawn = drawn.lock().expect("whole");
                *drawn += 1;
                match luck[(*drawn - 1) % luck.len()] {
                    Luck::Story => a_story(),
                    Luck::Busy => now(busy),
                    Luck::Away => now(away),
                    Luck::Oops => now(oops),
                    Luck::Cut => vec![(ms(10), Ok("half")), (ms(10), Err(|| ProviderError::Cut { source: "reset".into() }))],
                    Luck::Slow => vec![(Duration::from_secs(70), Ok("late"))],
                }
            });
            let mut settings = settings("20/s", places);
            settings.patience = ms(patience);
            let money = |text: &str| text.parse::<Money>().expect("an amount");
            settings.budget = max_cost.map(|max| Budget {
                prices: Prices { request: money("1"), ..Prices::default() },
                max: Some(money(max)),
                written_max: 0,
            });
            let running = run(&model, &service, settings);
            // A day of a bad service: what is not over by then hangs.
            let (outcomes, told) = tokio::time::timeout(Duration::from_hours(24), running).await.expect("it ends");
            let (done, failed, pending) = (model.count("done"), model.count("failed"), model.count("pending"));
            assert_eq!(i64::try_from(done + failed + pending).expect("few"), many);
            let stopped = matches!(outcomes.stop, Some(Stop::Patience { .. } | Stop::Cost { .. }));
            assert!(pending == 0 || stopped, "{:?}", outcomes.stop);
            if let (Some(cost), Some(max)) = (outcomes.cost, max_cost) {
                assert!(cost.at_most() <= money(max), "{cost} of {max}");
                let charged = told.0.iter().fold(Cost::default(), |mut sum, event| {
                    if let Kind::Charged { cost } = event.kind {
                        sum += cost;
                    }
                    sum
                });
                assert_eq!(charged, cost, "what is told is what was spent");
            }
            assert!(service.flying.lock().expect("whole").1 <= places);
            let mut requests = HashMap::<String, usize>::new();
            for (_, name) in service.asked() {
                *requests.entry(name).or_default() += 1;
            }
            for nth in 1..=many {
                let row = model.row(nth);
                let tries = row.outcomes.iter().filter(|outcome| outcome.costs_a_try()).count();
                assert!(tries <= 4 && (row.status != "failed" || tries == 4), "{:?}", row.outcomes);
                assert_eq!(row.outcomes.iter().filter(|outcome| **outcome == Outcome::Ok).count(), usize::from(row.status == "done"));
                let asked = requests.get(&format!("Name {nth}")).copied().unwrap_or(0);
                assert!(asked <= row.outcomes.len());
            }
            let ended = told.count(|kind| matches!(kind, Kind::CharacterDone { .. } | Kind::CharacterFailed { .. }));
            assert_eq!(ended, done + failed);
            let at: Vec<f64> = service.asked().iter().map(|(at, _)| at.as_secs_f64()).collect();
            most_in_a_second(&at, 20.0, "20/s");
        });
    }
}
