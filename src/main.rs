//! The program: parses the command line, runs the command on one thread, ends with its exit code.
//!
//! Everything else is in the library.

use backstory::cli::{Cli, Console};
use clap::Parser;
use std::io::{BufWriter, Write, stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut console = Console {
        out: Box::new(BufWriter::new(stdout())),
        err: Box::new(stderr()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(backstory::cli::run(cli, &mut console)),
        Err(err) => Err(err.into()),
    };
    // Output that cannot be flushed makes the command fail, even if everything before succeeded.
    let result = result.and_then(|exit| Ok(console.out.flush().map(|()| exit)?));
    let exit = match result {
        Ok(exit) => exit,
        Err(failure) => {
            // When standard error is closed, the message cannot be shown anywhere.
            let _ = failure.print(&mut console);
            failure.exit()
        }
    };
    ExitCode::from(exit.code())
}
