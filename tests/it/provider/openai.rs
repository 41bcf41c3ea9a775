//! The provider `openai`: its requests, which answers are stories, and what follows from each error.

use crate::fake::{Answer, Asked, Fake, Step, ended_with, event, said, story_of, text_of};
use crate::harness::{Folder, Ran, sheet_of};
use serde_json::{Value, json};
use std::time::Duration;

/// `run cast.csv` by the model `m` of `fake`.
fn chat(folder: &Folder, fake: &Fake, switches: &[&str]) -> Ran {
    let base = format!("{}/v1", fake.url());
    let line = "run cast.csv --provider openai --rate unlimited --model m --base-url";
    let args = line.split(' ').chain([base.as_str()]);
    folder.run_args(args.chain(switches.iter().copied()))
}

fn body(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).expect("JSON")
}

/// The prompt that the model got.
fn prompt(asked: &Asked) -> String {
    let body = body(asked);
    body["messages"][0]["content"]
        .as_str()
        .expect("a text")
        .to_owned()
}

/// A server that answers the first request for each character in one way and the others with the story.
fn first(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Fake {
    Fake::start(move |asked| match asked.nth_for_name {
        0 => answer(),
        _ => Answer::chat(&story_of(&asked.name), "stop", (100, 50)),
    })
}

#[test]
fn a_sheet_becomes_streamed_chat_completions_with_counted_tokens() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::chatting());
    let ran = chat(&folder, &fake, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (name, story) in folder.stories() {
        assert_eq!(story, Some(text_of(&name)));
    }
    let asked = fake.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[0].line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(asked[0].headers["content-type"], "application/json");
    assert!(
        !asked[0].headers.contains_key("authorization"),
        "no key, and not needed here"
    );
    let body = body(&asked[0]);
    assert_eq!(
        (
            &body["model"],
            &body["stream"],
            &body["stream_options"]["include_usage"]
        ),
        (&json!("m"), &json!(true), &json!(true))
    );
    assert_eq!(
        body["messages"][1]["content"],
        "Name: Name 1\nDescription: Description 1"
    );
    assert_eq!(body.get("max_tokens"), None, "no limit was set");
    let attempts = folder.query("select distinct outcome, tokens_in, tokens_out from attempts");
    assert_eq!(
        attempts,
        [json!({"outcome": "ok", "tokens_in": 100, "tokens_out": 50})]
    );
    let takes = folder.query("select distinct provider, model, flags, endpoint from takes");
    let endpoint = format!("{}/v1", fake.url());
    assert_eq!(
        takes,
        [json!({"provider": "openai", "model": "m", "flags": "[]", "endpoint": endpoint})]
    );
}

#[test]
fn an_api_key_is_sent_if_there_is_one_and_required_beyond_this_machine() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    folder.write("key", "sk-of-a-file\n");
    assert_eq!(chat(&folder, &fake, &["--key-file", "key"]).code, 0);
    assert_eq!(
        fake.asked()[0].headers["authorization"],
        "Bearer sk-of-a-file"
    );
    assert!(!fake.asked()[0].headers.contains_key("convai-api-key"));
    let folder = Folder::with_sheet(&sheet_of(1));
    let ran = folder.run("run cast.csv --provider openai --model m");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: no API key: `OPENAI_API_KEY` is not set
    hint: set OPENAI_API_KEY or pass `--key-file FILE`; `--provider demo` needs no key
    ");
    let ran = folder.run("run cast.csv --provider openai --base-url http://127.0.0.1:1/v1");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: `openai` needs a model
    hint: choose one with `--model`, such as `--model llama3.2`
    ");
}

