//! What each format code shows, checked against `LibreOffice` 7.4 and SSF 0.11.

use super::*;

fn shown(code: &str, value: f64) -> String {
    Format::parse(code).show(value, false)
}

fn check(table: &[(&str, f64, &str)]) {
    for (code, value, text) in table {
        assert_eq!(shown(code, *value), *text, "{code}");
    }
}

/// Afternoon of Friday, 1985-03-01.
const MOMENT: f64 = 31_107.604_166_666_668;

#[test]
fn digits_stand_in_the_places_of_the_format() {
    check(&[
        ("General", 1234.5, "1234.5"),
        ("0", 2.5, "3"),
        ("000", 7.0, "007"),
        ("000", -7.0, "-007"),
        ("0.00", 1.005, "1.01"),
        ("0.00", -1e-10, "0.00"),
        ("0.0#", 3.0, "3.0"),
        ("0.##", 2.345_67, "2.35"),
        ("#", 0.0, ""),
        ("#.00", 0.5, ".50"),
        (".00", 12.5, "12.50"),
        ("??0.0?", 1.5, "1.5"),
        ("0", 1e21, "1000000000000000000000"),
        ("#,##0", 1_234_567.0, "1,234,567"),
        ("#,##0.00", -1234.567, "-1,234.57"),
        ("0,000", 7.0, "0,007"),
        ("0,", 1955.0, "2"),
        ("#,##0.0,,\"M\"", 1_234_567.891, "1.2M"),
        ("0%", 0.5, "50%"),
        ("0.0%", 0.075, "7.5%"),
        ("0 \"%\"", 5.0, "5 %"),
    ]);
}

#[test]
fn text_and_currency_surround_a_number() {
    check(&[
        ("\"Level \"0", 3.0, "Level 3"),
        ("\"Level \"0", -3.0, "-Level 3"),
        ("\\L0", 3.0, "L3"),
        ("0\" years\"", 41.0, "41 years"),
        ("General\" km\"", 2.5, "2.5 km"),
        ("0°", 21.0, "21°"),
        ("000-00-0000", 12_345_678.0, "012-34-5678"),
        ("(000) 000-0000", 5_551_234.0, "(000) 555-1234"),
        ("\"unknown\"", -4.0, "unknown"),
        ("\"$\"#,##0.00", 1200.0, "$1,200.00"),
        ("$#,##0", -1200.0, "-$1,200"),
        ("[$$-409]#,##0", 1200.0, "$1,200"),
        ("#,##0.00\\ [$€-407]", 1200.0, "1,200.00 €"),
        ("[$USD] 0", 5.0, "USD 5"),
        (
            "_-* #,##0.00\\ \"€\"_-;-* #,##0.00\\ \"€\"_-;_-* \"-\"??\\ \"€\"_-;_-@_-",
            -3.0,
            "-3.00 €",
        ),
        (builtin(44), 1200.0, "$1,200.00"),
        (builtin(44), -1200.0, "$(1,200.00)"),
        (builtin(44), 0.0, "$-"),
    ]);
}

#[test]
fn each_section_is_for_its_numbers() {
    check(&[
        ("0;(0)", -7.0, "(7)"),
        ("0;[Red]-0;\"none\"", 0.0, "none"),
        ("0;-0;;@", 0.0, ""),
        ("[>=1000]0.0,\"k\";0", 1500.0, "1.5k"),
        ("[>=1000]0.0,\"k\";0", 7.0, "7"),
        ("[=1]\"one\";[=2]\"two\";0", 2.0, "two"),
        ("[=1]\"one\";[=2]\"two\";0", -3.0, "-3"),
        ("[>0]0;0", -7.0, "7"),
        ("[>5]0", 1.5, "1.5"),
    ]);
}

#[test]
fn fractions_and_powers_of_ten_are_shown() {
    check(&[
        ("# ?/?", 3.75, "3 3/4"),
        ("# ?/?", 0.5, "1/2"),
        ("# ?/?", 4.0, "4"),
        ("# ??/??", -0.07, "-4/57"),
        ("# ?/8", 0.5, "4/8"),
        ("?/?", 2.5, "5/2"),
        ("# ???/???", 0.123, "100/813"),
        ("0.00E+00", 1234.567, "1.23E+03"),
        ("0.00E+00", 0.9999, "1.00E+00"),
        ("##0.0E+0", 12_345.0, "12.3E+3"),
        ("0E-0", 0.05, "5E-2"),
    ]);
}

#[test]
fn what_is_hidden_or_not_understood_is_the_plain_number() {
    check(&[
        (";;;", 7.0, "7"),
        ("", 7.0, "7"),
        ("0 @", 7.0, "7"),
        ("0 kg", 7.0, "7"),
        ("\"open", 7.0, "7"),
        ("0;0;0;0;0", 7.0, "7"),
        ("\"a\";[<5]0", 7.0, "7"),
    ]);
}

