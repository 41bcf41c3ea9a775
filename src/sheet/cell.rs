//! The cell of a workbook as text, as a person sees it.
//!
//! `41`, not `41.0`; `0.3`, not `0.30000000000000004`; `1985-03-01`, `14:30`, `1985-03-01 14:30`; `TRUE`; `#N/A`. Seconds
//! stand only where there are any. A number's own format (percent, currency, leading zeroes) is not applied: the text is the
//! number that was typed.

use calamine::{Data, ExcelDateTime};

const SECONDS_OF_DAY: f64 = 86_400.0;

/// The text of a cell.
pub(super) fn text(cell: Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text,
        Data::Int(number) => number.to_string(),
        Data::Float(number) => of_number(number),
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

/// Fifteen digits, as many as spreadsheets keep; beyond them is the noise of binary fractions.
fn of_number(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    let size = rounded.abs();
    if rounded == 0.0 {
        "0".to_owned()
    } else if (1e-9..1e21).contains(&size) {
        rounded.to_string()
    } else {
        format!("{rounded:E}")
    }
}

fn of_moment(moment: ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if serial < 0.0 {
        return of_number(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (serial < 1.0, hour, minute, second) {
        (false, 0, 0, 0) => date,
        (is_time, ..) => {
            let time = of_clock(u64::from(hour), u64::from(minute), u64::from(second));
            if is_time {
                time
            } else {
                format!("{date} {time}")
            }
        }
    }
}

/// Hours may go beyond a day.
fn of_seconds(seconds: f64) -> String {
    // No integer is made of a float but by its digits.
    match format!("{seconds:.0}").parse::<u64>() {
        Ok(seconds) => of_clock(seconds / 3600, seconds / 60 % 60, seconds % 60),
        Err(_) => of_number(seconds / SECONDS_OF_DAY),
    }
}

fn of_clock(hour: u64, minute: u64, second: u64) -> String {
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

/// `1985-03-01T14:30:00` and the like; anything else stays as it is.
fn of_iso_moment(text: &str) -> String {
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
    fn numbers_are_as_a_person_sees_them() {
        for (number, shown) in [
            (41.0, "41"),
            (0.1 + 0.2, "0.3"),
            (-7.5, "-7.5"),
            (-0.0, "0"),
            (1_234_567_890_123.0, "1234567890123"),
            (1.1 * 1.1, "1.21"),
            (1e300, "1E300"),
            (0.000_012, "0.000012"),
        ] {
            assert_eq!(text(Data::Float(number)), shown);
        }
        assert_eq!(text(Data::Int(-3)), "-3");
    }

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
}
