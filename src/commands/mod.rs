//! The small commands: each prints something and ends. One file each.

mod answers;
mod explain;
mod profile;
mod replay;
mod strength;

use std::io::{Read, Write};

use clap::CommandFactory;

use crate::{
    cli::{Cli, Command, Output},
    exit::Exit,
    faces::headless::{self, printer::Printer},
    setup::{Places, Refusal},
    words::{Language, Words},
};

/// What a command comes to: its exit code, or why it could not do what it was asked for.
type Ended = Result<Exit, Refusal>;

/// Runs one command.
pub fn run<W: Write>(command: Command, places: Places, language: Language, stdin: &mut dyn Read, out: &mut W) -> Exit {
    let words = Words::new(language);
    let ended = match command {
        Command::Answers(command) => answers::run(command, places, &words, stdin, out),
        Command::Profile(command) => profile::run(command, &words, out),
        Command::Explain { what } => Ok(explain::run(&what, &words, out)),
        Command::Replay { file, at, .. } => replay::run(&file, at, &words, out),
        Command::Strength => Ok(strength::run(stdin, out)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "firstlight", out);
            Ok(Exit::Done)
        }
        Command::Man => {
            let _ = clap_mangen::Man::new(Cli::command()).render(out);
            Ok(Exit::Done)
        }
    };
    ended.unwrap_or_else(|refusal| headless::refuse(refusal, &mut Printer::new(out, Output::Text, language)))
}

/// A reader that went away has seen enough.
fn print<W: Write>(out: &mut W, text: &str) -> Exit {
    let _ = out.write_all(text.as_bytes());
    Exit::Done
}
