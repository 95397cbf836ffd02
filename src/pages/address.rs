//! Where the appliance is reached.

use crate::{
    answers::FieldId,
    pages::parts::{field, optional},
    profile::EndpointKind,
    screen::Body,
    wizard::{App, Input},
    words::{Phrase, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let (input, endpoint) = (Input::Answer(FieldId::Endpoint), &app.profile().endpoint);
    let (how, dns) = match endpoint.kind {
        EndpointKind::Hostname => (id!("address-how"), id!("address-dns")),
        EndpointKind::Url => (id!("address-how-url"), id!("address-dns-url")),
    };
    body.say(how);
    body.gap();
    let text = app.form().field(input).text();
    let found = app.found().filter(|found| found.address.to_string() == text);
    field(app, body, input, found.map_or(Phrase::nothing(), |found| found.reason.clone()));
    body.gap();
    if endpoint.url.is_some()
        && let Some(url) = endpoint.public(endpoint.kind.parse(text).ok().as_ref())
    {
        body.say(phrase!("address-url" { url }));
        body.gap();
    }
    body.say(dns);
    optional(body, endpoint.optional);
}
