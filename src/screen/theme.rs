//! Every style and every symbol. Each of them still says what it means without colour.

use std::{borrow::Cow, time::Duration};

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use crate::{
    screen::{
        look::{Colours, Glyphs, Look},
        transliterate,
    },
    values::Rgb,
};

/// The frame of a dialog, in characters that every console has.
const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The least contrast of text (WCAG 2, level AA).
const READABLE: f64 = 4.5;

/// The least contrast of text that is also bold, against a background that is not known.
const VISIBLE: f64 = 3.0;

/// Where something stands, as a symbol before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// In its wanted state, passed, met.
    Ok,
    /// Failed.
    Failed,
    /// Under way, or waiting for something that is starting.
    Busy,
    /// Its turn has not come.
    Open,
    /// Not run, not tried, or interrupted.
    Left,
}

/// The styles; without colour only bold and reverse video are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    pub(crate) colours: Colours,
    pub(crate) glyphs: Glyphs,
    /// The brand's colour as a background, and text that can be read on it.
    bar: Option<(Color, Color)>,
    /// The brand's colour as text, where it can be read on any background.
    accent: Option<Color>,
}

impl Theme {
    /// The styles of a terminal, with the brand's colour as far as it has it.
    pub(crate) fn new(look: Look, accent: Option<Rgb>) -> Self {
        let nearest = accent.and_then(|accent| nearest(accent, look.colours));
        let [black, white] = [Rgb(0, 0, 0), Rgb(255, 255, 255)];
        let bar = nearest.and_then(|(colour, seen)| {
            // The white of eight colours is a grey.
            let light =
                if look.colours == Colours::Eight { (Color::Gray, rgb(ANSI[7])) } else { (Color::White, white) };
            let better = [light, (Color::Black, black)]
                .into_iter()
                .max_by(|(_, one), (_, two)| seen.contrast(*one).total_cmp(&seen.contrast(*two)));
            better.filter(|(_, text)| seen.contrast(*text) >= READABLE).map(|(text, _)| (colour, text))
        });
        let visible = |seen: Rgb| seen.contrast(black) >= VISIBLE && seen.contrast(white) >= VISIBLE;
        let accent = nearest.filter(|(_, seen)| visible(*seen)).map(|(colour, _)| colour);
        Self { colours: look.colours, glyphs: look.glyphs, bar, accent }
    }

    /// `text` in characters that the terminal has.
    pub(crate) fn transliterate(self, text: &str) -> Cow<'_, str> {
        transliterate::text(text, self.glyphs)
    }

    /// What a person typed, in characters that the terminal has.
    pub(crate) fn typed(self, text: &str) -> Cow<'_, str> {
        transliterate::typed(text, self.glyphs)
    }

    pub(crate) const fn mark(self, mark: Mark) -> &'static str {
        // The fonts of the Linux console have no ticks and crosses.
        let (plain, nice) = match mark {
            Mark::Ok => ("[ok] ", "✓ "),
            Mark::Failed => ("[!!] ", "✗ "),
            Mark::Busy => ("[..] ", "▸ "),
            Mark::Open => ("[  ] ", "· "),
            Mark::Left => ("[--] ", "– "),
        };
        if matches!(self.glyphs, Glyphs::Unicode) { nice } else { plain }
    }

    /// As many blanks as a symbol has columns.
    pub(crate) const fn indent(self) -> &'static str {
        if matches!(self.glyphs, Glyphs::Unicode) { "  " } else { "     " }
    }

    /// What an entry of a list begins with.
    pub(crate) const fn bullet(self) -> &'static str {
        if matches!(self.glyphs, Glyphs::Unicode) { "  • " } else { "  - " }
    }

    pub(crate) const fn rule(self) -> &'static str {
        if matches!(self.glyphs, Glyphs::Ascii) { "-" } else { "─" }
    }

    /// The frame of a dialog.
    pub(crate) const fn border(self) -> border::Set<'static> {
        if matches!(self.glyphs, Glyphs::Ascii) { ASCII_BORDER } else { border::PLAIN }
    }

    /// One cell that turns: for work of which nothing better is known. It turns once a second, which is nothing even to a slow line.
    pub(crate) const fn spinner(turn: Duration) -> &'static str {
        ["|", "/", "-", "\\"][(turn.as_secs() % 4) as usize]
    }

    /// Running text.
    pub(crate) const fn plain() -> Style {
        Style::new()
    }

    /// What must not be overlooked.
    pub(crate) const fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What Enter presses.
    pub(crate) const fn chosen() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(crate) const fn header(self) -> Style {
        match self.bar {
            Some((bar, text)) => Style::new().fg(text).bg(bar),
            None => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// What Enter presses, where it stands in the header line.
    pub(crate) const fn chosen_in_header(self) -> Style {
        match self.bar {
            Some(_) => Self::chosen(),
            None => Style::new().remove_modifier(Modifier::REVERSED).add_modifier(Modifier::BOLD),
        }
    }

    /// The brand's own words.
    pub(crate) const fn brand(self) -> Style {
        match self.accent {
            Some(colour) => Self::strong().fg(colour),
            None => Self::strong(),
        }
    }

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
        if matches!(self.colours, Colours::None) { style } else { style.fg(colour) }
    }
}

