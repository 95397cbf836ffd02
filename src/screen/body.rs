//! The middle of a page as a list of lines: what pages make and the view draws.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    field::Field,
    screen::{text::wrap, theme::Theme},
    values::Fingerprint,
    words::{Phrase, Words},
};

/// One line of a page.
#[derive(Debug)]
pub(crate) enum Item<'a> {
    /// Words.
    Text(Line<'a>),
    /// The chosen entry of a list, which is always seen.
    Chosen(Line<'a>),
    /// A field. Its content is drawn from the field itself, so that a secret has no copy in a line.
    Field(FieldRow<'a>),
}

/// A field and its label.
#[derive(Debug)]
pub(crate) struct FieldRow<'a> {
    /// What is asked for.
    pub(crate) label: String,
    /// Where it is typed.
    pub(crate) field: &'a Field,
    /// Whether keys go there.
    pub(crate) focused: bool,
    /// Whether a masked field shows what it holds.
    pub(crate) reveal: bool,
}

/// The columns before a field's box: the focus mark and the label.
pub(crate) const LABEL_WIDTH: usize = 22;

/// The rows of a page on a terminal of 22.
const SHORT: usize = 17;

/// Lines in the making, all of them at most `width` columns wide.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    /// The lines.
    pub(crate) items: Vec<Item<'a>>,
    /// The styles.
    pub(crate) theme: Theme,
    /// The language.
    pub(crate) words: &'a Words,
    width: usize,
    /// How many lines are seen at once.
    height: usize,
}

impl<'a> Body<'a> {
    /// An empty page.
    pub(crate) const fn new(area: Rect, theme: Theme, words: &'a Words) -> Self {
        Self { items: Vec::new(), theme, words, width: area.width as usize, height: area.height as usize }
    }

    /// Whether rows are scarce, so that fields stand close; what is said line by line has no rows at all.
    pub(crate) const fn is_short(&self) -> bool {
        self.height > 0 && self.height < SHORT
    }

    /// Puts `lines` above everything, as they are, if all of it can then still be seen at once.
    pub(crate) fn crown(&mut self, lines: &[String], style: Style) {
        let fits = lines.iter().all(|line| line.width() <= self.width);
        if !lines.is_empty() && fits && self.items.len() + lines.len() < self.height {
            let lines = lines.iter().map(|line| Line::styled(line.clone(), style)).chain([Line::default()]);
            self.items.splice(0..0, lines.map(Item::Text));
        }
    }

    /// Keeps so many columns on the right free, for what is drawn there.
    pub(crate) fn leave_free(&mut self, columns: u16) {
        self.width = self.width.saturating_sub(columns.into());
    }

    /// Adds a paragraph.
    pub(crate) fn say(&mut self, text: impl Into<Phrase>) {
        self.styled("", text, Theme::plain());
    }

    /// Adds a paragraph that must not be overlooked.
    pub(crate) fn stress(&mut self, text: impl Into<Phrase>) {
        self.styled("", text, Theme::strong());
    }

    /// Adds an empty line, but not two in a row and not at the top.
    pub(crate) fn gap(&mut self) {
        // The indent of a remark that says nothing is not seen either.
        let blank = |line: &Line<'_>| line.spans.iter().all(|span| span.content.trim().is_empty());
        let empty = |item: &Item<'_>| matches!(item, Item::Text(line) if blank(line));
        if self.items.last().is_some_and(|item| !empty(item)) {
            self.items.push(Item::Text(Line::default()));
        }
    }

    /// Adds `text` after `symbol`; further lines are indented below the text.
    pub(crate) fn styled(&mut self, symbol: &str, text: impl Into<Phrase>, style: Style) {
        let symbol = self.theme.transliterate(symbol);
        self.hanging(&symbol, &" ".repeat(symbol.width()), text, style);
    }

    /// Adds a remark below a line with a symbol.
    pub(crate) fn below(&mut self, text: impl Into<Phrase>, style: Style) {
        let indent = self.theme.indent();
        self.hanging(indent, indent, text, style);
    }

    /// Adds a remark below a field.
    pub(crate) fn below_field(&mut self, text: impl Into<Phrase>, style: Style) {
        // On a narrow screen the words need the columns more than the alignment does.
        let indent = " ".repeat(if self.width < 2 * LABEL_WIDTH { 2 } else { LABEL_WIDTH });
        self.hanging(&indent, &indent, text, style);
    }

    /// Adds one line with `left` and `right` at its ends.
    pub(crate) fn row(&mut self, symbol: &str, left: impl Into<Phrase>, right: &str, style: Style) {
        let left = self.words.say(left);
        let taken = symbol.width() + right.width() + 2;
        let mut lines = wrap(&self.theme.transliterate(&left), self.width.saturating_sub(taken)).into_iter();
        let first = lines.next().unwrap_or_default();
        let room = self.width.saturating_sub(taken + first.width()) + 2;
        let text = if right.is_empty() { first } else { format!("{first}{}{right}", " ".repeat(room)) };
        self.push(symbol, text, style);
        for line in lines {
            self.push(&" ".repeat(symbol.width()), line, style);
        }
    }

    /// Adds a fingerprint to be compared by eye: groups of eight pairs, two on a line where they fit. No pair is broken.
    pub(crate) fn fingerprint(&mut self, fingerprint: &Fingerprint) {
        let width = |pairs: usize| 3 * pairs - 1;
        let pairs = [8, 4, 2].into_iter().find(|pairs| width(*pairs) <= self.width).unwrap_or(1);
        let abreast = if width(8 + 8) <= self.width { 2 } else { 1 };
        for groups in fingerprint.groups(pairs).chunks(abreast) {
            self.push("", groups.join(" "), Theme::strong());
        }
    }

    /// Adds an entry of a list on one line.
    pub(crate) fn entry(&mut self, label: &str, chosen: bool) {
        let (mark, style) = if chosen { ("> (*) ", Theme::strong()) } else { ("  ( ) ", Theme::plain()) };
        let label = self.theme.transliterate(label);
        let label = wrap(&label, self.width.saturating_sub(mark.width())).into_iter().next().unwrap_or_default();
        let line = Line::styled(format!("{mark}{label}"), style);
        self.items.push(if chosen { Item::Chosen(line) } else { Item::Text(line) });
    }

    /// Adds a field.
    pub(crate) fn field(&mut self, row: FieldRow<'a>) {
        self.items.push(Item::Field(row));
    }

    fn hanging(&mut self, first: &str, rest: &str, text: impl Into<Phrase>, style: Style) {
        let text = self.words.say(text);
        let text = self.theme.transliterate(&text);
        for (index, line) in wrap(&text, self.width.saturating_sub(first.width())).into_iter().enumerate() {
            self.push(if index == 0 { first } else { rest }, line, style);
        }
    }

    fn push(&mut self, indent: &str, text: String, style: Style) {
        self.items
            .push(Item::Text(Line::from(vec![Span::styled(indent.to_owned(), style), Span::styled(text, style)])));
    }
}
