//! A line of the data: a template, and the world it belongs to.
//!
//! `paragraphs.txt` explains at its beginning how a template is written. The teller fills in its slots.

/// Lines to choose from.
pub(super) type Table = &'static [Line];

/// The kind of world of a story, and the one that a line is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum World {
    /// A line that may stand in any story.
    Any,
    /// Weather and soil; also for a story without any hint.
    Land,
    /// Castles, guilds and spells.
    Old,
    /// The present day.
    Now,
    /// Stations and ships between the stars.
    Far,
}

/// One template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    world: World,
    /// The template.
    pub(super) text: &'static str,
}

impl Line {
    /// One line; the name of a world may come before it.
    pub(super) fn of(line: &'static str) -> Line {
        let worlds = [
            ("land: ", World::Land),
            ("old: ", World::Old),
            ("now: ", World::Now),
            ("far: ", World::Far),
        ];
        let marked = |(mark, world)| line.strip_prefix(mark).map(|text| Line { world, text });
        let marked = worlds.into_iter().find_map(marked);
        marked.unwrap_or(Line {
            world: World::Any,
            text: line,
        })
    }

    /// Whether the line was made for this world only.
    pub(super) fn is_of(self, world: World) -> bool {
        self.world == world
    }

    /// Whether the line fits a story in `world`.
    pub(super) fn fits(self, world: World) -> bool {
        match self.world {
            World::Any => true,
            World::Land => world != World::Far,
            own => own == world,
        }
    }
}
