//! `firstlight profile`: the built-in one, its schema, and a check that reports every problem.

use crate::{
    cli::ProfileCommand,
    profile,
    setup::{NotBegun, input},
    words::{Words, id},
};

pub(super) fn profile(command: ProfileCommand, words: &Words) -> Result<String, NotBegun> {
    Ok(match command {
        ProfileCommand::Show => profile::built_in_text(),
        ProfileCommand::Schema => profile::schema(),
        ProfileCommand::Check { file } => {
            input::profile(Some(&file))?;
            words.say(id!("check-profile-sound")) + "\n"
        }
    })
}
