//! Why there is no answer, in words for the browser.

use crate::domain::text::joined;
use crate::store::{StoreError, Trouble};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum ViewError {
    /// The address does not exist.
    #[error("{what} not found")]
    Nothing {
        /// What does not exist.
        what: &'static str,
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
    /// What happened, in one line.
    pub(super) fn words(&self) -> String {
        joined(self)
    }

    /// What the user can do now.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { .. } => Some("go back to the list".to_owned()),
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
