//! The test request of `check --send`: sent as a run would send it, but the story is not stored.

use super::finding::Finding;
use super::world::same_time;
use crate::app::asked::LimitsAsked;
use crate::app::settings::{connect_timeout, request_timeout};
use crate::app::{Writer, over};
use crate::cli::CliError;
use crate::cli::running::demo;
use crate::cli::words::{plural, stopped};
use crate::domain::outcome::Outcome;
use crate::domain::shown::shown;
use crate::domain::speed::length;
use crate::domain::text::{joined, words};
use crate::exit::{Exit, Failure};
use crate::provider::{Piece, Pieces, Provider, ProviderError, Request};
use futures_util::StreamExt;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

/// What the request brought.
#[derive(Default)]
struct Received {
    text: String,
    first_text: Option<Duration>,
    clock: Option<SystemTime>,
}

/// Sends one request, for `first` or, without a sheet, for a built-in example. Returns the findings.
pub(super) async fn send(
    writer: &Writer,
    first: Option<Request>,
    limits: &LimitsAsked,
) -> Result<Vec<(&'static str, Finding)>, CliError> {
    let request = first.unwrap_or_else(|| Request {
        name: "Mindy".to_owned(),
        description: "Lawyer in the New York City. Achiever. Stubborn.".to_owned(),
        columns: None,
    });
    let text = writer.prompt.as_ref().map(|prompt| prompt.text.as_str());
    let prompt = text.map(|text| over(text, request.columns.as_deref()));
    let provider = writer
        .client(demo, prompt.transpose()?, None, connect_timeout(limits))
        .await?;
    let name = shown(&request.name).into_owned();
    let total = request_timeout(limits);
    let begun = Instant::now();
    let mut received = Received::default();
    let ended = timeout_at(
        begun + total,
        follow(provider.write(request), &mut received, begun),
    )
    .await;
    let mut findings = Vec::new();
    if let Some(clock) = received.clock {
        findings.push(("clock", same_time(clock)));
    }
    let finding = match ended {
        Ok(Ok(())) if !received.text.trim().is_empty() => {
            Ok(received.in_words(&name, begun.elapsed()))
        }
        Ok(Ok(())) => Err(failed(
            "the answer is complete, but it has no text".to_owned(),
            Exit::SomeFailed,
        )),
        Ok(Err(err)) => Err(refused(&err, writer)),
        Err(_) => Err(failed(
            format!("not finished within {} (timeout)", length(total)),
            Exit::SomeFailed,
        )),
    };
    findings.push(("story", finding));
    Ok(findings)
}

/// Reads the answer to its end.
async fn follow(
    mut pieces: Pieces,
    received: &mut Received,
    begun: Instant,
) -> Result<(), ProviderError> {
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Head(notice) => received.clock = notice.clock,
            Piece::Text(text) => {
                if !text.trim().is_empty() {
                    received.first_text.get_or_insert(begun.elapsed());
                }
                received.text.push_str(&text);
            }
            Piece::AllWasThought => received.text.clear(),
            Piece::Alive | Piece::Thought(_) | Piece::Tokens(_) | Piece::Noted(_) => {}
        }
    }
    Ok(())
}

impl Received {
    fn in_words(&self, name: &str, took: Duration) -> String {
        let many = plural(words(&self.text), "word");
        let first = self.first_text.unwrap_or(took);
        format!(
            "got {many} for `{name}` in {} (first text after {}); not stored",
            took_in_words(took),
            took_in_words(first)
        )
    }
}

fn took_in_words(took: Duration) -> String {
    format!("{:.1}s", took.as_secs_f64())
}

fn failed(words: String, exit: Exit) -> Failure {
    Failure {
        exit,
        words,
        hint: None,
    }
}

/// The failure for an error of the provider, with the same words as in a run.
fn refused(err: &ProviderError, writer: &Writer) -> Failure {
    let words = joined(err);
    let exit = match err.outcome() {
        Outcome::NotSent | Outcome::Wait | Outcome::RefusedRun => Exit::Stopped,
        _ => Exit::SomeFailed,
    };
    let hint = (err.outcome() == Outcome::RefusedRun)
        .then(|| stopped::refusal_hint(writer.name, err.http_status(), &words));
    Failure {
        exit,
        words: shown(&words).into_owned(),
        hint,
    }
}
