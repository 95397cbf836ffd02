//! The page for a certificate of the operator's own: where it is asked for, and what goes with what.

use super::*;
use crate::answers::FieldId;

/// A wizard of an appliance that shows a certificate, on the page that asks for its address.
fn asked() -> App {
    let profile = "[license]\nurl = 'https://license.example'\n[endpoint]\nkind = 'url'\n\
                   [pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt']\n\
                   [pki.leaf]\nkey = 'secret:tls/tls.key'\ncertificate = ['secret:tls/tls.crt']\n";
    on(wizard(Profile::parse(profile).expect("a sound profile"), COMPLETE), Page::Address)
}

#[test]
fn it_is_asked_for_where_the_appliance_shows_one() {
    for (keys, page) in [
        ("https://a.example<enter>", Page::Certificate),
        ("http://a.example<enter>", Page::Review),
        ("https://a.example<enter><enter><enter><enter>", Page::Review),
        ("https://a.example<enter>/chain.pem<enter>/key.pem<enter>sesame<enter>", Page::Review),
        // A key of nothing.
        ("https://a.example<enter><enter>/key.pem<enter>", Page::Certificate),
        ("https://a.example<enter><enter><enter>sesame<enter>", Page::Certificate),
        ("https://a.example<enter><esc>", Page::Address),
    ] {
        let mut app = asked();
        play(&mut app, keys);
        assert_eq!(app.page(), page, "{keys}");
    }
}

#[test]
fn the_checks_read_it_before_the_review_is_confirmed() {
    let mut app = asked();
    play(&mut app, "https://a.example<enter>/chain.pem<enter><enter>sesame<enter>");
    let Some(Effect::Ask(Request::Rehearse(Some(public), Some(password)))) =
        update(&mut app, Msg::Tick(std::time::Duration::from_secs(1)))
    else {
        unreachable!("the checks are made")
    };
    let files = public.certificate.expect("a certificate");
    assert_eq!((files.file.to_str(), files.key_file), (Some("/chain.pem"), None));
    assert_eq!(password.expose(), "sesame");
    let told = screen(&mut app, 80, 24);
    assert!(told.contains("/chain.pem") && !told.contains("sesame"), "{told}");
    // A failure leads to the field that it is about.
    let mut app = asked();
    play(&mut app, "https://a.example<enter>/chain.pem<enter><enter>sesame<enter><enter>");
    let failures = vec![Report { about: Some("certificate.password".to_owned()), ..report(ErrorId::CertificateUnfit) }];
    update(&mut app, ran(Event::Plan { steps: PLAN.to_vec() }));
    update(&mut app, ran(Event::StepFailed { id: "rehearse".into(), failures, elapsed_ms: 1 }));
    update(&mut app, ran(ended(ErrorId::CertificateUnfit, false)));
    play(&mut app, "e");
    let password = Input::Answer(FieldId::CertificatePassword);
    assert_eq!((app.page(), app.focused()), (Page::Certificate, Some(password)));
    assert_eq!(app.form().field(password).text(), "sesame");
}

#[test]
fn the_page() {
    let mut app = asked();
    play(&mut app, "https://a.example<enter>/run/media/chain.p12<enter>");
    keep("certificate", &screen(&mut app, 80, 24));
    keep("certificate_german", &screen(&mut ways::german(app), 80, 24));
}
