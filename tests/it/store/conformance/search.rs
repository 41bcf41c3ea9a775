//! The search: the same words find the same characters on every database, indexed or not.

use super::backend::Backend;
use super::given::{begun, find, imported, run_on, sent, settlement, sheet};
use backstory::facade::domain::character::{Character, CharacterId};
use backstory::facade::domain::flag::Flags;
use backstory::facade::store::{
    Changes, Found, Reopen, Search, Settled, Snippet, StoreError, Wanted,
};
use std::ops::ControlFlow;

/// A database that can search.
trait Searchable: Backend<Reader: Search> {}

impl<B: Backend<Reader: Search>> Searchable for B {}

const SHEET: &str = "name,description\n\
    Zoë Marchetti,Drives a night tram in Lisbon\n\
    Łukasz Wrona,Draws maps. Knows Zoë.\n\
    Harbour,A place with a lighthouse\n\
    Ada,Keeps the lighthouse";

fn wanted(words: &str) -> Wanted {
    Wanted {
        words: words.to_owned(),
        cast: None,
        gone: false,
        limit: None,
    }
}

/// What a search returns, and how many match.
async fn search<B: Searchable>(store: &B, wanted: &Wanted) -> (Vec<Found>, u64) {
    let mut found = Vec::new();
    let each = |one| {
        found.push(one);
        Ok::<_, StoreError>(())
    };
    let many = store.reader().await.search(wanted, each).await;
    (found, many.expect("a search"))
}

/// The names that are found, sorted. The two searches find the same ones.
async fn names<B: Searchable>(store: &B, words: &str) -> Vec<String> {
    let everywhere = Wanted {
        gone: true,
        ..wanted(words)
    };
    let (found, many) = search(store, &everywhere).await;
    let mut ids: Vec<CharacterId> = found.iter().map(|found| found.id).collect();
    assert_eq!(u64::try_from(ids.len()), Ok(many), "{words}");
    let hits = store.reader().await.hits(words).await.expect("hits");
    let mut hits = hits.ids;
    hits.sort();
    ids.sort();
    assert_eq!(hits, ids, "{words}");
    let (found, _) = search(store, &wanted(words)).await;
    let mut names: Vec<_> = found.into_iter().map(|found| found.record.name).collect();
    names.sort();
    names
}

async fn snippet<B: Searchable>(store: &B, words: &str) -> Snippet {
    let (mut found, _) = search(store, &wanted(words)).await;
    assert_eq!(found.len(), 1, "{words}");
    found.remove(0).snippet
}

/// The parts of a snippet that match.
fn marked(snippet: &Snippet) -> Vec<&str> {
    let hits = snippet.0.iter().filter(|(_, hit)| *hit);
    hits.map(|(piece, _)| piece.as_str()).collect()
}

/// Brings the index up to date. Returns how many characters it added.
async fn index<B: Searchable>(store: &B) -> u64 {
    let mut all = 0;
    let progress = |many| {
        all += many;
        ControlFlow::Continue(())
    };
    store.reader().await.index(progress).await.expect("indexed");
    all
}

/// Plays `play` before the index knows anything, and after it knows all.
async fn indexed_or_not<B: Searchable>(store: &B, cases: &[(&str, &[&str])]) {
    for _ in 0..2 {
        for (words, expected) in cases {
            assert_eq!(names(store, words).await, *expected, "{words}");
        }
        index(store).await;
    }
}

async fn words_are_found_in_names_descriptions_and_stories<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    let cases: [(&str, &[&str]); 6] = [
        ("marchetti", &["Zoë Marchetti"]),
        ("tram", &["Zoë Marchetti"]),
        ("lighthouse", &["Ada", "Harbour"]),
        (
            "story",
            &["Ada", "Harbour", "Zoë Marchetti", "Łukasz Wrona"],
        ),
        ("maps", &["Łukasz Wrona"]),
        ("dragon", &[]),
    ];
    indexed_or_not(&store, &cases).await;
}

