//! Signing in before a finished appliance is shown or changed: which keys lead where, what is told, and what is not.

use std::time::Duration;

use super::{
    recording::{Recorded, detours},
    talking::talk,
    toy::Toy,
    ways::{asked_to_sign_in, german, keyed, pasted, signed_in, signing_in},
    *,
};
use crate::wizard::{Context, own::Signing};

/// What is sent with each password.
fn sent(effects: &[Effect]) -> Vec<&str> {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(Request::SignIn(password)) => Some(password.expose()),
        _ => None,
    });
    sent.collect()
}

const WRONG: Attempt = Attempt::Wrong { wait_seconds: 8 };

#[test]
fn keys_lead_through_the_page_or_out_of_it() {
    // The page, keys, what came of them, keys, and the page that they lead to.
    for (wait, keys, attempt, then, page) in [
        (0, "", None, "", Page::SignIn),
        (0, "<enter>", None, "", Page::SignIn),
        (0, "<c-c>n", None, "", Page::SignIn),
        (0, "horse<enter>", None, "<enter>", Page::SignIn),
        (0, "horse<enter>", Some(Attempt::Accepted), "", Page::Welcome),
        (0, "horse<enter>", Some(Attempt::Accepted), "<enter>", Page::Code),
        // There is no way back to it.
        (0, "horse<enter>", Some(Attempt::Accepted), "<enter><esc><esc>n", Page::Welcome),
        (0, "horse<enter>", Some(WRONG), "", Page::SignIn),
        (0, "horse<enter>", Some(WRONG), "horse<enter>", Page::SignIn),
        (0, "horse<enter>", Some(Attempt::TooEarly { wait_seconds: 8 }), "<enter>", Page::SignIn),
        (8, "horse<enter>", None, "", Page::SignIn),
        // What lies on top goes with the page beneath it.
        (0, "horse<enter><f1>", Some(Attempt::Accepted), "<esc><enter>", Page::Code),
    ] {
        let mut app = keyed(signing_in(wait), keys);
        if let Some(attempt) = attempt {
            app = signed_in(app, attempt);
        }
        play(&mut app, then);
        assert_eq!(app.page(), page, "{wait} {keys} {then}");
    }
    for (app, keys) in [
        (signing_in(0), "<esc><enter>"),
        (signing_in(0), "horse<c-c>y"),
        (asked_to_sign_in(Admission::Unknowable { logged_in: false }), "<enter>"),
        (asked_to_sign_in(Admission::Unknowable { logged_in: false }), "<esc>"),
        (asked_to_sign_in(Admission::Unknowable { logged_in: true }), "<esc>y"),
    ] {
        let mut app = app;
        assert!(matches!(play(&mut app, keys)[..], [Effect::Leave(Exit::Stopped)]), "{keys}");
    }
}

#[test]
fn a_password_goes_out_once_and_not_before_its_time() {
    let mut app = signing_in(0);
    assert_eq!(sent(&play(&mut app, "correct horse<enter>more<enter>")), ["correct horse"]);
    app = signed_in(app, WRONG);
    assert!(sent(&play(&mut app, "<enter>")).is_empty());
    for _ in 0..7 {
        update(&mut app, Msg::Tick(Duration::from_secs(1)));
        assert!(sent(&play(&mut app, "<enter>")).is_empty());
    }
    assert!(screen(&mut app, 80, 24).contains("in 1 s"));
    update(&mut app, Msg::Tick(Duration::from_secs(1)));
    assert_eq!(sent(&play(&mut app, "<enter>")), ["more"], "what was typed meanwhile stays");
    let mut app = asked_to_sign_in(Admission::Unknowable { logged_in: true });
    assert_eq!(sent(&play(&mut app, "<enter>")), [""]);
}

/// What the field does not take is no wrong password, and does not come to nothing unsaid.
#[test]
fn what_cannot_be_typed_is_told_and_not_sent() {
    let long = "horse ".repeat(100);
    for (is_pasted, text, told) in [
        (true, "correct\nhorse", "nothing was pasted"),
        (true, &*long, "nothing was pasted"),
        (false, "\u{a0}", "U+00A0"),
    ] {
        let refused = |app| if is_pasted { pasted(app, text) } else { keyed(app, text) };
        let mut app = refused(keyed(signing_in(0), "battery "));
        let seen = screen(&mut app, 80, 24);
        assert!(seen.contains(told), "{text:?}: {seen}");
        play(&mut app, "staple");
        assert!(!screen(&mut app, 80, 24).contains(told), "{text:?}");
        assert_eq!(sent(&play(&mut app, "<enter>")), ["battery staple"], "{text:?}");
        // What is being compared is another one.
        assert_eq!(refused(app).sign_in().signing, Signing::Checking, "{text:?}");
    }
}

/// Neither what was found before, nor what an answers file says.
#[test]
fn nothing_of_the_appliance_is_told_but_its_brand_and_whose_password_it_is() {
    let mut app = wizard(Profile::built_in(), COMPLETE);
    app.ask_to_sign_in(Admission::Administrator { email: Some("kim@acme.example".to_owned()), wait_seconds: 0 }, false);
    for keys in ["", "<f1>", "<esc><f5>", "<esc>", "<esc>"] {
        play(&mut app, keys);
        let text = screen(&mut app, 80, 24);
        assert!(
            !["Acme Managed", "7d3f2b60", "192.0.2", "Checks:", "K7QP"].iter().any(|told| text.contains(told)),
            "{text}"
        );
    }
    assert!(update(&mut app, Msg::Opened).is_none(), "no checks are made behind it");
    let mut app = signed_in(keyed(signing_in(0), "horse<enter>"), WRONG);
    for app in [&mut app, &mut german(signing_in(0))] {
        assert!(screen(app, 80, 24).contains("kim@acme.example"));
    }
    assert!(matches!(
        update(&mut app, Msg::Reply(Reply::SignedIn { attempt: Attempt::Accepted })),
        Some(Effect::Ask(Request::Rehearse(None, None)))
    ));
}

