//! Turns templates into sentences.
//!
//! A teller remembers what has been told: who is meant, what has been introduced, which lines have been used. It never uses a
//! line twice while an unused one is left. It does not decide what is told; that is the plan's.

use super::draw::Draw;
use super::line::{Line, Table, World};
use super::motifs;
use super::phrases::Phrase;

/// How a character is spoken of.
#[derive(Debug)]
pub(super) struct Pronouns {
    they: &'static str,
    them: &'static str,
    their: &'static str,
    theirs: &'static str,
    themself: &'static str,
    /// Whether verbs after the pronoun go without an s.
    plural: bool,
}

/// A story told to its character.
pub(super) const YOU: Pronouns = Pronouns {
    they: "you",
    them: "you",
    their: "your",
    theirs: "yours",
    themself: "yourself",
    plural: true,
};
/// A character of whom nothing is known.
pub(super) const THEY: Pronouns = Pronouns {
    they: "they",
    them: "them",
    their: "their",
    theirs: "theirs",
    themself: "themself",
    plural: true,
};
/// A character whom the description calls "she".
pub(super) const SHE: Pronouns = Pronouns {
    they: "she",
    them: "her",
    their: "her",
    theirs: "hers",
    themself: "herself",
    plural: false,
};
/// A character whom the description calls "he".
pub(super) const HE: Pronouns = Pronouns {
    they: "he",
    them: "him",
    their: "his",
    theirs: "his",
    themself: "himself",
    plural: false,
};

/// Something that is introduced once and then called by a short name.
#[derive(Debug)]
struct Motif {
    short: String,
    /// What follows the name of a place, or stands in place of the short form.
    long: &'static str,
    is_place: bool,
    told: bool,
}

/// Tells one story.
#[derive(Debug)]
pub(super) struct Teller {
    draw: Draw,
    world: World,
    pronouns: &'static Pronouns,
    full_name: String,
    short_name: String,
    named: bool,
    home: Motif,
    town: Motif,
    obj: Motif,
    kin: Motif,
    kin_is_she: bool,
    used: Vec<&'static str>,
    text: String,
}

impl Teller {
    /// A teller who has told nothing yet.
    pub(super) fn new(
        mut draw: Draw,
        world: World,
        pronouns: &'static Pronouns,
        full: &str,
        short: &str,
    ) -> Self {
        let mut used = Vec::new();
        let mut motif = |table, is_place| {
            let name = if is_place {
                pick(&mut draw, &mut used, world, motifs::PLACE_NAMES)
            } else {
                ""
            };
            let mut parts = pick_own(&mut draw, &mut used, world, table).split('/');
            let long = parts.next().unwrap_or_default();
            let short = if is_place {
                name
            } else {
                parts.next().unwrap_or_default()
            };
            let she = parts.next() == Some("she");
            (
                Motif {
                    short: short.to_owned(),
                    long,
                    is_place,
                    told: false,
                },
                she,
            )
        };
        let (home, _) = motif(motifs::PLACES, true);
        let (town, _) = motif(motifs::PLACES, true);
        let (obj, _) = motif(motifs::OBJECTS, false);
        let (kin, kin_is_she) = motif(motifs::KIN, false);
        let (full_name, short_name) = (full.to_owned(), short.to_owned());
        let text = String::new();
        Self {
            draw,
            world,
            pronouns,
            full_name,
            short_name,
            named: false,
            home,
            town,
            obj,
            kin,
            kin_is_she,
            used,
            text,
        }
    }

    /// Whether the story is told to its character.
    pub(super) fn is_to_you(&self) -> bool {
        self.pronouns.they == YOU.they
    }

    /// The world in which the story plays.
    pub(super) fn world(&self) -> World {
        self.world
    }

    /// Whether `template` would describe a place that has been described.
    pub(super) fn has_described(&self, template: &str) -> bool {
        self.home.told && template.contains("{home:}")
            || self.town.told && template.contains("{town:}")
    }

