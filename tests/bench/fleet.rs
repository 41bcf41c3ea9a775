//! Workers on a server, beside the program on a file and beside what the server itself can do.
//!
//! The server is the one at `BACKSTORY_BENCH_POSTGRES`, an address of a role that may create databases; each run gets a database of its
//! own. `psql` creates it. Server and workers share this machine, so what one of them costs the others lose.

use crate::child::run;
use crate::pace;
use crate::pipe;
use crate::server::{Answer, Server};
use crate::table::{Line, median, secs, time};
use crate::{Bench, Failed, sheet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The environment variable with the address of the server.
const SERVER: &str = "BACKSTORY_BENCH_POSTGRES";

/// The database of the runs.
const DATABASE: &str = "backstory_bench";

/// Requests in flight, of all workers together.
const PLACES: usize = 64;

/// Rows a second of one worker, beside the program on a file.
pub(crate) fn one_worker(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let rows = bench.size(20_000);
    let server = Server::start(Answer::story())?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let on_file = pipe::a_run(bench, &server, rows, PLACES)?;
        theirs.push(a_second(rows, on_file.wall)?);
        let on_server = (rows, Cast::IsImportedByTheRun);
        ours.push(a_second(
            rows,
            drained(bench, &server, on_server, 1, PLACES)?,
        )?);
    }
    let line = Line {
        what: format!("rows/s on a server, 1 worker, {PLACES} at a time; attempt and take durable"),
        ours: format!("{:.0}/s", median(&ours)),
        reference: format!("on a file: {:.0}/s", median(&theirs)),
        ..Line::default()
    };
    Ok(vec![line.at_least(&ratios(&ours, &theirs), 0.20, 0.50)])
}

/// Rows a second of four workers, beside one.
pub(crate) fn four_workers(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let rows = bench.size(20_000);
    let server = Server::start(Answer::story())?;
    let (mut four, mut one) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let there = (rows, Cast::IsThere);
        one.push(a_second(rows, drained(bench, &server, there, 1, PLACES)?)?);
        four.push(a_second(rows, drained(bench, &server, there, 4, PLACES)?)?);
    }
    let line = Line {
        what: format!("rows/s on a server, 4 workers, {PLACES} at a time in all"),
        ours: format!("{:.0}/s", median(&four)),
        reference: format!("1 worker: {:.0}/s", median(&one)),
        ..Line::default()
    };
    Ok(vec![line.at_least(&ratios(&four, &one), 1.0, 1.5)])
}

/// 10,000 rows, each of which takes 100 ms, 100 at a time over four workers.
pub(crate) fn latency(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let (rows, places, latency) = (bench.size(10_000), 100, Duration::from_millis(100));
    let server = Server::start(Answer::late(latency))?;
    let ideal = latency.as_secs_f64() * f64::from(u32::try_from(rows / places)?);
    let mut walls = Vec::new();
    for _ in 0..bench.runs {
        let there = (rows, Cast::IsThere);
        walls.push(drained(bench, &server, there, 4, places)?.as_secs_f64());
    }
    let over: Vec<f64> = walls.iter().map(|wall| wall / ideal).collect();
    let line = Line {
        what: format!("{rows} rows on a server, 100 ms latency, {places} at a time over 4 workers"),
        ours: time(median(&walls)),
        reference: format!("ideal: {}", time(ideal)),
        ..Line::default()
    };
    Ok(vec![line.at_most(&over, 1.10, 1.03)])
}

/// The pace of four workers together, at three rates.
pub(crate) fn paced(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let mut lines = Vec::new();
    for rate in [10_u32, 50, 500] {
        let seconds = bench.size(30);
        let rows = usize::try_from(rate)? * seconds + 1;
        let server = Server::start(Answer::story())?;
        let rate_switch = format!("{rate}/s");
        let workers = Workers {
            rows,
            cast: Cast::IsThere,
            many: 4,
            places: PLACES,
            rate: &rate_switch,
        };
        workers.run(bench, &server)?;
        let what = format!("pace of 4 workers kept at {rate}/s for {seconds} s");
        lines.push(pace::judged(what, &[server.arrivals()], rate, seconds)?);
    }
    Ok(lines)
}

