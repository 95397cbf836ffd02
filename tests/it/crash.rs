//! Power cuts: `kill -9` at every point of a run, and what the next runs make of it.

use std::{collections::BTreeSet, path::Path};

use firstlight::{error::ErrorId, point::Point};
use rustix::process::Signal;

use crate::{
    support::{
        Machine,
        console::{Console, key, words},
        hostile::{Answer, Hostile},
        process, until,
    },
    tenant::CHANGE,
    wizard,
};

/// The points of one complete run, in order.
pub(crate) async fn points(machine: &Machine) -> Vec<String> {
    let trace = machine.path("/trace");
    let mut command = machine.command();
    command.env("FIRSTLIGHT_POINT_TRACE", &trace);
    process::run(command).await.done();
    let trace = std::fs::read_to_string(trace).expect("points were passed");
    trace.lines().map(str::to_owned).collect()
}

/// Cuts one run at each point whose number leaves `rest` when divided by `parts`, the next run at another one,
/// and lets the third one finish.
async fn explore(made: impl AsyncFn(&str) -> Machine, parts: usize, rest: usize) {
    let uncut = made("trace").await;
    let points = points(&uncut).await;
    let claims = uncut.service.store().claims().expect("counted");
    assert!(points.len() > 15, "{points:?}");
    for number in (1..=points.len()).filter(|number| number % parts == rest) {
        let machine = made("cut").await;
        let cut = machine.cut_at(&format!("#{number}")).await;
        assert_eq!(cut.code, None, "point {number}, `{}`, was not reached", points[number - 1]);
        // The next run begins further on: it may end before this point, and must have ended well then.
        machine.cut_at(&format!("#{}", 1 + points.len() - number)).await;
        machine.run().await.done();
        machine.assert_installed_by(claims).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn at_every_odd_point() {
    explore(Machine::new, 2, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn at_every_even_point() {
    explore(Machine::new, 2, 0).await;
}

/// With a code that takes the place of the one that the cluster was set up with.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn at_every_point_of_another_code_of_the_tenant() {
    let changed = async |label: &str| {
        let mut machine = Machine::new(label).await;
        machine.run().await.done();
        machine.use_code(machine.reissued(machine.minted.tenant_id));
        machine.answer_also(CHANGE);
        machine
    };
    explore(changed, 1, 0).await;
}

/// The same on a terminal; what was cut there is finished there.
async fn explore_on_a_terminal(open: impl AsyncFn(&Machine, &str) -> Console) {
    let points = points(&Machine::new("trace").await).await;
    for (number, point) in (1..).zip(&points) {
        let machine = Machine::new("cut").await;
        let left = open(&machine, &format!("kill:#{number}")).await.end().await;
        assert_eq!(left.signal, Some(Signal::KILL.as_raw()), "point {number}, `{point}`: {}", left.text);
        let mut console = open(&machine, "").await;
        console.wait_for("the end", |screen| words(screen).contains("Leave") && words(screen).contains("set up")).await;
        console.press(key::ENTER).await;
        assert_eq!(console.end().await.code, Some(0), "point {number}, `{point}`");
        machine.assert_installed().await;
        assert_eq!(machine.service.store().claims().expect("counted"), 1, "point {number}, `{point}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn at_every_point_in_the_wizard() {
    explore_on_a_terminal(wizard::at_point).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn at_every_point_line_by_line() {
    explore_on_a_terminal(wizard::line_by_line_at_point).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn after_the_service_committed_and_before_the_secrets_exist() {
    let machine = Machine::new("committed").await;
    assert_eq!(machine.cut_at("register.answered").await.code, None);
    assert_eq!(machine.service.store().claims().expect("counted"), 1, "the code is spent");
    machine.assert_no_secrets().await;
    let ended = machine.run().await;
    assert!(ended.done().outcome("redeem").starts_with("changed: the code was accepted"), "{}", ended.stdout);
    machine.assert_installed().await;
    assert_eq!(machine.sent(), 2, "the same code, with the same key");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_panic_ends_with_the_code_of_a_defect_and_loses_nothing() {
    let machine = Machine::new("panic").await;
    let mut command = machine.command();
    command.env("FIRSTLIGHT_POINT", "panic:register.answered");
    let ended = process::run(command).await;
    assert_eq!(ended.code, Some(70), "{}", ended.stderr);
    assert!(ended.stderr.contains("told to panic at register.answered"), "{}", ended.stderr);
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_code_is_sent_again_exactly_as_it_was_sent_first() {
    let mut machine = Machine::new("resent").await;
    let hostile = Hostile::start(Answer::new("503 Service Unavailable", ""));
    machine.use_hostile(&hostile);
    machine.set("license.attempts", 2);
    machine.run().await.failed(ErrorId::LicenseUnavailable);
    assert_eq!(machine.cut_at("register.answered").await.code, None);
    // Without a machine-id the host name stands for it, and that may change at any time.
    machine.write("/etc/machine-id", "00000000000000000000000000000000\n", 0o444);
    machine.run().await.failed(ErrorId::LicenseUnavailable);
    let registrations = hostile.registrations();
    assert_eq!(registrations.len(), 5);
    assert!(registrations[0].starts_with("idempotency-key: "), "{registrations:?}");
    assert!(registrations.iter().all(|registration| *registration == registrations[0]), "{registrations:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_grant_stays_with_the_id_it_was_made_for() {
    for point in ["register.answered", "register.journalled"] {
        let machine = Machine::new("renamed").await;
        let appliance = machine.appliance_id();
        assert_eq!(machine.cut_at(point).await.code, None);
        machine.write("/etc/machine-id", "00000000000000000000000000000000\n", 0o444);
        machine.run().await.done();
        let license = machine.namespace.secret("appliance-license-seed").await.expect("the license's Secret");
        assert_eq!(license.get("APPLIANCE_ID"), Some(&appliance), "{point}: the token is issued to this id");
        assert_eq!(machine.service.store().claims().expect("counted"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn after_the_grant_is_journalled_the_code_is_not_sent_again() {
    let machine = Machine::new("journalled").await;
    assert_eq!(machine.cut_at("register.journalled").await.code, None);
    machine.assert_no_secrets().await;
    let ended = machine.run().await;
    assert!(ended.done().outcome("redeem").starts_with("unchanged: the grant of an earlier run"), "{}", ended.stdout);
    machine.assert_installed().await;
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_journalled_grant_serves_its_own_code_alone() {
    let machine = Machine::new("kept").await;
    assert_eq!(machine.cut_at("register.journalled").await.code, None);
    machine.answer("2222-2222");
    machine.run().await.failed(ErrorId::OtherCode);
    machine.assert_no_secrets().await;
    assert_eq!(machine.sent(), 1, "the other code is as good as before");
    machine.answer(machine.minted.code.expose());
    machine.assert_finishes().await;
    assert_eq!(machine.sent(), 1, "and this one is not needed again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_run_with_a_bootstrap_passes_every_point() {
    let machine = Machine::new("points").await.with_bootstrap();
    let passed: BTreeSet<String> = points(&machine).await.into_iter().collect();
    let all: BTreeSet<String> = Point::ALL.iter().map(|point| point.name().to_owned()).collect();
    // What is deleted is a failed Job or the record of a cut Helm: `bootstrap.rs` has both. Units are in `services.rs`, and an
    // installation is in `install.rs`.
    let missing: Vec<&String> = all.difference(&passed).collect();
    assert_eq!(missing, ["delete.send", "install.settled", "install.whole", "unit.start", "unit.started"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn around_helm() {
    for point in ["child.start", "child.started", "child.ended"] {
        let mut machine = Machine::new("helm-cut").await.with_bootstrap();
        // A value that shows whether what Helm was given is what was meant.
        machine.set_value("records.tenant", "adopted");
        assert_eq!(machine.cut_at(point).await.code, None, "{point}");
        machine.assert_finishes().await;
        let record = machine.namespace.config_map("adopted").await;
        let tenant = record.as_ref().and_then(|record| record.get("tenant-id"));
        assert_eq!(tenant, Some(&machine.minted.tenant_id.to_string()), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_helm_that_outlives_firstlight_does_what_was_meant() {
    let mut machine = Machine::new("orphan").await.with_bootstrap();
    machine.set_value("records.tenant", "adopted");
    let running = machine.start_at("stop:child.started");
    running.stopped().await;
    let helm = process::children_of(running.pid());
    assert_eq!(helm.len(), 1, "helm runs");
    running.signal(Signal::KILL);
    running.end().await;
    let alive = || helm.iter().any(|pid| Path::new("/proc").join(pid.as_raw_nonzero().to_string()).exists());
    until("helm has ended", || async { (!alive()).then_some(()) }).await;
    machine.assert_finishes().await;
    assert!(machine.namespace.config_map("appliance-tenant").await.is_none(), "installed without its values");
    assert!(machine.namespace.config_map("adopted").await.is_some());
}
