//! `license-service`: the reference license service as a program.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use license_service::cli::{Cli, run};
use tracing_subscriber::fmt;

fn main() -> ExitCode {
    let cli = Cli::parse();
    fmt().with_writer(io::stderr).with_ansi(false).with_target(false).init();
    match run(cli, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be gone; the exit code says it then.
            let _ = writeln!(io::stderr(), "license-service: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
