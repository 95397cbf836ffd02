//! `firstlight profile`: the built-in one, its schema, and a check that reports every problem.

use crate::{
    cli::ProfileCommand,
    profile,
    setup::{NotBegun, Places, input},
    words::{Phrase, Words, id},
};

pub(super) fn profile(command: ProfileCommand, places: Places, words: &Words) -> Result<String, NotBegun> {
    Ok(match command {
        ProfileCommand::Show => profile::built_in_text(),
        ProfileCommand::Schema => profile::schema(),
        ProfileCommand::Check { file } => {
            let missing = input::check_profile(&file, places)?;
            let lines = [id!("check-profile-sound").into()].into_iter().chain(missing);
            lines.map(|line: Phrase| words.say(&line) + "\n").collect()
        }
    })
}
