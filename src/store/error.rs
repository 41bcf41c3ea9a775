//! Why the database could not be used, and what to do about it.
//!
//! [`StoreError::is_usage`] separates a wrong command (exit code 2) from a database that cannot be used (exit code 3).

use crate::domain::shown::shown;
use std::error::Error;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file at the database's path.
    #[error("`{}` does not exist yet", shown(db))]
    Absent {
        /// The database's path.
        db: String,
    },
    /// The database holds no cast.
    #[error("`{}` holds no cast yet", shown(db))]
    NoCast {
        /// The database's path.
        db: String,
    },
    /// Several casts, and none was named.
    #[error("`{}` holds several casts: {}", shown(db), listed(casts))]
    SeveralCasts {
        /// The database's path.
        db: String,
        /// Their names.
        casts: Vec<String>,
    },
    /// There is no cast of that name.
    #[error("there is no cast `{}` in `{}`", shown(cast), shown(db))]
    UnknownCast {
        /// The database's path.
        db: String,
        /// The name asked for.
        cast: String,
        /// The names that exist.
        casts: Vec<String>,
    },
    /// A cast cannot get this name, because another cast has it.
    #[error("`{}` is already the name of a cast in `{}`", shown(cast), shown(db))]
    CastExists {
        /// The database's path.
        db: String,
        /// The name.
        cast: String,
    },
    /// The file is not a database, or it is the database of another program.
    #[error("`{}` is not a database of backstory", shown(db))]
    Foreign {
        /// The database's path.
        db: String,
    },
    /// The database was made by a newer version of the program.
    #[error(
        "`{}` was made by a newer version of backstory: {}, this is {version}",
        shown(db),
        shown(made_by)
    )]
    Newer {
        /// The database's path.
        db: String,
        /// The version that last ran on it.
        made_by: String,
        /// Our version.
        version: &'static str,
    },
    /// The database was made by an older version of the program, and cannot be upgraded now.
    #[error(
        "`{}` was made by version {} of backstory, this is {version}, and it cannot be upgraded now",
        shown(db),
        shown(made_by)
    )]
    Older {
        /// The database's path.
        db: String,
        /// The version that last ran on it.
        made_by: String,
        /// Our version.
        version: &'static str,
        /// Why it cannot be upgraded.
        source: Box<StoreError>,
    },
    /// The database's file is damaged.
    #[error("`{}` is damaged: {found}", shown(db))]
    Damaged {
        /// The database's path.
        db: String,
        /// What was found first.
        found: String,
    },
    /// Another run holds the database.
    #[error("another run is working on `{}`{}", shown(db), holder.as_deref().unwrap_or_default())]
    Locked {
        /// The database's path.
        db: String,
        /// The process and since when it holds the lock, where that is known; begins with a colon.
        holder: Option<String>,
    },
    /// The database file or its lock was removed or replaced during the run.
    #[error("`{}` or its lock was removed or replaced during the run", shown(db))]
    Removed {
        /// The database's path.
        db: String,
    },
    /// The database file was removed or replaced since this process opened it. Nothing was changed.
    #[error("`{}` was removed or replaced after it was opened", shown(db))]
    Replaced {
        /// The database's path.
        db: String,
    },
    /// The file or its folder cannot be used.
    #[error("cannot open the database `{}`", shown(db))]
    Unusable {
        /// The database's path.
        db: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A rescue file cannot be read.
    #[error(
        "cannot read `{}`, which holds stories that an earlier run could not save",
        shown(file)
    )]
    Rescue {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A rescue file of another database.
    #[error("`{}` holds stories of another database", shown(file))]
    RescueElsewhere {
        /// The file.
        file: String,
    },
    /// An operation of the database failed.
    #[error("cannot {doing} in the database")]
    Failed {
        /// What was being done: a verb.
        doing: &'static str,
        /// The error of the database.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The copy of a cast was read back and is not equal to the original. It was not kept.
    #[error("the copy of the cast is not equal to the original, so it was not kept")]
    CopyDiffers,
    /// The address of a server is wrong.
    #[error("`{}` is not the address of a database: {}", shown(db), shown(reason))]
    Address {
        /// The address, without its password.
        db: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server cannot be reached, or the connection was lost. Trying again later can help.
    #[error("cannot reach the database `{}`", shown(db))]
    Away {
        /// The database's address.
        db: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server or its certificate was refused, or it refused us. Trying again does not help.
    #[error("cannot connect to the database `{}`", shown(db))]
    Refused {
        /// The database's address.
        db: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The connection was lost while a transaction was committed: it may be stored or not.
    #[error(
        "lost the connection to `{}` while storing; it is not known whether that was stored",
        shown(db)
    )]
    Uncertain {
        /// The database's address.
        db: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A connection pooler between here and the server mixes up the statements of its clients.
    #[error(
        "a connection pooler in front of `{}` changes the connection between transactions",
        shown(db)
    )]
    Pooler {
        /// The database's address.
        db: String,
    },
    /// The role of the address may not do that.
    #[error("this role may not {doing} in `{}`", shown(db))]
    Denied {
        /// The database's address.
        db: String,
        /// What was being done: a verb.
        doing: &'static str,
        /// The error of the database.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A statement that the user typed cannot be run.
    #[error("cannot run the statement: {reason}")]
    Statement {
        /// What is wrong with it.
        reason: String,
    },
    /// The database holds a value that this program never writes.
    #[error("the database holds an invalid {what}")]
    Impossible {
        /// Which value.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the command was wrong; otherwise the database cannot be used.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Absent { .. }
                | Self::NoCast { .. }
                | Self::SeveralCasts { .. }
                | Self::UnknownCast { .. }
                | Self::CastExists { .. }
                | Self::Statement { .. }
                | Self::Address { .. }
        )
    }

    /// Whether there is no database yet, or a database without a cast.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent { .. } | Self::NoCast { .. } => true,
            Self::Unusable { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// Whether the database can be read, but this process may not or cannot write to it now.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
            || matches!(
                self.trouble(),
                Some(Trouble::InUse | Trouble::ReadOnly | Trouble::Full)
            )
            || matches!(self, Self::Unusable { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied)
    }

    /// Which common problem of a database this is; `None` for any other error.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        let said = match self {
            Self::Unusable { source, .. } => source.to_string(),
            Self::Failed { source, .. } => source.to_string(),
            _ => return None,
        };
        let said = said.to_lowercase();
        [
            ("locked", Trouble::InUse),
            ("readonly", Trouble::ReadOnly),
            ("malformed", Trouble::Malformed),
            ("full", Trouble::Full),
        ]
        .into_iter()
        .find_map(|(word, trouble)| said.contains(word).then_some(trouble))
    }
}

/// A common problem of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another program is writing to it.
    InUse,
    /// This process may not write to it.
    ReadOnly,
    /// Its file is damaged.
    Malformed,
    /// Its disk is full.
    Full,
}

fn listed(casts: &[String]) -> String {
    let casts: Vec<_> = casts.iter().map(|cast| shown(cast)).collect();
    casts.join(", ")
}
