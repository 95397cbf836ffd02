//! Which keys lead where, and what they set off.

use super::*;
use crate::{
    answers::FieldId,
    wizard::Input,
    words::{Language, Words},
};

/// A page, keys, and the page that they lead to.
pub(super) const FLOWS: &[(Page, &str, Page)] = &[
    (Page::Welcome, "<enter>", Page::Code),
    (Page::Welcome, "x", Page::Welcome),
    (Page::Code, "<enter>", Page::Administrator),
    (Page::Code, "<esc>", Page::Welcome),
    (Page::Code, "<bs><enter>", Page::Code),
    (Page::Code, "<bs><enter>x<enter>", Page::Administrator),
    (Page::Administrator, "<enter><enter><enter>", Page::Administrator),
    (Page::Administrator, "<enter><enter><enter><enter>", Page::Password),
    (Page::Administrator, "<tab><tab><tab><c-u><enter>", Page::Password),
    (Page::Administrator, "<end><c-u><enter>", Page::Administrator),
    (Page::Administrator, "<esc>", Page::Code),
    (Page::Password, "<enter><enter>", Page::Review),
    (Page::Password, "<tab><end><bs><enter>", Page::Password),
    (Page::Password, "<esc>", Page::Administrator),
    (Page::Review, "<esc>", Page::Password),
    (Page::Review, "<esc><esc><esc><esc>", Page::Welcome),
    (Page::Review, "1<enter>", Page::Review),
    (Page::Review, "1<esc>", Page::Review),
    (Page::Review, "2<enter><enter><enter><enter>", Page::Review),
    (Page::Review, "3<enter><enter>", Page::Review),
    // What is left wrong on one page is asked for on the way to the start.
    (Page::Review, "1<end><bs><esc>2<enter><enter><enter><enter>", Page::Code),
    (Page::Review, "1<end><bs><esc><enter>", Page::Code),
    (Page::Review, "1<end><bs><esc><enter>x<enter><enter>", Page::Progress),
    (Page::Review, "<enter>", Page::Progress),
    (Page::Review, "<enter><esc><esc>", Page::Progress),
];

#[test]
fn keys_lead_from_page_to_page() {
    for (from, keys, to) in FLOWS {
        let mut app = at(*from);
        play(&mut app, keys);
        assert_eq!(app.page(), *to, "{from:?} {keys}");
    }
}

#[test]
fn an_operator_types_everything() {
    let mut app = empty();
    let keys = "<enter>k7qp-m2rx<enter>Kim<enter>Admin<enter>kim@acme.example<enter><enter>correct horse \
                battery<enter>correct horse battery<enter>";
    let effects = play(&mut app, keys);
    assert!(
        matches!(&effects[..], [Effect::Ask(Request::Lead), Effect::Ask(Request::Judge(_)), .., Effect::Ask(Request::Describe(public))] if public.first_name.as_str() == "Kim"),
        "{effects:?}"
    );
    let effects = play(&mut app, "<enter>");
    let [Effect::Ask(Request::Start(answers))] = &effects[..] else { unreachable!("{effects:?}") };
    assert_eq!(answers.secret.install_code.expose(), "K7QPM2RX");
    assert_eq!(answers.secret.password.expose(), PASSWORD);
}

#[test]
fn what_the_draft_answers_is_not_asked() {
    for (text, keys, page, step) in [
        (COMPLETE, "<enter>", Page::Review, (2, 4)),
        ("install-code='K7QPM2RX'", "<enter>", Page::Administrator, (2, 6)),
        ("install-code='K7QPM2R'", "<enter>", Page::Code, (2, 7)),
        ("install-code='K7QPM2R0'", "<enter>", Page::Code, (2, 7)),
        (COMPLETE, "<enter>1", Page::Code, (2, 5)),
        (COMPLETE, "<enter><esc>", Page::Welcome, (1, 4)),
    ] {
        let mut app = wizard(Profile::built_in(), text);
        play(&mut app, keys);
        assert_eq!((app.page(), crate::wizard::way::step(&app)), (page, step), "{text} {keys}");
    }
    let mut app = wizard(Profile::built_in(), "install-code='K7QPM2R0'");
    play(&mut app, "<enter>");
    let remark = app.remark(Input::Answer(FieldId::InstallCode)).expect("it says what was left out");
    assert_eq!(
        remark,
        "Install code of the answers file was left out: `0` at position 8 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z"
    );
}

