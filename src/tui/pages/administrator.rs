//! Who will administer the appliance.

use super::field;
use crate::tui::{app::App, form::Input, widgets::Body};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say("Who will administer the appliance?");
    body.gap();
    for input in [Input::FirstName, Input::LastName, Input::Email, Input::TenantName] {
        field(app, body, input, "");
    }
    body.gap();
    body.say(
        "This becomes the first account. Its owner signs in with the e-mail address, so it must be one that is read.",
    );
    body.gap();
    body.say(
        "Company: the name you registered under. Leave it empty to use the one that the license service has for your \
         code.",
    );
}
