//! The install code and the passwords taken out of what a machine was set up from: also by somebody at a console, and after a cut.

use super::*;

/// What is wrong with the answers is mended on a console; they are answers that this machine was set up from all the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_somebody_ends_at_a_console_is_cleaned_too() {
    let machine = Machine::new("unattended-mended").await;
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    let given = fs::read_to_string(machine.path("/answers.toml")).expect("its answers");
    let file = machine.write("/answers.toml", &given.replace("last-name", "nick-name"), 0o600);
    assert_eq!(process::run(unattended(&machine)).await.code, Some(10));
    let mut console = Console::open(machine.wizard(), SIZE);
    console.failed("answers-invalid").await;
    console.press(key::ENTER).await;
    console.on(Page::Administrator).await;
    // The fields behind it are filled in.
    console.press(&format!("Admin{}", key::ENTER.repeat(3))).await;
    console.on(Page::Review).await;
    console.press(key::ENTER).await;
    console.on(Page::Done).await;
    machine.assert_secrets().await;
    let left = fs::read_to_string(&file).expect("it is there");
    assert!(!left.contains(PASSWORD) && !left.contains(&machine.minted.code.grouped()), "{left}");
    assert!(left.contains("nick-name"), "what is not secret stays: {left}");
}

/// The power goes while a medium is cleaned, or between that and the consoles.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn cleaning_that_was_cut_is_ended_at_the_next_start() {
    let machine = Machine::new("unattended-cut").await;
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    process::run(unattended(&machine)).await.done();
    let (done, cleaning) = (machine.state().join("console-done"), machine.state().join("cleaning"));
    assert!(done.exists() && !cleaning.exists());
    let scrubbed = fs::read_to_string(machine.path("/answers.toml")).expect("it is there");
    let torn = format!("{}password = \"{PASSWORD}\"\n", "\n".repeat(512));
    for (left, expected) in [(scrubbed, "ignored"), (torn, "scrubbed")] {
        fs::remove_file(&done).expect("it was there");
        fs::write(&cleaning, "").expect("written");
        let file = machine.write("/answers.toml", &left, 0o600);
        let ended = process::run(unattended(&machine)).await;
        assert_eq!(said(&ended)[0].0, expected, "{}", ended.stdout);
        assert!(done.exists() && !cleaning.exists(), "{left}");
        assert!(!fs::read_to_string(&file).expect("it is there").contains(PASSWORD));
    }
    // A medium that comes later is looked at when it is there.
    let file = machine.path("/answers.toml");
    fs::remove_file(&file).and_then(|()| fs::write(&cleaning, "")).expect("written");
    process::run(unattended(&machine)).await.done();
    assert!(done.exists() && cleaning.exists());
    let given = answers(&machine.minted.code.grouped(), PASSWORD);
    machine.write("/answers.toml", &given, 0o600);
    let ended = process::run(unattended(&machine)).await;
    assert_eq!(said(&ended)[0].0, "scrubbed", "{}", ended.stdout);
    assert!(!cleaning.exists() && !fs::read_to_string(&file).expect("it is there").contains(PASSWORD));
    // Without that mark they are somebody's.
    fs::remove_file(&done).expect("it was there");
    let file = machine.write("/answers.toml", &answers(CODE, PASSWORD), 0o600);
    process::run(unattended(&machine)).await.done();
    assert!(fs::read_to_string(&file).expect("it is there").contains(PASSWORD) && !done.exists());
}
