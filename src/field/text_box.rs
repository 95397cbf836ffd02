//! A line that is typed: plain, masked, or an install code that groups itself.
//!
//! It is our own small type because of what it holds. Its buffer gets its final
//! size when it is made and never moves, so that no copy of a password is left
//! behind in freed memory, and it is zeroed whole when the field is dropped.
//! A general input widget grows its `String` as it goes and cannot promise this.
//!
//! What input methods, mail programs and web pages put between letters without anybody
//! seeing it (zero-width characters, marks of direction, soft hyphens, a BOM, unusual
//! blanks) is left out of plain lines and codes, and refused with its place in masked
//! ones: a password is never changed, and nobody could type it again.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroizing;

use crate::{
    field::{
        pasted::{self, Refusal, Remark},
        typed_line::TypedLine,
    },
    values::{CodeError, CodeFormat, Found, InstallCode, NotFound, is_formatting, is_unseen},
};

/// The most bytes of a paste that are looked at: a whole mail with its headers, and no file that was meant for another
/// window. What is found in a text, and told apart, takes longer than the text grows.
pub(crate) const LONGEST_PASTE: usize = 64 * 1024;

/// What sort of line it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// Shown as typed.
    Plain,
    /// One asterisk a character, unless it is revealed.
    Masked,
    /// Digits, shown as typed.
    Digits,
    /// Characters of this format, upper-cased, shown in groups.
    Code(CodeFormat),
}

/// A movement or deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    Left,
    Right,
    /// To the start of the word, or of the one before it.
    WordLeft,
    /// Behind the end of the word, or of the one after it.
    WordRight,
    Home,
    End,
    Backspace,
    Delete,
    /// Deletes back to the start of the word, or of the one before it.
    KillWord,
    /// Deletes everything before the cursor.
    KillBefore,
    /// Deletes everything from the cursor on.
    KillAfter,
}

/// A line that is typed. Only [`Field::text`] and [`Field::window`] show what it holds.
pub(crate) struct Field {
    pub(super) kind: FieldKind,
    pub(super) text: Zeroizing<String>,
    /// A byte index into `text`, always between two characters.
    pub(super) cursor: usize,
    pub(super) limit: usize,
    /// Only of an install code.
    pub(super) typed: Option<TypedLine>,
}

impl Field {
    /// An empty field for at most `limit` characters.
    pub(crate) fn new(kind: FieldKind, limit: usize) -> Self {
        let typed = matches!(kind, FieldKind::Code(_)).then(TypedLine::new);
        Self {
            kind,
            text: Zeroizing::new(String::with_capacity(limit * char::MAX.len_utf8())),
            cursor: 0,
            limit,
            typed,
        }
    }

    /// An empty field for an install code.
    pub(crate) fn code(format: &CodeFormat) -> Self {
        Self::new(FieldKind::Code(format.clone()), format.length())
    }

    pub(crate) const fn kind(&self) -> &FieldKind {
        &self.kind
    }

    /// How many characters stand before the cursor.
    pub(crate) fn cursor(&self) -> usize {
        self.text[..self.cursor].chars().count()
    }

    /// Holds `text` from now on, as far as there is room, with the cursor behind so many characters.
    pub(crate) fn resume(&mut self, text: &str, cursor: usize) {
        self.text.clear();
        self.text.extend(text.chars().take(self.limit));
        self.cursor = self.text.char_indices().nth(cursor).map_or(self.text.len(), |(index, _)| index);
    }

    /// What was typed. Every caller is a place to review.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether what is typed is not shown.
    pub(crate) fn is_masked(&self) -> bool {
        self.kind == FieldKind::Masked
    }

