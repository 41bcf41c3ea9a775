//! What every run promises, whatever the service does, under a paused clock.

use super::scripted::{
    Model, Scripted, a_story, away, busy, most_in_a_second, ms, now, oops, run, settings,
};
use super::shared_budget::SharedBudget;
use backstory::facade::domain::event::Kind;
use backstory::facade::domain::money::{Budget, Cost, Money, Prices};
use backstory::facade::domain::outcome::Outcome;
use backstory::facade::provider::ProviderError;
use backstory::facade::runner::Stop;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_healthy_service_gets_all_characters_in_the_order_of_the_sheet() {
    let model = Model::of(1_000);
    let service = Scripted::new(|_, _, _| a_story());
    let (outcomes, events) = run(&model, &service, settings("unlimited", 8)).await;
    assert!(outcomes.stop.is_none());
    assert_eq!((model.count("done"), outcomes.requests), (1_000, 1_000));
    assert_eq!(
        events.count(|kind| matches!(kind, Kind::CharacterDone { .. })),
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
        service.in_flight.lock().expect("whole").1,
        8,
        "as many at once as there are slots"
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_interrupts_one_attempt_and_loses_no_slot() {
    let model = Model::of(40);
    let service = Scripted::new(|name, _, _| match name {
        "Name 5" => vec![(ms(1), Ok("panic"))],
        _ => a_story(),
    });
    let (outcomes, _) = run(&model, &service, settings("unlimited", 2)).await;
    assert!(
        matches!(outcomes.stop, Some(Stop::InternalError)),
        "{:?}",
        outcomes.stop
    );
    assert_eq!((model.count("done"), model.count("pending")), (39, 1));
    assert_eq!(model.row(5).outcomes, [Outcome::Interrupted]);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_always_gets_a_500_fails_and_the_others_finish() {
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

/// What may happen to a request.
#[derive(Debug, Clone, Copy)]
enum Behaviour {
    Story,
    Busy,
    Away,
    Oops,
    Cut,
    Slow,
}

fn behaviours() -> impl Strategy<Value = Vec<Behaviour>> {
    let one = prop_oneof![
        6 => Just(Behaviour::Story), 1 => Just(Behaviour::Busy), 1 => Just(Behaviour::Away), 1 => Just(Behaviour::Oops), 1 => Just(Behaviour::Cut),
        1 => Just(Behaviour::Slow),
    ];
    prop::collection::vec(one, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the service does, each character ends in one state, waiting costs no try, and pace and concurrency are kept.
    #[test]
    fn whatever_the_service_does_the_promises_hold(
        behaviours in behaviours(),
        many in 1_i64..60,
        places in 1_usize..9,
        patience in prop::sample::select(vec![60, 1_050, 900_000]),
        commit_takes in prop::sample::select(vec![0, 3, 12]),
        max_cost in prop::sample::select(vec![None, Some("0"), Some("3.5"), Some("20")]),
        budget in prop::sample::select(vec![None, Some("0"), Some("2.5"), Some("30")]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let mut model = Model::of(many);
            model.commit_takes = ms(commit_takes);
            let drawn = Mutex::new(0);
            let service = Scripted::new(move |_, _, _| {
                let mut drawn = drawn.lock().expect("whole");
                *drawn += 1;
                match behaviours[(*drawn - 1) % behaviours.len()] {
                    Behaviour::Story => a_story(),
                    Behaviour::Busy => now(busy),
                    Behaviour::Away => now(away),
                    Behaviour::Oops => now(oops),
                    Behaviour::Cut => vec![(ms(10), Ok("half")), (ms(10), Err(|| ProviderError::Cut { source: "reset".into() }))],
                    Behaviour::Slow => vec![(Duration::from_secs(70), Ok("late"))],
                }
            });
            let mut settings = settings("20/s", places);
            settings.patience = ms(patience);
            let money = |text: &str| text.parse::<Money>().expect("an amount");
            settings.budget = max_cost.or(budget).map(|_| Budget {
                prices: Prices { request: money("1"), ..Prices::default() },
                max: max_cost.map(money),
                cast_max: budget.map(money),
                written_max: 0,
            });
            model.budget = budget.map(|budget| SharedBudget::new(money(budget), money("2")));
            let running = run(&model, &service, settings);
            // A day of a faulty service. A run that takes longer hangs.
            let (outcomes, events) = tokio::time::timeout(Duration::from_hours(24), running).await.expect("it ends");
            let (done, failed, pending) = (model.count("done"), model.count("failed"), model.count("pending"));
            assert_eq!(i64::try_from(done + failed + pending).expect("few"), many);
            let stopped = matches!(outcomes.stop, Some(Stop::Patience { .. } | Stop::Cost { .. } | Stop::Budget { .. }));
            assert!(pending == 0 || stopped, "{:?}", outcomes.stop);
            if let Some(cost) = outcomes.cost {
                for max in max_cost.into_iter().chain(budget) {
                    assert!(cost.at_most() <= money(max), "{cost} of {max}");
                }
                let charged = events.0.iter().fold(Cost::default(), |mut sum, event| {
                    if let Kind::Charged { cost } = event.kind {
                        sum += cost;
                    }
                    sum
                });
                assert_eq!(charged, cost, "the events report what was spent");
            }
            assert!(service.in_flight.lock().expect("whole").1 <= places);
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
            let ended = events.count(|kind| matches!(kind, Kind::CharacterDone { .. } | Kind::CharacterFailed { .. }));
            assert_eq!(ended, done + failed);
            let at: Vec<f64> = service.asked().iter().map(|(at, _)| at.as_secs_f64()).collect();
            most_in_a_second(&at, 20.0, "20/s");
        });
    }
}
