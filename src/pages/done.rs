//! What was set up and what to do next. There is nothing secret left to show.

use ratatui::layout::{Rect, Size};
use url::Url;

use crate::{
    engine::{RowState, StepId},
    pages::{parts, progress},
    profile::ProbeKind,
    screen::{Body, Mark, Qr, Theme},
    setup::step,
    values::Fact,
    wizard::{App, Overlay, Page},
    words::{Phrase, id, phrase},
};

/// The columns that the text keeps beside a QR code, and the gap between them.
const TEXT: u16 = 36;
const GAP: u16 = 2;

/// The address as a QR code, where there is room for one beside the text.
pub(crate) fn aside(app: &App, theme: Theme, area: Rect) -> Option<Qr> {
    let room = Size::new(area.width.saturating_sub(TEXT + GAP), area.height);
    let address = app.address().filter(|_| app.page() == Page::Done && app.instead().is_none())?;
    Qr::new(&compact(&address), theme, 2).filter(|code| code.fits(room))
}

/// The address as a QR code that has the screen to itself, where it was asked for and there is room.
pub(crate) fn alone(app: &App, theme: Theme, room: Size) -> Option<Qr> {
    let address = app.address().filter(|_| app.instead() == Some(Overlay::Camera))?;
    let with_margin = |quiet| Qr::new(&compact(&address), theme, quiet).filter(|code| code.fits(room));
    (1..=4).rev().find_map(with_margin)
}

/// An address in the form that makes the smallest code: capitals and digits take five and a half bits each instead of
/// eight. Scheme and host mean the same in capitals, and with an empty path (RFC 3986, 6.2.2.1 and 6.2.3).
fn compact(address: &str) -> String {
    let capitals = address.strip_suffix('/').unwrap_or(address).to_ascii_uppercase();
    let same = Url::parse(&capitals).is_ok_and(|url| Url::parse(address) == Ok(url));
    if same { capitals } else { address.to_owned() }
}

/// Said in place of a code that was asked for and has no room.
fn no_room(app: &App, body: &mut Body<'_>) {
    let Some(address) = app.address() else { return };
    let size = Qr::new(&compact(&address), body.theme, 1).map(|code| code.size());
    body.say(match size {
        // One row more, for the keys.
        Some(Size { width, height }) => phrase!("camera-no-room" { columns: width, rows: height + 1 }),
        None => phrase!("camera-too-long"),
    });
    body.stress(phrase!("done-address" { address }));
}

pub(super) fn body(app: &App, area: Rect, body: &mut Body<'_>) {
    if app.instead() == Some(Overlay::Camera) {
        return no_room(app, body);
    }
    let brand = &app.profile().brand;
    let code = aside(app, body.theme, area);
    if let Some(code) = &code {
        body.leave_free(code.size().width + GAP);
    }
    body.stress(phrase!("done-what" { brand: brand.name.as_str() }));
    let address = app.address();
    if let Some(address) = &address {
        body.stress(phrase!("done-address" { address }));
    }
    if code.is_some() {
        body.say(id!("done-code"));
    }
    for fact in app.run().iter().flat_map(|run| &run.timeline.facts) {
        if let Fact::Registered { contact } = fact {
            body.say(phrase!("done-registered" { contact }));
        }
    }
    progress::saved(app, body);
    body.gap();
    authorities(app, address.as_deref(), body);
    body.gap();
    body.stress(id!("done-next"));
    let mut next = vec![sign_in(app, body.theme)];
    next.extend(brand.next_steps.iter().map(|step| step.as_str().into()));
    let own = app.public().and_then(|public| public.address(app.profile()));
    for probe in app.profile().ready.iter().filter(|probe| probe.kind == ProbeKind::Present) {
        let there = probe.url.of(own.as_ref()).filter(|url| address.as_deref() != Some(url.as_str()));
        next.extend(there.map(|url| phrase!("done-answers-at" { name: probe.name(), address: url.as_str() })));
    }
    if changed(app, &step::REDEEM) == Some(true) || app.earlier().has_changed(&step::REDEEM) {
        next.push(phrase!("done-code-used"));
    }
    next.push(parts::help_from(app));
    for next in next {
        body.styled(body.theme.bullet(), next, Theme::plain());
    }
    // Last, because it asks for nothing any more.
    body.gap();
    for row in app.run().iter().flat_map(|run| &run.timeline.rows) {
        if let RowState::Finished(outcome) = &row.state {
            body.styled(body.theme.mark(Mark::Ok), &row.info.title, body.theme.good());
            body.below(outcome.summary(), Theme::plain());
        }
    }
}

/// Who signs the certificates that the browser will warn of, and what to compare before it is told to trust them.
fn authorities(app: &App, address: Option<&str>, body: &mut Body<'_>) {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let shown = address.and_then(origin);
    for fact in app.run().iter().flat_map(|run| &run.timeline.facts) {
        let Fact::Authority { url, authority } = fact else { continue };
        let name = &authority.name;
        let who = if shown.is_some() && origin(url) == shown {
            phrase!("done-authority" { authority: name })
        } else {
            phrase!("done-authority-of" { authority: name, address: url })
        };
        body.say(who.then(id!("done-compare")));
        body.fingerprint(&authority.sha256);
    }
}

/// What was typed now counts only if the bootstrap has run with it: in this attempt or in one before it here.
fn sign_in(app: &App, theme: Theme) -> Phrase {
    let now = app.public().filter(|_| changed(app, &step::BOOTSTRAP) != Some(false));
    match now.or(app.earlier().written.as_ref()) {
        Some(public) => {
            let email = public.email.to_string();
            phrase!("done-sign-in" { email: theme.typed(&email).as_ref() })
        }
        None => phrase!("done-sign-in-as-before"),
    }
}

/// Whether the step with this stable id changed anything; `None` when it is not part of the plan.
fn changed(app: &App, id: &StepId) -> Option<bool> {
    let row = app.run()?.timeline.rows.iter().find(|row| row.info.id == *id)?;
    match &row.state {
        RowState::Finished(outcome) => Some(outcome.is_change()),
        _ => None,
    }
}
