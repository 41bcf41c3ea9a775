//! Services that are busy, away or slow, and the pace, under a paused clock.

use super::scripted::{
    Model, Script, Scripted, a_story, away, busy, most_in_a_second, ms, now, refused, run, settings,
};
use backstory::facade::domain::event::Kind;
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::provider::ProviderError;
use backstory::facade::runner::Stop;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

/// Requests that start at the same time also end at the same time, and would then always wait for each other.
#[tokio::test(start_paused = true)]
async fn many_free_slots_are_filled_in_small_groups() {
    let model = Model {
        commit_takes: ms(1),
        ..Model::of(500)
    };
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, _) = run(&model, &service, settings("unlimited", 100)).await;
    assert_eq!(outcomes.done, 500);
    assert_eq!(service.in_flight.lock().expect("whole").1, 100);
    assert_eq!(*model.burst.lock().expect("whole"), 8);
    let took = service.start.elapsed();
    assert!(took < ms(200) + 5 * ms(500) + ms(150), "{took:?}");
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
async fn a_server_with_few_slots_loses_no_row_to_its_queue() {
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
async fn concurrency_falls_to_what_is_served_and_rises_again() {
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
async fn ten_minutes_of_503_cost_only_probes_and_no_tries() {
    let model = Model::of(200);
    let storm = Duration::from_mins(1)..Duration::from_mins(11);
    let service = Scripted::new(move |_, _, at| {
        if storm.contains(&at) {
            now(busy)
        } else {
            a_story()
        }
    });
    let (outcomes, events) = run(&model, &service, settings("2/s", 64)).await;
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
    assert_eq!(events.count(|kind| matches!(kind, Kind::Resumed)), 1);
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
async fn sixty_four_refusals_at_once_cause_one_pause() {
    let model = Model::of(500);
    let service = Scripted::new(move |_, _, at| {
        if (ms(600)..ms(1_300)).contains(&at) {
            now(busy)
        } else {
            a_story()
        }
    });
    let (_, events) = run(&model, &service, settings("unlimited", 64)).await;
    assert_eq!(model.count("done"), 500);
    assert_eq!(
        events.count(|kind| matches!(kind, Kind::Paused { .. })),
        1,
        "{:?}",
        events
            .0
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
async fn the_run_waits_for_a_service_that_is_down_for_a_while() {
    let model = Model::of(300);
    let gone = Duration::from_secs(10)..Duration::from_secs(30);
    let service = Scripted::new(move |_, _, at| {
        if gone.contains(&at) {
            now(away)
        } else {
            a_story()
        }
    });
    let (outcomes, events) = run(&model, &service, settings("10/s", 8)).await;
    assert!(outcomes.stop.is_none(), "{:?}", outcomes.stop);
    assert_eq!(
        (model.count("done"), outcomes.requests),
        (300, 300),
        "what never left does not count"
    );
    assert_eq!(events.count(|kind| matches!(kind, Kind::Resumed)), 1);
    let away = Duration::from_secs(10)..Duration::from_secs(30);
    let during = service
        .asked()
        .iter()
        .filter(|(at, _)| away.contains(at))
        .count();
    assert!(during <= 8 + 6, "{during} knocks at a closed door");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_never_reachable_is_given_up_after_a_minute() {
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
    assert_eq!(
        service.in_flight.lock().expect("whole").1,
        1,
        "one at a time"
    );
}

/// A pause of a few ms at the end of patience: the planned time of the probe is before the refusal.
#[tokio::test(start_paused = true)]
async fn a_probe_that_is_refused_at_once_is_not_waited_for() {
    let events = || refused(429, Outcome::Wait, Some(1));
    for (delay, commit_takes) in (30..50).flat_map(|delay| [1, 4, 7, 9].map(|takes| (delay, takes)))
    {
        let mut model = Model::of(6);
        model.commit_takes = ms(commit_takes);
        let drawn = Mutex::new(0);
        let service = Scripted::new(move |_, _, _| {
            let mut drawn = drawn.lock().expect("whole");
            *drawn += 1;
            match *drawn {
                1 => vec![(ms(0), Err(events as fn() -> ProviderError))],
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

#[tokio::test(start_paused = true)]
async fn a_used_up_rate_limit_is_waited_for_before_a_refusal_comes() {
    let model = Model::of(40);
    let service = Scripted::new(|name, _, _| match name {
        "Name 9" => vec![(ms(100), Ok("held")), (ms(100), Ok("A story."))],
        _ => a_story(),
    });
    let (outcomes, events) = run(&model, &service, settings("unlimited", 4)).await;
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
    assert_eq!(
        between.count(),
        0,
        "no request is sent that would be refused"
    );
    assert!(
        asked.iter().any(|(at, _)| *at == until),
        "no request waits longer than that"
    );
    assert_eq!(events.count(|kind| matches!(kind, Kind::Paused { .. })), 1);
    assert_eq!(events.count(|kind| matches!(kind, Kind::Resumed)), 1);
}

/// Rates from slow to fast: the share of the pace that is used, and the most starts in any second.
#[tokio::test(start_paused = true)]
async fn the_pace_is_fully_used_and_never_exceeded() {
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

#[tokio::test(start_paused = true)]
async fn the_first_request_is_alone_until_its_first_text() {
    let model = Model::of(12);
    let service =
        Scripted::new(|_, _, _| vec![(ms(7_000), Ok("A story")), (ms(500), Ok(" ends."))]);
    let (outcomes, _) = run(&model, &service, settings("unlimited", 3)).await;
    assert_eq!(outcomes.done, 12);
    let asked: Vec<Duration> = service.asked().into_iter().map(|(at, _)| at).collect();
    assert!(asked[0] < ms(10), "{asked:?}");
    assert!(asked[1..].iter().all(|at| *at >= ms(7_000)), "{asked:?}");
    assert!(asked[1] < ms(7_100), "{asked:?}");
}
