//! What every page looks like; `insta` keeps the screens in `snapshots/`.

use super::*;
use crate::{
    answers::FieldId,
    faces::tests::{
        matrix::snap,
        mending::SCREENS,
        states::{ABOVE, MORE, PAGES, Row},
    },
    screen::Glyphs,
    wizard::{
        own::{ProxyWay, Setting, Signing, Stage, State},
        page,
    },
    words::Language,
};

fn rows() -> impl Iterator<Item = &'static Row> {
    PAGES.iter().chain(ABOVE)
}

#[test]
fn every_page_in_every_state() {
    for (name, app) in rows().flat_map(Row::states) {
        snap(&name, app);
    }
}

#[test]
fn whatever_else_there_is_to_be_seen() {
    for (name, app) in MORE.iter().chain(SCREENS) {
        snap(name, app());
    }
}

#[test]
fn no_page_and_no_state_is_forgotten() {
    // A profile with a question of each kind has every page.
    for page in page::all(questioned("").profile()) {
        assert!(PAGES.iter().any(|row| row.page == page), "{page:?} is in no snapshot");
    }
    for row in PAGES {
        for (name, app) in row.states() {
            assert_eq!(app.page(), row.page, "{name}");
        }
    }
    for row in rows() {
        if let Some(way) = row.busy {
            let app = way(row.page);
            let loading = matches!(app.keyboard().state, State::Loading(_))
                || app.clock().setting == Setting::UnderWay
                || app.proxy().way == ProxyWay::Beginning;
            let signs_in = app.is_answer_awaited();
            let installs = matches!(app.installation().stage, Stage::Installing | Stage::Restarting);
            assert!(
                app.checks().is_running() || app.is_running() || loading || signs_in || installs,
                "{}: nothing is under way",
                row.name
            );
        }
        if let Some(way) = row.failed {
            let app = way(row.page);
            let run = app.run().and_then(crate::wizard::Watch::ended).is_some_and(|exit| exit != Exit::Done);
            let keyboard = matches!(app.keyboard().state, State::Failed(_));
            let clock =
                matches!(app.clock().setting, Setting::Failed(_)) || matches!(app.proxy().way, ProxyWay::Failed(_));
            let sign_in = matches!(app.sign_in().signing, Signing::Failed(_));
            let checks = !app.checks().failures.is_empty();
            let disk = matches!(app.installation().stage, Stage::Failed | Stage::NotRestarted(_));
            assert!(
                checks || run || keyboard || clock || sign_in || disk || matches!(app.saved(), Some(Err(_))),
                "{}: nothing failed",
                row.name
            );
        }
    }
    let mut names: Vec<String> = rows().flat_map(Row::states).map(|(name, _)| name).collect();
    names.extend(MORE.iter().chain(SCREENS).map(|(name, _)| (*name).to_owned()));
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "two states share a name");
}

/// What the operator confirms: every answer without the secret ones, what will be done, and what the checks say.
#[test]
fn review() {
    let row = PAGES.iter().find(|row| row.page == Page::Review).expect("the review has a row");
    let (_, mut app) = row.states().find(|(name, _)| name == "review-filled").expect("it can be filled in");
    let text = screen(&mut app, 80, 24);
    for shown in
        ["Kim Admin", "kim@acme.example", "Acme", "Send the install code to license.example", "within 1 s", "Start"]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains(PASSWORD) && !text.contains("K7QP"), "{text}");
}

#[test]
fn what_does_not_fit_can_be_scrolled_to_and_no_further() {
    let mut app = at(Page::Review);
    update(&mut app, Msg::Reply(Reply::Described { steps: description() }));
    let checks = (0..9).map(|_| "the clock is right").zip(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    rehearse(&mut app, checks.map(|(text, id)| check(id, CheckState::Passed, text)).collect());
    let top = screen(&mut app, 60, 18);
    assert!(top.contains("more: Down"), "{top}");
    play(&mut app, "<pgdn><pgdn><pgdn>");
    let bottom = screen(&mut app, 60, 18);
    assert!(!bottom.contains("more: Down") && !bottom.contains("Install code"), "{bottom}");
    play(&mut app, "<pgup><pgup>");
    assert_eq!(screen(&mut app, 60, 18), top);
}

/// A terminal of today, or an ASCII one, in either language.
fn look(glyphs: Glyphs, language: Language) -> Look {
    Look { glyphs, language, ..Look::default() }
}

#[test]
fn an_ascii_terminal_gets_ascii_in_every_language_and_answers_are_not_respelt() {
    let given = COMPLETE.replace("Kim", "Jörg").replace("Acme", "李 & Söhne");
    for language in Language::ALL {
        let mut app = App::new(
            Arc::new(Profile::built_in()),
            &Draft::from_toml(&given, &Profile::built_in()).0,
            look(Glyphs::Ascii, language),
        );
        for page in [Page::Welcome, Page::Code, Page::Administrator, Page::Password, Page::Review] {
            app.put_on(page);
            let text = screen(&mut app, 80, 24);
            assert!(text.is_ascii(), "{text}");
            let (first_name, company) = (text.contains("J?rg"), text.contains(" & S?hne"));
            let shown = matches!(page, Page::Administrator | Page::Review);
            assert_eq!((first_name, company), (shown, shown), "{page:?}: {text}");
        }
        assert_eq!(app.form().field(crate::wizard::form::Input::Answer(FieldId::FirstName)).text(), "Jörg");
    }
}