#[test]
fn leaving_is_asked_first() {
    for (keys, exit) in [
        ("<c-c>", None),
        ("<c-c><esc>", None),
        ("<c-c>n", None),
        ("<c-c>x", None),
        ("<c-c><enter>", Some(Exit::Stopped)),
        ("<c-c>Y", Some(Exit::Stopped)),
    ] {
        for page in [Page::Welcome, Page::Code, Page::Administrator, Page::Password, Page::Review] {
            let effects = play(&mut at(page), keys);
            let left =
                effects.iter().find_map(|effect| if let Effect::Leave(exit) = effect { Some(*exit) } else { None });
            assert_eq!(left, exit, "{page:?} {keys}");
        }
    }
}

#[test]
fn a_run_is_stopped_after_a_question_and_shows_what_was_left() {
    let mut app = running(vec![Event::StepStarted { id: "rehearse".into() }]);
    assert!(play(&mut app, "<esc><esc><c-c>n").is_empty());
    assert!(matches!(play(&mut app, "<c-c>y")[..], [Effect::Ask(Request::Stop)]));
    assert!(play(&mut app, "<c-c><enter><esc>q").is_empty(), "it finishes what must not be cut");
    update(&mut app, ran(Event::StepStopped { id: "rehearse".into(), elapsed_ms: 5 }));
    assert!(update(&mut app, ran(ended(ErrorId::Stopped, true))).is_none());
    assert_eq!((app.page(), app.is_stopping()), (Page::Progress, false));
    assert!(matches!(play(&mut app, "q")[..], [Effect::Leave(Exit::Stopped)]));
    assert!(matches!(play(&mut app, "r")[..], [Effect::Ask(Request::Start(_))]));
}

#[test]
fn a_signal_ends_the_program_after_the_run() {
    assert!(matches!(update(&mut at(Page::Code), Msg::Hangup), Some(Effect::Leave(Exit::Stopped))));
    let mut app = running(vec![]);
    play(&mut app, "<esc>");
    assert!(matches!(update(&mut app, Msg::Hangup), Some(Effect::Ask(Request::Stop))));
    let ended = ended(ErrorId::Stopped, true);
    assert!(matches!(update(&mut app, ran(ended)), Some(Effect::Leave(Exit::Stopped))));
}

#[test]
fn after_a_failure_nothing_is_typed_again() {
    for (id, keys, page, starts) in [
        (ErrorId::CodeExpired, "e", Page::Code, false),
        (ErrorId::CodeUsed, "E", Page::Code, false),
        (ErrorId::OtherTenant, "e", Page::Code, false),
        (ErrorId::LicenseUnavailable, "e", Page::Review, false),
        (ErrorId::CodeUnknown, "<esc>", Page::Review, false),
        // Back to where the run stopped.
        (ErrorId::CodeUnknown, "e<enter>", Page::Progress, false),
        (ErrorId::CodeUnknown, "e<esc>", Page::Progress, false),
        (ErrorId::CodeUnknown, "e<end><bs>Z<enter><enter>", Page::Progress, true),
        (ErrorId::CodeUnknown, "r", Page::Progress, true),
        (ErrorId::CodeUnknown, "<enter>", Page::Progress, true),
    ] {
        let mut app = failed(1, id);
        let effects = play(&mut app, keys);
        assert_eq!(app.page(), page, "{id:?} {keys}");
        let started = effects.iter().any(|effect| matches!(effect, Effect::Ask(Request::Start(_))));
        assert_eq!(started, starts, "{id:?} {keys}");
    }
    assert!(matches!(play(&mut failed(1, ErrorId::CodeExpired), "q")[..], [Effect::Leave(Exit::CodeExpired)]));
    let left = play(&mut failed(1, ErrorId::CodeExpired), "e<c-c>y");
    assert!(matches!(left[..], [Effect::Leave(Exit::CodeExpired)]));
}

#[test]
fn done_forgets_what_was_typed() {
    let mut app = running(vec![ended(None, true)]);
    assert_eq!(app.page(), Page::Done);
    assert!(Input::all(app.profile()).all(|input| app.form().field(input).is_empty()));
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Leave(Exit::Done)]));
}

#[test]
fn a_run_that_breaks_off_is_a_failure_and_every_row_has_a_state() {
    let mut app = running(vec![Event::StepStarted { id: "rehearse".into() }]);
    update(&mut app, Msg::Reply(Reply::RunLost));
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("defect: the setup broke off") && text.contains("not run, because"), "{text}");
    assert!(matches!(play(&mut app, "q")[..], [Effect::Leave(Exit::Defect)]));
}

