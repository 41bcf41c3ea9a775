//! The types of the domain as values of a statement, and numbers and texts as the server has them.

use crate::domain::character::CastId;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970; a clock before that reads as 1970.
pub(super) fn millis(at: SystemTime) -> i64 {
    millis_of(at.duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(super) fn millis_of(length: Duration) -> i64 {
    integer(length.as_millis())
}

/// A count as the database has it.
pub(super) fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A text that the server accepts. It knows no U+0000, which is replaced as an invalid character is.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A digest as it is stored; one of another length, which this program never writes, equals no other.
pub(super) fn bytes<const N: usize>(stored: &[u8]) -> [u8; N] {
    stored.try_into().unwrap_or([0; N])
}

/// A cast's identity is a number in the database.
impl Type<Postgres> for CastId {
    fn type_info() -> PgTypeInfo {
        <i64 as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for CastId {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for CastId {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <i64 as Decode<Postgres>>::decode(value).map(Self)
    }
}
