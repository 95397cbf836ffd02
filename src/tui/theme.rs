//! Every style and every symbol. Each of them still says what it means without colour.

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use crate::words::Language;

/// The frame of a dialog, in characters that every console has.
pub(crate) const BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// What a horizontal rule is made of.
pub(crate) const RULE: &str = "-";

/// In its wanted state, passed, met.
pub(crate) const OK: &str = "[ok] ";
/// Failed.
pub(crate) const FAILED: &str = "[!!] ";
/// Under way, or waiting for something that is starting.
pub(crate) const BUSY: &str = "[..] ";
/// Its turn has not come.
pub(crate) const OPEN: &str = "[  ] ";
/// Not run, not tried, or interrupted.
pub(crate) const LEFT: &str = "[--] ";
/// The width of each of these symbols.
pub(crate) const SYMBOL: &str = "     ";

/// What the terminal can show, and the language to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Whether there are colours.
    pub colour: bool,
    /// The language of the locale.
    pub language: Language,
}

/// The styles; without colour only bold and reverse video are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    colour: bool,
}

impl Theme {
    /// The styles with or without colour.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Running text.
    pub(crate) const fn plain() -> Style {
        Style::new()
    }

    /// What must not be overlooked.
    pub(crate) const fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The header line.
    pub(crate) const fn header() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The name of a key.
    pub(crate) const fn key(self) -> Style {
        self.coloured(Self::strong(), Color::Cyan)
    }

    /// What went wrong or was refused.
    pub(crate) const fn bad(self) -> Style {
        self.coloured(Self::strong(), Color::Red)
    }

    /// What is in order.
    pub(crate) const fn good(self) -> Style {
        self.coloured(Self::plain(), Color::Green)
    }

    /// What is under way.
    pub(crate) const fn busy(self) -> Style {
        self.coloured(Self::plain(), Color::Yellow)
    }

    const fn coloured(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_distinct_and_of_one_width() {
        let symbols = [OK, FAILED, BUSY, OPEN, LEFT];
        assert!(symbols.iter().all(|symbol| symbol.len() == SYMBOL.len()));
        assert!(symbols.iter().enumerate().all(|(index, symbol)| !symbols[..index].contains(symbol)));
    }

    #[test]
    fn nothing_is_coloured_without_colour() {
        let theme = Theme::new(false);
        let styles =
            [Theme::plain(), Theme::strong(), Theme::header(), theme.key(), theme.bad(), theme.good(), theme.busy()];
        assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }
}
