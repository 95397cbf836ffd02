//! The small commands: each makes what is printed, and ends.

mod explain;
mod strength;

use std::io::{Read, Write};

use clap::CommandFactory;

use crate::{
    answers,
    cli::{AnswersCommand, Cli, Command, ProfileCommand},
    exit::Exit,
    faces::replay::play,
    profile,
    setup::{NotBegun, Places, input},
    words::{Words, id},
};

/// Runs one command.
///
/// # Errors
/// When it cannot do what it was asked for.
pub fn run<W: Write>(
    command: Command,
    places: Places,
    words: &Words,
    stdin: &mut dyn Read,
    out: &mut W,
) -> Result<Exit, NotBegun> {
    let (exit, text) = match command {
        Command::Answers(command) => (Exit::Done, answers(command, places, words, stdin)?),
        Command::Profile(command) => (Exit::Done, profile(command, words)?),
        Command::Explain { what } => explain::explain(&what, words),
        Command::Strength => strength::judge(stdin),
        Command::Replay { file, at, .. } => {
            play::replay(&input::read_recording(&file)?, at, words, out)?;
            return Ok(Exit::Done);
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "firstlight", out);
            return Ok(Exit::Done);
        }
        Command::Man => {
            let _ = clap_mangen::Man::new(Cli::command()).render(out);
            return Ok(Exit::Done);
        }
    };
    // A reader that went away has seen enough.
    let _ = out.write_all(text.as_bytes());
    Ok(exit)
}

/// `firstlight answers`: a file to start from, its schema, and a check without side effects.
fn answers(command: AnswersCommand, places: Places, words: &Words, stdin: &mut dyn Read) -> Result<String, NotBegun> {
    Ok(match command {
        AnswersCommand::Template(of) => answers::template(&input::profile(of.profile.as_deref())?),
        AnswersCommand::Schema(of) => answers::schema(&input::profile(of.profile.as_deref())?),
        AnswersCommand::Check { file, profile: of } => {
            input::check_answers(&file, of.profile.as_deref(), places, stdin)?;
            words.say(id!("check-answers-sound")) + "\n"
        }
    })
}

/// `firstlight profile`: the built-in one, its schema, and a check that reports every problem.
fn profile(command: ProfileCommand, words: &Words) -> Result<String, NotBegun> {
    Ok(match command {
        ProfileCommand::Show => profile::built_in_text(),
        ProfileCommand::Schema => profile::schema(),
        ProfileCommand::Check { file } => {
            input::profile(Some(&file))?;
            words.say(id!("check-profile-sound")) + "\n"
        }
    })
}