#[test]
fn a_chat_without_its_reason_or_without_its_end_is_cut() {
    let cuts: [fn() -> Answer; 3] = [
        || Answer::chunks([event(&said("Half a"))]),
        || Answer::begun().event(&said("Half a")).then(Step::Reset),
        || {
            Answer::begun()
                .event(&said("Half a"))
                .event(&ended_with("stop"))
                .then(Step::Close)
        },
    ];
    for cut in cuts {
        let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), first(cut));
        let ran = chat(&folder, &fake, &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let attempts = folder.query("select outcome, partial from attempts order by attempt");
        assert_eq!(
            attempts,
            [
                json!({"outcome": "unknown", "partial": "Half a"}),
                json!({"outcome": "ok", "partial": null})
            ]
        );
        assert_eq!(folder.stories()[0].1, Some(text_of("Name 1")));
    }
}

#[test]
fn an_answer_that_ended_for_another_reason_is_a_bad_text_with_that_reason() {
    for (reason, says) in [
        ("length", "the model reached its token limit"),
        ("content_filter", "the service's content filter stopped it"),
    ] {
        let fake = first(move || Answer::chat("Half a", reason, (100, 9)));
        let folder = Folder::with_sheet(&sheet_of(1));
        assert_eq!(chat(&folder, &fake, &[]).code, 1);
        assert_eq!(
            fake.asked().len(),
            1,
            "a second try would end in the same way"
        );
        let first = folder
            .query("select outcome, error, tokens_out, partial from attempts where attempt = 1");
        assert_eq!(
            (
                &first[0]["outcome"],
                &first[0]["tokens_out"],
                &first[0]["partial"]
            ),
            (&json!("bad_text"), &json!(9), &json!("Half a"))
        );
        let error = first[0]["error"].as_str().expect("words");
        assert!(error.contains(reason) && error.contains(says), "{error}");
    }
}

