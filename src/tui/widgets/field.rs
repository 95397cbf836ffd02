//! A line that is typed: plain, masked, or an install code that groups itself.
//!
//! It is our own small type because of what it holds. Its buffer gets its final
//! size when it is made and never moves, so that no copy of a password is left
//! behind in freed memory, and it is zeroed whole when the field is dropped.
//! A general input widget grows its `String` as it goes and cannot promise this.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use crate::values::{CodeError, CodeFormat};

/// What sort of line it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Shown as typed.
    Plain,
    /// One asterisk a character, unless it is revealed.
    Masked,
    /// Characters of this format, upper-cased, shown in groups.
    Code(CodeFormat),
}

/// A movement or deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// Deletes the character before the cursor.
    Backspace,
    /// Deletes the character under the cursor.
    Delete,
    /// Deletes everything before the cursor.
    KillBefore,
    /// Deletes everything from the cursor on.
    KillAfter,
}

/// Why a character or a paste was not taken. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no room for another character.
    #[error("there is no room for more than {0} characters: delete one first")]
    Full(usize),
    /// Not a character of install codes.
    #[error("{0}")]
    Character(CodeError),
    /// The paste is not, and does not fit into, an install code.
    #[error("{0}; nothing was pasted")]
    Code(CodeError),
    /// The paste does not fit.
    #[error("the pasted text has {have} characters, and there is room for {room}; nothing was pasted")]
    Long {
        /// How many it has.
        have: usize,
        /// How many more the field takes.
        room: usize,
    },
    /// The paste has more than one line, or characters that cannot be typed.
    #[error("the pasted text has a line break or control character at position {0}; nothing was pasted")]
    Control(usize),
}

/// A line that is typed. Only [`Field::text`] and [`Field::window`] show what it holds.
pub(crate) struct Field {
    kind: Kind,
    text: Zeroizing<String>,
    /// A byte index into `text`, always between two characters.
    cursor: usize,
    limit: usize,
}

/// The part of a field that fits its box.
pub(crate) struct Window {
    /// What is shown.
    pub(crate) text: Zeroizing<String>,
    /// The cursor's column within the box.
    pub(crate) cursor: u16,
}

impl Field {
    /// An empty field for at most `limit` characters.
    pub(crate) fn new(kind: Kind, limit: usize) -> Self {
        Self { kind, text: Zeroizing::new(String::with_capacity(limit * char::MAX.len_utf8())), cursor: 0, limit }
    }

    /// An empty field for an install code.
    pub(crate) fn code(format: &CodeFormat) -> Self {
        Self::new(Kind::Code(format.clone()), format.length())
    }

    /// What was typed. Every caller is a place to review.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many characters were typed.
    pub(crate) fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The widest the field's content can get, as far as it can be told beforehand.
    pub(crate) fn widest(&self) -> usize {
        match &self.kind {
            Kind::Code(format) => format.shape().width(),
            Kind::Plain | Kind::Masked => self.limit,
        }
    }

