//! The network, mended on its page: typed, tried while the checks are made anew, kept or taken back.

use std::time::Duration;

use super::{
    states::Other,
    talking::talk,
    toy::Toy,
    ways::{blank, german, keyed, networked},
    *,
};
use crate::wizard::{
    own::NetworkState,
    trial::{NetworkNews, NetworkWish},
};

/// The page where the network can be changed.
fn mendable() -> App {
    told(networked(blank(Page::Network)), Reply::Networkd { failure: None })
}

/// The same where something else runs it.
fn elsewhere() -> App {
    let message = phrase!("networkd-other" { other: "NetworkManager" });
    let failure = Some(Box::new(Report::new(ErrorId::NetworkUnmanaged, message)));
    told(networked(blank(Page::Network)), Reply::Networkd { failure })
}

fn told(mut app: App, reply: Reply) -> App {
    update(&mut app, Msg::Reply(reply));
    app
}

fn news(app: App, trial: NetworkNews) -> App {
    told(app, Reply::NetworkTrial { trial })
}

/// What somebody types who has an address for the machine.
const TYPED: &str = "e<tab>192.0.2.8/24<enter>192.0.2.1<enter>192.0.2.53<enter>acme.example<enter><enter><enter>";

/// A network that is tried, some seconds after it was begun, with what the checks have found.
fn trying() -> App {
    let mut app = news(keyed(mendable(), TYPED), NetworkNews::Begun(30));
    rehearse(
        &mut app,
        vec![
            check(
                "name-resolution",
                CheckState::Passed,
                phrase!("rehearse-resolved" { host: "license.example", address: "192.0.2.9" }),
            ),
            check("license-service", CheckState::Waiting, Phrase::nothing()),
            check("kubernetes", CheckState::Waiting, starting(3)),
        ],
    );
    update(&mut app, Msg::Tick(Duration::from_secs(3)));
    app
}

pub(super) const SCREENS: &[Other] = &[
    ("network-mendable", mendable),
    ("network-elsewhere", elsewhere),
    ("network-typed", || keyed(mendable(), "e<tab>192.0.2.8/24<enter>192.0.2.1<enter>")),
    ("network-objection", || keyed(mendable(), "e<tab>192.0.2.8<enter>")),
    ("network-objection-german", || {
        german(keyed(mendable(), "e<tab>192.0.2.8/24<tab>198.51.100.1<tab><tab><tab><tab><enter>"))
    }),
    ("network-trying", trying),
    ("network-trying-german", || german(trying())),
    ("network-kept", || news(keyed(trying(), "<enter>"), NetworkNews::Kept)),
    ("network-taken-back", || news(trying(), NetworkNews::Over)),
    ("network-not-tried", || {
        let message = phrase!("network-interface-missing" { wanted: "eth7", there: "eth0, eth1, wlan0" });
        let report = Report::new(ErrorId::NetworkInterface, message);
        news(keyed(mendable(), TYPED), NetworkNews::Failed(Box::new(report)))
    }),
];

/// However far somebody has scrolled on a small screen to read on.
#[test]
fn why_a_network_could_not_be_tried_is_on_the_screen() {
    let failed = |app: App| {
        let report = Report::new(ErrorId::NetworkInterface, "there is none".into());
        news(app, NetworkNews::Failed(Box::new(report)))
    };
    let mut app = failed(keyed(mendable(), TYPED));
    for again in [false, true] {
        let shown = screen(&mut app, 60, 18);
        assert!(shown.contains("network-interface: there is none"), "{again}: {shown}");
        play(&mut app, "<pgdn>");
        let shown = screen(&mut app, 60, 18);
        assert!(!shown.contains("network-interface: there is none"), "{again}: {shown}");
        assert_eq!(asked(&mut app, &"<enter>".repeat(7)), ["try"]);
        app = failed(app);
    }
}

/// What was asked for, without the checks.
fn asked(app: &mut App, keys: &str) -> Vec<&'static str> {
    let effects = play(app, keys);
    let name = |effect: &Effect| match effect {
        Effect::Ask(Request::Network(NetworkWish::Try(_))) => Some("try"),
        Effect::Ask(Request::Network(NetworkWish::Keep)) => Some("keep"),
        Effect::Ask(Request::Network(NetworkWish::TakeBack)) => Some("take back"),
        _ => None,
    };
    effects.iter().filter_map(name).collect()
}

