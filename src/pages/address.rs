//! The name under which the appliance is reached.

use crate::{
    answers::FieldId,
    pages::parts::{field, optional},
    screen::Body,
    wizard::{App, Input},
    words::{Phrase, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let hostname = Input::Answer(FieldId::Hostname);
    body.say(id!("address-how"));
    body.gap();
    field(app, body, hostname, Phrase::nothing());
    body.gap();
    let typed = app.form().field(hostname).text().parse().ok();
    if let Some(url) = app.profile().endpoint.address(typed.as_ref()) {
        body.say(phrase!("address-url" { url }));
        body.gap();
    }
    body.say(id!("address-dns"));
    optional(body, app.profile().endpoint.optional);
}
