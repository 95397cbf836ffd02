//! How this machine sees its network, and, where that can be done here, how it is changed: tried, then kept or taken back.

use crate::{
    engine::CheckId,
    exit::Exit,
    pages::{failure, progress},
    screen::{Body, FieldRow, Mark, Theme, text::sentence},
    setup::Interface,
    wizard::{
        App,
        own::{Mending, NetworkState},
    },
    words::{Phrase, TextId, id, phrase},
};

/// The columns of a row's label.
const LABEL: usize = 17;

/// The checks that say what a network is worth, while it is tried.
const CHECKS: [CheckId; 4] =
    [CheckId::new("name-resolution"), CheckId::new("license-service"), CheckId::new("clock"), CheckId::new("reach")];

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let mending = app.mending();
    if mending.is_trying() {
        return trying(app, mending, body);
    }
    if mending.is_editing() {
        return editing(app, mending, body);
    }
    if !outcome(mending, body) {
        if app.network_failed() {
            body.stress(id!("network-why"));
        } else {
            body.say(id!("network-seen"));
        }
    }
    body.gap();
    seen(app, body);
    body.gap();
    for report in app.checks().failures.iter().filter(|report| report.exit() == Exit::Network) {
        failure::told(report, false, Theme::plain(), body);
    }
    progress::failed_so_far(app, body);
    body.gap();
    match mending.possible() {
        Some(Ok(())) => body.say(id!("network-mend")),
        Some(Err(report)) => {
            body.say(phrase!("network-not-here" { why: &report.message }));
            body.say(id!("network-change"));
        }
        None => body.say(id!("network-change")),
    }
}

/// What became of the network that was tried last; gives whether there is anything to say.
fn outcome(mending: &Mending, body: &mut Body<'_>) -> bool {
    match &mending.trial {
        NetworkState::Kept => body.styled(body.theme.mark(Mark::Ok), id!("network-is-kept"), body.theme.good()),
        NetworkState::TakenBack { late: true } => body.stress(id!("network-is-taken-back-late")),
        NetworkState::TakenBack { late: false } => body.stress(id!("network-is-taken-back")),
        NetworkState::Failed(report) => failure::told(report, true, body.theme.bad(), body),
        _ => return false,
    }
    true
}

/// What it reaches while it may still be taken back.
fn trying<'a>(app: &'a App, mending: &Mending, body: &mut Body<'a>) {
    match &mending.trial {
        NetworkState::Running(left) => body.stress(phrase!("network-tried" { seconds: left.as_secs() })),
        NetworkState::Ending => body.stress(id!("network-ending")),
        _ => body.stress(id!("network-beginning")),
    }
    body.gap();
    seen(app, body);
    body.gap();
    for check in app.checks().checks().iter().filter(|check| CHECKS.contains(&check.id)) {
        progress::check("", check, body);
    }
    body.gap();
    body.say(id!("network-tried-how"));
}

fn editing<'a>(app: &'a App, mending: &'a Mending, body: &mut Body<'a>) {
    if let NetworkState::Failed(report) = &mending.trial {
        failure::told(report, true, body.theme.bad(), body);
    } else {
        body.say(id!("network-mend-how"));
    }
    body.gap();
    for (label, field, focused) in mending.rows() {
        body.field(FieldRow { label: app.words().say(label), field, focused, reveal: false });
    }
    if let Some(told) = objection(app) {
        body.below_field(told, body.theme.bad());
    }
    body.gap();
    body.say(id!("network-mend-last"));
}

/// What is wrong with the field that keys go to, or was not taken there, as a sentence.
pub(super) fn objection(app: &App) -> Option<String> {
    let mending = app.mending();
    let objection = mending.objection().map(|(label, why)| app.words().say(why.clone().about(label)));
    let refused = mending.refused_input().map(|(label, why)| why.say(app.words(), &app.words().say(label)));
    Some(sentence(&objection.or(refused)?))
}

/// The network as it is.
fn seen(app: &App, body: &mut Body<'_>) {
    let facts = app.network();
    let list = |items: Vec<String>| if items.is_empty() { phrase!("network-none") } else { items.join(", ").into() };
    if !facts.host_name.is_empty() {
        row(body, id!("network-host-name"), facts.host_name.as_str());
    }
    row(
        body,
        id!("network-interfaces"),
        if facts.interfaces.is_empty() { phrase!("network-none") } else { Phrase::nothing() },
    );
    // A node has one for each of its pods.
    let (inner, own): (Vec<_>, Vec<_>) = facts.interfaces.iter().partition(|found| found.is_inner());
    for found in own {
        interface(found, body);
    }
    if !inner.is_empty() {
        body.styled("       ", phrase!("network-inner" { count: inner.len() }), Theme::plain());
    }
    let gateways = facts.default_routes.iter().map(|(gateway, interface)| format!("{gateway} ({interface})"));
    row(body, id!("network-gateway"), list(gateways.collect()));
    row(body, id!("network-name-servers"), list(facts.name_servers.iter().map(ToString::to_string).collect()));
    row(body, id!("network-license-service"), app.profile().license.url.host_str().unwrap_or_default());
}

fn interface(found: &Interface, body: &mut Body<'_>) {
    let (mark, style, state) = if !found.connected {
        (Mark::Left, Theme::plain(), phrase!("network-not-connected"))
    } else if found.addresses.is_empty() {
        (Mark::Open, Theme::plain(), phrase!("network-no-address"))
    } else {
        (Mark::Ok, body.theme.good(), found.addresses.join(", ").into())
    };
    let state = match &found.driver {
        Some(driver) => phrase!("with-details" { what: state, details: driver.as_str() }),
        None => state,
    };
    body.styled(&format!("  {}{:<9} ", body.theme.mark(mark), found.name), state, style);
}

fn row(body: &mut Body<'_>, label: TextId, value: impl Into<Phrase>) {
    body.styled(&format!("{:<LABEL$}", body.words.say(label)), value, Theme::plain());
}
