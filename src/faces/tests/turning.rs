//! The loop, with a toy in place of the setup and a list in place of the keyboard.

use futures_util::{
    FutureExt,
    stream::{self, StreamExt},
};
use tokio_util::sync::CancellationToken;

use crossterm::event::Event as TerminalEvent;

use super::{toy::Toy, *};
use crate::faces::drive::Wizard;

/// Types `keys`, one a second, then nothing more; `hang_up` ends the input there.
async fn turn(toy: &Toy, app: App, keys: &[&str], hang_up: bool, stop: CancellationToken) -> (Exit, String) {
    let keys: Vec<_> = keys.iter().map(|name| Ok(TerminalEvent::Key(key(name)))).collect();
    let second = std::time::Duration::from_secs(1);
    let input = stream::iter(keys).then(move |key| tokio::time::sleep(second).map(|()| key));
    let input = if hang_up { input.boxed() } else { input.chain(stream::pending()).boxed() };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a test's terminal does not fail");
    let wizard = Wizard::new(app, |replies| toy.port(replies), input, stop);
    let exit = wizard.run(&mut terminal, None, || Ok(())).await.expect("a test's terminal does not fail");
    (exit, text_of(&terminal))
}

#[tokio::test(start_paused = true)]
async fn from_the_review_to_done() {
    let toy = Toy::new(vec![], vec![vec![(0, ended(None, true))]]);
    let mut app = at(Page::Password);
    app.put_focus(1);
    let (exit, text) = turn(&toy, app, &["enter", "enter", "enter"], false, CancellationToken::new()).await;
    assert_eq!(exit, Exit::Done, "{text}");
    let asked = toy.asked.into_inner().expect("no panic while held");
    assert_eq!(asked, ["rehearse for kim@acme.example", "describe Kim", "start kim@acme.example"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_or_a_hangup_stops_the_run_and_waits_for_its_end() {
    for hang_up in [false, true] {
        let stop = CancellationToken::new();
        if !hang_up {
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_secs(3)).await;
                stop.cancel();
            });
        }
        let (exit, text) = turn(&Toy::default(), at(Page::Review), &["enter"], hang_up, stop).await;
        assert_eq!(exit, Exit::Stopped, "{text}");
    }
}

/// How a run under way ends when the terminal fails.
async fn turn_failing(error: impl Fn() -> std::io::Error) -> std::io::Result<Exit> {
    let toy = Toy::default();
    let input = stream::iter([Ok(TerminalEvent::Key(key("c-l")))]).chain(stream::pending());
    let mut console = Terminal::new(TestBackend::new(80, 24)).expect("a test's terminal does not fail");
    let wizard = Wizard::new(running(vec![]), |replies| toy.port(replies), input, CancellationToken::new());
    wizard.run(&mut console, None, || Err(error())).await
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_fails_ends_the_wizard_with_its_error() {
    let error = turn_failing(|| std::io::Error::other("the terminal is odd")).await.expect_err("an odd terminal");
    assert_eq!(error.to_string(), "the terminal is odd");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_is_gone_stops_the_wizard_like_a_signal() {
    let gone = || std::io::Error::from(rustix::io::Errno::IO);
    assert_eq!(turn_failing(gone).await.expect("no defect"), Exit::Stopped);
    assert_eq!(turn_failing(|| std::io::Error::other(gone())).await.expect("no defect"), Exit::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_report_is_saved_and_its_place_is_told() {
    let toy = Toy::default();
    let (_, text) = turn(&toy, failed(1, ErrorId::CodeExpired), &["s", "down"], true, CancellationToken::new()).await;
    assert!(text.contains("`/var/lib/firstlight/report.txt`"), "{text}");
    let asked = toy.asked.into_inner().expect("no panic while held");
    assert_eq!(asked, [format!("report, firstlight {}", env!("CARGO_PKG_VERSION"))]);
}

#[tokio::test(start_paused = true)]
async fn a_password_is_judged_when_typing_pauses() {
    let toy = Toy::default();
    let mut app = empty();
    app.put_on(Page::Password);
    let (_, text) = turn(&toy, app, &["p", "a", "s", "s", "end"], true, CancellationToken::new()).await;
    assert!(text.contains("strength 0 of 4 [....] very weak"), "{text}");
    let judged = toy.asked.into_inner().expect("no panic while held");
    assert_eq!(judged.iter().filter(|asked| *asked == "judge").count(), 4, "once a change");
}
