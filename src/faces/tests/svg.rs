//! A screen as an SVG picture: what a terminal would show, cell by cell.
//!
//! `anstyle-svg` was tried. It sets lines and blocks as letters: they do not meet from row to row, and the code for a
//! camera gets seams. It would have to be given escape sequences, which the screen of a test does not have.

use std::fmt::Write;

use ratatui::{
    backend::TestBackend,
    buffer::Cell,
    layout::Position,
    style::{Color, Modifier},
};

/// The size of a cell, for letters of 15 px.
const CELL: (usize, usize) = (9, 19);
/// From the top of a cell to the line that letters stand on.
const BASELINE: usize = 14;
/// Around the screen.
const PADDING: usize = 18;

const BACKGROUND: &str = "#0f141b";
const FOREGROUND: &str = "#d7dee8";
const FRAME: &str = "#39424e";

const HEAD: &str = r#"<style>
text { font: 15px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.b { font-weight: bold }
.u { text-decoration: underline }
.d { opacity: .65 }
</style>"#;

/// How a run of cells looks.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    ink: String,
    paper: Option<String>,
    modifier: Modifier,
}

impl Look {
    fn of(cell: &Cell, cursor: bool) -> Self {
        let (ink, paper) = (css(cell.fg), css(cell.bg));
        let (ink, ground) = (ink.unwrap_or_else(|| FOREGROUND.to_owned()), paper.clone());
        // A cursor on what is reversed already is reversed once more.
        let (ink, paper) = if cell.modifier.contains(Modifier::REVERSED) == cursor {
            (ink, paper)
        } else {
            (ground.unwrap_or_else(|| BACKGROUND.to_owned()), Some(ink))
        };
        let kept = Modifier::BOLD | Modifier::DIM | Modifier::UNDERLINED;
        Self { ink, paper, modifier: cell.modifier & kept }
    }

    fn classes(&self) -> String {
        let classes = [(Modifier::BOLD, "b"), (Modifier::DIM, "d"), (Modifier::UNDERLINED, "u")];
        let classes: Vec<&str> =
            classes.into_iter().filter(|(one, _)| self.modifier.contains(*one)).map(|(_, class)| class).collect();
        if classes.is_empty() { String::new() } else { format!(r#" class="{}""#, classes.join(" ")) }
    }
}

/// The sixteen colours as a terminal with a dark background has them, muted enough to read.
fn css(colour: Color) -> Option<String> {
    let name = match colour {
        Color::Black => "#0f141b",
        Color::Red | Color::LightRed => "#ff7b72",
        Color::Green | Color::LightGreen => "#6fdd8b",
        Color::Yellow | Color::LightYellow => "#e8b84b",
        Color::Blue | Color::LightBlue => "#79b8ff",
        Color::Magenta | Color::LightMagenta => "#d2a8ff",
        Color::Cyan | Color::LightCyan => "#6cd5e8",
        Color::Gray => "#b3bcc8",
        Color::DarkGray => "#7d8794",
        Color::White => "#ffffff",
        Color::Rgb(red, green, blue) => return Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        // The palette of 256 is for terminals that have no more.
        Color::Reset | Color::Indexed(_) => return None,
    };
    Some(name.to_owned())
}

/// The screen of `backend` as a picture that is called `title`; `cursor` is where the cursor is seen.
pub(super) fn picture(title: &str, backend: &TestBackend, cursor: Option<Position>) -> String {
    let buffer = backend.buffer();
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * PADDING, rows * CELL.1 + 2 * PADDING);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>{}</title>\n{HEAD}\n<rect x=\".5\" y=\".5\" width=\"{}\" \
         height=\"{}\" rx=\"10\" fill=\"{BACKGROUND}\" stroke=\"{FRAME}\"/>\n",
        escaped(title),
        width - 1,
        height - 1,
    );
    for (row, cells) in buffer.content().chunks(columns).enumerate() {
        let at = |column: usize| {
            cursor.is_some_and(|cursor| (usize::from(cursor.x), usize::from(cursor.y)) == (column, row))
        };
        let looks: Vec<Look> = cells.iter().enumerate().map(|(column, cell)| Look::of(cell, at(column))).collect();
        papers(&mut svg, row, &looks);
        inks(&mut svg, row, cells, &looks);
    }
    svg + "</svg>\n"
}

/// The backgrounds of a row, one rectangle a run.
fn papers(svg: &mut String, row: usize, looks: &[Look]) {
    let mut column = 0;
    for run in looks.chunk_by(|one, other| one.paper == other.paper) {
        if let Some(paper) = &run[0].paper {
            rectangle(svg, (column * CELL.0, row * CELL.1), (run.len() * CELL.0, CELL.1), paper);
        }
        column += run.len();
    }
}

