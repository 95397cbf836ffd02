//! Wizards on two terminals of one machine: one of them leads.

use std::{fs, os::unix::fs::PermissionsExt};

use rustix::process::Signal;

use crate::support::{
    console::{Console, key, words},
    machine::PASSWORD,
    pages::{Page, alone},
};

const CODE: &str = "K7QP-M2RX";
const SIZE: (u16, u16) = (80, 24);

/// What was typed on the one stays there, and is seen on neither meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_terminals_of_a_machine_one_leads_and_the_other_can_take_over() {
    const ELSEWHERE: &str = "This machine is being set up on pts/";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut first = Console::open(alone(folder.path()), SIZE);
    first.answer_until(Page::Code, CODE).await;
    first.press("k7qpm2rx").await;
    first.wait_for_text(CODE).await;
    let mut second = Console::open(alone(folder.path()), SIZE);
    second.wait_for_text(ELSEWHERE).await;
    second.press(key::ENTER).await;
    second.wait_for_text("Welcome").await;
    first.wait_for_text(ELSEWHERE).await;
    assert!(!first.read(words).contains(CODE), "{}", first.picture());
    first.press(key::ENTER).await;
    first.wait_for_text(CODE).await;
    second.wait_for_text(ELSEWHERE).await;
    // Whoever is gone leads no more, however that came about.
    first.signal(Signal::KILL);
    second.wait_for_text("Welcome").await;
    second.answer_until(Page::Code, CODE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_not_taken_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut first = Console::open(alone(folder.path()), SIZE);
    first.answer_until(Page::Progress, CODE).await;
    first.running().await;
    let mut second = Console::open(alone(folder.path()), SIZE);
    second.wait_for_text("The setup is being carried out on pts/").await;
    second.press(key::ENTER).await;
    first.signal(Signal::TERM);
    assert_eq!(first.end().await.code, Some(130));
    second.wait_for_text("Welcome").await;
}

/// With everything filled in there is no page to go on from before the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_leads_however_it_was_begun() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let answers = folder.path().join("answers.toml");
    let text = format!(
        "install-code = '{CODE}'\n[administrator]\nfirst-name = 'Kim'\nlast-name = 'Admin'\nemail = 'kim@acme.example'\n\
         password = '{PASSWORD}'\n"
    );
    fs::write(&answers, text).expect("written");
    fs::set_permissions(&answers, fs::Permissions::from_mode(0o600)).expect("a mode");
    let mut command = alone(folder.path());
    command.arg("--answers").arg(&answers).arg("--ask");
    let mut first = Console::open(command, SIZE);
    for page in [Page::Welcome, Page::Review] {
        first.on(page).await;
        first.press(key::ENTER).await;
    }
    first.running().await;
    let mut second = Console::open(alone(folder.path()), SIZE);
    second.wait_for_text("The setup is being carried out on pts/").await;
    second.press(key::ENTER).await;
    first.wait_for("the run goes on", |screen| Page::Progress.is_on(screen)).await;
    // Whoever has ended, however, leads no more.
    first.stop_run(key::ESC).await;
    second.wait_for_text("This machine is being set up on pts/").await;
}

/// While the checks still wait for something, and no more when nobody may come any more.
#[tokio::test(flavor = "multi_thread")]
async fn how_somebody_comes_from_another_computer_is_told_as_soon_as_they_may() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.wait_for_text("Welcome").await;
    assert!(!console.read(words).contains("ssh setup@"), "{}", console.picture());
    let remote = folder.path().join("run/firstlight/remote");
    fs::create_dir_all(&remote).expect("a folder");
    fs::write(remote.join("invitation"), "kmnp-2345-qrst-6789\nSHA256:mVPwvezndPv\n").expect("written");
    console.wait_for_text("password kmnp-2345-qrst-6789").await;
    console.wait_for_text("The key it asks about: SHA256:mVPwvezndPv").await;
    fs::remove_file(remote.join("invitation")).expect("removed");
    console.wait_for("nobody may", |screen| !words(screen).contains("ssh setup@")).await;
}
