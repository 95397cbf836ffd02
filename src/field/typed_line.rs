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

impl TypedLine {
    pub(super) fn new() -> Self {
        let text = Zeroizing::new(String::with_capacity(LONGEST * char::MAX.len_utf8()));
        Self { text, refused: false, found: false }
    }

    /// Takes a character in, which the field by itself may have `refused`. Gives the code that stands within the line,
    /// or why there is none any more, although there seemed to be one before the line went on; `None` when the field
    /// goes by what was typed.
    pub(super) fn add(
        &mut self,
        character: char,
        refused: bool,
        format: &CodeFormat,
    ) -> Option<Result<InstallCode, NotFound>> {
        self.refused |= refused;
        if self.text.chars().count() >= LONGEST {
            return None;
        }
        self.text.push(character);
        match format.find(&self.text) {
            Ok(Found::InText(code)) if self.refused => {
                self.found = true;
                Some(Ok(code))
            }
            Err(reason) if self.found => Some(Err(reason)),
            _ => None,
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.zeroize();
        (self.refused, self.found) = (false, false);
    }
}
