//! Who will administer the appliance.

use crate::{
    pages::parts::field,
    screen::body::Body,
    wizard::{app::App, page::Page},
    words::id,
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say(&app.words.say(id!("administrator-who")));
    body.gap();
    for input in Page::Administrator.inputs() {
        field(app, body, input, "");
    }
    body.gap();
    body.say(&app.words.say(id!("administrator-first-account")));
    body.gap();
    body.say(&app.words.say(id!("administrator-company")));
}
