//! Draws the wizard: header, page, status, footer, and a question above them.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span, Text},
    widgets::{Block, Clear, Paragraph},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    pages,
    screen::{FieldRow, Glyphs, Item, Qr, Theme, body::LABEL_WIDTH, text::wrap, transliterate},
    wizard::{
        App, Command, Overlay, Seen,
        keys::{self, Hint},
        log::{Size, Top},
        way,
    },
    words::{Phrase, id, phrase},
};

/// Draws the wizard.
pub(crate) fn view(app: &App, theme: Theme, frame: &mut Frame<'_>) -> Seen {
    let areas = Areas::of(frame.area());
    let mut seen = Seen { body: size_of(areas.body), most_scroll: 0 };
    if let Some(code) = pages::alone(app, theme, without_footer(frame.area()).as_size()) {
        draw_code(&code, frame);
        match &app.aside() {
            Some(aside) => draw_aside(theme, frame, areas.footer, aside),
            None => footer(app, theme, frame, areas.footer),
        }
        return seen;
    }
    header(app, theme, frame, areas.header);
    match app.instead() {
        Some(Overlay::Log(top)) => draw_log(app, theme, frame, &areas, top),
        _ => seen.most_scroll = draw_page(app, theme, frame, &areas),
    }
    if let Some(aside) = &app.aside() {
        draw_aside(theme, frame, areas.status, aside);
    } else if app.page().is_before_the_run() {
        let status = app.checks().status(app.again_in(), app.words());
        frame.render_widget(Line::raw(shortened(theme, &status, areas.status.width.into())), areas.status);
    }
    footer(app, theme, frame, areas.footer);
    if let Some(question) = pages::question(app) {
        draw_question(app, theme, frame, areas.body, &question);
    }
    if theme.glyphs == Glyphs::Ascii {
        without_other_characters(frame.buffer_mut());
    }
    seen
}

fn draw_aside(theme: Theme, frame: &mut Frame<'_>, area: Rect, aside: &str) {
    let text = shortened(theme, aside, area.width.into());
    frame.render_widget(Line::styled(text, theme.bad()), area);
}

/// `text` on one line. Where it does not fit, it is seen that there is more.
fn shortened(theme: Theme, text: &str, room: usize) -> String {
    let text = theme.transliterate(text);
    if text.width() <= room {
        return text.into_owned();
    }
    let more = theme.transliterate("…");
    let first = wrap(&text, room.saturating_sub(more.width())).into_iter().next();
    format!("{}{more}", first.unwrap_or_default())
}

/// Draws the page; gives the most lines that it can be scrolled by.
fn draw_page(app: &App, theme: Theme, frame: &mut Frame<'_>, areas: &Areas) -> u16 {
    let items = pages::body(app, theme, areas.body).items;
    let scrolled = offset(app, &items, areas.body.height);
    rule(theme, frame, areas.upper_rule, "");
    for (item, row) in items.iter().skip(usize::from(scrolled)).zip(areas.body.rows()) {
        match item {
            Item::Text(line) | Item::Chosen(line) => frame.render_widget(line, row),
            Item::Field(field) => draw_field(app, theme, frame, row, field),
        }
    }
    if let Some(code) = pages::aside(app, theme, areas.body) {
        let columns = code.size().width;
        let right = Rect { x: areas.body.right() - columns, width: columns, ..areas.body };
        code.draw(right, frame.buffer_mut());
    }
    let more = items.len() > usize::from(scrolled) + usize::from(areas.body.height);
    let hint = if more { format!(" {} ", app.words().say(keys::more(app.context()))) } else { String::new() };
    rule(theme, frame, areas.lower_rule, &hint);
    last_offset(items.len(), areas.body.height)
}

/// Without the header and the rules there may be room for the code where there is none beside the text.
fn draw_code(code: &Qr, frame: &mut Frame<'_>) {
    let (room, size) = (without_footer(frame.area()), code.size());
    let (x, y) = ((room.width - size.width) / 2, (room.height - size.height) / 2);
    code.draw(Rect::new(room.x + x, room.y + y, size.width, size.height), frame.buffer_mut());
}

fn without_footer(area: Rect) -> Rect {
    Rect { height: area.height.saturating_sub(1), ..area }
}

