//! Why an answer is none, in words for the browser.

use crate::domain::text::joined;
use crate::store::StoreError;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum ViewError {
    /// There is nothing at this address.
    #[error("{what} not found")]
    Nothing {
        /// What was looked for.
        what: &'static str,
    },
    /// The request came from elsewhere, or does not prove that it came from the page.
    #[error("{why}")]
    Refused {
        /// Why.
        why: &'static str,
    },
    /// More is asked at the same time than this serves.
    #[error("too many pages are open at the same time")]
    Busy,
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page's own parts do not fit together.
    #[error("cannot make the page")]
    Page(#[from] minijinja::Error),
}

impl ViewError {
    /// What happened, in one line.
    pub(super) fn words(&self) -> String {
        joined(self)
    }

    /// What to do now.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { .. } => Some("go back to the list".to_owned()),
            Self::Refused { .. } => {
                Some("open the address that `backstory view` printed".to_owned())
            }
            Self::Busy => Some("close some of them, then reload this page".to_owned()),
            Self::Store(err) => err.hint(),
            Self::Page(_) => None,
        }
    }
}
