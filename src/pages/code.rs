//! The install code. What cannot be judged here is not: "looks complete" is all that is said.

use crate::{
    answers::FieldId,
    pages::parts::{code_source, field, support},
    screen::Body,
    wizard::{App, Input},
    words::{id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (code, format) = (Input::Answer(FieldId::InstallCode), &app.profile().license.code);
    body.say(id!("code-how"));
    body.gap();
    let (have, want) = (app.form().field(code).length(), format.length());
    let state = if have < want { phrase!("code-typed" { have, want }) } else { phrase!("code-complete") };
    field(app, body, code, state);
    body.gap();
    body.say(phrase!("code-where" { source: code_source(app) }));
    body.say(phrase!("code-looks" { shape: format.shape(), allowed: format.allowed() }));
    body.gap();
    body.say(id!("code-once"));
    body.gap();
    body.say(phrase!("code-none" { support: support(app) }));
}
