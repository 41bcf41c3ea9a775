//! `backstory serve`: the Backstory API itself on this machine.

use super::listen::listen;
use super::{CliError, Console};
use crate::exit::{Exit, Failure};
use crate::service::{Options, Service};
use clap::Args;
use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The Backstory API itself on this machine, written by the built-in demo writer
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory serve
  CONVAI_API_KEY=any backstory run cast.csv --base-url http://127.0.0.1:8787")]
pub(super) struct ServeArgs {
    /// The port; 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// A file with the key that is asked for; without it any key, or none, is good
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The time before the first words of a story
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "0s")]
    latency: Duration,
    /// About how many words a story has [default: the writer's own measure]
    #[arg(long, value_name = "N")]
    words: Option<NonZeroU32>,
}

pub(super) async fn serve(args: ServeArgs, console: &mut Console) -> Result<Exit, CliError> {
    let key = match &args.api_key_file {
        Some(file) => {
            let failed = |err| {
                let words = format!("cannot read the key file `{}`: {err}", file.display());
                Failure::usage(words, "name a text file that holds nothing but the key")
            };
            let text = std::fs::read_to_string(file).map_err(failed)?;
            if text.trim().is_empty() {
                let words = format!("the key file `{}` is empty", file.display());
                return Err(Failure::usage(words, "write the key into it").into());
            }
            Some(SecretString::from(text.trim()))
        }
        None => None,
    };
    if key.is_none() && !args.host.is_loopback() {
        let words = format!(
            "{} is open to other machines, and there is no key",
            args.host
        );
        return Err(
            Failure::usage(words, "pass `--api-key-file FILE`, or listen on 127.0.0.1").into(),
        );
    }
    let options = Options {
        key,
        latency: args.latency,
        words: args.words,
        story_takes: Duration::ZERO,
    };
    let address = SocketAddr::new(args.host, args.port);
    let service = Service::bind(address, options)
        .await
        .map_err(|err| Failure {
            exit: Exit::Stopped,
            words: format!("cannot listen on {address}: {err}"),
            hint: Some("name another port with `--port`; 0 is any free one".to_owned()),
        })?;
    writeln!(
        console.err,
        "the Backstory API is at http://{}",
        service.address()?
    )?;
    let mut signals = listen()?;
    let (stop, mut stopping) = watch::channel(None);
    let (second, seconds) = oneshot::channel();
    tokio::spawn(async move {
        let first = signals.recv().await;
        stop.send_replace(first);
        // The second one does not wait for answers that are under way.
        if signals.recv().await.is_some() {
            let _ = second.send(());
        }
        // Nobody listens any more only when the program is ending.
        std::future::pending::<()>().await;
    });
    let mut stopped = stopping.clone();
    let until = async move {
        let _ = stopped.wait_for(Option::is_some).await;
    };
    tokio::select! {
        served = service.serve(until) => served?,
        Ok(()) = seconds => {}
    }
    let signal = *stopping.borrow_and_update();
    Ok(signal.map_or(Exit::Done, |signal| Exit::Signal(signal.number())))
}
