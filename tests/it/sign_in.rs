//! A finished appliance is shown and changed on its own terminal for whoever signs in with the administrator's password, on a
//! real API server: wrong ones, power cuts, two consoles at once, and a Kubernetes that answers late.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;

use crate::{
    import::certificate,
    own::with_leaf,
    support::{
        Machine,
        console::{Console, key, words},
        machine::PASSWORD,
        pages::{Page, on_a_terminal},
        process::{self, firstlight},
        relay::Relay,
    },
};

const SIZE: (u16, u16) = (80, 24);
const SECRET: &str = "appliance-initial-tenant";
const WRONG: &str = "nine-green-Lamps-over-5-doors";
const IS_WRONG: &str = "This is not the password";

/// A machine whose setup has finished.
async fn finished(label: &str) -> Machine {
    let machine = Machine::new(label).await.with_bootstrap();
    machine.run().await.done();
    machine
}

/// What time it is on the machine: which boot, and how long it has lasted.
fn set_clock(machine: &Machine, boot: &str, seconds: u32) {
    machine.write("/proc/sys/kernel/random/boot_id", &format!("{boot}\n"), 0o644);
    machine.write("/proc/uptime", &format!("{seconds}.25 1.00\n"), 0o644);
}

/// How many passwords were counted; `None` where none is.
fn counted(machine: &Machine) -> Option<u64> {
    let text = fs::read_to_string(machine.state().join("sign-in.json")).ok()?;
    let record: Value = serde_json::from_str(&text).expect("JSON");
    record["count"].as_u64()
}

impl Console {
    /// Types a password on the page for that.
    async fn sign_in(&mut self, password: &str) {
        self.on(Page::SignIn).await;
        self.press(&format!("{password}{}", key::ENTER)).await;
    }

    /// Waits until one was wrong.
    async fn wrong(&mut self, password: &str) {
        self.on(Page::SignIn).await;
        self.press(password).await;
        // What was said of the one before goes with the first key.
        self.wait_for("an open question", |screen| !words(screen).contains(IS_WRONG)).await;
        self.press(key::ENTER).await;
        self.wait_for_text(IS_WRONG).await;
    }

