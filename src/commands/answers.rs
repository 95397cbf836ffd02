//! `firstlight answers`: a file to start from, its schema, and a check without side effects.

use std::io::Read;

use crate::{
    answers,
    cli::{AnswersCommand, ProfileArgs},
    setup::{NotBegun, Places, input},
    words::{Words, id},
};

pub(super) fn answers(
    command: AnswersCommand,
    places: Places,
    words: &Words,
    stdin: &mut dyn Read,
) -> Result<String, NotBegun> {
    let profile = |of: ProfileArgs| input::profile(of.profile.as_deref(), places.root.as_deref());
    Ok(match command {
        AnswersCommand::Template(of) => answers::template(&profile(of)?),
        AnswersCommand::Schema(of) => answers::schema(&profile(of)?),
        AnswersCommand::Check { file, profile: of } => {
            input::check_answers(&file, of.profile.as_deref(), places, stdin)?;
            words.say(id!("check-answers-sound")) + "\n"
        }
    })
}
