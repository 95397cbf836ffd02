//! The image on a disk: what has to be typed before anything goes, and what follows.

use super::{
    talking::talk,
    toy::{Toy, offers},
    ways::*,
    *,
};
use crate::{
    engine::{Ending, Outcome, StepInfo},
    setup::{Erase, step},
    wizard::own::Stage,
    words::id,
};

/// The first page of a system that was started from the image.
pub(super) fn before_the_disks() -> App {
    let mut app = empty();
    app.offer_disks();
    app
}

/// The page while the disks are being looked at.
pub(super) fn live() -> App {
    keyed(before_the_disks(), "<enter>")
}

/// The page with all disks.
pub(super) fn offered() -> App {
    let mut app = live();
    update(&mut app, Msg::Reply(Reply::Disks { disks: Ok(offers()) }));
    app
}

fn heard(app: &mut App, events: Vec<Event>) {
    for event in events {
        update(app, Msg::Reply(Reply::Installation { event }));
    }
}

/// What happens until the system is being unpacked.
fn events() -> Vec<Event> {
    let info = |id, title| StepInfo { id, title };
    let steps = vec![
        info(step::INSTALL_DISK, phrase!("step-install-disk")),
        info(step::INSTALL_PARTITIONS, phrase!("step-install-partitions")),
        info(step::INSTALL_SYSTEM, phrase!("step-install-system")),
        info(step::INSTALL_BOOT, phrase!("step-install-boot")),
    ];
    let disk = || phrase!("install-disk" { name: "nvme0n1", size: "1000 GB" });
    let finished = |id, outcome| Event::StepFinished { id, outcome, elapsed_ms: 900 };
    vec![
        Event::Plan { steps },
        Event::StepStarted { id: step::INSTALL_DISK },
        finished(step::INSTALL_DISK, Outcome::Unchanged(phrase!("install-way-empty" { disk: disk() }))),
        Event::StepStarted { id: step::INSTALL_PARTITIONS },
        finished(step::INSTALL_PARTITIONS, Outcome::Changed(phrase!("install-partitioned" { disk: disk() }))),
        Event::StepStarted { id: step::INSTALL_SYSTEM },
        Event::Note { id: step::INSTALL_SYSTEM, text: phrase!("install-unpacking" { done: 42 }) },
    ]
}

/// The page while an empty disk is written, or when that has failed.
pub(super) fn installing(app: App, fails: bool) -> App {
    let mut app = keyed(app, "nvme0n1<enter>");
    heard(&mut app, events());
    if fails {
        let said = phrase!("install-tool-failed" { program: "unsquashfs", said: "write failed because No space left on device" });
        let failures = vec![Report::new(ErrorId::InstallFailed, said)];
        let because = Some(ErrorId::InstallFailed);
        heard(
            &mut app,
            vec![
                Event::StepFailed { id: step::INSTALL_SYSTEM, failures, elapsed_ms: 9000 },
                Event::Ended(Ending { because, changed: true }),
            ],
        );
    }
    app
}

pub(super) fn installed() -> App {
    let mut app = installing(offered(), false);
    heard(&mut app, vec![Event::Ended(Ending { because: None, changed: true })]);
    app
}

/// What was asked to be installed on, and what may go of what is there.
fn asked(effects: Vec<Effect>) -> Option<(String, Erase)> {
    let mut asked = effects.into_iter().filter_map(|effect| match effect {
        Effect::Ask(Request::Install { disk, erase }) => Some((disk.display().to_string(), erase)),
        // Whoever goes on first leads.
        Effect::Ask(Request::Lead) => None,
        other => unreachable!("{other:?}"),
    });
    let first = asked.next();
    assert_eq!(asked.next(), None, "once");
    first
}

