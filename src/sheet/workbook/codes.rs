//! Values that the binary formats of Excel, `.xls` and `.xlsb`, store in a few bytes.

/// The text of a cell with the error of this code.
pub(super) fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        0x2C => "#SPILL!",
        0x2D => "#CONNECT!",
        0x2E => "#BLOCKED!",
        0x30 => "#FIELD!",
        0x31 => "#CALC!",
        _ => "#UNKNOWN!",
    }
}

/// The text of a cell with a truth value.
pub(super) fn truth(value: u8) -> &'static str {
    if value == 0 { "FALSE" } else { "TRUE" }
}

/// A number in four bytes: the upper half of a float or a whole number, perhaps in hundredths.
pub(super) fn unpacked(bits: u32) -> f64 {
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    if bits & 1 == 0 {
        number
    } else {
        number / 100.0
    }
}
