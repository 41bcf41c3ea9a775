//! The wording of what a check found: the thing, then what is fine about it, or the failure.

use crate::app::check::finding::{
    Answer, AnswerFault, ClockFault, ConnectFault, Database, DatabaseFault, DiskFault, Fault,
    Finding, Reached, SheetFault, Unreached,
};
use crate::app::plan::Plan;
use crate::app::{KeyState, Writer};
use crate::cli::CliError;
use crate::cli::words::failure::store;
use crate::cli::words::{plural, price, question, stopped};
use crate::domain::outcome::Outcome;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::domain::speed::length;
use crate::domain::text::joined;
use crate::exit::{Exit, Failure};
use crate::provider::ProviderError;
use crate::store::{Examined, ExaminedServer, Location, Tables};
use std::time::{Duration, SystemTime};

/// The thing that the finding is about, and the finding in words. `db` is where the database is.
pub(in crate::cli) fn in_words(
    finding: Finding<'_, Failure>,
    db: &Location,
) -> (&'static str, Result<String, Failure>) {
    match finding {
        Finding::Provider(found) => ("provider", found.map(described).map_err(unresolved)),
        Finding::Sheet(found) => ("sheet", found.map(planned).map_err(sheet_fault)),
        Finding::Key(found) => {
            let failure = |refused| CliError::from(refused).into_failure();
            ("key", found.map(key).map_err(failure))
        }
        Finding::Database(found) => {
            let named = shown(&db.to_string()).into_owned();
            let failure = |fault| database_fault(fault, &named);
            (
                "database",
                found.map(|of| database(of, &named)).map_err(failure),
            )
        }
        Finding::Disk(found) => ("disk", found.map(disk).map_err(|fault| disk_fault(&fault))),
        Finding::Clock(found) => ("clock", found.map(clock).map_err(clock_fault)),
        Finding::DatabaseClock(apart) => ("clock", Err(server_clock(apart))),
        Finding::Endpoint(found) => (
            "endpoint",
            found.map(reached).map_err(|fault| unreached(&fault)),
        ),
        Finding::ServiceClock(found) => {
            let agrees = |()| "it agrees with the clock of the service".to_owned();
            ("clock", found.map(agrees).map_err(clocks_apart))
        }
        Finding::Answer(found) => (
            "story",
            found.map(|found| answer(&found)).map_err(answer_fault),
        ),
    }
}

/// Provider, model and address.
fn described(writer: &Writer) -> String {
    if writer.endpoint().is_none() {
        return format!("`{}`, built in", writer.name);
    }
    let model = writer.model.as_deref();
    let model = model.map_or_else(String::new, |model| format!(" with `{}`", shown(model)));
    format!(
        "`{}`{model} at `{}`",
        writer.name,
        shown(&writer.endpoint_name())
    )
}

fn unresolved(fault: Fault<Failure>) -> Failure {
    match fault {
        Fault::Settings(failure) => failure,
        Fault::Refused(err) => CliError::from(err).into_failure(),
    }
}

/// What a run would do with the sheet.
fn planned(plan: &Plan) -> String {
    let (rows, requests) = (plan.comparison.rows, plural(plan.requests, "request"));
    let about = price(plan);
    let failed = match plan.comparison.failed {
        0 => String::new(),
        many => format!("; {many} failed earlier (`--retry` tries again)"),
    };
    format!("{}, {requests} to send{about}{failed}", plural(rows, "row"))
}

fn sheet_fault(fault: SheetFault<Failure>) -> Failure {
    match fault {
        SheetFault::Settings(failure) => failure,
        SheetFault::Refused(err) => CliError::from(err).into_failure(),
        SheetFault::Asks(asks) => {
            let Failure { exit, words, hint } = question::in_words(&asks);
            let words = format!("`run` would stop here and send nothing: {words}");
            Failure { exit, words, hint }
        }
    }
}

/// Whether there is an API key, without showing it.
fn key(state: KeyState) -> String {
    match state {
        KeyState::Found => {
            "found, and its format is valid; only a request shows whether the service accepts it"
        }
        KeyState::NotNeeded => "not needed",
        KeyState::None => "none; an endpoint on this machine may not need one",
    }
    .to_owned()
}

fn database(found: Database, named: &str) -> String {
    match found {
        Database::Absent => format!("`{named}` will be created"),
        Database::Usable(Examined {
            casts,
            rescue_waits,
            server: about,
        }) => {
            let waits = if rescue_waits {
                "; the next run imports results that an earlier run could not save"
            } else {
                ""
            };
            let about = about.map_or_else(|| "no damage found".to_owned(), |about| server(&about));
            let casts = plural(casts, "cast");
            format!("`{named}`: {about}, {casts}{waits}")
        }
    }
}