#[test]
fn a_disk_is_written_on_once_its_name_was_typed_as_often_as_it_takes() {
    let asks = |disk: &str, erase| Some((disk.to_owned(), erase));
    for (keys, expected) in [
        ("nvme0n1<enter>", asks("/dev/nvme0n1", Erase::Nothing)),
        ("sda<enter>", None),
        ("sda<enter>sda<enter>", asks("/dev/sda", Erase::Nothing)),
        ("sdb<enter>sdb<enter>", asks("/dev/sdb", Erase::Foreign)),
        // Another one than the one that was asked about.
        ("sdb<enter>sda<enter>", None),
        ("sdb<enter>sda<enter>sdb<enter>", None),
        // Thought better of it.
        ("sdb<enter><enter>sdb<enter>", None),
        ("sdc<enter>sdc<enter>", None),
        ("sdz<enter>", None),
    ] {
        let mut app = offered();
        assert_eq!(asked(play(&mut app, keys)), expected, "{keys}");
        assert_eq!(app.page(), Page::Disk, "{keys}");
    }
}

#[test]
fn who_types_nothing_tries_it_out() {
    for mut app in [live(), offered()] {
        play(&mut app, "<enter>");
        assert_eq!(app.page(), Page::Code);
        // Looked at anew: somebody may have plugged one in.
        assert!(matches!(&play(&mut app, "<esc>")[..], [Effect::Ask(Request::Disks)]));
        assert_eq!(app.page(), Page::Disk);
    }
    let mut installed_already = empty();
    play(&mut installed_already, "<enter>");
    assert_eq!(installed_already.page(), Page::Code, "there is nothing to install");
}

#[test]
fn nothing_leads_away_while_the_disk_is_written() {
    let mut app = installing(offered(), false);
    for keys in ["<enter>", "<esc>", "<c-c>", "sdb<enter>sdb<enter>", "q"] {
        assert!(play(&mut app, keys).is_empty(), "{keys}");
        assert!(app.page() == Page::Disk && app.asked().is_none(), "{keys}");
    }
    heard(&mut app, vec![Event::Ended(Ending { because: None, changed: true })]);
    assert!(matches!(&play(&mut app, "<enter>")[..], [Effect::Ask(Request::Restart)]));
    assert!(play(&mut app, "<enter>").is_empty(), "it is restarting");
    update(&mut app, Msg::Reply(Reply::NotRestarted { reason: "no".into() }));
    assert!(matches!(&play(&mut app, "<enter>")[..], [Effect::Ask(Request::Restart)]));
}

#[test]
fn what_failed_or_broke_off_is_told_and_can_be_tried_again() {
    let mut lost = installing(offered(), false);
    update(&mut lost, Msg::Reply(Reply::InstallationLost));
    for (mut app, id) in [(installing(offered(), true), ErrorId::InstallFailed), (lost, ErrorId::Defect)] {
        assert!(screen(&mut app, 80, 24).contains(id.as_str()), "{}", screen(&mut app, 80, 24));
        assert!(asked(play(&mut app, "nvme0n1<enter>")).is_some());
    }
}

/// A disk that was pulled out is not waited for.
#[test]
fn what_is_confirmed_is_there_still() {
    let mut app = keyed(offered(), "sdb<enter>");
    let others = offers().into_iter().filter(|offer| offer.name != "sdb").collect();
    update(&mut app, Msg::Reply(Reply::Disks { disks: Ok(others) }));
    assert_eq!(app.installation().stage, Stage::Choosing);
    assert!(play(&mut app, "sdb<enter>").is_empty());
    update(
        &mut app,
        Msg::Reply(Reply::Disks { disks: Err(Report::new(ErrorId::InstallFailed, id!("install-unlisted").into())) }),
    );
    assert!(screen(&mut app, 80, 24).contains("lsblk"));
}

#[tokio::test(start_paused = true)]
async fn line_by_line_it_is_the_same() {
    let mut events = events();
    events.push(Event::Ended(Ending { because: None, changed: true }));
    let script = events.into_iter().map(|event| (10, event)).collect();
    let mut app = empty();
    app.offer_disks();
    app.show_on(Look { plain: true, ..app.look() });
    let toy = Toy::new(vec![], vec![script]);
    let (_, text) = talk(&toy, app, &["", "sdz", "sdb", "sdb", "…", "", "^C"]).await;
    keep("plain-disk", &text);
}