fn draw_log(app: &App, theme: Theme, frame: &mut Frame<'_>, areas: &Areas, top: Top) {
    let (lines, first, next) = app.log().window(top, size_of(areas.body));
    let (dropped, words) = (app.log().dropped(), app.words());
    let older = if dropped == 0 { String::new() } else { words.say(phrase!("log-dropped" { lines: dropped })) };
    rule(theme, frame, areas.upper_rule, &older);
    for (line, row) in lines.iter().zip(areas.body.rows()) {
        frame.render_widget(Line::raw(theme.transliterate(line)), row);
    }
    let place = phrase!("log-place" { first: (first + 1).min(next), last: next, lines: app.log().end() });
    rule(theme, frame, areas.lower_rule, &format!(" {} ", words.say(&place)));
}

fn size_of(area: Rect) -> Size {
    (area.width.into(), area.height.into())
}

/// What was typed, or comes from elsewhere, may hold characters that the terminal has not.
fn without_other_characters(buffer: &mut Buffer) {
    for cell in buffer.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
        cell.set_char(transliterate::UNKNOWN);
    }
}

/// Where everything goes. What does not fit has no rows; the page is the last to lose its own.
#[derive(Debug)]
struct Areas {
    header: Rect,
    upper_rule: Rect,
    body: Rect,
    lower_rule: Rect,
    status: Rect,
    footer: Rect,
}

impl Areas {
    fn of(area: Rect) -> Self {
        let (header, rules, footer) = match area.height {
            0..4 => (0, 0, 0),
            4..10 => (1, 0, 1),
            _ => (1, 1, 1),
        };
        let margin = u16::from(area.width >= 20);
        let body_height = area.height - header - 3 * rules - footer;
        let row = |y: u16, height: u16| Rect::new(area.x, area.y + y, area.width, height);
        let inner = |rect: Rect| Rect { x: rect.x + margin, width: rect.width - 2 * margin, ..rect };
        let lower = header + rules + body_height;
        Self {
            header: row(0, header),
            upper_rule: row(header, rules),
            body: inner(row(header + rules, body_height)),
            lower_rule: row(lower, rules),
            status: inner(row(lower + rules, rules)),
            footer: inner(row(lower + 2 * rules, footer)),
        }
    }
}

/// How many lines are left out at the top: as scrolled, but at least so that the field with the focus is seen.
fn offset(app: &App, items: &[Item<'_>], height: u16) -> u16 {
    let last = last_offset(items.len(), height);
    let focused = items.iter().position(|item| match item {
        Item::Field(row) => row.focused,
        Item::Chosen(_) => true,
        Item::Text(_) => false,
    });
    // One more line than the field, for what is said below it.
    let scrolled = if let Some(Overlay::Help(scroll)) = app.instead() { scroll } else { app.scroll() };
    focused.map_or(0, |index| last_offset(index + 2, height)).max(scrolled).min(last)
}

fn last_offset(lines: usize, height: u16) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_sub(height)
}

fn header(app: &App, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let (step, of) = way::step(app);
    let title = match app.instead() {
        Some(Overlay::Help(_)) => app.words().say(id!("help-title")),
        Some(Overlay::Log(_)) => app.words().say(id!("log-title")),
        _ => way::title(app, app.page()),
    };
    let title = theme.transliterate(&format!(" – {title}")).into_owned();
    let brand = theme.transliterate(app.profile().brand.name.as_str());
    let right = if way::is_step(app) {
        format!("{} ", app.words().say(phrase!("step-of" { step, steps: of })))
    } else {
        String::new()
    };
    let mut help = keys::name_of(app.context(), Command::Help)
        .map(|key| format!("{} {}  ", pages::key_name(app.words(), &key), app.words().say(id!("key-help"))))
        .unwrap_or_default();
    let width = usize::from(area.width);
    let (chosen, fits) = (
        app.chosen() == Some(Command::Help),
        brand.width() + title.width() + help.width() + right.width() + 3 <= width,
    );
    if !fits && !chosen {
        help.clear();
    }
    // A long name must not push away where the operator is, and nothing may push away what is chosen.
    let room = width.saturating_sub(title.width() + help.width() + right.width() + 2);
    let left = if fits || !chosen { format!(" {}{title}", shortened(theme, &brand, room)) } else { String::new() };
    let gap = " ".repeat(width.saturating_sub(left.width() + help.width() + right.width()));
    let style = if chosen { theme.chosen_in_header() } else { Style::default() };
    let key = help.trim_end().to_owned();
    let after = help[key.len()..].to_owned() + &right;
    let spans = [Span::raw(left + &gap), Span::styled(key, style), Span::raw(after)];
    frame.render_widget(Line::from_iter(spans).style(theme.header()), area);
}

