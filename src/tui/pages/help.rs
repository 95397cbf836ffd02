//! The help: every key that works on the page below it, and what it does.

use unicode_width::UnicodeWidthStr;

use crate::{
    tui::{
        app::App,
        keys::{self, Command},
        theme::Theme,
        widgets::Body,
    },
    words::Words,
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let mut rows: Vec<(String, String)> = Vec::new();
    for (name, command) in keys::working(app.beneath()) {
        let text = text(&app.words, command);
        match rows.iter_mut().find(|(_, other)| *other == text) {
            Some((names, _)) => {
                names.push('/');
                names.push_str(&name);
            }
            None => rows.push((name, text)),
        }
    }
    let widest = rows.iter().map(|(names, _)| names.width()).max().unwrap_or_default();
    for (names, text) in &rows {
        // A long list of names has a line of its own, so that the texts keep their room.
        let lead = format!("{names:<width$}  ", width = widest.min(LONGEST));
        if names.width() > LONGEST {
            body.styled("", names, Theme::strong());
            body.styled(&" ".repeat(LONGEST + 2), text, Theme::plain());
        } else {
            body.styled(&lead, text, Theme::plain());
        }
    }
}

/// The columns of keys.
const LONGEST: usize = 20;

fn text(words: &Words, command: Command) -> String {
    match command {
        Command::Change(page) => words.with("help-change", [("page", words.say(page.row().title).into())]),
        command => words.say(command.help()),
    }
}
