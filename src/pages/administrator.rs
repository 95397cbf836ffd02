//! Who will administer the appliance.

use crate::{
    answers::FieldId,
    pages::parts::field,
    screen::body::Body,
    wizard::{app::App, form::Input},
    words::id,
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say(&app.words.say(id!("administrator-who")));
    body.gap();
    for input in [
        Input::Answer(FieldId::FirstName),
        Input::Answer(FieldId::LastName),
        Input::Answer(FieldId::Email),
        Input::Answer(FieldId::TenantName),
    ] {
        field(app, body, input, "");
    }
    body.gap();
    body.say(&app.words.say(id!("administrator-first-account")));
    body.gap();
    body.say(&app.words.say(id!("administrator-company")));
}
