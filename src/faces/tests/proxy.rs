//! A proxy that is named in the wizard: what it takes the place of, and what becomes of the checks and of the way through the pages.

use super::{
    talking::{rehearsal, talk},
    toy::Toy,
    ways::{blank, networked},
    *,
};

const WRONG: &str = "\n[proxy]\nurl = 'http://old.example:3128'\nexceptions = 'b.example'\n";

fn used(app: &mut App) -> Vec<Effect> {
    let effect = update(app, Msg::Reply(Reply::ProxyUsed { used: Ok("it is used".into()) }));
    effect.into_iter().collect()
}

fn proxy_of(app: &App) -> Option<String> {
    app.form().answers().expect("all of them").public.proxy.and_then(|proxy| proxy.shown())
}

#[test]
fn what_is_named_on_the_page_takes_the_place_of_what_an_answers_file_names() {
    let mut app = wizard(Profile::built_in(), &format!("{COMPLETE}{WRONG}"));
    assert_eq!(proxy_of(&app).as_deref(), Some("old.example:3128"));
    app.put_on(Page::Proxy);
    assert!(matches!(app.own_page(), Some(page) if page.is_shown()), "there is something to be looked at");
    let effects = play(&mut app, "<c-u>new.example:3128<enter><enter><enter>");
    let [.., Effect::Ask(Request::UseProxy(proxy))] = &effects[..] else { unreachable!("{effects:?}") };
    assert_eq!(proxy.shown().as_deref(), Some("new.example:3128"));
    // The checks that are being made are of the way before.
    rehearse(&mut app, vec![Event::StepStarted { id: "rehearse".into() }]);
    let effects = used(&mut app);
    assert!(matches!(effects[..], [Effect::Ask(Request::Rehearse(..))]), "{effects:?}");
    assert_eq!(proxy_of(&app), None, "the run does not take the old one again");
}

#[test]
fn whoever_names_one_comes_back_to_the_page_that_it_was_called_from() {
    for page in [Page::Welcome, Page::Network] {
        let mut app = networked(blank(page));
        rehearse(&mut app, rehearsed(vec![report(ErrorId::NameResolution)]));
        play(&mut app, if page == Page::Welcome { "np" } else { "p" });
        assert_eq!(app.page(), Page::Proxy);
        play(&mut app, "proxy.example:3128<enter><enter><enter>");
        used(&mut app);
        play(&mut app, "<enter>");
        assert_eq!(app.page(), page);
    }
}

#[test]
fn a_login_is_not_seen_and_who_only_looks_changes_nothing() {
    let mut app = on(empty(), Page::Proxy);
    play(&mut app, "http://proxy.example");
    assert!(screen(&mut app, 80, 24).contains("http://proxy.example"));
    play(&mut app, "<c-u>http://kim:pa55word@proxy.example");
    let shown = screen(&mut app, 80, 24);
    assert!(!shown.contains("pa55word") && !shown.contains("kim:"), "{shown}");
    app.forget();
    assert!(app.own_page().and_then(|page| page.field()).is_some_and(|(_, field)| field.is_empty()));
    let effects = play(&mut app, "<enter>");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Ask(Request::UseProxy(_)))), "{effects:?}");
}

/// What is wrong with a line, and what came of it, is said.
#[tokio::test(start_paused = true)]
async fn line_by_line() {
    let toy = Toy::new(vec![rehearsal(vec![report(ErrorId::NameResolution)])], vec![]);
    let lines = ["ftp://a", "ftp://b", "http://kim:pa55word@proxy.example:3128", "acme.example", "", "", "^C", ""];
    let (exit, text) = talk(&toy, on(empty(), Page::Proxy), &lines).await;
    assert_eq!(exit, Exit::Stopped);
    assert_eq!(text.matches("Proxy asks for `ftp`, and only `http` and `https` can be used\n").count(), 2, "{text}");
    assert!(text.contains("\nUsed\n") && text.contains("Proxy [***]:") && !text.contains("pa55word"), "{text}");
}
