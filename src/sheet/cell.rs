//! A moment in the form of ISO 8601 as a person reads it.

/// `1985-03-01T14:30:00` and the like; anything else stays as it is.
pub(super) fn of_iso_moment(text: &str) -> String {
    let Some((date, time)) = text.split_once('T') else {
        return text.to_owned();
    };
    let time = time.trim_end_matches('Z');
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    match time
        .strip_suffix(":00")
        .filter(|shorter| shorter.contains(':'))
        .unwrap_or(time)
    {
        "00:00" => date.to_owned(),
        time => format!("{date} {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_as_a_person_writes_it() {
        for (iso, shown) in [
            ("1985-03-01", "1985-03-01"),
            ("1985-03-01T14:30:00", "1985-03-01 14:30"),
            ("1985-03-01T00:00:00", "1985-03-01"),
            ("1985-03-01T14:30:05.5Z", "1985-03-01 14:30:05"),
        ] {
            assert_eq!(of_iso_moment(iso), shown);
        }
    }
}
