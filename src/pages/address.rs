//! The name under which the appliance is reached.

use crate::{
    answers::FieldId,
    pages::parts::field,
    screen::body::Body,
    wizard::{app::App, form::Input},
    words::{id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let words = &app.words;
    body.say(&words.say(id!("address-how")));
    body.gap();
    field(app, body, Input::Answer(FieldId::Hostname), "");
    body.gap();
    let typed = app.form.field(Input::Answer(FieldId::Hostname)).text().parse().ok();
    if let Some(url) = app.profile.endpoint.address(typed.as_ref()) {
        body.say(&words.tell(&phrase!("address-url" { url })));
        body.gap();
    }
    body.say(&words.say(id!("address-dns")));
    if app.profile.endpoint.optional {
        body.gap();
        body.say(&words.say(id!("answer-optional")));
    }
}
