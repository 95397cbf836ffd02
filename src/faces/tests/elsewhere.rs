//! One terminal of a machine leads: what the others show, and which keys bring the lead where.

use super::{
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