#[test]
fn the_network_is_typed_tried_and_kept_or_taken_back() {
    for (keys, ended, state) in [
        ("<enter>", Some((NetworkNews::Kept, "keep")), NetworkState::Kept),
        ("<esc>", Some((NetworkNews::TakenBack, "take back")), NetworkState::TakenBack { late: false }),
        // Nobody presses anything.
        ("", None, NetworkState::TakenBack { late: true }),
    ] {
        let mut app = mendable();
        assert_eq!(asked(&mut app, TYPED), ["try"]);
        assert!(asked(&mut app, "<enter><esc>").is_empty(), "it has not begun");
        let mut app = news(app, NetworkNews::Begun(30));
        assert_eq!(asked(&mut app, keys), Vec::from_iter(ended.as_ref().map(|(_, asked)| *asked)));
        assert!(asked(&mut app, "").is_empty());
        let app = match ended {
            // What tells that nothing is tried any more may come before what tells why.
            Some((ended, _)) => news(news(app, NetworkNews::Over), ended),
            None => news(app, NetworkNews::Over),
        };
        assert_eq!(app.mending().trial, state);
        assert_eq!(app.page(), Page::Network);
        assert!(app.checks().is_running(), "what is reached now is looked at");
        let mut app = app;
        play(&mut app, "<enter>");
        assert_ne!(app.page(), Page::Network, "and then it goes on");
    }
}

#[test]
fn checks_that_fail_are_made_anew_while_a_network_is_tried() {
    let checks = |effects: Vec<Option<Effect>>| {
        effects.iter().flatten().filter(|effect| matches!(effect, Effect::Ask(Request::Rehearse(..)))).count()
    };
    let tick = |app: &mut App| update(app, Msg::Tick(Duration::from_secs(1)));
    let mut app = trying();
    assert_eq!(checks((0..9).map(|_| tick(&mut app)).collect()), 0, "the license service may still answer");
    update(&mut app, checking(check("license-service", CheckState::Failed, "no answer")));
    assert_eq!(checks((0..4).map(|_| tick(&mut app)).collect()), 1, "Kubernetes need not be waited for");
    assert_eq!(checks((0..4).map(|_| tick(&mut app)).collect()), 0, "those that were just begun are not cut");
    rehearse(&mut app, rehearsed(vec![]));
    assert_eq!(checks((0..9).map(|_| tick(&mut app)).collect()), 0, "they have passed");
}

#[test]
fn esc_leads_from_the_fields_to_the_page_and_nothing_typed_is_lost() {
    let mut app = mendable();
    assert!(asked(&mut app, "e<tab>192.0.2.8/24<esc>").is_empty());
    assert!(app.page() == Page::Network && !app.mending().is_editing());
    play(&mut app, "e<tab>");
    assert!(screen(&mut app, 80, 24).contains("192.0.2.8/24"));
    // Where it is not networkd's, there is nothing to press.
    let mut app = elsewhere();
    play(&mut app, "e");
    assert!(!app.mending().is_editing());
}

#[test]
fn what_an_answers_file_says_of_the_network_is_typed_already() {
    let text = format!("{COMPLETE}\n[network]\ninterface = 'eth1'\naddresses = ['192.0.2.8/24']\nvlan = 5\n");
    let mut app = wizard(Profile::built_in(), &text);
    play(&mut app, "<enter>");
    assert_eq!(app.page(), Page::Network, "it is part of the way");
    let mut app = told(networked(app), Reply::Networkd { failure: None });
    play(&mut app, "e");
    let shown = screen(&mut app, 80, 24);
    assert!(["eth1", "192.0.2.8/24"].iter().all(|typed| shown.contains(typed)), "{shown}");
    assert_eq!(asked(&mut app, &"<enter>".repeat(7)), ["try"]);
}

#[test]
fn the_page_is_one_key_away_from_the_first_one() {
    let mut app = empty();
    play(&mut app, "n");
    assert_eq!(app.page(), Page::Network);
    play(&mut app, "<esc>");
    assert_eq!(app.page(), Page::Welcome);
}

/// Line by line: each field is asked for, what is wrong is said before it is asked for again, and an empty line keeps.
#[tokio::test(start_paused = true)]
async fn it_is_mended_without_a_screen_too() {
    let toy = Toy::new(vec![], vec![]);
    let typed = ["e", "eth0", "192.0.2.8", "192.0.2.8/24", "192.0.2.1", "", "", "", "", "", "^C", ""];
    let (_, said) = talk(&toy, mendable(), &typed).await;
    let asked = toy.asked.lock().expect("no panic while held").clone();
    let ours: Vec<&String> = asked.iter().filter(|asked| asked.contains("network")).collect();
    assert_eq!(ours, ["try network", "keep network"], "{said}");
    for shown in [
        "Interface: eth0",
        "without the length of its network's prefix",
        "Address [192.0.2.8]:",
        "30 s left",
        "is kept",
    ] {
        assert!(said.contains(shown), "{shown}: {said}");
    }
}