/// The import of the large sheet beside `\copy`, and then the first look at it.
pub(crate) fn large(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let folder = bench.new_folder("fleet-import")?;
    sheet::write(&folder.join("big.csv"), bench.rows, false)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs.min(3) {
        let url = fresh(&folder)?;
        theirs.push(copied(&folder, &url)?);
        let url = fresh(&folder)?;
        let mut import = program(bench, &url);
        import.args(["run", "big.csv", "--limit", "0", "--provider", "demo"]);
        ours.push(run(&folder, import.args(["--progress", "none"]))?.wall);
    }
    let (ours, theirs) = (secs(&ours), secs(&theirs));
    let over: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    let line = Line {
        what: format!("import of {} rows on a server", bench.rows),
        ours: time(median(&ours)),
        reference: format!("`\\copy`: {}", time(median(&theirs))),
        ..Line::default()
    };
    let mut lines = vec![line.at_most(&over, 4.0, 2.0)];
    let url = address(DATABASE)?;
    let mut status = Vec::new();
    for _ in 0..bench.runs {
        let cost = run(&folder, program(bench, &url).arg("status"))?;
        status.push(cost.wall.as_secs_f64() * 1e3);
    }
    let look = |what: &str, millis: &[f64]| {
        let line = Line {
            what: format!("{what} on {} rows on a server", bench.rows),
            ours: format!("{:.1} ms", median(millis)),
            ..Line::default()
        };
        line.below(millis, 100.0, 30.0, "ms")
    };
    lines.push(look("`status`", &status));
    lines.push(look(
        "first page of `view`",
        &first_pages(bench, &folder, &url)?,
    ));
    Ok(lines)
}

/// Where the characters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cast {
    /// The time of the import counts, as in the rows about a file.
    IsImportedByTheRun,
    /// Only the work of the workers counts.
    IsThere,
}

/// Workers on the same cast at the same time.
struct Workers<'a> {
    rows: usize,
    cast: Cast,
    many: usize,
    /// Requests in flight, of all together.
    places: usize,
    rate: &'a str,
}

impl Workers<'_> {
    /// Runs them on a new database, and returns the time from the first start to the last end.
    fn run(&self, bench: &Bench, server: &Server) -> Result<Duration, Failed> {
        let folder = bench.new_folder("fleet")?;
        sheet::write(&folder.join("cast.csv"), self.rows, false)?;
        let url = fresh(&folder)?;
        if self.cast == Cast::IsThere {
            let mut import = program(bench, &url);
            import.args(["run", "cast.csv", "--limit", "0", "--provider", "convai"]);
            run(&folder, import.env("CONVAI_API_KEY", "bench"))?;
        }
        let begun = Instant::now();
        let mut workers = Vec::new();
        for nth in 0..self.many {
            workers.push(self.start(bench, server, &url, &folder, nth)?);
        }
        for mut worker in workers {
            let code = worker.wait()?.code();
            if code != Some(0) {
                return Err(
                    format!("a worker ended with {code:?}; see {}", folder.display()).into(),
                );
            }
        }
        let wall = begun.elapsed();
        let output = program(bench, &url)
            .current_dir(&folder)
            .args(["status", "--json"])
            .output()?;
        let status: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        if status["done"] != self.rows || status["requests"] != self.rows {
            return Err(format!("not everything was done, or something twice: {status}").into());
        }
        Ok(wall)
    }

    fn start(
        &self,
        bench: &Bench,
        server: &Server,
        url: &str,
        folder: &Path,
        nth: usize,
    ) -> Result<Child, Failed> {
        let log = File::create(folder.join(format!("worker-{nth}.txt")))?;
        let mut command = self.command(bench, server, url);
        let child = command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(child)
    }

    /// What a worker does: it runs the sheet or, if the cast is there, continues it.
    fn command(&self, bench: &Bench, server: &Server, url: &str) -> Command {
        let mut command = program(bench, url);
        command
            .env("CONVAI_API_KEY", "bench")
            .args(match self.cast {
                Cast::IsImportedByTheRun => ["run", "cast.csv"].as_slice(),
                Cast::IsThere => &["resume"],
            })
            .args(["--progress", "none", "--rate", self.rate])
            .args(["--concurrency", &self.places.to_string()])
            .args(["--base-url", &server.url()]);
        command
    }
}

