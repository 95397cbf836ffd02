//! A row of the table as others see it.

use crossterm::event::{KeyEvent, KeyModifiers};

use crate::wizard::{
    command::Command,
    keys::{Held, Row},
};

impl Row {
    /// What the key means.
    pub(crate) const fn command(&self) -> Command {
        self.command
    }

    /// The id of what the footer says; empty where it says nothing.
    pub(crate) const fn label(&self) -> &'static str {
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
