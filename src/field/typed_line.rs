//! Everything that was typed at an install code, also what its field did not take.
//!
//! Where a terminal does not mark a paste as one (no bracketed paste: the Linux console, a
//! serial line), the line of a mail comes key by key, and the code is found in it all the same.

use zeroize::{Zeroize, Zeroizing};

use crate::values::{CodeFormat, Found, InstallCode, NotFound};

/// Longer than the line of any mail, in characters.
const LONGEST: usize = 1000;

/// The characters since the field was last changed by anything but typing.
pub(super) struct TypedLine {
    text: Zeroizing<String>,
    /// Whether the field refused one of them: until then what it holds is what was typed.
    refused: bool,
    /// Whether a code was found in it once: from then on the field holds what is found in the line, or nothing.
    found: bool,
}

/// What is to be done about another character.
pub(super) enum Line {
    /// What the field does about it by itself.
    AsTyped,
    /// This code stands within the line.
    Code(InstallCode),
    /// No code, although there seemed to be one before the line went on.
    Nothing(NotFound),
}

impl TypedLine {
    /// Nothing was typed.
    pub(super) fn new() -> Self {
        let text = Zeroizing::new(String::with_capacity(LONGEST * char::MAX.len_utf8()));
        Self { text, refused: false, found: false }
    }

    /// Takes a character in.
    pub(super) fn add(&mut self, character: char, refused: bool, format: &CodeFormat) -> Line {
        self.refused |= refused;
        if self.text.chars().count() >= LONGEST {
            return Line::AsTyped;
        }
        self.text.push(character);
        match format.find(&self.text) {
            Ok(Found::InText(code)) if self.refused => {
                self.found = true;
                Line::Code(code)
            }
            Err(reason) if self.found => Line::Nothing(reason),
            _ => Line::AsTyped,
        }
    }

    /// Forgets the line.
    pub(super) fn clear(&mut self) {
        self.text.zeroize();
        (self.refused, self.found) = (false, false);
    }
}
