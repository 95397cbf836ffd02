//! Signing in, before a finished appliance is shown or changed. Nothing of it is told here but its brand and whose password
//! it is.

use crate::{
    pages::parts,
    screen::{Body, FieldRow, Theme},
    setup::Admission,
    wizard::{
        App, Page,
        own::{OwnPage, Signing},
    },
    words::{Phrase, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let Some(admission) = app.sign_in().admission() else {
        return body.say(id!("sign-in-looking"));
    };
    body.stress(phrase!("sign-in-finished" { brand: app.profile().brand.name.as_str() }));
    body.gap();
    match admission {
        Admission::Everybody => {}
        Admission::Administrator { email, .. } => {
            body.say(id!("sign-in-why"));
            body.gap();
            if let Some(email) = email {
                body.say(phrase!("sign-in-whose" { email }));
                body.gap();
            }
            field(app, body);
        }
        Admission::Unknowable { logged_in } => {
            body.say(id!("sign-in-nothing-kept"));
            body.gap();
            body.say(if *logged_in { id!("sign-in-logged-in") } else { id!("sign-in-closed") });
            if let Some(said) = said(app) {
                body.gap();
                body.say(said);
            }
        }
    }
    body.gap();
    body.say(id!("sign-in-otherwise"));
    body.gap();
    body.say(parts::help_from(app));
}

fn field<'a>(app: &'a App, body: &mut Body<'a>) {
    let sign_in = app.sign_in();
    let Some((label, field)) = sign_in.field() else { return };
    let label = app.words().say(label);
    body.field(FieldRow { label, field, focused: true, reveal: app.reveal() });
    let style = match sign_in.signing {
        Signing::NotYet => Theme::plain(),
        Signing::Checking => body.theme.busy(),
        Signing::Empty | Signing::Refused(_) | Signing::Wrong | Signing::TooEarly | Signing::Failed(_) => {
            body.theme.bad()
        }
    };
    body.below_field(said(app).unwrap_or(Phrase::nothing()), style);
    if app.caps_lock() == Some(true) {
        body.stress(id!("caps-on"));
    }
}

/// What became of the password that was typed last, and how long has to be waited.
pub(crate) fn said(app: &App) -> Option<Phrase> {
    let sign_in = app.sign_in();
    if app.page() != Page::SignIn {
        return None;
    }
    let became = match &sign_in.signing {
        Signing::NotYet => None,
        Signing::Empty => Some(phrase!("sign-in-empty")),
        Signing::Refused(why) => Some(why.phrase(&app.words().say(id!("sign-in-password")))),
        Signing::Checking => Some(phrase!("sign-in-checking")),
        Signing::Wrong => Some(phrase!("sign-in-wrong")),
        Signing::TooEarly => Some(phrase!("sign-in-unchecked")),
        Signing::Failed(report) => {
            let (id, why) = (report.id.as_str(), report.message.clone());
            Some(phrase!("sign-in-failed" { id, why }).then(report.hint.clone()))
        }
    };
    let wait = sign_in.wait().map(|seconds| phrase!("sign-in-wait" { seconds }));
    // That it was not looked at is said for as long as that is so.
    let became = became.filter(|_| sign_in.signing != Signing::TooEarly || wait.is_some());
    [became, wait].into_iter().flatten().reduce(Phrase::then)
}
