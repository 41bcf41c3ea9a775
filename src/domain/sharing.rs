//! How several runs share the limits of one service and key: pace, concurrency, pauses.
//!
//! The store keeps an [`Endpoint`] and one [`Worker`] a run, and calls [`share`] under a lock; it is the whole rule.
//! Where runs want different limits the lowest counts. A dead run still counts until its lease ends, because its requests may
//! still be running. Times are in nanoseconds since 1970, by the one clock that all runs share.

use std::time::Duration;

/// A start is reserved for a run at most this long before its time.
const LENT_AHEAD: Duration = Duration::from_secs(1);

/// Identifies a run among those that share.
pub(crate) type Who = i64;

/// The state of a run, as it reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The time from one start to the next that this run wants to keep; zero if its pace is unlimited.
    pub gap: Duration,
    /// The most requests that this run would have in flight at once.
    pub concurrency: usize,
    /// Its requests in flight, those included whose attempts are being stored.
    pub in_flight: usize,
    /// How many more it could start now, if the limits allowed it.
    pub wanted: usize,
    /// How many starts it asks for.
    pub starts: usize,
    /// The service asked to wait: how long, and why.
    pub pause: Option<(Duration, String)>,
    /// The pause is over, and this run would send the one request that tries the service.
    pub wants_probe: bool,
    /// The service has accepted this run's probe, so the pause is over for all.
    pub is_accepted: bool,
    /// The key's quota is used up, in the words of the service: all runs with this key stop.
    pub halt: Option<String>,
}

/// What the store keeps of a service and a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// When the next request may start at the earliest.
    pub next_start: i64,
    /// The service asked to wait until this time, and why; it has accepted nothing since.
    pub pause: Option<(i64, String)>,
    /// The run that may send the probe.
    pub probe: Option<Who>,
    /// When the quota of the key was found used up, and the words of the service.
    pub halt: Option<(i64, String)>,
}

/// What the store keeps of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worker {
    /// Which run it is.
    pub who: Who,
    /// When it began.
    pub began: i64,
    /// The time from one start to the next that it wants to keep; zero if its pace is unlimited.
    pub gap: Duration,
    /// The most requests that it would have in flight at once.
    pub concurrency: usize,
    /// Its part of the concurrency.
    pub slots: usize,
    /// How many slots it could use.
    pub wanted: usize,
    /// Its requests in flight, as it reported them. They may be more than its part, until some of them have ended.
    pub in_flight: usize,
}

impl Worker {
    /// How many slots no other run may use.
    fn taken(&self) -> usize {
        self.slots.max(self.in_flight)
    }
}

/// What a run may do at present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// How many requests it may have in flight at once.
    pub concurrency: usize,
    /// The time from one start to the next that all runs keep together; zero if the pace is unlimited.
    pub gap: Duration,
    /// When further requests may start; in order.
    pub starts: Vec<i64>,
    /// How long to wait before asking for a start again.
    pub again: Duration,
    /// How long not to send a request, and why. Zero: the time is over, and no probe has been accepted yet.
    pub pause: Option<(Duration, String)>,
    /// Whether this run may send the probe.
    pub may_probe: bool,
    /// Another run has found the quota of the key used up, in the words of the service.
    pub halted: Option<String>,
}

