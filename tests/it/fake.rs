//! A Backstory API that plays any fault, byte by byte, and records its requests.
//!
//! It is written with plain TCP and threads, so that it shares no code with the program under test.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// When its last byte had come.
    pub(crate) at: Instant,
    /// The first line.
    pub(crate) line: String,
    /// Header names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// `charName` and `inputText`, decoded.
    pub(crate) name: String,
    pub(crate) description: String,
    /// Which request this is, from 0, over all and for this name.
    pub(crate) nth: usize,
    pub(crate) nth_for_name: usize,
}

/// What the server does next.
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Waits until the switch is on.
    Until(Switch),
    /// Turns the switch on: a request has come this far.
    Reached(Switch),
    /// Ends the connection with a reset.
    Reset,
    /// Closes the connection.
    Close,
}

/// An answer: steps, one after the other.
pub(crate) struct Answer(pub(crate) Vec<Step>);

impl Answer {
    /// 200 and a stream of these bytes, each item in an HTTP chunk of its own, with a correct end.
    pub(crate) fn chunks<C: AsRef<[u8]>>(chunks: impl IntoIterator<Item = C>) -> Self {
        let mut answer = Self::begun();
        for chunk in chunks {
            answer.0.push(Step::Send(chunked(chunk.as_ref())));
        }
        answer.ended()
    }

    /// 200 and the story, an event for each piece between bars.
    pub(crate) fn story(story: &str) -> Self {
        Self::chunks(story.split('|').map(event))
    }

    /// 200 and the story as a stream of a chat completion: an event for each piece between bars, the finish reason, the numbers of
    /// tokens, and the end.
    pub(crate) fn chat(story: &str, reason: &str, tokens: (u64, u64)) -> Self {
        let mut events: Vec<String> = story.split('|').map(said).collect();
        events.push(ended_with(reason));
        let (read, written) = tokens;
        events.push(format!(
            r#"{{"choices":[],"usage":{{"prompt_tokens":{read},"completion_tokens":{written}}}}}"#
        ));
        events.push("[DONE]".into());
        Self::chunks(events.iter().map(|data| event(data)))
    }

    /// The head of a 200 with a chunked stream.
    pub(crate) fn begun() -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        Self(vec![Step::Send(head.into())])
    }

    /// One more event.
    pub(crate) fn event(self, text: &str) -> Self {
        self.then(Step::Send(chunked(event(text).as_bytes())))
    }

    pub(crate) fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// The end of a chunked stream.
    pub(crate) fn ended(self) -> Self {
        self.then(Step::Send(b"0\r\n\r\n".to_vec()))
    }

    /// A status with a body, and headers that end in CRLF each.
    pub(crate) fn status(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
        Self(vec![Step::Send(head.into())])
    }

    /// 401 as the API page has it.
    pub(crate) fn wrong_key() -> Self {
        Self::status(
            401,
            "content-type: application/json\r\n",
            r#"{"ERROR": "Invalid API key provided."}"#,
        )
    }
}

/// The data of an event of a chat completion with this text.
pub(crate) fn said(text: &str) -> String {
    let delta = serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    delta.to_string()
}

/// The data of the event with the finish reason of a chat completion.
pub(crate) fn ended_with(reason: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
}

