//! What the user can do about failed characters, with the commands.

use crate::domain::outcome::{Outcome, Remedy, remedy};

/// What the user can do about failures of this kind. `retry` and `resume` are the commands to show.
pub(in crate::cli) fn advice(
    error_kind: Outcome,
    error: &str,
    retry: &str,
    resume: &str,
) -> String {
    match remedy(error_kind, error) {
        Remedy::RaiseTokenLimit => format!(
            "the token limit is too low for a story: raise it in the service, or with `--set max_tokens=N`; then `{retry} --cause bad_text`"
        ),
        Remedy::ChangeRow => {
            "these rows were rejected: change them in the sheet, then `backstory run SHEET`"
                .to_owned()
        }
        Remedy::ChangeRowOrRetry => format!(
            "complete answers without a usable story: change the rows in the sheet, or `{retry} --cause bad_text`"
        ),
        Remedy::Retry => {
            format!("may be temporary: `{retry} --cause {error_kind}`, then `{resume}`")
        }
    }
}
