//! The Backstory API on this machine: the documented protocol, served by the built-in writer.
//!
//! It answers as the API page says: a form (or JSON) with `inputText` and `charName` becomes a stream of events with a few
//! words each; a wrong key is a 401. It keeps nothing.

mod demo;
mod routes;

use secrecy::SecretString;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::net::TcpListener;

/// How the service answers.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The key that is asked for; without one any key, or none, is good.
    pub key: Option<SecretString>,
    /// The time that a story takes from the first event to the last.
    pub story_takes: Duration,
    /// The time before the first event.
    pub latency: Duration,
    /// About how many words a story has; the writer's own measure without.
    pub words: Option<NonZeroU32>,
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
        axum::serve(self.listener, routes::routes(self.options))
            .with_graceful_shutdown(until)
            .await
    }
}
