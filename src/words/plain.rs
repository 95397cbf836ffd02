//! What others say, made safe to show: the one way for a text from outside into a [`Phrase`](super::Phrase).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters of a text that stands in a phrase: as many as a path may have. What is longer came from outside.
const LONGEST: usize = 4096;

/// A text with nothing in it that a terminal or a log would act on; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Plain(String);

impl Plain {
    /// Nothing at all.
    pub(super) const fn empty() -> Self {
        Self(String::new())
    }

    /// A text that was put together from clean ones, with the line breaks between them.
    pub(super) const fn said(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Plain {
    /// What is sound stays as it is, also where it is no sentence: blanks count in what was typed.
    fn from(text: String) -> Self {
        let sound = |character: char| !is_formatting(character) && !is_line_break(character);
        if text.chars().all(sound) && text.chars().nth(LONGEST).is_none() {
            return Self(text);
        }
        let mut plain = String::with_capacity(text.len().min(4 * LONGEST));
        let mut length = 0;
        for character in text.chars() {
            let character = match character {
                '\t' | '\u{b}' | '\u{c}' => ' ',
                other if is_line_break(other) => ' ',
                other if is_formatting(other) => continue,
                other => other,
            };
            if length == LONGEST {
                plain.push('…');
                break;
            }
            plain.push(character);
            length += 1;
        }
        Self(plain)
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

const fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Strips what a terminal or a log would act on, and cuts the text at `limit` characters.
///
/// Control characters (C0, C1, DEL), bidirectional formatting and zero-width
/// characters are dropped; line breaks and tabs become spaces. Nothing that comes
/// from outside is shown or logged before it went through here.
pub fn plain_text(text: &str, limit: usize) -> String {
    let mut plain = String::with_capacity(text.len().min(limit * 4));
    let mut length = 0;
    let mut spaced = true;
    for character in text.chars() {
        if length == limit {
            plain.push('…');
            break;
        }
        if character.is_whitespace() {
            if !spaced {
                plain.push(' ');
                length += 1;
                spaced = true;
            }
        } else if !is_formatting(character) {
            plain.push(character);
            length += 1;
            spaced = false;
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Whether a character changes how the text around it is shown, or is not shown at all.
pub fn is_formatting(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}'
                | '\u{061c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether nobody sees a character in a text that is read or typed once more: what [`is_formatting`] knows, what else is
/// not drawn (Unicode, `Default_Ignorable_Code_Point`), and what looks like a space and is none.
pub fn is_unseen(character: char) -> bool {
    is_formatting(character)
        || (character.is_whitespace() && character != ' ')
        || matches!(
            character,
            '\u{034f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{e0080}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_keeps_words_and_drops_tricks() {
        for (given, expected) in [
            ("all is well", "all is well"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("one\r\n\ttwo", "one two"),
            ("abc\u{202e}txt.exe", "abctxt.exe"),
            ("  padded  ", "padded"),
            ("0123456789abc", "0123456789…"),
        ] {
            assert_eq!(plain_text(given, 10 + usize::from(!given.starts_with('0')) * 90), expected);
        }
    }

    #[test]
    fn what_is_sound_stays_and_the_rest_goes() {
        for (given, kept) in [
            ("v1.35.2", "v1.35.2"),
            ("  a  b ", "  a  b "),
            ("10\u{a0}s … „Köln“ 李 🙂", "10\u{a0}s … „Köln“ 李 🙂"),
            ("v1\u{1b}]0;owned\u{7}\u{1b}[2J\r\n[2/4] forged\u{202e}\u{9b}31m", "v1]0;owned[2J  [2/4] forged31m"),
            ("one\ttwo\u{2028}three\u{feff}", "one two three"),
        ] {
            assert_eq!(Plain::from(given.to_owned()).as_str(), kept);
            let read: Plain = serde_json::from_value(given.into()).expect("a text");
            assert_eq!(read.as_str(), kept, "from a recording too");
        }
        let path = "/".repeat(LONGEST);
        assert_eq!(Plain::from(path.clone()).as_str(), path);
        assert_eq!(Plain::from(path.clone() + "x").as_str(), path + "…");
    }

    proptest! {
        #[test]
        fn plain_text_is_short_and_never_holds_controls(text in any::<String>(), limit in 1_usize..50) {
            let plain = plain_text(&text, limit);
            prop_assert!(plain.chars().count() <= limit + 1);
            prop_assert!(!plain.chars().any(is_formatting));
        }

        #[test]
        fn no_text_in_a_phrase_holds_controls(text in any::<String>()) {
            let plain = Plain::from(text);
            prop_assert!(!plain.as_str().contains(|character| is_formatting(character) || is_line_break(character)));
            prop_assert_eq!(Plain::from(plain.as_str().to_owned()), plain);
        }
    }
}
