//! One terminal of a machine leads: what the others show, and which keys bring the lead where.

use std::time::Duration;

use super::{
    disk::before_the_disks,
    talking::talk,
    toy::Toy,
    ways::{addressed, keyed, led, tty1, under_way},
    *,
};
use crate::wizard::Context;

fn asks_to_lead(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Ask(Request::Lead)])
}

#[test]
fn who_goes_on_first_leads() {
    let mut app = empty();
    assert!(asks_to_lead(&play(&mut app, "<enter>")));
    assert_eq!(app.page(), Page::Code);
    let mut app = led(app, Leader::Us);
    // Once is enough.
    assert!(play(&mut app, "<esc><enter>").is_empty());
}

/// Also where the page that comes next has something to ask for itself.
#[test]
fn who_goes_on_to_the_disks_leads_with_the_next_tick() {
    let mut app = before_the_disks();
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::Disks)]));
    let tick = |app: &mut App| update(app, Msg::Tick(Duration::from_millis(1)));
    assert!(matches!(tick(&mut app), Some(Effect::Ask(Request::Lead))));
    assert!(tick(&mut app).is_none(), "once is enough");
}

#[test]
fn another_terminal_is_shown_and_gives_way_when_it_is_asked_to() {
    // Where the wizard is, who leads then, keys, who leads then, and where that leads.
    let cases = vec![
        (empty(), tty1(false), "", None, Page::Elsewhere),
        (empty(), tty1(false), "", Some(Leader::Nobody), Page::Welcome),
        (empty(), tty1(false), "<enter>", Some(tty1(false)), Page::Elsewhere),
        (empty(), tty1(false), "<enter>", Some(Leader::Us), Page::Welcome),
        (led(at(Page::Code), Leader::Us), tty1(false), "", None, Page::Elsewhere),
        // Somebody has typed there, and goes on there only when somebody says so.
        (led(at(Page::Code), Leader::Us), tty1(false), "", Some(Leader::Nobody), Page::Elsewhere),
        (led(at(Page::Code), Leader::Us), tty1(false), "<enter>", Some(Leader::Us), Page::Code),
        (led(at(Page::Code), Leader::Us), tty1(true), "<enter>", Some(tty1(true)), Page::Elsewhere),
        (led(keyed(at(Page::Code), "<f1>"), Leader::Us), tty1(false), "<enter>", Some(Leader::Us), Page::Code),
        (led(at(Page::Code), Leader::Us), Leader::Nobody, "", None, Page::Code),
        (led(addressed(), Leader::Us), tty1(false), "", None, Page::Done),
        (led(under_way(), Leader::Us), tty1(false), "", None, Page::Progress),
    ];
    for (app, leader, keys, then, page) in cases {
        let mut app = led(app, leader.clone());
        play(&mut app, keys);
        let app = then.iter().fold(app, |app, leader| led(app, leader.clone()));
        assert_eq!(app.page(), page, "{leader:?} {keys} {then:?}");
    }
}

#[test]
fn what_was_typed_stays_and_is_not_shown_elsewhere() {
    let mut app = led(keyed(led(at(Page::Password), Leader::Us), "<f2>"), tty1(false));
    assert!(!screen(&mut app, 80, 24).contains("horse"), "{}", screen(&mut app, 80, 24));
    let app = led(keyed(app, "<enter>"), Leader::Us);
    assert!(app.page() == Page::Password && !app.reveal());
    assert_eq!(app.form().field(Input::Answer(crate::answers::FieldId::Password)).text(), PASSWORD);
}

#[test]
fn it_is_taken_over_by_one_key_that_does_not_work_while_the_setup_runs_there() {
    let mut app = led(empty(), tty1(false));
    assert_eq!(app.context(), Context::Elsewhere);
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::TakeOver)]));
    let mut app = led(empty(), tty1(true));
    assert_eq!(app.context(), Context::Watching);
    assert!(play(&mut app, "<enter>").is_empty());
    // It can be left from there as from anywhere.
    assert!(matches!(play(&mut app, "<esc><enter>")[..], [Effect::Leave(Exit::Stopped)]));
}

#[tokio::test(start_paused = true)]
async fn line_by_line_it_is_said_and_taken_over_by_an_empty_line() {
    let (exit, said) = talk(&Toy::default(), led(empty(), tty1(false)), &["", "q", "y"]).await;
    assert!(said.contains("This machine is being set up on tty1."), "{said}");
    assert!(said.contains("Enter: Go on here"), "{said}");
    assert_eq!(exit, Exit::Stopped, "{said}");
}