/// The sixteen colours as the first PCs had them (red, green, blue); a terminal's own are near.
const ANSI: [u32; 16] = [
    0x00_00_00, 0xaa_00_00, 0x00_aa_00, 0xaa_55_00, 0x00_00_aa, 0xaa_00_aa, 0x00_aa_aa, 0xaa_aa_aa, 0x55_55_55,
    0xff_55_55, 0x55_ff_55, 0xff_ff_55, 0x55_55_ff, 0xff_55_ff, 0x55_ff_ff, 0xff_ff_ff,
];

const fn rgb(colour: u32) -> Rgb {
    let [_, red, green, blue] = colour.to_be_bytes();
    Rgb(red, green, blue)
}

/// The nearest colour that the terminal has, and how it looks.
fn nearest(colour: Rgb, colours: Colours) -> Option<(Color, Rgb)> {
    let least = |known: &mut dyn Iterator<Item = (u8, Rgb)>| {
        known.min_by_key(|(_, seen)| colour.distance(*seen)).map(|(index, seen)| (Color::Indexed(index), seen))
    };
    match colours {
        Colours::None => None,
        Colours::Eight => least(&mut (0..).zip(ANSI.map(rgb)).take(8)),
        Colours::Sixteen => least(&mut (0..).zip(ANSI.map(rgb))),
        // What the first sixteen look like is up to the terminal; the others are fixed.
        Colours::Indexed => least(&mut (16..=255).map(|index| (index, indexed(index)))),
        Colours::True => Some((Color::Rgb(colour.0, colour.1, colour.2), colour)),
    }
}

/// A colour of the palette of 256, from the 16th on: a cube of six steps a side, and then greys.
const fn indexed(index: u8) -> Rgb {
    const fn step(step: u8) -> u8 {
        if step == 0 { 0 } else { 55 + 40 * step }
    }
    let place = index.saturating_sub(16);
    if place < 216 {
        return Rgb(step(place / 36), step(place / 6 % 6), step(place % 6));
    }
    let grey = 8 + 10 * (place - 216);
    Rgb(grey, grey, grey)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn theme(colours: Colours, glyphs: Glyphs, accent: Option<Rgb>) -> Theme {
        Theme::new(Look { colours, glyphs, ..Look::default() }, accent)
    }

    #[test]
    fn symbols_are_distinct_and_of_one_width() {
        for glyphs in [Glyphs::Ascii, Glyphs::Basic, Glyphs::Unicode] {
            let theme = theme(Colours::None, glyphs, None);
            let symbols = [Mark::Ok, Mark::Failed, Mark::Busy, Mark::Open, Mark::Left].map(|mark| theme.mark(mark));
            assert!(symbols.iter().all(|symbol| symbol.width() == theme.indent().width()));
            assert!(symbols.iter().enumerate().all(|(index, symbol)| !symbols[..index].contains(symbol)));
        }
    }

    #[test]
    fn nothing_is_coloured_without_colour() {
        let theme = theme(Colours::None, Glyphs::Unicode, Some(Rgb(0, 0, 170)));
        let styles = [
            Theme::plain(),
            Theme::strong(),
            theme.header(),
            theme.brand(),
            theme.key(),
            theme.bad(),
            theme.good(),
            theme.busy(),
        ];
        assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    #[test]
    fn the_brands_colour_is_used_as_far_as_the_terminal_has_it_and_where_it_can_be_read() {
        let (blue, pale, teal) = (Rgb(0x0b, 0x3d, 0x91), Rgb(0xff, 0xf3, 0xbf), Rgb(0x0b, 0x8a, 0x9e));
        for (accent, colours, bar, text) in [
            (blue, Colours::None, None, None),
            (blue, Colours::Eight, Some((Color::Indexed(4), Color::Gray)), None),
            (blue, Colours::Sixteen, Some((Color::Indexed(4), Color::White)), None),
            (blue, Colours::Indexed, Some((Color::Indexed(24), Color::White)), None),
            (blue, Colours::True, Some((Color::Rgb(0x0b, 0x3d, 0x91), Color::White)), None),
            (pale, Colours::True, Some((Color::Rgb(0xff, 0xf3, 0xbf), Color::Black)), None),
            (teal, Colours::Indexed, Some((Color::Indexed(31), Color::Black)), Some(Color::Indexed(31))),
            // Neither text is readable on the red of eight colours.
            (Rgb(0xa0, 0, 0), Colours::Eight, None, None),
        ] {
            let theme = theme(colours, Glyphs::Unicode, Some(accent));
            assert_eq!((theme.bar, theme.accent), (bar, text), "{accent:?} {colours:?}");
        }
    }
}
