//! A setup from answers that a machine is given: where it finds them, in which order, what it says of those that will do no
//! good, and what the wizards on its terminals show meanwhile and afterwards.

mod cleaning;
mod server;
mod volume;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use firstlight::error::ErrorId;
use rustix::{
    fs::{FlockOperation, flock},
    process::Signal,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{
    Machine,
    cluster::kubeconfig,
    console::{Console, key, words},
    machine::{PASSWORD, answers},
    pages::{Page, alone},
    process::{self, Ended, Running},
    relay::Relay,
};

const CODE: &str = "K7QP-M2RX";
const SIZE: (u16, u16) = (80, 24);
const ITSELF: &str = "This machine sets itself up";

/// An empty machine with this on its kernel's command line.
fn machine(line: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "proc/cmdline", line, 0o444);
    folder
}

fn write(root: &Path, path: &str, text: &str, mode: u32) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// Gives it a credential.
fn credential(command: &mut Command, root: &Path, text: &str) {
    write(root, "credentials/firstlight.answers", text, 0o400);
    command.env("CREDENTIALS_DIRECTORY", root.join("credentials"));
}

/// firstlight on it.
fn firstlight(root: &Path, output: &str) -> Command {
    on(root, process::firstlight(), output)
}

/// firstlight on it, in surroundings of its own.
fn on(root: &Path, mut command: Command, output: &str) -> Command {
    let profile = root.join("profile.toml");
    let text = "[license]\nurl = 'https://127.0.0.1:1'\n[cluster]\nstart-timeout-seconds = 1\n[machine]\ndisk-mib = 1\n\
         memory-mib = 1\nvolatile-state = true\n";
    fs::write(&profile, text).expect("a profile");
    command.args(["--unattended", "--output", output, "--profile"]).arg(profile).arg("--root").arg(root);
    command.arg("--kubeconfig").arg(root.join("no-kubeconfig"));
    command
}

async fn run(root: &Path) -> Ended {
    process::run(firstlight(root, "json")).await
}