    /// Takes a typed character; separators in an install code are passed over.
    pub(crate) fn insert(&mut self, character: char) -> Result<(), Refusal> {
        let taken = match &self.kind {
            Kind::Code(format) => match format.fold(character) {
                Some(folded) => folded,
                None => return self.passed_over(format, character),
            },
            Kind::Plain | Kind::Masked if character.is_control() => return Err(Refusal::Control(1)),
            Kind::Plain | Kind::Masked => character,
        };
        if self.length() >= self.limit {
            return Err(Refusal::Full(self.limit));
        }
        self.put(taken.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    /// Takes pasted text whole or not at all; gives a remark when something is worth saying.
    pub(crate) fn paste(&mut self, text: &str) -> Result<Option<&'static str>, Refusal> {
        if let Kind::Code(format) = &self.kind {
            let format = format.clone();
            return self.paste_code(&format, text);
        }
        let line = text.trim_end_matches(['\r', '\n']);
        if let Some(position) = line.chars().position(char::is_control) {
            return Err(Refusal::Control(position + 1));
        }
        self.put_all(line)?;
        Ok((line.len() < text.len()).then_some("the line break at the end of the pasted text was left out"))
    }

    /// Moves or deletes.
    pub(crate) fn edit(&mut self, edit: Edit) {
        let (from, to) = match edit {
            Edit::Left => return self.cursor = self.boundary_before(),
            Edit::Right => return self.cursor = self.boundary_after(),
            Edit::Home => return self.cursor = 0,
            Edit::End => return self.cursor = self.text.len(),
            Edit::Backspace => (self.boundary_before(), self.cursor),
            Edit::Delete => (self.cursor, self.boundary_after()),
            Edit::KillBefore => (0, self.cursor),
            Edit::KillAfter => (self.cursor, self.text.len()),
        };
        self.text.drain(from..to);
        self.cursor = from;
    }

    /// The part around the cursor that fits `width` columns.
    pub(crate) fn window(&self, reveal: bool, width: u16) -> Window {
        let whole = self.picture(&self.text, reveal);
        let cursor = self.cursor_column(reveal);
        // The cursor may stand behind the last character, so it needs a column of its own.
        let hidden = (cursor + 1).saturating_sub(usize::from(width));
        let mut skipped = 0;
        let mut start = 0;
        for grapheme in whole.graphemes(true) {
            if skipped >= hidden {
                break;
            }
            skipped += grapheme.width();
            start += grapheme.len();
        }
        let text = Zeroizing::new(whole[start..].to_owned());
        Window { text, cursor: u16::try_from(cursor.saturating_sub(skipped)).unwrap_or(u16::MAX) }
    }

    fn passed_over(&self, format: &CodeFormat, character: char) -> Result<(), Refusal> {
        match format.parse(character.encode_utf8(&mut [0; 4])) {
            Err(CodeError::Character { character, allowed, .. }) => {
                let position = self.text[..self.cursor].chars().count() + 1;
                Err(Refusal::Character(CodeError::Character { character, position, allowed }))
            }
            _ => Ok(()),
        }
    }

    fn paste_code(&mut self, format: &CodeFormat, text: &str) -> Result<Option<&'static str>, Refusal> {
        match format.parse(text) {
            Ok(code) => {
                let replaced = !self.is_empty();
                self.text.clear();
                self.cursor = 0;
                self.put(code.expose());
                Ok(replaced.then_some("the pasted code has replaced what was typed"))
            }
            Err(CodeError::Short { .. }) => {
                let mut part = Zeroizing::new(String::with_capacity(self.limit));
                part.extend(text.chars().filter_map(|character| format.fold(character)));
                self.put_all(&part)?;
                Ok(None)
            }
            Err(error) => Err(Refusal::Code(error)),
        }
    }

    fn put_all(&mut self, text: &str) -> Result<(), Refusal> {
        let (have, room) = (text.chars().count(), self.limit - self.length());
        if have > room {
            return Err(Refusal::Long { have, room });
        }
        self.put(text);
        Ok(())
    }

    /// Inserts at the cursor. The callers have checked the limit, so the buffer stays where it is.
    fn put(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    fn boundary_before(&self) -> usize {
        let starts = self.text.grapheme_indices(true).map(|(index, _)| index);
        starts.take_while(|index| *index < self.cursor).last().unwrap_or(0)
    }

    fn boundary_after(&self) -> usize {
        let ends = self.text.grapheme_indices(true).map(|(index, grapheme)| index + grapheme.len());
        ends.into_iter().find(|index| *index > self.cursor).unwrap_or(self.text.len())
    }

    fn cursor_column(&self, reveal: bool) -> usize {
        match (&self.kind, self.text[self.cursor..].chars().next()) {
            // The character under the cursor stands behind the separator of its group.
            (Kind::Code(_), Some(next)) => {
                self.picture(&self.text[..self.cursor + next.len_utf8()], reveal).width().saturating_sub(1)
            }
            _ => self.picture(&self.text[..self.cursor], reveal).width(),
        }
    }

    fn picture(&self, text: &str, reveal: bool) -> Zeroizing<String> {
        Zeroizing::new(match &self.kind {
            Kind::Masked if !reveal => "*".repeat(text.graphemes(true).count()),
            Kind::Plain | Kind::Masked => text.to_owned(),
            Kind::Code(format) => format.grouped(text),
        })
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Field(empty)" } else { "Field(redacted)" })
    }
}

#[cfg(test)]
#[path = "field_tests.rs"]
mod tests;
