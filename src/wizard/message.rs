//! Everything that can happen to the wizard, and what it may want done.

use std::time::Duration;

use crossterm::event::KeyEvent;
use zeroize::Zeroizing;

use crate::{
    exit::Exit,
    wizard::{
        command::Command,
        port::{Reply, Request},
    },
};

/// Everything that can happen. It has no `Debug`: a key may be part of a password.
pub(crate) enum Msg {
    /// The wizard opens.
    Opened,
    /// A key.
    Key(KeyEvent),
    /// What a key would mean, from those who press none; nothing where no key means it.
    Command(Command),
    /// The entry of the list with this index is picked.
    Pick(usize),
    /// Text pasted in one piece.
    Paste(Zeroizing<String>),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// So much time has passed since the last tick.
    Tick(Duration),
    /// Something that was asked for, or a part of it.
    Reply(Reply),
    /// A signal, or the terminal is gone: leave as soon as that is safe.
    Hangup,
    /// The recording could not be written on, for this reason; it ends there.
    RecordingLost(String),
}

/// What the wizard wants done; the loop does it, or has it done.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Ask for this.
    Ask(Request),
    /// Draw everything again, on a screen that something else may have written on.
    Redraw,
    /// End the program.
    Leave(Exit),
}
