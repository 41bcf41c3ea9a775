//! `check`: it reports what is wrong before it costs anything, with the messages and the exit code of `run`.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, Ran, sheet_of};

fn check(folder: &Folder, line: &str) -> Ran {
    folder.run(format!("check {line}").trim_end())
}

/// The line about a thing.
fn about<'r>(ran: &'r Ran, thing: &str) -> &'r str {
    let mut lines = ran.out.lines();
    let found = lines.find(|line| line.split_whitespace().nth(1) == Some(thing));
    found.unwrap_or_else(|| panic!("nothing about {thing}: {}{}", ran.out, ran.err))
}

#[test]
fn check_finds_no_problem_without_a_request_or_a_new_file() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    let ran = check(&folder, &format!("cast.csv --base-url {}", fake.url()));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for thing in [
        "provider", "sheet", "key", "database", "disk", "clock", "endpoint",
    ] {
        assert!(about(&ran, thing).starts_with("ok "), "{}", ran.out);
    }
    assert!(
        about(&ran, "sheet").ends_with("3 rows, 3 requests to send"),
        "{}",
        ran.out
    );
    assert_eq!(
        (fake.asked().len(), folder.files()),
        (0, vec!["cast.csv".to_owned()])
    );
}

#[test]
fn check_reports_all_problems_and_exits_as_run_would() {
    let folder = Folder::new();
    folder.write("cast.csv", "name,description\nAda\nBo,b\n,c\n");
    let mut command =
        folder.command("check cast.csv --base-url http://127.0.0.1:1 --db nowhere/x.db".split(' '));
    let output = command
        .env_remove("CONVAI_API_KEY")
        .output()
        .expect("it runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{out}");
    for says in [
        "wrong  sheet     cannot read `cast.csv`: 2 faults",
        "wrong  key       no API key: `CONVAI_API_KEY` is not set",
        "wrong  database  `nowhere/x.db` cannot be created: its folder does not exist",
        "wrong  endpoint  cannot connect to `127.0.0.1`: ",
    ] {
        assert!(out.contains(says), "{says}: {out}");
    }
    assert_eq!(folder.files(), ["cast.csv"]);
    // What the world does is another code than what the person got wrong.
    let folder = Folder::with_sheet(&sheet_of(1));
    assert_eq!(
        check(&folder, "cast.csv --base-url http://127.0.0.1:1").code,
        3
    );
    assert_eq!(check(&folder, "cast.csv --provider openai").code, 2);
    assert_eq!(
        check(&folder, "cast.csv --base-url http://example.com").code,
        2
    );
    assert_eq!(
        check(&folder, "cast.csv --template {{no}} --provider demo").code,
        2
    );
    assert_eq!(
        check(&folder, "--provider demo").code,
        0,
        "a sheet is not needed"
    );
}

#[test]
fn without_a_sheet_the_only_cast_decides_the_provider() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let ran = check(&folder, "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let address = format!("at `{}`", fake.url());
    assert!(about(&ran, "provider").contains(&address), "{}", ran.out);
}

#[test]
fn check_reports_what_run_would_refuse() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(6)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let asked = fake.asked().len();
    let ran = check(&folder, "cast.csv --provider demo");
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(
        about(&ran, "sheet").contains("the recipe of cast `cast` changed"),
        "{}",
        ran.out
    );
    let ran = check(&folder, "cast.csv --provider demo --keep");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(fake.asked().len(), asked);
}

#[test]
fn characters_that_failed_earlier_are_reported_with_the_exit_code_of_run() {
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 2" => Answer::status(422, "", "no"),
        name => Answer::story(&story_of(name)),
    });
    let folder = Folder::with_sheet(&sheet_of(3));
    assert_eq!(folder.generate(&fake, "").code, 1);
    let ran = check(&folder, "cast.csv");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        about(&ran, "sheet")
            .ends_with("0 requests to send; 1 failed earlier (`--retry` tries again)"),
        "{}",
        ran.out
    );
}