/// Version, tables, workers, speed and clock of a server.
fn server(about: &ExaminedServer) -> String {
    let tables = match about.tables {
        Tables::Absent => "its tables will be created, which this role may do",
        Tables::Older => "its tables will be brought up to date",
        Tables::Current => "this role may write",
    };
    let trip = about.round_trip.as_secs_f64() * 1_000.0;
    let clock = match about.clock_ahead_ms {
        0 => "its clock agrees".to_owned(),
        ms if ms > 0 => format!("its clock is {ms} ms ahead"),
        ms => format!("its clock is {} ms behind", ms.unsigned_abs()),
    };
    let workers = match about.workers {
        0 => String::new(),
        many => format!(", {} at work", plural(many, "run")),
    };
    let version = shown(&about.version);
    format!("PostgreSQL {version} answers in {trip:.1} ms, {clock}, {tables}{workers}")
}

fn database_fault(fault: DatabaseFault, named: &str) -> Failure {
    match fault {
        DatabaseFault::NoFolder => stopped_with(
            format!("`{named}` cannot be created: its folder does not exist"),
            "create the folder, or choose another file with `--db`",
        ),
        DatabaseFault::Store(err) => store(&err),
    }
}

fn disk(free: Option<u64>) -> String {
    match free {
        Some(free) => format!("{} MB free on the disk of the database", free >> 20),
        None => "the database is on a server".to_owned(),
    }
}

fn disk_fault(fault: &DiskFault) -> Failure {
    match fault {
        DiskFault::Unreadable { folder, err } => Failure {
            exit: Exit::Stopped,
            words: format!(
                "cannot read the free space of the disk of `{}`: {err}",
                shown(&folder.to_string_lossy())
            ),
            hint: None,
        },
        DiskFault::TooFull { free, needed } => stopped_with(
            format!("{}, about {} MB needed", disk(Some(*free)), needed >> 20),
            "free some space, or choose another disk with `--db FILE`",
        ),
    }
}

/// What to do about a clock that is wrong.
const SET_CLOCK: &str = "set this machine's clock: certificates and times depend on it";

fn clock(now: SystemTime) -> String {
    format!("it shows {}", humantime::format_rfc3339_seconds(now))
}

fn clock_fault(fault: ClockFault) -> Failure {
    let words = match fault {
        ClockFault::BeforeThisVersion { now } => {
            let shows = clock(now);
            format!("{shows}, but this version of backstory is newer than that")
        }
        ClockFault::BeforeLastRequest { now, by } => {
            let (shows, by) = (clock(now), length(by));
            format!("{shows}, {by} before the last request was sent")
        }
    };
    stopped_with(words, SET_CLOCK)
}

/// A run would go on with such a clock.
fn clocks_apart(apart: Duration) -> Failure {
    let apart = length(apart);
    Failure {
        exit: Exit::Done,
        words: format!("it differs from the clock of the service by {apart}"),
        hint: Some(SET_CLOCK.to_owned()),
    }
}

/// A run would go on with such a clock: what workers compare are times of the server.
fn server_clock(apart: Duration) -> Failure {
    let apart = length(apart);
    Failure {
        exit: Exit::Done,
        words: format!("it differs from the clock of the database's server by {apart}"),
        hint: Some(
            "set the clock that is wrong: the times of stories and attempts depend on it"
                .to_owned(),
        ),
    }
}

fn reached(reached: Reached) -> String {
    match reached {
        Reached::BuiltIn => "built in".to_owned(),
        Reached::BehindProxy => {
            "not tested, because a proxy is set; `--send` sends a test request".to_owned()
        }
        Reached::Accepts { host, port } => {
            format!("`{}` accepts connections on port {port}", shown(&host))
        }
    }
}

fn unreached(unreached: &Unreached) -> Failure {
    let why = match &unreached.cause {
        ConnectFault::System(err) => joined(err),
        ConnectFault::Timeout(connect) => format!("no answer within {}", length(*connect)),
    };
    stopped_with(
        format!("cannot connect to `{}`: {why}", shown(&unreached.host)),
        "check `--base-url`, the network, and that the service is running",
    )
}

fn answer(answer: &Answer) -> String {
    let seconds = |took: Duration| format!("{:.1}s", took.as_secs_f64());
    format!(
        "got {} for `{}` in {} (first text after {}); not stored",
        plural(answer.words, "word"),
        shown(&answer.name),
        seconds(answer.took),
        seconds(answer.first_text)
    )
}

