//! How a command prints, and how it ends.

use std::io::Write;

use crate::{exit::Exit, setup::NotBegun};

/// What a command comes to: its exit code, or why it could not do what it was asked for.
pub(super) type Ended = Result<Exit, NotBegun>;

/// A reader that went away has seen enough.
pub(super) fn print<W: Write>(out: &mut W, text: &str) -> Exit {
    let _ = out.write_all(text.as_bytes());
    Exit::Done
}
