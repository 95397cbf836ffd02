//! Everything that was typed at an install code, also what its field did not take.
//!
//! Where a terminal does not mark a paste as one (no bracketed paste: the Linux console, a
//! serial line), the line of a mail comes key by key, and the code is found in it all the same.

use zeroize::Zeroizing;

use crate::values::{CodeFormat, Found, InstallCode};

/// Longer than the line of any mail, in characters.
const LONGEST: usize = 1000;

/// The characters since the field was last changed by anything but typing.
pub(super) struct TypedLine {
    text: Zeroizing<String>,
    /// Whether the field refused one of them: until then what it holds is what was typed.
    refused: bool,
}

impl TypedLine {
    /// Nothing was typed.
    pub(super) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(LONGEST * char::MAX.len_utf8())), refused: false }
    }

    /// Takes a character in; gives the code that stands within the line, once it does.
    pub(super) fn add(&mut self, character: char, refused: bool, format: &CodeFormat) -> Option<InstallCode> {
        self.refused |= refused;
        if self.text.chars().count() < LONGEST {
            self.text.push(character);
        }
        match format.find(&self.text) {
            Ok(Found::InText(code)) if self.refused => Some(code),
            _ => None,
        }
    }

    /// Forgets the line.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }
}
