//! The proxy on this machine's way out.

use crate::{
    pages::failure,
    screen::{Body, FieldRow, Theme, text::sentence},
    wizard::{
        App,
        own::{OwnPage, ProxyWay},
    },
    words::{TextId, id, phrase},
};

/// What each field takes.
const FORMS: [TextId; 3] = [id!("proxy-forms"), id!("proxy-exceptions-forms"), id!("proxy-ca-forms")];

/// What is wrong with what was typed, or was not taken, as a sentence.
pub(super) fn objection(app: &App) -> Option<String> {
    let page = app.proxy();
    let refused = page.refused_input().map(|(label, why)| why.say(app.words(), &app.words().say(label)));
    let wrong = match &page.way {
        ProxyWay::Wrong(why) => page.field().map(|(label, _)| app.words().say(why.clone().about(label))),
        _ => None,
    };
    Some(sentence(&refused.or(wrong)?))
}

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let page = app.proxy();
    body.say(id!("proxy-why"));
    body.gap();
    for (label, field, focused) in page.rows() {
        // Who sees a login typed here may not see it.
        let reveal = !field.text().contains('@');
        body.field(FieldRow { label: app.words().say(label), field, focused, reveal });
    }
    match (&page.way, objection(app)) {
        (_, Some(objection)) => body.below_field(objection, body.theme.bad()),
        (ProxyWay::Beginning, None) => body.below_field(phrase!("proxy-under-way"), body.theme.busy()),
        (ProxyWay::Used(done), None) => body.below_field(sentence(&app.words().say(done)), body.theme.good()),
        (_, None) => body.below_field(FORMS[page.focus()], Theme::plain()),
    }
    body.gap();
    match &page.way {
        ProxyWay::Failed(report) => failure::told(report, true, body.theme.bad(), body),
        ProxyWay::Used(_) => body.say(id!("proxy-on")),
        _ => body.say(id!("proxy-how")),
    }
}
