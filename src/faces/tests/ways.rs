//! The ways to the states that the snapshots are taken of.

use std::time::Duration;

use super::*;
use crate::{
    faces::tests::done::{ADDRESS, done_at},
    screen::{Glyphs, look::Colours},
    setup::Interface,
    words::Language,
};

/// The page before anything is typed; those that it follows have their answers where they are not looked at.
pub(super) fn blank(page: Page) -> App {
    match page {
        Page::Address | Page::Question(_) => on(questioned(COMPLETE), page),
        _ => on(empty(), page),
    }
}

/// Somebody has to sign in, after so many seconds.
pub(super) fn signing_in(wait_seconds: u64) -> App {
    let email = Some("kim@acme.example".to_owned());
    asked_to_sign_in(Admission::Administrator { email, wait_seconds })
}

pub(super) fn asked_to_sign_in(admission: Admission) -> App {
    let mut app = empty();
    app.ask_to_sign_in(admission, false);
    app
}

/// What came of it.
pub(super) fn signed_in(mut app: App, attempt: Attempt) -> App {
    update(&mut app, Msg::Reply(Reply::SignedIn { attempt }));
    app
}

/// It is heard who leads.
pub(super) fn led(mut app: App, leader: Leader) -> App {
    update(&mut app, Msg::Reply(Reply::Leader { leader }));
    app
}

/// Another terminal does.
pub(super) fn tty1(busy: bool) -> Leader {
    Leader::Another { terminal: "tty1".to_owned(), busy, doing: None }
}

pub(super) fn keyed(mut app: App, keys: &str) -> App {
    play(&mut app, keys);
    app
}

pub(super) fn pasted(mut app: App, text: &str) -> App {
    update(&mut app, Msg::Paste(text.to_owned().into()));
    app
}

pub(super) fn german(mut app: App) -> App {
    app.speak(Language::German);
    app
}

/// The page while the checks are being made.
pub(super) fn checked_now(page: Page) -> App {
    let mut app = at(page);
    let clock = check("clock", CheckState::Passed, phrase!("rehearse-clock" { seconds: 1 }));
    rehearse(&mut app, vec![clock, check("kubernetes", CheckState::Waiting, starting(40))]);
    app
}

/// The page when a check has failed, and with it what depends on it.
pub(super) fn checked_in_vain(page: Page) -> App {
    let mut app = at(page);
    let mut events = vec![
        check("disk", CheckState::Passed, phrase!("rehearse-disk" { free: 48211 })),
        check("name-resolution", CheckState::Failed, phrase!("license-unresolved" { host: "license.example" })),
        check(
            "clock",
            CheckState::Skipped,
            phrase!("rehearse-not-tried" { because: phrase!("rehearse-because-no-name") }),
        ),
    ];
    events.extend(rehearsed(vec![report(ErrorId::NameResolution)]));
    rehearse(&mut app, events);
    app
}

/// The page when all checks have passed.
pub(super) fn checked_well(page: Page) -> App {
    let mut app = at(page);
    let mut events = vec![check("clock", CheckState::Passed, phrase!("rehearse-clock" { seconds: 1 }))];
    events.extend(rehearsed(vec![]));
    rehearse(&mut app, events);
    app
}

pub(super) fn networked(mut app: App) -> App {
    let interface = |name: &str, connected, addresses: &[&str], driver: Option<&str>| Interface {
        name: name.to_owned(),
        connected,
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        driver: driver.map(str::to_owned),
        ..Interface::default()
    };
    let facts = NetworkFacts {
        host_name: "appliance".to_owned(),
        interfaces: vec![
            interface("bond0", true, &[], None),
            interface("cni0", true, &["10.42.0.1/24"], None),
            interface("eth0", true, &["192.0.2.7/24", "2001:db8::7/64"], Some("e1000")),
            interface("eth1", true, &[], None),
            interface("ifb0", false, &[], None),
            interface("veth0a1b2c3d", true, &[], None),
            interface("wlan0", false, &[], Some("iwlwifi")),
        ],
        default_routes: vec![([192, 0, 2, 1].into(), "eth0".to_owned())],
        own_addresses: vec![("eth0".to_owned(), [192, 0, 2, 7].into())],
        ..NetworkFacts::default()
    };
    update(&mut app, Msg::Reply(Reply::Network { facts }));
    app
}

pub(super) fn keyboard(keys: &str) -> App {
    let mut app = blank(Page::Keyboard);
    app.offer_layouts(["de", "de-latin1", "fr", "uk", "us"].map(str::to_owned).into());
    keyed(app, keys)
}

pub(super) fn no_console() -> Phrase {
    phrase!("machine-keyboard-refused" { layout: "de", said: "cannot open the console" })
}

/// The keyboard page once a layout has been loaded, or has not.
pub(super) fn loaded(result: Result<(), Phrase>, keys: &str) -> App {
    let mut app = keyboard("<down><enter>");
    update(&mut app, Msg::Reply(Reply::LayoutLoaded { failure: result.err() }));
    keyed(app, keys)
}

pub(super) fn code(keys: &str) -> App {
    keyed(blank(Page::Code), keys)
}

/// A page of an appliance that asks for a company, and for a password of four classes; nothing is typed yet.
pub(super) fn strict(page: Page) -> App {
    let text = include_str!("../../../tests/answers/strict.toml");
    on(wizard(Profile::parse(text).expect("a sound profile"), ""), page)
}

/// The password page with `text` typed once.
pub(super) fn password(text: &str) -> App {
    judged(keyed(blank(Page::Password), text))
}

