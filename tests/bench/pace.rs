//! The pace: how much of it is used, how many requests a second saw at most, and what waiting costs.
//!
//! The server's own clock is the witness.

use crate::child::{Cost, run};
use crate::server::{Answer, Server};
use crate::table::{Line, median};
use crate::{Bench, Failed, sheet};
use std::process::Command;
use std::time::{Duration, Instant};

/// These rows take minutes, so at most this many runs are made.
const RUNS_MAX: usize = 3;

/// How exactly a moment can be measured on a machine that does other things: what the promise allows.
const SLACK: Duration = Duration::from_millis(10);

/// A minute at `rate` requests a second.
pub(crate) fn kept(bench: &Bench, rate: u32) -> Result<Vec<Line>, Failed> {
    let secs = bench.size(60);
    let rows = usize::try_from(rate)? * secs + 1;
    let (mut runs, mut loads) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs.min(RUNS_MAX) {
        let (cost, arrivals) = paced(bench, &format!("{rate}/s"), rows)?;
        runs.push(arrivals);
        loads.extend(
            cost.cpu
                .map(|cpu| 100.0 * cpu.as_secs_f64() / cost.wall.as_secs_f64()),
        );
    }
    let mut line = judged(
        format!("pace kept at {rate}/s for {secs} s"),
        &runs,
        rate,
        secs,
    )?;
    let load = format!("; processor {:.1} %", median(&loads));
    line.ours.push_str(&load);
    Ok(vec![line])
}

/// How a pace was kept, according to when the requests of each run arrived.
pub(crate) fn judged(
    what: String,
    runs: &[Vec<Instant>],
    rate: u32,
    secs: usize,
) -> Result<Line, Failed> {
    let (mut shares, mut worst_peak) = (Vec::new(), 0.0);
    let mut most_ahead: f64 = 0.0;
    for arrivals in runs {
        let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) else {
            return Err("nothing arrived".into());
        };
        let spaces = f64::from(u32::try_from(arrivals.len() - 1)?);
        shares.push(spaces / (f64::from(rate) * (*last - *first).as_secs_f64()));
        worst_peak = f64::from(peak(arrivals)).max(worst_peak);
        most_ahead = most_ahead.max(ahead(arrivals, f64::from(rate))?);
    }
    let line = Line {
        what,
        ours: format!(
            "{worst_peak:.0} in the fullest second, at most {most_ahead:.1} more than rate × window + 1 in any longer one"
        ),
        reference: format!("{rate}/s"),
        ..Line::default()
    };
    let mut line = line.at_least(&shares, 0.97, 0.995);
    "0.97 to 1.00 ×".clone_into(&mut line.must);
    "0.995 ×".clone_into(&mut line.aim);
    let above = 1.0 + SLACK.as_secs_f64() / f64::from(u32::try_from(secs)?);
    let slack = f64::from(rate) * SLACK.as_secs_f64();
    let fullest = worst_peak - f64::from(rate) - 1.0;
    if most_ahead.max(fullest) > slack || shares.iter().any(|share| *share > above) {
        line.holds = Some((false, false));
    }
    Ok(line)
}

/// What two minutes of waiting cost: a request at their start, one in the middle and one at their end.
pub(crate) fn waiting(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let mut millis = Vec::new();
    let mut shares = Vec::new();
    for _ in 0..bench.runs.min(RUNS_MAX) {
        let (cost, arrivals) = paced(bench, "1/min", 3)?;
        millis.extend(cost.cpu.map(|cpu| cpu.as_secs_f64() * 1e3));
        if let [first, _, last] = arrivals[..] {
            shares.push(120.0 / (last - first).as_secs_f64());
        }
    }
    let line = Line {
        what: "pace kept at 1/min for 120 s".to_owned(),
        ours: format!("processor {:.0} ms in all", median(&millis)),
        reference: "1/min".to_owned(),
        ..Line::default()
    };
    let mut line = line.at_least(&shares, 0.97, 0.995);
    "0.97 to 1.00 ×".clone_into(&mut line.must);
    "0.995 ×".clone_into(&mut line.aim);
    Ok(vec![line])
}

/// A run at a pace, and when its requests arrived.
fn paced(bench: &Bench, pace: &str, rows: usize) -> Result<(Cost, Vec<Instant>), Failed> {
    // The pace holds across restarts, for each address: a new one has no past.
    let server = Server::start(Answer::story())?;
    let folder = bench.new_folder("paced")?;
    sheet::write(&folder.join("cast.csv"), rows, false)?;
    let mut command = Command::new(&bench.program);
    command
        .env("CONVAI_API_KEY", "bench")
        .args(["run", "cast.csv", "--progress", "none"])
        .args(["--rate", pace, "--concurrency", "64"])
        .args(["--base-url", &server.url()]);
    let cost = run(&folder, &mut command)?;
    Ok((cost, server.arrivals()))
}

/// The most requests in any second.
fn peak(arrivals: &[Instant]) -> u32 {
    let mut most = 0;
    let mut begin = 0;
    for (end, last) in arrivals.iter().enumerate() {
        while *last - arrivals[begin] >= Duration::from_secs(1) {
            begin += 1;
        }
        most = most.max(end - begin + 1);
    }
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// How many requests more than rate × window + 1 there were in any window of a second or more, at `rate` a second; less than 0
/// when there never were as many.
fn ahead(arrivals: &[Instant], rate: f64) -> Result<f64, Failed> {
    let Some(start) = arrivals.first() else {
        return Ok(0.0);
    };
    let surplus = |nth: usize| -> Result<f64, Failed> {
        let due = rate * (arrivals[nth] - *start).as_secs_f64();
        Ok(f64::from(u32::try_from(nth)?) - due)
    };
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut begin = 0;
    for (end, last) in arrivals.iter().enumerate() {
        while *last - arrivals[begin] >= Duration::from_secs(1) {
            least = least.min(surplus(begin)?);
            begin += 1;
        }
        // Both ends count, and one request is free.
        most = most.max(surplus(end)? - least);
    }
    Ok(most)
}
