//! What was asked for and cannot be done, as data. How it is put for a person is not decided here.

use crate::domain::money::Money;
use crate::domain::recipe::{ProviderName, Recipe};
use std::io;
use std::path::PathBuf;

/// Why a command cannot be carried out as it was asked. Nothing was sent, and nothing was stored.
#[derive(Debug)]
pub enum Refused {
    /// The demo provider has no address.
    DemoHasNoAddress {
        /// The cast remembers the demo provider; it was not asked for now.
        is_remembered: bool,
    },
    /// The provider has several models, and none was chosen.
    NoModel,
    /// The provider has only one model.
    OnlyOneModel(ProviderName),
    /// The provider takes no prompt.
    TakesNoPrompt(ProviderName),
    /// The provider takes no prompt, so it cannot be asked not to repeat the other stories.
    CannotAvoid(ProviderName),
    /// The prompt has no text.
    EmptyPrompt,
    /// The provider takes no extra fields.
    TakesNoFields(ProviderName),
    /// This program sets the field itself.
    OwnField(String),
    /// The field limits tokens, which a limit of cost does already.
    TokenLimitField(String),
    /// The provider takes no extra headers.
    TakesNoHeaders(ProviderName),
    /// A header that cannot be sent.
    Header(HeaderFault),
    /// There is no usable API key.
    Key(KeyFault),
    /// The provider does not report tokens, so a price for tokens has no meaning.
    ReportsNoTokens(ProviderName),
    /// A limit of cost without a price.
    LimitWithoutPrice(CostLimit),
    /// A cast needs a name.
    EmptyCastName,
    /// A story written by hand has no text.
    EmptyStory,
    /// A story written by hand is too long.
    LongStory {
        /// The most bytes that it may have.
        bytes_max: usize,
    },
    /// A file that cannot be used so.
    File(FileFault),
    /// A cast with which that cannot be done.
    Cast(CastFault),
}

/// A limit of cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostLimit {
    /// Of the run.
    Run,
    /// Of the cast, given now.
    Budget,
    /// Of the cast, which remembers it.
    Remembered(Money),
}

/// What is wrong with a file that the command names.
#[derive(Debug)]
pub enum FileFault {
    /// A template or a prompt in a file that cannot be read.
    TextFile {
        /// What it holds: `template` or `prompt`.
        what: &'static str,
        /// The file.
        file: String,
        /// What the system says.
        err: io::Error,
    },
    /// The sheet's path names no file.
    SheetIsFolder(PathBuf),
    /// The sheet's name is no Unicode, so no cast can be called after it.
    SheetNameIsNoText(PathBuf),
    /// The target of an export is the database of the command.
    TargetIsDatabase(PathBuf),
    /// The target of an export is the sheet of a cast.
    TargetIsSheet(PathBuf),
    /// The target of a copy, or a log file of a database there, exists.
    TargetExists(PathBuf),
}

/// Why something cannot be done with a cast.
#[derive(Debug)]
pub enum CastFault {
    /// The cast was written by another provider or model.
    OtherWriter {
        /// The cast.
        cast: String,
        /// How it was written.
        recipe: Box<Recipe>,
        /// The provider that was asked for.
        provider: ProviderName,
        /// The model that was asked for.
        model: Option<String>,
    },
    /// The cast was written with other extra fields.
    OtherFields {
        /// The cast.
        cast: String,
    },
    /// A copy would go into a database that has a cast of that name.
    ExistsInTarget {
        /// The cast.
        cast: String,
        /// The target, without a password.
        db: String,
    },
    /// A copy would go into the database that it comes from.
    SameDatabase {
        /// The database, without a password.
        db: String,
    },
}

/// What is wrong with a header. Values are never part of it: they may be secrets.
#[derive(Debug)]
pub enum HeaderFault {
    /// There is no colon between name and value.
    NoColon,
    /// The value of this header is empty, or not valid in a header.
    Value(String),
    /// The text is no name of a header.
    Name {
        /// Whether it is the header that has the key.
        is_key_header: bool,
        /// The text.
        text: String,
    },
    /// This program sets the header itself.
    Own {
        /// Whether it is the header that has the key.
        is_key_header: bool,
        /// The text.
        text: String,
    },
}

/// What is wrong with the API key. The key itself is never part of it.
#[derive(Debug)]
pub enum KeyFault {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        err: io::Error,
    },
    /// The file is empty, or the variable of the environment is not set.
    Missing {
        /// The file; `None` for the environment.
        file: Option<PathBuf>,
        /// The provider whose key it is.
        provider: ProviderName,
    },
    /// It has characters that no API key has.
    Malformed {
        /// The file; `None` for the environment.
        file: Option<PathBuf>,
        /// The provider whose key it is.
        provider: ProviderName,
    },
}
