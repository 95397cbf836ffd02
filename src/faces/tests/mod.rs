//! The wizard without a terminal: keys as text in, pages and screens out.

mod certificate;
mod clock;
mod disk;
mod done;
mod earlier;
mod elsewhere;
mod flow;
mod matrix;
mod mending;
mod overlay;
mod pictures;
mod properties;
mod proxy;
mod questions;
mod recording;
mod scrambled;
mod screens;
mod signing;
mod states;
mod svg;
mod talking;
mod toy;
mod turning;
mod ways;
mod written;

use std::sync::{Arc, LazyLock};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend};

use crate::{
    answers::{Draft, fields::INSTALL_CODE},
    engine::{CheckState, Ending, Event, Outcome, StepInfo},
    error::{ErrorId, Report},
    exit::Exit,
    faces::drawn::view,
    profile::Profile,
    screen::{Look, Theme},
    setup::{Admission, Attempt, Description, Leader, NetworkFacts},
    values::{Authority, Fact, Fingerprint, Invitation, Strength},
    wizard::{
        App, Effect, Input, Msg, Page, Reply, Request, Seen,
        overlay::saw,
        page::{self},
        update,
    },
    words::{Phrase, id, phrase},
};

/// Told nowhere but in its own field.
const PASSWORD: &str = "correct horse battery";

const COMPLETE: &str = "install-code='K7QPM2RX'\n[tenant]\nname='Acme'\n[administrator]\nfirst-name='Kim'\n\
                        last-name='Admin'\nemail='kim@acme.example'\npassword='correct horse battery'";

/// A profile with a question of each kind, and all of its answers.
const QUESTIONS: &str = include_str!("../../../tests/answers/questions.toml");
const ANSWERED: &str = "\n[endpoint]\nhostname='appliance.acme.example'\n[answers]\nregion='eu'\nmail-domain='acme.example'\n\
                        workers=4\ntelemetry=true\nmail-password='seven blue ferries'";

static PLAN: LazyLock<[StepInfo; 4]> = LazyLock::new(|| {
    [
        StepInfo::new("rehearse", id!("step-rehearse")),
        StepInfo::new("redeem", id!("step-redeem")),
        StepInfo::new("secrets", id!("step-secrets")),
        StepInfo::new("bootstrap", id!("step-bootstrap")),
    ]
});

/// A wizard that nothing was typed into.
fn empty() -> App {
    App::new(Arc::new(Profile::built_in()), &Draft::default(), Look::default())
}

/// A wizard of `profile` with the answers in `text`.
fn wizard(profile: Profile, text: &str) -> App {
    let draft = Draft::from_toml(text, &profile).0;
    App::new(Arc::new(profile), &draft, Look::default())
}

/// A wizard with every answer, on `page`; every page is part of the way.
fn at(page: Page) -> App {
    let app = match page {
        Page::Address | Page::Question(_) => questioned(&format!("{COMPLETE}{ANSWERED}")),
        _ => wizard(Profile::built_in(), COMPLETE),
    };
    on(app, page)
}

/// A wizard that asks the vendor's own questions, with the answers in `text`.
fn questioned(text: &str) -> App {
    wizard(Profile::parse(QUESTIONS).expect("a sound profile"), text)
}

/// The same wizard on `page`, with every page part of the way.
fn on(mut app: App, page: Page) -> App {
    for asked in page::all(&Arc::clone(app.profile())) {
        app.ask_for(asked);
    }
    app.put_on(page);
    app
}

/// A wizard whose run has been started and has had `events`.
fn running(events: Vec<Event>) -> App {
    let mut app = at(Page::Review);
    play(&mut app, "<enter>");
    update(&mut app, ran(Event::Plan { steps: PLAN.to_vec() }));
    for event in events {
        update(&mut app, ran(event));
    }
    app
}

/// A run goes on.
fn ran(event: Event) -> Msg {
    Msg::Reply(Reply::Run { event })
}

/// A rehearsal goes on.
fn checking(event: Event) -> Msg {
    Msg::Reply(Reply::Rehearsal { event })
}

/// A wizard whose run failed at `step` with `id`.
fn failed(step: usize, id: ErrorId) -> App {
    let mut events = Vec::new();
    for info in &PLAN[..step] {
        let outcome = Outcome::Changed(format!("`{}` is in place", info.id).into());
        events.push(Event::StepFinished { id: info.id.clone(), outcome, elapsed_ms: 1200 });
    }
    let failures = vec![report(id)];
    events.push(Event::StepFailed { id: PLAN[step].id.clone(), failures, elapsed_ms: 300 });
    for info in &PLAN[step + 1..] {
        events.push(Event::StepNotRun {
            id: info.id.clone(),
            reason: phrase!("not-run-failed" { step: &PLAN[step].id }),
        });
    }
    events.push(ended(id, true));
    running(events)
}

/// The last event of a run.
fn ended(because: impl Into<Option<ErrorId>>, changed: bool) -> Event {
    Event::Ended(Ending { because: because.into(), changed })
}

