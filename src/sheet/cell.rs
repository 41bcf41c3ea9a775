//! The cell of a workbook as text, as a person sees it.
//!
//! `41`, not `41.0`; `0.3`, not `0.30000000000000004`; `1985-03-01`, `14:30`, `1985-03-01 14:30`; `TRUE`; `#N/A`. Seconds
//! stand only where there are any. A number's own format (percent, currency, leading zeroes) is not applied: the text is the
//! number that was typed.

use calamine::{Data, ExcelDateTime};

use super::number_format::{clock, plain};

const SECONDS_OF_DAY: f64 = 86_400.0;

/// What formulas give that failed, in Excel and in `LibreOffice`.
const ERRORS: [&str; 9] = [
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!",
];

/// Whether a cell shows that a formula failed. In text and in `.ods` nothing else tells it.
pub(super) fn is_error(cell: &str) -> bool {
    cell.starts_with('#') && ERRORS.contains(&cell)
        || cell
            .strip_prefix("Err:")
            .is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text of a cell.
pub(super) fn text(cell: Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text,
        Data::Int(number) => number.to_string(),
        Data::Float(number) => plain(number),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::DateTime(moment) if moment.is_duration() => {
            of_seconds(moment.as_f64() * SECONDS_OF_DAY)
        }
        Data::DateTime(moment) => of_moment(moment),
        Data::DateTimeIso(text) => of_iso_moment(&text),
        Data::DurationIso(text) => iso_seconds(&text).map_or(text, of_seconds),
        Data::Error(error) => error.to_string(),
    }
}

fn of_moment(moment: ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if serial < 0.0 {
        return plain(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let seconds = u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second);
    match (serial < 1.0, seconds) {
        (true, _) => clock(seconds),
        (false, 0) => date,
        (false, _) => format!("{date} {}", clock(seconds)),
    }
}

/// Hours may go beyond a day.
fn of_seconds(seconds: f64) -> String {
    // No integer is made of a float but by its digits.
    match format!("{seconds:.0}").parse::<u64>() {
        Ok(seconds) => clock(seconds),
        Err(_) => plain(seconds / SECONDS_OF_DAY),
    }
}

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

/// `PT14H30M00S` in seconds.
fn iso_seconds(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, length) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            seconds += number.replace(',', ".").parse::<f64>().ok()? * length;
            rest = behind;
        }
    }
    rest.is_empty().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn dates_and_times_are_as_a_person_sees_them() {
        let moment = |serial| text(Data::DateTime(ExcelDateTime::new(serial, DateTime, false)));
        assert_eq!(moment(31_107.0), "1985-03-01");
        assert_eq!(moment(31_107.604_166_666_668), "1985-03-01 14:30");
        assert_eq!(moment(0.604_166_666_666_666_7), "14:30");
        assert_eq!(moment(0.604_224_537_037_037), "14:30:05");
        assert_eq!(moment(0.0), "00:00");
        assert_eq!(moment(-3.0), "-3");
        assert_eq!(
            text(Data::DateTime(ExcelDateTime::new(29_645.0, DateTime, true))),
            "1985-03-01"
        );
        assert_eq!(
            text(Data::DateTime(ExcelDateTime::new(
                1.104_166_666_666_666_7,
                TimeDelta,
                false
            ))),
            "26:30"
        );
        for (iso, shown) in [
            ("1985-03-01", "1985-03-01"),
            ("1985-03-01T14:30:00", "1985-03-01 14:30"),
            ("1985-03-01T00:00:00", "1985-03-01"),
            ("1985-03-01T14:30:05.5Z", "1985-03-01 14:30:05"),
        ] {
            assert_eq!(text(Data::DateTimeIso(iso.to_owned())), shown);
        }
        for (iso, shown) in [
            ("PT14H30M00S", "14:30"),
            ("PT26H00M05S", "26:00:05"),
            ("PT09H05M00,0000S", "09:05"),
            ("P1Y", "P1Y"),
        ] {
            assert_eq!(text(Data::DurationIso(iso.to_owned())), shown);
        }
    }

    #[test]
    fn failed_formulas_are_known() {
        assert!(["#N/A", "#DIV/0!", "Err:502"].into_iter().all(is_error));
        assert!(
            !["N/A", "#hashtag", "Err: 502", ""]
                .into_iter()
                .any(is_error)
        );
    }
}
