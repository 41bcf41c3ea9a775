//! `backstory serve`: starts a local server that speaks the Backstory API.

use crate::app::asked::LimitsAsked;
use crate::app::key::key;
use crate::app::settings::connect_timeout;
use crate::cli::args::{from_one, latency};
use crate::cli::listen::listen;
use crate::cli::words::refused;
use crate::cli::{CliError, Console};
use crate::domain::pace::Pace;
use crate::domain::prompt::{WORDS, Wishes};
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::provider::{Access, Asking, Endpoint, Limits, OpenAi};
use crate::service::{Faults, Options, Origin, Service, Writer};
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use std::io::{Write, stderr};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// How long answers in progress may take to finish after a signal.
const GRACE: Duration = Duration::from_secs(30);

/// How many lines of the log can wait to be written. Further lines are dropped.
const LINES: usize = 1_024;

/// How long the program waits at its end for the last lines of the log.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Start a local server that speaks the Backstory API, with the demo writer or a model behind it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory serve
  CONVAI_API_KEY=any backstory run cast.csv --base-url http://127.0.0.1:8787
  backstory serve --fault 429:5%,cut:10%,500:10% --seed 7   simulate faults
  backstory serve --writer openai --model llama3.2 \\
      --upstream http://127.0.0.1:11434/v1")]
pub(in crate::cli) struct ServeArgs {
    /// The port; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
    /// The address to listen on; one that other machines can reach needs --api-key-file
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// A file with the API key that clients must send; without it, any key or none is accepted
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// Allow requests from pages of this origin, such as `http://127.0.0.1:5173`
    #[arg(long, value_name = "ORIGIN")]
    cors: Option<Origin>,
    #[command(flatten)]
    writer: WriterArgs,
    #[command(flatten)]
    rehearsal: RehearsalArgs,
}

/// Which writer answers requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writer")]
struct WriterArgs {
    /// The writer: demo (built in) or openai (forwards to any compatible endpoint)
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    writer: WriterName,
    /// The address of that endpoint, with `/v1`; its API key is in `OPENAI_API_KEY`
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Allow plain http to an endpoint on another machine; the API key is sent unencrypted
    #[arg(long)]
    allow_http: bool,
    /// The model at that endpoint
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// About how many words a story has [default: the writer decides]
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU32>, allow_negative_numbers = true)]
    words: Option<NonZeroU32>,
}

/// Faults to simulate.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rehearsal")]
struct RehearsalArgs {
    /// Answer faster requests with 429 and Retry-After: N/s, N/min, N/h or unlimited
    #[arg(long, value_name = "PACE", default_value_t = Pace::Unlimited)]
    rate: Pace,
    /// Time before the first words of a story
    #[arg(long, value_name = "TIME", value_parser = latency, default_value = "0s")]
    latency: Duration,
    /// Faults to simulate and how often: `429:5%,cut:2%`; a status, cut, stall, slow, html or empty
    #[arg(long, value_name = "FAULTS")]
    fault: Option<Faults>,
    /// Seed of the random faults; the same seed gives the same faults in the same order
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

/// The kind of writer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum WriterName {
    /// The built-in writer
    #[default]
    Demo,
    /// A model behind another endpoint
    Openai,
}

pub(in crate::cli) async fn serve(
    args: ServeArgs,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let key = args.api_key_file.as_deref().map(api_key).transpose()?;
    if key.is_none() && !args.host.is_loopback() {
        let words = format!(
            "{} is open to other machines and needs an API key",
            args.host
        );
        let hint = "pass `--api-key-file FILE`, or listen on 127.0.0.1";
        return Err(Failure::usage(words, hint).into());
    }
    let writer = args.writer.writer()?;
    let (log, lines) = log();
    let options = Options {
        writer,
        key,
        cors: args.cors,
        rate: args.rehearsal.rate,
        story_takes: Duration::ZERO,
        latency: args.rehearsal.latency,
        words: args.writer.words,
        faults: args.rehearsal.fault.unwrap_or_default(),
        seed: args.rehearsal.seed,
        log: Some(log),
    };
    let address = SocketAddr::new(args.host, args.port);
    let service = Service::bind(address, options)
        .await
        .map_err(|err| Failure {
            exit: Exit::Stopped,
            words: format!("cannot listen on {address}: {err}"),
            hint: Some("choose another port with `--port`; 0 picks a free one".to_owned()),
        })?;
    let address = service.address()?;
    writeln!(console.err, "the Backstory API is at http://{address}")?;
    let exit = until_stopped(service).await;
    let end = Instant::now() + LAST_LINES;
    while !lines.is_finished() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
    exit
}

