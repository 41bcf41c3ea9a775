//! The way of a row from the sheet to its durable take, against a server that answers at once, late, or only on a signal of the bench.
//!
//! A run is measured from the start of the program to its end: reading the sheet, the first request that flies alone and
//! writing the log back count, too.

use crate::child::{Cost, follow, run, run_to};
use crate::server::{Answer, Server};
use crate::table::{Line, median, time};
use crate::{Bench, Failed, sheet};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a row costs `BatchLLM` 0.2.0, in microseconds of processor time.
const BATCHLLM_MICROS: f64 = 2_200.0;

/// How long the streams of a run may take to be open.
const ALL_OPEN: Duration = Duration::from_mins(1);

/// How the server sends a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All events with one write: the least that a client can have to do, and what `oha` does fastest.
    Together,
    /// Each event with a write of its own.
    Apart,
}

/// Rows a second with `places` requests in flight, beside what `oha` drains, which stores nothing; for 64 also what a row
/// costs in processor time.
pub(crate) fn drained(
    bench: &Bench,
    places: usize,
    sent: Sent,
    must: f64,
    aim: f64,
) -> Result<Vec<Line>, Failed> {
    let rows = bench.size(100_000);
    let (answer, how) = match sent {
        Sent::Together => (Answer::story(), "sent with one write"),
        Sent::Apart => (Answer::one_by_one(), "each event sent by itself"),
    };
    let server = Server::start(answer)?;
    let (mut ours, mut theirs, mut micros, mut peak) = (Vec::new(), Vec::new(), Vec::new(), None);
    let mut missing = None;
    for _ in 0..bench.runs {
        match oha(&server, places, rows) {
            Ok(rate) => theirs.push(rate),
            Err(err) => missing = Some(err.to_string()),
        }
        let cost = a_run(bench, &server, rows, places)?;
        let rows = f64::from(u32::try_from(rows)?);
        ours.push(rows / cost.wall.as_secs_f64());
        micros.extend(cost.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / rows));
        peak = peak.max(cost.peak_kib);
    }
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    let reference = match missing {
        None => format!("`oha -c {places}`: {:.0}/s", median(&theirs)),
        Some(words) => format!("no reference: {words}"),
    };
    let rate = Line {
        what: format!(
            "rows/s, {places} at a time, 1.6 KB in 40 events, {how}; attempt and take durable"
        ),
        ours: format!("{:.0}/s", median(&ours)),
        reference,
        peak_kib: peak,
        ..Line::default()
    };
    let processor = Line {
        what: format!("processor time a row, {places} at a time, {how}"),
        ours: format!("{:.0} µs", median(&micros)),
        reference: format!("BatchLLM 0.2.0: about {BATCHLLM_MICROS:.0} µs"),
        ..Line::default()
    };
    let mut lines = vec![rate.at_least(&ratios, must, aim)];
    lines.push(if places == 64 {
        processor.below(&micros, 150.0, 80.0, "µs")
    } else {
        processor
    });
    Ok(lines)
}

/// 10,000 rows, each of which takes 100 ms, 100 at a time: beside the time in which that could be done at best.
pub(crate) fn latency(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let (rows, places, latency) = (bench.size(10_000), 100, Duration::from_millis(100));
    let server = Server::start(Answer::late(latency))?;
    let ideal = latency.as_secs_f64() * f64::from(u32::try_from(rows / places)?);
    let (mut walls, mut peak) = (Vec::new(), None);
    let mut drained = String::new();
    for _ in 0..bench.runs {
        let cost = a_run(bench, &server, rows, places)?;
        walls.push(cost.wall.as_secs_f64());
        peak = peak.max(cost.peak_kib);
    }
    if let Ok(rate) = oha(&server, places, rows) {
        let secs = f64::from(u32::try_from(rows)?) / rate;
        drained = format!("; `oha -c {places}`: {}", time(secs));
    }
    let ratios: Vec<f64> = walls.iter().map(|wall| wall / ideal).collect();
    let line = Line {
        what: format!("{rows} rows, 100 ms latency, {places} at a time"),
        ours: time(median(&walls)),
        reference: format!("ideal: {}{drained}", time(ideal)),
        peak_kib: peak,
        ..Line::default()
    };
    Ok(vec![line.at_most(&ratios, 1.06, 1.02)])
}

