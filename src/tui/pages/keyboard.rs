//! The layout of the console's keyboard, before anything is typed that must be right.

use crate::tui::{
    app::App,
    keyboard::State,
    theme::Theme,
    widgets::{Body, Field, FieldRow},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (keyboard, words) = (&app.keyboard, &app.words);
    body.say(&words.say("keyboard-why"));
    body.gap();
    field(app, body, "keyboard-layout", &keyboard.wanted, !keyboard.trying);
    match &keyboard.state {
        State::AsFound => body.below_field(&words.say("keyboard-as-found"), Theme::plain()),
        State::Loading(layout) => {
            let text = words.with("keyboard-loading", [("layout", layout.as_str().into())]);
            body.below_field(&text, body.theme.busy());
        }
        State::Loaded(layout) => {
            let text = words.with("keyboard-loaded", [("layout", layout.as_str().into())]);
            body.below_field(&text, body.theme.good());
        }
        State::Unknown(layout) => {
            let text = words.with("keyboard-unknown", [("layout", layout.as_str().into())]);
            body.below_field(&text, body.theme.bad());
        }
        State::Failed(reason) => {
            let text = words.with("keyboard-failed", [("reason", reason.as_str().into())]);
            body.below_field(&text, body.theme.bad());
        }
    }
    let suggestions = keyboard.suggestions();
    if !suggestions.is_empty() {
        body.below_field(&suggestions.join("  "), Theme::plain());
    }
    body.gap();
    field(app, body, "keyboard-trial", &keyboard.trial, keyboard.trying);
    body.below_field(&words.say("keyboard-trial-what"), Theme::plain());
    body.gap();
    body.say(&words.say(if app.look.plain { "keyboard-how-plain" } else { "keyboard-how" }));
}

fn field<'a>(app: &'a App, body: &mut Body<'a>, label: &str, field: &'a Field, focused: bool) {
    body.field(FieldRow { label: app.words.say(label), field, focused, reveal: false });
}