/// Serves until a signal. Then answers in progress may finish, until a second signal or until [`GRACE`] is over.
async fn until_stopped(service: Service) -> Result<Exit, CliError> {
    let mut signals = listen()?;
    let (stop, mut stopping) = watch::channel(None);
    let (second, seconds) = oneshot::channel();
    tokio::spawn(async move {
        let first = signals.recv().await;
        stop.send_replace(first);
        // The second signal does not wait for answers in progress.
        if signals.recv().await.is_some() {
            let _ = second.send(());
        }
        // The task keeps the receiver alive until the program ends.
        std::future::pending::<()>().await;
    });
    let mut stopped = stopping.clone();
    let until = async move {
        let _ = stopped.wait_for(Option::is_some).await;
    };
    let mut stopped = stopping.clone();
    let out_of_time = async move {
        let _ = stopped.wait_for(Option::is_some).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = service.serve(until) => served?,
        Ok(()) = seconds => {}
        () = out_of_time => {}
    }
    let signal = *stopping.borrow_and_update();
    Ok(signal.map_or(Exit::Done, |signal| Exit::Signal(signal.number())))
}

/// The sender for lines of the log, and the thread that writes them to standard error until all senders are dropped.
fn log() -> (SyncSender<String>, JoinHandle<()>) {
    let (sender, receiver) = sync_channel::<String>(LINES);
    let lines = std::thread::spawn(move || {
        for line in receiver {
            // When standard error is closed, the line cannot be shown anywhere.
            let _ = writeln!(stderr(), "{line}");
        }
    });
    (sender, lines)
}

/// Reads the API key from a file.
fn api_key(file: &Path) -> Result<SecretString, Failure> {
    let named = shown(&file.to_string_lossy()).into_owned();
    let text = std::fs::read_to_string(file).map_err(|err| {
        let words = format!("cannot read the API key file `{named}`: {err}");
        Failure::usage(words, "use a text file that contains only the API key")
    })?;
    if text.trim().is_empty() {
        let words = format!("the API key file `{named}` is empty");
        return Err(Failure::usage(words, "write the API key into it"));
    }
    Ok(SecretString::from(text.trim()))
}

impl WriterArgs {
    /// Constructs the writer.
    fn writer(&self) -> Result<Writer, CliError> {
        if self.writer == WriterName::Demo {
            if self.upstream.is_some() || self.model.is_some() {
                let words =
                    "`--writer demo` is built in and takes no `--upstream` and no `--model`";
                let hint = "leave out `--upstream` and `--model`, or pass `--writer openai`";
                return Err(Failure::usage(words, hint).into());
            }
            return Ok(Writer::Demo);
        }
        let (Some(upstream), Some(model)) = (&self.upstream, &self.model) else {
            let words = "`--writer openai` needs an endpoint and a model";
            let hint = "pass `--upstream URL` and `--model MODEL`, such as `--upstream http://127.0.0.1:11434/v1 --model llama3.2`";
            return Err(Failure::usage(words, hint).into());
        };
        let endpoint = Endpoint::parse(upstream, self.allow_http)?;
        let key = key(ProviderName::Openai, endpoint.is_loopback(), None).map_err(|refused| {
            let hint = "set OPENAI_API_KEY to the API key of the upstream";
            Failure::usage(refused::in_words(&refused).words, hint)
        })?;
        let wishes = Wishes {
            words: self.words.unwrap_or(WORDS),
            ..Wishes::default()
        };
        let prompt = wishes.prompt();
        let asking = Asking {
            model: model.clone(),
            prompt: Box::new(move |_| Ok(prompt.clone())),
            tokens_max: None,
            fields: Vec::new(),
        };
        let limits = Limits {
            connect: connect_timeout(&LimitsAsked::default()),
        };
        let access = Access {
            key,
            ..Access::default()
        };
        let openai = OpenAi::new(&endpoint, access, limits, asking).map_err(|err| Failure {
            exit: Exit::Stopped,
            words: format!("cannot set up the connection: {err}"),
            hint: None,
        })?;
        Ok(Writer::Upstream(Box::new(openai)))
    }
}
