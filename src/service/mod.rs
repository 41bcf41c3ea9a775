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
mod relay;
mod routes;
mod telling;

pub use faults::{Fault, Faults, NotFaults};
pub use gate::{NotAnOrigin, Origin};

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

/// Who writes what the service tells.
#[derive(Default)]
pub enum Writer {
    /// The built-in writer.
    #[default]
    Demo,
    /// Another service, whose answers are handed on.
    Upstream(Box<dyn Provider>),
}

/// How the service answers.
pub struct Options {
    /// Who writes.
    pub writer: Writer,
    /// The key that is asked for; without one any key, or none, is good.
    pub key: Option<SecretString>,
    /// The origin whose pages may call; without it none may.
    pub cors: Option<Origin>,
    /// The pace above which requests are asked to wait.
    pub rate: Pace,
    /// The time that a story of the built-in writer takes from the first event to the last.
    pub story_takes: Duration,
    /// The time before the first event.
    pub latency: Duration,
    /// About how many words a story of the built-in writer has; its own measure without.
    pub words: Option<NonZeroU32>,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// Where the dice begin that decide it.
    pub seed: u64,
    /// Where a line for each request goes, without its end; what finds no room there is lost.
    pub log: Option<SyncSender<String>>,
}

impl Default for Options {
    /// The built-in writer, at once and for everybody.
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
pub struct Service {
    listener: TcpListener,
    options: Options,
}

impl Service {
    /// Binds to `address`; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// What the system says when the address cannot be had.
    pub async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, options })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `until` is over; answers under way are finished then.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot go on.
    pub async fn serve(self, until: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let address = self.address()?;
        let stopping = watch::Sender::new(false);
        let routes = routes::routes(self.options, address, stopping.subscribe());
        connection::serve(self.listener, routes, stopping, until).await;
        Ok(())
    }
}
