//! The budget of a cast: it holds over all runs, and the cast remembers it.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, finished, killed, sheet_of};
use serde_json::{Value, json};

const PRICE: &str = "--price-per-request 0.1";

/// A service that holds all stories but the first until the first switch is on; the second one is on at each held request.
fn holding() -> (Fake, Switch, Switch) {
    let (gate, arrived) = (Switch::default(), Switch::default());
    let (opens, reached) = (gate.clone(), arrived.clone());
    let fake = Fake::start(move |asked| {
        let story = Answer::story(&story_of(&asked.name));
        if asked.nth == 0 {
            return story;
        }
        let mut steps = vec![Step::Reached(reached.clone()), Step::Until(opens.clone())];
        steps.extend(story.0);
        Answer(steps)
    });
    (fake, gate, arrived)
}

/// Cost, possible further cost, budget, and what is left of it.
fn money(folder: &Folder) -> [Value; 4] {
    let status = folder.status();
    ["cost", "cost_maybe", "budget", "budget_left"].map(|name| status[name].clone())
}

#[test]
fn concurrent_requests_cannot_exceed_the_budget_together_and_the_next_run_knows_it() {
    let (fake, gate, arrived) = holding();
    let folder = Folder::with_sheet(&sheet_of(20));
    let child = folder.start(&fake, &format!("--concurrency 8 {PRICE} --budget 0.55"));
    arrived.wait(4);
    gate.on();
    let ran = finished(child);
    assert_eq!((ran.code, fake.asked().len()), (4, 5), "{}", ran.err);
    for says in [
        "reached the budget of the cast, 0.5500: the cast may have cost 0.5000, and the next request may cost 0.1000\n",
        "hint: raise `--budget`; `--budget none` removes it\n",
        "· cost 0.5000 · budget of the cast 0.5500, 0.0500 left\n",
    ] {
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
    }
    assert_eq!(
        money(&folder),
        [json!(0.5), json!(0), json!(0.55), json!(0.05)]
    );
    let status = folder.run("status").out;
    assert!(
        status.contains("\n  budget    0.5500, 0.0500 left\n"),
        "{status}"
    );
    // The next run says nothing of the budget, and may not start anything.
    let ran = folder.generate(&fake, &format!("{PRICE} --progress json"));
    assert_eq!((ran.code, fake.asked().len()), (4, 5), "{}", ran.err);
    let last = ran.err.lines().last().expect("a line");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(
        (&last["budget"], &last["budget_left"]),
        (&json!(0.55), &json!(0.05))
    );
    assert!(
        last["error"]
            .as_str()
            .is_some_and(|it| it.starts_with("reached the budget"))
    );
    let ran = folder.generate(&fake, "");
    assert_eq!((ran.code, fake.asked().len()), (2, 5), "{}", ran.err);
    assert!(
        ran.err.contains("the cast has a budget of 0.5500"),
        "{}",
        ran.err
    );
}

#[test]
fn a_higher_budget_continues_and_none_removes_it() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(10)), Fake::telling());
    let ran = folder.generate(&fake, &format!("{PRICE} --budget 0.2"));
    assert_eq!((ran.code, fake.asked().len()), (4, 2), "{}", ran.err);
    let url = fake.url();
    let resume = |switches: &str| {
        folder.run(&format!(
            "resume --base-url {url} --rate unlimited {switches}"
        ))
    };
    let ran = resume(&format!("{PRICE} --budget 0.5"));
    assert_eq!((ran.code, fake.asked().len()), (4, 5), "{}", ran.err);
    // What is known is never forgotten: one more take costs, too.
    let ran = folder.run(&format!("redo #1 --base-url {url} {PRICE}"));
    assert_eq!((ran.code, fake.asked().len()), (4, 5), "{}", ran.err);
    let ran = resume("--budget none");
    assert_eq!((ran.code, fake.asked().len()), (0, 11), "{}", ran.err);
    assert_eq!(money(&folder)[2..], [Value::Null, Value::Null]);
    assert!(!folder.run("status").out.contains("budget"));
}

#[test]
fn a_budget_that_is_reached_with_the_last_character_does_not_stop_the_run() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    let ran = folder.generate(&fake, "--price-per-request 1 --budget 3");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = folder.generate(&fake, "--price-per-request 1 --budget 0.5");
    assert_eq!(ran.code, 0, "no character is left: {}", ran.err);
}