#[test]
fn a_date_or_a_time_is_shown_as_its_format_says() {
    for (code, text) in [
        // A whole date, in one form for all.
        ("m/d/yyyy", "1985-03-01"),
        ("dd.mm.yy", "1985-03-01"),
        ("yyyy-mm-dd hh:mm:ss", "1985-03-01 14:30"),
        ("[$-409]m/d/yy h:mm AM/PM;@", "1985-03-01 14:30"),
        ("[$-F800]dddd, mmmm dd, yyyy", "1985-03-01 14:30"),
        ("[$-407]d. mmmm yyyy", "1985-03-01"),
        ("yyyy\"年\"m\"月\"d\"日\"", "1985-03-01"),
        ("[$-411]ggge\"年\"m\"月\"d\"日\"", "1985-03-01"),
        ("[$-407]mmmm yyyy", "1985-03-01"),
        (builtin(14), "1985-03-01"),
        (builtin(22), "1985-03-01 14:30"),
        ("TT.MM.JJJJ", "1985-03-01 14:30"),
        // Less than that, as it stands.
        ("yyyy", "1985"),
        ("yy", "85"),
        ("\"born \"yyyy", "born 1985"),
        ("mmm yyyy", "Mar 1985"),
        ("mmmm yyyy", "March 1985"),
        ("[$-809]mmm-yy", "Mar-85"),
        ("[$-en-US]mmmmm", "M"),
        ("d-mmm", "1-Mar"),
        ("dd/mm", "01/03"),
        ("d mmmm;@", "1 March"),
        ("dddd", "Friday"),
        ("ddd", "Fri"),
        ("h:mm", "14:30"),
        ("hh:mm:ss", "14:30:00"),
        ("h:mm AM/PM", "2:30 PM"),
        ("h A/P", "2 P"),
        ("mm:ss.0", "30:00.0"),
        ("h \"Uhr\" m", "14 Uhr 30"),
        ("[h]:mm", "746582:30"),
    ] {
        assert_eq!(shown(code, MOMENT), text, "{code}");
    }
}

#[test]
fn times_go_beyond_a_day_and_back() {
    for (code, days, text) in [
        ("[h]:mm:ss", 1.104_166_666_666_666_7, "26:30:00"),
        ("[mm]:ss", 0.05, "72:00"),
        ("[s]", 0.000_5, "43"),
        ("[h]:mm", -0.5, "-12:00"),
        ("h:mm", -0.5, "-0.5"),
        ("h:mm", 0.0, "0:00"),
        ("h:mm AM/PM", 0.0, "12:00 AM"),
        ("mm:ss", 0.041_666_666_666_666_664, "00:00"),
        ("ss.000", 0.000_017_361_111_111, "01.500"),
        ("yyyy-mm-dd", 0.604_224_537_037_037, "14:30:05"),
    ] {
        assert_eq!(shown(code, days), text, "{code}");
    }
}

#[test]
fn days_are_counted_as_excel_counts_them() {
    let day = |days, is_1904| Format::parse("yyyy-mm-dd").show(days, is_1904);
    for (days, text) in [
        (1.0, "1900-01-01"),
        (59.0, "1900-02-28"),
        (60.0, "1900-02-29"),
        (61.0, "1900-03-01"),
        (36_585.0, "2000-02-29"),
        (45_291.0, "2023-12-31"),
        (2_958_465.0, "9999-12-31"),
        (2_958_466.0, "2958466"),
        (-3.0, "-3"),
    ] {
        assert_eq!(day(days, false), text);
    }
    assert_eq!(day(29_645.0, true), "1985-03-01");
}

#[test]
fn the_text_that_a_format_adds_to_a_text_is_shown() {
    for (code, text) in [
        ("General", "Ada"),
        ("@", "Ada"),
        ("\"Dr. \"@", "Dr. Ada"),
        ("0;-0;0;@\" (guest)\"", "Ada (guest)"),
        ("0;-0;0;", "Ada"),
        (";;;", "Ada"),
        ("yyyy-mm-dd;@", "Ada"),
        ("_(* #,##0_);_(* \\(#,##0\\);_(* \"-\"_);_(@_)", "Ada"),
        ("0;-0;0;_(\"Dr. \"@_)", "Dr. Ada"),
        ("0;-0;0;_-", "Ada"),
    ] {
        assert_eq!(Format::parse(code).show_text("Ada"), text, "{code}");
    }
}

proptest::proptest! {
    #![proptest_config(property_config!())]
    #[test]
    fn any_code_shows_any_number(code in "[0#?.,/%@;E+\\-\\[\\]$<>=\"\\\\_*ymdhseg: 1-9A/PMé]{0,24}", bits in proptest::num::u64::ANY) {
        let format = Format::parse(&code);
        for value in [f64::from_bits(bits), 0.0, 1.5, -MOMENT, 1e300] {
            let text = format.show(value, bits % 2 == 0);
            proptest::prop_assert!(text.len() < 2_000, "{code}: {text}");
        }
    }
}
