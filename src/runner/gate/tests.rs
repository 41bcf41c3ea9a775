//! Tests of the gate as a whole: state, pace, concurrency and waits together.

use super::outage::PATIENCE_UNANSWERED;
use super::pacer::LEAD;
use super::*;

const PATIENCE: Duration = Duration::from_mins(15);

fn settings(pace: &str, concurrency: usize) -> GateSettings {
    GateSettings {
        pace: pace.parse().expect("a pace"),
        concurrency,
        patience: PATIENCE,
        is_shared: false,
    }
}

/// Asks for a permit, and returns when its request may be sent.
fn pass(gate: &mut Gate, now: Instant) -> Option<Instant> {
    gate.pass(now).map(|permit| permit.at)
}

fn gate(pace: &str, concurrency: usize) -> (Gate, Instant) {
    let now = Instant::now();
    (Gate::new(settings(pace, concurrency), None, now), now)
}

/// A gate that the first text of the first request has opened.
fn opened(pace: &str, concurrency: usize) -> (Gate, Instant) {
    let (mut gate, now) = gate(pace, concurrency);
    assert_eq!(pass(&mut gate, now), Some(now));
    gate.let_through(now);
    (gate, now)
}

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

/// What a window may hold above the pace is what fits in 10 ms.
#[tokio::test(start_paused = true)]
async fn no_delay_makes_a_burst_of_more_than_fits_in_ten_milliseconds() {
    for late_ms in 0..40 {
        let (mut gate, now) = opened("1000/s", 100);
        let stalled = now + Duration::from_millis(1 + late_ms);
        let mut burst = gate.may_start(stalled, 0, 100);
        for _ in 0..burst {
            assert!(pass(&mut gate, stalled).is_some_and(|at| at <= stalled + LEAD));
        }
        // And no further request is added to them.
        burst += gate.may_start(stalled, burst, 100);
        assert!(burst <= 11, "{late_ms}: {burst}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_request_is_alone_until_its_first_text() {
    let (mut gate, now) = gate("unlimited", 8);
    assert_eq!(gate.may_start(now, 0, 100), 1);
    assert!(pass(&mut gate, now).is_some());
    assert_eq!(gate.may_start(now, 1, 100), 0);
    assert_eq!(pass(&mut gate, now), None);
    assert!(!gate.let_through(now), "there was no trouble to end");
    assert_eq!(gate.may_start(now, 1, 100), 7);
}

#[tokio::test(start_paused = true)]
async fn starts_are_evenly_spaced_and_no_burst_follows_idle_time() {
    let (mut gate, start) = opened("10/s", 100);
    let mut at = start;
    for nth in 1..=50 {
        at = pass(&mut gate, at).expect("open");
        assert_eq!(at.duration_since(start), Duration::from_millis(100) * nth);
    }
    let late = at + secs(60.0);
    assert_eq!(
        gate.may_start(late, 0, 100),
        1,
        "one is due, however long the idle time was"
    );
    assert_eq!(pass(&mut gate, late), Some(late));
    assert_eq!(pass(&mut gate, late), Some(late + secs(0.1)));
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_wakes_late_loses_nothing_of_the_pace() {
    let (mut gate, start) = opened("1000/s", 100);
    let mut now = start;
    for nth in 1..=1_000_u32 {
        let planned = pass(&mut gate, now).expect("open");
        assert_eq!(planned, start + Duration::from_millis(1) * nth);
        now = planned + Duration::from_micros(1_700);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_later_than_a_timer_can_be_delays_those_after_it() {
    let (mut gate, start) = opened("100/s", 100);
    let ms = Duration::from_millis;
    assert_eq!(pass(&mut gate, start + ms(15)), Some(start + ms(10)));
    assert_eq!(pass(&mut gate, start + ms(26)), Some(start + ms(26)));
    assert_eq!(pass(&mut gate, start + ms(26)), Some(start + ms(36)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_closes_once_for_all_that_were_in_flight() {
    let (mut gate, now) = opened("unlimited", 64);
    let refused = gate.trouble(now, now, Trouble::Busy(None), 1.0);
    assert_eq!(refused, Closing::Closed(secs(1.0)));
    for _ in 1..64 {
        assert_eq!(
            gate.trouble(now, now, Trouble::Busy(None), 1.0),
            Closing::Nothing
        );
    }
    assert_eq!(gate.may_start(now + secs(0.9), 0, 9), 0);
    assert_eq!(gate.may_start(now + secs(1.0), 0, 9), 1, "one probe");
    let probed = now + secs(1.0);
    pass(&mut gate, probed).expect("a probe");
    let again = gate.trouble(probed + secs(0.1), probed, Trouble::Busy(None), 1.0);
    assert_eq!(again, Closing::Closed(secs(2.0)));
}

#[tokio::test(start_paused = true)]
async fn a_longer_wait_extends_a_closed_gate_and_a_shorter_one_does_not() {
    let (mut gate, now) = opened("unlimited", 64);
    let busy = |asked| Trouble::Busy(Some(secs(asked)));
    assert_eq!(
        gate.trouble(now, now, busy(10.0), 0.0),
        Closing::Closed(secs(10.0))
    );
    let later = now + secs(4.0);
    assert_eq!(gate.trouble(later, now, busy(5.0), 0.0), Closing::Nothing);
    assert_eq!(
        gate.trouble(later, now, busy(30.0), 0.0),
        Closing::Closed(secs(30.0))
    );
    assert_eq!(gate.wake(later), Some(later + secs(30.0)));
}

#[tokio::test(start_paused = true)]
async fn pace_and_concurrency_halve_and_recover_but_never_exceed_what_was_set() {
    let (mut gate, now) = opened("10/s", 8);
    gate.trouble(now, now, Trouble::Busy(None), 1.0);
    let probed = now + secs(1.0);
    let first = pass(&mut gate, probed).expect("a probe");
    assert!(gate.let_through(probed), "the trouble is over");
    assert_eq!(gate.concurrency(), 4);
    assert_eq!(pass(&mut gate, first), Some(first + secs(0.2)));
    for _ in 0..1_000 {
        gate.succeeded();
    }
    assert_eq!(gate.concurrency(), 8);
    let next = pass(&mut gate, first).expect("open");
    assert_eq!(pass(&mut gate, next), Some(next + secs(0.1)));
}

#[tokio::test(start_paused = true)]
async fn after_any_number_of_refusals_everything_is_back_within_a_minute() {
    let (mut gate, mut now) = opened("60/min", 8);
    for _ in 0..5 {
        gate.trouble(now, now, Trouble::Busy(Some(secs(1.0))), 1.0);
        now += secs(1.0);
        now = pass(&mut gate, now).expect("a probe");
    }
    gate.let_through(now);
    let mut starts = 0;
    let end = now + secs(60.0);
    while now < end {
        gate.recover(now);
        if gate.may_start(now, 0, 1) > 0 {
            let _ = pass(&mut gate, now);
            starts += 1;
        }
        now = gate.wake(now).expect("time brings more").min(end);
    }
    assert_eq!(gate.concurrency(), 8);
    assert!(starts >= 30, "{starts} starts in a minute at 60/min");
    let at = pass(&mut gate, end).expect("open");
    assert_eq!(pass(&mut gate, end), Some(at + secs(1.0)));
}

#[tokio::test(start_paused = true)]
async fn patience_ends_sooner_before_the_first_answer() {
    let (mut gate, mut now) = gate("unlimited", 3);
    let start = now;
    loop {
        pass(&mut gate, now).expect("a probe");
        match gate.trouble(now, now, Trouble::Unreachable, 1.0) {
            Closing::Closed(wait) => now += wait,
            other => {
                assert_eq!(other, Closing::GiveUp(PATIENCE_UNANSWERED));
                break;
            }
        }
    }
    assert_eq!(now - start, PATIENCE_UNANSWERED);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_patience_is_not_begun() {
    let (mut gate, now) = opened("unlimited", 3);
    let day = secs(86_400.0);
    assert_eq!(
        gate.trouble(now, now, Trouble::Busy(Some(day)), 0.0),
        Closing::GiveUp(day)
    );
}

#[tokio::test(start_paused = true)]
async fn the_pace_holds_across_a_restart() {
    let now = Instant::now() + secs(100.0);
    let mut gate = Gate::new(settings("1/min", 3), Some(now - secs(20.0)), now);
    assert_eq!(gate.may_start(now, 0, 1), 0);
    assert_eq!(pass(&mut gate, now), Some(now + secs(40.0)));
}

#[tokio::test(start_paused = true)]
async fn a_hold_ends_at_the_time_that_the_service_named() {
    let (mut gate, now) = opened("unlimited", 8);
    assert!(gate.hold(now, now + secs(5.0)));
    assert!(
        !gate.hold(now, now + secs(3.0)),
        "a shorter one says nothing new"
    );
    let later = now + secs(4.0);
    assert_eq!(gate.may_start(later, 0, 9), 0);
    assert_eq!(pass(&mut gate, later), None);
    assert_eq!(gate.wake(later), Some(now + secs(5.0)));
    assert_eq!(
        gate.may_start(now + secs(5.0), 0, 9),
        8,
        "no probe: no request was refused"
    );
    assert!(
        !gate.hold(now, now + PATIENCE + secs(1.0)),
        "it is beyond all patience"
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_hold_never_raises_the_pace() {
    let (mut gate, start) = opened("1/s", 8);
    pass(&mut gate, start).expect("open");
    let now = start + secs(1.0);
    assert!(gate.hold(now, now + secs(0.5)));
    let at = now + secs(0.5);
    assert_eq!(
        gate.may_start(at, 1, 9),
        0,
        "one started a second ago: the next is due at two"
    );
    assert_eq!(pass(&mut gate, at), Some(start + secs(2.0)));
}

#[test]
fn the_first_permit_after_a_hold_says_that_the_hold_is_over_and_no_other_does() {
    let (mut gate, now) = opened("unlimited", 8);
    let ends_hold = |gate: &mut Gate, now| gate.pass(now).expect("open").ends_hold;
    assert!(!ends_hold(&mut gate, now));
    assert!(gate.hold(now, now + secs(5.0)));
    let after = now + secs(5.0);
    assert!(ends_hold(&mut gate, after));
    assert!(!ends_hold(&mut gate, after));
}

#[test]
fn a_probe_that_ends_trouble_ends_a_reported_hold_too() {
    let (mut gate, now) = opened("unlimited", 8);
    assert!(gate.hold(now, now + secs(1.0)));
    gate.trouble(now, now, Trouble::Busy(Some(secs(2.0))), 0.0);
    let probed = now + secs(2.0);
    assert!(gate.hold(probed - secs(0.5), probed - secs(0.1)));
    let permit = gate.pass(probed).expect("a probe");
    assert!(permit.is_probe && permit.ends_hold);
    assert!(gate.hold(probed, probed + secs(1.0)));
    assert!(gate.let_through(probed), "the trouble is over");
    let permit = gate.pass(probed + secs(1.0)).expect("open");
    assert!(!permit.is_probe && !permit.ends_hold, "it is reported once");
}
