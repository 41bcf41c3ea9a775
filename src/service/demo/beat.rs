//! The paragraphs that every plot may borrow, by their content.

/// A section of `paragraphs.txt`, where each beat is described.
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

    /// The beat with this name in the data.
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

    /// Whether it happens before the turning point of a story.
    pub(super) fn is_early(self) -> bool {
        matches!(
            self,
            Beat::Home | Beat::Kin | Beat::Turn | Beat::Thing | Beat::Work
        )
    }
}
