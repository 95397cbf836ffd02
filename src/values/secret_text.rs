//! Text that must not be seen: zeroed on drop, redacted when printed for debugging.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{is_unseen, text::code_point};
use crate::words::{Phrase, phrase};

/// A secret string. It has no `Display` and no `Serialize`; only [`SecretText::expose`] shows it.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the string over; it is zeroed when this value is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Every caller is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret that a file is: its one line, without the line's end and without the mark that some editors put before
    /// the first (U+FEFF). Nothing of it is cut off.
    ///
    /// # Errors
    /// When there is more in the file than that line.
    pub fn of_file(text: &Self) -> Result<Self, Phrase> {
        let text = text.expose();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (line, behind) = text.split_once('\n').map_or((text, ""), |(line, behind)| {
            // Only a line's end has two characters.
            (line.strip_suffix('\r').unwrap_or(line), behind)
        });
        let Some(further) = behind.lines().position(|line| !line.trim().is_empty()) else { return Ok(line.into()) };
        let number = further + 2;
        if line.trim().is_empty() {
            return Err(phrase!("secret-line-empty" { line: number }));
        }
        let (have, all) = (line.chars().count(), text.lines().map(|line| line.chars().count()).sum::<usize>());
        Err(phrase!("secret-lines" { line: number, have, all }))
    }

    /// Looks for a character that nobody sees: what cannot be read cannot be typed at a login.
    ///
    /// # Errors
    /// The first one. The reason leaves open what it is about.
    pub fn check_seen(&self) -> Result<(), Phrase> {
        let Some((character, position)) = self.0.chars().zip(1_usize..).find(|(one, _)| is_unseen(*one)) else {
            return Ok(());
        };
        let (what, shown) = (Phrase::OPEN, code_point(character));
        Err(if character.is_whitespace() && !character.is_control() {
            phrase!("value-blank" { what, character: shown, position })
        } else {
            phrase!("value-unseen" { what, character: shown, position })
        })
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "SecretText(empty)" } else { "SecretText(redacted)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_that_a_file_is() {
        let lines = |line: i32, have: i32, all: i32| Err(phrase!("secret-lines" { line, have, all }));
        for (file, expected) in [
            ("correct horse", Ok("correct horse")),
            ("correct horse \n", Ok("correct horse ")),
            ("correct horse\r\n\r\n", Ok("correct horse")),
            ("\u{feff}correct horse\n \n", Ok("correct horse")),
            // Its end is no line's end, and for the rules to refuse.
            ("correct horse\r", Ok("correct horse\r")),
            ("", Ok("")),
            ("correct\nhorse\n", lines(2, 7, 12)),
            ("correct\n\n\r\nhorse", lines(4, 7, 12)),
            ("\ncorrect horse\n", Err(phrase!("secret-line-empty" { line: 2 }))),
        ] {
            assert_eq!(SecretText::of_file(&file.into()), expected.map(SecretText::from), "{file:?}");
        }
    }

    #[test]
    fn what_nobody_sees() {
        for (text, unseen) in [
            ("p$!`\"'\\ ü 李 ", None),
            ("\u{feff}correct", Some(("value-unseen", "U+FEFF", 1))),
            ("correct\u{200b}", Some(("value-unseen", "U+200B", 8))),
            ("c\u{ad}", Some(("value-unseen", "U+00AD", 2))),
            ("c\0", Some(("value-unseen", "U+0000", 2))),
            ("c\r", Some(("value-unseen", "U+000D", 2))),
            ("c\u{3164}", Some(("value-unseen", "U+3164", 2))),
            ("c\u{fe0f}", Some(("value-unseen", "U+FE0F", 2))),
            ("c\u{a0}", Some(("value-blank", "U+00A0", 2))),
            ("c\u{3000}", Some(("value-blank", "U+3000", 2))),
        ] {
            let what = Phrase::OPEN;
            let expected = unseen.map(|(id, character, position)| match id {
                "value-blank" => phrase!("value-blank" { what, character, position }),
                _ => phrase!("value-unseen" { what, character, position }),
            });
            assert_eq!(SecretText::from(text).check_seen().err(), expected, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", SecretText::from("hunter2")), "SecretText(redacted)");
    }
}
