//! What is typed for a network, and what becomes of trying it.

use super::*;
use crate::{error::ErrorId, profile::Profile};

fn mending(texts: [&str; 7]) -> Mending {
    let mut page = Mending { possible: Some(Ok(())), editing: true, ..Mending::default() };
    for ((_, field), text) in page.fields.iter_mut().zip(texts) {
        field.resume(text, 0);
    }
    page
}

/// What these say.
fn network(said: &[(NetworkField, &str)]) -> Network {
    let settings = said.iter().map(|(field, text)| NetworkSetting::parse(*field, text).expect("it will do"));
    Network::of(settings).expect("it fits together")
}

/// Presses Enter on every field, until something is asked for or said.
fn entered(page: &mut Mending) -> Reaction {
    for _ in 0..ASKED.len() {
        match page.enter() {
            Reaction::Stay if page.objection.is_none() => {}
            reaction => return reaction,
        }
    }
    Reaction::Stay
}

#[test]
fn what_was_typed_is_tried_or_its_field_has_the_keys() {
    for (texts, stuck) in [
        (["eth0", "", "", "", "", "", ""], None),
        (["eth0", "192.0.2.7/24", "192.0.2.1", "192.0.2.53", "acme.example", "time.acme.example", "5"], None),
        (["eth0, eth1", "", "", "", "", "", ""], None),
        (["eth0 eth1", "", "", "", "", "", ""], None),
        (["eth/0", "", "", "", "", "", ""], Some(0)),
        (["eth0, eth0", "", "", "", "", "", ""], Some(0)),
        (["eth0,", "", "", "", "", "", ""], Some(0)),
        (["vlan5, eth0", "", "", "", "", "", "5"], Some(0)),
        (["eth0", "192.0.2.7", "", "", "", "", ""], Some(1)),
        (["eth0", "", "192.0.2.1", "", "", "", ""], Some(2)),
        (["eth0", "192.0.2.7/24", "198.51.100.1", "", "", "", ""], Some(2)),
        (["eth0", "", "", "", "", "time..example", ""], Some(5)),
        (["eth0", "", "", "", "", "", "5000"], Some(6)),
    ] {
        let mut page = mending(texts);
        let reaction = entered(&mut page);
        let asked = matches!(reaction, Reaction::Ask(Request::Network(NetworkWish::Try(_))));
        assert_eq!(asked, stuck.is_none(), "{texts:?}: {reaction:?}");
        assert_eq!(page.objection.is_some().then_some(page.focus), stuck, "{texts:?}");
        assert_eq!(page.context(), if asked { Context::Trying } else { Context::Mending });
    }
}

#[test]
fn what_answers_say_of_a_bond_is_tried_as_they_say_it() {
    let text = "[network]\nbond = ['eth0', 'eth1']\nbond-mode = '802.3ad'\ninterface = 'lan'\ntime-servers = ['192.0.2.123']\n";
    let (draft, problems) = Draft::from_toml(text, &Profile::built_in());
    assert!(problems.is_empty(), "{problems:?}");
    let mut page = Mending::filled(&draft);
    let time = (NetworkField::TimeServers, "192.0.2.123");
    let bond = [
        (NetworkField::Bond, "eth0, eth1"),
        (NetworkField::BondMode, "802.3ad"),
        (NetworkField::Interface, "lan"),
        time,
    ];
    assert_eq!(page.network().ok(), Some(network(&bond)));
    // Whoever types one interface has no bond.
    page.fields[0].1.resume("eth0", 0);
    assert_eq!(page.network().ok(), Some(network(&[(NetworkField::Interface, "eth0"), time])));
}

#[test]
fn enter_keeps_and_esc_takes_back_what_is_tried_once() {
    let running = || {
        let mut page = mending(["eth0", "", "", "", "", "", ""]);
        entered(&mut page);
        assert!(matches!((page.enter(), page.leave()), (Reaction::Stay, Reaction::Stay)), "it has not begun");
        page.begun(Ok(Duration::from_secs(30)));
        page
    };
    let mut page = running();
    assert!(matches!(page.enter(), Reaction::Ask(Request::Network(NetworkWish::Keep))));
    assert!(matches!((page.enter(), page.leave()), (Reaction::Stay, Reaction::Stay)), "it is being kept");
    page.ended(Trial::Kept);
    assert!(matches!((page.context(), page.enter()), (Context::Mendable, Reaction::On)));
    let mut page = running();
    assert!(matches!(page.leave(), Reaction::Ask(Request::Network(NetworkWish::TakeBack))));
    page.ended(Trial::TakenBack { late: false });
    assert!(!page.is_editing() && page.context() == Context::Mendable);
}

#[test]
fn what_cannot_be_changed_is_not_offered() {
    let facts = NetworkFacts::default();
    let report = || Box::new(Report::new(ErrorId::NetworkUnmanaged, "NetworkManager".into()));
    for possible in [None, Some(Err(report()))] {
        let mut page = Mending { possible, ..Mending::default() };
        page.edit(&facts);
        assert_eq!((page.context(), page.fields()), (Context::Network, 0));
    }
}

#[test]
fn the_time_that_is_left_and_the_checks_that_are_due() {
    let mut page = mending(["eth0", "", "", "", "", "", ""]);
    page.begun(Ok(Duration::from_secs(30)));
    let due: Vec<bool> = (0..8).map(|_| page.tick(Duration::from_secs(1))).collect();
    assert_eq!(due, [false, false, false, true, false, false, false, true]);
    assert_eq!(page.trial, Trial::Running(Duration::from_secs(22)));
}