    /// Whether what it holds may be said outside the field.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self.kind, FieldKind::Plain | FieldKind::Digits)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Takes a typed character; an install code is also found in a whole line that is typed around it.
    pub(crate) fn insert(&mut self, character: char) -> Result<Option<Remark>, Refusal> {
        let taken = self.take(character);
        let (FieldKind::Code(format), Some(typed)) = (&self.kind, &mut self.typed) else { return taken.map(|()| None) };
        match typed.add(character, taken.is_err(), format) {
            None => taken.map(|()| None),
            Some(Ok(code)) => {
                self.replace(&code);
                Ok(Some(Remark::Found))
            }
            Some(Err(reason)) => {
                self.clear();
                Err(match reason {
                    NotFound::Several(count) => Refusal::Codes(count),
                    NotFound::NoCode(_) | NotFound::Nowhere => Refusal::NoCode,
                })
            }
        }
    }

    /// Separators in an install code, and what nobody sees in plain text, are passed over.
    fn take(&mut self, character: char) -> Result<(), Refusal> {
        let taken = match &self.kind {
            FieldKind::Code(format) => match format.fold(character) {
                Some(folded) => folded,
                None => return self.passed_over(format, character),
            },
            FieldKind::Digits if !character.is_ascii_digit() => return Err(Refusal::NoDigit(character)),
            FieldKind::Plain | FieldKind::Masked if character.is_control() => return Err(Refusal::Control(1)),
            FieldKind::Plain if is_formatting(character) => return Ok(()),
            FieldKind::Plain if character.is_whitespace() => ' ',
            FieldKind::Masked if is_unseen(character) => {
                return Err(Refusal::Unseen { character, position: self.cursor() + 1 });
            }
            FieldKind::Plain | FieldKind::Digits | FieldKind::Masked => character,
        };
        if self.length() >= self.limit {
            return Err(Refusal::Full(self.limit));
        }
        self.put(taken.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    /// Takes pasted text whole or not at all; an install code is also found in a text around it.
    pub(crate) fn paste(&mut self, text: &str) -> Result<Option<Remark>, Refusal> {
        self.forget_line();
        if text.len() > LONGEST_PASTE {
            return Err(Refusal::Long { have: text.chars().count(), room: self.limit - self.length() });
        }
        let FieldKind::Code(format) = &self.kind else { return self.fill(text) };
        match format.find(text) {
            Ok(Found::Alone(code)) => Ok(self.replace(&code)),
            Ok(Found::InText(code)) => {
                self.replace(&code);
                Ok(Some(Remark::Found))
            }
            Err(NotFound::NoCode(_)) => self.fill(text),
            Err(NotFound::Nowhere) => self.fill(text).map_err(|_no_part_of_one| Refusal::NoCode),
            Err(NotFound::Several(count)) => Err(Refusal::Codes(count)),
        }
    }

    /// Takes text whole or not at all, as it stands but for its ends and what nobody sees.
    pub(crate) fn fill(&mut self, text: &str) -> Result<Option<Remark>, Refusal> {
        self.forget_line();
        match &self.kind {
            FieldKind::Code(format) => match format.parse(text) {
                Ok(code) => Ok(self.replace(&code)),
                Err(CodeError::Short { .. }) => {
                    let mut part = Zeroizing::new(String::with_capacity(self.limit));
                    part.extend(text.chars().filter_map(|character| format.fold(character)));
                    self.put_all(&part).map(|()| None)
                }
                Err(error) => Err(Refusal::Code(error)),
            },
            FieldKind::Plain => {
                // At the start of the line nobody means a blank, but elsewhere a word may follow.
                let (line, remark) = pasted::plain(text, self.cursor == 0)?;
                self.put_all(&line).map(|()| remark)
            }
            FieldKind::Digits => match text.trim().chars().find(|character| !character.is_ascii_digit()) {
                Some(character) => Err(Refusal::NoDigit(character)),
                None => self.put_all(text.trim()).map(|()| None),
            },
            FieldKind::Masked => {
                let (line, remark) = pasted::masked(text)?;
                self.put_all(line).map(|()| remark)
            }
        }
    }

    pub(crate) fn edit(&mut self, edit: Edit) {
        self.forget_line();
        let (from, to) = match edit {
            Edit::Left => return self.cursor = self.boundary_before(),
            Edit::Right => return self.cursor = self.boundary_after(),
            Edit::WordLeft => return self.cursor = self.word_before(),
            Edit::WordRight => return self.cursor = self.word_after(),
            Edit::Home => return self.cursor = 0,
            Edit::End => return self.cursor = self.text.len(),
            Edit::Backspace => (self.boundary_before(), self.cursor),
            Edit::Delete => (self.cursor, self.boundary_after()),
            Edit::KillWord => (self.word_before(), self.cursor),
            Edit::KillBefore => (0, self.cursor),
            Edit::KillAfter => (self.cursor, self.text.len()),
        };
        self.text.drain(from..to);
        // What has come together may be one character now, and the cursor does not stand inside one.
        let settled = self.boundaries().find(|place| *place >= from).unwrap_or(self.text.len());
        self.cursor = settled;
    }

    fn forget_line(&mut self) {
        self.typed.iter_mut().for_each(TypedLine::clear);
    }

    /// Takes away what is in it.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    fn passed_over(&self, format: &CodeFormat, character: char) -> Result<(), Refusal> {
        match format.parse(character.encode_utf8(&mut [0; 4])) {
            Err(CodeError::Character { character, allowed, .. }) => {
                Err(Refusal::Code(CodeError::Character { character, position: self.cursor() + 1, allowed }))
            }
            _ => Ok(()),
        }
    }

    fn replace(&mut self, code: &InstallCode) -> Option<Remark> {
        let replaced = !self.is_empty();
        self.clear();
        self.put(code.expose());
        replaced.then_some(Remark::Replaced)
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

    /// Every place where the cursor may stand.
    pub(super) fn boundaries(&self) -> impl DoubleEndedIterator<Item = usize> {
        let starts = self.text.grapheme_indices(true).map(|(index, _)| index);
        starts.chain(std::iter::once(self.text.len()))
    }

    fn boundary_before(&self) -> usize {
        self.boundaries().rev().find(|place| *place < self.cursor).unwrap_or(0)
    }

    fn boundary_after(&self) -> usize {
        self.boundaries().find(|place| *place > self.cursor).unwrap_or(self.text.len())
    }

    /// The start of the word that ends before the cursor.
    fn word_before(&self) -> usize {
        match &self.kind {
            // Where the words of a password begin is nobody's business.
            FieldKind::Masked | FieldKind::Digits => 0,
            FieldKind::Code(format) => self.cursor.saturating_sub(1) / group(format) * group(format),
            FieldKind::Plain => {
                let mut graphemes = self.text[..self.cursor].grapheme_indices(true).rev().peekable();
                while graphemes.next_if(|(_, grapheme)| !is_word(grapheme)).is_some() {}
                graphemes.take_while(|(_, grapheme)| is_word(grapheme)).last().map_or(0, |(index, _)| index)
            }
        }
    }

    /// The end of the word that begins at or after the cursor.
    fn word_after(&self) -> usize {
        match &self.kind {
            FieldKind::Masked | FieldKind::Digits => self.text.len(),
            FieldKind::Code(format) => ((self.cursor / group(format) + 1) * group(format)).min(self.text.len()),
            FieldKind::Plain => {
                let mut graphemes = self.text[self.cursor..].grapheme_indices(true).peekable();
                while graphemes.next_if(|(_, grapheme)| !is_word(grapheme)).is_some() {}
                let mut rest = graphemes.skip_while(|(_, grapheme)| is_word(grapheme));
                rest.next().map_or(self.text.len(), |(index, _)| self.cursor + index)
            }
        }
    }
}

fn is_word(grapheme: &str) -> bool {
    grapheme.starts_with(char::is_alphanumeric)
}

/// The characters of a group; a code without groups is one.
fn group(format: &CodeFormat) -> usize {
    if format.group() == 0 { format.length() } else { format.group() }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Field(empty)" } else { "Field(redacted)" })
    }
}
