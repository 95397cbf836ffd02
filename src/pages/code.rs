//! The install code. What cannot be judged here is not: "looks complete" is all that is said.

use crate::{
    answers::FieldId,
    pages::parts::{code_source, field, support},
    screen::body::Body,
    wizard::{app::App, form::Input},
    words::{id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (words, format) = (&app.words, &app.profile.license.code);
    body.say(&words.say(id!("code-how")));
    body.gap();
    let (have, want) = (app.form.field(Input::Answer(FieldId::InstallCode)).length(), format.length());
    let state =
        if have < want { words.tell(&phrase!("code-typed" { have, want })) } else { words.say(id!("code-complete")) };
    field(app, body, Input::Answer(FieldId::InstallCode), &state);
    body.gap();
    body.say(&words.tell(&phrase!("code-where" { source: code_source(app) })));
    body.say(&words.tell(&phrase!("code-looks" { shape: format.shape(), allowed: format.allowed() })));
    body.gap();
    body.say(&words.say(id!("code-once")));
    body.gap();
    body.say(&words.tell(&phrase!("code-none" { support: support(app) })));
}
