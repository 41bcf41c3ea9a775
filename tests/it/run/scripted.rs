//! A scripted service and a store in memory, for runs under a paused clock: hours of a faulty service take milliseconds.

use super::shared_budget::SharedBudget;
use backstory::facade::domain::character::{Character, CharacterId, Claim, Content, TakeNumber};
use backstory::facade::domain::event::{Event, Kind};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::money::Money;
use backstory::facade::domain::notice::Notice;
use backstory::facade::domain::outcome::{Outcome, Prospect};
use backstory::facade::domain::retry::Policy;
use backstory::facade::domain::tally::Counts;
use backstory::facade::provider::{Piece, Pieces, Provider, ProviderError, Request};
use backstory::facade::report::EventSink;
use backstory::facade::runner::{Judge, Outcomes, Parts, Run, Settings, Signal, Timeouts};
use backstory::facade::store::{
    Committed, Group, Ledger, NextCharacters, Settled, StoreError, Stored,
};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use std::collections::{BTreeMap, HashMap};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// A store in memory with what the runner needs of a cast.
#[derive(Default)]
pub(super) struct Model {
    pub(super) rows: Mutex<BTreeMap<i64, Row>>,
    /// The numbers of the commits that fail, from 0.
    pub(super) failing: Vec<u64>,
    /// How long each takes.
    pub(super) commit_takes: Duration,
    /// The largest number of starts beyond the settlements of one group.
    pub(super) burst: Mutex<usize>,
    pub(super) commits: Mutex<u64>,
    /// The budget of the cast, if it has one.
    pub(super) budget: Option<SharedBudget>,
}

#[derive(Clone)]
pub(super) struct Row {
    pub(super) character: Character,
    pub(super) status: &'static str,
    pub(super) story: Option<String>,
    pub(super) outcomes: Vec<Outcome>,
    /// The run that has tried it and will try it again.
    pub(super) held_by: Option<i64>,
}

impl Model {
    pub(super) fn of(many: i64) -> Self {
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
            held_by: None,
        };
        Self {
            rows: Mutex::new((1..=many).map(|nth| (nth, row(nth))).collect()),
            ..Self::default()
        }
    }

    pub(super) fn count(&self, status: &str) -> usize {
        self.rows
            .lock()
            .expect("whole")
            .values()
            .filter(|row| row.status == status)
            .count()
    }

    pub(super) fn row(&self, nth: i64) -> Row {
        self.rows.lock().expect("whole")[&nth].clone()
    }
}

impl Ledger for Model {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        self.commit_as(0, group).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        Ok(Counts::default())
    }
}

impl Model {
    /// Commits a group of the run `who`. What it has tried and will try again, no other run can claim.
    pub(super) async fn commit_as(
        &self,
        who: i64,
        group: Group<'_>,
    ) -> Result<Committed, StoreError> {
        let is_look = group.next.as_ref().is_some_and(|next| next.most == 0);
        if is_look {
            let rows = self.rows.lock().expect("whole");
            return Ok(pending(&rows, group.next, who).1);
        }
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
            let claims = group.next.as_ref().map_or(0, |next| next.most);
            let starts = group.starts.len() + claims;
            let more = starts.saturating_sub(group.settlements.len());
            *burst = (*burst).max(more);
        }
        let mut rows = self.rows.lock().expect("whole");
        let mut committed = Committed::default();
        for settlement in group.settlements {
            if let Some(budget) = &self.budget {
                budget.settle(who, &settlement);
            }
            let row = rows.get_mut(&settlement.id.0).expect("there");
            if row.status != "running" || row.character.claim != settlement.claim {
                committed.settled.push(Stored::NotOurs);
                continue;
            }
            row.status = settlement.state.word();
            row.held_by = Some(who);
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
        let (mut next, found) = pending(&rows, group.next, who);
        let again = group.starts.iter().map(|start| start.reserved);
        let prices = again.chain(next.iter().map(|(_, price)| *price));
        let prices: Vec<Money> = prices.map(Option::unwrap_or_default).collect();
        let (many, over_budget) = match &self.budget {
            Some(budget) => budget.grant(who, group.reserved.expect("prices"), &prices),
            None => (prices.len(), None),
        };
        next.truncate(many.saturating_sub(group.starts.len()));
        let is_cut = many < prices.len();
        for (nth, start) in group.starts.into_iter().enumerate() {
            let row = rows.get_mut(&start.id.0).expect("there");
            assert_eq!((row.status, row.character.claim), ("pending", start.claim));
            committed.started.push((nth < many).then(|| {
                row.status = "running";
                row.character.claim.0 += 1;
                row.character.claim
            }));
        }
        let claimed = next.into_iter().map(|(id, _)| {
            let row = rows.get_mut(&id.0).expect("there");
            row.status = "running";
            row.character.claim.0 += 1;
            row.character.clone()
        });
        Ok(Committed {
            settled: committed.settled,
            started: committed.started,
            claimed: claimed.collect(),
            over_budget,
            is_end: found.is_end && !is_cut,
            ..found
        })
    }
}

/// A character that may be claimed, and its price.
type Priced = (CharacterId, Option<Money>);

