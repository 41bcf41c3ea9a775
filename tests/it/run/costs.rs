//! The cost of requests: the sum of a cast, the estimate before a run, and the limit that concurrent requests cannot exceed
//! together.

use crate::fake::{Answer, Fake, Step, Switch, event, said, story_of};
use crate::harness::{Folder, Ran, killed, sheet_of};
use serde_json::{Value, json};

fn chat(folder: &Folder, fake: &Fake, switches: &str) -> Ran {
    folder.run(&chatting(fake, switches))
}

fn chatting(fake: &Fake, switches: &str) -> String {
    let url = fake.url();
    format!(
        "run cast.csv --provider openai --rate unlimited --model m --base-url {url}/v1 {switches}"
    )
}

fn cost(folder: &Folder) -> (Value, Value) {
    let status = folder.status();
    (status["cost"].clone(), status["cost_maybe"].clone())
}

#[test]
fn concurrent_requests_cannot_exceed_the_cost_limit_together() {
    let (gate, arrived) = (Switch::default(), Switch::default());
    let (opens, reached) = (gate.clone(), arrived.clone());
    // No request is answered before all requests that may start have started.
    let fake = Fake::start(move |asked| {
        let story = Answer::story(&story_of(&asked.name));
        if asked.nth == 0 {
            return story;
        }
        let mut steps = vec![Step::Reached(reached.clone()), Step::Until(opens.clone())];
        steps.extend(story.0);
        Answer(steps)
    });
    let folder = Folder::with_sheet(&sheet_of(20));
    let child = folder.start(
        &fake,
        "--concurrency 8 --price-per-request 0.1 --max-cost 0.55",
    );
    arrived.wait(4);
    gate.on();
    let ran = crate::harness::finished(child);
    assert_eq!((ran.code, fake.asked().len()), (4, 5), "{}", ran.err);
    let says =
        "reached `--max-cost`: this run may have cost 0.5000, and the next request may cost 0.1000";
    assert!(ran.err.contains(says), "{}", ran.err);
    assert!(
        ran.err.contains("--max-cost") && ran.err.contains("cost 0.5000\n"),
        "{}",
        ran.err
    );
    let status = folder.status();
    assert_eq!(
        (&status["done"], &status["pending"]),
        (&json!(5), &json!(15))
    );
    assert_eq!(cost(&folder), (json!(0.5), json!(0)));
    // The limit is of a run, the account of the cast.
    let ran = folder.generate(&fake, "--price-per-request 0.1 --max-cost 0.1");
    assert_eq!((ran.code, fake.asked().len()), (4, 6), "{}", ran.err);
    assert_eq!(cost(&folder), (json!(0.6), json!(0)));
}

#[test]
fn a_cost_limit_that_is_reached_with_the_last_character_does_not_stop_the_run() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    let ran = folder.generate(&fake, "--price-per-request 1 --max-cost 3");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = folder.generate(&fake, "--price-per-request 1 --max-cost 0.5");
    assert_eq!(ran.code, 0, "no character is left: {}", ran.err);
}

#[test]
fn reserved_tokens_that_were_not_used_are_released_and_the_run_goes_on() {
    // Each may cost 0.0052 and more, and costs 0.00015: one after the other they all fit.
    let (folder, fake) = (Folder::with_sheet(&sheet_of(30)), Fake::chatting());
    let ran = chat(
        &folder,
        &fake,
        "--concurrency 8 --price-in 1 --price-out 1 --max-cost 0.0112",
    );
    assert_eq!((ran.code, fake.asked().len()), (0, 30), "{}", ran.err);
    assert_eq!(cost(&folder), (json!(0.0045), json!(0)));
    let body: Value = serde_json::from_slice(&fake.asked()[0].body).expect("JSON");
    assert_eq!(
        body["max_tokens"], 5_200,
        "what is set aside is what may come"
    );
    let attempts =
        folder.query("select distinct tokens_in, tokens_out, cost, cost_maybe from attempts");
    assert_eq!(
        attempts,
        [json!({"tokens_in": 100, "tokens_out": 50, "cost": 0.00015, "cost_maybe": 0.0})]
    );
    let ran = folder.run("status");
    assert!(ran.out.contains("cost      0.0045\n"), "{}", ran.out);
}