#[test]
fn a_complete_answer_is_accepted_although_its_connection_is_not_closed_properly() {
    let fake = Fake::start(|asked| {
        let mut answer = Answer::begun();
        for piece in story_of(&asked.name).split('|') {
            answer = answer.event(&said(piece));
        }
        answer
            .event(&ended_with("stop"))
            .event("[DONE]")
            .then(Step::Reset)
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    let ran = chat(&folder, &fake, &[]);
    assert_eq!((ran.code, fake.asked().len()), (0, 2), "{}", ran.err);
    let flags = folder.query("select distinct flags from results");
    assert_eq!(flags, [json!({"flags": "[]"})]);
}

#[test]
fn the_code_of_an_error_decides_and_not_only_its_status() {
    let error = |code: &str| {
        format!(r#"{{"error": {{"message": "as it is", "type": "x", "code": "{code}"}}}}"#)
    };
    for (status, code, exit, requests) in [
        (429, "insufficient_quota", 3, 1),
        (400, "model_not_found", 3, 1),
        (500, "context_length_exceeded", 1, 3),
        (400, "rate_limit_exceeded", 3, 1),
        (401, "", 3, 1),
    ] {
        let body = error(code);
        let fake = Fake::start(move |_| Answer::status(status, "retry-after: 86400\r\n", &body));
        let folder = Folder::with_sheet(&sheet_of(3));
        let ran = chat(&folder, &fake, &[]);
        assert_eq!(
            (ran.code, fake.asked().len()),
            (exit, requests),
            "{code}: {}",
            ran.err
        );
        assert!(ran.err.contains("as it is"), "{code}: {}", ran.err);
        let failed = folder.status()["failed"].clone();
        assert_eq!(failed, json!(if exit == 1 { 3 } else { 0 }), "{code}");
    }
}

#[test]
fn an_error_in_the_stream_is_an_error_with_its_code() {
    let fake = Fake::start(|_| {
        let error =
            r#"{"error": {"message": "the account is empty", "code": "insufficient_quota"}}"#;
        Answer::chunks([event(&said("Half a")), event(error), event("[DONE]")])
    });
    let folder = Folder::with_sheet(&sheet_of(3));
    // The first text lets others start, and the error may come after that.
    let ran = chat(&folder, &fake, &["--concurrency", "1"]);
    assert_eq!((ran.code, fake.asked().len()), (3, 1), "{}", ran.err);
    assert!(ran.err.contains("the account is empty"), "{}", ran.err);
}

#[test]
fn an_answer_that_is_not_a_story_is_never_accepted() {
    for no_story in [r#"{"text":"She had a plan."}"#, r#"{"choices":[]}"#] {
        let json = "content-type: application/json\r\n";
        let fake = first(move || Answer::status(200, json, no_story));
        let folder = Folder::with_sheet(&sheet_of(1));
        let ran = chat(&folder, &fake, &[]);
        assert_eq!((ran.code, fake.asked().len()), (0, 2), "{}", ran.err);
        let first = folder.query("select outcome from attempts where attempt = 1");
        assert_eq!(first, [json!({"outcome": "unknown"})]);
    }
}

#[test]
fn a_used_up_request_limit_pauses_the_run_before_a_refusal_comes() {
    let fake = Fake::start(|asked| {
        let mut answer = Answer::chat(&story_of(&asked.name), "stop", (1, 1));
        if asked.nth == 1
            && let Step::Send(head) = &mut answer.0[0]
        {
            let end = head.len() - 2;
            let limits =
                b"x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1s200ms\r\n";
            head.splice(end..end, limits.iter().copied());
        }
        answer
    });
    let folder = Folder::with_sheet(&sheet_of(4));
    let ran = chat(&folder, &fake, &["--concurrency", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let asked = fake.asked();
    assert_eq!(asked.len(), 4, "no request was refused");
    assert!(asked[2].at - asked[1].at >= Duration::from_millis(1_190));
    assert!(
        ran.err
            .contains("the service's request limit is used up for now"),
        "{}",
        ran.err
    );
}

#[test]
fn retry_after_ms_is_waited_for_to_the_millisecond() {
    let fake = Fake::start(|asked| match asked.nth {
        0 => Answer::status(429, "retry-after: 60\r\nretry-after-ms: 300\r\n", "{}"),
        _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    assert_eq!(chat(&folder, &fake, &[]).code, 0);
    let asked = fake.asked();
    let waited = asked[1].at - asked[0].at;
    assert!((290..20_000).contains(&waited.as_millis()), "{waited:?}");
}

#[test]
fn style_switches_shape_the_built_in_prompt_and_are_remembered() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    assert_eq!(
        chat(
            &folder,
            &fake,
            &["--person", "third", "--language", "French"]
        )
        .code,
        0
    );
    let prompt_text = prompt(&fake.asked()[0]);
    assert!(
        prompt_text.contains("third person")
            && prompt_text.contains("in French,")
            && prompt_text.contains("300 words"),
        "{prompt_text}"
    );
    // Provider, address, model and style: one command line set them.
    folder.write("cast.csv", sheet_of(2));
    let ran = folder.run("run cast.csv --rate unlimited");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(prompt(&fake.asked()[1]), prompt_text);
    // Another length is another recipe, with everything else as it was.
    let ran = folder.run("run cast.csv --rate unlimited --length 50");
    assert_eq!((ran.code, fake.asked().len()), (2, 2), "{}", ran.err);
    assert!(ran.err.contains("another prompt"), "{}", ran.err);
    assert_eq!(
        folder
            .run("run cast.csv --rate unlimited --length 50 --redo")
            .code,
        0
    );
    assert_eq!(prompt(&fake.asked()[2]), prompt_text.replace("300", "50"));
    // Going back costs nothing.
    assert_eq!(
        folder
            .run("run cast.csv --rate unlimited --length 300 --redo")
            .code,
        0
    );
    assert_eq!(fake.asked().len(), 4);
}

const CITIES: &str = "name,description,city,shoe\nAda,a smith,Ghent,37\nBo,a cook,{{ shoe }},44\n";

#[test]
fn a_custom_prompt_uses_columns_and_never_expands_a_cell() {
    let (folder, fake) = (Folder::with_sheet(CITIES), Fake::chatting());
    folder.write("how.txt", "Keep it to {{ city }}.\n");
    let ran = chat(&folder, &fake, &["--prompt", "@how.txt"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let prompt_text: Vec<String> = fake.asked().iter().map(prompt).collect();
    assert_eq!(prompt_text, ["Keep it to Ghent.", "Keep it to {{ shoe }}."]);
    // A cell that the prompt uses is part of the description; another cell is not.
    folder.write(
        "cast.csv",
        CITIES.replace("Ghent", "Ulm").replace("44", "45"),
    );
    let ran = folder.run("run cast.csv --rate unlimited");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        fake.asked().iter().map(prompt).skip(2).collect::<Vec<_>>(),
        ["Keep it to Ulm."]
    );
    folder.write("cast.csv", CITIES);
    assert_eq!(folder.run("run cast.csv --rate unlimited").code, 0);
    assert_eq!(fake.asked().len(), 3, "an edit taken back costs nothing");
    // Without the sheet, too.
    folder.write("cast.csv", format!("{CITIES}Cy,a carter,Brno,40\n"));
    assert_eq!(
        folder.run("run cast.csv --rate unlimited --limit 0").code,
        0
    );
    let ran = folder.run("resume --rate unlimited");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(prompt(&fake.asked()[3]), "Keep it to Brno.");
}

#[test]
fn a_prompt_that_cannot_be_rendered_is_refused_before_anything_is_sent() {
    let (folder, fake) = (Folder::with_sheet(CITIES), Fake::chatting());
    for (prompt, says) in [
        (
            "{{ town }}",
            "the prompt uses `town`: `cast.csv` has no such column, its columns are `name`, `description`, `city`, `shoe`",
        ),
        ("{{ city ", "cannot parse line 1 of the prompt"),
        (
            "{{ city|int + 1 }}",
            "line 2 cannot be put into line 1 of the prompt",
        ),
        ("@nowhere.txt", "cannot read the prompt `nowhere.txt`"),
        (" ", "the prompt is empty"),
    ] {
        let ran = chat(&folder, &fake, &["--prompt", prompt]);
        assert_eq!(
            (ran.code, fake.asked().len()),
            (2, 0),
            "{prompt}: {}",
            ran.err
        );
        assert!(ran.err.contains(says), "{prompt}: {}", ran.err);
    }
    for switches in [
        &["--provider", "demo", "--model", "m"][..],
        &["--provider", "demo", "--length", "9"],
    ] {
        let ran = folder.run_args(["run", "cast.csv"].iter().chain(switches));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("--provider openai"), "{}", ran.err);
    }
}

#[test]
fn another_model_is_another_recipe_and_resume_does_not_change_it() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::chatting());
    assert_eq!(chat(&folder, &fake, &["--limit", "1"]).code, 0);
    let ran = folder.run("run cast.csv --rate unlimited --model other");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("model: `m` → `other`"), "{}", ran.err);
    let ran = folder.run("resume --rate unlimited --model other");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err
            .contains("`openai` and `m`, not with `openai` and `other`"),
        "{}",
        ran.err
    );
    assert_eq!(folder.run("resume --rate unlimited").code, 0);
    assert_eq!(fake.asked().len(), 2);
}

#[test]
fn the_project_file_sets_model_and_style_but_no_other_machine() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    let file = format!(
        "provider = \"openai\"\nmodel = \"m\"\nbase-url = \"{}/v1\"\nperson = \"third\"\nlength = 80\n",
        fake.url()
    );
    folder.write("backstory.toml", &file);
    let ran = folder.run("run cast.csv");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let prompt_text = prompt(&fake.asked()[0]);
    assert!(
        prompt_text.contains("third person") && prompt_text.contains("80 words"),
        "{prompt_text}"
    );
    // It is another provider's business.
    assert_eq!(
        folder
            .run("run cast.csv --cast other --provider demo --new")
            .code,
        0
    );
    folder.write("backstory.toml", file.replace("127.0.0.1", "example.com"));
    let ran = folder.run("run cast.csv --cast third --new");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("ignored `base-url`"), "{}", ran.err);
}