/// What was said besides the run, by its ids.
fn said(ended: &Ended) -> Vec<(String, String)> {
    let text = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let events = ended.events();
    let said = events.iter().filter(|event| event["type"] == "unattended");
    said.map(|event| (text(event, "id"), text(event, "message"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_answers_there_is_nothing_to_do() {
    let folder = machine("quiet ro");
    let ended = run(folder.path()).await;
    assert_eq!(ended.code, Some(0));
    assert!(matches!(&said(&ended)[..], [(id, _)] if id == "none"), "{}", ended.stdout);
    assert!(!folder.path().join("var").exists() && !folder.path().join("run").exists(), "nothing is written");
}

/// What is there and will not do is told, and never asked for instead.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_and_will_not_do_is_an_error() {
    let whole = answers(CODE, PASSWORD);
    let lacking = whole.replace("last-name", "nick-name");
    for (line, file, mode, id, part) in [
        ("firstlight.answers=answers.toml", "", 0o600, ErrorId::AnswersSource, "neither an https URL"),
        ("firstlight.answers=http://a.example/", "", 0o600, ErrorId::AnswersSource, "https alone"),
        ("firstlight.answers=/missing.toml", "", 0o600, ErrorId::AnswersUnreadable, "/missing.toml"),
        ("firstlight.answers=/answers.toml", whole.as_str(), 0o644, ErrorId::AnswersExposed, "0644"),
        ("firstlight.answers=/answers.toml", lacking.as_str(), 0o600, ErrorId::AnswersInvalid, "has 2 problems"),
        ("firstlight.answers=/answers.toml", "install-code", 0o600, ErrorId::AnswersInvalid, "one problem"),
    ] {
        let folder = machine(line);
        write(folder.path(), "answers.toml", file, mode);
        let ended = run(folder.path()).await;
        assert_eq!(ended.code, Some(i32::from(id.exit().code())), "{line}: {}", ended.stdout);
        let events = ended.events();
        let refused = events.iter().find(|event| event["type"] == "refused").expect("it was refused");
        assert!(refused["id"] == id.as_str() && refused["message"].to_string().contains(part), "{refused}");
        assert!(!ended.stdout.contains(PASSWORD), "{}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_several_counts_and_says_that_the_others_are_there() {
    let folder = machine("firstlight.answers=/answers.toml");
    write(folder.path(), "answers.toml", "", 0o600);
    let mut command = firstlight(folder.path(), "json");
    credential(&mut command, folder.path(), "also = 'wrong'");
    let ended = process::run(command).await;
    assert_eq!(ended.code, Some(10));
    let said = said(&ended);
    let ids: Vec<&str> = said.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["found", "passed-over"], "{said:?}");
    assert!(said[1].1.contains("`firstlight.answers`") && said[1].1.contains("answers.toml"), "{said:?}");
    assert!(!ended.stdout.contains("also"), "the other one is not read: {}", ended.stdout);
    // The other one alone is.
    write(folder.path(), "proc/cmdline", "quiet", 0o644);
    let mut command = firstlight(folder.path(), "text");
    credential(&mut command, folder.path(), "also = 'wrong'");
    let ended = process::run(command).await;
    assert!(
        ended.stdout.contains("credential `firstlight.answers`") && ended.stdout.contains("also"),
        "{}",
        ended.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_set_up_does_not_use_them() {
    let folder = machine("firstlight.answers=/answers.toml");
    write(folder.path(), "var/lib/firstlight/console-done", "", 0o600);
    let ended = run(folder.path()).await;
    assert_eq!(ended.code, Some(0));
    assert!(matches!(&said(&ended)[..], [(id, _)] if id == "ignored"), "{}", ended.stdout);
}

/// With everything that was given filled in, and the one that is missing asked for.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_stands_in_the_wizard_with_the_answers_filled_in() {
    let folder = machine("firstlight.answers=/answers.toml");
    write(folder.path(), "answers.toml", &answers(CODE, PASSWORD).replace("last-name = \"Admin\"\n", ""), 0o600);
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.on(Page::Welcome).await;
    assert_eq!(run(folder.path()).await.code, Some(10));
    console.failed("answers-invalid").await;
    let shown = console.read(words);
    assert!(shown.contains("administrator.last-name") && !shown.contains(PASSWORD), "{}", console.picture());
    // One that is opened later has it too.
    console.signal(Signal::TERM);
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.failed("answers-invalid").await;
    console.press(key::ENTER).await;
    console.on(Page::Administrator).await;
    assert!(console.read(words).contains("Kim"), "{}", console.picture());
    console.press(&format!("Admin{}", key::ENTER)).await;
    console
        .wait_for("the rest is there", |screen| !Page::Administrator.is_on(screen) || words(screen).contains("Acme"))
        .await;
}

/// Nobody is kept from setting a machine up by answers that do not come.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_a_terminal_takes_over_while_answers_are_waited_for() {
    let folder = machine("firstlight.answers=LABEL=NOWHERE:/answers.toml");
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.on(Page::Welcome).await;
    let mut waiting = Running::start(&mut firstlight(folder.path(), "json"));
    let told = waiting.event("unattended", |event| event["id"] == "waiting").await;
    assert!(told["message"].to_string().contains("NOWHERE"), "{told}");
    console.wait_for_text(ITSELF).await;
    console.wait_for_text("NOWHERE").await;
    console.press(key::ENTER).await;
    console.on(Page::Welcome).await;
    let ended = waiting.end().await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("taken-over"), "{}", ended.stdout);
    console.answer_until(Page::Code, CODE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_consoles_show_it_and_are_for_logging_in_afterwards() {
    let machine = Machine::new("unattended").await;
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    let given = fs::read_to_string(machine.path("/answers.toml")).expect("its answers");
    let mut console = Console::open(machine.wizard(), SIZE);
    console.on(Page::Welcome).await;
    let unattended = || unattended(&machine);
    let running = Running::start(unattended().env("FIRSTLIGHT_POINT", "stop:register.send"));
    running.stopped().await;
    console.wait_for_text(ITSELF).await;
    console.wait_for_text("(step ").await;
    running.signal(Signal::CONT);
    running.end().await.done();
    machine.assert_secrets().await;
    assert_eq!(console.end().await.code, Some(0), "there is nothing to do on the console any more");
    assert!(machine.state().join("console-done").exists());
    // It is started again with every start of the machine.
    let ended = process::run(unattended()).await;
    assert!(matches!(&said(&ended)[..], [(id, _)] if id == "ignored"), "{}", ended.stdout);
    // Without that mark the cluster says the same.
    fs::remove_file(machine.state().join("console-done")).expect("it was there");
    let ended = process::run(unattended()).await;
    assert!(matches!(&said(&ended)[..], [(id, _)] if id == "ignored"), "{}", ended.stdout);
    assert_eq!((ended.code, machine.sent()), (Some(0), 1));
    // Where the power went after the setup and before that, the secrets are still where they were.
    let file = machine.write("/answers.toml", &given, 0o600);
    assert!(given.contains(PASSWORD) && !machine.state().join("console-done").exists());
    let ended = process::run(unattended()).await;
    assert!(
        matches!(&said(&ended)[..], [(id, _), (then, _)] if id == "scrubbed" && then == "ignored"),
        "{}",
        ended.stdout
    );
    assert!(!fs::read_to_string(&file).expect("it is there").contains(PASSWORD));
    assert!(machine.state().join("console-done").exists());
    // Those of another machine are none of ours.
    let theirs = machine.write("/answers.toml", &answers(CODE, PASSWORD), 0o600);
    fs::remove_file(machine.state().join("console-done")).expect("it was there");
    let ended = process::run(unattended()).await;
    assert!(matches!(&said(&ended)[..], [(id, _)] if id == "ignored"), "{}", ended.stdout);
    assert!(fs::read_to_string(&theirs).expect("it is there").contains(PASSWORD));
}

/// Not even its network or its clock is another machine's before the cluster has said that the setup is finished.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_machine_that_was_set_up_waits_for_its_cluster_before_it_does_anything() {
    let mut machine = Machine::new("unattended-late").await;
    machine.run().await.done();
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    machine.lose_kubeconfig();
    let mut waiting = Running::start(&mut unattended(&machine));
    let told = waiting.event("unattended", |event| event["id"] == "waiting").await;
    assert!(told["message"].to_string().contains("no-kubeconfig"), "{told}");
    fs::copy(kubeconfig(), machine.path("/etc/no-kubeconfig")).expect("it comes");
    let ended = waiting.end().await;
    let ids: Vec<String> = said(&ended).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["waiting", "scrubbed", "ignored"], "{}", ended.stdout);
    assert!(ended.events().iter().all(|event| event["type"] != "plan"), "no step was begun: {}", ended.stdout);
}

/// Nobody is there who would start it again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_setup_that_fails_of_what_passes_is_tried_again() {
    let (mut machine, mut relay) = unreachable("unattended-again").await;
    let mut running = Running::start(&mut unattended(&machine));
    let told = running.event("unattended", |event| event["id"] == "waiting").await;
    assert!(told["message"].to_string().contains("cannot be reached"), "{told}");
    machine.assert_unspent();
    relay.open();
    let ended = running.end().await;
    let ids: Vec<String> = said(ended.done()).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["found", "waiting", "scrubbed"], "{}", ended.stdout);
    assert_eq!(ended.events().iter().filter(|event| event["type"] == "ended").count(), 1, "{}", ended.stdout);
    machine.use_service();
    machine.assert_secrets().await;
}

/// As `firstlight reconcile` is at each start of a machine, for some seconds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn another_firstlight_at_work_is_waited_for() {
    let machine = Machine::new("unattended-busy").await;
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    let held = machine.write("/var/lib/firstlight/lock", "", 0o600);
    fs::set_permissions(machine.state(), fs::Permissions::from_mode(0o700)).expect("a mode");
    let held = fs::File::open(held).expect("the lock");
    flock(&held, FlockOperation::LockExclusive).expect("it is free");
    let mut running = Running::start(&mut unattended(&machine));
    let told = running.event("unattended", |event| event["id"] == "waiting").await;
    assert!(told["message"].to_string().contains("is locked"), "{told}");
    drop(held);
    running.end().await.done();
    machine.assert_secrets().await;
}

