//! A sheet of a million rows: imported, run again when all is finished, read, exported.
//!
//! Nothing is sent: `--limit 0` imports the sheet and starts no character.

use crate::child::{Cost, follow, run};
use crate::table::{Line, median, secs, time};
use crate::{Bench, Failed, sheet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The import of a new cast, beside `sqlite3 .import` into a table with a primary key.
pub(crate) fn import(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let folder = bench.new_folder("import")?;
    let bytes = sheet_of(bench, &folder)?;
    let (mut ours, mut theirs, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    let mut missing = None;
    for _ in 0..bench.runs {
        match sqlite(&folder) {
            Ok(wall) => theirs.push(wall),
            Err(err) => missing = Some(err.to_string()),
        }
        forget(&folder)?;
        let cost = take_in(bench, &folder, "big.csv")?;
        ours.push(cost.wall);
        peaks.extend(cost.peak_kib);
    }
    let (ours, theirs) = (secs(&ours), secs(&theirs));
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    let reference = match missing {
        None => format!("`sqlite3 .import`: {}", time(median(&theirs))),
        Some(words) => format!("no reference: {words}"),
    };
    let (rows, megabytes) = (bench.rows, bytes / 1_000_000);
    let line = Line {
        what: format!("import of {rows} rows ({megabytes} MB of CSV)"),
        ours: time(median(&ours)),
        reference,
        ..Line::default()
    };
    Ok(vec![
        line.at_most(&ratios, 2.0, 1.0),
        memory("its peak memory", &peaks),
    ])
}

/// Everything that is done with a finished cast.
pub(crate) fn finished(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let folder = bench.new_folder("finished")?;
    sheet_of(bench, &folder)?;
    let imported = take_in(bench, &folder, "big.csv")?.wall.as_secs_f64();
    forget(&folder)?;
    finish(bench, &folder)?;
    let mut lines = again(bench, &folder, imported)?;
    lines.extend(looked_into(bench, &folder)?);
    Ok(lines)
}

/// The same sheet once more, and the sheet with one row edited.
fn again(bench: &Bench, folder: &Path, imported: f64) -> Result<Vec<Line>, Failed> {
    let (mut same, mut edited, mut same_peaks, mut edited_peaks) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let whole = fs::read_to_string(folder.join("big.csv"))?;
    fs::write(
        folder.join("edited.csv"),
        whole.replacen("0000007,Mara Quill 7,", "0000007,Mara Quill VII,", 1),
    )?;
    drop(whole);
    for _ in 0..bench.runs {
        let cost = take_in(bench, folder, "big.csv")?;
        same.push(cost.wall);
        same_peaks.extend(cost.peak_kib);
        let cost = take_in(bench, folder, "edited.csv")?;
        edited.push(cost.wall);
        edited_peaks.extend(cost.peak_kib);
        // And taken back.
        take_in(bench, folder, "big.csv")?;
    }
    let line = |what: &str, times: &[Duration], must, aim| {
        let times = secs(times);
        let ratios: Vec<f64> = times.iter().map(|time| time / imported).collect();
        let line = Line {
            what: format!("`run` again on {} finished rows, {what}", bench.rows),
            ours: time(median(&times)),
            reference: format!("the import: {}", time(imported)),
            ..Line::default()
        };
        line.at_most(&ratios, must, aim)
    };
    Ok(vec![
        line("unchanged sheet", &same, 0.5, 0.1),
        memory("its peak memory", &same_peaks),
        Line {
            must: String::new(),
            aim: String::new(),
            holds: None,
            ..line("one row edited", &edited, 0.0, 0.0)
        },
        memory("its peak memory", &edited_peaks),
    ])
}

/// `status`, `list | head -1` and `export` of the finished cast.
fn looked_into(bench: &Bench, folder: &Path) -> Result<Vec<Line>, Failed> {
    let (mut status, mut list, mut export, mut peaks) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let cost = run(folder, Command::new(&bench.program).arg("status"))?;
        status.push(cost.wall);
        list.push(first_line(bench, folder)?);
        let args = ["export", "-o", "out.csv"];
        let cost = run(folder, Command::new(&bench.program).args(args))?;
        export.push(cost.wall);
        peaks.extend(cost.peak_kib);
    }
    let line = |what: &str, times: &[Duration]| Line {
        what: format!("{what} on {} rows", bench.rows),
        ours: time(median(&secs(times))),
        ..Line::default()
    };
    let millis: Vec<f64> = secs(&status).iter().map(|secs| secs * 1e3).collect();
    Ok(vec![
        line("`status`", &status).below(&millis, 50.0, 10.0, "ms"),
        line("`list \\| head -1`", &list),
        line("`export -o out.csv`", &export),
        memory("its peak memory", &peaks),
    ])
}

fn memory(what: &str, peaks_kib: &[u64]) -> Line {
    let megabytes: Vec<f64> = peaks_kib
        .iter()
        .map(|kib| u32::try_from(*kib).map_or(f64::MAX, f64::from) / 1_024.0)
        .collect();
    let line = Line {
        what: what.to_owned(),
        ours: format!("{:.0} MB", median(&megabytes)),
        ..Line::default()
    };
    line.below(&megabytes, 64.0, 32.0, "MB")
}

/// Writes the large sheet; its length in bytes.
fn sheet_of(bench: &Bench, folder: &Path) -> Result<u64, Failed> {
    let path = folder.join("big.csv");
    sheet::write(&path, bench.rows, false)?;
    Ok(fs::metadata(path)?.len())
}

/// A cast in which every character has a story: by hand, so that no service has to write a million of them.
fn finish(bench: &Bench, folder: &Path) -> Result<(), Failed> {
    sheet::write(&folder.join("stories.csv"), bench.rows, true)?;
    let mut command = importing(bench, "stories.csv");
    run(folder, command.args(["--have", "story"]))?;
    // Without the column of the stories.
    take_in(bench, folder, "big.csv")?;
    Ok(())
}

fn take_in(bench: &Bench, folder: &Path, file: &str) -> Result<Cost, Failed> {
    run(folder, &mut importing(bench, file))
}

fn importing(bench: &Bench, file: &str) -> Command {
    let mut command = Command::new(&bench.program);
    command
        .args(["run", file, "--cast", "big", "--limit", "0"])
        .args(["--provider", "demo", "--progress", "none"]);
    command
}

/// The time to the end of `list` when only its first line is read.
fn first_line(bench: &Bench, folder: &Path) -> Result<Duration, Failed> {
    let begun = Instant::now();
    let mut child = Command::new(&bench.program)
        .current_dir(folder)
        .arg("list")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let (cost, code) = follow(child, begun)?;
    if code != Some(0) || line.is_empty() {
        return Err(format!("`list` ended with {code:?} after `{}`", line.trim()).into());
    }
    Ok(cost.wall)
}

/// Starts with no database.
fn forget(folder: &Path) -> Result<(), Failed> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file
            .file_name()
            .to_string_lossy()
            .starts_with("backstory.db")
        {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

/// `.import` of the same sheet into a table whose key is a text, as ours is.
fn sqlite(folder: &Path) -> Result<Duration, Failed> {
    let db = folder.join("reference.db");
    if db.exists() {
        fs::remove_file(&db)?;
    }
    let table = "CREATE TABLE sheet (id TEXT PRIMARY KEY, name TEXT, role TEXT, city TEXT, description TEXT);";
    let mut command = Command::new("sqlite3");
    command
        .arg(&db)
        .args([table, ".import --csv --skip 1 big.csv sheet"]);
    let cost = run(folder, &mut command).map_err(|err| {
        let absent = err.to_string().contains("cannot start");
        if absent {
            "`sqlite3` is not installed".into()
        } else {
            err
        }
    })?;
    Ok(cost.wall)
}
