//! The built-in writer's stories are good ones: hardly any may carry a hard flag.

use crate::harness::Folder;
use crate::provider::local_server::serve;
use backstory::facade::domain::flag::Flag;
use backstory::facade::review::{Asked, HARD, flags};
use serde_json::Value;

const STORIES: usize = 1_000;
/// The share of stories that may be wrongly flagged, in per cent.
const FALSE_PERCENT_MAX: usize = 1;

/// A cast with names and descriptions of several kinds.
fn sheet() -> String {
    let names = [
        "Mindy",
        "Tom Reed",
        "Dr. Åsa Lindqvist",
        "The Captain",
        "O'Brien",
        "Jean-Luc Moreau",
        "guard",
        "Анна Каренина",
        "田中太郎",
        "Zoë",
    ];
    let roles = [
        "Lawyer in the New York City",
        "Smith in Ghent",
        "space pilot from orbit",
        "Retired knight",
        "Baker",
        "thief",
        "nurse on the night ward",
    ];
    let traits = [
        "Achiever. Stubborn",
        "patient, afraid of geese",
        "collects bells",
        "left-handed",
        "never sleeps",
        "a liar",
        "Wants a boat",
        "owes money to the church",
        "lost a brother in the flood",
        "speaks to horses",
        "cannot swim",
    ];
    let row = |number: usize| {
        let (name, role, one) = (
            names[number % names.len()],
            roles[number / 3 % roles.len()],
            traits[number * 7 / 5 % traits.len()],
        );
        format!("{name} {number},\"{role}. {one}.\"\n")
    };
    let rows: String = (0..STORIES).map(row).collect();
    format!("name,description\n{rows}")
}

#[test]
fn hardly_any_story_of_the_built_in_writer_has_a_hard_flag() {
    let folder = Folder::with_sheet(&sheet());
    let served = serve(&folder, "");
    let ran = folder.run(&format!(
        "run cast.csv --base-url http://{} --rate unlimited --concurrency 32 --progress none",
        served.address
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = folder.run("list --json");
    let (mut stories, mut wrong) = (0, Vec::new());
    for line in ran.out.lines() {
        let record: Value = serde_json::from_str(line).expect("JSON");
        let field = |name: &str| record[name].as_str().unwrap_or_default();
        let asked = Asked {
            name: field("name"),
            description: field("description"),
            ..Asked::default()
        };
        let found = flags(&asked, field("backstory"));
        let hard = HARD
            .into_iter()
            .filter(|flag| found.has(*flag))
            .map(Flag::word);
        let hard: Vec<&str> = hard.collect();
        stories += usize::from(!field("backstory").is_empty());
        if !hard.is_empty() {
            wrong.push(format!(
                "{}: {hard:?}: {}",
                field("name"),
                field("backstory")
            ));
        }
    }
    assert_eq!(stories, STORIES);
    assert!(
        wrong.len() * 100 <= STORIES * FALSE_PERCENT_MAX,
        "{} are flagged, such as\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}
