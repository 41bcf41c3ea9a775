//! The rule for the current take of a character.
//!
//! A newer take becomes current, unless the user has picked one. A pick belongs to the content that the take was made from:
//! after an edit it does not hold, and it holds again when the edit is undone. The store has the same rule in SQL, because it
//! settles many characters in one statement; a test compares the two.

use super::character::{Content, TakeNumber};

/// A take, as far as the rule needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Its number.
    pub number: TakeNumber,
    /// What it was made from.
    pub content: Content,
    /// Whether it is picked for the times when the character has this content. At most one take of each content is picked.
    pub picked: bool,
}

/// The current take of a character.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Current {
    /// Its number; `None` if there is no take yet.
    pub take: Option<TakeNumber>,
    /// Whether it is picked, so that newer takes do not replace it.
    pub picked: bool,
}

/// An event that can change the current take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A request brought this take, the newest.
    Settled(TakeNumber),
    /// The user picked this take.
    Picked(TakeNumber),
    /// The user removed the pick: the newest take becomes current.
    Unpicked,
    /// The user wrote this take, the newest. While a request is in flight, the take counts as picked, so that the take of the
    /// request does not replace it.
    Written {
        /// Its number.
        take: TakeNumber,
        /// Whether a request for the character is in flight.
        request_under_way: bool,
    },
    /// The content of the character changed to this one. All takes have the recipe of the cast, or were written by hand.
    Edited(Content),
}

/// The current take after `event`; before it, that was `before`. `takes` are all takes of the character in the order of their
/// numbers, including the new one of the event. Their `picked` is updated.
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
                // No take fits. The old take stays current until a new one is written.
                None => Current {
                    picked: false,
                    ..before
                },
            }
        }
    }
}

/// Makes `chosen` the current take, and stores whether it is picked. The previous pick is removed.
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
    fn a_newer_take_becomes_current_unless_one_was_picked() {
        let takes = &mut [take(1, A), take(2, A)];
        let settled = Event::Settled(TakeNumber(2));
        assert_eq!(current(takes, now(1, false), settled), now(2, false));
        assert_eq!(current(takes, now(1, true), settled), now(1, true));
    }

    #[test]
    fn a_picked_take_stays_current_until_the_pick_is_removed() {
        let takes = &mut [take(1, A), take(2, A)];
        let picked = current(takes, now(2, false), Event::Picked(TakeNumber(1)));
        assert_eq!(picked, now(1, true));
        assert_eq!(current(takes, picked, Event::Unpicked), now(2, false));
        assert!(takes.iter().all(|take| !take.picked));
    }

    #[test]
    fn a_take_by_hand_becomes_current_and_is_not_replaced_by_a_request_in_flight() {
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
    fn undoing_an_edit_brings_the_pick_back() {
        let takes = &mut [take(1, A), take(2, A), take(3, B)];
        let picked = current(takes, now(2, false), Event::Picked(TakeNumber(1)));
        let edited = current(takes, picked, Event::Edited(B));
        assert_eq!(edited, now(3, false));
        assert_eq!(current(takes, edited, Event::Edited(A)), now(1, true));
    }

    #[test]
    fn without_a_fitting_take_the_old_one_stays_but_is_no_longer_picked() {
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
