//! The layout of the console's keyboard, before anything is typed that must be right.

use crate::{
    field::Field,
    screen::{Body, FieldRow, Theme},
    wizard::{App, own::State},
    words::{TextId, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let keyboard = app.keyboard();
    body.say(id!("keyboard-why"));
    body.gap();
    field(app, body, id!("keyboard-layout"), &keyboard.wanted, !keyboard.trying);
    let (text, style) = match &keyboard.state {
        State::AsFound => (phrase!("keyboard-as-found"), Theme::plain()),
        State::Loading(layout) => (phrase!("keyboard-loading" { layout }), body.theme.busy()),
        State::Loaded(layout) => (phrase!("keyboard-loaded" { layout }), body.theme.good()),
        State::Unknown(layout) => (phrase!("keyboard-unknown" { layout }), body.theme.bad()),
        State::Failed(reason) => (phrase!("keyboard-failed" { reason }), body.theme.bad()),
    };
    body.below_field(text, style);
    let suggestions = keyboard.suggestions();
    if !suggestions.is_empty() {
        body.below_field(suggestions.join("  "), Theme::plain());
    }
    body.gap();
    field(app, body, id!("keyboard-trial"), &keyboard.trial, keyboard.trying);
    body.below_field(id!("keyboard-trial-what"), Theme::plain());
    body.gap();
    body.say(if app.look().plain { id!("keyboard-how-plain") } else { id!("keyboard-how") });
}

fn field<'a>(app: &'a App, body: &mut Body<'a>, label: TextId, field: &'a Field, focused: bool) {
    body.field(FieldRow { label: app.words().say(label), field, focused, reveal: false });
}
