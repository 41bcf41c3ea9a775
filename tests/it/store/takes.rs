//! Which take counts: the store against the rule of the domain, whatever happens to a character.

use super::claims::claim;
use super::conformance::given::recipe;
use backstory::facade::domain::character::{CastId, CharacterId, Content, TakeNumber};
use backstory::facade::domain::flag::Flags;
use backstory::facade::domain::money::BudgetChange;
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::row::Row;
use backstory::facade::domain::takes::{Current, Event, Take, current};
use backstory::facade::store::{
    CastRun, Changes, Finished, Group, Holder, Import, Intake, Ledger, Library, Location, NewRun,
    Reopen, Settled, Settlement, Sheet, StoreError, Value,
};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What may happen.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// A request is sent and brings a story; meanwhile a person may do something.
    Request(Option<Meanwhile>),
    /// A person does something.
    Person(Meanwhile),
    /// The sheet says something else.
    Edit(&'static str),
}

/// What a person may do, also while a request is under way.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    Pick(usize),
    Unpick,
    Write,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let person = prop_oneof![
        3 => any::<usize>().prop_map(Meanwhile::Pick),
        1 => Just(Meanwhile::Unpick),
        1 => Just(Meanwhile::Write),
    ];
    let act = prop_oneof![
        3 => prop::option::of(person.clone()).prop_map(Act::Request),
        3 => person.prop_map(Act::Person),
        2 => prop::sample::select(vec!["a", "b", "c"]).prop_map(Act::Edit),
    ];
    prop::collection::vec(act, 1..24)
}

/// The store with one character in it, and what the rule says of it.
struct Both {
    db: Arc<Holder>,
    cast: CastId,
    id: CharacterId,
    description: &'static str,
    takes: Vec<Take>,
    now: Current,
}

impl Both {
    async fn new(db: Holder) -> Self {
        let cast = import(&db, "a").await;
        let found = db.find("cast", "Ada", false).await.expect("a search");
        Self {
            db: Arc::new(db),
            cast,
            id: found[0].0,
            description: "a",
            takes: Vec::new(),
            now: Current::default(),
        }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Request(meanwhile) => self.request(meanwhile).await,
            Act::Person(what) => self.person(what, false).await,
            Act::Edit(description) => {
                import(&self.db, description).await;
                // The same words are no edit.
                if description != self.description {
                    self.description = description;
                    self.rule(Event::Edited(Content::of("Ada", description)));
                }
            }
        }
    }

    fn rule(&mut self, event: Event) {
        self.now = current(&mut self.takes, self.now, event);
    }

    /// The number of a take that comes next.
    fn next_take(&mut self) -> TakeNumber {
        let number = TakeNumber(i64::try_from(self.takes.len()).expect("few") + 1);
        self.takes.push(Take {
            number,
            content: Content::of("Ada", self.description),
            picked: false,
        });
        number
    }

    async fn person(&mut self, what: Meanwhile, request_under_way: bool) {
        match what {
            Meanwhile::Pick(which) => {
                let Some(take) = self.takes.get(which % self.takes.len().max(1)) else {
                    return;
                };
                let take = take.number;
                let picked = self.db.pick(self.id, Some(take)).await.expect("picked");
                assert_eq!(picked, Some(take));
                self.rule(Event::Picked(take));
            }
            Meanwhile::Unpick => {
                self.db.pick(self.id, None).await.expect("given up");
                self.rule(Event::Unpicked);
            }
            Meanwhile::Write => {
                let text = format!("By hand {}.", self.takes.len());
                let written = self
                    .db
                    .write_by_hand(self.id, &text, Flags::default())
                    .await;
                let take = self.next_take();
                assert_eq!(written.expect("written"), take);
                self.rule(Event::Written {
                    take,
                    request_under_way,
                });
            }
        }
    }

    /// Sends one request for the character, whatever its state, and settles it.
    async fn request(&mut self, meanwhile: Option<Meanwhile>) {
        let new = NewRun {
            cast: self.cast,
            recipe: recipe(),
            endpoint: "demo".into(),
            key_digest: None,
            reopen: Reopen::All,
            needs_columns: false,
            characters_max: None,
            only: None,
            patience: Duration::ZERO,
            memory: "{}".into(),
            budget: BudgetChange::Keep,
        };
        let run = self.db.begin_run(new).await.expect("begun");
        let claimed = claim(&run, 1).await;
        assert_eq!(claimed[0].id, self.id);
        if let Some(what) = meanwhile {
            self.person(what, true).await;
        }
        self.settle(run, claimed[0].claim).await;
    }

    async fn settle(&mut self, run: CastRun, claim: backstory::facade::domain::character::Claim) {
        let mut ending = Ending::without_text(Outcome::Ok, String::new());
        ending.error = None;
        ending.text = format!("Story {}.", self.takes.len()).into();
        let settlement = Settlement {
            id: self.id,
            claim,
            content: Content::of("Ada", self.description),
            state: Settled::Done,
            tries: 0,
            ending,
            words: 2,
            cost: None,
            at: SystemTime::now(),
        };
        let group = Group {
            settlements: vec![settlement],
            ..Group::default()
        };
        run.commit(group).await.expect("settled");
        run.end(0).await.expect("ended");
        let take = self.next_take();
        self.rule(Event::Settled(take));
    }

    /// What the store holds is what the rule says.
    async fn agree(&self) {
        let sql = "SELECT take, picked FROM stored_characters
            UNION ALL
            SELECT * FROM (SELECT take, picked FROM stored_takes ORDER BY take)";
        let mut stored = Vec::new();
        self.db
            .query::<StoreError>(sql, None, |_, values| {
                stored.push(match values[..] {
                    [Value::Integer(take), Value::Integer(picked)] => (Some(take), picked == 1),
                    [_, Value::Integer(picked)] => (None, picked == 1),
                    _ => panic!("two numbers"),
                });
                Ok(())
            })
            .await
            .expect("a query");
        let takes = self
            .takes
            .iter()
            .map(|take| (Some(take.number.0), take.picked));
        let expected = std::iter::once((self.now.take.map(|take| take.0), self.now.picked));
        assert_eq!(stored, expected.chain(takes).collect::<Vec<_>>());
    }
}

async fn import(db: &Holder, description: &str) -> CastId {
    let sheet = Sheet {
        cast: "cast".into(),
        columns: vec!["name".into(), "description".into()],
        key_column: None,
        have: false,
        recipe: recipe(),
        prompt_columns: Vec::new(),
        finished: Finished::KeepUnlessEdited,
    };
    let row = Row {
        line: 2,
        number: 1,
        key: None,
        name: "Ada".into(),
        description: description.into(),
        cells: vec!["Ada".into(), description.into()],
        have: None,
        have_flags: Flags::default(),
    };
    let mut import = db.import(sheet).await.expect("begun");
    let batch = Import::batch(&import.form(), vec![row]);
    import.add(batch).await.expect("stored");
    import.compare().await.expect("compared");
    import.apply(None).await.expect("applied")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_store_and_the_rule_agree_on_the_take_that_counts(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let folder = tempfile::TempDir::new().expect("a folder");
            let db = Location::File(folder.path().join("x.db")).open().await.expect("a database");
            let mut both = Both::new(db).await;
            for act in acts {
                both.act(act).await;
                both.agree().await;
            }
        });
    }
}