/// The pending rows that are asked for and can be paid, each with its price, and what else the answer says.
fn pending(
    rows: &BTreeMap<i64, Row>,
    next: Option<NextCharacters<'_>>,
    who: i64,
) -> (Vec<Priced>, Committed) {
    let mut committed = Committed::default();
    let Some(next) = next else {
        return (Vec::new(), committed);
    };
    let pending = rows
        .range(next.after.0 + 1..)
        .map(|(_, row)| row)
        .filter(|row| row.status == "pending" && row.held_by.is_none_or(|by| by == who))
        .filter(|row| !next.except.contains(&row.character.id));
    let mut pending: Vec<&Character> = pending.map(|row| &row.character).collect();
    committed.is_end = pending.len() <= next.most;
    pending.truncate(next.most);
    let mut prices = vec![None; pending.len()];
    if let Some(allowance) = &next.allowance {
        let (paid, short) = allowance.paid(pending.iter().copied());
        committed.is_end &= short.is_none();
        committed.short = short;
        prices = paid.into_iter().map(Some).collect();
    }
    let ids = pending.iter().map(|it| it.id);
    (ids.zip(prices).collect(), committed)
}

/// What happens to a request: steps in time, and then an end.
pub(super) type Script = Vec<(Duration, Result<&'static str, fn() -> ProviderError>)>;

/// A service that follows a script. It records the time and the name of each request, and the most requests in flight at once.
pub(super) struct Scripted<F> {
    pub(super) script: F,
    pub(super) start: Instant,
    pub(super) asked: Mutex<Vec<(Duration, String)>>,
    pub(super) by_name: Mutex<HashMap<String, usize>>,
    pub(super) in_flight: std::sync::Arc<Mutex<(usize, usize)>>,
}

impl<F: Fn(&str, usize, Duration) -> Script + Send + Sync> Scripted<F> {
    /// `script` gets the name, how many requests for it came before, and the time.
    pub(super) fn new(script: F) -> Self {
        Self {
            script,
            start: Instant::now(),
            asked: Mutex::default(),
            by_name: Mutex::default(),
            in_flight: std::sync::Arc::default(),
        }
    }

    pub(super) fn asked(&self) -> Vec<(Duration, String)> {
        self.asked.lock().expect("whole").clone()
    }
}

/// Counts a request as in flight until it is dropped.
pub(super) struct InFlight(std::sync::Arc<Mutex<(usize, usize)>>);

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
            let mut in_flight = self.in_flight.lock().expect("whole");
            in_flight.0 += 1;
            in_flight.1 = in_flight.1.max(in_flight.0);
        }
        let in_flight = InFlight(self.in_flight.clone());
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

/// A text. `at work` means a comment in the stream, `held` a head with a used-up rate limit that resets after two minutes.
pub(super) fn piece(text: &str) -> Piece {
    match text {
        "at work" => Piece::Alive,
        "held" => Piece::Head(Notice {
            spent: Some(Duration::from_mins(2)),
            clock: None,
        }),
        text => Piece::Text(text.into()),
    }
}

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(super) fn a_story() -> Script {
    vec![(ms(200), Ok("A story")), (ms(300), Ok(" that ends."))]
}

pub(super) fn refused(status: u16, outcome: Outcome, wait: Option<u64>) -> ProviderError {
    ProviderError::Refused {
        status,
        message: String::new(),
        outcome,
        prospect: Prospect::Open,
        retry_after: wait.map(Duration::from_secs),
    }
}

pub(super) fn busy() -> ProviderError {
    refused(503, Outcome::Wait, None)
}

pub(super) fn away() -> ProviderError {
    ProviderError::NotSent {
        host: "there".into(),
        source: "refused".into(),
    }
}

pub(super) fn oops() -> ProviderError {
    refused(500, Outcome::Unknown, None)
}

pub(super) fn now(err: fn() -> ProviderError) -> Script {
    vec![(ms(50), Err(err))]
}

#[derive(Default)]
pub(super) struct RecordedEvents(pub(super) Vec<Event>);

impl EventSink for RecordedEvents {
    fn emit(&mut self, event: Event) {
        self.0.push(event);
    }

    fn has_room(&mut self) -> bool {
        true
    }

    fn is_broken(&self) -> bool {
        false
    }
}

impl RecordedEvents {
    pub(super) fn count(&self, wanted: fn(&Kind) -> bool) -> usize {
        self.0.iter().filter(|event| wanted(&event.kind)).count()
    }
}

pub(super) fn settings(pace: &str, places: usize) -> Settings {
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

/// Finds no flags.
fn no_flags() -> Judge {
    Arc::new(|_, _, _| Flags::default())
}

/// What a run works with here; its time begins now.
pub(super) fn parts<'a, S, P, T>(
    store: &'a S,
    provider: &'a P,
    reporter: &'a mut T,
    signals: mpsc::UnboundedReceiver<Signal>,
) -> Parts<'a, S, P, T> {
    Parts {
        store,
        provider,
        reporter,
        signals,
        judge: no_flags(),
        dice: Box::new(|| 0.5),
        start: Instant::now(),
    }
}

pub(super) async fn run<F: Fn(&str, usize, Duration) -> Script + Send + Sync>(
    model: &Model,
    service: &Scripted<F>,
    settings: Settings,
) -> (Outcomes, RecordedEvents) {
    let mut events = RecordedEvents::default();
    let (_sender, signals) = mpsc::unbounded_channel();
    let mut thrown = 0_u32;
    let dice = move || {
        thrown = thrown.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(thrown) / (f64::from(u32::MAX) + 1.0)
    };
    let parts = Parts {
        dice: Box::new(dice),
        ..parts(model, service, &mut events, signals)
    };
    let outcomes = Run::new(parts, settings).run().await;
    (outcomes, events)
}

/// No window of a second holds more than the rate and one, plus what fits in 10 ms.
pub(super) fn most_in_a_second(at: &[f64], per_second: f64, what: &str) {
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
