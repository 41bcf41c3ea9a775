//! The condition of a section of a code: `[>=100]`, or the one that its position implies.

/// The numbers that a section applies to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Condition {
    Any,
    Less(f64),
    LessOrEqual(f64),
    Equal(f64),
    NotEqual(f64),
    GreaterOrEqual(f64),
    Greater(f64),
}

impl Condition {
    /// Whether the section applies to this number.
    #[expect(
        clippy::float_cmp,
        reason = "`[=1]` means exactly that number, as the spreadsheet compares it"
    )]
    pub(super) fn holds(self, value: f64) -> bool {
        match self {
            Self::Any => true,
            Self::Less(limit) => value < limit,
            Self::LessOrEqual(limit) => value <= limit,
            Self::Equal(limit) => value == limit,
            Self::NotEqual(limit) => value != limit,
            Self::GreaterOrEqual(limit) => value >= limit,
            Self::Greater(limit) => value > limit,
        }
    }

    /// Whether the section is only for negative numbers and shows no sign. `[<-5]` is not: its section shows the sign.
    pub(super) fn is_negative_only(self) -> bool {
        matches!(self, Self::Less(0.0) | Self::LessOrEqual(0.0))
    }
}

/// The conditions of the sections of a code, of which some have their own. Without one, the first is for positive numbers,
/// the second for negative ones, and the last for all others. `None` if the second has one and the first has none.
pub(super) fn in_order(own: &[Option<Condition>]) -> Option<Vec<Condition>> {
    use Condition::{Any, Greater, GreaterOrEqual, Less, LessOrEqual};
    Some(match *own {
        [None, None] => vec![GreaterOrEqual(0.0), Less(0.0)],
        [None, Some(_), ..] => return None,
        // Only negative numbers are left.
        [Some(first @ (Greater(0.0) | GreaterOrEqual(0.0))), None] => vec![first, LessOrEqual(0.0)],
        [first, second, third] => vec![
            first.unwrap_or(Greater(0.0)),
            second.unwrap_or(Less(0.0)),
            third.unwrap_or(Any),
        ],
        ref own => own.iter().map(|own| own.unwrap_or(Any)).collect(),
    })
}
