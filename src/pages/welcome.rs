//! What this is, what is needed, and that nothing happens yet.

use crate::{
    pages::parts,
    screen::{Body, Theme},
    values::Invitation,
    wizard::App,
    words::{Language, Phrase, id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let brand = &app.profile().brand;
    body.stress(phrase!("welcome-what" { brand: brand.name.as_str() }));
    body.gap();
    if Language::ALL.len() > 1 {
        let language = app.words().language().name();
        let plain = app.look().plain;
        body.say(if plain {
            phrase!("welcome-language-plain" { language })
        } else {
            phrase!("welcome-language" { language })
        });
        body.gap();
    }
    body.say(id!("welcome-need"));
    let code = phrase!("welcome-need-code" { source: parts::code_source(app) });
    for needed in [code, phrase!("welcome-need-administrator"), phrase!("welcome-need-password")] {
        body.styled(body.theme.bullet(), needed, Theme::plain());
    }
    body.gap();
    body.say(id!("welcome-nothing-yet"));
    body.gap();
    body.say(if app.look().plain { id!("welcome-checks-plain") } else { id!("welcome-checks") });
    body.gap();
    body.say(parts::help_from(app));
    if let Some(Invitation { password, fingerprint }) = app.invitation() {
        let address = app.network().own_addresses.first().map(|(_, address)| address.to_string());
        let address = address.map_or_else(|| phrase!("welcome-remote-address"), Phrase::from);
        body.say(phrase!("welcome-remote" { address, password: password.expose() }));
        body.say(phrase!("welcome-remote-key" { fingerprint }));
    }
    body.crown(&brand.wordmark, body.theme.brand());
}
