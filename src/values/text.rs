//! Text from people and from the network, made safe to show.

use std::fmt;

use textwrap::{Options, WordSplitter};

use crate::words::{Phrase, is_formatting, phrase};

/// A text as lines of comment of a file, each with at most so many characters behind its sign.
pub fn comment(text: &str, width: usize) -> String {
    let options = Options::new(width).word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options).into_iter().filter(|line| !line.is_empty());
    lines.map(|line| format!("# {line}\n")).collect::<Vec<_>>().concat()
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
    use super::*;

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
}
