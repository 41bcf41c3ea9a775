//! What the program costs, beside what the machine can do: prints the table of `tests/bench/README.md`.
//!
//! The release program runs as a child against a loopback server in this process; what it is compared with runs in turn with
//! it, in the same minutes on the same machine. Each figure is the median of all runs, with the worst ratio beside it.
//!
//! Nothing here is a test: no time is asserted anywhere, and a reference that is not installed leaves a row without a ratio.
//! Processor time and memory are read from `/proc`, so these columns are empty elsewhere than on Linux.

mod child;
mod fleet;
mod pace;
mod pipe;
mod review;
mod server;
mod sheet;
mod size;
mod start;
mod table;

use pipe::Sent;
use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use table::Line;
use tempfile::TempDir;

/// How to call it.
const USAGE: &str = "\
cargo bench -- [--only NAME]... [--runs N] [--quick] [--rows N] [--program FILE] [--keep FOLDER]

  --only NAME       rows whose name contains NAME; may be given several times
  --runs N          runs of each row, of which the median is taken [default: 5; of the minutes long ones 3 at most]
  --quick           one run, a tenth of the size
  --rows N          rows of the large sheet [default: 1000000]
  --program FILE    another build of the program
  --keep FOLDER     work in this folder and leave everything there";

/// What a measure may fail with: in words.
type Failed = Box<dyn std::error::Error>;

/// A group of rows of the table.
struct Measure {
    name: &'static str,
    run: fn(&Bench) -> Result<Vec<Line>, Failed>,
}

/// All groups, in the order of the table.
const MEASURES: [Measure; 22] = [
    Measure {
        name: "pipe-64",
        run: |bench| pipe::drained(bench, 64, Sent::Together, 0.20, 0.40),
    },
    Measure {
        name: "pipe-256",
        run: |bench| pipe::drained(bench, 256, Sent::Together, 0.30, 0.60),
    },
    Measure {
        name: "pipe-apart-64",
        run: |bench| pipe::drained(bench, 64, Sent::Apart, 0.20, 0.40),
    },
    Measure {
        name: "pipe-apart-256",
        run: |bench| pipe::drained(bench, 256, Sent::Apart, 0.30, 0.60),
    },
    Measure {
        name: "latency",
        run: pipe::latency,
    },
    Measure {
        name: "pace-1",
        run: |bench| pace::kept(bench, 1),
    },
    Measure {
        name: "pace-50",
        run: |bench| pace::kept(bench, 50),
    },
    Measure {
        name: "pace-1000",
        run: |bench| pace::kept(bench, 1_000),
    },
    Measure {
        name: "waiting",
        run: pace::waiting,
    },
    Measure {
        name: "import",
        run: size::import,
    },
    Measure {
        name: "finished",
        run: size::finished,
    },
    Measure {
        name: "streams",
        run: pipe::open_streams,
    },
    Measure {
        name: "long-story",
        run: pipe::long_story,
    },
    Measure {
        name: "review-cast",
        run: review::cast,
    },
    Measure {
        name: "review-story",
        run: review::one,
    },
    Measure {
        name: "fleet-1",
        run: fleet::one_worker,
    },
    Measure {
        name: "fleet-4",
        run: fleet::four_workers,
    },
    Measure {
        name: "fleet-latency",
        run: fleet::latency,
    },
    Measure {
        name: "fleet-pace",
        run: fleet::paced,
    },
    Measure {
        name: "fleet-large",
        run: fleet::large,
    },
    Measure {
        name: "start",
        run: start::help,
    },
    Measure {
        name: "empty-run",
        run: start::nothing_to_do,
    },
];

/// What was asked for.
struct Bench {
    program: PathBuf,
    runs: usize,
    quick: bool,
    rows: usize,
    only: Vec<String>,
    folder: PathBuf,
    /// Goes with everything in it, unless it is to be kept.
    temporary: Option<TempDir>,
}

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let _ = writeln!(stderr(), "error: {err}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn bench() -> Result<(), Failed> {
    let bench = Bench::of(std::env::args().skip(1))?;
    // A whole name means only that one.
    let whole = |part: &String| MEASURES.iter().any(|measure| measure.name == part);
    let meant = |part: &String, name: &str| part == name || (!whole(part) && name.contains(part));
    let wanted = |measure: &&Measure| {
        bench.only.is_empty() || bench.only.iter().any(|part| meant(part, measure.name))
    };
    let mut lines = Vec::new();
    for measure in MEASURES.iter().filter(wanted) {
        writeln!(stderr(), "measuring {}", measure.name)?;
        match (measure.run)(&bench) {
            Ok(measured) => lines.extend(measured),
            Err(err) => lines.push(Line::failed(measure.name, err.as_ref())),
        }
    }
    if lines.is_empty() {
        let names: Vec<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        return Err(format!("nothing is called so; there are: {}", names.join(", ")).into());
    }
    table::print(&mut stdout(), &lines)?;
    Ok(())
}

impl Bench {
    fn of(mut args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut bench = Self {
            program: PathBuf::from(env!("CARGO_BIN_EXE_backstory")),
            runs: 5,
            quick: false,
            rows: 1_000_000,
            only: Vec::new(),
            folder: PathBuf::new(),
            temporary: None,
        };
        let mut keep = None;
        while let Some(switch) = args.next() {
            let mut value = || args.next().ok_or(format!("`{switch}` needs a value"));
            match switch.as_str() {
                "--only" => bench.only.push(value()?),
                "--runs" => bench.runs = value()?.parse::<usize>()?.max(1),
                "--rows" => bench.rows = value()?.parse::<usize>()?.max(1),
                "--program" => bench.program = std::path::absolute(value()?)?,
                "--keep" => keep = Some(std::path::absolute(value()?)?),
                "--quick" => bench.quick = true,
                // What cargo says of its own accord.
                "--bench" => {}
                _ => return Err(format!("`{switch}` is no switch of this").into()),
            }
        }
        if bench.quick {
            bench.runs = 1;
            bench.rows = bench.rows.div_ceil(10);
        }
        if let Some(folder) = keep {
            std::fs::create_dir_all(&folder)?;
            bench.folder = folder;
        } else {
            let temporary = TempDir::new()?;
            temporary.path().clone_into(&mut bench.folder);
            bench.temporary = Some(temporary);
        }
        Ok(bench)
    }

    /// So many, or a tenth of it when it has to be quick.
    fn size(&self, whole: usize) -> usize {
        if self.quick {
            whole.div_ceil(10)
        } else {
            whole
        }
    }

    /// A new, empty folder.
    fn new_folder(&self, name: &str) -> Result<PathBuf, Failed> {
        let folder = self.folder.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}
