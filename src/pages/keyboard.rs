//! The layout of the console's keyboard, before anything is typed that must be right.

use crate::{
    field::Field,
    screen::{
        body::{Body, FieldRow},
        theme::Theme,
    },
    wizard::{app::App, keyboard::State},
    words::{TextId, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (keyboard, words) = (&app.keyboard, &app.words);
    body.say(&words.say(id!("keyboard-why")));
    body.gap();
    field(app, body, id!("keyboard-layout"), &keyboard.wanted, !keyboard.trying);
    match &keyboard.state {
        State::AsFound => body.below_field(&words.say(id!("keyboard-as-found")), Theme::plain()),
        State::Loading(layout) => {
            let text = words.tell(&phrase!("keyboard-loading" { layout }));
            body.below_field(&text, body.theme.busy());
        }
        State::Loaded(layout) => {
            let text = words.tell(&phrase!("keyboard-loaded" { layout }));
            body.below_field(&text, body.theme.good());
        }
        State::Unknown(layout) => {
            let text = words.tell(&phrase!("keyboard-unknown" { layout }));
            body.below_field(&text, body.theme.bad());
        }
        State::Failed(reason) => {
            let text = words.tell(&phrase!("keyboard-failed" { reason }));
            body.below_field(&text, body.theme.bad());
        }
    }
    let suggestions = keyboard.suggestions();
    if !suggestions.is_empty() {
        body.below_field(&suggestions.join("  "), Theme::plain());
    }
    body.gap();
    field(app, body, id!("keyboard-trial"), &keyboard.trial, keyboard.trying);
    body.below_field(&words.say(id!("keyboard-trial-what")), Theme::plain());
    body.gap();
    body.say(&words.say(if app.look.plain { id!("keyboard-how-plain") } else { id!("keyboard-how") }));
}

fn field<'a>(app: &'a App, body: &mut Body<'a>, label: TextId, field: &'a Field, focused: bool) {
    body.field(FieldRow { label: app.words.say(label), field, focused, reveal: false });
}
