//! How a field looks in its box.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use crate::field::text_box::{Field, FieldKind};

/// The part of a field that fits its box.
pub(crate) struct Window {
    /// What is shown.
    pub(crate) text: Zeroizing<String>,
    /// The cursor's column within the box.
    pub(crate) cursor: u16,
}

impl Field {
    /// The widest the field's content can get, as far as it can be told beforehand.
    pub(crate) fn widest(&self) -> usize {
        match &self.kind {
            FieldKind::Code(format) => format.shape().width(),
            FieldKind::Plain | FieldKind::Digits | FieldKind::Masked => self.limit,
        }
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

    fn cursor_column(&self, reveal: bool) -> usize {
        match (&self.kind, self.text[self.cursor..].chars().next()) {
            // The character under the cursor stands behind the separator of its group.
            (FieldKind::Code(_), Some(next)) => {
                self.picture(&self.text[..self.cursor + next.len_utf8()], reveal).width().saturating_sub(1)
            }
            _ => self.picture(&self.text[..self.cursor], reveal).width(),
        }
    }

    fn picture(&self, text: &str, reveal: bool) -> Zeroizing<String> {
        Zeroizing::new(match &self.kind {
            FieldKind::Masked if !reveal => "*".repeat(text.graphemes(true).count()),
            FieldKind::Plain | FieldKind::Digits | FieldKind::Masked => text.to_owned(),
            FieldKind::Code(format) => format.grouped(text),
        })
    }
}