/// One event of an event stream.
pub(crate) fn event(text: &str) -> String {
    let lines: String = text
        .split('\n')
        .map(|line| format!("data: {line}\n"))
        .collect();
    lines + "\n"
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// Something that the server and the test can wait for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switch(Arc<(Mutex<usize>, Condvar)>);

impl Switch {
    pub(crate) fn on(&self) {
        *self
            .0
            .0
            .lock()
            .expect("no thread panics while it holds the lock") += 1;
        self.0.1.notify_all();
    }

    /// How often it was switched on.
    pub(crate) fn times(&self) -> usize {
        *self
            .0
            .0
            .lock()
            .expect("no thread panics while it holds the lock")
    }

    /// Waits until it was switched on so many times.
    pub(crate) fn wait(&self, times: usize) {
        let guard = self
            .0
            .0
            .lock()
            .expect("no thread panics while it holds the lock");
        let (_guard, timeout) = self
            .0
            .1
            .wait_timeout_while(guard, Duration::from_mins(1), |on| *on < times)
            .expect("no thread panics while it holds the lock");
        assert!(!timeout.timed_out(), "this never happened");
    }
}

type Play = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A server on a free port.
pub(crate) struct Fake {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// A server that answers each request as `play` says.
    pub(crate) fn start(play: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self::on(listener, play)
    }

    pub(crate) fn on(
        listener: TcpListener,
        play: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().expect("bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let play: Arc<Play> = Arc::new(play);
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (play, log) = (Arc::clone(&play), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*play, &log));
            }
        });
        Self { port, asked }
    }

    /// A server that sends each character a different story: see [`story_of`].
    pub(crate) fn telling() -> Self {
        Self::start(|asked| Answer::story(&story_of(&asked.name)))
    }

    /// A server that sends the same stories as chat completions.
    pub(crate) fn chatting() -> Self {
        Self::start(|asked| Answer::chat(&story_of(&asked.name), "stop", (100, 50)))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far, in their order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .expect("no thread panics while it holds the lock")
            .clone()
    }

    /// How often each name was asked for.
    pub(crate) fn by_name(&self) -> HashMap<String, usize> {
        let mut by_name = HashMap::new();
        for asked in self.asked() {
            *by_name.entry(asked.name).or_default() += 1;
        }
        by_name
    }
}

/// The story that [`Fake::telling`] sends. Bars separate its events.
pub(crate) fn story_of(name: &str) -> String {
    format!("{name} was born| on a Tuesday.|\n\nNobody minded.")
}

/// The same as one text, as it must be stored.
pub(crate) fn text_of(name: &str) -> String {
    story_of(name).replace('|', "")
}

fn serve(stream: TcpStream, play: &Play, log: &Mutex<Vec<Asked>>) {
    let Ok(mut out) = stream.try_clone() else {
        return;
    };
    let _ = out.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(mut asked) = read(&mut reader) {
        {
            let mut log = log
                .lock()
                .expect("no thread panics while it holds the lock");
            asked.nth = log.len();
            asked.nth_for_name = log
                .iter()
                .filter(|earlier| earlier.name == asked.name)
                .count();
            log.push(asked.clone());
        }
        for step in play(&asked).0 {
            let go_on = match step {
                Step::Send(bytes) => out.write_all(&bytes).and_then(|()| out.flush()).is_ok(),
                Step::Wait(time) => {
                    thread::sleep(time);
                    true
                }
                Step::Until(switch) => {
                    switch.wait(1);
                    true
                }
                Step::Reached(switch) => {
                    switch.on();
                    true
                }
                Step::Reset => {
                    let _ = rustix::net::sockopt::set_socket_linger(&out, Some(Duration::ZERO));
                    false
                }
                Step::Close => {
                    let _ = out.shutdown(Shutdown::Both);
                    false
                }
            };
            if !go_on {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let chat = chat_fields(&body);
    let field = |name: &str| {
        let text = String::from_utf8_lossy(&body).into_owned();
        let found = text
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name);
        found.map(|(_, value)| decoded(value)).unwrap_or_default()
    };
    Some(Asked {
        at: Instant::now(),
        line: line.trim_end().to_owned(),
        name: chat
            .as_ref()
            .map_or_else(|| field("charName"), |chat| chat.0.clone()),
        description: chat.map_or_else(|| field("inputText"), |chat| chat.1),
        headers,
        body,
        nth: 0,
        nth_for_name: 0,
    })
}

/// Name and description in the body of a chat completion: each is on a line of the last message.
fn chat_fields(body: &[u8]) -> Option<(String, String)> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    let last = json["messages"].as_array()?.last()?;
    let (name, description) = last["content"].as_str()?.split_once('\n')?;
    let field = |line: &str, what: &str| line.strip_prefix(what).map(str::to_owned);
    Some((field(name, "Name: ")?, field(description, "Description: ")?))
}

/// A value of a form, decoded by the letter of its standard.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        (rest, ()) = match (first, behind) {
            (b'+', _) => (behind, bytes.push(b' ')),
            (b'%', [a, b, ..]) => (
                &behind[2..],
                bytes.push(hex(&[*a, *b]).expect("two hex digits")),
            ),
            (byte, _) => (behind, bytes.push(*byte)),
        };
    }
    String::from_utf8(bytes).expect("UTF-8")
}