fn rule(theme: Theme, frame: &mut Frame<'_>, area: Rect, text: &str) {
    let text = theme.transliterate(text);
    let rule = theme.rule().repeat(usize::from(area.width).saturating_sub(text.width() + 2));
    frame.render_widget(Line::raw(format!("{rule}{text}{}", theme.rule().repeat(2))), area);
}

fn footer(app: &App, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let chosen = app.chosen();
    let is_chosen = |key: &(String, Command)| Some(key.1) == chosen;
    let hints = keys::footer(app.context());
    let widths: Vec<usize> = hints.iter().map(|hint| hint_line(hint, app, theme, None).width() + GAP.len()).collect();
    // The least important keys are at the end, and left out where there is no room, unless one of them is chosen.
    let wanted = hints.iter().position(|hint| hint.keys.iter().any(is_chosen)).unwrap_or_default();
    let fits = |first: &usize| widths[*first..=wanted].iter().sum::<usize>() <= usize::from(area.width) + GAP.len();
    let first = if hints.is_empty() { 0 } else { (0..wanted).find(fits).unwrap_or(wanted) };
    let mut line = Line::default();
    for hint in hints.iter().skip(first) {
        let next = hint_line(hint, app, theme, chosen);
        let gap = if line.spans.is_empty() { "" } else { GAP };
        if line.width() + gap.len() + next.width() > usize::from(area.width) && !line.spans.is_empty() {
            break;
        }
        line.push_span(Span::raw(gap));
        line.extend(next.spans);
    }
    frame.render_widget(line, area);
}

/// What stands between two hints of the footer.
const GAP: &str = "  ";

fn hint_line(hint: &Hint, app: &App, theme: Theme, chosen: Option<Command>) -> Line<'static> {
    let mut line = Line::default();
    for (index, (name, command)) in hint.keys.iter().enumerate() {
        let style = if Some(*command) == chosen { Theme::chosen() } else { theme.key() };
        let name = theme.transliterate(&pages::key_name(app.words(), name)).into_owned();
        line.extend([Span::raw(if index == 0 { "" } else { "/" }), Span::styled(name, style)]);
    }
    let chosen = hint.keys.iter().any(|(_, command)| Some(*command) == chosen);
    let label = app.words().say(hint.label);
    let style = if chosen && hint.keys.len() == 1 { Theme::chosen() } else { Theme::plain() };
    line.push_span(Span::styled(format!(" {}", theme.transliterate(&label)), style));
    line
}

fn draw_field(app: &App, theme: Theme, frame: &mut Frame<'_>, area: Rect, row: &FieldRow<'_>) {
    let (mark, style) = if row.focused { ("> ", Theme::strong()) } else { ("  ", Theme::plain()) };
    let label_width = u16::try_from(LABEL_WIDTH).unwrap_or(u16::MAX).min(area.width / 2);
    frame.render_widget(
        Line::styled(format!("{mark}{}", theme.transliterate(&row.label)), style),
        Rect { width: label_width, ..area },
    );
    // Two columns for the brackets, one for the cursor behind the last character.
    let widest = u16::try_from(row.field.widest() + 3).unwrap_or(u16::MAX);
    let boxed = Rect { x: area.x + label_width, width: (area.width - label_width).min(widest), ..area };
    if boxed.width < 3 || boxed.height == 0 {
        return;
    }
    let inner = Rect { x: boxed.x + 1, width: boxed.width - 2, ..boxed };
    let window = row.field.window(row.reveal, inner.width);
    let buffer = frame.buffer_mut();
    buffer.set_string(boxed.x, boxed.y, "[", style);
    buffer.set_string(inner.right(), boxed.y, "]", style);
    buffer.set_stringn(inner.x, inner.y, window.text.as_str(), usize::from(inner.width), style);
    // With a key chosen in the footer it would only mislead.
    if row.focused && app.asked().is_none() && app.chosen().is_none() {
        frame.set_cursor_position((inner.x + window.cursor.min(inner.width - 1), inner.y));
    }
}

fn draw_question(app: &App, theme: Theme, frame: &mut Frame<'_>, area: Rect, paragraphs: &[Phrase]) {
    let width = area.width.min(62);
    let inner = usize::from(width.saturating_sub(4));
    let mut lines = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let style = if index == 0 { Theme::strong() } else { Theme::plain() };
        let paragraph = wrap(&theme.transliterate(&app.words().say(paragraph)), inner);
        lines.extend(paragraph.into_iter().map(|line| Line::styled(format!(" {line}"), style)));
    }
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let dialog = Paragraph::new(Text::from(lines)).block(Block::bordered().border_set(theme.border()));
    frame.render_widget(Clear, place);
    frame.render_widget(dialog, place);
}
