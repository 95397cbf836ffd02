//! A QR code in character cells, for a phone that looks at a console.

use fast_qr::{ECL, QRBuilder};
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::{Color, Modifier, Style},
};

use crate::screen::{
    look::{Colours, Glyphs},
    theme::Theme,
};

/// A QR code. It is drawn dark on light; without colours on the assumption that the console is dark.
#[derive(Debug)]
pub(crate) struct Qr {
    dark: Vec<Vec<bool>>,
    /// The light modules around it.
    quiet: usize,
    theme: Theme,
}

impl Qr {
    /// The code of `text` with so many light modules around it, if there is one for so long a text.
    ///
    /// The standard wants four of them (ISO/IEC 18004, 6.3.8). Phones do with two, and find the corners with one.
    pub(crate) fn new(text: &str, theme: Theme, quiet: usize) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::L).build().ok()?;
        let row = |row: usize| code[row][..code.size].iter().map(|module| module.value()).collect();
        Some(Self { dark: (0..code.size).map(row).collect(), quiet, theme })
    }

    pub(crate) fn fits(&self, room: Size) -> bool {
        let size = self.size();
        size.width <= room.width && size.height <= room.height
    }

    pub(crate) fn size(&self) -> Size {
        let side = self.dark.len() + 2 * self.quiet;
        let (columns, rows) = if self.halves() { (side, side.div_ceil(2)) } else { (2 * side, side) };
        Size::new(u16::try_from(columns).unwrap_or(u16::MAX), u16::try_from(rows).unwrap_or(u16::MAX))
    }

    /// Draws it into the upper left corner of `area`, which it has to fit into.
    pub(crate) fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let size = self.size();
        for (row, y) in (area.y..area.bottom()).take(size.height.into()).enumerate() {
            for (column, x) in (area.x..area.right()).take(size.width.into()).enumerate() {
                let (symbol, style) = if self.halves() {
                    self.half_blocks(self.is_light(column, 2 * row), self.is_light(column, 2 * row + 1))
                } else {
                    (" ", self.blank(self.is_light(column / 2, row)))
                };
                buffer.set_string(x, y, symbol, style);
            }
        }
    }

    /// Whether a cell shows two modules, one above the other.
    fn halves(&self) -> bool {
        self.theme.glyphs != Glyphs::Ascii
    }

    fn is_light(&self, column: usize, row: usize) -> bool {
        let place = row.checked_sub(self.quiet).zip(column.checked_sub(self.quiet));
        !place.and_then(|(row, column)| self.dark.get(row)?.get(column)).is_some_and(|dark| *dark)
    }

    fn half_blocks(&self, upper: bool, lower: bool) -> (&'static str, Style) {
        if self.theme.colours != Colours::None {
            return ("▀", Style::new().fg(self.colour(upper)).bg(self.colour(lower)));
        }
        let symbol = match (upper, lower) {
            (true, true) => "█",
            (true, false) => "▀",
            (false, true) => "▄",
            (false, false) => " ",
        };
        (symbol, Style::new())
    }

    /// A cell without a character: its background shows the module, more evenly than any character would.
    fn blank(&self, light: bool) -> Style {
        match self.theme.colours {
            Colours::None if light => Style::new().add_modifier(Modifier::REVERSED),
            Colours::None => Style::new(),
            _ => Style::new().bg(self.colour(light)),
        }
    }

    fn colour(&self, light: bool) -> Color {
        match (light, self.theme.colours) {
            (false, _) => Color::Black,
            // Only the first eight can be backgrounds there.
            (true, Colours::Eight) => Color::Gray,
            (true, _) => Color::White,
        }
    }
}