/// Kubernetes did not answer when the wizard was opened, and then says that the setup has finished.
#[test]
fn whoever_was_let_in_because_nobody_knew_signs_in_later() {
    let needed = || vec![report(ErrorId::SignInNeeded)];
    let mut app = at(Page::Administrator);
    play(&mut app, "<f1>");
    rehearse(&mut app, vec![]);
    let asks = rehearsed(needed()).into_iter().find_map(|event| update(&mut app, checking(event)));
    assert!(matches!(asks, Some(Effect::Ask(Request::Admission))));
    assert_eq!((app.page(), app.context()), (Page::SignIn, Context::SignIn));
    assert!(play(&mut app, "horse<enter>").is_empty(), "who may go on is still being asked");
    assert!(update(&mut app, Msg::Tick(Duration::from_mins(1))).is_none(), "no checks are made behind it");
    let told = |email: &str| Admission::Administrator { email: Some(email.to_owned()), wait_seconds: 0 };
    update(&mut app, Msg::Reply(Reply::Admission { admission: told("kim@acme.example") }));
    assert_eq!(sent(&play(&mut app, "<c-u>horse<enter>")), ["horse"]);
    app = signed_in(app, Attempt::Accepted);
    assert_eq!(app.page(), Page::Administrator, "where it was interrupted");
    // What was typed there is there, and the checks are made.
    assert!(typed(&app).contains(&"Kim".to_owned()));

    // A run that met it has changed nothing, and is confirmed again by who knows what is found now.
    let mut app = failed(0, ErrorId::SignInNeeded);
    assert_eq!(app.page(), Page::SignIn);
    update(&mut app, Msg::Reply(Reply::Admission { admission: told("kim@acme.example") }));
    play(&mut app, "horse<enter>");
    app = signed_in(app, Attempt::Accepted);
    assert_eq!(app.page(), Page::Review);
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::Start(_))]));

    // It was taken back meanwhile: nobody has to.
    let mut app = failed(0, ErrorId::SignInNeeded);
    update(&mut app, Msg::Reply(Reply::Admission { admission: Admission::Everybody }));
    assert_eq!(app.page(), Page::Review);
}

#[test]
fn where_nothing_is_behind_it_the_program_goes_on() {
    let mut app = empty();
    app.ask_to_sign_in(Admission::Administrator { email: None, wait_seconds: 0 }, true);
    play(&mut app, "horse<enter>");
    let left = update(&mut app, Msg::Reply(Reply::SignedIn { attempt: Attempt::Accepted }));
    assert!(matches!(left, Some(Effect::Leave(Exit::Done))));
}

#[tokio::test(start_paused = true)]
async fn line_by_line_it_is_asked_and_told() {
    let toy = Toy::default();
    let typed = ["", "/back", "//back\u{a0}", "wrong", "again", "…", PASSWORD, "q", "y"];
    let (exit, text) = talk(&toy, signing_in(0), &typed).await;
    assert_eq!(exit, Exit::Stopped);
    keep("talk-sign-in", &text);
    let asked = toy.asked.into_inner().expect("no panic while held");
    assert_eq!(asked, ["sign in false", "sign in true", "rehearse"]);

    let closed = asked_to_sign_in(Admission::Unknowable { logged_in: false });
    let (exit, text) = talk(&Toy::default(), closed, &[""]).await;
    assert_eq!(exit, Exit::Stopped);
    keep("talk-sign-in-closed", &text);
}

#[test]
fn a_recording_has_neither_the_password_nor_its_length_nor_whose_it_is() {
    let mut recorded = Recorded::new(signing_in(0));
    let typed = |recorded: &mut Recorded, keys: &str| {
        for key in keys.split_inclusive('>').flat_map(super::keys) {
            recorded.happens(Msg::Key(key));
        }
    };
    typed(&mut recorded, "horse battery<bs><enter>");
    recorded.happens(Msg::Reply(Reply::SignedIn { attempt: WRONG }));
    recorded.happens(Msg::Tick(Duration::from_secs(9)));
    recorded.happens(Msg::Paste("correct horse battery".to_owned().into()));
    typed(&mut recorded, "<enter>");
    recorded.happens(Msg::Reply(Reply::SignedIn { attempt: Attempt::Accepted }));
    let file = recorded.file.text();
    for told in ["horse", "battery", "kim@acme", "\"characters\":21"] {
        assert!(!file.contains(told), "{told}: {file}");
    }
    let keys = file.lines().filter(|line| line.contains("\"type\":\"key\"")).count();
    assert_eq!(keys, 2, "that Enter was pressed, and no more: {file}");
    let replayed = recorded.replayed();
    assert_eq!(detours(&replayed), 0, "{replayed}");
    assert!(replayed.contains("This is not the password") && replayed.contains("Welcome"), "{replayed}");
}

#[test]
fn every_size_down_to_one_cell_is_drawn() {
    for (columns, rows) in [(1, 1), (2, 3), (5, 4), (19, 9), (20, 10), (40, 12), (60, 18), (200, 100)] {
        for app in [&mut signing_in(8), &mut asked_to_sign_in(Admission::Unknowable { logged_in: false })] {
            let text = screen(app, columns, rows);
            assert!(columns < 40 || text.contains("Sign in"), "{text}");
        }
    }
}