/// The time of `many` workers for these rows, as fast as they go.
fn drained(
    bench: &Bench,
    server: &Server,
    (rows, cast): (usize, Cast),
    many: usize,
    places: usize,
) -> Result<Duration, Failed> {
    let workers = Workers {
        rows,
        cast,
        many,
        places,
        rate: "unlimited",
    };
    workers.run(bench, server)
}

fn a_second(rows: usize, wall: Duration) -> Result<f64, Failed> {
    Ok(f64::from(u32::try_from(rows)?) / wall.as_secs_f64())
}

fn ratios(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    ours.iter().zip(theirs).map(|(a, b)| a / b).collect()
}

fn program(bench: &Bench, url: &str) -> Command {
    let mut command = Command::new(&bench.program);
    command.env("BACKSTORY_DB", url);
    command
}

/// The address of a database of the server.
fn address(database: &str) -> Result<String, Failed> {
    let server = std::env::var(SERVER)
        .map_err(|_| format!("no server: set {SERVER} to `postgres://USER@HOST` of one"))?;
    let (base, query) = server.split_once('?').unwrap_or((&server, ""));
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    Ok(format!("{}/{database}{query}", base.trim_end_matches('/')))
}

/// A new, empty database; its address.
fn fresh(folder: &Path) -> Result<String, Failed> {
    let admin = address("postgres")?;
    for sql in [
        format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"),
        format!("CREATE DATABASE {DATABASE}"),
    ] {
        run(folder, Command::new("psql").args([&admin, "-qc", &sql]))?;
    }
    address(DATABASE)
}

/// `\copy` of the large sheet into a table whose key is a text, as ours is.
fn copied(folder: &Path, url: &str) -> Result<Duration, Failed> {
    let table = "CREATE TABLE sheet (id text PRIMARY KEY, name text, role text, city text, description text)";
    let copy = "\\copy sheet FROM big.csv WITH (FORMAT csv, HEADER)";
    let mut command = Command::new("psql");
    Ok(run(folder, command.args([url, "-q", "-c", table, "-c", copy]))?.wall)
}

/// How long the page takes to come, in milliseconds, each time after a change.
fn first_pages(bench: &Bench, folder: &Path, url: &str) -> Result<Vec<f64>, Failed> {
    let mut child = program(bench, url)
        .current_dir(folder)
        .args(["view", "--port", "0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let pages = pages(bench, &mut child);
    child.kill()?;
    child.wait()?;
    pages
}

fn pages(bench: &Bench, child: &mut Child) -> Result<Vec<f64>, Failed> {
    let stderr = child.stderr.take().ok_or("no output")?;
    let said = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut said = said.filter(|line| line.contains("127.0.0.1:"));
    let said = said.next().ok_or("no address")?;
    let (_, behind) = said.split_once("127.0.0.1:").ok_or("no address")?;
    let port: u16 = behind.split('/').next().unwrap_or_default().parse()?;
    let mut millis = Vec::new();
    // The first one reads what later ones find in memory; it is what a person waits for.
    for _ in 0..bench.runs {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"
        )?;
        let mut page = String::new();
        stream.read_to_string(&mut page)?;
        if !page.starts_with("HTTP/1.1 200") {
            return Err("no page".into());
        }
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(millis)
}