/// Nobody sits where it runs, so that it is told here how far it is.
#[test]
fn a_run_without_a_terminal_is_shown_and_ends_the_wizards_when_it_has_ended_well() {
    let doing = phrase!("unattended-step" { title: "Write the Secrets", step: 4, steps: 9 });
    let itself = |busy| Leader::Another { terminal: String::new(), busy, doing: Some(doing.clone()) };
    for (busy, how) in [(false, "Press Enter to set it up here by hand"), (true, "somebody can log in here")] {
        let mut app = led(empty(), itself(busy));
        let shown = screen(&mut app, 80, 24);
        assert!(shown.contains("This machine sets itself up") && shown.contains(how), "{shown}");
        assert!(shown.contains("Write the Secrets (step 4 of 9)"), "{shown}");
        let left = update(&mut app, Msg::Reply(Reply::Leader { leader: Leader::Finished }));
        assert!(matches!(left, Some(Effect::Leave(Exit::Done))), "{busy}");
    }
    // What was done here stays to be read.
    let mut app = addressed();
    assert!(update(&mut app, Msg::Reply(Reply::Leader { leader: Leader::Finished })).is_none());
}

/// As one of this wizard's own would, unless somebody has begun to answer here.
#[test]
fn what_it_failed_of_stands_in_the_wizard_with_its_answers() {
    let report = Report::new(ErrorId::CodeExpired, "the install code has expired".into());
    let refusal = crate::setup::NotBegun { report: Box::new(report), problems: Vec::new() };
    let text = "[administrator]\nfirst-name = 'Kim'\n[network]\nbond = ['eth0', 'eth1']\n";
    let (draft, _) = Draft::from_toml(text, &Profile::built_in());
    let left = || Reply::LeftBehind { events: crate::setup::unattended::as_a_run(&refusal), draft: draft.clone() };
    for (mut app, page) in [
        (empty(), Page::Progress),
        (led(led(empty(), tty1(true)), Leader::Nobody), Page::Progress),
        (at(Page::Code), Page::Code),
        (addressed(), Page::Done),
    ] {
        update(&mut app, Msg::Reply(left()));
        assert_eq!(app.page(), page);
        if page == Page::Progress {
            let shown = screen(&mut app, 80, 24);
            assert!(shown.contains("code-expired: the install code has expired"), "{shown}");
            assert!(
                !app.is_running()
                    && app.form().field(Input::Answer(crate::answers::FieldId::FirstName)).text() == "Kim"
            );
            let network: Vec<&str> = app.mending().rows().map(|(_, field, _)| field.text()).collect();
            assert_eq!(network[0], "eth0, eth1");
        }
    }
}

/// Once more would be the setup itself, in a system that ends with the power: so it stands where a disk is chosen.
#[test]
fn an_installation_that_has_failed_stands_on_its_page() {
    let id = crate::setup::step::INSTALL_DISK;
    let plan = Event::Plan { steps: vec![crate::engine::StepInfo::new(id.clone(), id!("step-install-disk"))] };
    let failed = Event::StepFailed {
        id,
        failures: vec![Report::new(ErrorId::DiskOccupied, "something else is on it".into())],
        elapsed_ms: 1,
    };
    let ended = Event::Ended(Ending { because: Some(ErrorId::DiskOccupied), changed: false });
    let mut app = empty();
    app.offer_disks();
    update(&mut app, Msg::Reply(Reply::LeftBehind { events: vec![plan, failed, ended], draft: Draft::default() }));
    assert!(app.page() == Page::Disk && app.run().is_none());
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("disk-occupied: something else is on it"), "{shown}");
}

/// It has no fields among the questions, and is part of the setup all the same, until another network is kept.
#[test]
fn the_network_of_given_answers_is_in_the_setup() {
    let text = "install-code = 'K7QPM2RX'\n[administrator]\nfirst-name = 'Kim'\nlast-name = 'Admin'\n\
                email = 'kim@acme.example'\npassword = 'correct horse battery'\n[network]\naddresses = ['192.0.2.7/24']\n";
    let network = |text: &str| {
        let profile = Arc::new(Profile::built_in());
        let (draft, _) = Draft::from_toml(text, &profile);
        App::new(profile, &draft, Look::default()).form().answers().map(|answers| answers.public.network.is_some())
    };
    assert_eq!(network(text), Ok(true));
    // What is wrong with it was told, and is in nobody's way here.
    assert_eq!(network(&text.replace("192.0.2.7/24", "192.0.2.7")), Ok(false));
}

/// Both were told to at the same moment; no cause is made up for the one that has to wait.
#[test]
fn a_run_that_another_terminal_was_faster_to_begin_is_none() {
    let mut app = keyed(at(Page::Review), "<enter>");
    assert!(app.page() == Page::Progress && app.is_running());
    update(&mut app, Msg::Reply(Reply::NotBegun { leader: tty1(true) }));
    assert!(app.page() == Page::Elsewhere && app.run().is_none());
    let mut app = led(led(app, Leader::Nobody), Leader::Us);
    assert_eq!(app.page(), Page::Review);
    assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::Start(_))]));
}
