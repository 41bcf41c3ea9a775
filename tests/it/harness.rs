//! Runs the program as a user would, in a folder of its own for each test.

pub(crate) mod postgres;
pub(crate) mod proxy;

use crate::fake::Fake;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The API key that the program gets. It must not be in any output or file.
pub(crate) const KEY: &str = "canary-7f3a9c-key";

/// Reports on standard error that this machine has no `wanted`, so that something is not tested. If `CI` is set, the test fails.
///
/// It writes past the test runner, which shows the output of a test only when it fails.
pub(crate) fn missing(wanted: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    let note = format!("not tested in `{test}`: there is no {wanted} here");
    assert!(std::env::var_os("CI").is_none(), "{note}");
    let _ = writeln!(std::io::stderr(), "{note}");
}

/// Where a program is that a test needs. Without it see [`missing`].
pub(crate) fn needs(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    let found = files.find(|file| file.is_file());
    if found.is_none() {
        missing(&format!("`{program}`"));
    }
    found
}

/// Another program that holds the write lock of a folder's database until it is dropped.
pub(crate) struct Holder(Child);

impl Holder {
    /// None where the machine has no `sqlite3`.
    pub(crate) fn of(folder: &Folder) -> Option<Self> {
        let mut child = Command::new(needs("sqlite3")?)
            .arg(folder.path("backstory.db"))
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut input = child.stdin.take().expect("piped");
        let say = b"begin immediate;\n.shell echo held >&2\n";
        input.write_all(say).expect("it listens");
        wait_for(&mut child, "held");
        child.stdin = Some(input);
        Some(Self(child))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A folder with the program in it.
pub(crate) struct Folder {
    dir: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::new().expect("a folder"),
        }
    }

    /// A folder with `cast.csv` in it.
    pub(crate) fn with_sheet(sheet: &str) -> Self {
        let folder = Self::new();
        folder.write("cast.csv", sheet);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a text file")
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = std::fs::read_dir(self.dir.path())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        files
    }

    /// The program with an API key and without the environment of this machine.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstory"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("CONVAI_API_KEY", KEY)
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command line. Single spaces separate the arguments.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_args(line.split(' '))
    }

    pub(crate) fn run_args<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        finished(self.command(args).spawn().expect("the program starts"))
    }

    /// `run cast.csv` against `fake`, with more switches.
    pub(crate) fn generate(&self, fake: &Fake, switches: &str) -> Ran {
        self.run(&generating(fake, switches))
    }

    /// The same, still running.
    pub(crate) fn start(&self, fake: &Fake, switches: &str) -> Child {
        let line = generating(fake, switches);
        self.command(line.split(' '))
            .spawn()
            .expect("the program starts")
    }

    /// The rows of a query.
    pub(crate) fn query(&self, sql: &str) -> Vec<Value> {
        let ran = self.run_args(["query", sql, "--format", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let rows: Value = serde_json::from_str(&ran.out).expect("JSON");
        rows.as_array().expect("an array").clone()
    }

    /// Changes the database as no command does. Returns whether this machine has `sqlite3`, which that needs.
    pub(crate) fn change(&self, sql: &str) -> bool {
        let Some(sqlite3) = needs("sqlite3") else {
            return false;
        };
        let done = Command::new(sqlite3)
            .arg(self.path("backstory.db"))
            .arg(sql)
            .status();
        assert!(done.expect("it runs").success(), "{sql}");
        true
    }

    /// `status --json`.
    pub(crate) fn status(&self) -> Value {
        let ran = self.run("status --json");
        assert_eq!(ran.code, 0, "{}", ran.err);
        serde_json::from_str(&ran.out).expect("JSON")
    }

    /// Name and story of all characters, in the order of the sheet.
    pub(crate) fn stories(&self) -> Vec<(String, Option<String>)> {
        let rows = self.query("select name, backstory from results where gone = 0 order by row");
        rows.iter()
            .map(|row| {
                let name = row["name"].as_str().expect("a name").to_owned();
                (name, row["backstory"].as_str().map(str::to_owned))
            })
            .collect()
    }
}

fn generating(fake: &Fake, switches: &str) -> String {
    let url = fake.url();
    let pace = if switches.contains("--rate") {
        ""
    } else {
        " --rate unlimited"
    };
    let line = format!("run cast.csv --base-url {url}{pace} {switches}");
    line.trim_end().to_owned()
}

/// `run cast.csv` against `fake`, from a shell that first runs `before`: limits and traps.
pub(crate) fn from_a_shell(folder: &Folder, fake: &Fake, before: &str, switches: &str) -> Child {
    let (program, url) = (env!("CARGO_BIN_EXE_backstory"), fake.url());
    let line = format!(
        "{before}; exec {program} run cast.csv --base-url {url} --rate unlimited {switches}"
    );
    Command::new("bash")
        .args(["-c", &line])
        .current_dir(folder.path("."))
        .env("CONVAI_API_KEY", KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell")
}

/// Reads what a running command writes to standard error until a line holds `words`; what was read is gone.
pub(crate) fn wait_for(child: &mut Child, words: &str) {
    let stderr = child.stderr.as_mut().expect("piped");
    let mut line = Vec::new();
    let mut byte = [0];
    while stderr.read(&mut byte).expect("it can be read") == 1 {
        line.push(byte[0]);
        if byte[0] == b'\n' {
            if String::from_utf8_lossy(&line).contains(words) {
                return;
            }
            line.clear();
        }
    }
    panic!("`{words}` was never printed");
}

/// Waits for the end of a command and reads what it wrote.
pub(crate) fn finished(child: Child) -> Ran {
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        code: code(output.status),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| -status.signal().unwrap_or_default())
}

/// Sends a signal.
pub(crate) fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = i32::try_from(child.id()).expect("a pid");
    let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
    rustix::process::kill_process(pid, signal).expect("the process is there");
}

/// Kills a command and reads what it had written to standard error.
pub(crate) fn killed(mut child: Child) -> String {
    signal(&child, rustix::process::Signal::KILL);
    let mut err = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut err);
    }
    child.wait().expect("it was ours");
    err
}

/// A sheet with `many` characters, `Name 1` to `Name N`.
pub(crate) fn sheet_of(many: usize) -> String {
    let rows: String = (1..=many)
        .map(|nth| format!("Name {nth},Description {nth}\n"))
        .collect();
    format!("name,description\n{rows}")
}
