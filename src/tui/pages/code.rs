//! The install code. What cannot be judged here is not: "looks complete" is all that is said.

use super::{code_source, field, support};
use crate::tui::{app::App, form::Input, widgets::Body};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (words, format) = (&app.words, &app.profile.license.code);
    body.say(&words.say("code-how"));
    body.gap();
    let (have, want) = (app.form.field(Input::Code).length(), format.length());
    let state = if have < want {
        words.with("code-typed", [("have", have.into()), ("want", want.into())])
    } else {
        words.say("code-complete")
    };
    field(app, body, Input::Code, &state);
    body.gap();
    body.say(&words.with("code-where", [("source", code_source(app).into())]));
    body.say(&words.with("code-looks", [("shape", format.shape().into()), ("allowed", format.allowed().into())]));
    body.gap();
    body.say(&words.say("code-once"));
    body.gap();
    body.say(&words.with("code-none", [("support", support(app).into())]));
}
