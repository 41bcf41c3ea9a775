//! How soon the program is there, and how soon it is done when there is nothing to do.

use crate::child::run;
use crate::server::{Answer, Server};
use crate::table::{Line, median, secs, time};
use crate::{Bench, Failed, pipe};
use std::process::Command;

/// A start takes so little that one says nothing.
const STARTS: usize = 20;

/// `--version` and `--help`.
pub(crate) fn help(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let folder = bench.new_folder("start")?;
    let started = |switch: &str| -> Result<Line, Failed> {
        let mut walls = Vec::new();
        for _ in 0..STARTS * bench.runs {
            walls.push(run(&folder, Command::new(&bench.program).arg(switch))?.wall);
        }
        Ok(Line {
            what: format!("`{switch}`"),
            ours: time(median(&secs(&walls))),
            ..Line::default()
        })
    };
    Ok(vec![started("--version")?, started("--help")?])
}

/// `run` on a small cast in which everything is finished.
pub(crate) fn nothing_to_do(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let server = Server::start(Answer::story())?;
    pipe::a_run(bench, &server, 12, 3)?;
    let folder = bench.folder.join("run");
    let mut walls = Vec::new();
    for _ in 0..STARTS * bench.runs {
        let mut command = Command::new(&bench.program);
        command
            .env("CONVAI_API_KEY", "bench")
            .args(["run", "cast.csv", "--progress", "none"]);
        walls.push(run(&folder, &mut command)?.wall);
    }
    Ok(vec![Line {
        what: "`run` on 12 finished rows".to_owned(),
        ours: time(median(&secs(&walls))),
        ..Line::default()
    }])
}
