//! How this machine sees its network: read, not changed.

use crate::{
    engine::{CheckRow, CheckState},
    exit::Exit,
    pages::{failure, progress},
    screen::{
        body::Body,
        theme::{Mark, Theme},
    },
    wizard::app::App,
    words::{TextId, id},
};

/// The columns of a row's label.
const LABEL: usize = 17;

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let (facts, words) = (&app.network, &app.words);
    if app.network_failed() {
        body.stress(&words.say(id!("network-why")));
    } else {
        body.say(&words.say(id!("network-seen")));
    }
    body.gap();
    let none = || words.say(id!("network-none"));
    let list = |items: Vec<String>| if items.is_empty() { none() } else { items.join(", ") };
    if !facts.host_name.is_empty() {
        row(app, body, id!("network-host-name"), &facts.host_name);
    }
    row(app, body, id!("network-interfaces"), &if facts.interfaces.is_empty() { none() } else { String::new() });
    for interface in &facts.interfaces {
        let (mark, style, state) = if !interface.connected {
            (Mark::Left, Theme::plain(), words.say(id!("network-not-connected")))
        } else if interface.addresses.is_empty() {
            (Mark::Open, Theme::plain(), words.say(id!("network-no-address")))
        } else {
            (Mark::Ok, body.theme.good(), interface.addresses.join(", "))
        };
        body.styled(&format!("  {}{:<9} ", body.theme.mark(mark), interface.name), &state, style);
    }
    let gateways = facts.default_routes.iter().map(|(gateway, interface)| format!("{gateway} ({interface})"));
    row(app, body, id!("network-gateway"), &list(gateways.collect()));
    row(app, body, id!("network-name-servers"), &list(facts.name_servers.iter().map(ToString::to_string).collect()));
    row(app, body, id!("network-license-service"), app.profile.license.url.host_str().unwrap_or_default());
    body.gap();
    for report in app.checks.failures.iter().filter(|report| report.exit() == Exit::Network) {
        failure::told(words, report, false, Theme::plain(), body);
    }
    // As long as the checks are being made there is no report yet.
    let failed = |check: &&&CheckRow| app.checks.failures.is_empty() && check.state == CheckState::Failed;
    for check in app.checks.checks().iter().filter(failed) {
        progress::check(words, "", check, body);
    }
    body.gap();
    body.say(&words.say(id!("network-change")));
}

fn row(app: &App, body: &mut Body<'_>, label: TextId, value: &str) {
    body.styled(&format!("{:<LABEL$}", app.words.say(label)), value, Theme::plain());
}
