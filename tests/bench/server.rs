//! A service that costs as little as it can, so that it is never what is measured: answers that were built beforehand, on
//! connections that stay open, from two threads of its own.
//!
//! It reads of a request only how long it is. When each one arrived is written down: it is the witness of the pace.

use bytes::Bytes;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

/// Events of a story.
const EVENTS: usize = 40;

/// One of these is an event's data: together they are a story of 1.6 KB.
const WORDS: &str = "The keeper owes the harbour one more lie.";

/// What a request gets.
#[derive(Clone)]
pub(crate) struct Answer {
    /// Sent at once, each with a write of its own.
    first: Vec<Bytes>,
    wait: Wait,
    /// Sent after the wait.
    rest: Bytes,
}

/// What is waited for in the middle of an answer.
#[derive(Clone)]
enum Wait {
    Nothing,
    For(Duration),
    /// Until the bench lets the server go on.
    Word,
}

impl Answer {
    /// A story of 1.6 KB in 40 events, at once, with one write.
    pub(crate) fn story() -> Self {
        Self {
            first: vec![whole(WORDS, EVENTS)],
            wait: Wait::Nothing,
            rest: Bytes::new(),
        }
    }

    /// The same, each event with a write of its own, as a service sends that writes while it thinks.
    pub(crate) fn one_by_one() -> Self {
        let mut whole = whole(WORDS, EVENTS);
        let head = whole.split_to(head().len());
        let mut first = vec![head];
        let event = chunk(WORDS).len();
        first.extend((0..EVENTS).map(|_| whole.split_to(event)));
        first.push(whole);
        Self {
            first,
            wait: Wait::Nothing,
            rest: Bytes::new(),
        }
    }

    /// The same, all of it after `latency`.
    pub(crate) fn late(latency: Duration) -> Self {
        Self {
            first: Vec::new(),
            wait: Wait::For(latency),
            rest: whole(WORDS, EVENTS),
        }
    }

    /// The same, all but its first event only after [`Server::go_on`].
    pub(crate) fn held() -> Self {
        let whole = whole(WORDS, EVENTS);
        let head = head().len() + chunk(WORDS).len();
        Self {
            first: vec![whole.slice(..head)],
            wait: Wait::Word,
            rest: whole.slice(head..),
        }
    }

    /// A story of about so many bytes in events of 16 KB, at once.
    pub(crate) fn long(bytes: usize) -> Self {
        let words = WORDS.repeat(400);
        Self {
            first: vec![whole(&words, bytes / words.len())],
            wait: Wait::Nothing,
            rest: Bytes::new(),
        }
    }
}

fn head() -> String {
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        .to_owned()
}

fn chunk(data: &str) -> String {
    let event = format!("data: {data}\n\n");
    format!("{:x}\r\n{event}\r\n", event.len())
}

fn whole(data: &str, events: usize) -> Bytes {
    Bytes::from(head() + &chunk(data).repeat(events) + "0\r\n\r\n")
}

/// The service. It lives as long as the process.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Answer,
    arrivals: Mutex<Vec<Instant>>,
    word: watch::Sender<bool>,
    alarm: Alarm,
}

impl Server {
    /// A server on a free port.
    ///
    /// # Errors
    ///
    /// When there is no port or no thread for it.
    pub(crate) fn start(answer: Answer) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            answer,
            arrivals: Mutex::default(),
            word: watch::Sender::new(false),
            alarm: Alarm::start(),
        });
        for _ in 0..2 {
            let (listener, shared) = (listener.try_clone()?, Arc::clone(&shared));
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            thread::spawn(move || runtime.block_on(serve(listener, shared)));
        }
        Ok(Self { address, shared })
    }

    /// Its address, as `--base-url` takes it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// When each request arrived, in order.
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        let arrivals = self.shared.arrivals.lock();
        let mut arrivals = arrivals.unwrap_or_else(PoisonError::into_inner).clone();
        arrivals.sort_unstable();
        arrivals
    }

    /// Forgets the requests so far, and holds answers again.
    pub(crate) fn begin(&self) {
        let arrivals = self.shared.arrivals.lock();
        arrivals.unwrap_or_else(PoisonError::into_inner).clear();
        self.shared.word.send_replace(false);
    }

    /// Lets all held answers end.
    pub(crate) fn go_on(&self) {
        self.shared.word.send_replace(true);
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        // A client that goes away is none of our business.
        tokio::spawn(async move { talk(stream, &shared).await });
    }
}

async fn talk(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut word = shared.word.subscribe();
    let mut read = Vec::with_capacity(2_048);
    loop {
        let request = loop {
            if let Some(length) = length(&read).filter(|length| read.len() >= *length) {
                break length;
            }
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        };
        read.drain(..request);
        shared
            .arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Instant::now());
        let Answer { first, wait, rest } = &shared.answer;
        for part in first {
            stream.write_all(part).await?;
        }
        match wait {
            Wait::Nothing => {}
            Wait::For(latency) => shared.alarm.after(*latency).await,
            Wait::Word => {
                // The sender lives as long as the server.
                let _ = word.wait_for(|word| *word).await;
            }
        }
        stream.write_all(rest).await?;
    }
}

/// Wakes the tasks that wait for a latency. tokio's timers are one to two milliseconds late and would make a service of 102 ms out of
/// one of 100; with this a client that sends one request after the other sees 100.5.
struct Alarm {
    line: mpsc::Sender<(Instant, oneshot::Sender<()>)>,
}

impl Alarm {
    fn start() -> Self {
        let (line, waiting) = mpsc::channel::<(Instant, oneshot::Sender<()>)>();
        // All wait for the same time, so who came first is woken first.
        thread::spawn(move || {
            for (due, waker) in waiting {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                // A task that no longer waits needs no wake-up.
                let _ = waker.send(());
            }
        });
        Self { line }
    }

    async fn after(&self, latency: Duration) {
        let (waker, woken) = oneshot::channel();
        let due = Instant::now() + latency;
        if self.line.send((due, waker)).is_ok() {
            let _ = woken.await;
        }
    }
}

/// The length of the first request in `read`, once its head is there.
fn length(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let lines = read[..head].split(|byte| *byte == b'\n');
    let body = lines.into_iter().find_map(|line| {
        let line = str::from_utf8(line).ok()?;
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Some(head + body.unwrap_or(0))
}
