//! What this is, what is needed, and that nothing happens yet.

use crate::{
    pages::parts,
    screen::{body::Body, theme::Theme},
    wizard::app::App,
    words::{Language, id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let (brand, words) = (&app.profile.brand, &app.words);
    body.stress(&words.tell(&phrase!("welcome-what" { brand: brand.name.as_str() })));
    body.gap();
    if Language::ALL.len() > 1 {
        let language = words.language().name();
        let plain = app.look.plain;
        body.say(&words.tell(&if plain {
            phrase!("welcome-language-plain" { language })
        } else {
            phrase!("welcome-language" { language })
        }));
        body.gap();
    }
    body.say(&words.say(id!("welcome-need")));
    let code = words.tell(&phrase!("welcome-need-code" { source: parts::code_source(app) }));
    for needed in [code, words.say(id!("welcome-need-administrator")), words.say(id!("welcome-need-password"))] {
        body.styled(body.theme.bullet(), &needed, Theme::plain());
    }
    body.gap();
    body.say(&words.say(id!("welcome-nothing-yet")));
    body.gap();
    body.say(&words.say(if app.look.plain { id!("welcome-checks-plain") } else { id!("welcome-checks") }));
    body.gap();
    body.say(&parts::help_from(app));
    body.crown(&brand.wordmark, body.theme.brand());
}
