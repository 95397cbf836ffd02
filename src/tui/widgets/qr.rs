//! A QR code in character cells, for a phone that looks at a console.

use fast_qr::{ECL, QRBuilder};
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::{Color, Modifier, Style},
};

use crate::tui::{
    look::{Colours, Glyphs},
    theme::Theme,
};

/// The light modules around a code. The standard wants four; phones do with two, and rows are scarce.
const QUIET: usize = 2;

/// A QR code. It is drawn dark on light; without colours on the assumption that the console is dark.
#[derive(Debug)]
pub(crate) struct Qr {
    dark: Vec<Vec<bool>>,
    theme: Theme,
}

impl Qr {
    /// The code of `text`, if there is one that fits into `room`.
    pub(crate) fn fitting(text: &str, theme: Theme, room: Size) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::L).build().ok()?;
        let row = |row: usize| code[row][..code.size].iter().map(|module| module.value()).collect();
        let qr = Self { dark: (0..code.size).map(row).collect(), theme };
        let size = qr.size();
        (size.width <= room.width && size.height <= room.height).then_some(qr)
    }

    /// Its columns and rows.
    pub(crate) fn size(&self) -> Size {
        let side = self.dark.len() + 2 * QUIET;
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
        let place = row.checked_sub(QUIET).zip(column.checked_sub(QUIET));
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
