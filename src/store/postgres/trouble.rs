//! What an error of the server or of its connection means: try again, connect again, or give up.
//!
//! The kinds of errors are those that were seen with a server that is stopped, killed, cut off or starting. A certificate that cannot
//! be verified looks like an error of input and output, so it is told apart here.

use crate::store::StoreError;
use std::io;

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The connection is gone, or was never there. Another one may work.
    Lost,
    /// The server is starting or shutting down: connecting works again soon.
    Starting,
    /// Another transaction was in the way. The whole transaction can be repeated.
    Conflict,
    /// This role may not do that.
    Denied,
    /// Named statements were mixed up: a pooler is between.
    MixedUp,
    /// Anything else: trying again does not help.
    Final,
}

/// What an error of the library means.
pub(super) fn trouble(err: &sqlx::Error) -> Trouble {
    match err {
        // So does a certificate fail that cannot be verified.
        sqlx::Error::Io(err) if err.kind() == io::ErrorKind::InvalidData => Trouble::Final,
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => Trouble::Lost,
        sqlx::Error::Database(err) => of_code(err.code().as_deref().unwrap_or_default()),
        _ => Trouble::Final,
    }
}

fn of_code(code: &str) -> Trouble {
    match code {
        // Starting up, shutting down; too many connections.
        "57P03" | "53300" => Trouble::Starting,
        "57P01" | "57P02" | "57P05" | "25P03" => Trouble::Lost,
        // Serialization failure, deadlock.
        "40001" | "40P01" => Trouble::Conflict,
        "42501" => Trouble::Denied,
        // A statement of that name exists already, or does not exist.
        "42P05" | "26000" => Trouble::MixedUp,
        _ if code.starts_with("08") => Trouble::Lost,
        _ => Trouble::Final,
    }
}

/// Our error for one of the library while `doing`: a verb with its object.
pub(super) fn failed(db: &str, doing: &'static str, err: sqlx::Error) -> StoreError {
    let (db, kind, source) = (db.to_owned(), trouble(&err), Box::new(err));
    match kind {
        Trouble::Lost | Trouble::Starting => StoreError::Away { db, source },
        Trouble::MixedUp => StoreError::Pooler { db },
        Trouble::Denied => StoreError::Denied { db, doing, source },
        Trouble::Conflict | Trouble::Final => StoreError::Failed { doing, source },
    }
}

/// Our error for one that ends connecting at once.
pub(super) fn refused(db: &str, err: sqlx::Error) -> StoreError {
    StoreError::Refused {
        db: db.to_owned(),
        source: Box::new(err),
    }
}

/// Whether the whole transaction can be repeated, because only another transaction was in the way.
pub(super) fn is_conflict(err: &StoreError) -> bool {
    let StoreError::Failed { source, .. } = err else {
        return false;
    };
    let source = source.downcast_ref::<sqlx::Error>();
    source.is_some_and(|source| trouble(source) == Trouble::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_the_server_means_what_was_seen() {
        for (code, expected) in [
            ("57P01", Trouble::Lost),
            ("57P03", Trouble::Starting),
            ("53300", Trouble::Starting),
            ("08006", Trouble::Lost),
            ("08P01", Trouble::Lost),
            ("40P01", Trouble::Conflict),
            ("40001", Trouble::Conflict),
            ("42501", Trouble::Denied),
            ("42P05", Trouble::MixedUp),
            ("26000", Trouble::MixedUp),
            ("28P01", Trouble::Final),
            ("3D000", Trouble::Final),
            ("57014", Trouble::Final),
            ("55P03", Trouble::Final),
            ("23505", Trouble::Final),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_verified_is_final_and_a_closed_socket_is_not() {
        for (kind, expected) in [
            (io::ErrorKind::InvalidData, Trouble::Final),
            (io::ErrorKind::UnexpectedEof, Trouble::Lost),
            (io::ErrorKind::BrokenPipe, Trouble::Lost),
            (io::ErrorKind::ConnectionRefused, Trouble::Lost),
            (io::ErrorKind::NotFound, Trouble::Lost),
            (io::ErrorKind::TimedOut, Trouble::Lost),
        ] {
            assert_eq!(trouble(&sqlx::Error::Io(kind.into())), expected, "{kind}");
        }
    }
}
