//! `firstlight replay`: the screens of a recording, one after the other.

use std::{io::Write, path::Path};

use super::out::Ended;
use crate::{exit::Exit, faces::replay::play, setup::input, words::Words};

pub(super) fn run<W: Write>(file: &Path, at: Option<usize>, words: &Words, out: &mut W) -> Ended {
    play::replay(&input::recording(file)?, at, words, out)?;
    Ok(Exit::Done)
}
