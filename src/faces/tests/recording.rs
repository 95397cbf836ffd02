//! Recordings: what is in the file, and that a replay goes where the wizard went.

use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use futures_util::stream;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    faces::replay::play::{ReplayError, replay, resume},
    recording::write::Recorder,
    wizard::Input,
    words::{Language, Words},
};

/// What must be in no recording of a wizard with the answers of these tests.
const ANSWERS: [&str; 7] = ["horse", "K7QP", "M2RX", "Kim", "Admin\"", "kim@acme", "Acme"];

/// A file in memory that has room for so many bytes.
#[derive(Clone)]
pub(super) struct File {
    written: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl File {
    fn new(room: usize) -> Self {
        Self { written: Arc::default(), room }
    }

    pub(super) fn text(&self) -> String {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(written.clone()).expect("JSON")
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() + bytes.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        written.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A wizard that is recorded.
pub(super) struct Recorded {
    pub(super) app: App,
    recorder: Recorder,
    pub(super) file: File,
}

impl Recorded {
    pub(super) fn new(app: App) -> Self {
        let file = File::new(usize::MAX);
        let recorder = Recorder::begin(Box::new(file.clone()), &app, Look::default(), (80, 24)).expect("there is room");
        Self { app, recorder, file }
    }

    pub(super) fn happens(&mut self, msg: Msg) -> Option<Effect> {
        self.recorder.message(&self.app, &msg).expect("there is room");
        let effect = update(&mut self.app, msg);
        self.recorder.state(&self.app).expect("there is room");
        effect
    }

    fn keys(&mut self, keys: &str) {
        for key in super::keys(keys) {
            self.happens(Msg::Key(key));
        }
    }

    pub(super) fn replayed(&self) -> String {
        replayed(&self.file.text(), None).expect("a recording")
    }
}

fn replayed(recording: &str, at: Option<usize>) -> Result<String, ReplayError> {
    let mut out = Vec::new();
    replay(recording, at, &Words::new(Language::English), &mut out)?;
    Ok(String::from_utf8(out).expect("text"))
}

/// How often a replay went elsewhere than the wizard had gone.
pub(super) fn detours(replayed: &str) -> usize {
    replayed.matches("the recording goes on at").count()
}

fn expect_no_answer(recording: &str) {
    for answer in ANSWERS {
        assert!(!recording.contains(answer), "{answer}: {recording}");
    }
}

#[test]
fn a_replay_takes_the_way_of_every_flow() {
    for (from, keys, _) in flow::FLOWS {
        let mut recorded = Recorded::new(at(*from));
        recorded.keys(keys);
        expect_no_answer(&recorded.file.text());
        let replayed = recorded.replayed();
        // These wizards begin on `from`, as no real one does.
        assert_eq!(detours(&replayed), usize::from(*from != Page::Welcome), "{from:?} {keys}\n{replayed}");
    }
}

#[test]
fn a_whole_setup_is_replayed_to_its_end() {
    let mut recorded = Recorded::new(empty());
    recorded.keys("<enter>k7qp<enter>");
    recorded.happens(Msg::Paste("K7QP-M2RX".to_owned().into()));
    recorded.keys("<enter>Kim<enter>Admin<enter>kim@acme.example<enter>Acme<enter>correct horse battery<enter>");
    // As long as the password, and another one.
    recorded.keys("correct house battery<enter><c-u>correct horse battery<enter>");
    recorded.happens(Msg::Reply(Reply::Described { steps: description() }));
    assert!(matches!(recorded.happens(Msg::Key(key("enter"))), Some(Effect::Ask(Request::Start(_)))));
    recorded.happens(ran(Event::Plan { steps: PLAN.to_vec() }));
    for info in PLAN.iter() {
        recorded.happens(ran(Event::StepStarted { id: info.id.clone() }));
        // A value may have a name that stands for a word of the format elsewhere.
        let outcome = Outcome::Changed(phrase!("line-ended" { exit: 0, id: "the tenant of Kim at Acme" }));
        recorded.happens(ran(Event::StepFinished { id: info.id.clone(), outcome, elapsed_ms: 900 }));
    }
    let ready = phrase!("ready-all" { names: vec![Phrase::from("Acme"), phrase!("ready-appliance")] });
    recorded.happens(ran(Event::Note { id: "bootstrap".into(), text: ready }));
    recorded.happens(ran(authority("https://appliance.example/")));
    recorded.happens(ran(ended(None, true)));
    recorded.keys("<enter>");
    let recording = recorded.file.text();
    expect_no_answer(&recording);
    let replayed = recorded.replayed();
    assert_eq!(detours(&replayed), 0, "{replayed}");
    for part in
        ["2222-2222", "xxx@xxxx.xxxxxxx", "tenant of Xxx at Xxxx", "BA:78:16:BF", "7/7", "was left with exit code 0"]
    {
        assert!(replayed.contains(part), "{part}: {replayed}");
    }
    let last = recording.lines().filter(|line| !line.contains(r#""type":"state""#)).count() - 1;
    let screen = self::replayed(&recording, Some(last - 1)).expect("a recording");
    assert!(screen.starts_with(&format!("#{}  ", last - 1)) && screen.contains("7/7"), "{screen}");
}

/// Two passwords that have nothing in common but that they are good, typed, corrected and pasted: one recording.
#[tokio::test(start_paused = true)]
async fn a_recording_tells_neither_the_length_of_a_password_nor_how_it_is_typed() {
    let mut recordings = Vec::new();
    for (password, pause) in [("correct house battery", 100), ("seven-Blue-9-ferries-over-the-bridge<bs><left>x", 370)]
    {
        let mut recorded = Recorded::new(at(Page::Password));
        recorded.keys("<c-u>");
        for key in super::keys(password) {
            tokio::time::advance(std::time::Duration::from_millis(pause)).await;
            recorded.happens(Msg::Key(key));
            recorded.happens(Msg::Reply(Reply::Judged { strength: None }));
        }
        recorded.happens(Msg::Paste("-more".repeat(password.len() % 3 + 1).into()));
        recorded.keys("<enter>");
        let recording = recorded.file.text();
        assert_eq!(detours(&recorded.replayed()), 1, "it begins on another page than it was made on");
        // Only how long it took in all.
        let times = |line: &str| line.split_once(',').map(|(_, rest)| rest.to_owned());
        recordings.push(recording.lines().skip(1).map(times).collect::<Vec<_>>());
        let distinct: std::collections::BTreeSet<_> =
            recording.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect();
        assert!(distinct.len() <= 2, "{distinct:?}");
    }
    assert_eq!(recordings[0], recordings[1]);
}

#[test]
fn no_event_carries_a_secret_into_the_file() {
    let mut recorded = Recorded::new(at(Page::Review));
    recorded.keys("<enter>");
    recorded.happens(ran(Event::Plan { steps: PLAN.to_vec() }));
    for text in ["`correct horse battery` was refused", "k7qp-m2rx", "sent K7QPM2RX", "Kim <kim@acme.example> of Acme"]
    {
        let report = |text: &str| Report {
            causes: vec![text.into()],
            hint: text.into(),
            ..Report::new(ErrorId::CodeUsed, text.into())
        };
        recorded.happens(ran(Event::Note { id: "redeem".into(), text: text.into() }));
        recorded.happens(ran(check("clock", CheckState::Passed, text)));
        let failures = vec![report(text)];
        recorded.happens(ran(Event::Retry { id: "redeem".into(), attempt: 2, pause_ms: 1, failures }));
        recorded.happens(ran(Event::StepNotRun { id: "secrets".into(), reason: text.into() }));
        recorded.happens(ran(Event::StepFailed { id: "redeem".into(), failures: vec![report(text)], elapsed_ms: 1 }));
        recorded.happens(Msg::Reply(Reply::Described {
            steps: vec![Description { info: PLAN[0].clone(), lines: vec![phrase!("will-wait" { name: text })] }],
        }));
    }
    let recording = recorded.file.text();
    expect_no_answer(&recording);
    assert!(!recording.to_lowercase().contains("k7qp"), "{recording}");
    assert!(recording.contains("(left out: it held a secret)"), "{recording}");
    assert!(recording.contains("Xxx <xxx@xxxx.xxxxxxx> of Xxxx"), "{recording}");
    assert!(recorded.replayed().contains("left out"));
}

#[test]
fn what_is_typed_where_it_means_nothing_is_not_written() {
    let mut recorded = Recorded::new(at(Page::Welcome));
    recorded.keys("horse<c-c>house");
    let recording = recorded.file.text();
    for letter in ["h", "o", "s", "u"] {
        assert!(!recording.contains(&format!(r#""Char":"{letter}""#)), "{letter}: {recording}");
    }
    assert_eq!(detours(&recorded.replayed()), 0);
}

#[test]
fn the_vendors_questions_are_replayed_with_placeholders() {
    let mut recorded = Recorded::new(questioned(COMPLETE));
    let keys = "<enter>kim.acme.example<enter><down><enter>k<enter><c-u>acme.example<enter><bs>4<enter>yK<down><enter>\
                seven blue ferries<enter><enter>";
    recorded.keys(keys);
    let recording = recorded.file.text();
    expect_no_answer(&recording);
    for answer in ["kim.acme", "acme.example", "blue", r#""Char":"y""#] {
        assert!(!recording.contains(answer), "{answer}: {recording}");
    }
    let replayed = recorded.replayed();
    assert_eq!((detours(&replayed), recorded.app.page()), (0, Page::Progress), "{replayed}");
    assert!(replayed.contains("xxx.xxxx.xxxxxxx"), "{replayed}");
}

#[test]
fn the_keyboards_layout_is_written_and_what_it_is_tried_with_is_not() {
    let mut app = at(Page::Welcome);
    app.offer_layouts(vec!["de".to_owned(), "us".to_owned()]);
    let mut recorded = Recorded::new(app);
    recorded.keys("<enter>de<enter>");
    recorded.happens(Msg::Reply(Reply::LayoutLoaded { failure: Some(ways::no_console()) }));
    recorded.keys("<enter>");
    recorded.happens(Msg::Reply(Reply::LayoutLoaded { failure: None }));
    recorded.keys("zyb<enter>");
    let recording = recorded.file.text();
    assert!(recording.contains(r#""Char":"d""#) && !recording.contains(r#""Char":"z""#), "{recording}");
    let replayed = recorded.replayed();
    assert_eq!((detours(&replayed), recorded.app.page()), (0, Page::Code), "{replayed}");
    assert!(replayed.contains("`loadkeys de` failed"), "{replayed}");
}

#[test]
fn a_damaged_or_newer_recording_is_read_as_far_as_it_goes() {
    let mut recorded = Recorded::new(at(Page::Welcome));
    recorded.keys("<enter>");
    let whole = recorded.file.text();
    let cut = replayed(&whole[..whole.len() - 5], None).expect("a recording");
    assert!(cut.contains("note: after #1: the last line is cut off") && cut.contains("key Enter"), "{cut}");
    let newer =
        replayed(&(whole.clone() + "{\"ms\":9,\"type\":\"hologram\",\"depth\":3}\n"), None).expect("a recording");
    assert!(newer.contains("this version does not read `hologram`"), "{newer}");
    for (text, message) in [
        (String::new(), "this is not a recording: its first line is not one that `--record` writes"),
        (
            "{\"type\":\"plan\"}\n".to_owned(),
            "this is not a recording: its first line is not one that `--record` writes",
        ),
        (
            whole.replacen("\"format\":2", "\"format\":9", 1).replacen(env!("CARGO_PKG_VERSION"), "7.0.0", 1),
            "the recording has format 9, and this version reads format 2; firstlight 7.0.0 wrote it",
        ),
        (whole.replacen("[brand]", "[grand]", 1), "the profile in the recording cannot be used"),
    ] {
        let error = replayed(&text, None).expect_err(message);
        assert!(error.to_string().starts_with(message), "{error}");
    }
    for at in [0, 2] {
        let error = replayed(&whole, Some(at)).expect_err("there is one message");
        assert_eq!(error.to_string(), format!("there is no message {at}: the recording has 1"));
    }
}

#[test]
fn a_replay_says_when_it_goes_elsewhere() {
    let mut recorded = Recorded::new(at(Page::Welcome));
    recorded.keys("<enter><enter><esc>");
    let other = recorded.file.text().replacen("\"page\":\"administrator\"", "\"page\":\"password\"", 1);
    let replayed = self::replayed(&other, None).expect("a recording");
    assert_eq!(detours(&replayed), 2, "{replayed}");
    assert!(replayed.contains("after #2: the recording goes on at Password, field 1, not at Administrator, field 1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_replay_goes_where_any_keys_went(
        complete in any::<bool>(),
        keys in properties::keys(),
        pastes in proptest::collection::vec((0_usize..40, "\\PC{0,12}"), 0..3),
        more in "[a-zA-Z@. é李]{0,30}",
    ) {
        let mut recorded = Recorded::new(if complete { at(Page::Welcome) } else { empty() });
        for (index, key) in super::keys(&(keys + "<enter>" + &more + "<enter>")).into_iter().enumerate() {
            recorded.happens(Msg::Key(key));
            for (_, text) in pastes.iter().filter(|(after, _)| *after == index) {
                recorded.happens(Msg::Paste(text.clone().into()));
            }
        }
        let recording = recorded.file.text();
        for answer in ANSWERS {
            prop_assert!(!recording.contains(answer), "{}: {}", answer, recording);
        }
        let replayed = recorded.replayed();
        prop_assert_eq!(detours(&replayed), 0, "{}", replayed);
        for input in Input::all(recorded.app.profile()) {
            let text = recorded.app.form().field(input).text();
            let tells = text.len() > 5 && text.chars().any(|c| c.is_alphanumeric() && !"xX0字".contains(c));
            prop_assert!(!tells || !recording.contains(text), "{}: {}", text, recording);
        }
    }
}

/// A recording that cannot go on is told once, and everything else goes on.
#[tokio::test(start_paused = true)]
async fn a_full_disk_ends_the_recording_and_not_the_wizard() {
    let ticks: fn(u64) -> Msg = |index| Msg::Tick(std::time::Duration::from_secs(index));
    let keys: fn(u64) -> Msg = |_| Msg::Key(key("down"));
    // A key takes what was told before off the screen, but not what it brings about itself.
    for (room, happens) in [(0, ticks), (4000, ticks), (8000, keys)] {
        let toy = toy::Toy::default();
        let keys = stream::pending::<io::Result<crossterm::event::Event>>();
        let mut wizard = crate::faces::drive::Wizard::new(
            at(Page::Welcome),
            |replies| toy.port(replies),
            keys,
            CancellationToken::new(),
        );
        wizard.record(Box::new(File::new(room)), Look::default(), (80, 24));
        for index in 0..200 {
            if wizard.recorder.is_some() {
                wizard.handle(happens(index));
            }
        }
        let told = screen(&mut wizard.app, 80, 24);
        assert!(told.contains("The recording ends here (no storage space)"), "{told}");
        wizard.handle(Msg::Key(key("enter")));
        let told = screen(&mut wizard.app, 80, 24);
        assert!(!told.contains("recording") && told.contains("2/7"), "{told}");
    }
}

#[test]
fn a_recording_is_opened_with_what_it_knew_and_says_where_it_disagrees() {
    let network = NetworkFacts { host_name: "appliance".to_owned(), ..NetworkFacts::default() };
    let mut recorded = Recorded::new(empty());
    recorded.happens(Msg::Opened);
    recorded.happens(Msg::Reply(Reply::Network { facts: network.clone() }));
    let begun = [Event::Plan { steps: PLAN[..1].to_vec() }, Event::StepStarted { id: "rehearse".into() }];
    for event in begun.into_iter().chain(rehearsed(vec![report(ErrorId::NameResolution)])) {
        recorded.happens(checking(event));
    }
    recorded.keys("<enter>");
    let mut said = Vec::new();
    let english = Words::new(Language::English);
    let app = resume(&recorded.file.text(), None, &english, &mut said).expect("a recording");
    assert_eq!((app.page(), app.network()), (Page::Network, &network));
    assert!(app.checks().failures.iter().any(|report| report.id == ErrorId::NameResolution));
    assert!(said.is_empty());
    let before = resume(&recorded.file.text(), Some(2), &english, &mut said).expect("a recording");
    assert_eq!((before.page(), before.network()), (Page::Welcome, &network));
    let newer = format!("{}{{\"ms\":1,\"type\":\"of-a-later-version\"}}\n", recorded.file.text());
    resume(&newer, None, &english, &mut said).expect("a recording");
    assert!(String::from_utf8_lossy(&said).contains("does not read `of-a-later-version`"));
    assert!(matches!(
        resume(&recorded.file.text(), Some(99), &english, &mut said),
        Err(ReplayError::Missing { at: 99, .. })
    ));
}
