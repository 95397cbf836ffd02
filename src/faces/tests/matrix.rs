//! One state on every kind of screen: each size, in ASCII and in Unicode, and what colour adds.
//!
//! All of it goes into one file of `snapshots/`, which `insta` keeps.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use super::*;
use crate::screen::{Glyphs, look::Colours};

/// The least that everything must fit into first, then smaller and larger.
const SIZES: [(u16, u16); 3] = [(80, 24), (60, 18), (120, 40)];

/// Compares every screen of `app` with those kept under `name`.
pub(super) fn snap(name: &str, mut app: App) {
    let mut sheet = String::new();
    for size in SIZES {
        both(&mut app, size, &mut sheet);
    }
    styles(&mut app, &mut sheet);
    keep(name, &sheet);
}

fn heading(sheet: &mut String, text: &str) {
    writeln!(sheet, "== {text} ==").expect("a string takes everything");
}

/// The screen in ASCII, and of the one in Unicode the rows that differ, or all of it where most do.
fn both(app: &mut App, (columns, rows): (u16, u16), sheet: &mut String) {
    let ascii = text_of(&drawn(app, (columns, rows), Colours::None, Glyphs::Ascii));
    assert!(ascii.is_ascii(), "{ascii}");
    heading(sheet, &format!("{columns}x{rows}, ASCII"));
    writeln!(sheet, "{ascii}").expect("a string takes everything");
    let unicode = text_of(&drawn(app, (columns, rows), Colours::None, Glyphs::Unicode));
    let pairs = ascii.lines().zip(unicode.lines()).enumerate();
    let differing: Vec<_> = pairs.filter(|(_, (plain, nice))| plain != nice).collect();
    if differing.len() * 3 > usize::from(rows) {
        heading(sheet, &format!("{columns}x{rows}, Unicode"));
        writeln!(sheet, "{unicode}").expect("a string takes everything");
        return;
    }
    heading(sheet, &format!("{columns}x{rows}, Unicode: as in ASCII, except for the rows"));
    for (row, (_, nice)) in differing {
        writeln!(sheet, "{:>2}|{nice}", row + 1).expect("a string takes everything");
    }
}

/// What is not plain at 80x24 in the eight colours of a console; other terminals as far as they show something else.
fn styles(app: &mut App, sheet: &mut String) {
    let mut styled = |colours| drawn(app, SIZES[0], colours, Glyphs::Ascii);
    let (mono, eight) = (styled(Colours::None), styled(Colours::Eight));
    let in_mono = listing(mono.backend().buffer(), Style::of);
    let in_eight = listing(eight.backend().buffer(), Style::of);
    // Whoever reads one of the two has read the other.
    let same = in_mono == listing(eight.backend().buffer(), Style::without_colour);
    heading(
        sheet,
        if same { "80x24, in eight colours; in mono the same without them" } else { "80x24, in eight colours" },
    );
    sheet.push_str(&in_eight.concat());
    let others = [("mono", mono), ("16 colours", styled(Colours::Sixteen))].into_iter();
    let others = others.chain([("256 colours", styled(Colours::Indexed)), ("all colours", styled(Colours::True))]);
    for (name, terminal) in others.skip(usize::from(same)) {
        let rows = listing(terminal.backend().buffer(), Style::of);
        let rows: Vec<_> = rows.into_iter().filter(|row| !in_eight.contains(row)).collect();
        if !rows.is_empty() {
            heading(sheet, &format!("80x24, in {name}: as in eight, except for"));
            sheet.push_str(&rows.concat());
        }
    }
}

fn drawn(app: &mut App, (columns, rows): (u16, u16), colours: Colours, glyphs: Glyphs) -> Terminal<TestBackend> {
    app.show_on(Look { colours, glyphs, ..app.look() });
    super::drawn(app, columns, rows)
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Style {
    text: Color,
    ground: Color,
    modifier: Modifier,
}

impl Style {
    const PLAIN: Self = Self { text: Color::Reset, ground: Color::Reset, modifier: Modifier::empty() };

    const fn of(cell: &Cell) -> Self {
        Self { text: cell.fg, ground: cell.bg, modifier: cell.modifier }
    }

    const fn without_colour(cell: &Cell) -> Self {
        Self { modifier: cell.modifier, ..Self::PLAIN }
    }

    /// Whether it is seen where there is no text.
    fn is_seen_alone(self) -> bool {
        self.ground != Color::Reset || self.modifier.contains(Modifier::REVERSED)
    }

    /// In words: `red bold`, `white on blue`.
    fn say(self) -> String {
        let colour = |colour: Color| match colour {
            Color::Indexed(number) => format!("colour {number}"),
            colour => colour.to_string().to_lowercase(),
        };
        let modifiers = self.modifier.iter_names().map(|(name, _)| name.to_lowercase());
        let text = (self.text != Color::Reset).then(|| colour(self.text));
        let ground = (self.ground != Color::Reset).then(|| format!("on {}", colour(self.ground)));
        text.into_iter().chain(ground).chain(modifiers).collect::<Vec<_>>().join(" ")
    }
}

/// A line for each row that is not plain: `row 4: 2-17 red bold "[!!] code-unknown"`. Columns and rows count from 1.
fn listing(buffer: &Buffer, look: impl Fn(&Cell) -> Style) -> Vec<String> {
    let rows = buffer.content().chunks(usize::from(buffer.area.width.max(1)));
    let line = |(row, cells): (usize, &[Cell])| {
        let (mut from, mut runs) = (1, Vec::new());
        for run in cells.chunk_by(|one, other| look(one) == look(other)) {
            let (style, to) = (look(&run[0]), from + run.len() - 1);
            let text: String = run.iter().map(Cell::symbol).collect();
            let words: Vec<_> = text.split_whitespace().collect();
            if style != Style::PLAIN && (style.is_seen_alone() || !words.is_empty()) {
                runs.push(format!("{from}-{to} {} \"{}\"", style.say(), words.join(" ")));
            }
            from = to + 1;
        }
        (!runs.is_empty()).then(|| format!("row {}: {}\n", row + 1, runs.join(", ")))
    };
    rows.enumerate().filter_map(line).collect()
}
