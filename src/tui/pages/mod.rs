//! What each page says, one file a page. A page makes lines and draws nothing.

mod address;
mod administrator;
mod code;
mod done;
mod failure;
mod help;
mod keyboard;
mod network;
mod password;
mod progress;
mod question;
mod review;
mod vendor;
mod welcome;

use ratatui::layout::Rect;

use crate::{
    tui::{
        app::App,
        form::Input,
        page::Page,
        theme::Theme,
        widgets::{Body, FieldRow},
    },
    words::{TextId, Words, id, phrase},
};

pub(crate) use {
    done::{alone, aside},
    password::verdict,
    question::question,
};

/// The lines of the current page, for `area`.
pub(crate) fn body(app: &App, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, app.theme);
    match app.page {
        _ if app.help.is_some() => help::body(app, &mut body),
        Page::Welcome => welcome::body(app, &mut body),
        Page::Keyboard => keyboard::body(app, &mut body),
        Page::Network => network::body(app, &mut body),
        Page::Code => code::body(app, &mut body),
        Page::Administrator => administrator::body(app, &mut body),
        Page::Password => password::body(app, &mut body),
        Page::Address => address::body(app, &mut body),
        Page::Question(index) => vendor::body(app, index, &mut body),
        Page::Review => review::body(app, &mut body),
        Page::Progress => progress::body(app, &mut body),
        Page::Done => done::body(app, area, &mut body),
    }
    body
}

/// What the run has come to, for those who were told all else as it happened.
pub(crate) fn outcome(app: &App, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, app.theme);
    progress::outcome(app, &mut body);
    body
}

/// What came of the report that was asked for.
pub(crate) fn saved(app: &App, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, app.theme);
    progress::saved(app, &mut body);
    body
}

/// Where the install code is found: as the vendor says it, or else in the chosen language.
fn code_source(app: &App) -> String {
    let given = app.profile.brand.code_source.as_ref();
    given.map_or_else(|| app.words.say(id!("brand-code-source")), ToString::to_string)
}

/// Whom to ask for help: as the vendor says it, or else in the chosen language.
fn support(app: &App) -> String {
    let given = app.profile.brand.support.as_ref();
    given.map_or_else(|| app.words.say(id!("brand-support")), ToString::to_string)
}

/// The sentence that says whom to ask for help.
fn help_from(app: &App) -> String {
    app.words.tell(&phrase!("help-from" { support: support(app) }))
}

/// Adds the field of `input`, and below it what is to be said about it or else `otherwise`.
fn field<'a>(app: &'a App, body: &mut Body<'a>, input: Input, otherwise: &str) {
    body.field(FieldRow {
        label: app.words.say(input.label()),
        field: app.form.field(input),
        focused: app.focused() == Some(input),
        reveal: app.reveal,
    });
    remark(app, body, input, otherwise);
}

/// Adds what is to be said about `input`, or else `otherwise`.
fn remark(app: &App, body: &mut Body<'_>, input: Input, otherwise: &str) {
    match app.remark(input) {
        Some(remark) => {
            let taken = app.notice.as_ref().is_some_and(|(about, notice)| *about == input && !notice.is_refusal());
            body.below_field(&remark, if taken { Theme::strong() } else { body.theme.bad() });
        }
        // Where rows are scarce, fields stand close.
        None if otherwise.is_empty() && app.size.1 < 22 => {}
        None => body.below_field(otherwise, Theme::plain()),
    }
}

/// The names of keys that differ between languages.
const KEY_NAMES: &[(&str, TextId)] = &[
    ("Ctrl", id!("keyname-ctrl")),
    ("Shift", id!("keyname-shift")),
    ("Backspace", id!("keyname-backspace")),
    ("Del", id!("keyname-del")),
    ("Home", id!("keyname-home")),
    ("End", id!("keyname-end")),
    ("Up", id!("keyname-up")),
    ("Down", id!("keyname-down")),
    ("Left", id!("keyname-left")),
    ("Right", id!("keyname-right")),
    ("Page Up", id!("keyname-page-up")),
    ("Page Down", id!("keyname-page-down")),
];

/// A key as people call it, such as `Ctrl-R`, in the chosen language.
pub(crate) fn key_name(words: &Words, name: &str) -> String {
    let part = |part: &str| {
        let known = KEY_NAMES.iter().find(|(name, _)| *name == part);
        known.map_or_else(|| part.to_owned(), |(_, id)| words.say(*id))
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}
