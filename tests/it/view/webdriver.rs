//! A real browser without a window, controlled with plain requests of the `WebDriver` protocol.
//!
//! It talks to its driver and to the page on loopback only. If the machine has no browser, [`Browser::start`] reports that
//! on standard error and returns `None`, and the test passes. If `CI` is set, the test fails.

use crate::harness::needs;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something on a page may take to come true.
const PATIENCE: Duration = Duration::from_mins(1);

/// The switches of the browser: no window, no other network access, no stored data.
const SWITCHES: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How often the driver may need to be started.
const STARTS: u32 = 5;

/// One browser at a time: two of them are slower than one after the other.
static ALONE: Mutex<()> = Mutex::new(());

/// A browser with one empty page.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _home: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        let _ = request(self.port, "DELETE", &path, None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// A new browser; none where the machine has none.
    pub(crate) fn start() -> Option<Self> {
        let (chromium, driver) = (needs("chromium")?, needs("chromedriver")?);
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let home = TempDir::new().expect("a folder");
        // On a busy machine the driver sometimes ends before it prints its port.
        let started = (0..STARTS).find_map(|_| start_driver(&driver, &home));
        let (driver, port) = started.expect("the driver says where it is");
        let profile = format!("--user-data-dir={}", home.path().join("profile").display());
        let mut switches = SWITCHES.map(str::to_owned).to_vec();
        switches.push(profile);
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": chromium, "args": switches},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let began = request(port, "POST", "/session", Some(&wanted));
        let session = began["sessionId"].as_str();
        let session = session.unwrap_or_else(|| panic!("no browser: {began}"));
        Some(Self {
            session: session.to_owned(),
            driver,
            port,
            _home: home,
            _alone: alone,
        })
    }

    /// Loads a page.
    pub(crate) fn open(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// Opens another window and goes to it; the old ones stay visible, because there is no screen. Returns what it is called.
    pub(crate) fn new_window(&self) -> String {
        let made = self.post("/window/new", &json!({"type": "window"}));
        let handle = made["handle"].as_str().expect("a window").to_owned();
        self.switch_to(&handle);
        handle
    }

    /// Goes to a window.
    pub(crate) fn switch_to(&self, window: &str) {
        self.post("/window", &json!({ "handle": window }));
    }

    /// What the body of a function returns on the page.
    pub(crate) fn run(&self, body: &str) -> Value {
        self.post("/execute/sync", &json!({"script": body, "args": []}))
    }

    /// Waits until an expression is true on the page.
    pub(crate) fn until(&self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(&format!("return Boolean({expression})")) != true {
            if Instant::now() > end {
                let page = self.run("return location.href + ' ' + document.body.innerText");
                panic!("`{expression}` never came true: {page}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let press = |key: char| {
            let down = json!({"type": "keyDown", "value": key.to_string()});
            let up = json!({"type": "keyUp", "value": key.to_string()});
            [down, up]
        };
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        self.post(
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}),
        );
    }

    /// Clicks what a selector finds.
    pub(crate) fn click(&self, selector: &str) {
        let using = json!({"using": "css selector", "value": selector});
        let found = self.post("/element", &using);
        let id = found.as_object().and_then(|found| found.values().next());
        let id = id.and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("no `{selector}`: {found}"));
        self.post(&format!("/element/{id}/click"), &json!({}));
    }

    /// Makes the page this wide, in light or in dark.
    pub(crate) fn look(&self, width: u32, dark: bool) {
        let mobile = width < 600;
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": mobile});
        self.send_command("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.send_command("Emulation.setEmulatedMedia", &media);
    }

    /// Sends a command of the developer tools, for which the protocol has no command of its own.
    pub(crate) fn send_command(&self, command: &str, params: &Value) {
        let wanted = json!({"cmd": command, "params": params});
        self.post("/goog/cdp/execute", &wanted);
    }

    /// What the browser complained about, such as what the page's policy refused.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({"type": "browser"}));
        let lines = log.as_array().expect("a list").iter();
        let grave = lines.filter(|line| line["level"] == "SEVERE");
        grave.map(|line| line["message"].to_string()).collect()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let answer = request(self.port, "POST", &path, Some(body));
        assert!(answer["error"].is_null(), "{path} {body}: {answer}");
        answer
    }
}

/// A driver, and the port on which it says that it listens; none when it ended instead.
fn start_driver(program: &Path, home: &TempDir) -> Option<(Child, u16)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the driver starts");
    let mut reader = BufReader::new(driver.stdout.take().expect("piped"));
    let mut line = String::new();
    while !line.contains("started successfully on port ") {
        line.clear();
        if reader.read_line(&mut line).expect("it can be read") == 0 {
            driver.wait().expect("ours");
            return None;
        }
    }
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    Some((driver, digits.parse().expect("a port")))
}

/// The value in the driver's answer.
fn request(port: u16, method: &str, path: &str, body: Option<&Value>) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the driver listens");
    let body = body.map(ToString::to_string).unwrap_or_default();
    let length = body.len();
    let host = format!("127.0.0.1:{port}");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line).expect("a head");
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).expect("a body");
    let answer: Value = serde_json::from_slice(&body).expect("JSON");
    answer["value"].clone()
}