#[test]
fn the_same_sheet_goes_to_another_provider_with_one_switch() {
    let (folder, models, stories) = (
        Folder::with_sheet(&sheet_of(3)),
        Fake::chatting(),
        Fake::telling(),
    );
    let file = format!(
        "provider = \"openai\"\nmodel = \"m\"\nbase-url = \"{}/v1\"\nrate = \"unlimited\"\n",
        models.url()
    );
    folder.write("backstory.toml", file);
    for line in [
        "run cast.csv --redo".to_owned(),
        "run cast.csv --redo --provider demo".to_owned(),
        format!(
            "run cast.csv --redo --provider convai --base-url {}",
            stories.url()
        ),
        "run cast.csv --redo".to_owned(),
    ] {
        let ran = folder.run(&line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
    }
    let takes = folder.query("select provider, count(*) as many from takes group by 1 order by 1");
    let three = |provider: &str| json!({"provider": provider, "many": 3});
    assert_eq!(takes, [three("convai"), three("demo"), three("openai")]);
    assert_eq!(
        (models.asked().len(), stories.asked().len()),
        (3, 3),
        "going back costs nothing"
    );
}

#[test]
fn further_fields_are_sent_and_remembered_and_belong_to_the_recipe() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    let fields = ["--set", "temperature=0.9", "--set", "reasoning_effort=none"];
    let ran = chat(&folder, &fake, &fields);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let sent = body(&fake.asked()[0]);
    assert_eq!(
        (&sent["temperature"], &sent["reasoning_effort"]),
        (&json!(0.9), &json!("none"))
    );
    // Remembered, by `run` and by `resume`.
    folder.write("cast.csv", sheet_of(3));
    let ran = folder.run("run cast.csv --rate unlimited --limit 1");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(folder.run("resume --rate unlimited").code, 0);
    assert_eq!(body(&fake.asked()[1])["temperature"], 0.9);
    assert_eq!(body(&fake.asked()[2])["temperature"], 0.9);
    // Another value is another recipe; going back costs nothing.
    let ran = folder.run("run cast.csv --rate unlimited --set temperature=1");
    assert_eq!((ran.code, fake.asked().len()), (2, 3), "{}", ran.err);
    assert!(ran.err.contains("(`--set`: "), "{}", ran.err);
    let ran = folder.run("resume --set temperature=1");
    assert_eq!(ran.code, 2, "{}", ran.err);
    let redo = "run cast.csv --rate unlimited --redo --set temperature=";
    for (value, requests) in [("1", 6), ("0.9", 6), ("", 9)] {
        let ran = folder.run(&format!("{redo}{value}"));
        assert_eq!((ran.code, fake.asked().len()), (0, requests), "{}", ran.err);
    }
    let sent = body(&fake.asked()[8]);
    assert_eq!(
        (sent.get("temperature"), &sent["reasoning_effort"]),
        (None, &json!("none"))
    );
}

