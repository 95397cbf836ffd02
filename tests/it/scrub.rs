//! The plaintext password of charts that take no hash: it is there for the bootstrap alone.

use std::collections::BTreeMap;

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use rustix::process::Signal;

use crate::{
    crash::points,
    ready::Console,
    support::{Machine, machine::PASSWORD},
};

const SECRET: &str = "appliance-initial-tenant";
const KEY: &str = "INITIAL_ADMIN_PASSWORD";

async fn machine(label: &str) -> Machine {
    let mut machine = Machine::new(label).await;
    machine.set("secrets.tenant.admin-password", "plaintext");
    machine
}

async fn secret(machine: &Machine) -> BTreeMap<String, String> {
    machine.namespace.secret(SECRET).await.expect("the tenant's Secret")
}

/// All of the Secret that stays.
pub(crate) async fn assert_scrubbed(machine: &Machine, sent: u64) {
    let keys: Vec<String> = secret(machine).await.into_keys().collect();
    let rest = ["EMAIL", "FIRST_NAME", "LAST_NAME"].map(|key| format!("INITIAL_ADMIN_{key}"));
    let rest = rest.into_iter().chain(["ID", "NAME"].map(|key| format!("INITIAL_TENANT_{key}")));
    assert_eq!(keys, rest.collect::<Vec<_>>());
    assert_eq!(machine.sent(), sent, "each code is sent once, if it is needed");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_password_is_removed_once_it_was_read_and_never_written_again() {
    let mut machine = machine("scrub").await.with_bootstrap();
    // Nothing is removed before the last step is reached.
    machine.set_ready("https://127.0.0.1:1/", 1);
    machine.run().await.failed(ErrorId::NotReady);
    assert_eq!(secret(&machine).await.get(KEY).map(String::as_str), Some(PASSWORD));

    let console = Console::start(0).await;
    machine.set_ready(&format!("http://{}/", console.address), 60);
    let ended = machine.run().await;
    assert_eq!(
        ended.done().outcome("scrub"),
        format!("changed: the plaintext password was removed from Secret `{SECRET}`")
    );
    assert_scrubbed(&machine, 1).await;
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("scrub"), format!("unchanged: Secret `{SECRET}` holds no plaintext password"));
    assert!(ended.outcome("secrets").starts_with("unchanged"), "{}", ended.stdout);
    // What was removed from the Secret is no other value.
    let has_run = "unchanged: the bootstrap `bootstrap` has already run";
    assert_eq!(ended.outcome("bootstrap"), has_run);
    assert_scrubbed(&machine, 1).await;

    // A machine that remembers nothing, with another code.
    let tenant = machine.minted.tenant_id;
    let other = machine.service.store().mint(&license_service::NewCode::default()).expect("a code");
    machine.replace(other);
    machine.run().await.failed(ErrorId::OtherCode);
    assert_scrubbed(&machine, 1).await;

    // A new license for the same tenant: not even for a moment is the password there again.
    machine.namespace.kubectl(&["delete", "secret", "appliance-license-seed"]).await;
    machine.use_code(machine.reissued(tenant));
    machine.answer_also("[license]\nchange = true\n");
    let ended = machine.run().await;
    assert!(ended.done().outcome("secrets").starts_with("changed"), "{}", ended.stdout);
    assert_eq!(ended.outcome("scrub"), format!("unchanged: Secret `{SECRET}` holds no plaintext password"));
    assert_eq!(ended.outcome("bootstrap"), has_run);
    assert_scrubbed(&machine, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_bootstrap_that_runs_anew_finds_the_password_again() {
    let machine = machine("removed").await.with_bootstrap();
    machine.run().await.done();
    assert_scrubbed(&machine, 1).await;
    // What `helm uninstall` leaves.
    machine.namespace.kubectl(&["delete", "secret", "--selector", "owner=helm"]).await;
    machine.namespace.kubectl(&["delete", "job", "--all"]).await;
    machine.cut_at("child.start").await;
    assert_eq!(secret(&machine).await.get(KEY).map(String::as_str), Some(PASSWORD));
    let ended = machine.run().await;
    let outcome = ended.done().outcome("bootstrap");
    assert_eq!(outcome, "changed: release `bootstrap` is installed; Job `bootstrap` is complete");
    assert_scrubbed(&machine, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn without_a_bootstrap_it_stays() {
    let machine = machine("unscrubbed").await;
    for _ in 0..2 {
        let ended = machine.run().await;
        ended.done();
        assert!(ended.events().iter().all(|event| event["id"] != "scrub"), "{}", ended.stdout);
        assert_eq!(secret(&machine).await.get(KEY).map(String::as_str), Some(PASSWORD));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_somebody_else_manages_is_not_forced() {
    let machine = machine("foreign-key").await.with_bootstrap();
    let theirs = format!("{{\"stringData\":{{\"{KEY}\":\"theirs\"}}}}");
    let patch = ["patch", "secret", SECRET, "--field-manager", "somebody", "-p", &theirs];
    let running = machine.start_at("stop:secrets.verified");
    running.stopped().await;
    machine.namespace.kubectl(&patch).await;
    running.signal(Signal::CONT);
    let told = running.end().await.failed(ErrorId::FieldConflict).told();
    assert_snapshot!(told.replace(&machine.namespace.name, "[ns]"), @r#"
    field-conflict: the key `INITIAL_ADMIN_PASSWORD` of Secret `appliance-initial-tenant` still holds the plaintext password: something else than firstlight manages it
      hint: remove it with `kubectl -n [ns] patch secret appliance-initial-tenant --type json -p '[{"op":"remove","path":"/data/INITIAL_ADMIN_PASSWORD"}]'`, then run again
    "#);
    // As the hint has it, by the same program.
    let removal = format!("[{{\"op\":\"remove\",\"path\":\"/data/{KEY}\"}}]");
    machine.namespace.kubectl(&["patch", "secret", SECRET, "--type", "json", "-p", &removal]).await;
    machine.run().await.done();
    assert_scrubbed(&machine, 1).await;
}

/// The power goes at every effect from the first Secret on, and the next run comes to the same end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_power_cut_at_any_point() {
    let traced = machine("scrub-trace").await.with_bootstrap();
    let points = points(&traced).await;
    assert_scrubbed(&traced, 1).await;
    let journalled = points.iter().position(|point| point == "register.journalled").expect("a code was sent");
    let applied = points.iter().filter(|point| *point == "apply.answered").count();
    assert!(applied >= 4, "a namespace, two Secrets, and one of them again: {points:?}");
    for number in journalled + 2..=points.len() {
        let machine = machine("scrub-cut").await.with_bootstrap();
        let cut = machine.cut_at(&format!("#{number}")).await;
        assert_eq!(cut.code, None, "point {number}, `{}`, was not reached", points[number - 1]);
        assert_eq!(machine.run().await.done().code, Some(0), "{}", points[number - 1]);
        assert_scrubbed(&machine, 1).await;
    }
}