#[test]
fn why_a_step_was_not_run_is_told_in_the_language_of_the_page() {
    let app = running(vec![
        Event::StepStopped { id: "rehearse".into(), elapsed_ms: 700 },
        Event::StepNotRun { id: "redeem".into(), reason: phrase!("not-run-stopped") },
        ended(ErrorId::Stopped, true),
    ]);
    let text = screen(&mut ways::german(app), 80, 24);
    assert!(text.contains("nicht ausgefuehrt: der Lauf wurde angehalten"), "{text}");
}

#[test]
fn failed_checks_are_made_again_by_key_and_by_themselves() {
    let second = std::time::Duration::from_secs(1);
    let mut app = at(Page::Code);
    rehearse(&mut app, vec![]);
    assert!(play(&mut app, "<f5>").is_empty(), "they are being made");
    rehearse(&mut app, rehearsed(vec![report(ErrorId::NameResolution)]));
    for _ in 0..9 {
        assert!(update(&mut app, Msg::Tick(second)).is_none());
    }
    assert!(matches!(update(&mut app, Msg::Tick(second)), Some(Effect::Ask(Request::Rehearse(..)))));
    rehearse(&mut app, rehearsed(vec![]));
    assert!(update(&mut app, Msg::Tick(60 * second)).is_none(), "they have passed");
    assert!(matches!(play(&mut app, "<f5>")[..], [Effect::Ask(Request::Rehearse(Some(_), None))]));
    // On the way back from a failed run they are made at once.
    let mut app = failed(1, ErrorId::CodeExpired);
    assert!(update(&mut app, Msg::Tick(60 * second)).is_none(), "the run makes them");
    play(&mut app, "e");
    assert!(matches!(update(&mut app, Msg::Tick(second)), Some(Effect::Ask(Request::Rehearse(..)))));
}

#[test]
fn the_status_line_tells_where_the_checks_are() {
    use CheckState::{Failed, Passed, Waiting};
    let mut app = at(Page::Code);
    let status = |app: &App| app.checks().status(app.again_in(), app.words());
    assert_eq!(status(&app), "Checks: starting");
    rehearse(&mut app, vec![check("clock", Passed, "the clock is right"), check("kubernetes", Waiting, starting(40))]);
    assert_eq!(status(&app), "Checks: 1 passed so far; kubernetes: starting, 40 s");
    // The details are left out in any language.
    let scrambled = app.checks().status(app.again_in(), &Words::new(Language::Scrambled));
    assert!(scrambled.contains("kubernetes") && !scrambled.contains("no answer"), "{scrambled}");
    update(&mut app, checking(check("kubernetes", Failed, "nothing answers")));
    for event in rehearsed(vec![report(ErrorId::KubernetesUnreachable)]) {
        update(&mut app, checking(event));
    }
    assert_eq!(status(&app), "Checks: 1 of 2 passed, 1 failed; again in 10 s (F5: now)");
    play(&mut app, "<f5>");
    assert_eq!(status(&app), "Checks: 1 passed so far, 1 failed; checking again");
    rehearse(&mut app, vec![check("clock", Passed, ""), check("kubernetes", Passed, "")]);
    for event in rehearsed(vec![]) {
        update(&mut app, checking(event));
    }
    assert_eq!(status(&app), "Checks: all 2 passed");
    update(&mut app, checking(check("secrets", CheckState::Skipped, "not tried")));
    assert_eq!(status(&app), "Checks: 2 passed, 1 not made; the review says why");
}

#[test]
fn the_password_is_hidden_again_when_its_page_is_left() {
    let mut app = at(Page::Password);
    play(&mut app, "<f2>");
    assert!(app.reveal());
    play(&mut app, "<esc>");
    assert!(!app.reveal());
}

