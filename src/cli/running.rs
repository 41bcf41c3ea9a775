//! A run at the terminal: its notes, its progress, its summary, and the exit code.

use crate::app::run::{Begun, Closing, Ended, Ready};
use crate::cli::args::Progress;
use crate::cli::listen::listen;
use crate::cli::words::{stopped, summary};
use crate::cli::{CliError, Console, open_files, terminal};
use crate::domain::recipe::ProviderName;
use crate::exit::Exit;
use crate::report::{Bar, EventQueue, Json, Plain, Reporter};
use crate::service::{Options, Service};
use std::io::{sink, stderr};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long the demo provider takes for a story. A demo run can be watched and interrupted in this time.
const DEMO_STORY_TAKES: Duration = Duration::from_millis(1_500);

/// Starts the service of the demo provider on a free port; it lives as long as the program.
pub(in crate::cli) async fn demo() -> std::io::Result<SocketAddr> {
    let options = Options {
        story_takes: DEMO_STORY_TAKES,
        ..Options::default()
    };
    let service = Service::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await?;
    let address = service.address()?;
    tokio::spawn(service.serve(std::future::pending()));
    Ok(address)
}

/// Prints notes for the user, unless a program reads standard error (`--progress json`).
pub(in crate::cli) fn print_notes(
    console: &mut Console,
    progress: Progress,
    notes: impl IntoIterator<Item = String>,
) {
    if progress == Progress::Json {
        return;
    }
    for note in notes {
        // When standard error is closed, the note cannot be shown anywhere.
        let _ = writeln!(console.err, "note: {note}");
    }
}

/// Carries out a run; returns how the program ends. A closed standard error does not change the result.
pub(in crate::cli) async fn run(
    ready: Ready,
    progress: Progress,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let start = Instant::now();
    let signals = listen()?;
    let mut begun = ready.begin().await?;
    let (places, few_files) =
        open_files::places(begun.settings.concurrency, files_each(begun.provider));
    begun.settings.concurrency = places;
    print_notes(
        console,
        progress,
        few_files.into_iter().chain(notes(&begun)),
    );
    let to_name = begun.has_other_casts.then(|| begun.cast.clone());
    let mut queue = EventQueue::open(reporter(progress));
    let ended = begun.run(&mut queue, signals, start, closing).await?;
    queue.close();
    let (failure, exit) = stopped::in_words(&ended);
    if progress != Progress::Json {
        let mut words = Vec::new();
        let (to_name, took) = (to_name.as_deref(), start.elapsed());
        // Writing to memory does not fail.
        let _ = summary::write(&mut words, to_name, &ended, failure.as_ref(), took);
        print_last(words, console).await;
    }
    Ok(exit)
}

fn closing(ended: &Ended) -> Closing {
    let (failure, exit) = stopped::in_words(ended);
    Closing {
        code: exit.code(),
        error: failure.as_ref().map(|failure| failure.words.clone()),
        hint: failure.and_then(|failure| failure.hint),
    }
}

/// Notes about what earlier runs left behind.
fn notes(begun: &Begun) -> impl Iterator<Item = String> {
    let recovered = (begun.recovered > 0).then(|| summary::recovered(begun.recovered));
    let interrupted = (begun.interrupted > 0).then(|| summary::interrupted(begun.interrupted));
    recovered.into_iter().chain(interrupted)
}

/// Prints the summary. A signal ends the program even while writing to standard error blocks.
async fn print_last(words: Vec<u8>, console: &mut Console) {
    let signals = listen();
    let mut err = std::mem::replace(&mut console.err, Box::new(sink()));
    let (sender, printed) = oneshot::channel();
    // A blocked write blocks only this thread, and the program does not wait for the thread.
    thread::spawn(move || {
        let _ = err.write_all(&words);
        let _ = sender.send(err);
    });
    tokio::select! {
        Ok(err) = printed => console.err = err,
        Some(_) = async { signals.ok()?.recv().await } => {}
        else => {}
    }
}

/// How many files a request opens. For the demo provider, both ends of the connection are in this process.
fn files_each(provider: ProviderName) -> u64 {
    match provider {
        ProviderName::Convai | ProviderName::Openai => 1,
        ProviderName::Demo => 2,
    }
}

/// Whether progress is shown as a bar.
pub(in crate::cli) fn shows_bar(progress: Progress) -> bool {
    match progress {
        Progress::Bar => true,
        Progress::Auto => terminal::can_redraw(&stderr()),
        Progress::Plain | Progress::Json | Progress::None => false,
    }
}

fn reporter(progress: Progress) -> Option<Box<dyn Reporter>> {
    match progress {
        _ if shows_bar(progress) => Some(Box::new(Bar::new(
            terminal::may_colour(),
            terminal::columns,
        ))),
        Progress::Auto | Progress::Bar | Progress::Plain => Some(Box::new(Plain::new(stderr()))),
        Progress::Json => Some(Box::new(Json::new(stderr()))),
        Progress::None => None,
    }
}