#[test]
fn what_requests_did_not_use_of_the_budget_is_for_others() {
    // Each may cost 0.0052 and more, and costs 0.00015: one after the other they all fit.
    let (folder, fake) = (Folder::with_sheet(&sheet_of(30)), Fake::chatting());
    let url = fake.url();
    let ran = folder.run(&format!(
        "run cast.csv --provider openai --rate unlimited --model m --base-url {url}/v1 --concurrency 8 --price-in 1 --price-out 1 --budget 0.0112"
    ));
    assert_eq!((ran.code, fake.asked().len()), (0, 30), "{}", ran.err);
    assert_eq!(
        money(&folder),
        [json!(0.0045), json!(0), json!(0.0112), json!(0.0067)]
    );
    let body: Value = serde_json::from_slice(&fake.asked()[0].body).expect("JSON");
    assert_eq!(
        body["max_tokens"], 5_200,
        "what is reserved is what may come"
    );
}

#[test]
fn a_refused_request_frees_its_part_and_one_that_may_have_been_charged_does_not() {
    let fake = Fake::start(|asked| match asked.nth {
        0 => Answer::status(422, "", "{}"),
        1 => Answer::begun().event("Half").then(Step::Reset),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let folder = Folder::with_sheet(&sheet_of(9));
    let ran = folder.generate(&fake, "--concurrency 1 --price-per-request 1 --budget 3");
    // The first one is free, the second one may have cost 1.
    assert_eq!((ran.code, fake.asked().len()), (4, 4), "{}", ran.err);
    assert_eq!(money(&folder), [json!(2), json!(1), json!(3), json!(0)]);
}

#[test]
fn requests_of_a_killed_run_count_towards_the_budget() {
    let (fake, gate, arrived) = holding();
    let folder = Folder::with_sheet(&sheet_of(20));
    let child = folder.start(&fake, &format!("--concurrency 8 {PRICE} --budget 0.55"));
    arrived.wait(4);
    killed(child);
    gate.on();
    // Four are in flight; the first one is stored, or was in flight as well.
    assert_eq!(money(&folder)[2..], [json!(0.55), json!(0.05)]);
    let ran = folder.generate(&fake, &format!("{PRICE} --budget 0.75"));
    assert_eq!((ran.code, fake.asked().len()), (4, 7), "{}", ran.err);
    assert_eq!(money(&folder)[2..], [json!(0.75), json!(0.05)]);
    let maybe = money(&folder)[1].as_f64().expect("an amount");
    assert!((0.35..0.55).contains(&maybe), "{maybe}");
}

#[test]
fn an_invalid_budget_is_refused() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    for (switches, says) in [
        ("--budget 1", "`--budget` needs a price"),
        (
            "--price-per-request 1 --budget lots",
            "expected `none`, or an amount",
        ),
        (
            "--price-per-request 1 --budget -1",
            "expected `none`, or an amount",
        ),
    ] {
        let ran = folder.generate(&fake, switches);
        assert_eq!(
            (ran.code, fake.asked().len()),
            (2, 0),
            "{switches}: {}",
            ran.err
        );
        assert!(ran.err.contains(says), "{switches}: {}", ran.err);
    }
}

#[test]
fn a_plan_says_whether_the_budget_suffices() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(10)), Fake::telling());
    let plan = |switches: &str| {
        folder.run(format!("plan cast.csv --price-per-request 1 {switches}").trim_end())
    };
    let before = plan("--budget 8");
    let says = "about 10.00, more than what is left of the budget (8.00, 8.00 left)\n";
    assert!(before.out.contains(says), "{}", before.out);
    assert!(!plan("--budget 10").out.contains("more than"));
    let ran = folder.generate(&fake, "--price-per-request 1 --budget 2");
    assert_eq!(ran.code, 4, "{}", ran.err);
    let after = plan("");
    assert!(
        after.out.contains("\nbudget of the cast: 2.00, 0 left\n"),
        "{}",
        after.out
    );
    let json: Value = serde_json::from_str(&plan("--json --budget 5").out).expect("JSON");
    assert_eq!(
        (&json["budget"], &json["budget_left"]),
        (&json!(5), &json!(3))
    );
    // A plan changes nothing.
    assert_eq!(money(&folder)[2], json!(2));
    folder.write("backstory.toml", "price-per-request = 1\nbudget = 4\n");
    let ran = folder.generate(&fake, "");
    assert_eq!((ran.code, fake.asked().len()), (4, 4), "{}", ran.err);
    folder.write("backstory.toml", "budget = \"none\"\n");
    assert_eq!(folder.generate(&fake, "").code, 0);
    let casts = folder.query("select cost, budget from casts");
    assert_eq!(casts, [json!({"cost": 4.0, "budget": null})]);
}
