//! How this machine sees its network: read, not changed.

use crate::{
    engine::{CheckRow, CheckState},
    exit::Exit,
    pages::{failure, progress},
    screen::{Body, Mark, Theme},
    wizard::App,
    words::{Phrase, TextId, id, phrase},
};

/// The columns of a row's label.
const LABEL: usize = 17;

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let facts = app.network();
    if app.network_failed() {
        body.stress(id!("network-why"));
    } else {
        body.say(id!("network-seen"));
    }
    body.gap();
    let list = |items: Vec<String>| if items.is_empty() { phrase!("network-none") } else { items.join(", ").into() };
    if !facts.host_name.is_empty() {
        row(body, id!("network-host-name"), facts.host_name.as_str());
    }
    row(
        body,
        id!("network-interfaces"),
        if facts.interfaces.is_empty() { phrase!("network-none") } else { Phrase::nothing() },
    );
    for interface in &facts.interfaces {
        let (mark, style, state) = if !interface.connected {
            (Mark::Left, Theme::plain(), phrase!("network-not-connected"))
        } else if interface.addresses.is_empty() {
            (Mark::Open, Theme::plain(), phrase!("network-no-address"))
        } else {
            (Mark::Ok, body.theme.good(), interface.addresses.join(", ").into())
        };
        body.styled(&format!("  {}{:<9} ", body.theme.mark(mark), interface.name), state, style);
    }
    let gateways = facts.default_routes.iter().map(|(gateway, interface)| format!("{gateway} ({interface})"));
    row(body, id!("network-gateway"), list(gateways.collect()));
    row(body, id!("network-name-servers"), list(facts.name_servers.iter().map(ToString::to_string).collect()));
    row(body, id!("network-license-service"), app.profile().license.url.host_str().unwrap_or_default());
    body.gap();
    for report in app.checks().failures.iter().filter(|report| report.exit() == Exit::Network) {
        failure::told(report, false, Theme::plain(), body);
    }
    // As long as the checks are being made there is no report yet.
    let failed = |check: &&&CheckRow| app.checks().failures.is_empty() && check.state == CheckState::Failed;
    for check in app.checks().checks().iter().filter(failed) {
        progress::check("", check, body);
    }
    body.gap();
    body.say(id!("network-change"));
}

fn row(body: &mut Body<'_>, label: TextId, value: impl Into<Phrase>) {
    body.styled(&format!("{:<LABEL$}", body.words.say(label)), value, Theme::plain());
}