    async fn leave(mut self) {
        self.press(key::CTRL_C).await;
        self.asked().await;
        self.press(key::ENTER).await;
        self.end().await.ended(130);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn wrong_and_wrong_and_right() {
    for form in ["argon2id", "scrypt"] {
        let mut machine = Machine::new("sign-in").await.with_bootstrap();
        machine.set("secrets.tenant.admin-password", form);
        machine.run().await.done();
        let mut console = Console::open(machine.wizard(), SIZE);
        console.wait_for_text("kim@acme.example").await;
        for tries in 1..=2 {
            console.wrong(WRONG).await;
            assert_eq!(counted(&machine), Some(tries), "{form}");
        }
        // Whose it is, and nothing else of the appliance.
        let tenant = machine.minted.tenant_id.to_string();
        for told in ["Acme Managed Services", tenant.as_str(), "Kim", "127.0.0.1", "Checks:"] {
            assert!(console.when(|screen| words(screen).contains(told)).is_none(), "{form}: {told}");
        }
        console.sign_in(PASSWORD).await;
        console.on(Page::Welcome).await;
        assert_eq!(counted(&machine), None, "{form}: a right one is the end of them");
        console.answer_until(Page::Review, &machine.minted.code.grouped()).await;
        for password in [PASSWORD, WRONG] {
            assert!(console.when(|screen| words(screen).contains(password)).is_none(), "{form}");
        }
        console.press(key::ENTER).await;
        console.on(Page::Done).await;
        console.press(key::ENTER).await;
        console.end().await.ended(0);
        assert_eq!(machine.sent(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn neither_a_kill_nor_a_restart_gives_a_try_back() {
    let machine = finished("sign-in-kill").await;
    set_clock(&machine, "first", 1000);
    // Before and after its count is durable, and at the very end: the password is not looked at before.
    for (tries, point) in [(1, "file.renamed"), (2, "file.durable"), (3, "file.durable")] {
        let mut command = machine.wizard();
        command.env("FIRSTLIGHT_POINT", format!("kill:{point}"));
        let mut console = Console::open(command, SIZE);
        console.sign_in(PASSWORD).await;
        let left = console.end().await;
        assert_eq!(left.signal, Some(Signal::KILL.as_raw()), "{}", left.text);
        assert_eq!(counted(&machine), Some(tries), "{point}");
    }
    let mode =
        std::os::unix::fs::MetadataExt::mode(&fs::metadata(machine.state().join("sign-in.json")).expect("there"));
    assert_eq!(mode & 0o777, 0o600);

    // Eight seconds, from the beginning of the next boot.
    for (boot, seconds, waits) in [("first", 1003, 5), ("first", 900, 8), ("second", 2, 6)] {
        set_clock(&machine, boot, seconds);
        let mut console = Console::open(machine.wizard(), SIZE);
        console.on(Page::SignIn).await;
        console.wait_for_text(&format!("can be tried in {waits} s")).await;
        console.press(&format!("{PASSWORD}{}", key::ENTER)).await;
        console.wait_for_text("It was not looked at").await;
        console.leave().await;
        assert_eq!(counted(&machine), Some(3), "what is not looked at is not counted");
    }
    // The machine's clock has no say in it: it is not even asked.
    set_clock(&machine, "second", 8);
    let mut console = Console::open(machine.wizard(), SIZE);
    console.sign_in(PASSWORD).await;
    console.on(Page::Welcome).await;
    console.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn two_consoles_have_no_more_tries_than_one() {
    let machine = finished("sign-in-two").await;
    set_clock(&machine, "first", 1000);
    let mut first = Console::open(machine.wizard(), SIZE);
    for _ in 0..2 {
        first.wrong(WRONG).await;
    }
    let mut second = Console::open(machine.wizard(), SIZE);
    second.on(Page::SignIn).await;
    // The third one stops in the midst of counting, and has the record; the other console waits for it.
    let mut command = machine.wizard();
    command.env("FIRSTLIGHT_POINT", "stop:file.renamed");
    let mut third = Console::open(command, SIZE);
    third.sign_in(WRONG).await;
    process::stopped(third.pid()).await;
    second.sign_in(PASSWORD).await;
    second.wait_for_text("comparing it").await;
    third.signal(Signal::CONT);
    third.wait_for_text(IS_WRONG).await;
    second.wait_for_text("It was not looked at").await;
    first.sign_in(PASSWORD).await;
    first.wait_for_text("It was not looked at").await;
    assert_eq!(counted(&machine), Some(3));
    for console in [first, second, third] {
        console.leave().await;
    }

    // And of many at the same instant each is counted.
    set_clock(&machine, "first", 2000);
    fs::remove_file(machine.state().join("sign-in.json")).expect("it was there");
    let mut consoles = Vec::new();
    for _ in 0..4 {
        let mut console = Console::open(machine.wizard(), SIZE);
        console.on(Page::SignIn).await;
        console.press(WRONG).await;
        consoles.push(console);
    }
    for console in &mut consoles {
        console.press(key::ENTER).await;
    }
    let mut looked = 0;
    for mut console in consoles {
        let ended =
            |screen: &vt100::Screen| [IS_WRONG, "It was not looked at"].map(|said| words(screen).contains(said));
        console.wait_for("an answer", |screen| ended(screen).contains(&true)).await;
        looked += u64::from(console.read(ended)[0]);
        console.leave().await;
    }
    assert_eq!((looked, counted(&machine)), (3, Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn line_by_line() {
    let machine = finished("sign-in-lines").await;
    let mut command = machine.wizard();
    command.env("TERM", "dumb");
    let mut console = Console::open(command, SIZE);
    console.wait_for_text("Administrator: kim@acme.example").await;
    console.wait_for_text("Password:").await;
    console.press(&format!("{WRONG}\r")).await;
    console.wait_for_text(IS_WRONG).await;
    console.press(&format!("{PASSWORD}\r")).await;
    console.wait_for_text("Enter: Begin").await;
    console.press("q\r").await;
    console.asked().await;
    console.press("y\r").await;
    let left = console.end().await;
    left.ended(130);
    let text = String::from_utf8_lossy(&left.bytes).into_owned();
    for told in [PASSWORD, WRONG, "Acme Managed Services"] {
        assert!(!text.contains(told), "{text}");
    }
}

/// A wizard that nobody could tell of the end of the setup must tell nothing of it either, and change nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubernetes_that_answers_late_asks_then() {
    let mut machine = finished("sign-in-late").await;
    let (tenant, code) = (machine.minted.tenant_id.to_string(), machine.minted.code.grouped());
    let mut relay = Relay::closed(Machine::api_server());
    machine.use_api_server_at(relay.port());
    for last in [Page::Administrator, Page::Progress] {
        let mut console = Console::open(machine.wizard(), SIZE);
        console.on(Page::Welcome).await;
        console.answer_until(last, &code).await;
        relay.open();
        console.on(Page::SignIn).await;
        for told in ["Acme Managed Services)", tenant.as_str()] {
            assert!(console.when(|screen| words(screen).contains(told)).is_none(), "{last:?}: {told}");
        }
        console.wait_for_text("kim@acme.example").await;
        console.sign_in(PASSWORD).await;
        // What was confirmed without knowing of that is looked at once more.
        console.on(if last == Page::Progress { Page::Review } else { last }).await;
        if last == Page::Progress {
            console.press(key::ENTER).await;
            console.on(Page::Done).await;
            console.press(key::ENTER).await;
            console.end().await.ended(0);
        } else {
            console.leave().await;
            relay = Relay::closed(Machine::api_server());
            machine.use_api_server_at(relay.port());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn where_nothing_can_be_compared_the_login_counts() {
    let mut machine = Machine::new("sign-in-scrub").await.with_bootstrap();
    machine.set("secrets.tenant.admin-password", "plaintext");
    machine.run().await.done();
    machine.write("/proc/self/loginuid", &u32::MAX.to_string(), 0o644);
    let mut console = Console::open(machine.wizard(), SIZE);
    console.wait_for_text("Nothing is kept on this machine").await;
    console.wait_for_text("Log in to this machine").await;
    console.press(key::ENTER).await;
    console.end().await.ended(130);

    machine.write("/proc/self/loginuid", "0", 0o644);
    let mut console = Console::open(machine.wizard(), SIZE);
    console.wait_for_text("You have logged in to this machine").await;
    console.press(key::ENTER).await;
    console.on(Page::Welcome).await;
    console.leave().await;

    // A hash that wants all memory there is proves nothing, and takes none.
    let bomb =
        "$argon2id$v=19$m=4294967295,t=4294967295,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
    machine.namespace.write_secret("somebody", SECRET, &[("INITIAL_ADMIN_PASSWORD_HASH", bomb)]).await;
    machine.write("/proc/self/loginuid", &u32::MAX.to_string(), 0o644);
    let mut console = Console::open(machine.wizard(), SIZE);
    console.wait_for_text("Nothing is kept on this machine").await;
    console.press(key::ESC).await;
    console.end().await.ended(130);
    assert_eq!(counted(&machine), None);
}

/// On one line, however wide the terminal is.
fn words_of(text: &str) -> String {
    text.lines().collect()
}

/// `firstlight rotate` of this machine.
fn rotate(machine: &Machine) -> Command {
    let mut command = firstlight();
    command.arg("rotate");
    command = machine.places(command);
    command.args(["state-key", "--yes", "--output", "json"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_certificate_is_told_on_a_terminal_to_whoever_signs_in() {
    let machine = with_leaf(Machine::new("sign-in-leaf").await.with_bootstrap());
    machine.run().await.done();
    let mut console = Console::open(on_a_terminal(certificate(&machine, &["show"])), SIZE);
    console.wrong(WRONG).await;
    console.leave().await;
    let mut console = Console::open(on_a_terminal(certificate(&machine, &["show"])), SIZE);
    console.wait_for_text("kim@acme.example").await;
    console.press(&format!("{PASSWORD}\r")).await;
    let left = console.end().await;
    left.ended(0);
    assert!(words_of(&left.text).contains("\"type\":\"certificates\""), "{}", left.text);
    assert!(!String::from_utf8_lossy(&left.bytes).contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_value_is_replaced_on_a_terminal_by_whoever_signs_in() {
    let mut machine = Machine::new("sign-in-rotate").await.with_bootstrap();
    machine.add_to_profile(
        "[[generate]]\nid = 'state-key'\nformat = 'base64:32'\nrotate = 'manual'\ninvalidates = 'all sessions'\n\
         targets = ['secret:broker-env/STATE_KEY']\n",
    );
    let value = async || machine.namespace.secret("broker-env").await.map(|data| data["STATE_KEY"].clone());
    machine.run().await.done();
    let first = value().await;
    let mut console = Console::open(on_a_terminal(rotate(&machine)), SIZE);
    console.wrong(WRONG).await;
    console.leave().await;
    assert_eq!(value().await, first);

    for (term, prompt) in [("xterm-256color", "kim@acme.example"), ("dumb", "Password:")] {
        let before = value().await;
        let mut command = on_a_terminal(rotate(&machine));
        command.env("TERM", term);
        let mut console = Console::open(command, SIZE);
        console.wait_for_text(prompt).await;
        console.press(&format!("{PASSWORD}\r")).await;
        let left = console.end().await;
        left.ended(0);
        assert!(words_of(&left.text).contains("replaced `state-key`"), "{term}: {}", left.text);
        assert!(!String::from_utf8_lossy(&left.bytes).contains(PASSWORD), "{term}");
        assert_ne!(value().await, before, "{term}");
    }
    // Without a terminal it is the system that has let somebody in.
    let before = value().await;
    process::run(rotate(&machine)).await.done();
    assert_ne!(value().await, before);
}
