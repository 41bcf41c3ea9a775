//! Draws lines from tables.
//!
//! No line is drawn twice while there is an unused one. The deck knows the world of the story, and nothing else about the
//! use of a line.

use super::line::{Line, Table, World};
use super::random::Random;

/// The lines that can still be drawn.
#[derive(Debug)]
pub(super) struct Deck {
    draw: Random,
    /// The world in which the story plays.
    pub(super) world: World,
    used: Vec<&'static str>,
}

impl Deck {
    /// A full deck for a story that plays in `world`.
    pub(super) fn new(draw: Random, world: World) -> Self {
        Self {
            draw,
            world,
            used: Vec::new(),
        }
    }

    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.draw.below(count)
    }

    /// One line of `table`.
    pub(super) fn pick(&mut self, table: Table) -> &'static str {
        if let Some(text) = self.pick_where(table, |_| true) {
            return text;
        }
        let world = self.world;
        let fitting: Vec<Line> = table
            .iter()
            .copied()
            .filter(|line| line.fits(world))
            .collect();
        fitting
            .get(self.below(fitting.len()))
            .map_or("", |line| line.text)
    }

    /// One line of `table` that contains the name if there is one left, else any line.
    pub(super) fn pick_naming(&mut self, table: Table) -> &'static str {
        let naming = self.pick_where(table, |line| line.text.contains("{name}"));
        naming.unwrap_or_else(|| self.pick(table))
    }

    /// One line of `table`; usually one that was made for this world.
    pub(super) fn pick_own(&mut self, table: Table) -> &'static str {
        let world = self.world;
        let wanted = self.below(5) < 3;
        let own = if wanted {
            self.pick_where(table, |line| line.is_of(world))
        } else {
            None
        };
        own.unwrap_or_else(|| self.pick(table))
    }

    /// An unused line that fulfils `wanted`.
    fn pick_where(&mut self, table: Table, wanted: impl Fn(&Line) -> bool) -> Option<&'static str> {
        let fits =
            |line: &Line| line.fits(self.world) && wanted(line) && !self.used.contains(&line.text);
        let fresh: Vec<Line> = table.iter().copied().filter(fits).collect();
        let chosen = fresh.get(self.draw.below(fresh.len()))?;
        self.used.push(chosen.text);
        Some(chosen.text)
    }
}
