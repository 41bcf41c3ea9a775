//! Why there is no answer, in words for the browser.

use crate::domain::text::joined;
use crate::store::{StoreError, Trouble};
use axum::http::StatusCode;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum ViewError {
    /// The address does not exist.
    #[error("there is no such {what}")]
    Nothing {
        /// What does not exist.
        what: &'static str,
    },
    /// No page has this address.
    #[error("there is no page at this address")]
    NoPage,
    /// The address has no page for a request of this kind.
    #[error("this address cannot be used in this way")]
    Method,
    /// What was sent cannot be used.
    #[error("the browser sent something that cannot be read, so nothing was changed")]
    Unreadable {
        /// The status of the answer.
        status: StatusCode,
    },
    /// The request came from another page, or does not prove that it came from this one.
    #[error("{why}")]
    Refused {
        /// The reason.
        why: &'static str,
    },
    /// There are more requests at the same time than the limit.
    #[error("too many pages are open at the same time")]
    Busy,
    /// The page was made from another database than the one that is open now.
    #[error("the database was replaced after this page was loaded, so nothing was changed")]
    Outdated,
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page's own templates do not fit together.
    #[error("cannot make the page")]
    Page(#[from] minijinja::Error),
}

impl ViewError {
    /// The status of the answer.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Nothing { .. } | Self::NoPage => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable { status } => *status,
            Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::Outdated => StatusCode::CONFLICT,
            Self::Busy | Self::Store(StoreError::Replaced { .. }) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(_) | Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened, in one line.
    pub(super) fn words(&self) -> String {
        joined(self)
    }

    /// What the user can do now.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { .. } => {
                Some("it may have been forgotten: go back to the list".to_owned())
            }
            Self::NoPage | Self::Method => {
                Some("check the address, or go back to the list".to_owned())
            }
            Self::Unreadable { .. } => Some("go back, reload the page and try again".to_owned()),
            Self::Refused { .. } => {
                Some("open the address that `backstory view` printed".to_owned())
            }
            Self::Busy => Some("close some of them, then reload this page".to_owned()),
            Self::Outdated => Some(
                "go back and reload the page: it then shows the database that is there now"
                    .to_owned(),
            ),
            Self::Store(err) => about_store(err).map(str::to_owned),
            Self::Page(_) => None,
        }
    }
}

/// What the user of a page can do about a damaged database.
const MALFORMED: &str = "if the file was moved here while another program used the old one, close that program and move the files away \
                         that end with `-wal` and `-shm`; else restore a copy of the database";

/// What the user of a page can do about an error of the database.
fn about_store(err: &StoreError) -> Option<&'static str> {
    Some(match err {
        StoreError::Absent { .. } | StoreError::NoCast { .. } => {
            "import a sheet, then reload this page"
        }
        StoreError::UnknownCast { .. } | StoreError::SeveralCasts { .. } => {
            "choose a cast from the list of casts"
        }
        StoreError::Replaced { .. } => {
            "put the file back, or another database in its place; nothing was changed"
        }
        StoreError::Locked { .. } => "wait until the run has ended, then reload this page",
        StoreError::Damaged { .. } => MALFORMED,
        _ => match err.trouble()? {
            Trouble::InUse => "another program is writing to it; reload this page later",
            Trouble::ReadOnly => "it is read-only here; copy it to a folder where you can write",
            Trouble::Malformed => MALFORMED,
            Trouble::Full => "free some space on the disk, then reload this page",
        },
    })
}