async fn all_words_must_occur_wherever_they_stand<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    let cases: [(&str, &[&str]); 4] = [
        ("keeps lighthouse", &["Ada"]),
        ("lighthouse  keeps", &["Ada"]),
        ("ada story", &["Ada"]),
        ("keeps tram", &[]),
    ];
    indexed_or_not(&store, &cases).await;
}

async fn the_start_of_a_word_finds_it_and_its_end_does_not<B: Searchable>(store: B) {
    imported(&store, &sheet(SHEET)).await;
    let cases: [(&str, &[&str]); 4] = [
        ("lightho", &["Ada", "Harbour"]),
        ("l", &["Ada", "Harbour", "Zoë Marchetti", "Łukasz Wrona"]),
        ("house", &[]),
        ("kee li", &["Ada"]),
    ];
    indexed_or_not(&store, &cases).await;
}

async fn case_and_accents_are_ignored<B: Searchable>(store: B) {
    let text = "name,description\nZoë,Café in São Paulo\nLUKE,naïve\nΕλένη,Ζει στην Πάτρα\nŁukasz,x\nSøren,in der Straße";
    imported(&store, &sheet(text)).await;
    let cases: [(&str, &[&str]); 12] = [
        ("zoe", &["Zoë"]),
        ("ZOË", &["Zoë"]),
        ("cafe", &["Zoë"]),
        ("sao", &["Zoë"]),
        ("luke", &["LUKE"]),
        ("Naive", &["LUKE"]),
        ("ΕΛΕΝΗ", &["Ελένη"]),
        ("ελενη", &["Ελένη"]),
        ("πατρα", &["Ελένη"]),
        ("lukasz", &["Łukasz"]),
        ("soren", &["Søren"]),
        ("strasse", &["Søren"]),
    ];
    indexed_or_not(&store, &cases).await;
}

async fn words_are_found_in_scripts_without_spaces<B: Searchable>(store: B) {
    let text = "name,description\n林小雨,昔々灯塔の下\nAda,x\n김하나,빵을 굽는다";
    run_on(&store, &sheet(text)).await;
    let cases: [(&str, &[&str]); 7] = [
        ("小雨", &["林小雨"]),
        ("灯塔", &["林小雨"]),
        ("林小雨", &["林小雨"]),
        ("小雨 灯塔", &["林小雨"]),
        ("小雨 story", &["林小雨"]),
        ("하나", &["김하나"]),
        ("雪", &[]),
    ];
    indexed_or_not(&store, &cases).await;
    assert!(snippet(&store, "灯塔").await.text().contains("灯塔"));
}

async fn a_word_with_a_sign_in_it_is_a_phrase<B: Searchable>(store: B) {
    let text =
        "name,description\nAda,a half-timbered house\nBo,timbered by half\nCy,user@mail.example";
    imported(&store, &sheet(text)).await;
    let cases: [(&str, &[&str]); 6] = [
        ("half-timbered", &["Ada"]),
        ("half-timb", &["Ada"]),
        ("half timbered", &["Ada", "Bo"]),
        ("timbered-half", &[]),
        ("user@mail.example", &["Cy"]),
        ("mail", &["Cy"]),
    ];
    indexed_or_not(&store, &cases).await;
}

async fn search_words_are_never_syntax<B: Searchable>(store: B) {
    imported(&store, &sheet(SHEET)).await;
    for words in [
        "\"",
        "ada\"",
        "'",
        "ada'",
        "AND",
        "NEAR(ada)",
        "ada*",
        "^ada",
        "(ada",
        "{ada}:x",
        "-ada",
        "%",
        "_",
        "a+b",
        "ada & bo",
        "ada | bo",
        "!ada",
        "ada <-> bo",
        "ada:*",
        "\\",
        "ada\\",
        "\u{1b}[31m",
        "ada\u{1}",
        "…",
    ] {
        names(&store, words).await;
    }
    for nothing in ["", " ", "*", "\" - (", "👩‍🚀", "name:ada", "ada NOT"] {
        assert_eq!(names(&store, nothing).await, [""; 0], "{nothing}");
    }
    for ada in [
        "ada*", "(ada", "\"ada", "ada\"", "^ada", "-ada", "!ada", "ada:*",
    ] {
        assert_eq!(names(&store, ada).await, ["Ada"], "{ada}");
    }
}

