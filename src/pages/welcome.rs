//! What this is, what is needed, and that nothing happens yet.

use crate::{
    pages::parts,
    screen::{body::Body, theme::Theme},
    wizard::app::App,
    words::{Language, Phrase, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let (brand, words) = (&app.profile.brand, &app.words);
    body.stress(&words.tell(&phrase!("welcome-what" { brand: brand.name.as_str() })));
    body.gap();
    if Language::ALL.len() > 1 {
        let id = if app.look.plain { "welcome-language-plain" } else { "welcome-language" };
        body.say(&words.tell(&Phrase::new(id).with("language", words.language().name())));
        body.gap();
    }
    body.say(&words.say("welcome-need"));
    let code = words.tell(&phrase!("welcome-need-code" { source: parts::code_source(app) }));
    for needed in [code, words.say("welcome-need-administrator"), words.say("welcome-need-password")] {
        body.styled(body.theme.bullet(), &needed, Theme::plain());
    }
    body.gap();
    body.say(&words.say("welcome-nothing-yet"));
    body.gap();
    body.say(&words.say(if app.look.plain { "welcome-checks-plain" } else { "welcome-checks" }));
    body.gap();
    body.say(&parts::help_from(app));
    body.crown(&brand.wordmark, body.theme.brand());
}
