//! The small commands: each prints something and ends. One file each.

mod answers;
mod explain;
mod out;
mod profile;
mod replay;
mod strength;

use std::io::{Read, Write};

use clap::CommandFactory;

use crate::{
    cli::{Cli, Command, Output},
    exit::Exit,
    faces::headless::{self, printer::Printer},
    setup::Places,
    words::{Language, Words},
};

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
