//! Turns templates into sentences.
//!
//! A teller remembers what is in the text: the name, what was introduced, and which lines were used. It uses no line twice
//! while there is an unused one. It does not choose the content of a paragraph; the plan does.

use super::data::DATA;
use super::deck::Deck;
use super::hero::{HE, Hero, SHE, THEY, YOU};
use super::line::Table;
use super::phrase::Phrase;
use super::words;

/// Something that is introduced once and then has a short name.
#[derive(Debug)]
struct Motif {
    short: &'static str,
    /// The text after the name of a place, or in place of the short form.
    long: &'static str,
    is_place: bool,
    is_she: bool,
    introduced: bool,
}

/// Writes one story.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    /// The data of the story.
    pub(super) deck: Deck,
    hero: &'a Hero,
    named: bool,
    home: Motif,
    town: Motif,
    obj: Motif,
    kin: Motif,
    text: String,
}

impl<'a> Teller<'a> {
    /// A teller with an empty text.
    pub(super) fn new(mut deck: Deck, hero: &'a Hero) -> Self {
        let home = Motif::place(&mut deck);
        let town = Motif::place(&mut deck);
        let obj = Motif::of(deck.pick_own(&DATA.motifs.objects));
        let kin = Motif::of(deck.pick_own(&DATA.motifs.kin));
        Self {
            deck,
            hero,
            named: false,
            home,
            town,
            obj,
            kin,
            text: String::new(),
        }
    }

    /// Whether the story is in the second person.
    pub(super) fn is_to_you(&self) -> bool {
        self.hero.pronouns.they == YOU.they
    }

    /// Whether `template` would describe a place that was already described.
    pub(super) fn has_described(&self, template: &str) -> bool {
        self.home.introduced && template.contains("{home:}")
            || self.town.introduced && template.contains("{town:}")
    }

    /// Whether `sentence` fits the person of the story.
    pub(super) fn may_state(&self, sentence: &str) -> bool {
        let first = sentence
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let meant = [SHE, HE, THEY]
            .iter()
            .find(|one| [one.they, one.their].contains(&first.as_str()))
            .map(|one| one.they);
        !self.is_to_you() && meant.is_none_or(|they| they == self.hero.pronouns.they)
    }

