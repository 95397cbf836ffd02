//! What lies above the pages: help, log, the choice in the footer, and the report.

use super::*;
use crate::{
    answers::FieldId,
    wizard::{Command, Context, Input, Overlay, keys::choices},
};

#[test]
fn every_context_can_be_reached() {
    use Context::{AskLeave, AskStop, Done, Ended, Help, Log, Running, Stopping, TooLate};
    let done = || running(vec![ended(None, true)]);
    let cases = vec![
        (ways::signing_in(0), "", Context::SignIn),
        (ways::asked_to_sign_in(Admission::Unknowable { logged_in: true }), "", Context::LoggedIn),
        (ways::asked_to_sign_in(Admission::Unknowable { logged_in: false }), "", Context::Closed),
        (ways::signing_in(0), "<esc>", AskLeave),
        (ways::signing_in(0), "<c-c>", AskLeave),
        (empty(), "", Context::Welcome),
        (empty(), "<enter>", Context::Code),
        (at(Page::Review), "n", Context::Network),
        (at(Page::Code), "<enter>", Context::Administrator),
        (at(Page::Code), "<enter><tab><tab><tab><enter>", Context::Password),
        (at(Page::Password), "<enter><enter>", Context::Review),
        (at(Page::Review), "<enter>", Running),
        (at(Page::Review), "<c-c>", AskLeave),
        (running(vec![]), "<esc>", AskStop),
        (running(vec![]), "<esc>y", Stopping),
        (running(vec![]), "l", Log),
        (running(vec![]), "lq<f1>", Help),
        (running(vec![]), "l<f1><esc>", Log),
        (running(vec![]), "l<f1><esc><esc>", Running),
        (failed(1, ErrorId::CodeUsed), "", Ended),
        (failed(1, ErrorId::CodeUsed), "l<c-c>", Ended),
        (done(), "", Done),
    ];
    for (mut app, keys, context) in cases {
        play(&mut app, keys);
        assert_eq!(app.context(), context, "{keys}");
    }
    // The Enter that was meant for the question does not press what has come meanwhile.
    let mut app = running(vec![]);
    play(&mut app, "<esc>");
    update(&mut app, ran(ended(None, true)));
    assert_eq!(app.context(), TooLate);
    assert!(play(&mut app, "<enter>").is_empty());
    assert_eq!(app.context(), Done);
}

#[test]
fn the_help_lists_what_works_below_it_and_leaves_everything_as_it_was() {
    for close in ["<esc>", "<enter>", "<f1>", "<c-c>"] {
        let mut app = at(Page::Code);
        let before = screen(&mut app, 80, 24);
        play(&mut app, "<f1>x<bs>");
        update(&mut app, Msg::Paste("ZZZZ".to_owned().into()));
        let help = screen(&mut app, 80, 24);
        assert!(help.contains("delete everything before the cursor") && !help.contains("save a report"), "{help}");
        assert!(!help.contains("K7QP"), "{help}");
        play(&mut app, close);
        assert_eq!(screen(&mut app, 80, 24), before, "{close}");
    }
    let mut app = at(Page::Code);
    play(&mut app, "<f1>");
    let top = screen(&mut app, 40, 12);
    play(&mut app, "<end>");
    assert_ne!(screen(&mut app, 40, 12), top);
    play(&mut app, "<home>");
    assert_eq!(screen(&mut app, 40, 12), top);
}

#[test]
fn tab_or_an_arrow_chooses_and_enter_presses() {
    for forward in ["<tab>", "<right>"] {
        for (index, command) in choices(Context::Review).into_iter().enumerate().skip(1) {
            let mut app = at(Page::Review);
            play(&mut app, &forward.repeat(index));
            assert_eq!(app.chosen(), Some(command));
        }
    }
    let mut app = at(Page::Review);
    play(&mut app, "<tab><tab><tab><backtab><down><up><enter>");
    assert_eq!((app.page(), app.editing()), (Page::Code, true));
    play(&mut app, "<esc><tab><esc>");
    assert_eq!((app.page(), app.chosen()), (Page::Password, None), "another key forgets the choice");
    let mut app = failed(1, ErrorId::CodeExpired);
    assert!(matches!(play(&mut app, "<left><left><enter>")[..], [Effect::Leave(Exit::CodeExpired)]), "round and round");
    let mut app = running(vec![]);
    play(&mut app, "<tab><tab><enter>");
    assert_eq!(app.context(), Context::Log);
    // What was chosen in one place is not pressed in another.
    let mut app = running(vec![]);
    play(&mut app, "<tab>");
    update(&mut app, ran(ended(ErrorId::Stopped, true)));
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::Start(_))]));
}

