//! What this is, what is needed, and that nothing happens yet.

use crate::tui::{app::App, theme::Theme, widgets::Body};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let brand = &app.profile.brand;
    body.stress(&format!("This sets up {} on this machine.", brand.name));
    body.gap();
    body.say("You need:");
    body.styled("  - ", &format!("the install code; it is in {}", brand.code_source), Theme::plain());
    body.styled("  - ", "the name and the e-mail address of the administrator", Theme::plain());
    body.styled("  - ", "a password for the administrator, which you choose now", Theme::plain());
    body.gap();
    body.say(
        "Nothing is changed before you confirm on the review page. The install code is the last thing to be sent, \
         after everything that can fail has been tried.",
    );
    body.gap();
    body.say("Meanwhile this machine is checked; the line below says how far that is.");
    body.gap();
    body.say(&format!("Help: {}.", brand.support));
}