    /// One line of `table`.
    pub(super) fn pick(&mut self, table: Table) -> &'static str {
        self.deck.pick(table)
    }

    /// Begins a new paragraph, unless the current one is empty.
    pub(super) fn begin_paragraph(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push_str("\n\n");
        }
    }

    /// Adds `template`, with `phrase` in its slot if it has one.
    pub(super) fn tell(&mut self, template: &str, phrase: Option<&Phrase>) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push(' ');
        }
        let mut rest = template;
        let mut first = true;
        while let Some((before, after)) = rest.split_once('{') {
            self.text.push_str(before);
            let (slot, next) = after.split_once('}').unwrap_or((after, ""));
            let said = self.slot(slot, phrase);
            let starts = starts_sentence(before, std::mem::take(&mut first));
            match said.strip_prefix("The ") {
                Some(title) if self.is_name(slot) && !starts && !before.ends_with('"') => {
                    self.text.extend(["the ", title]);
                }
                _ if starts && !self.is_name(slot) => {
                    self.text.push_str(&words::capital(&said));
                }
                _ => self.text.push_str(&said),
            }
            rest = next;
            if said.ends_with(['?', '!', '…', '？']) && rest.starts_with([',', '.', '!']) {
                rest = rest.get(1..).unwrap_or_default();
            }
            if self.is_clause(slot, &said) && rest.starts_with(' ') {
                self.text.push(',');
            }
        }
        self.text.push_str(rest);
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Whether `slot` is the name, which is written unchanged.
    fn is_name(&self, slot: &str) -> bool {
        slot == "name" || !self.is_to_you() && ["N", "N's", "Ns"].contains(&slot)
    }

    /// Whether `slot` has just added a description after a name, which needs a comma after it.
    fn is_clause(&self, slot: &str, said: &str) -> bool {
        let place = match slot {
            "home" => &self.home,
            "town" => &self.town,
            _ => return false,
        };
        said.len() > place.short.len()
    }

    fn slot(&mut self, slot: &str, phrase: Option<&Phrase>) -> String {
        let (you, plural) = (self.is_to_you(), self.hero.pronouns.plural);
        let after_name = |third: &str, second: &str| if you { second } else { third }.to_owned();
        let after_they = |third: &str, other: &str| if plural { other } else { third }.to_owned();
        match slot {
            "N" if you => "you".to_owned(),
            "N's" if you => "your".to_owned(),
            "Ns" if you => "yours".to_owned(),
            "N" | "name" => self.name(),
            "N's" | "Ns" => format!("{}'s", self.name()),
            "was" => after_name("was", "were"),
            "has" => after_name("has", "have"),
            "is" => after_name("is", "are"),
            "s" => after_name("s", ""),
            "es" => after_name("es", ""),
            "were" => after_they("was", "were"),
            "have" => after_they("has", "have"),
            "are" => after_they("is", "are"),
            "z" => after_they("s", ""),
            "ez" => after_they("es", ""),
            "they" => self.hero.pronouns.they.to_owned(),
            "They" => words::capital(self.hero.pronouns.they),
            "them" => self.hero.pronouns.them.to_owned(),
            "their" => self.hero.pronouns.their.to_owned(),
            "theirs" => self.hero.pronouns.theirs.to_owned(),
            "q" => phrase.map(Phrase::capital).unwrap_or_default(),
            "l" => phrase.map(Phrase::lower).unwrap_or_default(),
            "a" => phrase.map(Phrase::with_article).unwrap_or_default(),
            "A" => phrase
                .map(|phrase| words::capital(&phrase.with_article()))
                .unwrap_or_default(),
            _ => self.motif(slot),
        }
    }

    fn motif(&mut self, slot: &str) -> String {
        let pronoun = |she: &str, he: &str| if self.kin.is_she { she } else { he }.to_owned();
        match slot {
            "home" => self.home.mention(),
            "home=" => self.home.short.to_owned(),
            "home:" => self.home.describe(),
            "town" => self.town.mention(),
            "town=" => self.town.short.to_owned(),
            "town:" => self.town.describe(),
            "obj" => self.obj.mention(),
            "obj=" => self.obj.recall(),
            "kin" => self.kin.mention(),
            "kin=" => self.kin.recall(),
            "k" => pronoun("she", "he"),
            "num" => self.pick(&DATA.motifs.numbers).to_owned(),
            "food" => self.pick(&DATA.motifs.foods).to_owned(),
            "beast" => self.pick(&DATA.motifs.beasts).to_owned(),
            choice => match choice.split_once('|') {
                Some((third, second)) => if self.is_to_you() { second } else { third }.to_owned(),
                None => format!("{{{choice}}}"),
            },
        }
    }

    fn name(&mut self) -> String {
        if std::mem::replace(&mut self.named, true) {
            self.hero.short_name.clone()
        } else {
            self.hero.full_name.clone()
        }
    }
}

impl Motif {
    fn of(line: &'static str) -> Self {
        let mut parts = line.split('/');
        let (long, short) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        Self {
            short,
            long,
            is_place: false,
            is_she: parts.next() == Some("she"),
            introduced: false,
        }
    }

    fn place(deck: &mut Deck) -> Self {
        let (short, long) = (
            deck.pick(&DATA.motifs.place_names),
            deck.pick_own(&DATA.motifs.places),
        );
        Self {
            short,
            long,
            is_place: true,
            is_she: false,
            introduced: false,
        }
    }

    fn mention(&mut self) -> String {
        match (std::mem::replace(&mut self.introduced, true), self.is_place) {
            (true, _) => self.short.to_owned(),
            (false, true) => format!("{}, {}", self.short, self.long),
            (false, false) => self.long.to_owned(),
        }
    }

    /// The short form. At the first mention it is the long one: "the aunt" must be introduced first.
    fn recall(&mut self) -> String {
        if self.introduced {
            self.short.to_owned()
        } else {
            self.mention()
        }
    }

    fn describe(&mut self) -> String {
        self.introduced = true;
        self.long.to_owned()
    }
}

/// Whether a slot begins a sentence. `before` is the text since the last slot; `first` says that there was none.
///
/// Only the text of the template counts: a name may end with a full stop.
fn starts_sentence(before: &str, first: bool) -> bool {
    let bare = before.trim_end();
    if bare.is_empty() {
        return first;
    }
    bare.len() < before.len() && (bare.ends_with(['.', '!', '?']) || bare.ends_with(".\""))
}
