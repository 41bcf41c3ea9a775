//! What to do about characters that failed. The page cannot do it, so it names the commands.

use crate::domain::outcome::{Outcome, Remedy, remedy};

/// What to do about failures of this kind.
pub(super) fn advice(error_kind: Outcome, error: &str) -> String {
    match remedy(error_kind, error) {
        Remedy::RaiseTokenLimit => {
            "the token limit is too low for a story: raise it in the service, or with `--set max_tokens=N`; then `backstory retry --cause bad_text`".to_owned()
        },
        Remedy::ChangeRow => {
            "these rows were rejected: change them in the sheet, then `backstory run SHEET`"
                .to_owned()
        }
        Remedy::ChangeRowOrRetry => {
            "complete answers without a usable story: change the rows in the sheet, or `backstory retry --cause bad_text`".to_owned()
        },
        Remedy::Retry => format!("may be temporary: `backstory retry --cause {error_kind}`, then `backstory resume`"),
    }
}