fn answer_fault(fault: AnswerFault) -> Failure {
    let no_story = |words: String| Failure {
        exit: Exit::SomeFailed,
        words,
        hint: None,
    };
    match fault {
        AnswerFault::NoText => no_story("the answer is complete, but it has no text".to_owned()),
        AnswerFault::Timeout(total) => {
            let total = length(total);
            no_story(format!("not finished within {total} (timeout)"))
        }
        AnswerFault::Provider { name, err } => refused(&err, name),
    }
}

/// The failure for an error of the provider, with the same words as in a run.
fn refused(err: &ProviderError, provider: ProviderName) -> Failure {
    let words = joined(err);
    let exit = match err.outcome() {
        Outcome::NotSent | Outcome::Wait | Outcome::RefusedRun => Exit::Stopped,
        _ => Exit::SomeFailed,
    };
    let hint = (err.outcome() == Outcome::RefusedRun)
        .then(|| stopped::refusal_hint(provider, err.http_status(), &words));
    Failure {
        exit,
        words: shown(&words).into_owned(),
        hint,
    }
}

fn stopped_with(words: String, hint: &str) -> Failure {
    Failure {
        exit: Exit::Stopped,
        words,
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    /// What `check` prints about a finding, without its hint.
    fn line(finding: Finding<'_, Failure>) -> String {
        match in_words(finding, &Location::File("x\u{1b}.db".into())) {
            (thing, Ok(words)) => format!("{thing}: {words}"),
            (thing, Err(failure)) => {
                let code = failure.exit.code();
                format!("{thing}: {} ({code})", failure.words)
            }
        }
    }

    #[test]
    fn a_finding_says_what_is_wrong_and_how_a_run_would_end() {
        let minute = Duration::from_mins(1);
        let now = UNIX_EPOCH + Duration::from_mins(29_400_001);
        let host = || "a\u{202e}b".to_owned();
        for (finding, expected) in [
            (
                Finding::Database(Ok(Database::Usable(Examined {
                    casts: 2,
                    rescue_waits: true,
                    server: None,
                }))),
                "database: `x\\u{1b}.db`: no damage found, 2 casts; the next run imports results that an earlier run could not save",
            ),
            (
                Finding::Database(Err(DatabaseFault::NoFolder)),
                "database: `x\\u{1b}.db` cannot be created: its folder does not exist (3)",
            ),
            (
                Finding::Disk(Err(DiskFault::TooFull {
                    free: 5 << 20,
                    needed: 64 << 20,
                })),
                "disk: 5 MB free on the disk of the database, about 64 MB needed (3)",
            ),
            (
                Finding::Clock(Err(ClockFault::BeforeThisVersion { now })),
                "clock: it shows 2025-11-24T16:01:00Z, but this version of backstory is newer than that (3)",
            ),
            (
                Finding::Clock(Err(ClockFault::BeforeLastRequest { now, by: minute })),
                "clock: it shows 2025-11-24T16:01:00Z, 1m before the last request was sent (3)",
            ),
            (
                Finding::ServiceClock(Err(minute)),
                "clock: it differs from the clock of the service by 1m (0)",
            ),
            (
                Finding::Endpoint(Ok(Reached::BehindProxy)),
                "endpoint: not tested, because a proxy is set; `--send` sends a test request",
            ),
            (
                Finding::Endpoint(Err(Unreached {
                    host: host(),
                    cause: ConnectFault::Timeout(minute),
                })),
                "endpoint: cannot connect to `a\\u{202e}b`: no answer within 1m (3)",
            ),
            (
                Finding::Answer(Err(AnswerFault::Timeout(minute))),
                "story: not finished within 1m (timeout) (1)",
            ),
        ] {
            assert_eq!(line(finding), expected);
        }
    }

    #[test]
    fn a_server_is_described_with_its_version_its_clock_and_its_tables() {
        let minute = Duration::from_mins(1);
        for (finding, expected) in [
            (
                Finding::Database(Ok(Database::Usable(Examined {
                    casts: 0,
                    rescue_waits: false,
                    server: Some(ExaminedServer {
                        version: "15.8".into(),
                        round_trip: Duration::from_micros(340),
                        clock_ahead_ms: -12,
                        tables: Tables::Absent,
                        workers: 0,
                    }),
                }))),
                "database: `x\\u{1b}.db`: PostgreSQL 15.8 answers in 0.3 ms, its clock is 12 ms behind, its tables will be created, which this role may do, 0 casts",
            ),
            (
                Finding::DatabaseClock(minute),
                "clock: it differs from the clock of the database's server by 1m (0)",
            ),
        ] {
            assert_eq!(line(finding), expected);
        }
    }
}
