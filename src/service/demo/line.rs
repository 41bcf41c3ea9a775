//! Tables of lines; a line is a template, and the world it belongs to.
//!
//! A table is a text with a line for each variant, so that it can be read and mended as prose. The tables promise that a line
//! reads well wherever its world says it may stand. How a template is written is told here, once; what its slots become is the
//! teller's business.
//!
//! - A line may begin with its world: `land:` has weather and soil in it, `old:` castles, `now:` lifts, `far:` the stars.
//! - `~` divides a paragraph into pieces: the first always stands, the later ones may be left out from the end.
//! - `{T}` is where phrases of the description go, `{Y}` is where a story told to "you" gives the name.
//! - `{N}` is the name, or "you"; `{N's}` (your) and `{Ns}` (yours) go with it, and `{was} {has} {is} {s} {es}` follow it.
//! - `{they} {them} {their} {theirs}` stand for the character, and `{were} {have} {are} {z} {ez}` follow them.
//! - `{name}` is the name in every story; `{one way|another way}` differs between a story about somebody and one told to "you".
//! - `{home} {town} {obj} {kin}` are described when they are first mentioned and short afterwards; with `=` always short.
//!   `{home:} {town:}` are the bare descriptions. `{k}` is "she" or "he" and stands for the `kin`.
//! - `{num} {food} {beast}` are drawn anew each time.
//! - In frames, `{q}` is the phrase with a capital, `{l}` without, `{a}` with its article and `{A}` the same with a capital.

/// Lines, one below the other.
pub(super) type Table = &'static str;

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
    /// The lines of `table`.
    pub(super) fn all(table: Table) -> impl Iterator<Item = Line> {
        table
            .split('\n')
            .map(str::trim_ascii)
            .filter(|line| !line.is_empty())
            .map(Line::of)
    }

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
