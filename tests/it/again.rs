//! Runs that meet an earlier one, another one, or a signal.

use std::time::Duration;

use firstlight::{error::ErrorId, exit::Exit};
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Secret;
use rustix::process::Signal;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
    process,
    relay::{Fault, Relay},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_same_command_twice() {
    let machine = Machine::new("twice").await.with_bootstrap();
    machine.assert_finishes().await;
    let record = machine.namespace.config_map("appliance-tenant").await.expect("the Job has recorded it");
    assert_eq!(record.get("tenant-id"), Some(&machine.minted.tenant_id.to_string()));

    let ended = machine.run().await;
    let told = ["rehearse", "redeem", "secrets", "bootstrap"].map(|step| ended.done().outcome(step));
    let told = told.join("\n").replace(&machine.minted.tenant_id.to_string(), "[tenant]");
    assert_snapshot!(told.replace(&machine.namespace.name, "[namespace]"), @r"
    unchanged: all 11 checks passed; nothing was changed
    unchanged: this appliance already belongs to tenant [tenant] (Acme Managed Services); the code was not sent
    unchanged: both Secrets are kept: the bootstrap has taken them over, and the appliance keeps its accounts
    unchanged: the bootstrap `bootstrap` has already run
    ");
    assert_eq!(ended.events().last().map(|event| event["changed"].clone()), Some(false.into()));
    assert_eq!(machine.sent(), 1, "no request to /register");
    machine.assert_installed().await;

    // The appliance has its accounts now: other answers come too late, and nobody is told otherwise.
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("written by us");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Robin\""), 0o600);
    assert!(machine.run().await.done().outcome("secrets").starts_with("unchanged: both Secrets are kept"));
    machine.assert_installed().await;

    // For people, too.
    let ended = process::run(machine.text_command()).await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.ends_with("done: nothing had to be changed\n"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_changed_answer_changes_its_secret_and_nothing_else() {
    let machine = Machine::new("changed").await;
    machine.assert_finishes().await;
    let license = machine.namespace.secret("appliance-license-seed").await;
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("written by us");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Robin\""), 0o600);
    let ended = machine.run().await;
    assert!(ended.done().outcome("secrets").starts_with("changed: `appliance-initial-tenant` written"));
    let tenant = machine.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    assert_eq!(tenant.get("INITIAL_ADMIN_FIRST_NAME").map(String::as_str), Some("Robin"));
    assert_eq!(tenant.get("INITIAL_TENANT_ID"), Some(&machine.minted.tenant_id.to_string()));
    let tenant = machine.namespace.get::<Secret>("appliance-initial-tenant").await.expect("the tenant's Secret");
    let managers = tenant.metadata.managed_fields.expect("managers").into_iter();
    let managers: Vec<_> = managers.map(|entry| (entry.manager, entry.operation)).collect();
    assert_eq!(managers, [(Some("firstlight".to_owned()), Some("Apply".to_owned()))]);
    assert_eq!(machine.namespace.secret("appliance-license-seed").await, license);
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_dry_run_changes_nothing() {
    let machine = Machine::new("dry").await.with_bootstrap();
    let ended = machine.rehearse().await;
    assert_snapshot!(ended.done().outcome("rehearse"), @r"unchanged: all 11 checks passed; nothing was changed");
    let events = ended.events();
    let tried = events.iter().find(|event| event["type"] == "check" && event["id"] == "bootstrap-dry-run");
    assert_snapshot!(tried.expect("Helm was asked")["text"].as_str().unwrap_or_default(), @"`helm upgrade --install --dry-run=server` passes, with a namespace that does not exist yet");
    machine.assert_untouched().await;
    assert!(!machine.state().exists(), "the state directory was made");
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn two_at_once() {
    let machine = Machine::new("two").await;
    let first = machine.start_at("stop:register.send");
    first.stopped().await;
    let second = machine.run().await;
    let told = second.failed(ErrorId::AlreadyRunning).told();
    assert_snapshot!(told.replace(&machine.root().display().to_string(), "[root]"), @r"
    already-running: another firstlight is at work (`[root]/var/lib/firstlight/lock` is locked)
      hint: Wait for it to end, or go to the console where it runs.
    ");
    first.signal(Signal::CONT);
    first.end().await.done();
    machine.assert_installed().await;
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_signal_while_kubernetes_is_starting() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut machine = Machine::new("sig-start").await;
        let relay = Relay::closed(Machine::api_server());
        machine.use_api_server_at(relay.port());
        let mut running = machine.start();
        running.event("check", |event| event["id"] == "kubernetes" && event["state"] == "waiting").await;
        running.signal(signal);
        stopped(&running.end().await, "rehearse");
        machine.assert_untouched().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_signal_while_the_license_service_is_given_time() {
    let mut machine = Machine::new("sig-retry").await;
    let head = "503 Service Unavailable\ncontent-type: application/json\nretry-after: 50";
    let hostile = Hostile::start(Answer::new(head, r#"{"code": "maintenance", "error": "Back soon."}"#));
    machine.use_hostile(&hostile);
    machine.set("license.attempts", 3);
    let mut running = machine.start();
    let retry = running.event("retry", |event| event["id"] == "redeem").await;
    assert_eq!(retry["pause_ms"], 50_000, "as long as the service asks for");
    running.signal(Signal::TERM);
    stopped(&running.end().await, "redeem");
    machine.assert_no_secrets().await;
    machine.use_service();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_signal_while_something_is_done_that_must_not_be_cut() {
    // A signal takes a moment to be noticed, so at the end of a step the next one may have begun by then.
    for (point, last, endings) in [
        ("register.send", "redeem", &[130][..]),
        ("register.answered", "redeem", &[0, 130]),
        ("apply.send:2", "secrets", &[0]),
    ] {
        let mut machine = Machine::new("sig-hold").await;
        let relay = Relay::with(machine.service.address(), Fault::None);
        machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
        let running = machine.start_at(&format!("stop:{point}"));
        running.stopped().await;
        relay.set(Fault::Delay(Duration::from_secs(1)));
        running.signal(Signal::TERM);
        running.signal(Signal::CONT);
        let ended = running.end().await;
        assert!(ended.outcome(last).starts_with("changed"), "`{last}` was cut: {}", ended.stdout);
        assert!(ended.code.is_some_and(|code| endings.contains(&code)), "{point}: {}", ended.stdout);
        // After its last step a run is done, whoever wanted it to stop.
        if ended.code == Some(0) {
            ended.done()
        } else {
            ended.failed(ErrorId::Stopped)
        };
        relay.set(Fault::None);
        machine.assert_finishes().await;
        assert_eq!(machine.sent(), 1, "{point}");
    }
}

/// A run that a signal ended while `step` was at work.
fn stopped(ended: &process::Ended, step: &str) {
    ended.failed(ErrorId::Stopped);
    assert_eq!(ended.code, Some(i32::from(Exit::Stopped.code())));
    let events = ended.events();
    let cut = events.iter().find(|event| event["type"] == "step-stopped").map(|event| event["id"].clone());
    assert_eq!(cut, Some(step.into()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn without_the_license_service_what_was_granted_is_enough() {
    let mut machine = Machine::new("offline").await;
    let relay = Relay::with(machine.service.address(), Fault::None);
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    machine.cut_at("register.journalled").await;
    drop(relay);
    machine.run().await.done();
    machine.assert_secrets().await;
    // Again, with nothing in the journal any more.
    machine.run().await.done();
    assert_eq!(machine.sent(), 1);
}
