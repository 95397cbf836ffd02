//! The disk that the image is put on. Before anything goes, what goes is named, and has to be typed.

use crate::{
    error::Report,
    pages::{failure, progress},
    screen::{Body, FieldRow, Theme},
    setup::Offer,
    wizard::{
        App,
        own::{Installation, OwnPage, Stage},
    },
    words::{Phrase, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let installation = app.installation();
    match &installation.stage {
        Stage::Installing => {
            body.stress(id!("disk-installing"));
            body.gap();
            progress::steps(&installation.watch, body);
        }
        Stage::Installed | Stage::Restarting | Stage::NotRestarted(_) => installed(&installation.stage, body),
        _ => choose(app, installation, body),
    }
}

fn installed(stage: &Stage, body: &mut Body<'_>) {
    body.stress(id!("disk-installed"));
    body.gap();
    body.say(id!("disk-installed-then"));
    match stage {
        Stage::Restarting => {
            body.gap();
            body.styled("", id!("disk-restarting"), body.theme.busy());
        }
        Stage::NotRestarted(reason) => {
            body.gap();
            body.styled("", phrase!("disk-not-restarted" { reason }), body.theme.bad());
        }
        _ => {}
    }
}

fn choose<'a>(app: &'a App, installation: &'a Installation, body: &mut Body<'a>) {
    if installation.stage == Stage::Failed {
        body.stress(id!("disk-failed"));
        for report in &installation.watch.failures {
            failure::told(report, app.causes(), Theme::strong(), body);
        }
    } else {
        body.say(id!("disk-why"));
    }
    body.gap();
    if let Some((label, field)) = installation.field() {
        body.field(FieldRow { label: app.words().say(label), field, focused: true, reveal: false });
        let style = match installation.stage {
            Stage::Choosing | Stage::Failed => Theme::plain(),
            _ => body.theme.bad(),
        };
        body.below_field(said(app, installation), style);
        body.gap();
    }
    match installation.offers() {
        None => body.styled("", id!("disk-looking"), body.theme.busy()),
        Some(Err(Report { message, hint, .. })) => {
            body.styled("", phrase!("disk-unlisted" { reason: message, hint }), body.theme.bad());
        }
        Some(Ok(offers)) if offers.is_empty() => body.say(id!("disk-none")),
        Some(Ok(offers)) => offers.iter().for_each(|offer| told(offer, body)),
    }
}

/// A disk, and what would become of what is on it.
fn told(offer: &Offer, body: &mut Body<'_>) {
    body.styled(body.theme.bullet(), &offer.about, Theme::strong());
    body.below(&offer.becomes, Theme::plain());
}

/// What is to be said about what was typed.
fn said(app: &App, installation: &Installation) -> Phrase {
    match &installation.stage {
        Stage::Unknown(name) => phrase!("disk-unknown" { name }),
        Stage::Unfit(name) => {
            let why = installation.offer(name).map_or(Phrase::nothing(), |offer| offer.becomes.clone());
            phrase!("disk-unfit" { name, why })
        }
        Stage::Confirming(name) => {
            let becomes = installation.offer(name).map_or(Phrase::nothing(), |offer| offer.becomes.clone());
            phrase!("disk-confirm" { name, becomes })
        }
        Stage::Refused(why) => why.phrase(&app.words().say(id!("disk-name"))),
        _ => phrase!("disk-how"),
    }
}
