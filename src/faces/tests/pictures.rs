//! The pictures of the README, drawn by the real view. `make pictures` writes them anew.

use std::{env, fs, path::Path, time::Duration};

use super::*;
use crate::{
    engine::StepInfo,
    faces::tests::svg::picture,
    screen::{Glyphs, look::Colours},
    steps,
};

/// What a vendor might write.
const PROFILE: &str = r##"
[brand]
name = "Acme Appliance"
code-source = "the e-mail titled \"Welcome to Acme\""
support = "support@acme.example"
accent = "#5b5bd6"

[license]
url = "https://license.acme.example"

[cluster]
namespace = "acme"

[bootstrap]
chart = "/usr/share/acme/bootstrap.tgz"

[[ready]]
name = "the console"
url = "https://appliance.acme.example/"
"##;

const ANSWERS: &str = r#"
install-code = "K7QP-M2RX"
tenant = { name = "Northwind Traders" }

[administrator]
first-name = "Kim"
last-name = "Larsen"
email = "kim.larsen@northwind.example"
password = "correct horse battery"
"#;

/// What the checks find on a machine that is in order.
const CHECKS: [(&str, &str); 12] = [
    ("disk", "48211 MiB free"),
    ("memory", "6120 MiB available"),
    ("name-resolution", "license.acme.example is 203.0.113.20"),
    ("license-service", "license.acme.example answers over TLS"),
    ("clock", "within 1 s of the license service's"),
    ("kubernetes", "version v1.33.4 answers"),
    ("permissions", "all 14 that are needed"),
    ("namespace", "`acme` exists"),
    ("secrets", "both would be accepted"),
    ("chart", "acme-bootstrap-2.4.0"),
    ("bootstrap-method", "helm (/usr/bin/helm)"),
    ("bootstrap-dry-run", "`helm upgrade --dry-run=server` passes"),
];

fn plan() -> Vec<StepInfo> {
    let public = Draft::from_toml(ANSWERS, &profile()).0.finish(&profile()).expect("complete answers").public;
    steps::describe(&profile(), &public).into_iter().map(|(info, _)| info).collect()
}

fn profile() -> Profile {
    Profile::parse(PROFILE).expect("a sound profile")
}

/// A wizard on its first page, whose checks have come as far as `checks`; the last of them is still made.
fn wizard(checks: usize) -> App {
    let look = Look { colours: Colours::True, glyphs: Glyphs::Unicode, ..Look::default() };
    let mut app = App::new(Arc::new(profile()), &Draft::default(), look);
    update(&mut app, Msg::Opened);
    update(&mut app, checking(Event::Plan { steps: plan()[..1].to_vec() }));
    update(&mut app, checking(Event::StepStarted { id: "rehearse".into() }));
    for (id, text) in &CHECKS[..checks] {
        update(&mut app, checking(check(id, CheckState::Passed, text)));
    }
    app
}

/// A wizard with every answer, on the review page, whose checks have passed.
fn reviewed() -> App {
    let mut app = wizard(CHECKS.len());
    for event in rehearsed(vec![]) {
        update(&mut app, checking(event));
    }
    let draft = Draft::from_toml(ANSWERS, app.profile()).0;
    app.fill(&draft);
    app.put_on(Page::Review);
    let public = app.form().answers().expect("complete answers").public;
    let described = steps::describe(app.profile(), &public).into_iter();
    let described = described.map(|(info, lines)| Description { info, lines }).collect();
    update(&mut app, Msg::Reply(Reply::Described { steps: described }));
    app
}

