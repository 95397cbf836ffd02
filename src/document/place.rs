//! Where in a text something stands.

use std::fmt;

use serde::Serialize;

/// Where in a file something stands, counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// So many bytes are counted at a time, for a place in a text of any length.
const STRIDE: usize = 1024;

/// The places of a text. What stands in one long line, or many times, is found as fast as anything else.
pub(super) struct Places<'a> {
    text: &'a [u8],
    /// The place of every [`STRIDE`]th byte.
    marks: Vec<Place>,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.as_bytes();
        let begin = Place { line: 1, column: 1 };
        let marks = text.chunks(STRIDE).scan(begin, |next, stride| {
            let mark = *next;
            *next = after(mark, stride);
            Some(mark)
        });
        Self { text, marks: marks.collect() }
    }

    /// The place of what begins at this byte.
    pub(super) fn at(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let Some(last) = self.marks.len().checked_sub(1) else { return Place { line: 1, column: 1 } };
        let mark = (offset / STRIDE).min(last);
        after(self.marks[mark], &self.text[mark * STRIDE..offset])
    }
}

/// The place behind `bytes`, which stand at `place`.
fn after(place: Place, bytes: &[u8]) -> Place {
    bytes.iter().fold(place, |Place { line, column }, byte| match byte {
        b'\n' => Place { line: line + 1, column: 1 },
        // The first byte of a character counts.
        0x80..0xC0 => Place { line, column },
        _ => Place { line, column: column + 1 },
    })
}
