//! What the tests of this package use of it: each name is public because a test needs it.
//!
//! The parts themselves are private, so that the compiler finds what nothing uses. The modules here have the names of the parts.
//! Nothing is defined here, and other programs cannot rely on it: it changes with the tests.

/// The rules, and the values that they are about.
pub mod domain {
    /// Characters, and their places in a cast.
    pub mod character {
        pub use crate::domain::character::{
            CastId, Character, CharacterId, Claim, Content, TakeNumber,
        };
    }
    /// What a run reports.
    pub mod event {
        pub use crate::domain::event::{Event, Kind};
    }
    /// What is remarkable about a take.
    pub mod flag {
        pub use crate::domain::flag::{Flag, Flags, TakeFlags};
    }
    /// Cells that a spreadsheet would run.
    pub mod formula {
        pub use crate::domain::formula::neutralised;
    }
    /// How the budget of a cast is lent to its runs.
    pub mod lending {
        pub use crate::domain::lending::{Account, covered};
    }
    /// Which row is which character.
    pub mod matching {
        pub use crate::domain::matching::{Pass, Presence, passes};
    }
    /// What requests cost.
    pub mod money {
        pub use crate::domain::money::{Budget, BudgetChange, Cost, Money, Prices};
    }
    /// What the head of an answer reports.
    pub mod notice {
        pub use crate::domain::notice::Notice;
    }
    /// How an attempt ended.
    pub mod outcome {
        pub use crate::domain::outcome::{Ending, Outcome, Prospect, Tokens};
    }
    /// What can be asked of a story.
    pub mod prompt {
        pub use crate::domain::prompt::{Language, Person};
    }
    /// How a story is made.
    pub mod recipe {
        pub use crate::domain::recipe::{Describe, ProviderName, Recipe};
    }
    /// A character as it is listed and exported.
    pub mod record {
        pub use crate::domain::record::Record;
    }
    /// Whether a character is tried again.
    pub mod retry {
        pub use crate::domain::retry::Policy;
    }
    /// A row of a sheet.
    pub mod row {
        pub use crate::domain::row::Row;
    }
    /// Limits that several runs keep together.
    pub mod sharing {
        pub use crate::domain::sharing::{Endpoint, Standing, Worker, share};
    }
    /// The state of a character.
    pub mod status {
        pub use crate::domain::status::Status;
    }
    /// Which take is the current one. Every store has to agree with this rule.
    pub mod takes {
        pub use crate::domain::takes::{Current, Event, Take, current};
    }
    /// The counts of a cast.
    pub mod tally {
        pub use crate::domain::tally::Counts;
    }
    /// Words and flags of a text.
    pub mod text {
        pub use crate::domain::text::{flags, words};
    }
    /// What follows from a changed sheet.
    pub mod verdict {
        pub use crate::domain::verdict::{
            Case, Matched, OwnTake, Source, Story, Verdict, Wording, verdict,
        };
    }
}

/// The trait of a provider, for a scripted one.
pub mod provider {
    pub use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
}

/// The trait that receives the events of a run.
pub mod report {
    pub use crate::report::EventSink;
}

/// The rules of the review.
pub mod review {
    pub use crate::review::{Asked, HARD, flags, story};
    /// The rules for a whole cast.
    pub mod cast {
        pub use crate::review::cast::{FirstPass, Story};
    }
}

/// A run on any store, with any provider.
pub mod runner {
    pub use crate::runner::{Judge, Outcomes, Parts, Run, Settings, Signal, Stop, Timeouts};
}

/// From a file to rows.
pub mod sheet {
    pub use crate::sheet::{
        CELL_MAX, Describe, Fault, HeaderLine, KeyColumn, Note, Options, Problem, Sheet,
        SheetError, Source,
    };
}

/// The traits of a store, and the two stores.
pub mod store {
    pub use crate::store::{
        AlikePair, Allowance, AttemptRecord, CastRecord, CastRun, Cause, Changes, Committed,
        Comparison, Cursor, Editor, Failed, Filter, Finished, Found, Group, Held, Holder, Import,
        Intake, Ledger, Library, Location, NewRun, Newest, NextCharacters, Outline, OverBudget,
        Part, Reader, Reopen, Reviewed, ReviewedTake, RunRecord, Search, Settled, Settlement,
        Sheet, Snippet, Start, StoreError, Stored, StoryRecord, TakeRecord, Value, Wanted, Watched,
        Worker,
    };
}