async fn a_match_in_a_name_comes_first<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    for _ in 0..2 {
        let (found, _) = search(&store, &wanted("zoe")).await;
        assert_eq!(found[0].record.name, "Zoë Marchetti");
        let hits = store.reader().await.hits("zoe").await.expect("hits");
        assert_eq!(hits.ids, [found[0].id, found[1].id]);
        index(&store).await;
    }
}

async fn a_limit_cuts_what_is_returned_and_not_what_is_counted<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    for (limit, returned) in [(1, 1), (0, 0), (9, 4)] {
        let some = Wanted {
            limit: Some(limit),
            ..wanted("story")
        };
        let (found, many) = search(&store, &some).await;
        assert_eq!((found.len(), many), (returned, 4));
    }
}

async fn a_search_stays_in_its_cast_and_leaves_out_what_is_gone<B: Searchable>(store: B) {
    imported(&store, &sheet(SHEET)).await;
    imported(
        &store,
        &sheet("name,description\nAda,other").of_cast("other"),
    )
    .await;
    let less = SHEET.replace("\nHarbour,A place with a lighthouse", "");
    imported(&store, &sheet(&less)).await;
    for _ in 0..2 {
        for (words, cast, gone, many) in [
            ("ada", None, false, 2),
            ("ada", Some("cast"), false, 1),
            ("ada", Some("none"), false, 0),
            ("lighthouse", Some("cast"), false, 1),
            ("lighthouse", Some("cast"), true, 2),
            ("lighthouse", Some("other"), true, 0),
        ] {
            let within = Wanted {
                cast: cast.map(str::to_owned),
                gone,
                ..wanted(words)
            };
            let (found, counted) = search(&store, &within).await;
            let seen = u64::try_from(found.len());
            assert_eq!((seen, counted), (Ok(many), many), "{within:?}");
        }
        let hits = store.reader().await.hits("lighthouse").await.expect("hits");
        assert_eq!(
            (hits.ids.len(), hits.left_out),
            (2, 0),
            "those that are gone, too"
        );
        index(&store).await;
    }
}

async fn a_snippet_marks_the_words_in_the_text_that_has_them<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    let keeps = snippet(&store, "keeps lighthouse").await;
    assert_eq!(keeps.text(), "Keeps the lighthouse", "of the description");
    assert_eq!(marked(&keeps), ["Keeps", "lighthouse"]);
    let found = snippet(&store, "ada story").await;
    assert_eq!(found.text(), "Story 1 of Ada.", "the story comes first");
    assert_eq!(marked(&found), ["Story", "Ada"]);
    let prefix = snippet(&store, "lisb").await;
    assert_eq!(prefix.text(), "Drives a night tram in Lisbon");
    assert_eq!(marked(&prefix), ["Lisbon"], "the whole word");
    let named = snippet(&store, "marchetti").await;
    assert_eq!(marked(&named), ["Marchetti"]);
}

async fn without_a_match_in_a_text_the_snippet_is_its_start<B: Searchable>(store: B) {
    imported(&store, &sheet(SHEET)).await;
    let named = snippet(&store, "wrona").await;
    assert_eq!(
        (named.text().as_str(), marked(&named)),
        ("Draws maps. Knows Zoë.", vec![])
    );
}

async fn a_snippet_of_a_long_story_is_the_part_around_the_word<B: Searchable>(store: B) {
    imported(&store, &sheet("name,description\nAda,x")).await;
    let run = begun(&store, Reopen::None).await;
    let long = |character: &Character, claim| {
        let mut done = settlement(character, claim, Settled::Done);
        let plain = "word ".repeat(500);
        done.ending.text = format!("{plain}needle {plain}end.").into();
        done
    };
    sent(&run, long).await;
    let found = snippet(&store, "needle").await;
    let text = found.text();
    assert_eq!(marked(&found), ["needle"]);
    assert!(text.starts_with('…') && text.ends_with('…'), "{text}");
    assert!(text.split_whitespace().count() < 40, "{text}");
}

