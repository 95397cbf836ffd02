//! What several pages say: a field and what is said about it, whom to ask, the name of a key.

use crate::{
    screen::{Body, FieldRow, Theme},
    wizard::{App, Input},
    words::{Phrase, TextId, Words, id, phrase},
};

/// Where the install code is found: as the vendor says it, or else in the chosen language.
pub(super) fn code_source(app: &App) -> Phrase {
    let given = app.profile().brand.code_source.as_ref();
    given.map_or_else(|| phrase!("brand-code-source"), |given| given.as_str().into())
}

/// Whom to ask for help: as the vendor says it, or else in the chosen language.
pub(super) fn support(app: &App) -> Phrase {
    let given = app.profile().brand.support.as_ref();
    given.map_or_else(|| phrase!("brand-support"), |given| given.as_str().into())
}

/// The sentence that says whom to ask for help.
pub(super) fn help_from(app: &App) -> Phrase {
    phrase!("help-from" { support: support(app) })
}

/// Adds the field of `input`, and below it what is to be said about it or else `otherwise`.
pub(super) fn field<'a>(app: &'a App, body: &mut Body<'a>, input: Input, otherwise: Phrase) {
    body.field(FieldRow {
        label: app.words().say(input.label(app.profile())),
        field: app.form().field(input),
        focused: app.focused() == Some(input),
        reveal: app.reveal(),
    });
    remark(app, body, input, otherwise);
}

/// Adds what is to be said about `input`, or else `otherwise`.
pub(super) fn remark(app: &App, body: &mut Body<'_>, input: Input, otherwise: Phrase) {
    match app.remark(input) {
        Some(remark) => {
            let taken = app.notice().is_some_and(|(about, notice)| *about == input && !notice.is_refusal());
            body.below_field(remark, if taken { Theme::strong() } else { body.theme.bad() });
        }
        None if otherwise == Phrase::nothing() && body.is_short() => {}
        None => body.below_field(otherwise, Theme::plain()),
    }
}

/// Adds that there may be no answer, where that is so.
pub(super) fn optional(body: &mut Body<'_>, optional: bool) {
    if optional {
        body.gap();
        body.say(id!("answer-optional"));
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
