//! `backstory serve`: a local server that speaks the Backstory API.
//!
//! The built-in demo writer or a model behind the server writes the stories. The server can simulate a rate limit and faults. It
//! stores nothing.
//!
#![doc = include_str!("protocol.md")]

mod body;
mod connection;
mod demo;
mod faults;
mod gate;
mod log;
mod refusal;
mod relay;
mod routes;
mod story_stream;

pub(crate) use faults::Faults;
pub(crate) use gate::Origin;

use crate::domain::pace::Pace;
use crate::provider::Provider;
use secrecy::SecretString;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The writer of the stories.
#[derive(Default)]
pub(crate) enum Writer {
    /// The built-in writer.
    #[default]
    Demo,
    /// Another service; its answers are passed on.
    Upstream(Box<dyn Provider>),
}

/// The settings of the service.
pub(crate) struct Options {
    /// The writer.
    pub writer: Writer,
    /// The API key that clients must send; without it, any key or none is accepted.
    pub key: Option<SecretString>,
    /// The origin whose pages may send requests; without it, no page may.
    pub cors: Option<Origin>,
    /// Requests that exceed this pace are asked to wait.
    pub rate: Pace,
    /// The time from the first to the last event of a story by the built-in writer.
    pub story_takes: Duration,
    /// The time before the first event.
    pub latency: Duration,
    /// The approximate number of words of a story by the built-in writer; without it, its usual length.
    pub words: Option<NonZeroU32>,
    /// The simulated faults, and how often each occurs.
    pub faults: Faults,
    /// The seed of the random numbers for the faults.
    pub seed: u64,
    /// Receives one line for each request, without a line end; a line is lost if there is no space for it.
    pub log: Option<SyncSender<String>>,
}

impl Default for Options {
    /// The built-in writer, without delay and limits.
    fn default() -> Self {
        Self {
            writer: Writer::default(),
            key: None,
            cors: None,
            rate: Pace::Unlimited,
            story_takes: Duration::ZERO,
            latency: Duration::ZERO,
            words: None,
            faults: Faults::default(),
            seed: 0,
            log: None,
        }
    }
}

/// The service, bound to its address but not serving yet.
pub(crate) struct Service {
    listener: TcpListener,
    options: Options,
}

impl Service {
    /// Binds to `address`; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// The error of the system if the address cannot be used.
    pub(crate) async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, options })
    }

    /// The address of the service.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `until` is complete; requests in progress are then answered to the end.
    ///
    /// # Errors
    ///
    /// The error of the system if the service cannot continue.
    pub(crate) async fn serve(
        self,
        until: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let address = self.address()?;
        let stopping = watch::Sender::new(false);
        let routes = routes::routes(self.options, address, stopping.subscribe());
        connection::serve(self.listener, routes, stopping, until).await;
        Ok(())
    }
}
