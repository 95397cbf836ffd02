//! A certificate of the operator's own, in the place of one that the appliance's authority signs.

use crate::{
    pages::parts::field,
    screen::Body,
    wizard::{App, Page},
    words::{Phrase, id},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say(id!("certificate-who"));
    body.gap();
    for input in Page::Certificate.inputs() {
        field(app, body, input, Phrase::nothing());
    }
    body.gap();
    body.say(id!("certificate-what"));
    body.gap();
    body.say(id!("certificate-then"));
}