#[test]
fn fields_that_the_program_sets_and_fields_of_other_providers_are_refused() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    for field in ["model", "messages", "stream", "stream_options"] {
        let set = format!("{field}=x");
        let ran = chat(&folder, &fake, &["--set", &set]);
        assert_eq!(ran.code, 2, "{field}: {}", ran.err);
        assert!(
            ran.err.contains("backstory sets this field itself"),
            "{}",
            ran.err
        );
    }
    for limit in ["max_tokens", "max_completion_tokens"] {
        let set = format!("{limit}=100");
        let prices = ["--price-out", "1", "--max-cost", "1"];
        let ran = chat(&folder, &fake, &[&["--set", &set], &prices[..]].concat());
        assert_eq!(ran.code, 2, "{limit}: {}", ran.err);
    }
    for switches in ["--set a=1", "--header x:y", "--key-header x"] {
        let ran = folder.run(&format!("run cast.csv --provider demo {switches}"));
        assert_eq!(ran.code, 2, "{switches}: {}", ran.err);
        assert!(ran.err.contains("--provider openai"), "{}", ran.err);
    }
    assert_eq!(fake.asked().len(), 0);
    let ran = chat(&folder, &fake, &["--set", "max_tokens=100"]);
    assert_eq!(
        (ran.code, &body(&fake.asked()[0])["max_tokens"]),
        (0, &json!(100))
    );
}

