//! The small commands: each makes what is printed, and ends.

mod answers;
mod explain;
mod profile;
mod strength;

use std::io::{Read, Write};

use clap::CommandFactory;

use crate::{
    cli::{Cli, SmallCommand},
    exit::Exit,
    faces::replay::play,
    setup::{NotBegun, Places, input},
    words::Words,
};

/// Runs one command.
///
/// # Errors
/// When it cannot do what it was asked for.
pub fn run<W: Write>(
    command: SmallCommand,
    places: Places,
    words: &Words,
    stdin: &mut dyn Read,
    out: &mut W,
) -> Result<Exit, NotBegun> {
    let (exit, text) = match command {
        SmallCommand::Answers(command) => (Exit::Done, answers::answers(command, places, words, stdin)?),
        SmallCommand::Profile(command) => (Exit::Done, profile::profile(command, places, words)?),
        SmallCommand::Explain { what } => explain::explain(&what, words),
        SmallCommand::Strength => strength::judge(stdin),
        SmallCommand::Replay { file, at, .. } => {
            play::replay(&input::read_recording(&file)?, at, words, out)?;
            return Ok(Exit::Done);
        }
        SmallCommand::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "firstlight", out);
            return Ok(Exit::Done);
        }
        SmallCommand::Man => {
            let _ = clap_mangen::Man::new(Cli::command()).render(out);
            return Ok(Exit::Done);
        }
    };
    // A reader that went away has seen enough.
    let _ = out.write_all(text.as_bytes());
    Ok(exit)
}