pub(super) fn judged(mut app: App) -> App {
    judge(&mut app);
    app
}

pub(super) fn described(mut app: App) -> App {
    update(&mut app, Msg::Reply(Reply::Described { steps: description() }));
    app
}

/// The first page of a vendor with a colour and a wordmark.
pub(super) fn branded() -> App {
    let mut app = empty();
    let mut profile = Profile::built_in();
    profile.brand.wordmark = vec![r" /\  |".to_owned(), r"/--\ |".to_owned()];
    profile.brand.accent = Some(crate::values::Rgb(0x0b, 0x72, 0x85));
    app.rebrand(profile);
    app
}

/// Names and answers that are too long for a line.
pub(super) fn long() -> App {
    let name = "long-winded.".repeat(6);
    let given = COMPLETE.replace("Acme", &name).replace("kim@", &format!("kim@{name}"));
    let mut app = on(wizard(Profile::built_in(), &given), Page::Review);
    let mut profile = Profile::built_in();
    profile.brand.name = crate::values::Line::parse("The appliance of a vendor with a very long name").expect("a name");
    app.rebrand(profile);
    app
}

pub(super) fn recording_lost() -> App {
    let mut app = at(Page::Code);
    update(&mut app, Msg::RecordingLost("no space left on the device: os error 28".to_owned()));
    app
}

/// A run after some events more.
pub(super) fn told(mut app: App, events: Vec<Event>) -> App {
    for event in events {
        update(&mut app, ran(event));
    }
    app
}

/// A run in its first step.
pub(super) fn under_way() -> App {
    let passed = check("clock", CheckState::Passed, phrase!("rehearse-clock" { seconds: 1 }));
    let note = Event::Note { id: "rehearse".into(), text: "asking the API server".into() };
    let mut app = running(vec![Event::StepStarted { id: "rehearse".into() }, passed, note]);
    update(&mut app, Msg::Tick(Duration::from_secs(3)));
    app
}

pub(super) fn rehearsal_done() -> Vec<Event> {
    let outcome = Outcome::Unchanged(phrase!("rehearse-passed" { passed: 12 }));
    vec![
        Event::StepFinished { id: "rehearse".into(), outcome, elapsed_ms: 1100 },
        Event::StepStarted { id: "redeem".into() },
    ]
}

/// A run in its last step.
pub(super) fn nearly_done() -> App {
    let [first @ .., last] = &*PLAN;
    let done = first.iter().map(|info| finished_step(info, Outcome::Changed));
    let mut app = running(done.chain([Event::StepStarted { id: last.id.clone() }]).collect());
    update(&mut app, Msg::Tick(Duration::from_secs(130)));
    app
}

pub(super) fn finished_step(info: &StepInfo, how: fn(Phrase) -> Outcome) -> Event {
    Event::StepFinished {
        id: info.id.clone(),
        outcome: how(format!("`{}` is in place", info.id).into()),
        elapsed_ms: 1200,
    }
}

/// A run that waits before it tries a step again.
pub(super) fn retrying() -> App {
    let skipped = check(
        "tls",
        CheckState::Skipped,
        phrase!("rehearse-not-tried" { because: phrase!("rehearse-because-no-name") }),
    );
    let failures = vec![report(ErrorId::LicenseUnavailable)];
    let again = Event::Retry { id: "redeem".into(), attempt: 2, pause_ms: 4000, failures };
    let mut app = told(under_way(), [vec![skipped], rehearsal_done(), vec![again]].concat());
    update(&mut app, Msg::Tick(Duration::from_secs(1)));
    app
}

pub(super) fn redeem_failed() -> Event {
    Event::StepFailed { id: "redeem".into(), failures: vec![report(ErrorId::CodeExpired)], elapsed_ms: 300 }
}

pub(super) fn stopped() -> App {
    let [first, rest @ ..] = &*PLAN;
    let left = |info: &StepInfo| Event::StepNotRun { id: info.id.clone(), reason: phrase!("not-run-stopped") };
    let begun =
        [Event::StepStarted { id: first.id.clone() }, Event::StepStopped { id: first.id.clone(), elapsed_ms: 700 }];
    let ended = ended(ErrorId::Stopped, true);
    running(begun.into_iter().chain(rest.iter().map(left)).chain([ended]).collect())
}

/// A run with more to tell than fits on a screen.
pub(super) fn many_notes() -> App {
    let note = |number: u32| Event::Note {
        id: "rehearse".into(),
        text: format!("the API server does not answer, {number} s").into(),
    };
    told(under_way(), (1..50).map(note).collect())
}

/// A run that is done, with every step in the same way.
pub(super) fn finished(how: fn(Phrase) -> Outcome) -> App {
    let ended = ended(None, true);
    running(PLAN.iter().map(|info| finished_step(info, how)).chain([ended]).collect())
}

/// Done, and told whose code it was.
pub(super) fn registered() -> App {
    let fact = Fact::Registered { contact: "it@acme.example".to_owned() };
    let steps = PLAN.iter().map(|info| finished_step(info, Outcome::Changed));
    running(steps.chain([Event::Fact { id: "redeem".into(), fact }, ended(None, true)]).collect())
}

pub(super) fn addressed() -> App {
    done_at(ADDRESS, Colours::None, Glyphs::Ascii)
}

pub(super) fn saved(app: App, result: Result<String, Report>) -> App {
    let mut app = keyed(app, "s");
    update(&mut app, Msg::Reply(Reply::Saved { saved: result }));
    app
}