#[test]
fn headers_are_sent_and_their_values_are_not_stored() {
    const SECRET: &str = "canary-of-a-header";
    let fake = Fake::start(|asked| {
        // It repeats everything that it was sent.
        let words = format!("bad header: {:?}", asked.headers.values());
        Answer::status(422, "", &json!({"error": {"message": words}}).to_string())
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    folder.write("key", "canary-of-a-key");
    let header = format!("X-Team: {SECRET}");
    let ran = chat(
        &folder,
        &fake,
        &[
            "--header",
            &header,
            "--key-file",
            "key",
            "--key-header",
            "api-key",
            "--max-requests",
            "1",
        ],
    );
    assert_eq!(ran.code, 4, "{}", ran.err);
    let headers = &fake.asked()[0].headers;
    assert_eq!(headers["x-team"], SECRET);
    assert_eq!(headers["api-key"], "canary-of-a-key");
    assert!(!headers.contains_key("authorization"));
    assert!(ran.err.contains("--header 'X-Team: …'"), "{}", ran.err);
    assert!(!ran.err.contains("canary"), "{}", ran.err);
    for file in folder.files().iter().filter(|file| *file != "key") {
        let bytes = std::fs::read(folder.path(file)).expect("a file");
        assert!(!bytes.windows(6).any(|part| part == b"canary"), "{file}");
    }
}

#[test]
fn the_project_file_may_set_fields_and_headers() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::chatting());
    let base = format!(
        "provider = \"openai\"\nmodel = \"m\"\nbase-url = \"{}/v1\"\n",
        fake.url()
    );
    let lines = "set = [\"top_p=0.5\", \"seed=1\"]\nheader = [\"x-team: a\"]\n";
    folder.write("backstory.toml", format!("{base}{lines}"));
    let ran = folder.run("run cast.csv --set seed=2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (asked, sent) = (&fake.asked()[0], body(&fake.asked()[0]));
    assert_eq!((&sent["top_p"], &sent["seed"]), (&json!(0.5), &json!(2)));
    assert_eq!(asked.headers["x-team"], "a");
    folder.write(
        "backstory.toml",
        format!("{base}[set]\ntop_p = 0.5\nseed = 2\n"),
    );
    let ran = folder.run("run cast.csv");
    assert_eq!(
        (ran.code, fake.asked().len()),
        (0, 1),
        "the same recipe: {}",
        ran.err
    );
}

#[test]
fn a_model_is_told_which_openings_are_used_up_and_the_recipe_stays() {
    let folder = Folder::with_sheet(&sheet_of(4));
    let fake = Fake::start(|asked| {
        let story = format!(
            "The harbour was cold when {} left it for the hills.",
            asked.name
        );
        Answer::chat(&story, "stop", (100, 50))
    });
    assert_eq!(chat(&folder, &fake, &[]).code, 0);
    let redo = |switches: &str| {
        let ran = folder.run(&format!("redo #1 --rate unlimited{switches}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.err, prompt(fake.asked().last().expect("asked")))
    };
    let (_, plain) = redo("");
    let (notes, prompt) = redo(" --avoid");
    assert!(
        notes.starts_with("note: the model is asked to avoid 1 opening and 0 invented names\n"),
        "{notes}"
    );
    let part = prompt.strip_prefix(&plain).expect("the prompt comes first");
    assert!(
        part.starts_with("\n\nOther stories of this cast begin with")
            && part.contains("\"The harbour was cold"),
        "{part}"
    );
    assert!(part.len() < 2_100, "{part}");
    assert_eq!(folder.run("list --json --flag stale").out, "");
}
