//! What a paragraph that any plot may borrow tells.

use super::data::DATA;
use super::line::Table;

/// A section of `paragraphs.txt`, where each is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Home,
    Kin,
    Thing,
    Work,
    Voices,
    Turn,
    Secret,
    Habit,
    Friend,
    Wish,
    Rumour,
    Hour,
}

impl Beat {
    /// The beats that lengthen a story, in the order in which they are used.
    pub(super) const LENGTHENING: [Beat; 11] = [
        Beat::Turn,
        Beat::Habit,
        Beat::Rumour,
        Beat::Secret,
        Beat::Wish,
        Beat::Thing,
        Beat::Work,
        Beat::Hour,
        Beat::Friend,
        Beat::Kin,
        Beat::Home,
    ];

    /// The beat that the data calls `name`.
    pub(super) fn of(name: &str) -> Option<Beat> {
        Some(match name {
            "home" => Beat::Home,
            "kin" => Beat::Kin,
            "thing" => Beat::Thing,
            "work" => Beat::Work,
            "voices" => Beat::Voices,
            "turn" => Beat::Turn,
            "secret" => Beat::Secret,
            "habit" => Beat::Habit,
            "friend" => Beat::Friend,
            "wish" => Beat::Wish,
            "rumour" => Beat::Rumour,
            "hour" => Beat::Hour,
            _ => return None,
        })
    }

    /// Whether it belongs to the time before the hinge of a story.
    pub(super) fn is_early(self) -> bool {
        matches!(
            self,
            Beat::Home | Beat::Kin | Beat::Turn | Beat::Thing | Beat::Work
        )
    }

    /// All paragraphs that tell this.
    pub(super) fn lines(self) -> Table {
        let paragraphs = &DATA.paragraphs;
        match self {
            Beat::Home => &paragraphs.home,
            Beat::Kin => &paragraphs.kin,
            Beat::Thing => &paragraphs.thing,
            Beat::Work => &paragraphs.work,
            Beat::Voices => &paragraphs.voices,
            Beat::Turn => &paragraphs.turn,
            Beat::Secret => &paragraphs.secret,
            Beat::Habit => &paragraphs.habit,
            Beat::Friend => &paragraphs.friend,
            Beat::Wish => &paragraphs.wish,
            Beat::Rumour => &paragraphs.rumour,
            Beat::Hour => &paragraphs.hour,
        }
    }
}