/// Whoever has pulled the stick out meanwhile is told what it failed of, and not that it is gone.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_setup_whose_answers_are_gone_has_failed_of_what_it_failed_of() {
    let (machine, _relay) = unreachable("unattended-gone").await;
    let mut running = Running::start(&mut unattended(&machine));
    running.event("unattended", |event| event["id"] == "waiting").await;
    fs::remove_file(machine.path("/answers.toml")).expect("they were there");
    running.end().await.failed(ErrorId::LicenseUnavailable);
    let mut console = Console::open(machine.wizard(), SIZE);
    console.failed("license-unavailable").await;
}

/// Meanwhile it keeps nobody from doing so.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn somebody_at_a_terminal_goes_on_where_it_is_tried_again() {
    let (machine, _relay) = unreachable("unattended-over").await;
    let mut running = Running::start(&mut unattended(&machine));
    running.event("unattended", |event| event["id"] == "waiting").await;
    let mut console = Console::open(machine.wizard(), SIZE);
    console.wait_for_text(ITSELF).await;
    console.wait_for_text("cannot be reached").await;
    console.press(key::ENTER).await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("taken-over"), "{}", ended.stdout);
    console.on(Page::Welcome).await;
    machine.assert_unspent();
}

/// A machine that is given answers, and does not reach the license service until the relay is opened.
async fn unreachable(label: &str) -> (Machine, Relay) {
    let mut machine = Machine::new(label).await;
    let relay = Relay::closed(machine.service.address());
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    machine.write("/proc/cmdline", "firstlight.answers=/answers.toml\n", 0o444);
    (machine, relay)
}

/// firstlight on it, with nobody there.
fn unattended(machine: &Machine) -> Command {
    let mut command = machine.places(process::firstlight());
    command.args(["--unattended", "--output", "json"]);
    command
}

/// Whoever runs it with a file has been let in by the system; who sits at a console sees that all the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_run_from_a_file_ends_the_wizards_too() {
    let machine = Machine::new("unattended-file").await;
    let mut console = Console::open(machine.wizard(), SIZE);
    console.answer_until(Page::Code, CODE).await;
    let running = machine.start_at("stop:register.send");
    running.stopped().await;
    console.wait_for_text(ITSELF).await;
    running.signal(Signal::CONT);
    running.end().await.done();
    assert_eq!(console.end().await.code, Some(0));
}
