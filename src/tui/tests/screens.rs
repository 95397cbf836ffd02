//! What every page looks like; `insta` keeps the screens in `snapshots/`.

use ratatui::style::{Color, Modifier};

use super::*;
use crate::{
    engine::Outcome,
    setup::Interface,
    tui::{
        look::{Colours, Glyphs},
        theme::Theme,
    },
    words::{Language, Words},
};

/// Compares the screen at 80x24; where it is `long`, also at other sizes and in other characters.
pub(super) fn snap(name: &str, app: &mut App, long: bool) {
    let mono = app.theme;
    let mut screens = vec![(name.to_owned(), mono, (80, 24))];
    if long {
        let unicode = Theme::new(look(Glyphs::Unicode, Language::English), None);
        for (suffix, theme) in [("", mono), ("-unicode", unicode)] {
            screens.push((format!("{name}{suffix}-60x18"), theme, (60, 18)));
            screens.push((format!("{name}{suffix}-120x40"), theme, (120, 40)));
        }
        screens.push((format!("{name}-unicode"), unicode, (80, 24)));
    }
    for (name, theme, (columns, rows)) in screens {
        app.theme = theme;
        keep(&name, &screen(app, columns, rows));
    }
    app.theme = mono;
}

/// Compares a text with the one kept under `name`.
pub(super) fn keep(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn welcome() {
    snap("welcome", &mut empty(), true);
    let mut app = empty();
    play(&mut app, "<c-c>");
    snap("welcome-leave", &mut app, false);
}

#[test]
fn keyboard() {
    let mut app = empty();
    app.keyboard = Keyboard::new(["de", "de-latin1", "fr", "uk", "us"].map(str::to_owned).into());
    play(&mut app, "<enter>");
    snap("keyboard-empty", &mut app, true);
    play(&mut app, "dk<enter>");
    snap("keyboard-refused", &mut app, false);
    play(&mut app, "<bs><enter><down><enter>");
    snap("keyboard-busy", &mut app, false);
    update(&mut app, Msg::LayoutLoaded(Err("`loadkeys de` failed: cannot open the console".to_owned())));
    snap("keyboard-failed", &mut app, false);
    play(&mut app, "<enter>");
    update(&mut app, Msg::LayoutLoaded(Ok(())));
    play(&mut app, "zy");
    snap("keyboard-filled", &mut app, false);
}

#[test]
fn network() {
    let mut app = empty();
    rehearse(&mut app, rehearsed(vec![report(ErrorId::NameResolution)]));
    let interface = |name: &str, connected, addresses: &[&str]| Interface {
        name: name.to_owned(),
        connected,
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
    };
    let facts = NetworkFacts {
        host_name: "appliance".to_owned(),
        interfaces: vec![
            interface("eth0", true, &["192.0.2.7/24", "2001:db8::7/64"]),
            interface("eth1", true, &[]),
            interface("wlan0", false, &[]),
        ],
        default_routes: vec![([192, 0, 2, 1].into(), "eth0".to_owned())],
        name_servers: Vec::new(),
    };
    update(&mut app, Msg::Network(facts));
    play(&mut app, "<enter>");
    snap("network", &mut app, true);
}

#[test]
fn in_german() {
    let mut app = empty();
    play(&mut app, "<right>");
    snap("welcome-german", &mut app, true);
    snap("review-german", &mut german(at(Page::Review)), false);
}

pub(super) fn german(mut app: App) -> App {
    app.words = Words::new(Language::German);
    app
}

#[test]
fn install_code() {
    let mut app = empty();
    play(&mut app, "<enter>");
    snap("code-empty", &mut app, true);
    play(&mut app, "k7qpm");
    snap("code-partial", &mut app, false);
    play(&mut app, "0");
    snap("code-refused", &mut app, true);
    play(&mut app, "2<enter>");
    snap("code-incomplete", &mut app, false);
    play(&mut app, "rx");
    snap("code-complete", &mut app, false);
    update(&mut app, Msg::Paste("K7QP-M2RX-99".to_owned().into()));
    snap("code-paste-refused", &mut app, false);
    update(&mut app, Msg::Paste("Your install code is K7QP-M2RZ (valid 14 days).".to_owned().into()));
    snap("code-found", &mut app, false);
    update(&mut app, Msg::Paste("K7QP-M2RX, or was it K7QP-M2RY?".to_owned().into()));
    snap("code-paste-several", &mut app, false);
}

#[test]
fn administrator() {
    let mut app = empty();
    app.page = Page::Administrator;
    snap("administrator-empty", &mut app, true);
    play(&mut app, "Kim<enter><enter>");
    snap("administrator-refused", &mut app, false);
    snap("administrator-filled", &mut at(Page::Administrator), false);
}

#[test]
fn password() {
    let mut app = empty();
    app.page = Page::Password;
    snap("password-empty", &mut app, true);
    play(&mut app, "short<enter>");
    snap("password-refused", &mut app, false);
    play(&mut app, "<c-w>Password1!");
    judge(&mut app);
    snap("password-weak", &mut app, true);
    play(&mut app, "<c-u>correct horse battery");
    judge(&mut app);
    play(&mut app, "<enter>correct house<enter>");
    snap("password-differs", &mut app, true);
    play(&mut app, "<c-u>correct horse battery");
    snap("password-strong", &mut app, false);
    play(&mut app, "<f2>");
    snap("password-revealed", &mut app, false);
    play(&mut app, "<backtab><c-u>ZÜRICH-ZUG 12");
    judge(&mut app);
    snap("password-keyboard-revealed", &mut app, false);
    play(&mut app, "<f2>");
    snap("password-keyboard", &mut app, true);
    snap("password-filled", &mut at(Page::Password), false);
}

#[test]
fn review() {
    use CheckState::{Failed, Passed, Skipped, Waiting};
    let mut app = at(Page::Review);
    update(&mut app, Msg::Described(description()));
    let waiting = vec![
        check("clock", Passed, "within 1 s of the license service's"),
        check("kubernetes", Waiting, "starting, 40 s (no answer)"),
    ];
    rehearse(&mut app, waiting);
    snap("review-waiting", &mut app, true);
    let mut failed = vec![check("name-resolution", Failed, "`license.example` does not resolve")];
    failed.push(check("clock", Skipped, "not tried, because the name does not resolve"));
    failed.extend(rehearsed(vec![report(ErrorId::NameResolution)]));
    for event in failed {
        update(&mut app, Msg::Rehearsal(event));
    }
    snap("review-failed", &mut app, true);
    play(&mut app, "1<end><bs><esc>");
    snap("review-missing", &mut app, false);
}

#[test]
fn progress() {
    use CheckState::{Passed, Skipped};
    let mut app = running(vec![
        Event::StepStarted { id: "rehearse" },
        check("clock", Passed, "within 1 s of the license service's"),
    ]);
    update(&mut app, Msg::Run(Event::Note { id: "rehearse", text: "asking the API server".to_owned() }));
    update(&mut app, Msg::Tick(std::time::Duration::from_secs(3)));
    snap("progress-running", &mut app, true);
    play(&mut app, "<esc>");
    snap("progress-stop", &mut app, true);
    play(&mut app, "<esc>");
    let outcome = Outcome::Unchanged("everything is in order".to_owned());
    let failures = vec![report(ErrorId::LicenseUnavailable)];
    for event in [
        check("tls", Skipped, "not tried, because the name does not resolve"),
        Event::StepFinished { id: "rehearse", outcome, elapsed_ms: 1100 },
        Event::StepStarted { id: "redeem" },
        Event::Retry { id: "redeem", attempt: 2, pause_ms: 4000, failures },
    ] {
        update(&mut app, Msg::Run(event));
    }
    update(&mut app, Msg::Tick(std::time::Duration::from_secs(1)));
    snap("progress-retry", &mut app, false);
    snap("progress-failed", &mut failed(1, ErrorId::CodeExpired), true);
}

#[test]
fn stopped() {
    let mut app = running(vec![
        Event::StepStarted { id: "rehearse" },
        Event::StepStopped { id: "rehearse", elapsed_ms: 700 },
        Event::StepNotRun { id: "redeem", reason: "the run was stopped".to_owned() },
        Event::Ended { id: "stopped", exit: 130, changed: true },
    ]);
    snap("progress-stopped", &mut app, false);
    play(&mut app, "<c-c>");
    snap("progress-leave", &mut app, false);
}

#[test]
fn done() {
    let finished = |info: &StepInfo| {
        let outcome = Outcome::Changed(format!("`{}` is in place", info.id));
        Event::StepFinished { id: info.id, outcome, elapsed_ms: 1200 }
    };
    let mut events: Vec<Event> = PLAN.iter().map(finished).collect();
    events.push(Event::Ended { id: "done", exit: 0, changed: true });
    snap("done", &mut running(events), true);
    let unchanged = |info: &StepInfo| {
        let outcome = Outcome::Unchanged(format!("`{}` was in place", info.id));
        Event::StepFinished { id: info.id, outcome, elapsed_ms: 1200 }
    };
    let mut events: Vec<Event> = PLAN.iter().map(unchanged).collect();
    events.push(Event::Ended { id: "done", exit: 0, changed: false });
    snap("done-again", &mut running(events), false);
}

#[test]
fn what_does_not_fit_can_be_scrolled_to_and_no_further() {
    let mut app = at(Page::Review);
    update(&mut app, Msg::Described(description()));
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
            (80, 24),
        );
        for page in [Page::Welcome, Page::Code, Page::Administrator, Page::Password, Page::Review] {
            app.page = page;
            let text = screen(&mut app, 80, 24);
            assert!(text.is_ascii(), "{text}");
            let (first_name, company) = (text.contains("J?rg"), text.contains(" & S?hne"));
            let shown = matches!(page, Page::Administrator | Page::Review);
            assert_eq!((first_name, company), (shown, shown), "{page:?}: {text}");
        }
        assert_eq!(app.form.field(crate::tui::form::Input::FirstName).text(), "Jörg");
    }
}