/// The memory of a run with thousands of streams open at the same time.
pub(crate) fn open_streams(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let streams = bench.size(5_000);
    raise_open_files();
    let server = Server::start(Answer::held())?;
    let mut peaks = Vec::new();
    for _ in 0..bench.runs {
        server.begin();
        let folder = bench.new_folder("streams")?;
        sheet::write(&folder.join("cast.csv"), streams, false)?;
        let mut command = command(bench, &server, streams);
        command.current_dir(&folder).stdin(Stdio::null());
        let begun = Instant::now();
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let open = thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                while server.arrivals().len() < streams && begun.elapsed() < ALL_OPEN {
                    thread::sleep(Duration::from_millis(50));
                }
                let open = server.arrivals().len();
                // A moment longer, to hold them all.
                thread::sleep(Duration::from_millis(300));
                server.go_on();
                open
            });
            let followed = follow(child, begun);
            waiter
                .join()
                .map_err(|_| "the waiter died".into())
                .and_then(|open| followed.map(|(cost, code)| (open, cost, code)))
        });
        let (open, cost, code): (usize, Cost, Option<i32>) = open?;
        if open < streams || code != Some(0) {
            return Err(format!("only {open} streams were open; it ended with {code:?}").into());
        }
        peaks.extend(cost.peak_kib.map(mib));
    }
    let line = Line {
        what: format!("peak memory, {streams} open streams"),
        ours: format!("{:.0} MB", median(&peaks)),
        ..Line::default()
    };
    Ok(vec![line.below(&peaks, 250.0, 120.0, "MB")])
}

/// What one answer as long as an answer may be adds to the memory of a run: one that goes on beyond the limit, and is not read
/// further, and one that ends just before it, and is stored.
pub(crate) fn long_story(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let short = Server::start(Answer::story())?;
    let endless = Server::start(Answer::long(20_000_000))?;
    let whole = Server::start(Answer::long(8_300_000))?;
    let (mut read, mut stored) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let peak = |cost: Cost| cost.peak_kib.map(mib);
        let without = peak(a_run(bench, &short, 1, 1)?);
        let folder = bench.new_folder("run")?;
        sheet::write(&folder.join("cast.csv"), 1, false)?;
        let mut once = command(bench, &endless, 1);
        once.args(["--max-attempts", "1"]);
        let beyond = peak(run_to(&folder, &mut once, SOME_FAILED)?);
        read.extend(beyond.zip(without).map(|(with, without)| with - without));
        let up_to = peak(a_run(bench, &whole, 1, 1)?);
        stored.extend(up_to.zip(without).map(|(with, without)| with - without));
    }
    let line = |what: &str, added: &[f64]| {
        let line = Line {
            what: format!("memory that one answer adds, {what}"),
            ours: format!("{:.1} MiB", median(added)),
            ..Line::default()
        };
        line.below(added, 16.0, 16.0, "MiB")
    };
    Ok(vec![
        line("read up to the limit of 8 MiB", &read),
        line("8.3 MB long and stored", &stored),
    ])
}

/// The exit code of a run in which some characters failed.
const SOME_FAILED: i32 = 1;

/// One run on a new cast of so many rows.
pub(crate) fn a_run(
    bench: &Bench,
    server: &Server,
    rows: usize,
    places: usize,
) -> Result<Cost, Failed> {
    let folder = bench.new_folder("run")?;
    sheet::write(&folder.join("cast.csv"), rows, false)?;
    let cost = run(&folder, &mut command(bench, server, places))?;
    all_done(bench, &folder, rows)?;
    Ok(cost)
}

/// `run` against the server, as fast as it goes.
fn command(bench: &Bench, server: &Server, places: usize) -> Command {
    let mut command = Command::new(&bench.program);
    command
        .env("CONVAI_API_KEY", "bench")
        .args(["run", "cast.csv", "--progress", "none"])
        .args(["--rate", "unlimited", "--concurrency", &places.to_string()])
        .args(["--base-url", &server.url()]);
    command
}

/// A figure counts only when everything was done.
fn all_done(bench: &Bench, folder: &Path, rows: usize) -> Result<(), Failed> {
    let mut command = Command::new(&bench.program);
    let output = command
        .current_dir(folder)
        .args(["status", "--json"])
        .output()?;
    let status: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    if status["done"] == rows && status["requests"] == rows {
        return Ok(());
    }
    Err(format!("not everything was done, or something twice: {status}").into())
}

/// Requests a second that `oha` drains.
fn oha(server: &Server, places: usize, requests: usize) -> Result<f64, Failed> {
    let url = format!("{}/character/generate-backstory", server.url());
    let output = Command::new("oha")
        .args(["-n", &requests.to_string(), "-c", &places.to_string()])
        .args(["--no-tui", "--output-format", "json", "-m", "POST"])
        .args(["-H", "convai-api-key: bench"])
        .args(["-T", "application/x-www-form-urlencoded"])
        .args([
            "-d",
            "inputText=A+keeper+who+owes+Vell+a+debt&charName=Mara",
        ])
        .arg(url)
        .output()
        .map_err(|_| "`oha` is not installed (`cargo install oha --locked`)")?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let summary = &report["summary"];
    if summary["successRate"].as_f64() < Some(1.0) {
        return Err(format!("`oha` met failures: {}", report["errorDistribution"]).into());
    }
    let rate = summary["requestsPerSec"].as_f64();
    rate.ok_or_else(|| "`oha` reported no rate".into())
}

/// Each stream has an end in this process, too.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is refused, fewer streams can be open, and the row says so.
    let _ = setrlimit(Resource::Nofile, limit);
}

fn mib(kib: u64) -> f64 {
    u32::try_from(kib).map_or(f64::MAX, f64::from) / 1_024.0
}
