//! The real wizard on a terminal, against the real cluster and license service: from the first page to Done,
//! and every failure that an operator can meet, mended with the keys on the screen.

use jiff::SignedDuration;
use license_service::NewCode;
use rustix::process::Signal;
use tokio::process::Command;

use crate::{
    rights::use_service_account,
    support::{
        Machine,
        console::{Console, key, words},
        machine::PASSWORD,
        pages::Page,
        process,
        relay::Relay,
    },
    tenant::on_a_foreign_cluster,
};

pub(crate) const SIZE: (u16, u16) = (80, 24);

/// What nobody may see: the password, and of the grant what the cluster has by now.
async fn secrets_of(machine: &Machine) -> Vec<String> {
    let license = machine.namespace.secret("appliance-license-seed").await.unwrap_or_default();
    let granted = ["LICENSE_TOKEN", "APPLIANCE_CREDENTIAL"].into_iter().filter_map(|key| license.get(key).cloned());
    [PASSWORD.to_owned()].into_iter().chain(granted).collect()
}

pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Leaves the done page; nothing secret was ever written, and nothing ever stood on the screen.
pub(crate) async fn leave(mut console: Console, machine: &Machine) {
    console.on(Page::Done).await;
    let secrets = secrets_of(machine).await;
    for secret in &secrets {
        assert!(console.when(|screen| words(screen).contains(secret)).is_none(), "a secret stood on the screen");
    }
    console.press(key::ENTER).await;
    let left = console.end().await;
    left.ended(0);
    for secret in &secrets {
        assert!(!holds(&left.bytes, secret), "a secret was written to the terminal");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn from_the_first_page_to_done_on_any_terminal() {
    for (term, no_color, size) in [
        ("xterm-256color", "", (80, 24)),
        ("linux", "", (60, 18)),
        ("vt100", "", (60, 18)),
        ("vt100", "", (80, 24)),
        ("ansi", "1", (80, 24)),
    ] {
        let machine = Machine::new("wizard").await.with_bootstrap();
        let mut command = machine.wizard();
        command.env("TERM", term).env("NO_COLOR", no_color);
        let mut console = Console::open(command, size);
        let code = machine.minted.code.grouped();
        console.answer_until(Page::Code, &code).await;
        console.press(&code.to_lowercase()).await;
        console.wait_for_text(&code).await;
        console.press(key::ENTER).await;
        console.on(Page::Administrator).await;
        let typed = console.bytes().len();
        console.answer_until(Page::Review, &code).await;
        // All of the page once more.
        console.press(key::CTRL_L).await;
        console.press(key::ENTER).await;
        console.on(Page::Done).await;
        let after = console.bytes().split_off(typed);
        for code in [code.as_str(), machine.minted.code.expose()] {
            assert!(!holds(&after, code), "{term}: the code is repeated after its page");
        }
        leave(console, &machine).await;
        machine.assert_installed().await;
        assert_eq!(machine.sent(), 1, "{term}");
    }
}

/// The wizard with everything answered and the run started; it fails with this id.
pub(crate) async fn fails(machine: &Machine, code: &str, id: &str) -> Console {
    command_fails(machine.wizard(), code, id).await
}

/// The same, for a wizard with surroundings of its own.
pub(crate) async fn command_fails(command: Command, code: &str, id: &str) -> Console {
    let mut console = Console::open(command, SIZE);
    console.answer_until(Page::Progress, code).await;
    console.failed(id).await;
    console
}

/// Corrects the code by the key for that, and lets the setup finish.
async fn correct_the_code(mut console: Console, machine: &Machine, code: &str) {
    console.press("e").await;
    console.on(Page::Code).await;
    console.press(key::CTRL_U).await;
    console.press(&format!("{code}{}", key::ENTER)).await;
    console.on(Page::Review).await;
    console.press(key::ENTER).await;
    leave(console, machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn from_the_first_page_to_done_line_by_line() {
    let machine = Machine::new("wizard").await.with_bootstrap();
    let mut console = line_by_line_at_point(&machine, "").await;
    console.wait_for_text("Enter: Leave").await;
    console.press(key::ENTER).await;
    let left = console.end().await;
    left.ended(0);
    assert!(!left.bytes.contains(&b'\x1b'), "nothing is for the terminal");
    for secret in secrets_of(&machine).await {
        assert!(!holds(&left.bytes, &secret), "a secret was written to the terminal");
    }
    machine.assert_installed().await;
}

/// The wizard line by line, with a run that does something at a point.
pub(crate) async fn line_by_line_at_point(machine: &Machine, action: &str) -> Console {
    let mut command = machine.wizard();
    command.env("TERM", "dumb").env("FIRSTLIGHT_POINT", action);
    let mut console = Console::open(command, SIZE);
    let code = machine.minted.code.grouped();
    // After a run that came to its end, the wizard asks who is there.
    let signs_in = |screen: &vt100::Screen| words(screen).contains("Sign in");
    let begins = |screen: &vt100::Screen| signs_in(screen) || words(screen).contains("Enter: Begin");
    console.wait_for("the first page", begins).await;
    if console.read(signs_in) {
        console.wait_for_text("Password:").await;
        console.press(&format!("{PASSWORD}\r")).await;
    }
    for (asked, answer) in [
        ("Enter: Begin", ""),
        ("Install code:", code.as_str()),
        ("First name:", "Kim"),
        ("Last name:", "Admin"),
        ("E-mail address:", "kim@acme.example"),
        ("Company (optional):", "Acme Managed Services"),
        ("Password:", PASSWORD),
        ("Password again:", PASSWORD),
        ("Enter: Start", ""),
    ] {
        console.wait_for_text(asked).await;
        console.press(&format!("{answer}\r")).await;
    }
    console
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_unknown_code() {
    let machine = Machine::new("w-unknown").await;
    let console = fails(&machine, "2222-2222", "code-unknown").await;
    correct_the_code(console, &machine, &machine.minted.code.grouped()).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_expired_code() {
    let code = NewCode { expires_in: SignedDuration::ZERO, ..NewCode::default() };
    let mut machine = Machine::with("w-expired", code, |_| {}).await;
    let console = fails(&machine, &machine.minted.code.grouped(), "code-expired").await;
    machine.minted = machine.reissued(machine.minted.tenant_id);
    correct_the_code(console, &machine, &machine.minted.code.grouped()).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_used_code() {
    let mut machine = Machine::new("w-used").await;
    machine.run().await.done();
    // Another machine, on an empty cluster.
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant", "appliance-license-seed"]).await;
    machine.write("/etc/machine-id", &format!("{}\n", uuid::Uuid::new_v4().simple()), 0o444);
    let used = machine.minted.clone();
    machine.replace(used.clone());
    let console = fails(&machine, &used.code.grouped(), "code-used").await;
    machine.minted = machine.service.store().mint(&NewCode::default()).expect("a code");
    correct_the_code(console, &machine, &machine.minted.code.grouped()).await;
    machine.assert_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_license_service_that_is_down() {
    let mut machine = Machine::new("w-down").await;
    let mut relay = Relay::closed(machine.service.address());
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    let mut console = fails(&machine, &machine.minted.code.grouped(), "license-unavailable").await;
    machine.assert_untouched().await;
    relay.open();
    console.press("r").await;
    leave(console, &machine).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubernetes_that_starts_late_is_waited_for() {
    let mut machine = Machine::new("w-late").await;
    let mut relay = Relay::closed(Machine::api_server());
    machine.use_api_server_at(relay.port());
    let mut console = Console::open(machine.wizard(), SIZE);
    console.answer_until(Page::Progress, &machine.minted.code.grouped()).await;
    console.running().await;
    relay.open();
    leave(console, &machine).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubernetes_that_is_down() {
    let mut machine = Machine::new("w-api").await;
    let mut relay = Relay::closed(Machine::api_server());
    machine.use_api_server_at(relay.port());
    machine.set("cluster.start-timeout-seconds", 1);
    let mut console = fails(&machine, &machine.minted.code.grouped(), "kubernetes-unreachable").await;
    machine.assert_untouched().await;
    relay.open();
    console.press(key::ENTER).await;
    leave(console, &machine).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_cluster_of_another_tenant() {
    let (mut machine, theirs) = on_a_foreign_cluster("w-tenant").await;
    let mut console = fails(&machine, &machine.minted.code.grouped(), "other-code").await;
    let sent = machine.sent();
    machine.minted = machine.reissued(theirs.tenant_id);
    console.press("e").await;
    console.on(Page::Code).await;
    console.press(&format!("{}{}{}", key::CTRL_U, machine.minted.code.grouped(), key::ENTER)).await;
    console.on(Page::Review).await;
    console.press(key::ENTER).await;
    console.wait_for_text("Use this code").await;
    // That one shall be used: said by a key, looked at on the review.
    console.press("u").await;
    console.on(Page::Review).await;
    console.press(key::ENTER).await;
    leave(console, &machine).await;
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), sent + 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn rights_that_are_missing() {
    let mut machine = Machine::new("w-rbac").await;
    use_service_account(&mut machine).await;
    let mut console = fails(&machine, &machine.minted.code.grouped(), "kubernetes-forbidden").await;
    let account = format!("--serviceaccount={}:installer", machine.namespace.name);
    machine.namespace.kubectl(&["create", "rolebinding", "all", "--clusterrole=cluster-admin", &account]).await;
    console.press("r").await;
    leave(console, &machine).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_second_run_changes_nothing() {
    let machine = Machine::new("w-second").await;
    for _ in 0..2 {
        let mut console = Console::open(machine.wizard(), SIZE);
        console.answer_until(Page::Progress, &machine.minted.code.grouped()).await;
        leave(console, &machine).await;
        machine.assert_installed().await;
    }
    assert_eq!(machine.sent(), 1);
}

/// The wizard with a run that does something at a point.
pub(crate) async fn at_point(machine: &Machine, action: &str) -> Console {
    let mut command = machine.wizard();
    command.env("FIRSTLIGHT_POINT", action);
    let mut console = Console::open(command, SIZE);
    console.answer_until(Page::Review, &machine.minted.code.grouped()).await;
    console.press(key::ENTER).await;
    console
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_power_cut() {
    let machine = Machine::new("w-cut").await;
    let left = at_point(&machine, "kill:register.answered").await.end().await;
    assert_eq!(left.signal, Some(Signal::KILL.as_raw()), "{}", left.text);
    assert_eq!(machine.service.store().claims().expect("counted"), 1, "the code is spent");
    let mut console = Console::open(machine.wizard(), SIZE);
    console.answer_until(Page::Progress, &machine.minted.code.grouped()).await;
    leave(console, &machine).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_defect_gives_the_terminal_back_with_a_readable_message() {
    let machine = Machine::new("w-panic").await;
    let left = at_point(&machine, "panic:register.answered").await.end().await;
    left.ended(70);
    assert!(left.text.contains("told to panic at register.answered"), "{}", left.text);
    // No step down from line to line, as when the line is still raw.
    let indented = left.text.lines().filter(|line| line.starts_with("    ")).count();
    assert_eq!(indented, 0, "{}", left.text);
    assert!(!holds(&left.bytes, PASSWORD), "the password was written to the terminal");
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_signal_or_a_dropped_line_cuts_nothing_in_two() {
    for signal in [Some(Signal::TERM), Some(Signal::HUP), None] {
        // The bootstrap takes longer than a signal to be noticed.
        let machine = Machine::new("w-signal").await.with_bootstrap();
        let console = at_point(&machine, "stop:register.answered").await;
        process::stopped(console.pid()).await;
        let ending = if let Some(signal) = signal {
            console.signal(signal);
            console.signal(Signal::CONT);
            console.end().await.ended(130).code
        } else {
            // Goes on by itself: a session that loses its terminal is hung up and continued.
            console.hang_up().await
        };
        assert_eq!(ending, Some(130), "{signal:?}");
        machine.run().await.done();
        machine.assert_installed().await;
        assert_eq!(machine.sent(), 1, "{signal:?}: the grant was kept");
    }
}
