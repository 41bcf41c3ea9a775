//! Facts about a character as pages show them.

use crate::domain::record::Record;
use crate::domain::speed::length;
use serde_json::Map;
use std::time::Duration;

/// The cells that are not empty, with their columns, without the name and the columns of an earlier export.
pub(super) fn saying(record: &Record) -> Vec<(String, String)> {
    let columns: Map<String, serde_json::Value> =
        serde_json::from_str(record.columns.get()).unwrap_or_default();
    let said = columns.into_iter().filter_map(|(column, cell)| {
        let cell = cell.as_str()?.trim();
        let is_story = record.backstory.as_deref().map(str::trim) == Some(cell);
        let says = !cell.is_empty() && cell != record.name.trim() && !is_story;
        says.then(|| (column, cell.to_owned()))
    });
    said.collect()
}

/// A duration as it was measured: below one second in milliseconds, then to a tenth of a second, and a long one as people
/// write it.
pub(super) fn seconds(ms: i64) -> String {
    let time = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    if time < Duration::from_secs(1) {
        format!("{}ms", time.as_millis())
    } else if time < Duration::from_mins(1) {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        length(time)
    }
}