#[test]
fn a_database_that_is_locked_or_damaged_is_reported() {
    let (arrived, held) = (Switch::default(), Switch::default());
    let (reached, until) = (arrived.clone(), held.clone());
    let fake = Fake::start(move |asked| {
        let steps = vec![Step::Reached(reached.clone()), Step::Until(until.clone())];
        Answer(
            steps
                .into_iter()
                .chain(Answer::story(&story_of(&asked.name)).0)
                .collect(),
        )
    });
    let folder = Folder::with_sheet(&sheet_of(300));
    let child = folder.start(&fake, "--concurrency 64");
    arrived.wait(1);
    let ran = check(&folder, "cast.csv");
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        about(&ran, "database").contains("another run is working on `backstory.db`: process "),
        "{}",
        ran.out
    );
    held.on();
    assert_eq!(crate::harness::finished(child).code, 0);
    assert!(
        about(&check(&folder, ""), "database").ends_with("`backstory.db`: no damage found, 1 cast")
    );
    let mut bytes = std::fs::read(folder.path("backstory.db")).expect("there");
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    folder.write("backstory.db", bytes);
    let ran = check(&folder, "");
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        about(&ran, "database").contains("`backstory.db` is damaged: "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("hint: save what can be read: "),
        "{}",
        ran.out
    );
    folder.write(
        "backstory.db",
        "notes of another program, which are not a database. ".repeat(99),
    );
    assert!(about(&check(&folder, ""), "database").contains("is not a database of backstory"));
}

#[test]
fn one_request_is_sent_only_when_that_is_asked_for_and_nothing_is_stored() {
    let (folder, fake) = (
        Folder::with_sheet("name,description,city\nAda,a smith,Ghent\n"),
        Fake::chatting(),
    );
    let line = format!(
        "cast.csv --provider openai --model m --base-url {}/v1 --send",
        fake.url()
    );
    let args = ["check"]
        .into_iter()
        .chain(line.split(' '))
        .chain(["--prompt", "In {{ city }}."]);
    let ran = folder.run_args(args);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        about(&ran, "story").contains(" words for `Ada` in ") && ran.out.contains("not stored"),
        "{}",
        ran.out
    );
    let asked = fake.asked();
    assert_eq!((asked.len(), asked[0].description.as_str()), (1, "a smith"));
    let body: serde_json::Value = serde_json::from_slice(&asked[0].body).expect("JSON");
    assert_eq!(body["messages"][0]["content"], "In Ghent.");
    assert_eq!(folder.files(), ["cast.csv"]);
}

#[test]
fn a_refused_request_is_reported_with_a_hint() {
    for (answer, code, says) in [
        (
            Answer::wrong_key as fn() -> Answer,
            3,
            "401: Invalid API key provided.",
        ),
        (|| Answer::status(422, "", "no"), 1, "422: no"),
        (
            || Answer::begun().event("Half").then(Step::Reset),
            1,
            "the answer is incomplete",
        ),
        (|| Answer::chunks([""]), 1, "it has no text"),
    ] {
        let (folder, fake) = (
            Folder::with_sheet(&sheet_of(2)),
            Fake::start(move |_| answer()),
        );
        let ran = check(
            &folder,
            &format!("cast.csv --send --base-url {}", fake.url()),
        );
        assert_eq!((ran.code, fake.asked().len()), (code, 1), "{}", ran.out);
        assert!(about(&ran, "story").contains(says), "{}", ran.out);
    }
    // A sheet that cannot be read is reported before any question.
    let (folder, fake) = (
        Folder::with_sheet("name,description\nAda\n"),
        Fake::telling(),
    );
    let ran = check(
        &folder,
        &format!("cast.csv --send --base-url {}", fake.url()),
    );
    assert_eq!((ran.code, fake.asked().len()), (2, 0), "{}", ran.out);
}

#[test]
fn a_clock_that_differs_much_from_the_services_is_reported() {
    let fake = Fake::start(|asked| {
        let mut answer = Answer::story(&story_of(&asked.name));
        if let Step::Send(head) = &mut answer.0[0] {
            let end = head.len() - 2;
            head.splice(
                end..end,
                b"date: Tue, 15 Nov 1994 12:45:26 GMT\r\n".iter().copied(),
            );
        }
        answer
    });
    let folder = Folder::with_sheet(&sheet_of(1));
    let ran = check(
        &folder,
        &format!("cast.csv --send --base-url {}", fake.url()),
    );
    assert!(
        ran.out
            .contains("wrong  clock     it differs from the clock of the service by "),
        "{}",
        ran.out
    );
    assert_eq!(ran.code, 0, "a run would go on: {}", ran.out);
}
