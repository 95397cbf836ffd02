//! The help: every key that works on the page below it, and what it does.

use unicode_width::UnicodeWidthStr;

use crate::{
    pages::parts,
    screen::{Body, Theme},
    wizard::{App, Command, keys, page, way},
    words::phrase,
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let mut rows: Vec<(String, String)> = Vec::new();
    for (name, command) in keys::working(app.beneath()) {
        let Some(text) = text(app, command) else { continue };
        let name = parts::key_name(app.words(), &name);
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

/// `None` for a key that leads nowhere, because there are not so many answers.
fn text(app: &App, command: Command) -> Option<String> {
    let page = match command {
        Command::Change(page) => page,
        Command::ChangeNumber(number) => page::numbered(app.profile()).nth(usize::from(number).saturating_sub(1))?,
        command => return command.help().map(|id| app.words().say(id)),
    };
    Some(app.words().say(phrase!("help-change" { page: way::title(app, page) })))
}