#[test]
fn the_network_is_shown_when_it_is_in_the_way_and_only_then() {
    use crate::wizard::way::step;
    let mut app = empty();
    assert_eq!(step(&app), (1, 7));
    rehearse(&mut app, rehearsed(vec![report(ErrorId::ClockWrong)]));
    assert_eq!(step(&app), (1, 8), "the clock has a page of its own");
    assert_eq!(crate::wizard::way::next(&app), Some(Page::Clock));
    rehearse(&mut app, rehearsed(vec![report(ErrorId::NameResolution)]));
    play(&mut app, "<enter>");
    assert_eq!((app.page(), step(&app)), (Page::Network, (2, 8)));
    rehearse(&mut app, rehearsed(vec![]));
    assert_eq!((app.page(), step(&app)), (Page::Network, (2, 8)), "not taken away while it is read");
    play(&mut app, "<enter>");
    assert_eq!((app.page(), step(&app)), (Page::Code, (2, 7)));
    play(&mut app, "<esc>");
    assert_eq!(app.page(), Page::Welcome);
    // What a run met is over when the checks pass after it, and not because they did before it.
    let mut app = failed(0, ErrorId::NameResolution);
    play(&mut app, "n");
    assert!(app.network_failed());
    rehearse(&mut app, rehearsed(vec![]));
    assert!(!app.network_failed());
    play(&mut app, "<enter><enter>");
    update(&mut app, ran(Event::Plan { steps: PLAN[..1].to_vec() }));
    for event in rehearsed(vec![report(ErrorId::NameResolution)]) {
        update(&mut app, ran(event));
    }
    assert!(app.network_failed());
    // From the review and after a failure it is one key away, whatever the checks say.
    for mut app in [at(Page::Review), failed(1, ErrorId::LicenseUnavailable)] {
        let from = app.page();
        play(&mut app, "n");
        assert_eq!(app.page(), Page::Network);
        play(&mut app, "<enter>");
        assert_eq!(app.page(), from);
    }
}

#[test]
fn the_language_is_changed_on_the_first_page() {
    let mut app = empty();
    play(&mut app, "<left>");
    assert!(screen(&mut app, 80, 24).contains("Willkommen"));
    play(&mut app, "<right>");
    assert!(screen(&mut app, 80, 24).contains("Welcome"));
}

#[test]
fn a_keyboard_layout_is_used_before_anything_is_typed() {
    let mut app = empty();
    app.offer_layouts(["de", "us"].map(str::to_owned).into());
    play(&mut app, "<enter>");
    assert_eq!(app.page(), Page::Keyboard);
    assert!(play(&mut app, "xx<enter>").is_empty());
    assert!(screen(&mut app, 80, 24).contains("no layout of this machine is called `xx`"));
    let effects = play(&mut app, "<c-u><down><enter>");
    assert!(matches!(&effects[..], [Effect::Ask(Request::LoadLayout(layout))] if layout == "de"), "{effects:?}");
    update(&mut app, Msg::Reply(Reply::LayoutLoaded { failure: None }));
    play(&mut app, "zy<enter>");
    assert_eq!(app.page(), Page::Code);
    assert!(app.form().field(Input::Answer(FieldId::InstallCode)).is_empty(), "what was tried is no answer");
    play(&mut app, "<esc><tab>q<esc>");
    assert_eq!(app.page(), Page::Welcome);
}

#[test]
fn the_password_is_judged_when_it_changes() {
    let judged = |keys: &str| {
        let mut app = at(Page::Password);
        let effects = play(&mut app, keys);
        effects.iter().filter(|effect| matches!(effect, Effect::Ask(Request::Judge(_)))).count()
    };
    for (keys, times) in [
        ("a", 1),
        ("<bs><bs>", 2),
        ("<left><right><home><end><a-b><c-right>", 0),
        ("<home><bs>", 0),
        ("<c-u>", 0),
        ("<tab>x<bs>", 0),
        ("<f2>", 0),
        // On the way back to it: what is known of the owner may have changed.
        ("<esc><tab><tab><tab><enter>", 1),
    ] {
        assert_eq!(judged(keys), times, "{keys}");
    }
    let mut app = at(Page::Password);
    judge(&mut app);
    assert_eq!(app.strength().as_ref().map(|strength| strength.score), Some(4));
    play(&mut app, "<c-u>");
    assert_eq!(app.strength(), None);
    judge(&mut app);
    assert_eq!(app.strength(), None, "a verdict on what is not there any more");
}

#[test]
fn caps_lock_is_noticed_where_it_can_be() {
    let told = |keys: &[(char, KeyModifiers)]| {
        let mut app = empty();
        app.put_on(Page::Password);
        for (letter, modifiers) in keys {
            update(&mut app, Msg::Key(KeyEvent::new(KeyCode::Char(*letter), *modifiers)));
        }
        screen(&mut app, 80, 24).lines().find(|line| line.contains("Caps Lock")).unwrap_or_default().trim().to_owned()
    };
    let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
    for (keys, expected) in [
        (&[('A', none)][..], "Caps Lock is on."),
        (&[('A', none), ('1', none)], "Caps Lock is on."),
        (&[('A', none), ('b', none)], ""),
        (&[('A', shift), ('B', shift)], ""),
        (&[('A', shift), ('B', shift), ('C', shift)], "Every letter is a capital: Caps Lock may be on."),
        (&[('A', shift), ('B', shift), ('c', none)], ""),
    ] {
        assert_eq!(told(keys), expected, "{keys:?}");
    }
}
