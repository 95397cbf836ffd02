//! `firstlight answers`: a file to start from, its schema, and a check without side effects.

use std::io::{Read, Write};

use super::out::{Ended, print};
use crate::{
    answers,
    cli::AnswersCommand,
    setup::{Places, input},
    words::{Words, id},
};

pub(super) fn run<W: Write>(
    command: AnswersCommand,
    places: Places,
    words: &Words,
    stdin: &mut dyn Read,
    out: &mut W,
) -> Ended {
    let text = match command {
        AnswersCommand::Template { profile } => answers::template(&input::profile(profile.as_deref())?),
        AnswersCommand::Schema { profile } => answers::schema(&input::profile(profile.as_deref())?),
        AnswersCommand::Check { file, profile } => {
            input::check_answers(&file, profile.as_deref(), places, stdin)?;
            words.say(id!("check-answers-sound")) + "\n"
        }
    };
    Ok(print(out, &text))
}
