//! What is stored is loaded, and stays as long as it must.

use jiff::Timestamp;

use super::*;
use crate::{
    profile::Profile,
    values::{ApplianceId, End, Received},
    words::phrase,
    world::Moment,
};

#[test]
fn what_was_stored_is_loaded() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let journal = Journal::new(Arc::new(Host::new(Some(directory.path().to_owned()), None)), Arc::default());
    let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
    let other = Profile::built_in().license.code.parse("K7QPM2RY").expect("a code");
    assert!(journal.load().expect("empty").intents.is_empty());

    let intent =
        Intent::new(&code, &ApplianceId::derive(None, "host"), "https://license.example", Timestamp::UNIX_EPOCH);
    for answer in [None, Some(Received::from("{\"a\":1}"))] {
        let intent = Intent { answer: answer.clone(), ..intent.clone() };
        journal.store(&Record { intents: vec![intent] }).expect("stored");
        let record = journal.load().expect("loaded");
        assert_eq!(record.intents[0].answer, answer);
        assert!(record.intents[0].is_for(&code) && !record.intents[0].is_for(&other));
        assert!(record.intents[0].is_with("https://license.example"));
        assert!(!record.intents[0].is_with("https://other.example"));
    }
}

#[test]
fn an_answer_stays_until_the_copy_of_the_cluster_has_survived() {
    let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
    let intent =
        Intent::new(&code, &ApplianceId::derive(None, "host"), "https://license.example", Timestamp::UNIX_EPOCH);
    let at = |boot: &str, seconds| Moment { boot: boot.to_owned(), seconds };
    for (settled, now, has_run, survived) in [
        (None, at("b", 9000), true, false),
        (Some(at("a", 100)), at("a", 100), true, false),
        (Some(at("a", 100)), at("a", 699), true, false),
        (Some(at("a", 100)), at("a", 700), true, true),
        (Some(at("a", 100)), at("a", 9000), false, false),
        (Some(at("a", 9000)), at("b", 1), false, true),
    ] {
        let intent = Intent { settled: settled.clone(), ..intent.clone() };
        assert_eq!(intent.has_survived(&now, has_run), survived, "{settled:?} {now:?}");
    }
}

#[test]
fn what_the_disk_refuses_is_held_for_the_rest_of_the_process() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let host = Arc::new(Host::new(Some(directory.path().to_owned()), None));
    let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
    let intent =
        Intent::new(&code, &ApplianceId::derive(None, "host"), "https://license.example", Timestamp::UNIX_EPOCH);
    let journal = Journal::new(Arc::clone(&host), Arc::default());
    journal.store_intent(&Record { intents: vec![intent.clone()] }).expect("stored");
    // A folder in the place of the temporary file: nobody can write there, root included.
    let next = host.state().join("journal.json.next");
    std::fs::remove_file(&next).expect("the room that was reserved");
    std::fs::create_dir(&next).expect("a folder");
    let answered = Intent { answer: Some("{}".into()), ..intent };
    journal.store(&Record { intents: vec![answered] }).expect_err("refused");
    assert!(journal.load().expect("held").intents[0].answer.is_some());
    assert!(Journal::new(host, Arc::default()).load().expect("the old one").intents[0].answer.is_none());
}

#[test]
fn versions() {
    let intent = r#"{"key": "5f0c1c6e-8b1f-4c51-9a35-0d0a3a1f4a10", "fingerprint": "00", "appliance_id":
        "appliance-1f0c2d3e4b5a6978", "at": "2026-01-01T00:00:00Z", "answer": "{\"old\": 1}"}"#;
    for (version, readable) in [(0, false), (1, true), (2, true), (3, true), (4, true), (5, false)] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let host = Arc::new(Host::new(Some(directory.path().to_owned()), None));
        let text = format!(r#"{{"version": {version}, "intents": [{intent}]}}"#);
        host.write_state(FILE, &text.as_str().into(), 0).expect("written");
        let record = Journal::new(host, Arc::default()).load();
        assert_eq!(record.is_ok(), readable, "{version}");
        match record {
            // An intent that names no service is taken for one with any, as it was when it was written.
            Ok(record) => {
                assert!(record.intents[0].is_with("https://any.example"));
                assert_eq!(record.intents[0].answer, Some("{\"old\": 1}".into()));
            }
            Err(error) => {
                let newer = phrase!("machine-journal-newer" { version: version.to_string() });
                assert_eq!(Report::from(error).causes, [newer]);
            }
        }
    }
}

const BASE64: &str = r#"{"version": 4, "intents": [{"key": "5f0c1c6e-8b1f-4c51-9a35-0d0a3a1f4a10", "fingerprint": "00",
    "appliance_id": "appliance-1f0c2d3e4b5a6978", "at": "2026-01-01T00:00:00Z",
    "answer": {"body": "s3cret", "base64": true, "end": "whole"}}]}"#;

