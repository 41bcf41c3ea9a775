//! `person` and `language` against most of the cast, where nothing was asked for.
//!
//! A cast has a person or a language if [`SHARE_PERCENT`] of the stories for which it is certain have it, and these are
//! [`STORIES_MIN`] at least.

use super::Member;
use crate::domain::flag::Flag;
use crate::review::Finding;
use crate::review::language::Tongue;
use crate::review::person::{self, Voice};

/// This many stories must be certain.
const STORIES_MIN: usize = 5;
/// The share of them that is most, in per cent.
const SHARE_PERCENT: usize = 75;

/// What most of `all` are, if there is such a thing.
pub(super) fn of<T: Copy + PartialEq>(
    all: impl Iterator<Item = Option<T>>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    let mut certain = 0;
    for one in all.flatten() {
        certain += 1;
        match counts.iter_mut().find(|(known, _)| *known == one) {
            Some((_, many)) => *many += 1,
            None => counts.push((one, 1)),
        }
    }
    let (most, _) = *counts.iter().max_by_key(|(_, many)| *many)?;
    let same: usize = counts
        .iter()
        .filter(|(one, _)| is_same(one, &most))
        .map(|(_, many)| many)
        .sum();
    (certain >= STORIES_MIN && same * 100 >= certain * SHARE_PERCENT).then_some(most)
}

/// The finding, if a story is in another person than most.
pub(super) fn voice(
    member: &Member<'_>,
    own: Option<Voice>,
    most: Option<Voice>,
) -> Option<Finding> {
    let (own, most) = (own?, most?);
    if own == most {
        return None;
    }
    let at = person::of(member.reading, member.tongue).map_or(0..0, |(_, at)| at);
    Some(Finding {
        flag: Flag::Person,
        detail: format!(
            "{} person, most of the cast in the {}",
            own.word(),
            most.word()
        ),
        at,
    })
}

/// The finding, if a story is in another language than most.
pub(super) fn tongue(own: Option<Tongue>, most: Option<Tongue>) -> Option<Finding> {
    let (own, most) = (own?, most?);
    (!own.is_like(most)).then(|| Finding {
        flag: Flag::Language,
        detail: format!("{}, most of the cast in {}", own.name(), most.name()),
        at: 0..0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_is_three_quarters_of_what_is_certain() {
        let of = |all: &[Option<u8>]| of(all.iter().copied(), PartialEq::eq);
        assert_eq!(of(&[Some(1), Some(1), Some(1), Some(2)]), None, "too few");
        assert_eq!(of(&[Some(1), Some(1), Some(1), Some(1), Some(2)]), Some(1));
        assert_eq!(
            of(&[Some(1), Some(1), Some(1), Some(2), Some(2), Some(2)]),
            None
        );
        assert_eq!(
            of(&[None, Some(1), Some(1), None, Some(1), Some(1), Some(1)]),
            Some(1)
        );
    }
}