/// Records the state that the run `me` reports at the time `now`, and returns what it may do. `others` are the runs whose requests may be in
/// flight. Changes `endpoint` and `me`, to be stored.
pub fn share(
    endpoint: &mut Endpoint,
    me: &mut Worker,
    others: &[Worker],
    standing: &Standing,
    now: i64,
) -> Share {
    me.gap = standing.gap;
    me.concurrency = standing.concurrency;
    me.wanted = standing.in_flight.saturating_add(standing.wanted);
    me.in_flight = standing.in_flight;
    me.slots = slots(me, others);
    let gap = others
        .iter()
        .map(|other| other.gap)
        .fold(me.gap, Duration::max);
    let (starts, again) = lend(endpoint, gap, standing.starts, now);
    let is_alive = |who: Who| who == me.who || others.iter().any(|other| other.who == who);
    pause(endpoint, me.who, standing, is_alive, now);
    let pause = endpoint.pause.as_ref().map(|(until, why)| {
        let left = u64::try_from(until - now).unwrap_or(0);
        (Duration::from_nanos(left), why.clone())
    });
    if let Some(words) = &standing.halt {
        endpoint.halt = Some((now, words.clone()));
    }
    let halt = endpoint.halt.as_ref().filter(|(at, _)| *at >= me.began);
    Share {
        concurrency: me.slots,
        gap,
        starts,
        again,
        may_probe: pause.is_some() && endpoint.probe == Some(me.who),
        pause,
        halted: halt.map(|(_, words)| words.clone()),
    }
}

/// The part of the concurrency that `me` gets: all that is free, or only its fair part if another run has fewer slots than its fair part
/// and wants more.
fn slots(me: &Worker, others: &[Worker]) -> usize {
    // A run that has not reported yet has no limit.
    let lowest = others.iter().map(|other| other.concurrency);
    let lowest = lowest.filter(|limit| *limit > 0);
    let most = lowest.fold(me.concurrency, usize::min);
    let taken: usize = others.iter().map(Worker::taken).sum();
    let free = most.saturating_sub(taken);
    let claimants = 1 + others.iter().filter(|other| other.wanted > 0).count();
    // The oldest runs get one slot more, so that no slot is left unused.
    let before = others
        .iter()
        .filter(|other| other.wanted > 0 && other.who < me.who)
        .count();
    let fair = most / claimants + usize::from(before < most % claimants);
    let least = most / claimants;
    let is_one_starved = others
        .iter()
        .any(|other| other.slots < other.wanted.min(least.max(1)));
    let upper = if is_one_starved { fair } else { most };
    me.wanted.min(free).min(upper)
}

/// Reserves up to `wanted` starts. If there is none, it returns how long to wait before asking again.
fn lend(endpoint: &mut Endpoint, gap: Duration, wanted: usize, now: i64) -> (Vec<i64>, Duration) {
    if gap.is_zero() || wanted == 0 {
        return (Vec::new(), Duration::ZERO);
    }
    let gap = nanos(gap);
    let end = now.saturating_add(nanos(LENT_AHEAD));
    let mut at = endpoint.next_start.max(now);
    let mut starts = Vec::new();
    while starts.len() < wanted && at <= end {
        starts.push(at);
        at = at.saturating_add(gap);
    }
    if starts.is_empty() {
        let again = u64::try_from(at - end).unwrap_or(0);
        return (starts, Duration::from_nanos(again));
    }
    endpoint.next_start = at;
    (starts, Duration::ZERO)
}

/// Updates the pause, and who may send the probe, from what the run `who` reports.
fn pause(
    endpoint: &mut Endpoint,
    who: Who,
    standing: &Standing,
    is_alive: impl Fn(Who) -> bool,
    now: i64,
) {
    if standing.is_accepted {
        (endpoint.pause, endpoint.probe) = (None, None);
    }
    if let Some((wait, why)) = &standing.pause {
        let until = now.saturating_add(nanos(*wait));
        let is_longer = endpoint
            .pause
            .as_ref()
            .is_none_or(|(known, _)| until > *known);
        if is_longer {
            endpoint.pause = Some((until, why.clone()));
        }
        endpoint.probe = None;
    }
    let is_over = endpoint
        .pause
        .as_ref()
        .is_some_and(|(until, _)| *until <= now);
    let is_free = endpoint.probe.is_none_or(|holder| !is_alive(holder));
    if is_over && is_free && standing.wants_probe {
        endpoint.probe = Some(who);
    }
}

