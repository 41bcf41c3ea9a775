//! A proxy between the program and a server, which breaks connections in a given way and at a given moment.

use super::postgres::{Database, server};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens at the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Not,
    /// The server gets it, and its answer is lost.
    After,
    /// The server does not get it.
    Before,
}

/// The faults that are on.
struct Faults {
    cut: Mutex<Cut>,
    cuts: AtomicUsize,
    refuse: AtomicBool,
    swallow: AtomicBool,
    /// All connections that are open, both sides.
    open: Mutex<Vec<TcpStream>>,
}

/// A proxy; it ends with the test process.
pub(crate) struct Proxy {
    url: String,
    faults: Arc<Faults>,
}

impl Proxy {
    /// A proxy to a database of the private server; `None` where the server is not ours.
    pub(crate) fn to(database: &Database) -> Option<Self> {
        let port = server()?.port?;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("bound").port();
        let faults = Arc::new(Faults {
            cut: Mutex::new(Cut::Not),
            cuts: AtomicUsize::new(0),
            refuse: AtomicBool::new(false),
            swallow: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let url = database
            .url
            .replace(&format!(":{port}/"), &format!(":{own}/"));
        let shared = Arc::clone(&faults);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.refuse.load(Ordering::SeqCst) {
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", port)).expect("the server");
                relay(client, server, &shared);
            }
        });
        Some(Self { url, faults })
    }

    /// The address of the database through the proxy.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Breaks the connection that sends the next COMMIT: after the server has carried it out, or before it gets it.
    pub(crate) fn cut_at_commit(&self, is_stored: bool) {
        let cut = if is_stored { Cut::After } else { Cut::Before };
        *self.faults.cut.lock().expect("whole") = cut;
    }

    /// How many connections were broken at a COMMIT.
    pub(crate) fn cuts(&self) -> usize {
        self.faults.cuts.load(Ordering::SeqCst)
    }

    /// Breaks all connections, and refuses new ones, or not any more.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.faults.refuse.store(refuse, Ordering::SeqCst);
        if refuse {
            let open = std::mem::take(&mut *self.faults.open.lock().expect("whole"));
            for stream in open {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// From now on, what the program sends is lost, and its connections stay open.
    pub(crate) fn swallow(&self) {
        self.faults.swallow.store(true, Ordering::SeqCst);
    }
}

fn relay(client: TcpStream, server: TcpStream, faults: &Arc<Faults>) {
    let copy = |stream: &TcpStream| stream.try_clone().expect("a copy");
    let kept = [copy(&client), copy(&server)];
    faults.open.lock().expect("whole").extend(kept);
    let (mut from, mut to) = (copy(&server), copy(&client));
    let shared = Arc::clone(faults);
    thread::spawn(move || {
        forward(&mut from, &mut to, |_| {
            if shared.swallow.load(Ordering::SeqCst) {
                Fate::Lost
            } else {
                Fate::Sent
            }
        });
    });
    let shared = Arc::clone(faults);
    thread::spawn(move || {
        let (mut client, mut server) = (client, server);
        forward(&mut client, &mut server, |bytes| shared.fate(bytes));
    });
}

/// What becomes of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Lost,
    /// They arrive, and nothing more does.
    Last,
    /// The connection is broken before they arrive.
    Broken,
}

impl Faults {
    fn fate(&self, bytes: &[u8]) -> Fate {
        if self.swallow.load(Ordering::SeqCst) {
            return Fate::Lost;
        }
        let is_commit = bytes.windows(7).any(|it| it == b"COMMIT\0");
        let mut cut = self.cut.lock().expect("whole");
        if !is_commit || *cut == Cut::Not {
            return Fate::Sent;
        }
        self.cuts.fetch_add(1, Ordering::SeqCst);
        match std::mem::replace(&mut *cut, Cut::Not) {
            Cut::Before => Fate::Broken,
            Cut::Not | Cut::After => Fate::Last,
        }
    }
}

/// Forwards what comes, until the connection ends on either side.
fn forward(from: &mut TcpStream, to: &mut TcpStream, fate: impl Fn(&[u8]) -> Fate) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..length];
        let sent = match fate(bytes) {
            Fate::Sent => to.write_all(bytes).is_ok(),
            Fate::Lost => true,
            Fate::Last => {
                // The client hears nothing more; the server ends its session when it has read this.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.write_all(bytes);
                false
            }
            Fate::Broken => {
                let _ = from.shutdown(Shutdown::Both);
                false
            }
        };
        if !sent {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
