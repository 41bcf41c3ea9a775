//! Which take of a character counts after something happened to it.
//!
//! A newer take counts in place of an older one, but a take that a person picked stays. A choice belongs to what the take was
//! made from: an edit sets it aside, and an edit that is taken back brings it back. The store has this rule as SQL, because it
//! settles many characters in one statement; a test compares the two.

use super::character::{Content, TakeNumber};

/// A take, as far as the rule needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Its number.
    pub number: TakeNumber,
    /// What it was made from.
    pub content: Content,
    /// It was picked, for whenever the character has this content. Of the takes of one content at most one is.
    pub picked: bool,
}

/// The take that counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Current {
    /// Its number; none where there is no take yet.
    pub take: Option<TakeNumber>,
    /// Newer takes do not replace it.
    pub picked: bool,
}

/// What may happen to a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A request brought this take, the newest.
    Settled(TakeNumber),
    /// A person picked this take.
    Picked(TakeNumber),
    /// A person gave the choice up: the newest take counts.
    Unpicked,
    /// A person wrote this take, the newest. While a request is under way it counts as picked, so that the take which the
    /// request brings does not replace it.
    Written {
        /// Its number.
        take: TakeNumber,
        /// A request is under way.
        request_under_way: bool,
    },
    /// The character has this content from now on. All takes were made by the recipe of the cast or by hand.
    Edited(Content),
}

/// The take that counts after `event`, which was `before` until then. `takes` are all takes of the character in the order of
/// their numbers, the new one of the event included; what is remembered of choices is brought up to date in them.
pub fn current(takes: &mut [Take], before: Current, event: Event) -> Current {
    let newest = takes.last().map(|take| take.number);
    match event {
        Event::Settled(_) if before.picked => before,
        Event::Settled(take) => Current {
            take: Some(take),
            picked: false,
        },
        Event::Picked(take) => choose(takes, before, take, true),
        Event::Unpicked => match newest {
            Some(newest) => choose(takes, before, newest, false),
            None => before,
        },
        Event::Written {
            take,
            request_under_way,
        } => choose(takes, before, take, request_under_way),
        Event::Edited(content) => {
            let fitting = || takes.iter().rev().filter(|take| take.content == content);
            match fitting().find(|take| take.picked).or(fitting().next()) {
                Some(fitting) => Current {
                    take: Some(fitting.number),
                    picked: fitting.picked,
                },
                // It waits for a take; until then the old one is what there is.
                None => Current {
                    picked: false,
                    ..before
                },
            }
        }
    }
}

/// Lets `chosen` count, and remembers whether it was picked. The choice before is given up for good.
fn choose(takes: &mut [Take], before: Current, chosen: TakeNumber, picked: bool) -> Current {
    let content = takes
        .iter()
        .find(|take| take.number == chosen)
        .map(|take| take.content);
    for take in takes {
        if Some(take.number) == before.take {
            take.picked = false;
        }
        if Some(take.content) == content {
            take.picked = picked && take.number == chosen;
        }
    }
    Current {
        take: Some(chosen),
        picked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Content = Content([1; 16]);
    const B: Content = Content([2; 16]);

    fn take(number: i64, content: Content) -> Take {
        Take {
            number: TakeNumber(number),
            content,
            picked: false,
        }
    }

    fn now(number: i64, picked: bool) -> Current {
        Current {
            take: Some(TakeNumber(number)),
            picked,
        }
    }

    #[test]
    fn a_newer_take_counts_unless_one_was_picked() {
        let takes = &mut [take(1, A), take(2, A)];
        let settled = Event::Settled(TakeNumber(2));
        assert_eq!(current(takes, now(1, false), settled), now(2, false));
        assert_eq!(current(takes, now(1, true), settled), now(1, true));
    }

    #[test]
    fn a_picked_take_counts_until_the_choice_is_given_up() {
        let takes = &mut [take(1, A), take(2, A)];
        let picked = current(takes, now(2, false), Event::Picked(TakeNumber(1)));
        assert_eq!(picked, now(1, true));
        assert_eq!(current(takes, picked, Event::Unpicked), now(2, false));
        assert!(takes.iter().all(|take| !take.picked));
    }

    #[test]
    fn a_take_by_hand_counts_and_is_not_replaced_by_a_request_that_is_under_way() {
        for request_under_way in [false, true] {
            let takes = &mut [take(1, A), take(2, A)];
            let written = Event::Written {
                take: TakeNumber(2),
                request_under_way,
            };
            assert_eq!(
                current(takes, now(1, true), written),
                now(2, request_under_way)
            );
        }
    }

    #[test]
    fn an_edit_that_is_taken_back_brings_the_choice_back() {
        let takes = &mut [take(1, A), take(2, A), take(3, B)];
        let picked = current(takes, now(2, false), Event::Picked(TakeNumber(1)));
        let edited = current(takes, picked, Event::Edited(B));
        assert_eq!(edited, now(3, false));
        assert_eq!(current(takes, edited, Event::Edited(A)), now(1, true));
    }

    #[test]
    fn without_a_fitting_take_the_old_one_is_no_choice_any_more() {
        let takes = &mut [take(1, A)];
        assert_eq!(
            current(takes, now(1, true), Event::Edited(B)),
            now(1, false)
        );
        assert_eq!(
            current(&mut [], Current::default(), Event::Unpicked),
            Current::default()
        );
    }
}