#[test]
fn a_damaged_journal_is_neither_ignored_nor_replaced() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let host = Arc::new(Host::new(Some(directory.path().to_owned()), None));
    for text in ["{", r#"{"version": "s3cret", "intents": []}"#, r#"{"version": 2, "intents": "s3cret"}"#, BASE64] {
        host.write_state(FILE, &text.into(), 0).expect("written");
        let error = Journal::new(Arc::clone(&host), Arc::default()).load().expect_err("damaged");
        assert_eq!(error.id(), ErrorId::JournalUnreadable);
        let debug = format!("{error:?}");
        let told = format!("{debug} {:?}", Report::from(error));
        assert!(!told.contains("s3cret") && told.contains("misread"), "{told}");
    }
}

/// Neither what something sends in the service's place nor what only a later version can read is thrown away.
#[test]
fn whatever_came_is_kept_until_a_grant_is_among_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let journal = Journal::new(Arc::new(Host::new(Some(directory.path().to_owned()), None)), Arc::default());
    let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
    let intent =
        Intent::new(&code, &ApplianceId::derive(None, "host"), "https://license.example", Timestamp::UNIX_EPOCH);
    let mut record = Record { intents: vec![intent] };
    let page = Received::from("<html>");
    let packed = Received {
        body: vec![0xff, 0, 0x80, b'{'].into(),
        kind: "application/json".to_owned(),
        coding: "br".to_owned(),
        end: End::Broken,
    };
    let strange = Received { body: vec![1; 4096].into(), ..Received::default() };
    let all: Vec<Received> = (0..9).map(|number| format!("<html>{number}").as_str().into()).collect();
    for received in [&page, &packed, &page, &strange, &packed].into_iter().chain(&all) {
        record.intents[0].answered(received.clone());
        journal.store(&record).expect("stored");
        record = journal.load().expect("loaded");
    }
    let kept: Vec<&Received> = record.intents[0].answer.iter().chain(&record.intents[0].unread).collect();
    assert_eq!(kept, [&page, &packed, &strange, &all[8]], "each once, the first ones and the last one");
    assert!(record.intents[0].grant().is_none());

    let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials"}"#;
    record.intents[0].settled = Some(Moment { boot: "b".to_owned(), seconds: 1 });
    record.intents[0].answered(grant.into());
    journal.store(&record).expect("stored");
    let intent = &journal.load().expect("loaded").intents[0];
    assert_eq!((&intent.answer, intent.unread.len(), &intent.settled), (&Some(grant.into()), 0, &None));
    assert!(intent.grant().is_some());
}

#[test]
fn there_is_room_for_the_longest_answer_in_any_form() {
    for byte in [b'"', 1, b'x', 0xff] {
        let received = Received { body: vec![byte; Received::MOST_BYTES].into(), ..Received::default() };
        let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
        let mut intent = Intent::new(&code, &ApplianceId::derive(None, "host"), "s", Timestamp::UNIX_EPOCH);
        let without = serde_json::to_vec(&IntentWire::from(&intent)).expect("JSON").len();
        intent.answered(received);
        let with = serde_json::to_vec(&IntentWire::from(&intent)).expect("JSON").len();
        assert!((with - without) as u64 <= MOST_OF_AN_ANSWER, "{byte}: {with}");
    }
}

#[test]
fn a_write_that_was_cut_off_counts_if_all_of_it_was_there() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let host = Arc::new(Host::new(Some(directory.path().to_owned()), None));
    let journal = Journal::new(Arc::clone(&host), Arc::default());
    let code = Profile::built_in().license.code.parse("K7QPM2RX").expect("a code");
    let mut intent = Intent::new(&code, &ApplianceId::derive(None, "host"), "s", Timestamp::UNIX_EPOCH);
    journal.store_intent(&Record { intents: vec![intent.clone()] }).expect("stored");
    intent.answered("{}".into());
    journal.store(&Record { intents: vec![intent.clone()] }).expect("stored");
    let [file, next] = ["journal.json", "journal.json.next"].map(|name| host.state().join(name));
    let whole = std::fs::read(&file).expect("the journal");
    let mut with = |text: &[u8]| {
        intent.answer = None;
        journal.store(&Record { intents: vec![intent.clone()] }).expect("stored");
        std::fs::write(&next, text).expect("written");
        journal.load().expect("loaded").intents[0].answer.is_some()
    };
    for torn in [&whole[..whole.len() - 1], &[&whole[..], &[0; 8]].concat(), &[0xff; 8], b""] {
        assert!(!with(torn));
    }
    assert!(with(&whole));
    // It is not overwritten where it lies.
    journal.finish().expect("ended");
    assert!(!next.exists());
    journal.store(&journal.load().expect("loaded")).expect("stored");
    assert!(journal.load().expect("loaded").intents[0].answer.is_some());
}
