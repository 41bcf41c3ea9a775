//! `backstory view [CAST]`: shows the cast in the browser, live during a run.

use crate::cli::listen::listen;
use crate::cli::{CliError, Console, Database};
use crate::exit::{Exit, Failure};
use crate::view::{OpenError, View};
use clap::Args;
use std::io::Write;
use tokio::sync::watch;

/// Show the cast in the browser, live during a run
///
/// The page is only for the browser of this machine: read and search the cast, compare takes and pick one, and watch a run. It
/// works during a run and needs no network.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory view
  backstory view villagers --port 0")]
pub(in crate::cli) struct ViewArgs {
    /// The cast [default: all]
    cast: Option<String>,
    /// The port; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 8788)]
    port: u16,
}

pub(in crate::cli) async fn view(
    args: ViewArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(args.cast.as_deref())?;
    let opened = View::open(&database.db, cast, args.port).await;
    let view = opened.map_err(|err| refused(err, args.port))?;
    let mut signals = listen()?;
    writeln!(
        console.err,
        "the cast is at http://{}/ (press Ctrl-C to stop)",
        view.address()?
    )?;
    let (stop, mut stopping) = watch::channel(None);
    tokio::spawn(async move {
        stop.send_replace(signals.recv().await);
        // The channel is closed only when the program ends.
        std::future::pending::<()>().await;
    });
    let mut stopped = stopping.clone();
    let until = async move {
        let _ = stopped.wait_for(Option::is_some).await;
    };
    view.serve(until).await?;
    let signal = *stopping.borrow_and_update();
    Ok(signal.map_or(Exit::Done, |signal| Exit::Signal(signal.number())))
}

/// The message for an error at the start of the server.
fn refused(err: OpenError, port: u16) -> CliError {
    match err {
        OpenError::Store(err) => err.into(),
        OpenError::System(err) => Failure {
            exit: Exit::Stopped,
            words: format!("cannot listen on 127.0.0.1:{port}: {err}"),
            hint: Some("choose another port with `--port`; 0 picks a free one".to_owned()),
        }
        .into(),
    }
}
