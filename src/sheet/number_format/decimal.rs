//! A number as the fifteen decimal digits that a spreadsheet stores.
//!
//! Spreadsheets round these digits, not the binary fraction: 1.005 with two decimals is `1.01`. Percent, thousands and
//! powers of ten only move the point, so they add no error.

/// The digits of a number without its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    /// ASCII digits; the first and the last are not zero. Empty for zero.
    digits: Vec<u8>,
    /// The number of digits before the point; negative for zeros after it.
    point: isize,
}

impl Decimal {
    /// The number without its sign.
    pub(super) fn of(value: f64) -> Self {
        let text = format!("{:.14e}", value.abs());
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mut decimal = Self {
            digits: digits.bytes().filter(u8::is_ascii_digit).collect(),
            point: exponent.parse::<isize>().unwrap_or_default() + 1,
        };
        decimal.trim();
        decimal
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The power of ten of the first digit; 0 for zero.
    pub(super) fn exponent(&self) -> isize {
        if self.is_zero() { 0 } else { self.point - 1 }
    }

    /// Multiplied by this power of ten.
    pub(super) fn shifted(mut self, tens: isize) -> Self {
        if !self.is_zero() {
            self.point = self.point.saturating_add(tens);
        }
        self
    }

    /// Rounded to so many digits after the point, halves away from zero.
    pub(super) fn rounded(mut self, decimals: usize) -> Self {
        let kept = self.point.saturating_add_unsigned(decimals);
        let Ok(kept) = usize::try_from(kept) else {
            self.digits.clear();
            self.trim();
            return self;
        };
        let Some(&next) = self.digits.get(kept) else {
            return self;
        };
        self.digits.truncate(kept);
        if next >= b'5' {
            self.increment();
        }
        self.trim();
        self
    }

    /// The digits before the point; none below 1.
    pub(super) fn whole(&self) -> String {
        let length = usize::try_from(self.point).unwrap_or_default();
        (0..length).map(|index| self.digit(index)).collect()
    }

    /// The digit at this position after the point, counted from 0.
    pub(super) fn decimal(&self, index: usize) -> char {
        let at = self.point.saturating_add_unsigned(index);
        usize::try_from(at).map_or('0', |at| self.digit(at))
    }

    /// Whether only zeros follow from this position after the point on.
    pub(super) fn ends_before(&self, index: usize) -> bool {
        let at = self.point.saturating_add_unsigned(index);
        usize::try_from(at).map_or(self.is_zero(), |at| at >= self.digits.len())
    }

    fn digit(&self, at: usize) -> char {
        self.digits.get(at).map_or('0', |&digit| char::from(digit))
    }

    /// Adds one to the last digit.
    fn increment(&mut self) {
        while let Some(last) = self.digits.pop() {
            if last < b'9' {
                self.digits.push(last + 1);
                return;
            }
        }
        self.digits.push(b'1');
        self.point += 1;
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }
}

/// The number as a cell without a format shows it: at most fifteen digits, as spreadsheets store. Further digits are only
/// errors of binary fractions.
pub(in crate::sheet) fn plain(number: f64) -> String {
    // The most frequent numbers of a sheet; fifteen digits hold them exactly.
    if number.fract() == 0.0 && number.abs() < 1e15 {
        // Not `-0`.
        return (number + 0.0).to_string();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_a_spreadsheet_shows_them() {
        for (number, shown) in [
            (41.0, "41"),
            (0.1 + 0.2, "0.3"),
            (-7.5, "-7.5"),
            (-0.0, "0"),
            (-3.0, "-3"),
            (1_234_567_890_123.0, "1234567890123"),
            (1.1 * 1.1, "1.21"),
            (1e300, "1E300"),
            (0.000_012, "0.000012"),
        ] {
            assert_eq!(plain(number), shown);
        }
    }

    #[test]
    fn decimal_digits_are_rounded_and_not_the_binary_fraction() {
        let two = |value: f64| {
            let rounded = Decimal::of(value).rounded(2);
            let decimals: String = (0..2).map(|index| rounded.decimal(index)).collect();
            format!("{}.{decimals}", rounded.whole())
        };
        assert_eq!(two(1.005), "1.01");
        assert_eq!(two(0.994), ".99");
        assert_eq!(two(0.995), "1.00");
        assert_eq!(two(999.995), "1000.00");
        assert_eq!(two(0.005), ".01");
        assert_eq!(two(0.004), ".00");
        assert_eq!(two(0.0004), ".00");
        assert_eq!(two(1e20), "100000000000000000000.00");
        assert!(Decimal::of(0.0004).rounded(2).is_zero());
    }
}
