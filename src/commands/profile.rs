//! `firstlight profile`: the built-in one, its schema, and a check that reports every problem.

use std::io::Write;

use super::out::{Ended, print};
use crate::{
    cli::ProfileCommand,
    profile,
    setup::input,
    words::{Words, id},
};

pub(super) fn run<W: Write>(command: ProfileCommand, words: &Words, out: &mut W) -> Ended {
    let text = match command {
        ProfileCommand::Show => profile::built_in_text(),
        ProfileCommand::Schema => profile::schema(),
        ProfileCommand::Check { file } => {
            input::profile(Some(&file))?;
            words.say(id!("check-profile-sound")) + "\n"
        }
    };
    Ok(print(out, &text))
}
