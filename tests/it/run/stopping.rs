//! Runs that stop: signals, refusals and a store that fails, under a paused clock.

use super::scripted::{
    Model, RecordedEvents, Scripted, a_story, ms, parts, refused, run, settings,
};
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::provider::ProviderError;
use backstory::facade::runner::{Run, Signal, Stop};
use backstory::facade::store::Settlement;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The refusal that stops the run comes while the next group of attempts is being committed.
#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_recorded_when_the_run_stops_is_not_sent() {
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
async fn a_store_that_fails_once_loses_no_story_and_stops_new_requests() {
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
async fn a_store_that_always_fails_returns_every_result() {
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

/// A signal comes before or after the store fails. In each case the run reports the store and returns the unsaved results.
#[tokio::test(start_paused = true)]
async fn a_signal_does_not_hide_a_failing_store() {
    for after in [600, 900, 1_700] {
        let mut model = Model::of(40);
        model.failing = vec![u64::MAX];
        let service = Scripted::new(|_, _, _| a_story());
        let (sender, signals) = mpsc::unbounded_channel();
        let mut events = RecordedEvents::default();
        let parts = parts(&model, &service, &mut events, signals);
        let run = Run::new(parts, settings("unlimited", 4)).run();
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
async fn a_signal_lets_streams_finish_within_grace() {
    let model = Model::of(30);
    let service = Scripted::new(|name, _, _| match name {
        "Name 4" => vec![
            (ms(10), Ok("slow")),
            (Duration::from_secs(50), Ok(" story.")),
        ],
        _ => a_story(),
    });
    let mut events = RecordedEvents::default();
    let (sender, signals) = mpsc::unbounded_channel();
    let parts = parts(&model, &service, &mut events, signals);
    let running = Run::new(parts, settings("unlimited", 3)).run();
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