fn report(id: ErrorId) -> Report {
    let causes = vec!["the license service answered 410 Gone".into()];
    let message = match id {
        ErrorId::CodeExpired => phrase!("license-code-expired" { says: Phrase::nothing() }),
        ErrorId::CodeUsed => phrase!("license-code-used" { says: Phrase::nothing() }),
        ErrorId::NameResolution => phrase!("license-unresolved" { host: "license.example" }),
        ErrorId::ClockWrong => phrase!("rehearse-clock-behind" { off: phrase!("rehearse-minutes" { minutes: 40 }) }),
        _ => "what happened, and where".into(),
    };
    let hint = match id {
        ErrorId::CodeUsed => phrase!("redeem-used-elsewhere-hint" { appliance: "appliance-1f0c2d3e4b5a6978" }),
        _ => Report::new(id, Phrase::nothing()).hint,
    };
    let code = matches!(id, ErrorId::CodeUnknown | ErrorId::CodeExpired | ErrorId::CodeUsed | ErrorId::OtherTenant);
    let about = code.then(|| INSTALL_CODE.to_owned());
    Report { causes, hint, about, ..Report::new(id, message) }
}

/// An authority that browsers do not know, which signs for `url`.
fn authority(url: &str) -> Event {
    let authority = Authority { name: "Acme Appliance CA".to_owned(), sha256: Fingerprint::of(b"abc") };
    Event::Fact { id: "ready".into(), fact: Fact::Authority { url: url.to_owned(), authority } }
}

fn check(id: &'static str, state: CheckState, text: impl Into<Phrase>) -> Event {
    Event::Check { id: id.into(), step: "rehearse".into(), state, text: text.into() }
}

/// What a check says while Kubernetes has been starting for so long.
fn starting(seconds: u64) -> Phrase {
    phrase!("with-details" { what: phrase!("rehearse-kubernetes-starting" { seconds }), details: "no answer" })
}

/// What a step says that has been waiting for so long.
fn waiting(seconds: u64) -> Phrase {
    phrase!("ready-waiting" { name: "the service", why: "no answer", seconds })
}

/// A rehearsal that is told to the wizard as far as `events` go.
fn rehearse(app: &mut App, events: Vec<Event>) {
    if !app.checks().is_running() {
        update(app, Msg::Opened);
    }
    update(app, checking(Event::Plan { steps: PLAN[..1].to_vec() }));
    update(app, checking(Event::StepStarted { id: "rehearse".into() }));
    for event in events {
        update(app, checking(event));
    }
}

/// The end of a rehearsal: passed without failures, or failed with them.
fn rehearsed(failures: Vec<Report>) -> Vec<Event> {
    let because = failures.first().map(|report| report.id);
    let step = if failures.is_empty() {
        let outcome = Outcome::Unchanged("everything is in order".into());
        Event::StepFinished { id: "rehearse".into(), outcome, elapsed_ms: 900 }
    } else {
        Event::StepFailed { id: "rehearse".into(), failures, elapsed_ms: 900 }
    };
    vec![step, ended(because, false)]
}

fn description() -> Vec<Description> {
    let lines = vec![phrase!("will-redeem" { service: "license.example" })];
    vec![Description { info: PLAN[0].clone(), lines: vec![] }, Description { info: PLAN[1].clone(), lines }]
}

/// Presses keys; gives the effects.
fn play(app: &mut App, keys: &str) -> Vec<Effect> {
    self::keys(keys).into_iter().filter_map(|key| update(app, Msg::Key(key))).collect()
}

/// Keys: characters as they are, others as `<enter>`, `<c-u>`.
fn keys(text: &str) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (name, after) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((name, after)) => (name, after),
            None => rest.split_at(first.len_utf8()),
        };
        rest = after;
        keys.push(key(name));
    }
    keys
}

fn key(name: &str) -> KeyEvent {
    let (name, modifiers) = match (name.strip_prefix("c-"), name.strip_prefix("a-")) {
        (Some(name), _) => (name, KeyModifiers::CONTROL),
        (_, Some(name)) => (name, KeyModifiers::ALT),
        _ => (name, KeyModifiers::NONE),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "bs" => KeyCode::Backspace,
        "del" => KeyCode::Delete,
        "f1" => KeyCode::F(1),
        "f2" => KeyCode::F(2),
        "f5" => KeyCode::F(5),
        letter => KeyCode::Char(letter.chars().next().expect("the name of a key")),
    };
    // As a terminal without the keyboard protocol has it.
    let shift = matches!(code, KeyCode::Char(letter) if letter.is_uppercase());
    KeyEvent::new(code, if shift { modifiers | KeyModifiers::SHIFT } else { modifiers })
}

/// The verdict on the password as it stands.
fn judge(app: &mut App) {
    let password = app.form().password_to_judge();
    update(app, Msg::Reply(Reply::Judged { strength: Some(Strength::judge(password.expose())) }));
}

/// The screen as text, without the blanks at the ends of its lines.
fn screen(app: &mut App, columns: u16, rows: u16) -> String {
    text_of(&drawn(app, columns, rows))
}

/// A terminal of this size with the screen on it.
fn drawn(app: &mut App, columns: u16, rows: u16) -> Terminal<TestBackend> {
    update(app, Msg::Resize(columns, rows));
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test's terminal does not fail");
    let (theme, mut seen) = (Theme::new(app.look(), app.profile().brand.accent), Seen::default());
    terminal.draw(|frame| seen = view(app, theme, frame)).expect("a test's terminal does not fail");
    saw(app, seen);
    terminal
}

fn text_of(terminal: &Terminal<TestBackend>) -> String {
    let buffer = terminal.backend().buffer();
    let row = |cells: &[ratatui::buffer::Cell]| {
        cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    };
    let width = usize::from(buffer.area.width.max(1));
    buffer.content().chunks(width).map(row).collect::<Vec<_>>().join("\n")
}

/// What every field holds.
fn typed(app: &App) -> Vec<String> {
    Input::all(app.profile()).map(|input| app.form().field(input).text().to_owned()).collect()
}

/// Compares a text with the one kept under `name`.
fn keep(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}