#[test]
fn behind_the_last_field_tab_comes_to_the_footer_and_then_to_the_first_field_again() {
    for page in [Page::Keyboard, Page::Code, Page::Administrator, Page::Password, Page::Address, Page::Question(4)] {
        let mut app = at(page);
        app.offer_layouts(vec!["us".to_owned()]);
        let fields = page.inputs().len().max(if page == Page::Keyboard { 2 } else { 1 });
        let before = typed(&app);
        play(&mut app, &"<tab>".repeat(fields - 1));
        let keys: Vec<Command> = choices(app.context());
        assert_eq!((keys.first(), keys.last()), (Some(&Command::Next), Some(&Command::Help)), "{page:?}");
        for (forward, back) in [("<tab>", "<backtab>"), ("<right>", "<left>")] {
            for (index, command) in keys.iter().enumerate() {
                play(&mut app, if index == 0 { "<tab>" } else { forward });
                assert_eq!(app.chosen(), Some(*command), "{page:?}");
            }
            play(&mut app, &back.repeat(keys.len()));
            assert_eq!(app.chosen(), None, "{page:?}: back in the last field");
        }
        play(&mut app, &"<tab>".repeat(keys.len() + 1));
        assert_eq!((app.chosen(), app.typed_into()), (None, 0), "{page:?}");
        play(&mut app, "<backtab><enter>");
        assert!(matches!(app.instead(), Some(Overlay::Help(_))), "{page:?}: the help is the last of them");
        assert_eq!(typed(&app), before, "{page:?}");
    }
    let mut app = at(Page::Code);
    play(&mut app, "<bs><tab>x");
    assert_eq!(
        (app.chosen(), app.form().field(Input::Answer(FieldId::InstallCode)).text()),
        (None, "K7QPM2RX"),
        "typing goes on in the field"
    );
    play(&mut app, "<tab>");
    update(&mut app, Msg::Paste("K7QP-M2RZ".to_owned().into()));
    assert_eq!(
        (app.chosen(), app.form().field(Input::Answer(FieldId::InstallCode)).text()),
        (None, "K7QPM2RZ"),
        "and so does a paste"
    );
    // As in other dialogs: the field, the key behind it, and that is the way on.
    play(&mut app, "<tab><enter>");
    assert_eq!(app.page(), Page::Administrator);
}

#[test]
fn what_is_chosen_is_seen_however_narrow_the_footer() {
    let mut app = failed(1, ErrorId::CodeExpired);
    for command in choices(Context::Ended).into_iter().skip(1) {
        play(&mut app, "<tab>");
        assert_eq!(app.chosen(), Some(command));
        let label = if command == Command::Finish { "Leave" } else { "" };
        let text = screen(&mut app, 24, 18);
        assert!(text.lines().last().is_some_and(|footer| footer.contains(label)), "{text}");
        let in_header = text.lines().next().is_some_and(|header| header.contains("F1 Help"));
        assert_eq!(in_header, command == Command::Help, "{text}");
    }
}

#[test]
fn the_log_has_every_line_and_follows_its_end() {
    let mut app = running(vec![Event::StepStarted { id: "rehearse".into() }]);
    let note = |number: usize| ran(Event::Note { id: "rehearse".into(), text: format!("note {number}.").into() });
    (0..100).for_each(|number| drop(update(&mut app, note(number))));
    update(&mut app, Msg::Tick(std::time::Duration::from_secs(75)));
    update(&mut app, note(100));
    play(&mut app, "l");
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("  1:15       note 100.") && text.contains("lines 84-102 of 102"), "{text}");
    play(&mut app, "<home>");
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("  0:00 [1/4] Check") && text.contains("lines 1-19 of 102"), "{text}");
    update(&mut app, note(101));
    play(&mut app, "<pgdn>");
    assert!(screen(&mut app, 80, 24).contains("lines 11-29 of 103"));
    play(&mut app, "<end>");
    update(&mut app, note(102));
    assert!(screen(&mut app, 80, 24).contains("note 102."));
    // It is the same log after a retry.
    update(&mut app, ran(ended(ErrorId::CodeUsed, false)));
    play(&mut app, "<esc>rl<home>");
    assert!(screen(&mut app, 80, 24).contains("[1/4] Check"));
}

#[test]
fn a_log_of_100_000_lines_is_a_log_like_any_other() {
    let mut app = running(vec![]);
    (0..100_001).for_each(|number| app.log_mut().push(format!("line {number}")));
    // How much of it is seen at once is known from the page before.
    screen(&mut app, 80, 24);
    play(&mut app, "l<pgup><pgup>");
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("1 older line was dropped") && text.contains("lines 99963-99981 of 100001"), "{text}");
}

#[test]
fn causes_are_shown_when_asked_for() {
    let mut app = failed(1, ErrorId::CodeExpired);
    let cause = "cause: the license service answered 410 Gone";
    assert!(!screen(&mut app, 80, 24).contains(cause));
    play(&mut app, "c");
    assert!(screen(&mut app, 80, 24).contains(cause));
    play(&mut app, "cr");
    assert!(!app.causes() && !app.is_stopping());
}

#[test]
fn a_report_says_everything_but_secrets() {
    let mut app = failed(1, ErrorId::CodeExpired);
    update(&mut app, ran(check("clock", CheckState::Passed, "within 1 s of the license service's")));
    let effects = play(&mut app, "s");
    let [Effect::Ask(Request::SaveReport { text, secrets })] = &effects[..] else { unreachable!("{effects:?}") };
    let held: Vec<&str> = secrets.iter().map(crate::values::SecretText::expose).collect();
    for secret in [PASSWORD, "K7QPM2RX", "K7QP-M2RX"] {
        assert!(held.contains(&secret), "{secret} is looked for");
        assert!(!text.contains(secret), "{text}");
    }
    keep("report", &text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    update(&mut app, Msg::Reply(Reply::Saved { saved: Err(report(ErrorId::StateUnwritable)) }));
    assert!(screen(&mut app, 80, 24).contains("The report could not be saved: state-unwritable"));
    // When all is done nothing secret is held any more.
    update(&mut app, ran(ended(None, true)));
    assert!(app.form().field(Input::Answer(FieldId::InstallCode)).is_empty() && app.form().secrets().is_empty());
}