/// The screen as rows of text, each followed by the styles in it that are not plain.
fn styled(app: &mut App) -> String {
    update(app, Msg::Resize(80, 24));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a test's terminal does not fail");
    terminal.draw(|frame| view(app, frame)).expect("a test's terminal does not fail");
    let buffer = terminal.backend().buffer();
    let mut lines = Vec::new();
    for row in buffer.content().chunks(80) {
        let symbols: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        lines.push(format!("|{}", symbols.trim_end()));
        let mut from = 0;
        for run in row.chunk_by(|one, other| one.style() == other.style()) {
            let style = run[0].style();
            if (style.fg, style.bg, style.add_modifier) != (Some(Color::Reset), Some(Color::Reset), Modifier::empty()) {
                let (fg, bg) = (style.fg.unwrap_or_default(), style.bg.unwrap_or_default());
                let (to, how) = (from + run.len() - 1, style.add_modifier);
                lines.push(format!("  {from}-{to}: {fg} on {bg} {how:?}"));
            }
            from += run.len();
        }
    }
    lines.join("\n")
}

#[test]
fn colours() {
    let themed = |app: &mut App, colours| {
        let look = Look { colours, glyphs: Glyphs::Unicode, ..Look::default() };
        app.theme = Theme::new(look, Some(crate::values::Rgb(0x0b, 0x72, 0x85)));
    };
    let mut app = empty();
    let mut profile = Profile::built_in();
    profile.brand.wordmark = vec![r" /\  |".to_owned(), r"/--\ |".to_owned()];
    app.profile = Arc::new(profile);
    themed(&mut app, Colours::True);
    keep("welcome-true-colour", &styled(&mut app));
    let mut app = failed(1, ErrorId::CodeExpired);
    themed(&mut app, Colours::Eight);
    play(&mut app, "<tab>");
    keep("progress-failed-eight-colours", &styled(&mut app));
}

#[test]
fn pages_of_a_run_in_german() {
    let mut app = german(failed(1, ErrorId::CodeExpired));
    snap("progress-failed-german", &mut app, false);
    play(&mut app, "<f1>");
    snap("help-german", &mut app, true);
}

#[test]
fn help_and_log() {
    let mut app = at(Page::Password);
    play(&mut app, "<f1>");
    snap("help-password", &mut app, true);
    let mut app = failed(1, ErrorId::CodeExpired);
    play(&mut app, "<f1>");
    snap("help-ended", &mut app, false);
    play(&mut app, "<esc>l");
    snap("log", &mut app, true);
}