/// The characters of a row. Lines and blocks are drawn, because a font's would not meet at the cells' edges.
fn inks(svg: &mut String, row: usize, cells: &[Cell], looks: &[Look]) {
    let mut column = 0;
    while column < cells.len() {
        let (symbol, look) = (cells[column].symbol(), &looks[column]);
        let place = (column * CELL.0, row * CELL.1);
        if let Some(block) = block(symbol) {
            rectangle(svg, (place.0, place.1 + block.0), (CELL.0, block.1), &look.ink);
        } else if let Some(path) = strokes(symbol) {
            let same = |index: &usize| cells[*index].symbol() == symbol && looks[*index] == *look;
            let run = if symbol == "─" { (column..cells.len()).take_while(same).count() } else { 1 };
            let path = if run > 1 { format!("M0 9.5h{}", run * CELL.0) } else { path.to_owned() };
            let _ = writeln!(
                svg,
                r#"<path transform="translate({} {})" d="{path}" fill="none" stroke="{}"{}/>"#,
                PADDING + place.0,
                PADDING + place.1,
                look.ink,
                look.classes()
            );
            column += run;
            continue;
        } else if !symbol.trim().is_empty() {
            column += text(svg, place, &cells[column..], &looks[column..]);
            continue;
        }
        column += 1;
    }
}

/// Writes the words that begin here and look the same, up to two blanks in a row; gives how many cells that were.
fn text(svg: &mut String, place: (usize, usize), cells: &[Cell], looks: &[Look]) -> usize {
    let ends = |index: usize| {
        let drawn = block(cells[index].symbol()).is_some() || strokes(cells[index].symbol()).is_some();
        let blank = |index: usize| cells.get(index).is_none_or(|cell| cell.symbol().trim().is_empty());
        drawn || looks[index] != looks[0] || (blank(index) && blank(index + 1))
    };
    let length = (0..cells.len()).find(|index| ends(*index)).unwrap_or(cells.len());
    let text: String = cells[..length].iter().map(Cell::symbol).collect();
    let shown = text.trim_end();
    let columns = length - (text.len() - shown.len());
    let _ = writeln!(
        svg,
        r#"<text x="{}" y="{}" textLength="{}" lengthAdjust="spacingAndGlyphs" fill="{}"{}>{}</text>"#,
        PADDING + place.0,
        PADDING + place.1 + BASELINE,
        columns * CELL.0,
        looks[0].ink,
        looks[0].classes(),
        escaped(shown)
    );
    length
}

fn rectangle(svg: &mut String, place: (usize, usize), size: (usize, usize), fill: &str) {
    let _ = writeln!(
        svg,
        r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}" shape-rendering="crispEdges"/>"#,
        PADDING + place.0,
        PADDING + place.1,
        size.0,
        size.1
    );
}

/// From where in its cell a block is filled, and how far.
fn block(symbol: &str) -> Option<(usize, usize)> {
    let half = CELL.1 / 2;
    match symbol {
        "█" => Some((0, CELL.1)),
        "▀" => Some((0, half)),
        "▄" => Some((half, CELL.1 - half)),
        _ => None,
    }
}

/// The strokes of a box drawing character, from its cell's corner.
fn strokes(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "─" => "M0 9.5h9",
        "│" => "M4.5 0v19",
        "┌" => "M4.5 19V9.5H9",
        "┐" => "M0 9.5H4.5V19",
        "└" => "M4.5 0V9.5H9",
        "┘" => "M0 9.5H4.5V0",
        "╭" => "M4.5 19V14Q4.5 9.5 9 9.5",
        "╮" => "M0 9.5Q4.5 9.5 4.5 14V19",
        "╰" => "M4.5 0V5Q4.5 9.5 9 9.5",
        "╯" => "M0 9.5Q4.5 9.5 4.5 5V0",
        "├" => "M4.5 0V19M4.5 9.5H9",
        "┤" => "M4.5 0V19M0 9.5H4.5",
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[test]
fn a_picture_has_its_letters_where_the_cells_are() {
    let backend = TestBackend::with_lines(["a <b>  ──c", "▀ é"]);
    let cursor = Some(Position::new(0, 1));
    let svg = picture("t & t", &backend, cursor);
    for part in [
        "<title>t &amp; t</title>",
        r##"x="18" y="32" textLength="45" lengthAdjust="spacingAndGlyphs" fill="#d7dee8">a &lt;b&gt;</text>"##,
        r#"<path transform="translate(81 18)" d="M0 9.5h18""#,
        r#"x="99" y="32" textLength="9""#,
        // The cursor, and the block in it in the colour of the background.
        r##"<rect x="18" y="37" width="9" height="19" fill="#d7dee8""##,
        r##"<rect x="18" y="37" width="9" height="9" fill="#0f141b""##,
        r#"x="36" y="51" textLength="9""#,
    ] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
}