    /// Whether `sentence` may stand in the story as it is: it speaks of the character as the story does.
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
        !self.is_to_you() && meant.is_none_or(|they| they == self.pronouns.they)
    }

    /// One line of `table` that has not been used, if there is one.
    pub(super) fn pick(&mut self, table: Table) -> &'static str {
        pick(&mut self.draw, &mut self.used, self.world, table)
    }

    /// One line of `table` that gives the name, if there is one left, else any.
    pub(super) fn pick_naming(&mut self, table: Table) -> &'static str {
        let naming = |line: &Line| line.text.contains("{name}");
        pick_where(&mut self.draw, &mut self.used, self.world, table, naming)
            .unwrap_or_else(|| self.pick(table))
    }

    /// A number below `count`, from the teller's own source.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.draw.below(count)
    }

    /// Begins a new paragraph, unless the present one is still empty.
    pub(super) fn begin_paragraph(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push_str("\n\n");
        }
    }

    /// Tells `template`, in which `phrase` is set where there is a place for it.
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
                    self.text.push_str(&super::words::capital(&said));
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

    /// Whether `slot` is the name, which is written as it was given.
    fn is_name(&self, slot: &str) -> bool {
        slot == "name" || !self.is_to_you() && ["N", "N's", "Ns"].contains(&slot)
    }

    /// Whether `slot` has just put a description behind a name, which must be closed by a comma.
    fn is_clause(&self, slot: &str, said: &str) -> bool {
        let place = match slot {
            "home" => &self.home,
            "town" => &self.town,
            _ => return false,
        };
        said.len() > place.short.len()
    }

    fn slot(&mut self, slot: &str, phrase: Option<&Phrase>) -> String {
        let (you, plural) = (self.is_to_you(), self.pronouns.plural);
        let after_name = |third: &str, second: &str| {
            if you {
                second.to_owned()
            } else {
                third.to_owned()
            }
        };
        let after_they = |third: &str, other: &str| {
            if plural {
                other.to_owned()
            } else {
                third.to_owned()
            }
        };
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
            "they" => self.pronouns.they.to_owned(),
            "They" => super::words::capital(self.pronouns.they),
            "them" => self.pronouns.them.to_owned(),
            "their" => self.pronouns.their.to_owned(),
            "theirs" => self.pronouns.theirs.to_owned(),
            "themself" => self.pronouns.themself.to_owned(),
            "q" => phrase.map(Phrase::capital).unwrap_or_default(),
            "l" => phrase.map(Phrase::lower).unwrap_or_default(),
            "a" => phrase.map(Phrase::with_article).unwrap_or_default(),
            "A" => phrase
                .map(|phrase| super::words::capital(&phrase.with_article()))
                .unwrap_or_default(),
            _ => self.motif(slot),
        }
    }

    fn motif(&mut self, slot: &str) -> String {
        let pronoun = |she: &str, he: &str| {
            if self.kin_is_she {
                she.to_owned()
            } else {
                he.to_owned()
            }
        };
        match slot {
            "home" => self.home.mention(),
            "home=" => self.home.short.clone(),
            "home:" => self.home.describe(),
            "town" => self.town.mention(),
            "town=" => self.town.short.clone(),
            "town:" => self.town.describe(),
            "obj" => self.obj.mention(),
            "obj=" => self.obj.recall(),
            "kin" => self.kin.mention(),
            "kin=" => self.kin.recall(),
            "k" => pronoun("she", "he"),
            "km" => pronoun("her", "him"),
            "ks" => pronoun("her", "his"),
            "num" => self.pick(motifs::NUMBERS).to_owned(),
            "food" => self.pick(motifs::FOODS).to_owned(),
            "beast" => self.pick(motifs::BEASTS).to_owned(),
            choice => match choice.split_once('|') {
                Some((third, second)) => if self.is_to_you() { second } else { third }.to_owned(),
                None => format!("{{{choice}}}"),
            },
        }
    }

    fn name(&mut self) -> String {
        if std::mem::replace(&mut self.named, true) {
            self.short_name.clone()
        } else {
            self.full_name.clone()
        }
    }
}

impl Motif {
    fn mention(&mut self) -> String {
        match (std::mem::replace(&mut self.told, true), self.is_place) {
            (true, _) => self.short.clone(),
            (false, true) => format!("{}, {}", self.short, self.long),
            (false, false) => self.long.to_owned(),
        }
    }

    /// The short form; but nobody is called "the aunt" before there has been an aunt.
    fn recall(&mut self) -> String {
        if self.told {
            self.short.clone()
        } else {
            self.mention()
        }
    }

    fn describe(&mut self) -> String {
        self.told = true;
        self.long.to_owned()
    }
}

/// Whether a slot begins a sentence that stands after `before`, the words since the last slot; `first` if there was none.
///
/// Only the words of the template count: a name may end with a full stop.
fn starts_sentence(before: &str, first: bool) -> bool {
    let bare = before.trim_end();
    if bare.is_empty() {
        return first;
    }
    bare.len() < before.len() && (bare.ends_with(['.', '!', '?']) || bare.ends_with(".\""))
}

fn pick(draw: &mut Draw, used: &mut Vec<&'static str>, world: World, table: Table) -> &'static str {
    if let Some(text) = pick_where(draw, used, world, table, |_| true) {
        return text;
    }
    let fitting: Vec<Line> = Line::all(table).filter(|line| line.fits(world)).collect();
    fitting
        .get(draw.below(fitting.len()))
        .map_or("", |line| line.text)
}

/// An unused line of which `wanted` is true.
fn pick_where(
    draw: &mut Draw,
    used: &mut Vec<&'static str>,
    world: World,
    table: Table,
    wanted: impl Fn(&Line) -> bool,
) -> Option<&'static str> {
    let fits = |line: &Line| line.fits(world) && wanted(line) && !used.contains(&line.text);
    let fresh: Vec<Line> = Line::all(table).filter(fits).collect();
    let chosen = fresh.get(draw.below(fresh.len()))?;
    used.push(chosen.text);
    Some(chosen.text)
}

/// As [`pick`], but more often than not a line made for this very world.
fn pick_own(
    draw: &mut Draw,
    used: &mut Vec<&'static str>,
    world: World,
    table: Table,
) -> &'static str {
    let own = if draw.below(5) < 3 {
        pick_where(draw, used, world, table, |line| line.is_of(world))
    } else {
        None
    };
    own.unwrap_or_else(|| pick(draw, used, world, table))
}