/// A wizard whose run has finished this many steps and begun the next one.
fn run_to(step: usize) -> App {
    const DONE: [(&str, u64); 5] = [
        ("all 12 checks passed; nothing was changed", 1840),
        ("the code was accepted: tenant 0197c2d4-7a31-7c60-9f2e-5b1d08e4c3aa, pro edition", 640),
        ("`appliance-initial-tenant` and `appliance-license-seed` written in namespace `acme` and read back", 310),
        ("release `bootstrap` is installed; Job `acme-bootstrap` is complete", 74_000),
        ("ready: the console", 9200),
    ];
    let mut app = reviewed();
    play(&mut app, "<enter>");
    let plan = plan();
    update(&mut app, ran(Event::Plan { steps: plan.clone() }));
    for (index, (info, (text, elapsed_ms))) in plan.iter().zip(DONE).enumerate().take(step + 1) {
        update(&mut app, ran(Event::StepStarted { id: info.id.clone() }));
        if index < step {
            let text = text.to_owned();
            let outcome =
                if index == 0 || index == 4 { Outcome::Unchanged(text.into()) } else { Outcome::Changed(text.into()) };
            update(&mut app, ran(Event::StepFinished { id: info.id.clone(), outcome, elapsed_ms }));
        }
    }
    app
}

fn running_bootstrap() -> App {
    let mut app = run_to(3);
    let text = "Job `acme-bootstrap`: container `migrate` of pod `acme-bootstrap-x4k2p` is running".to_owned();
    update(&mut app, ran(Event::Note { id: "bootstrap".into(), text: text.into() }));
    update(&mut app, Msg::Tick(Duration::from_secs(38)));
    app
}

fn failed_bootstrap() -> App {
    let mut app = run_to(3);
    let report = Report {
        message: "Job `acme-bootstrap`: image `registry.acme.example/bootstrap:2.4.0` cannot be pulled: the \
                  registry's name does not resolve"
            .into(),
        hint: "correct this machine's DNS so that `registry.acme.example` resolves, then run again".into(),
        ..Report::new(ErrorId::BootstrapFailed, Phrase::nothing())
    };
    let failures = vec![report];
    for event in [
        Event::StepFailed { id: "bootstrap".into(), failures, elapsed_ms: 41_000 },
        Event::StepNotRun { id: "ready".into(), reason: phrase!("not-run-failed" { step: "bootstrap" }) },
        ended(ErrorId::BootstrapFailed, true),
    ] {
        update(&mut app, ran(event));
    }
    app
}

fn done() -> App {
    let mut app = run_to(5);
    update(&mut app, ran(ended(None, true)));
    app
}

fn typed(mut app: App, page: Page, keys: &str) -> App {
    app.put_on(page);
    play(&mut app, keys);
    app
}

#[test]
#[expect(clippy::disallowed_methods, reason = "draws them anew when it is told to")]
fn the_pictures_show_what_the_wizard_shows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    let pictures = [
        (
            "code",
            "The install code, half typed, while the machine is being checked",
            typed(wizard(5), Page::Code, "k7qpm"),
        ),
        (
            "password",
            "The password and its rules, ticked as they are met",
            typed(wizard(CHECKS.len() - 1), Page::Password, "correct horse battery<tab>correct horse"),
        ),
        ("review", "The review: every answer, what will be done, and that every check has passed", reviewed()),
        ("progress", "The setup under way, one row a step", running_bootstrap()),
        (
            "failure",
            "A step that failed: what happened, what to do, and which keys go on from there",
            failed_bootstrap(),
        ),
        ("done", "Everything is set up", done()),
    ];
    let mut stale = Vec::new();
    for (name, title, app) in pictures {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a test's terminal does not fail");
        terminal
            .draw(|frame| {
                view(&app, Theme::new(app.look(), app.profile().brand.accent), frame);
            })
            .expect("a test's terminal does not fail");
        let backend = terminal.backend();
        let drawn = picture(title, backend, backend.cursor_visible().then(|| backend.cursor_position()));
        let path = folder.join(name).with_extension("svg");
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).expect("a folder that can be written");
            fs::write(&path, &drawn).expect("a file that can be written");
        } else if fs::read_to_string(&path).ok().as_deref() != Some(&drawn) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "run `make pictures` and look at what has changed: {stale:?}");
}
