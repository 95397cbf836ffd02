//! Text from people and from the network, made safe to show.

use std::fmt;

use textwrap::{Options, WordSplitter};

use crate::words::{Phrase, phrase};

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

/// A text as lines of comment of a file, each with at most so many characters behind its sign.
pub fn comment(text: &str, width: usize) -> String {
    let options = Options::new(width).word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options).into_iter().filter(|line| !line.is_empty());
    lines.map(|line| format!("# {line}\n")).collect::<Vec<_>>().concat()
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

/// What stands for a character that cannot be shown itself.
pub fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// One line of printable text, such as a person's name: trimmed, 1 to 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// The most characters a line may have.
    pub const MAX: usize = 100;

    /// Parses a line.
    ///
    /// # Errors
    /// When the text is empty, too long or holds an invisible character.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        match text.chars().count() {
            0 => return Err(phrase!("value-empty" { what: Phrase::OPEN })),
            have if have > Self::MAX => {
                return Err(phrase!("value-long" { what: Phrase::OPEN, have, most: Self::MAX }));
            }
            _ => Self::check_visible(text)?,
        }
        Ok(Self(text.to_owned()))
    }

    /// Looks for a character that cannot be shown.
    ///
    /// # Errors
    /// The first one.
    pub fn check_visible(text: &str) -> Result<(), Phrase> {
        let Some((character, position)) = text.chars().zip(1_usize..).find(|(one, _)| is_formatting(*one)) else {
            return Ok(());
        };
        Err(phrase!("value-unseen" { what: Phrase::OPEN, character: code_point(character), position }))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
    fn lines() {
        assert_eq!(Line::parse(" Kim ").map(|l| l.to_string()), Ok("Kim".to_owned()));
        assert_eq!(Line::parse("Zoë 李").map(|l| l.to_string()), Ok("Zoë 李".to_owned()));
        assert_eq!(Line::parse("  "), Err(phrase!("value-empty" { what: Phrase::OPEN })));
        let long = phrase!("value-long" { what: Phrase::OPEN, have: 101, most: 100 });
        assert_eq!(Line::parse(&"x".repeat(101)), Err(long));
        let unseen = phrase!("value-unseen" { what: Phrase::OPEN, character: "U+0007", position: 2 });
        assert_eq!(Line::parse("a\u{7}b"), Err(unseen));
    }

    proptest! {
        #[test]
        fn plain_text_is_short_and_never_holds_controls(text in any::<String>(), limit in 1_usize..50) {
            let plain = plain_text(&text, limit);
            prop_assert!(plain.chars().count() <= limit + 1);
            prop_assert!(!plain.chars().any(is_formatting));
        }
    }
}
