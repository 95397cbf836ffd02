//! Recordings: what their lines are.

use serde_json::Value;

use super::{
    recording::{Recorded, detours},
    *,
};
use crate::{
    faces::replay::play::resume,
    wizard::{Command, Context},
    words::{Language, Words},
};

#[test]
fn replies_are_written_as_they_always_were() {
    let event = || Event::StepStarted { id: "redeem".into() };
    for (reply, line) in [
        (Reply::RunLost, r#"{"type":"run-lost"}"#),
        (Reply::Run { event: event() }, r#"{"type":"run","event":{"type":"step-started","id":"redeem"}}"#),
        (Reply::Rehearsal { event: event() }, r#"{"type":"rehearsal","event":{"type":"step-started","id":"redeem"}}"#),
        (Reply::Described { steps: vec![] }, r#"{"type":"described","steps":[]}"#),
        (
            Reply::Admission {
                admission: Admission::Administrator { email: Some("kim@acme.example".to_owned()), wait_seconds: 8 },
            },
            r#"{"type":"admission","admission":{"for":"administrator","wait_seconds":8}}"#,
        ),
        (
            Reply::SignedIn { attempt: Attempt::Wrong { wait_seconds: 8 } },
            r#"{"type":"signed-in","attempt":{"attempt":"wrong","wait_seconds":8}}"#,
        ),
        (Reply::LayoutLoaded { failure: None }, r#"{"type":"layout-loaded","failure":null}"#),
        (Reply::LayoutLoaded { failure: Some("no".into()) }, r#"{"type":"layout-loaded","failure":"no"}"#),
        (Reply::Saved { saved: Ok("/report.txt".to_owned()) }, r#"{"type":"saved","saved":{"Ok":"/report.txt"}}"#),
        (Reply::Judged { strength: Some(Strength::judge("")) }, r#"{"type":"judged"}"#),
    ] {
        let written: Value = serde_json::to_value(&reply).expect("JSON");
        assert_eq!(written, serde_json::from_str::<Value>(line).expect("JSON"), "{line}");
        let mut recorded = Recorded::new(empty());
        recorded.happens(Msg::Reply(reply));
        let file = recorded.file.text();
        let written = file.lines().nth(2).and_then(|line| serde_json::from_str::<Value>(line).ok());
        let mut written = written.expect("a line of JSON");
        written.as_object_mut().and_then(|line| line.remove("ms")).expect("its time");
        assert_eq!(written, serde_json::from_str::<Value>(line).expect("JSON"), "{line}");
        assert!(!recorded.replayed().contains("does not read"), "{line}");
    }
}

#[test]
fn what_is_commanded_without_keys_is_written_as_the_keys_that_mean_it() {
    let mut app = questioned(&format!("{COMPLETE}{ANSWERED}"));
    app.offer_layouts(vec!["de".to_owned(), "us".to_owned()]);
    let mut recorded = Recorded::new(on(app, Page::Welcome));
    recorded.happens(Msg::Command(Command::Next));
    for (name, next) in [("us", Page::Keyboard), ("tryme", Page::Code)] {
        recorded.happens(Msg::Paste(name.to_owned().into()));
        recorded.happens(Msg::Command(Command::Next));
        recorded.happens(Msg::Reply(Reply::LayoutLoaded { failure: None }));
        assert_eq!(recorded.app.page(), next, "{name}");
    }
    while recorded.app.context() != Context::Choice {
        recorded.happens(Msg::Command(Command::Next));
    }
    let (input, before) = (recorded.app.focused().expect("a list"), typed(&recorded.app));
    recorded.happens(Msg::Pick(99));
    assert_eq!(typed(&recorded.app), before, "there is none");
    recorded.happens(Msg::Pick(1));
    let picked = recorded.app.form().field(input).text().to_owned();
    assert_ne!(typed(&recorded.app), before);
    // No key means it here.
    recorded.happens(Msg::Command(Command::Stop));
    recorded.happens(Msg::Command(Command::Leave));
    assert!(matches!(recorded.happens(Msg::Command(Command::Yes)), Some(Effect::Leave(_))));
    let recording = recorded.file.text();
    assert!(!recording.contains(r#""Char":"t""#) && recording.contains(r#""Char":"s""#), "{recording}");
    assert_eq!(detours(&recorded.replayed()), 0, "{recording}");
    let replayed = resume(&recording, None, &Words::new(Language::English), &mut Vec::new()).expect("a recording");
    assert_eq!((replayed.form().field(input).text(), replayed.keyboard().wanted.text()), (picked.as_str(), "us"));
}
