//! A row of the table as others see it.

use crossterm::event::{KeyEvent, KeyModifiers};

use crate::{
    wizard::{
        command::Command,
        keys::{Held, Row},
    },
    words::TextId,
};

impl Row {
    /// What the key means.
    pub(crate) const fn command(&self) -> Command {
        self.command
    }

    /// What the footer says, if anything.
    pub(crate) const fn label(&self) -> Option<TextId> {
        self.label
    }

    /// The key as it is pressed.
    pub(crate) const fn event(&self) -> KeyEvent {
        let held = match self.key.held {
            Held::Nothing => KeyModifiers::NONE,
            Held::Ctrl => KeyModifiers::CONTROL,
            Held::Alt => KeyModifiers::ALT,
        };
        KeyEvent::new(self.key.code, held)
    }
}
