//! Whole conversations line by line: typed lines in, printed text out, as a terminal shows both.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crossterm::event::Event as TerminalEvent;

use super::{
    toy::{Script, Toy},
    *,
};
use crate::{
    faces::{drive::Wizard, lines::talk::Talk},
    words::Language,
};

/// What the terminal shows, and whether it shows what is typed.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>, Arc<AtomicBool>);

impl Shown {
    /// What a terminal makes of typed characters.
    fn shows(&self, text: &str) {
        if self.1.load(Ordering::SeqCst) {
            self.0.lock().expect("no panic while held").extend(text.as_bytes());
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic while held").clone()).expect("UTF-8")
    }
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while held").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Types `lines`, one every two seconds (`^C` is Ctrl-C, `…` waits for 30), and hangs up.
pub(super) async fn talk(toy: &Toy, mut app: App, lines: &[&str]) -> (Exit, String) {
    app.show_on(Look { plain: true, ..app.look() });
    let shown = Shown::default();
    shown.1.store(true, Ordering::SeqCst);
    let echo = Arc::clone(&shown.1);
    let terminal = shown.clone();
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let typed = stream::unfold(lines.into_iter(), move |mut lines| {
        let terminal = terminal.clone();
        async move {
            loop {
                let line = lines.next()?;
                tokio::time::sleep(Duration::from_secs(if line == "…" { 30 } else { 2 })).await;
                let input = match line.as_str() {
                    "…" => continue,
                    "^C" => {
                        terminal.shows("^C");
                        TerminalEvent::Key(key("c-c"))
                    }
                    line => {
                        terminal.shows(line);
                        terminal.0.lock().expect("no panic while held").push(b'\n');
                        TerminalEvent::Paste(line.to_owned())
                    }
                };
                return Some((Ok(input), lines));
            }
        }
    });
    let conversation = Talk::new(shown.clone(), 80, Theme::new(app.look(), None), move |visible| {
        echo.store(visible, Ordering::SeqCst);
        Ok(())
    });
    let wizard = Wizard::new(app, |replies| toy.port(replies), Box::pin(typed), CancellationToken::new());
    let exit = Box::pin(wizard.converse(conversation)).await.expect("a vector takes everything");
    let text = shown.text();
    assert!(!text.contains(|character: char| character.is_control() && character != '\n'), "{text:?}");
    assert!(!text.contains("horse"), "{text}");
    assert!(!text.to_uppercase().contains("K7QP-M2RX"), "it may be unspent: {text}");
    for line in text.lines() {
        assert!(line.chars().count() < 80, "{line}");
    }
    (exit, text)
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Lines that answer everything from the welcome page on.
const ANSWERS: [&str; 8] = ["", "k7qp-m2rx", "Kim", "Admin", "kim@acme.example", "", PASSWORD, PASSWORD];

pub(super) fn lines(more: &[&'static str]) -> Vec<&'static str> {
    [&ANSWERS[..], more].concat()
}

pub(super) fn rehearsal(failures: Vec<Report>) -> Script {
    use CheckState::{Failed, Passed, Waiting};
    let clock = if failures.is_empty() { Passed } else { Failed };
    let mut script = vec![
        (0, Event::Plan { steps: PLAN[..1].to_vec() }),
        (0, Event::StepStarted { id: "rehearse".into() }),
        (100, check("disk", Passed, phrase!("rehearse-disk" { free: 12288 }))),
        (100, check("kubernetes", Waiting, starting(1))),
        (1000, check("kubernetes", Waiting, starting(2))),
        (100, check("clock", clock, phrase!("rehearse-clock" { seconds: 1 }))),
        (5000, check("kubernetes", Passed, phrase!("rehearse-kubernetes" { version: "v1.35.4" }))),
    ];
    script.extend(rehearsed(failures).into_iter().map(|event| (0, event)));
    script
}

fn finished(id: &'static str, did: &str) -> Event {
    Event::StepFinished { id: id.into(), outcome: Outcome::Changed(did.into()), elapsed_ms: 1200 }
}

/// A run as far as the code.
fn run_to_the_code() -> Script {
    vec![
        (0, Event::Plan { steps: PLAN[..2].to_vec() }),
        (0, Event::StepStarted { id: "rehearse".into() }),
        (100, check("clock", CheckState::Passed, phrase!("rehearse-clock" { seconds: 1 }))),
        (100, finished("rehearse", "everything is in order")),
        (0, Event::StepStarted { id: "redeem".into() }),
    ]
}

pub(super) fn run_done() -> Script {
    let mut script = run_to_the_code();
    script.extend((1..=25).map(|second| (1000, Event::Note { id: "redeem".into(), text: waiting(second) })));
    script.push((0, authority("https://appliance.acme.example/")));
    script.push((100, finished("redeem", "the code is redeemed")));
    script.push((0, ended(None, true)));
    script
}

pub(super) fn run_failed(id: ErrorId) -> Script {
    let mut script = run_to_the_code();
    script.push((100, Event::StepFailed { id: "redeem".into(), failures: vec![report(id)], elapsed_ms: 300 }));
    script.push((0, ended(id, false)));
    script
}

#[tokio::test(start_paused = true)]
async fn everything_is_answered_and_set_up() {
    let toy = Toy::new(vec![rehearsal(vec![])], vec![run_done()]);
    let (exit, text) = talk(&toy, empty(), &lines(&["", "…", ""])).await;
    golden("plain-done", &text);
    assert_eq!(exit, Exit::Done);
}

#[tokio::test(start_paused = true)]
async fn refused_answers_are_asked_for_again_with_the_reason() {
    let toy = Toy::new(vec![rehearsal(vec![])], vec![]);
    let typed = [
        "x",
        "",
        "K7QP-M2R0",
        "K7QP",
        "///",
        "k7qp m2rx",
        "Kim",
        "",
        "Admin",
        "nobody",
        "kim@acme.example",
        "",
        "short",
    ];
    let typed = [&typed[..], &[PASSWORD, "another horse", "", "", PASSWORD]].concat();
    let (_, text) = talk(&toy, empty(), &typed).await;
    golden("plain-refused", &text);
}

#[tokio::test(start_paused = true)]
async fn answers_are_changed_on_the_way_and_from_the_review() {
    let toy = Toy::new(vec![rehearsal(vec![])], vec![]);
    let on_the_way = ["/back", "", "/check", "", "Kim", "/back", "Kimberly", "//back", "", "/clear", "", ""];
    let from_the_review = ["2", "Kim", "Admin", "", "Acme", "1", "/back", "?", "b", "/help", "/quit", "y"];
    let typed = [&on_the_way[..], &from_the_review].concat();
    let (exit, text) = talk(&toy, at(Page::Code), &typed).await;
    golden("plain-changed", &text);
    assert_eq!(exit, Exit::Stopped);
}

#[tokio::test(start_paused = true)]
async fn failed_checks_are_told_and_made_again() {
    let failed = || rehearsal(vec![report(ErrorId::ClockWrong)]);
    let toy = Toy::new(vec![failed(), failed(), rehearsal(vec![])], vec![]);
    let (exit, text) = talk(&toy, at(Page::Review), &["…", "…", "F5", "…", "^C", "n", "b", "^C", ""]).await;
    golden("plain-checks", &text);
    assert_eq!(exit, Exit::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_is_tried_again_and_its_answer_changed() {
    let runs = vec![run_failed(ErrorId::LicenseUnavailable), run_failed(ErrorId::CodeUnknown), run_done()];
    let toy = Toy::new(vec![rehearsal(vec![])], runs);
    let (exit, text) = talk(&toy, at(Page::Review), &["", "s", "r", "e", "Z7QP-M2RX", "", "…", "q"]).await;
    golden("plain-failed", &text);
    assert_eq!(exit, Exit::Done);
    assert_eq!(toy.codes.into_inner().expect("no panic while held"), ["K7QPM2RX", "K7QPM2RX", "Z7QPM2RX"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_stopped_after_a_question() {
    let toy = Toy::new(vec![], vec![run_to_the_code()]);
    let (exit, text) = talk(&toy, at(Page::Review), &["", "^C", "n", "…", "s", "y", "?", "q"]).await;
    golden("plain-stopped", &text);
    assert_eq!(exit, Exit::Stopped);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_ends_the_wizard_after_the_run() {
    for page in [Page::Welcome, Page::Code, Page::Password, Page::Review] {
        let (exit, text) = talk(&Toy::new(vec![], vec![run_to_the_code()]), at(page), &[""]).await;
        assert_eq!((exit, text.ends_with('\n')), (Exit::Stopped, true), "{page:?}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendors_questions_are_asked_each_in_its_way() {
    let mut app = on(questioned(COMPLETE), Page::Address);
    app.show_on(Look { plain: true, ..app.look() });
    let typed = ["a_b", "appliance.acme.example", "", "9", "2", "ACME", "", "x", "99", "5", "Nein", "no", "short"];
    let typed = [&typed[..], &["seven blue horses", "5", "/back", "/help"]].concat();
    let (exit, text) = talk(&Toy::new(vec![], vec![]), app, &typed).await;
    golden("plain-questions", &text);
    assert_eq!(exit, Exit::Stopped);
}

#[tokio::test(start_paused = true)]
async fn the_keyboard_is_chosen_and_tried() {
    let mut app = at(Page::Keyboard);
    app.offer_layouts(["de", "us"].map(str::to_owned).into());
    let (_, text) = talk(&Toy::new(vec![], vec![]), app, &["dd", "de", "zy", "/back", "/back", "", ""]).await;
    golden("plain-keyboard", &text);
}

#[tokio::test(start_paused = true)]
async fn german_is_spoken() {
    let look = Look { language: Language::German, ..Look::default() };
    let profile = Arc::new(Profile::built_in());
    let draft = Draft::from_toml(COMPLETE, &profile).0;
    let app = App::new(profile, &draft, look);
    let (_, text) =
        talk(&Toy::new(vec![rehearsal(vec![])], vec![]), app, &["l", "l", "", "1", "/help", "", "^C"]).await;
    golden("plain-german", &text);
}

#[tokio::test(start_paused = true)]
async fn failures_are_told_in_german() {
    let toy = Toy::new(vec![rehearsal(vec![report(ErrorId::ClockWrong)])], vec![run_failed(ErrorId::CodeUsed)]);
    let (exit, text) = talk(&toy, ways::german(at(Page::Review)), &["…", "", "…", "q"]).await;
    golden("plain-failed-german", &text);
    assert_eq!(exit, Exit::CodeUsed);
}
