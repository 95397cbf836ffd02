//! The rest of the failures that an operator can meet in the wizard: the fault goes away outside, a key on the
//! screen tries again, and nothing is typed twice but a wrong answer.

use std::{ffi::OsStr, fs, os::unix::fs::symlink};

use jiff::{SignedDuration, Timestamp};
use license_service::{Config, NewCode, Validity};

use crate::{
    disk::{FILLED, filling, with_small_disk},
    ready,
    rights::{self, use_service_account},
    support::{
        Machine,
        cluster::{self, Change, with_authority, with_user},
        console::{Console, key, words},
        hostile::{Answer, Hostile},
        pages::Page,
        process,
        relay::{Fault, Relay},
    },
    wizard::{SIZE, command_fails, fails, holds, leave},
};

/// The wizard, failed before the code was sent.
async fn fails_unspent(machine: &Machine, id: &str) -> Console {
    let console = fails(machine, &machine.minted.code.grouped(), id).await;
    machine.assert_unspent();
    console
}

/// The fault is gone: one key, and the setup finishes.
async fn go_on(mut console: Console, machine: &Machine) {
    console.press(key::ENTER).await;
    leave(console, machine).await;
    machine.assert_installed().await;
}

/// Reaches the license service through a relay that leads elsewhere first, to something with another authority.
fn behind(relay: &Relay, machine: &mut Machine, authority_pem: &str) {
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    let own = fs::read_to_string(machine.service.ca_pem_file()).expect("the service's file");
    machine.trust(&format!("{own}{authority_pem}"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn install_codes_that_cannot_be_right() {
    let machine = Machine::new("m-code").await;
    let (code, grouped) = (machine.minted.code.expose(), machine.minted.code.grouped());
    let mut console = Console::open(machine.wizard(), SIZE);
    console.answer_until(Page::Code, &grouped).await;
    for (typed, said) in [
        (key::ENTER.to_owned(), "install code is empty"),
        (format!("{}{}", &code[..5], key::ENTER), "install code is incomplete: 5 of 8 characters"),
        (format!("{}!", &code[..3]), "`!` at position 4 is not used in install codes; allowed are 2-9 A-H"),
        (format!("{grouped}7"), "is no room for more than 8 characters: delete one first"),
    ] {
        for character in typed.chars() {
            console.press(&character.to_string()).await;
        }
        told_and_emptied(&mut console, said).await;
    }
    for (pasted, said) in [
        (format!("{grouped}77"), "install code is too long: 10 characters instead of 8; nothing was pasted"),
        (format!("{}!{}", &code[..4], &code[4..]), "`!` at position 5 is not used in install codes"),
        ("Hello Kim, welcome".to_owned(), "is no install code in the text; nothing was pasted"),
        (format!("{grouped} or K7QP-M2RX?"), "2 different install codes could be meant; nothing was pasted"),
    ] {
        console.paste(&pasted).await;
        told_and_emptied(&mut console, said).await;
    }
    // What is right is taken however it is written, and what is incomplete is only completed.
    console.paste(&format!("Your code: {grouped} (valid 14 days)")).await;
    console.wait_for_text(&grouped).await;
    told_and_emptied(&mut console, "code was found in the text").await;
    // A console that does not mark a paste as one sends it key by key.
    console.press(&format!("Your code: {grouped} (valid 14 days)")).await;
    told_and_emptied(&mut console, "code was found in the text").await;
    console.paste(&format!(" {} ", &code[..4].to_lowercase())).await;
    console.press(key::ENTER).await;
    console.wait_for_text("install code is incomplete: 4 of 8 characters").await;
    console.press(&format!(" - {} {}", &code[4..6].to_lowercase(), &code[6..])).await;
    console.wait_for_text(&grouped).await;
    machine.assert_unspent();
    console.press(key::ENTER).await;
    console.on(Page::Administrator).await;
    console.answer_until(Page::Review, &grouped).await;
    go_on(console, &machine).await;
    assert_eq!(machine.sent(), 1);
}

/// The code page says so, and stays; then its field is emptied.
async fn told_and_emptied(console: &mut Console, said: &str) {
    console.wait_for(said, |screen| Page::Code.is_on(screen) && words(screen).contains(said)).await;
    console.press(key::CTRL_U).await;
    console.wait_for("an empty field", |screen| words(screen).contains("Install code [ ]")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn something_else_in_the_license_services_place() {
    let html = "<html><body>Please log in to the hotel network</body></html>";
    let tricky =
        "{\"code\": \"maintenance\", \"error\": \"Back \\u001b[31msoon\\u001b[0m\\r\\n\\u0007 \\u202etxt.exe\"}";
    for (id, said, answer) in [
        ("license-answer", "it is no JSON object", Answer::new("200 OK\ncontent-type: text/html", html)),
        ("license-answer", "longer than 1 MiB", Answer::Long(200 << 20)),
        (
            "license-blocked",
            "on to `https://portal.example/`",
            Answer::new("302 Found\nlocation: https://portal.example/", ""),
        ),
        ("license-unavailable", "did not answer within 2 s", Answer::Never),
        ("license-refused", "Back [31msoon[0m txt.exe", Answer::json("400 Bad Request", tricky)),
    ] {
        let hostile = Hostile::start(answer);
        let relay = Relay::with(hostile.address, Fault::None);
        let mut machine = Machine::new("m-hostile").await;
        behind(&relay, &mut machine, &hostile.authority_pem);
        machine.set("license.timeout-seconds", 2);
        let mut console = fails_unspent(&machine, id).await;
        console.wait_for_text(said).await;
        let bytes = console.bytes();
        for tricky in ["\x07", "\u{202e}", "\x1b[31msoon"] {
            assert!(!holds(&bytes, tricky), "{said}: {tricky:?} reached the terminal");
        }
        machine.assert_no_secrets().await;
        assert_eq!(hostile.registrations().len(), 1, "{said}: sent once, and not followed anywhere");
        assert!(hostile.written() < 8 << 20, "{said}: {} bytes were taken", hostile.written());
        relay.lead_to(machine.service.address());
        go_on(console, &machine).await;
        assert_eq!(machine.sent(), 1, "{said}");
    }
}

/// What is changed about the license service.
type Setting<'a> = &'a dyn Fn(&mut Config);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn clocks_and_certificates_that_are_wrong() {
    let days = |days: i64| Timestamp::now() + SignedDuration::from_hours(24 * days);
    let valid = |from, until| Some(Validity { not_before: days(from), not_after: days(until) });
    let rows: [(&str, &str, Setting<'_>); 3] = [
        ("clock-wrong", "is 3 h behind", &|config| config.clock_offset = SignedDuration::from_hours(3)),
        ("clock-wrong", "is not valid yet", &|config| config.leaf_validity = valid(5, 9)),
        ("tls-failed", "no TLS connection", &|config| config.leaf_validity = valid(-9, -5)),
    ];
    for (id, said, change) in rows {
        let mut machine = Machine::with("m-clock", NewCode::default(), change).await;
        let relay = Relay::with(machine.service.address(), Fault::None);
        machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
        let mut console = fails_unspent(&machine, id).await;
        console.wait_for_text(said).await;
        machine.assert_untouched().await;
        machine.restart_service(|_| {}).await;
        relay.lead_to(machine.service.address());
        go_on(console, &machine).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_name_that_does_not_resolve() {
    let known = |config: &mut Config| config.names = vec!["license.invalid".to_owned()];
    let mut machine = Machine::with("m-name", NewCode::default(), known).await;
    machine.set("license.url", format!("https://license.invalid:{}", machine.service.address().port()));
    let hosts = machine.write("/hosts", "127.0.0.1 localhost\n", 0o644);
    let arguments = ["--mount", "sh", "-c", "mount --bind \"$1\" /etc/hosts; shift; exec \"$@\"", "sh"].map(OsStr::new);
    let unshare = process::firstlight_under("unshare", &[&arguments[..], &[hosts.as_os_str()]].concat());
    let code = machine.minted.code.grouped();
    let mut console = command_fails(machine.wizard_of(unshare), &code, "name-resolution").await;
    machine.assert_untouched().await;
    // The page with the name servers, and the checks from there.
    console.press("n").await;
    console.wait_for_text("Name servers").await;
    machine.write("/hosts", "127.0.0.1 localhost license.invalid\n", 0o644);
    console.press(key::F5).await;
    console.wait_for_text("This is how this machine sees its network:").await;
    console.press(key::ENTER).await;
    console.failed("name-resolution").await;
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_proxy_that_inspects_is_taken_away() {
    let proxy = Hostile::start(Answer::Never);
    let relay = Relay::with(proxy.address, Fault::None);
    let mut machine = Machine::new("m-proxy").await;
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    let mut console = fails_unspent(&machine, "tls-untrusted").await;
    console.wait_for_text("“Hostile Test CA”").await;
    machine.assert_untouched().await;
    relay.lead_to(machine.service.address());
    go_on(console, &machine).await;
}

/// What an operator does about an authority that is not trusted; the wizard is not started anew for it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn an_authority_is_added_to_what_is_trusted() {
    let other = Hostile::start(Answer::Never);
    for corrected in ["/etc/firstlight/license-ca.pem", "/etc/ssl/certs.pem"] {
        let machine = Machine::new("m-trust").await;
        machine.trust(&other.authority_pem);
        let mut command = machine.wizard();
        command.env("SSL_CERT_FILE", machine.write("/etc/ssl/certs.pem", &other.authority_pem, 0o644));
        let console = command_fails(command, &machine.minted.code.grouped(), "tls-untrusted").await;
        machine.assert_untouched().await;
        let authority = fs::read_to_string(machine.service.ca_pem_file()).expect("the service's file");
        machine.write(corrected, &authority, 0o644);
        go_on(console, &machine).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn kubeconfigs_that_are_not_the_clusters() {
    let other = Hostile::start(Answer::Never);
    let rows: [(&str, Change<'_>); 5] = [
        ("kubeconfig-invalid", &|_| String::new()),
        ("kubeconfig-invalid", &|_| "{{ kubeconfig }}\n\t:".to_owned()),
        ("kubeconfig-invalid", &|text| with_authority(&text, &other.authority_pem)),
        ("kubernetes-refused", &|text| with_user(&text, "token: unknown")),
        ("kubernetes-forbidden", &|text| with_user(&text, "username: ''")),
    ];
    for (id, change) in rows {
        let mut machine = Machine::new("m-config").await;
        machine.set("cluster.start-timeout-seconds", 1);
        machine.change_kubeconfig(change);
        let console = fails_unspent(&machine, id).await;
        machine.assert_untouched().await;
        machine.change_kubeconfig(|text| text);
        go_on(console, &machine).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubeconfig_of_somebody_who_may_not_is_replaced_by_the_administrators() {
    let mut machine = Machine::new("m-admin").await;
    use_service_account(&mut machine).await;
    let console = fails_unspent(&machine, "kubernetes-forbidden").await;
    machine.change_kubeconfig(|text| text);
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_the_checks_found_is_mended_on_the_review_page() {
    let mut machine = Machine::new("m-review").await;
    machine.set("cluster.start-timeout-seconds", 1);
    machine.change_kubeconfig(|_| String::new());
    let mut console = Console::open(machine.wizard(), SIZE);
    console.answer_until(Page::Review, &machine.minted.code.grouped()).await;
    console.wait_for_text("kubeconfig-invalid:").await;
    machine.change_kubeconfig(|text| text);
    console.press(key::F5).await;
    console.wait_for("checks that pass", |screen| !words(screen).contains("kubeconfig-invalid")).await;
    machine.assert_untouched().await;
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_namespace_that_is_being_deleted() {
    let mut machine = Machine::new("m-going").await;
    machine.namespace.delete_held().await;
    let console = fails_unspent(&machine, "namespace-terminating").await;
    machine.namespace.let_go().await;
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn secrets_that_the_cluster_does_not_take() {
    let machine = Machine::new("m-fields").await;
    rights::have_fields_managed(&machine).await;
    let console = fails_unspent(&machine, "field-conflict").await;
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant"]).await;
    go_on(console, &machine).await;

    let machine = Machine::new("m-quota").await;
    rights::set_quota(&machine).await;
    let console = fails_unspent(&machine, "kubernetes-refused").await;
    machine.namespace.kubectl(&["delete", "quota", "none"]).await;
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in a namespace of its own)"]
async fn a_full_disk() {
    for (wanted_mib, id) in [(1, "disk-low"), (0, "state-unwritable")] {
        let mut machine = Machine::new("m-disk").await;
        machine.set("machine.disk-mib", wanted_mib);
        let command = machine.wizard_of(with_small_disk(&machine, "size=2m", FILLED));
        let mut console = command_fails(command, &machine.minted.code.grouped(), id).await;
        machine.assert_no_secrets().await;
        machine.assert_unspent();
        fs::remove_file(filling(&machine, console.pid())).expect("it fills the disk");
        console.press("r").await;
        leave(console, &machine).await;
        // The state directory has gone with the wizard.
        machine.assert_secrets().await;
        assert_eq!((machine.sent(), machine.service.store().claims().expect("counted")), (1, 1), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_helm_that_is_missing() {
    let machine = Machine::new("m-helm").await.with_bootstrap();
    let programs = machine.path("/programs");
    fs::create_dir_all(&programs).expect("a folder");
    let mut command = machine.wizard();
    command.env("PATH", format!("{}:/usr/bin", programs.display()));
    let console = command_fails(command, &machine.minted.code.grouped(), "helm-missing").await;
    machine.assert_untouched().await;
    symlink(cluster::programs().join("helm"), programs.join("helm")).expect("a link");
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_bootstrap_that_fails() {
    let machine = Machine::new("m-job").await.with_bootstrap();
    machine.namespace.create().await;
    let theirs = "--from-literal=tenant-id=00000000-0000-4000-8000-000000000000";
    machine.namespace.kubectl(&["create", "configmap", "appliance-tenant", theirs]).await;
    let console = fails(&machine, &machine.minted.code.grouped(), "bootstrap-failed").await;
    machine.namespace.kubectl(&["delete", "configmap", "appliance-tenant"]).await;
    go_on(console, &machine).await;
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_appliance_that_does_not_become_ready() {
    let appliance = ready::Console::start(0).await;
    let mut relay = Relay::closed(appliance.address);
    let mut machine = Machine::new("m-ready").await;
    machine.set_ready(&format!("http://127.0.0.1:{}/health", relay.port()), 1);
    let console = fails(&machine, &machine.minted.code.grouped(), "not-ready").await;
    relay.open();
    go_on(console, &machine).await;
    assert_eq!(machine.sent(), 1);
}

/// One question of the vendor's, whose default is wrong here.
fn asks(machine: &mut Machine, kind: &str, value: &str, default: &str) {
    machine.add_to_profile(&format!(
        "[[question]]\nid = \"asked\"\nkind = \"{kind}\"\nlabel = \"Asked\"\nvalue = \"{value}\"\ndefault = {default}\n"
    ));
}

/// Corrects the vendor's question from the review page, and lets the setup finish.
async fn correct_the_answer(mut console: Console, machine: &Machine, answer: &str) {
    console.press("e").await;
    console.on(Page::Review).await;
    // Behind code, administrator and password.
    console.press("4").await;
    console.wait_for("the question", |screen| !Page::Review.is_on(screen) && words(screen).contains("Asked")).await;
    console.press(&format!("{}{answer}{}", key::CTRL_U, key::ENTER)).await;
    console.on(Page::Review).await;
    go_on(console, machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_answer_that_the_chart_refuses() {
    let mut machine = Machine::new("m-chart").await.with_bootstrap();
    asks(&mut machine, "number", "job.backoffLimit", "50");
    let mut console = fails_unspent(&machine, "chart-refused").await;
    machine.assert_untouched().await;
    // Helm names the value, and so the answer.
    console.press("e").await;
    console.wait_for_text("This answer was refused: chart-refused").await;
    console.press(&format!("{}3{}", key::CTRL_U, key::ENTER)).await;
    console.on(Page::Review).await;
    go_on(console, &machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_bootstrap_that_does_not_become_ready() {
    let mut machine = Machine::new("m-image").await.with_bootstrap();
    machine.set("bootstrap.timeout-seconds", 15);
    asks(&mut machine, "text", "image.repository", "\"registry.invalid/bootstrap\"");
    let mut console = fails(&machine, &machine.minted.code.grouped(), "bootstrap-timeout").await;
    console.wait_for_text("does not resolve").await;
    correct_the_answer(console, &machine, "localhost/firstlight/bootstrap").await;
    assert_eq!(machine.sent(), 1);
}
