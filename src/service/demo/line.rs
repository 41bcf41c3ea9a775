//! A line of the data: a template, and the world it belongs to.
//!
//! How a template is written is described at the top of `paragraphs.txt`. What its slots become is decided by the teller.

/// Lines to choose from.
pub(super) type Table = &'static [Line];

/// The kind of world a story plays in, and that a line is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum World {
    /// A line that may stand in any story.
    Any,
    /// A line with weather and soil in it; a story of which nothing more is known.
    Land,
    /// Castles, guilds and spells.
    Old,
    /// Here and today, more or less.
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
    /// One line, with or without a world before it.
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

    /// Whether the line was made for this very world.
    pub(super) fn is_of(self, world: World) -> bool {
        self.world == world
    }

    /// Whether the line may stand in a story that plays in `world`.
    pub(super) fn fits(self, world: World) -> bool {
        match self.world {
            World::Any => true,
            World::Land => world != World::Far,
            own => own == world,
        }
    }
}