async fn shown_characters_get_their_snippets_in_their_order<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    let ids = [find(&store, "Harbour").await.0, find(&store, "Ada").await.0];
    for _ in 0..2 {
        let found = store.reader().await.found("lighthouse", &ids).await;
        let found = found.expect("found");
        let of = |found: &Found| (found.id, found.snippet.text());
        let found: Vec<_> = found.iter().map(of).collect();
        let expected = ["A place with a lighthouse", "Keeps the lighthouse"];
        let expected = expected.map(str::to_owned);
        assert_eq!(found, ids.into_iter().zip(expected).collect::<Vec<_>>());
        index(&store).await;
    }
    let nothing = store.reader().await.found("…", &ids).await;
    assert_eq!(nothing.expect("found").len(), 0);
}

async fn a_changed_text_is_found_by_its_new_words_only<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    index(&store).await;
    imported(&store, &sheet(&SHEET.replace("Lisbon", "Porto"))).await;
    let edited: [(&str, &[&str]); 2] = [("lisbon", &[]), ("porto", &["Zoë Marchetti"])];
    indexed_or_not(&store, &edited).await;
    imported(&store, &sheet(SHEET)).await;
    let undone: [(&str, &[&str]); 2] = [("porto", &[]), ("lisbon", &["Zoë Marchetti"])];
    indexed_or_not(&store, &undone).await;
}

async fn only_the_current_take_is_found<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    index(&store).await;
    let ada = find(&store, "Ada").await.0;
    let editor = store.editor().await;
    editor
        .write_by_hand(ada, "A draft.", Flags::default())
        .await
        .expect("written");
    let draft: [(&str, &[&str]); 2] = [("draft", &["Ada"]), ("ada story", &[])];
    indexed_or_not(&store, &draft).await;
    let first = Some(backstory::facade::domain::character::TakeNumber(1));
    editor.pick(ada, first).await.expect("picked");
    let picked: [(&str, &[&str]); 2] = [("draft", &[]), ("ada story", &["Ada"])];
    indexed_or_not(&store, &picked).await;
}

async fn the_index_is_built_in_steps_and_may_stop_after_any<B: Searchable>(store: B) {
    run_on(&store, &sheet(SHEET)).await;
    let before = store.reader().await.unindexed().await.expect("a count");
    let mut first = 0;
    let progress = |many| {
        first += many;
        ControlFlow::Break(())
    };
    store.reader().await.index(progress).await.expect("a step");
    let left = store.reader().await.unindexed().await.expect("a count");
    assert_eq!(first + left, before);
    assert_eq!(names(&store, "lighthouse").await, ["Ada", "Harbour"]);
    assert_eq!(index(&store).await, left);
    assert_eq!(store.reader().await.unindexed().await.expect("a count"), 0);
    assert_eq!(index(&store).await, 0, "nothing is left");
}

each_database!(
    words_are_found_in_names_descriptions_and_stories,
    all_words_must_occur_wherever_they_stand,
    the_start_of_a_word_finds_it_and_its_end_does_not,
    case_and_accents_are_ignored,
    words_are_found_in_scripts_without_spaces,
    a_word_with_a_sign_in_it_is_a_phrase,
    search_words_are_never_syntax,
    a_match_in_a_name_comes_first,
    a_limit_cuts_what_is_returned_and_not_what_is_counted,
    a_search_stays_in_its_cast_and_leaves_out_what_is_gone,
    a_snippet_marks_the_words_in_the_text_that_has_them,
    without_a_match_in_a_text_the_snippet_is_its_start,
    a_snippet_of_a_long_story_is_the_part_around_the_word,
    shown_characters_get_their_snippets_in_their_order,
    a_changed_text_is_found_by_its_new_words_only,
    only_the_current_take_is_found,
    the_index_is_built_in_steps_and_may_stop_after_any,
);
