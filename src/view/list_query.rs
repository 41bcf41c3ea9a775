//! What somebody wants to see of the cast: the words, filters, order and page that stand in the address.
//!
//! Whatever is typed is understood or left out, never refused: an address may be old, cut, or written by hand.

use super::address::with_query;
use crate::domain::flag::Flag;
use crate::domain::status::Status;
use serde::Deserialize;

/// Characters on a page.
pub(super) const PAGE: usize = 50;

/// The most letters of a search that count.
const WORDS_CHARS_MAX: usize = 200;

/// A query as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
    cast: String,
    status: String,
    flag: String,
    sort: String,
    gone: String,
    page: String,
}

/// What is wanted of the cast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Words that must occur; empty: none.
    pub(super) words: String,
    /// Of this cast only.
    pub(super) cast: Option<String>,
    /// In this state only.
    pub(super) status: Option<Status>,
    /// With this flag only.
    pub(super) flag: Option<Flag>,
    /// In this order.
    pub(super) sort: Sort,
    /// Those that left the sheet, too.
    pub(super) gone: bool,
    /// Which page, from 0.
    pub(super) page: usize,
}

/// An order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// The sheet's, or the best first when words are looked for.
    #[default]
    Natural,
    /// The sheet's, also when words are looked for.
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
    /// All orders, the natural one first.
    pub(super) const ALL: [Self; 7] = [
        Self::Natural,
        Self::Row,
        Self::Name,
        Self::Longest,
        Self::Shortest,
        Self::Newest,
        Self::Oldest,
    ];

    /// The word for it in an address.
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

    /// What it is called on the page.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Natural => "sheet order, or best match",
            Self::Row => "sheet order",
            Self::Name => "name",
            Self::Longest => "most words",
            Self::Shortest => "fewest words",
            Self::Newest => "newest story",
            Self::Oldest => "oldest story",
        }
    }
}

impl From<Typed> for Asked {
    fn from(typed: Typed) -> Self {
        let page: usize = typed.page.parse().unwrap_or(1);
        Self {
            words: typed.q.trim().chars().take(WORDS_CHARS_MAX).collect(),
            cast: Some(typed.cast).filter(|cast| !cast.is_empty()),
            status: Status::of(&typed.status),
            flag: typed.flag.parse().ok(),
            sort: Sort::ALL
                .into_iter()
                .find(|sort| sort.word() == typed.sort)
                .unwrap_or_default(),
            gone: !typed.gone.is_empty(),
            page: page.saturating_sub(1),
        }
    }
}

impl Asked {
    /// The query of an address that asks for this, without its question mark.
    pub(super) fn query(&self) -> String {
        self.address()
            .split_off(1)
            .trim_start_matches('?')
            .to_owned()
    }

    /// The address of the list that this asks for.
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

    /// The same on another page.
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
    fn what_is_asked_stands_in_the_address_and_reads_back() {
        let asked = Asked {
            words: "hates & sea".into(),
            cast: Some("crew".into()),
            status: Some(Status::Done),
            flag: Some(Flag::BadUtf8),
            sort: Sort::Shortest,
            gone: true,
            page: 2,
        };
        let address = asked.address();
        assert_eq!(
            address,
            "/?q=hates%20%26%20sea&cast=crew&status=done&flag=bad_utf8&sort=-words&gone=1&page=3"
        );
        assert_eq!(asked.query(), address[2..]);
        assert_eq!(Asked::default().address(), "/");
        assert_eq!(Asked::default().query(), "");
    }

    #[test]
    fn rubbish_in_an_address_is_left_out() {
        let typed = Typed {
            status: "asleep".into(),
            flag: "'".into(),
            sort: "; drop table".into(),
            page: "-1".into(),
            ..Typed::default()
        };
        assert_eq!(Asked::from(typed), Asked::default());
    }
}
