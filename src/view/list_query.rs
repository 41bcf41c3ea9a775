//! The query of the list of characters: the words, filters, order and page in the address.
//!
//! A part that cannot be read is ignored and never an error: an address may be old, cut, or written by hand.

use super::address::with_query;
use crate::domain::flag::Flag;
use crate::domain::status::Status;
use serde::Deserialize;

/// Characters per page.
pub(super) const PAGE: usize = 50;

/// The most letters of a search that are used.
const WORDS_CHARS_MAX: usize = 200;

/// The most words of a search that are used. A search of many short words is slow.
const WORDS_MAX: usize = 12;

/// The parts of the address, not checked yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawQuery {
    q: String,
    cast: String,
    status: String,
    flag: String,
    sort: String,
    gone: String,
    page: String,
}

/// A query of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ListQuery {
    /// Words that must occur; empty: no search.
    pub(super) words: String,
    /// Only this cast.
    pub(super) cast: Option<String>,
    /// Only this status.
    pub(super) status: Option<Status>,
    /// Only this flag.
    pub(super) flag: Option<Flag>,
    /// The order.
    pub(super) sort: Sort,
    /// Include characters that are no longer in the sheet.
    pub(super) gone: bool,
    /// The page, from 0.
    pub(super) page: usize,
}

/// An order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// The order of the sheet, or the best match first if there is a search.
    #[default]
    Natural,
    /// The order of the sheet, also if there is a search.
    Row,
    /// By name.
    Name,
    /// Most words first.
    Longest,
    /// Fewest words first.
    Shortest,
    /// Last finished first.
    Newest,
    /// First finished first.
    Oldest,
}

impl Sort {
    /// All orders, the default first.
    pub(super) const ALL: [Self; 7] = [
        Self::Natural,
        Self::Row,
        Self::Name,
        Self::Longest,
        Self::Shortest,
        Self::Newest,
        Self::Oldest,
    ];

    /// Its name in an address.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Natural => "",
            Self::Row => "row",
            Self::Name => "name",
            Self::Longest => "words",
            Self::Shortest => "-words",
            Self::Newest => "finished_at",
            Self::Oldest => "-finished_at",
        }
    }

    /// Its name on the page.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Natural => "automatic",
            Self::Row => "sheet order",
            Self::Name => "name",
            Self::Longest => "most words",
            Self::Shortest => "fewest words",
            Self::Newest => "newest story",
            Self::Oldest => "oldest story",
        }
    }
}

/// The words to search for, each once; the search field shows what is left. Without a doubled word and within the limits, a text
/// stays as it was typed, with its inner blanks.
fn words(typed: &str) -> String {
    let typed: String = typed.trim().chars().take(WORDS_CHARS_MAX).collect();
    let mut known: Vec<String> = Vec::new();
    let mut kept: Vec<&str> = Vec::new();
    for word in typed.split_whitespace() {
        let low = word.to_lowercase();
        if known.len() < WORDS_MAX && !known.contains(&low) {
            known.push(low);
            kept.push(word);
        }
    }
    if kept.len() == typed.split_whitespace().count() {
        typed
    } else {
        kept.join(" ")
    }
}

impl From<RawQuery> for ListQuery {
    fn from(raw: RawQuery) -> Self {
        let page: usize = raw.page.parse().unwrap_or(1);
        Self {
            words: words(&raw.q),
            cast: Some(raw.cast).filter(|cast| !cast.is_empty()),
            status: Status::of(&raw.status),
            flag: raw.flag.parse().ok(),
            sort: Sort::ALL
                .into_iter()
                .find(|sort| sort.word() == raw.sort)
                .unwrap_or_default(),
            gone: !raw.gone.is_empty(),
            page: page.saturating_sub(1),
        }
    }
}

impl ListQuery {
    /// The query part of the address, without its question mark.
    pub(super) fn query(&self) -> String {
        self.address()
            .split_off(1)
            .trim_start_matches('?')
            .to_owned()
    }

    /// The address of this list.
    pub(super) fn address(&self) -> String {
        let page = match self.page {
            0 => String::new(),
            page => (page + 1).to_string(),
        };
        with_query(
            "/",
            &[
                ("q", &self.words),
                ("cast", self.cast.as_deref().unwrap_or_default()),
                ("status", self.status.map_or("", Status::word)),
                ("flag", self.flag.map_or("", Flag::word)),
                ("sort", self.sort.word()),
                ("gone", if self.gone { "1" } else { "" }),
                ("page", &page),
            ],
        )
    }

    /// The same query for another page.
    pub(super) fn on_page(&self, page: usize) -> Self {
        Self {
            page,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_back_from_its_address() {
        let list_query = ListQuery {
            words: "hates & sea".into(),
            cast: Some("crew".into()),
            status: Some(Status::Done),
            flag: Some(Flag::BadUtf8),
            sort: Sort::Shortest,
            gone: true,
            page: 2,
        };
        let address = list_query.address();
        assert_eq!(
            address,
            "/?q=hates%20%26%20sea&cast=crew&status=done&flag=bad_utf8&sort=-words&gone=1&page=3"
        );
        assert_eq!(list_query.query(), address[2..]);
        assert_eq!(ListQuery::default().address(), "/");
        assert_eq!(ListQuery::default().query(), "");
    }

    #[test]
    fn a_search_has_each_word_once_and_not_many_words() {
        assert_eq!(words(" hates  the sea "), "hates  the sea");
        assert_eq!(words("a b A c b"), "a b c");
        let many: Vec<String> = (0..20).map(|nth| format!("w{nth}")).collect();
        assert_eq!(words(&many.join(" ")).split(' ').count(), WORDS_MAX);
    }

    #[test]
    fn parts_of_an_address_that_cannot_be_read_are_ignored() {
        let raw = RawQuery {
            status: "asleep".into(),
            flag: "'".into(),
            sort: "; drop table".into(),
            page: "-1".into(),
            ..RawQuery::default()
        };
        assert_eq!(ListQuery::from(raw), ListQuery::default());
    }
}
