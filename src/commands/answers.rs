//! `firstlight answers`: a file to start from, its schema, and a check without side effects.

use std::io::Read;

use crate::{
    answers,
    cli::AnswersCommand,
    setup::{NotBegun, Places, input},
    words::{Words, id},
};

pub(super) fn answers(
    command: AnswersCommand,
    places: Places,
    words: &Words,
    stdin: &mut dyn Read,
) -> Result<String, NotBegun> {
    Ok(match command {
        AnswersCommand::Template(of) => answers::template(&input::profile(of.profile.as_deref())?),
        AnswersCommand::Schema(of) => answers::schema(&input::profile(of.profile.as_deref())?),
        AnswersCommand::Check { file, profile: of } => {
            input::check_answers(&file, of.profile.as_deref(), places, stdin)?;
            words.say(id!("check-answers-sound")) + "\n"
        }
    })
}
