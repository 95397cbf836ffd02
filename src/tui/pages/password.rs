//! The administrator's password, typed twice, its rules ticked off as they are met.

use super::field;
use crate::tui::{
    app::App,
    form::Input,
    theme::{Mark, Theme},
    widgets::Body,
};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say("Choose the administrator's password.");
    body.gap();
    field(app, body, Input::Password, "");
    field(app, body, Input::Again, "");
    body.gap();
    let typed = app.form.field(Input::Password);
    for rule in app.profile.password.rules() {
        tick(body, !typed.is_empty() && rule.is_met(typed.text()), &rule.to_string());
    }
    tick(body, !typed.is_empty() && app.form.passwords_agree(), "typed the same twice");
    body.gap();
    let shown =
        if app.reveal { "The password is shown: F2 or Ctrl-R hides it." } else { "F2 or Ctrl-R shows what you typed." };
    body.say(&format!("{shown} It is not shown again after this page, so keep it where you keep passwords."));
    body.gap();
    body.say("Spaces count. Look out for Caps Lock and for characters that your keyboard has in another place.");
}

fn tick(body: &mut Body<'_>, met: bool, text: &str) {
    let (mark, style) = if met { (Mark::Ok, body.theme.good()) } else { (Mark::Open, Theme::plain()) };
    body.styled(body.theme.mark(mark), text, style);
}
