//! Timeouts of a stream, under a paused clock.

use super::scripted::{Model, RecordedEvents, Scripted, a_story, ms, parts, run, settings};
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::runner::{Run, Signal};
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// What may be silent for long before its first text may not be so after it.
#[tokio::test(start_paused = true)]
async fn a_stream_that_stalls_after_its_first_text_has_only_the_idle_timeout() {
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
async fn comments_before_the_first_text_extend_the_wait_up_to_the_total_timeout() {
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
async fn comments_after_the_first_text_do_not_extend_the_idle_timeout() {
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

#[tokio::test(start_paused = true)]
async fn a_slow_stream_ends_at_the_total_timeout() {
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

/// The timeout or the signal comes at the same time as a text.
#[tokio::test(start_paused = true)]
async fn an_endless_stream_ends_at_a_timeout_or_a_signal() {
    let total = Duration::from_mins(5);
    for (drip, signals, ended) in [
        (ms(100), &[][..], total),
        (ms(100), &[ms(1_200)], ms(31_200)),
        (ms(100), &[ms(1_000), ms(200)], ms(1_200)),
        (ms(1), &[ms(1_000), ms(200)], ms(1_200)),
    ] {
        let model = Model::of(1);
        let service = Scripted::new(move |_, _, _| vec![(drip, Ok("x")); 4_000]);
        let mut events = RecordedEvents::default();
        let (sender, heard) = mpsc::unbounded_channel();
        let mut settings = settings("unlimited", 1);
        settings.policy.attempts_max = NonZeroU32::MIN;
        let parts = parts(&model, &service, &mut events, heard);
        let run = Run::new(parts, settings).run();
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

/// A process that was suspended reads what arrived meanwhile piece by piece, all of it after the timeout.
#[tokio::test(start_paused = true)]
async fn what_is_still_unread_when_a_timeout_passes_is_read_to_its_end() {
    let model = Model::of(1);
    let mut settings = settings("unlimited", 1);
    settings.timeouts.first = Duration::from_mins(10);
    let total = settings.timeouts.total;
    let service = Scripted::new(move |_, _, _| {
        vec![
            (total + ms(5), Ok("A story")),
            (ms(5), Ok(" that")),
            (ms(5), Ok(" ends.")),
        ]
    });
    let (outcomes, _) = run(&model, &service, settings).await;
    assert_eq!((outcomes.requests, outcomes.done), (1, 1));
}
