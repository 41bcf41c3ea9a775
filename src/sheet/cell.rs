//! Shows a time in the form of ISO 8601 as people write it.

/// `1985-03-01T14:30:00` and similar; any other text stays unchanged.
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
    fn a_time_is_shown_as_people_write_it() {
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
