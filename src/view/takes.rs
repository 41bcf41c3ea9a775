//! The takes of a character: the current one beside another one, with their differences marked, and the others on one line each.
//!
//! A text that is the same as the current one is not shown again.

use super::address::{of_character, with_query};
use super::error::ViewError;
use super::flags::flags;
use super::length::length;
use super::list_query::ListQuery;
use super::page::Pages;
use crate::domain::character::CharacterId;
use crate::domain::difference::marked;
use crate::store::TakeRecord;
use minijinja::{Value, context};

/// The most takes that are listed besides the two that are compared; the newest of them.
const OTHERS_MAX: usize = 50;

/// If less of one text is in both takes, in percent, and not most of the other one, marks would only make them hard to read.
const COMMON_MIN: usize = 15;

/// Most of a text, in percent.
const MOST: usize = 60;

/// What the page was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TakesAsked {
    /// The number of the take that the current one is compared with.
    pub(super) with: Option<i64>,
    /// The number of the take that was just picked.
    pub(super) chosen: Option<i64>,
}

/// The character whose takes these are.
pub(super) struct Owner<'a> {
    pub(super) id: CharacterId,
    /// Whether its current take was picked.
    pub(super) picked: bool,
    /// The list that it was reached from.
    pub(super) list_query: &'a ListQuery,
    /// What a change must have.
    pub(super) token: &'a str,
}

/// The section of the takes; hidden where there is nothing to compare.
///
/// # Errors
///
/// [`ViewError::Page`] if the values do not fit.
pub(super) fn section(
    pages: &Pages,
    takes: &[TakeRecord],
    owner: &Owner<'_>,
    asked: TakesAsked,
) -> Result<Value, ViewError> {
    let current = takes.iter().find(|take| take.current);
    let pair = current.and_then(|current| Some((current, compared(takes, current, asked.with)?)));
    let Some((current, compared)) = pair else {
        return pages.piece("takes", context! {});
    };
    let texts = (lines(&current.text), lines(&compared.text));
    let (own, other) = (marked(&texts.0, &texts.1), marked(&texts.1, &texts.0));
    let shares = (common(&own), common(&other));
    let is_other = shares.0.min(shares.1) < COMMON_MIN && shares.0.max(shares.1) < MOST;
    let others = || {
        let is_other = |take: &&TakeRecord| !take.current && take.take != compared.take;
        takes.iter().rev().filter(is_other)
    };
    let line = |take: &TakeRecord| described(take, current, &[], owner);
    let values = context! {
        id => owner.id.0,
        token => owner.token,
        list => owner.list_query.query(),
        with => asked.with,
        picked => owner.picked,
        many => takes.len(),
        chosen => asked.chosen.filter(|chosen| *chosen == current.take),
        is_other,
        current => described(current, current, &pieces(&own, is_other), owner),
        compared => described(compared, current, &pieces(&other, is_other), owner),
        others => others().take(OTHERS_MAX).map(line).collect::<Vec<_>>(),
        older => others().count().saturating_sub(OTHERS_MAX),
    };
    pages.piece("takes", values)
}

/// The take that the current one is compared with: number `with`, else the newest with another text, else the newest.
fn compared<'a>(
    takes: &'a [TakeRecord],
    current: &TakeRecord,
    with: Option<i64>,
) -> Option<&'a TakeRecord> {
    let others = || takes.iter().rev().filter(|take| !take.current);
    let asked = others().find(|take| Some(take.take) == with);
    let different = || others().find(|take| !is_same(take, current));
    asked.or_else(different).or_else(|| others().next())
}

fn is_same(take: &TakeRecord, current: &TakeRecord) -> bool {
    lines(&take.text) == lines(&current.text)
}

/// How much of a text the other one has as well, in percent.
fn common(pieces: &[(&str, bool)]) -> usize {
    let chars = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let all: usize = pieces.iter().map(|(text, _)| chars(text)).sum();
    let shared = pieces.iter().filter(|(_, own)| !own);
    let shared: usize = shared.map(|(text, _)| chars(text)).sum();
    (shared * 100).checked_div(all).unwrap_or(100)
}

/// The pieces for the template. A difference of blanks alone cannot be seen.
fn pieces(marked: &[(&str, bool)], is_other: bool) -> Vec<Value> {
    let piece = |(text, own): &(&str, bool)| context! { text => *text, own => *own && !is_other && !text.trim().is_empty() };
    marked.iter().map(piece).collect()
}

fn described(
    take: &TakeRecord,
    current: &TakeRecord,
    pieces: &[Value],
    owner: &Owner<'_>,
) -> Value {
    let address = of_character(owner.id, &owner.list_query.query());
    let with = take.take.to_string();
    let joint = if address.contains('?') { "&" } else { "?" };
    let with = with_query("", &[("with", &with)]).replacen('?', joint, 1);
    context! {
        take => take.take,
        current => take.current,
        same => is_same(take, current),
        compare => format!("{address}{with}#takes"),
        provider => take.provider.as_str(),
        model => take.model.as_deref(),
        words => length(&take.text, take.words),
        finished_at => take.finished_at.as_str(),
        flags => flags(take.flags),
        pieces,
    }
}

/// `text` with one form of line ends, because readers see no difference.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flags;

    fn take(number: i64, text: &str, current: bool) -> TakeRecord {
        TakeRecord {
            take: number,
            text: text.into(),
            words: 1,
            flags: Flags::default(),
            provider: "demo".into(),
            model: None,
            endpoint: None,
            finished_at: "2026-11-30T09:17:32Z".into(),
            current,
        }
    }

    #[test]
    fn the_current_take_is_compared_with_the_newest_one_that_differs() {
        let takes = [
            take(1, "a", false),
            take(2, "b", false),
            take(3, "c\r\n", true),
            take(4, "c\n", false),
        ];
        let with = |with| compared(&takes, &takes[2], with).map(|take| take.take);
        assert_eq!(with(None), Some(2));
        assert_eq!(with(Some(1)), Some(1));
        assert_eq!(with(Some(4)), Some(4));
        assert_eq!(with(Some(9)), Some(2));
        assert_eq!(with(Some(3)), Some(2), "never with itself");
        let same = [take(1, "c", false), take(2, "c", true)];
        assert_eq!(
            compared(&same, &same[1], None).map(|take| take.take),
            Some(1)
        );
    }

    #[test]
    fn the_common_part_of_a_text_is_counted_without_blanks() {
        assert_eq!(common(&[("ab ", false), ("c d", true)]), 50);
        assert_eq!(common(&[("abc", true)]), 0);
        assert_eq!(common(&[]), 100);
    }
}
