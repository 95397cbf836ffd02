//! Who will administer the appliance.

use crate::{
    pages::parts::field,
    profile::Presence,
    screen::Body,
    wizard::{App, Page},
    words::{Phrase, id},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say(id!("administrator-who"));
    body.gap();
    for input in Page::Administrator.inputs() {
        field(app, body, input, Phrase::nothing());
    }
    body.gap();
    body.say(id!("administrator-first-account"));
    body.gap();
    body.say(match app.profile().answers.tenant_name {
        Presence::Optional => id!("administrator-company"),
        Presence::Required => id!("administrator-company-required"),
    });
}