#[test]
fn unknown_costs_are_shown_separately() {
    let fake = Fake::start(|asked| match (asked.name.as_str(), asked.nth_for_name) {
        ("Name 1", 0) => Answer::begun().event(&said("Half")).then(Step::Reset),
        ("Name 2", 0) => Answer::status(429, "retry-after: 0\r\n", "{}"),
        ("Name 3", 0) => Answer::chat("Half", "tool_calls", (100, 50)),
        ("Name 4", _) => {
            let stop = crate::fake::ended_with("stop");
            Answer::chunks([said("She left."), stop, "[DONE]".into()].map(|data| event(&data)))
        }
        (name, _) => Answer::chat(&story_of(name), "stop", (100, 50)),
    });
    let folder = Folder::with_sheet(&sheet_of(4));
    let ran = chat(
        &folder,
        &fake,
        "--price-per-request 0.5 --price-out 10 --progress json --concurrency 8",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let attempts =
        folder.query("select name, outcome, cost, cost_maybe from attempts order by row, attempt");
    let of = |name: &str, outcome: &str, cost: f64, cost_maybe: f64| json!({"name": name, "outcome": outcome, "cost": cost, "cost_maybe": cost_maybe});
    assert_eq!(
        attempts,
        [
            of("Name 1", "unknown", 0.0, 0.552),
            of("Name 1", "ok", 0.5005, 0.0),
            of("Name 2", "wait", 0.0, 0.0),
            of("Name 2", "ok", 0.5005, 0.0),
            of("Name 3", "bad_text", 0.5005, 0.0),
            of("Name 3", "ok", 0.5005, 0.0),
            // It did not say what it read and wrote.
            of("Name 4", "ok", 0.5, 0.052),
        ]
    );
    assert_eq!(cost(&folder), (json!(2.502), json!(0.604)));
    let last = ran.err.lines().last().expect("a line");
    assert!(
        last.contains(r#""cost":2.502,"cost_maybe":0.604"#),
        "{last}"
    );
    assert!(
        folder
            .run("status")
            .out
            .contains("cost      2.50 to 3.11\n")
    );
    let casts = folder.query("select cost, cost_maybe from casts");
    assert_eq!(casts, [json!({"cost": 2.502, "cost_maybe": 0.604})]);
}

#[test]
fn a_killed_run_leaves_no_gap_in_the_costs() {
    let (held, arrived) = (Switch::default(), Switch::default());
    let (holds, reached) = (held.clone(), arrived.clone());
    let fake = Fake::start(move |asked| match asked.nth {
        1..=3 => Answer::begun()
            .then(Step::Reached(reached.clone()))
            .then(Step::Until(holds.clone())),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let folder = Folder::with_sheet(&sheet_of(4));
    let child = folder.start(&fake, "--price-per-request 0.25");
    arrived.wait(3);
    killed(child);
    assert_eq!(
        cost(&folder),
        (json!(0.25), json!(0.75)),
        "before the next run"
    );
    held.on();
    assert_eq!(folder.generate(&fake, "--price-per-request 0.25").code, 0);
    assert_eq!(cost(&folder), (json!(1), json!(0.75)), "and after it");
    let attempts =
        folder.query("select sum(cost) as known, sum(cost_maybe) as maybe from attempts");
    assert_eq!(attempts, [json!({"known": 1.0, "maybe": 0.75})]);
}

#[test]
fn without_prices_no_cost_is_shown() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    let ran = folder.generate(&fake, "");
    assert!(!ran.err.contains("cost"), "{}", ran.err);
    assert_eq!(cost(&folder), (Value::Null, Value::Null));
    assert!(!folder.run("status").out.contains("cost"));
}

#[test]
fn an_invalid_price_is_refused() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    for (switches, says) in [
        ("--max-cost 1", "`--max-cost` needs a price"),
        ("--price-in 1", "`convai` does not report tokens"),
        ("--price-per-request -1", "expected an amount"),
        (
            "--price-per-request=1,5",
            "expected an amount such as `0.15`",
        ),
        (
            "--price-per-request 1 --max-cost lots",
            "expected an amount",
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
fn a_plan_says_what_it_will_cost_about() {
    let folder = Folder::with_sheet(&sheet_of(1_000));
    let plan = |switches: &str| folder.run(format!("plan cast.csv {switches}").trim_end());
    let ran = plan("--price-per-request 0.02 --json");
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json["estimate"], 20);
    assert!(
        plan("--price-per-request 0.02")
            .out
            .contains("1000 requests, at least 16m 39s at 60/min, about 20.00\n")
    );
    assert!(
        plan("--price-per-request 0.02 --max-cost 5")
            .out
            .contains("about 20.00, more than `--max-cost` 5.00\n")
    );
    // Three hundred words are four hundred tokens.
    let ran = plan("--provider openai --model m --price-out 0.60 --limit 10 --json");
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json["estimate"], 0.0024);
    let ran = plan("--json");
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json["estimate"], Value::Null);
    folder.write(
        "backstory.toml",
        "price-per-request = 0.5\nmax-cost = \"1\"\n",
    );
    assert!(
        plan("")
            .out
            .contains("about 500.00, more than `--max-cost` 1.00")
    );
}