fn nanos(length: Duration) -> i64 {
    i64::try_from(length.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Runs that share an endpoint, and the time.
    #[derive(Default)]
    struct Fleet {
        endpoint: Endpoint,
        workers: Vec<Worker>,
        now: i64,
    }

    impl Fleet {
        fn of(many: i64) -> Self {
            let worker = |who| Worker {
                who,
                ..Worker::default()
            };
            Self {
                workers: (0..many).map(worker).collect(),
                ..Self::default()
            }
        }

        fn says(&mut self, who: usize, standing: &Standing) -> Share {
            let mut me = self.workers.remove(who);
            let share = share(
                &mut self.endpoint,
                &mut me,
                &self.workers,
                standing,
                self.now,
            );
            self.workers.insert(who, me);
            share
        }

        fn slots(&self) -> Vec<usize> {
            self.workers.iter().map(|worker| worker.slots).collect()
        }

        fn taken(&self) -> usize {
            self.workers.iter().map(Worker::taken).sum()
        }
    }

    fn busy(concurrency: usize, in_flight: usize) -> Standing {
        Standing {
            concurrency,
            in_flight,
            wanted: concurrency,
            ..Standing::default()
        }
    }

    fn paced(per_second: u32, starts: usize) -> Standing {
        Standing {
            gap: Duration::from_secs(1) / per_second,
            starts,
            ..busy(10, 0)
        }
    }

    #[test]
    fn one_run_alone_may_use_all_slots_and_gives_some_to_those_that_join() {
        let mut fleet = Fleet::of(3);
        assert_eq!(fleet.says(0, &busy(10, 0)).concurrency, 10);
        assert_eq!(fleet.says(1, &busy(10, 0)).concurrency, 0);
        // Its ten requests are in flight; as they end, the other gets its fair part.
        assert_eq!(fleet.says(0, &busy(10, 10)).concurrency, 5);
        assert_eq!(fleet.says(1, &busy(10, 0)).concurrency, 0);
        assert_eq!(fleet.says(0, &busy(10, 7)).concurrency, 5);
        assert_eq!(fleet.says(1, &busy(10, 0)).concurrency, 3);
        assert_eq!(fleet.says(0, &busy(10, 5)).concurrency, 5);
        assert_eq!(fleet.says(1, &busy(10, 3)).concurrency, 5);
        fleet.says(2, &busy(10, 0));
        for _ in 0..3 {
            for who in 0..3 {
                fleet.says(who, &busy(10, 0));
            }
        }
        let mut slots = fleet.slots();
        slots.sort_unstable();
        assert_eq!(slots, [3, 3, 4]);
    }

    #[test]
    fn all_slots_together_never_exceed_the_lowest_limit() {
        let mut dice = 7_u64;
        let mut roll = |most: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from((dice >> 33) % most).expect("small")
        };
        let mut fleet = Fleet::of(5);
        let mut in_flight = [0_usize; 5];
        for _ in 0..10_000 {
            let who = roll(5);
            // It may have started as many as it may, or some have ended.
            let most = fleet.workers[who].slots.max(in_flight[who]);
            in_flight[who] = roll(u64::try_from(most).expect("small") + 1);
            let standing = Standing {
                wanted: roll(12),
                ..busy(10, in_flight[who])
            };
            fleet.says(who, &standing);
            assert!(fleet.taken() <= 10);
        }
    }

    #[test]
    fn a_run_with_nothing_to_do_gives_its_slots_to_the_others() {
        let mut fleet = Fleet::of(2);
        for who in [0, 1, 0, 1] {
            fleet.says(who, &busy(10, 0));
        }
        let idle = Standing {
            wanted: 0,
            ..busy(10, 1)
        };
        assert_eq!(fleet.says(0, &idle).concurrency, 1);
        assert_eq!(fleet.says(1, &busy(10, 5)).concurrency, 9);
    }

    #[test]
    fn with_more_runs_than_slots_the_limit_holds_and_some_runs_get_none() {
        let mut fleet = Fleet::of(4);
        for _ in 0..3 {
            for who in 0..4 {
                fleet.says(who, &busy(2, 0));
            }
        }
        assert_eq!((fleet.slots().iter().sum::<usize>(), fleet.taken()), (2, 2));
    }

    #[test]
    fn starts_are_lent_once_evenly_and_at_most_a_second_ahead() {
        let mut fleet = Fleet::of(2);
        fleet.now = 50 * SECOND;
        let mut all = Vec::new();
        for round in 0..20 {
            for who in 0..2 {
                all.extend(fleet.says(who, &paced(10, 3)).starts);
            }
            fleet.now = 50 * SECOND + round * SECOND / 5;
        }
        let gaps = all.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| gap == SECOND / 10), "{all:?}");
        assert!(all.iter().all(|at| *at <= fleet.now + SECOND));
        assert!(all.len() > 40, "{}", all.len());
    }

    #[test]
    fn the_slowest_pace_and_the_lowest_concurrency_count_for_all() {
        let mut fleet = Fleet::of(2);
        fleet.says(
            0,
            &Standing {
                gap: Duration::from_secs(2),
                ..busy(3, 0)
            },
        );
        let fast = fleet.says(
            1,
            &Standing {
                starts: 5,
                ..busy(8, 0)
            },
        );
        assert_eq!(fast.gap, Duration::from_secs(2));
        assert_eq!(fast.starts.len(), 1);
        assert!(fleet.slots().iter().sum::<usize>() <= 3);
        let next = fleet.says(
            1,
            &Standing {
                starts: 5,
                ..busy(8, 0)
            },
        );
        assert_eq!((next.starts.len(), next.again), (0, Duration::from_secs(1)));
    }

    #[test]
    fn a_pause_holds_for_all_and_one_probe_ends_it() {
        let mut fleet = Fleet::of(3);
        let waits = Standing {
            pause: Some((Duration::from_secs(4), "busy".into())),
            ..busy(10, 0)
        };
        let probing = Standing {
            wants_probe: true,
            ..busy(10, 0)
        };
        fleet.says(0, &waits);
        let heard = fleet.says(1, &probing);
        assert_eq!(heard.pause, Some((Duration::from_secs(4), "busy".into())));
        assert!(!heard.may_probe, "it is too early");
        fleet.now += 4 * SECOND;
        assert!(fleet.says(1, &probing).may_probe);
        assert!(!fleet.says(2, &probing).may_probe);
        assert!(fleet.says(1, &busy(10, 1)).may_probe, "it still has it");
        let accepted = Standing {
            is_accepted: true,
            ..busy(10, 0)
        };
        assert_eq!(fleet.says(1, &accepted).pause, None);
        assert_eq!(fleet.says(2, &probing).pause, None);
    }

    #[test]
    fn the_probe_of_a_dead_run_goes_to_another() {
        let mut fleet = Fleet::of(2);
        let waits = Standing {
            pause: Some((Duration::ZERO, "busy".into())),
            ..busy(10, 0)
        };
        let probing = Standing {
            wants_probe: true,
            ..busy(10, 0)
        };
        fleet.says(0, &waits);
        assert!(fleet.says(0, &probing).may_probe);
        assert!(!fleet.says(1, &probing).may_probe);
        fleet.workers.remove(0);
        assert!(fleet.says(0, &probing).may_probe);
    }

    #[test]
    fn a_used_up_quota_stops_the_runs_that_began_before() {
        let mut fleet = Fleet::of(2);
        fleet.now = 5 * SECOND;
        fleet.workers[1].began = 5 * SECOND;
        let halt = Standing {
            halt: Some("no credit".into()),
            ..busy(10, 0)
        };
        fleet.says(0, &halt);
        assert!(fleet.says(1, &busy(10, 0)).halted.is_some());
        fleet.workers[1].began = 6 * SECOND;
        assert_eq!(fleet.says(1, &busy(10, 0)).halted, None);
    }
}
