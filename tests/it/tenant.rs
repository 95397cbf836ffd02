//! A cluster that belongs to somebody: nothing of it is overwritten, and no grant is lost.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use license_service::{Minted, NewCode};
use rustix::process::Signal;

use crate::support::{Machine, cluster::kubectl};

/// A machine with a code of its own, on a cluster that belongs to another tenant and has lost its license.
pub(crate) async fn on_a_foreign_cluster(label: &str) -> (Machine, Minted) {
    let mut machine = Machine::new(label).await;
    machine.run().await.done();
    let theirs = machine.minted.clone();
    machine.namespace.kubectl(&["delete", "secret", "appliance-license-seed"]).await;
    machine.replace(machine.service.store().mint(&NewCode::default()).expect("a code"));
    (machine, theirs)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_grant_for_another_tenant_is_kept_and_nothing_is_overwritten() {
    let (mut machine, theirs) = on_a_foreign_cluster("tenant").await;
    let ours = machine.minted.clone();
    let before = machine.namespace.secret("appliance-initial-tenant").await;

    let hide = |text: String| {
        text.replace(&theirs.tenant_id.to_string(), "[theirs]").replace(&ours.tenant_id.to_string(), "[ours]")
    };
    let ended = machine.run().await;
    assert_snapshot!(hide(ended.failed(ErrorId::OtherTenant).told()), @r"
    other-tenant: this cluster belongs to tenant [theirs], but the code was issued for tenant [ours]; nothing was overwritten
      hint: run again with a code issued for tenant [theirs]; the grant for tenant [ours] is kept in the journal, and serves without a new code if this cluster is reinstalled for that tenant
    ");
    let sent = machine.sent();
    assert_eq!(sent, 2, "each code once");
    // Again: the grant is in the journal, and the code is not sent again.
    machine.run().await.failed(ErrorId::OtherTenant);
    assert_eq!(machine.sent(), sent);
    assert_eq!(machine.namespace.secret("appliance-initial-tenant").await, before);
    assert!(machine.namespace.secret("appliance-license-seed").await.is_none());

    // A code for the tenant of the cluster finishes; the other grant stays.
    machine.use_code(machine.reissued(theirs.tenant_id));
    machine.run().await.done();
    machine.assert_secrets().await;
    assert!(machine.state().join("journal.json").exists(), "the other tenant's grant exists nowhere else");
    let sent = machine.sent();

    // The cluster changes hands: the kept grant serves without its code being sent again.
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant", "appliance-license-seed"]).await;
    machine.answer(ours.code.expose());
    machine.minted = ours;
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), sent);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_complete_appliance_keeps_its_tenant_whatever_code_is_given() {
    let machine = Machine::new("complete").await;
    machine.run().await.done();
    let other = machine.service.store().mint(&NewCode::default()).expect("a code");
    machine.answer(other.code.expose());
    let ended = machine.run().await;
    let outcome = ended.done().outcome("redeem").replace(&machine.minted.tenant_id.to_string(), "[tenant]");
    assert_snapshot!(outcome, @r"unchanged: this appliance already belongs to tenant [tenant]; the code was not sent");
    machine.assert_installed().await;
    assert_eq!(machine.sent(), 1, "the other code is as good as new");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_grant_that_was_set_aside_does_not_displace_the_code_that_is_typed() {
    let (mut machine, theirs) = on_a_foreign_cluster("aside").await;
    machine.run().await.failed(ErrorId::OtherTenant);

    // The cluster is reinstalled for the tenant that it belonged to, with a reissued code.
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant"]).await;
    machine.use_code(machine.reissued(theirs.tenant_id));
    machine.run().await.done();
    machine.assert_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kept_grant_serves_a_cluster_that_was_reinstalled_meanwhile() {
    let machine = Machine::new("reinstalled").await;
    machine.cut_at("register.journalled").await;
    kubectl(&["delete", "namespace", &machine.namespace.name, "--wait=true"]).await;
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 1, "the code was not sent again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_machine_that_is_set_up_anew_for_somebody_else_is_theirs() {
    let mut machine = Machine::new("anew").await;
    machine.run().await.done();
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant", "appliance-license-seed"]).await;
    let first =
        std::mem::replace(&mut machine.minted, machine.service.store().mint(&NewCode::default()).expect("a code"));
    machine.answer(machine.minted.code.expose());
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 2, "each code once");
    // And again for the first one, whose grant is still kept.
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant", "appliance-license-seed"]).await;
    machine.answer(first.code.expose());
    machine.minted = first;
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 2, "each code once");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn of_two_machines_at_the_same_time_one_gets_the_cluster() {
    let (first, mut second) = (Machine::new("race-a").await, Machine::new("race-b").await);
    first.namespace.create().await;
    second.set("cluster.namespace", first.namespace.name.clone());
    let tenants = [&first, &second].map(|machine| machine.minted.tenant_id.to_string());
    // Each has looked, seen nothing, and is about to write.
    let running = [&first, &second].map(|machine| machine.start_at("stop:apply.send"));
    for running in &running {
        running.stopped().await;
    }
    for running in &running {
        running.signal(Signal::CONT);
    }
    let [a, b] = running;
    let (a, b) = tokio::join!(a.end(), b.end());
    let winner = usize::from(a.code != Some(0));
    let (ended, machines) = ([a, b], [&first, &second]);
    let loser = 1 - winner;
    ended[winner].done();
    let told = ended[loser].failed(ErrorId::OtherTenant).told();
    assert!(told.contains(&tenants[winner]) && told.contains(&tenants[loser]), "{told}");

    // The cluster is the winner's alone, and the loser has lost nothing.
    let tenant = first.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    assert_eq!(tenant.get("INITIAL_TENANT_ID"), Some(&tenants[winner]));
    let license = first.namespace.secret("appliance-license-seed").await.expect("the license's Secret");
    assert_eq!(license.get("APPLIANCE_ID"), Some(&machines[winner].appliance_id()));
    machines[winner].run().await.done();
    machines[loser].run().await.failed(ErrorId::OtherTenant);
    // Once the cluster is free again, the kept grant serves.
    first.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant", "appliance-license-seed"]).await;
    machines[loser].run().await.done();
    let tenant = first.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    assert_eq!(tenant.get("INITIAL_TENANT_ID"), Some(&tenants[loser]));
    assert_eq!((first.sent(), second.sent()), (1, 1), "no code was sent again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_somebody_else_changed_meanwhile_is_looked_at_again() {
    let machine = Machine::new("meanwhile").await;
    machine.run().await.done();
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("written by us");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Robin\""), 0o600);
    let running = machine.start_at("stop:apply.send");
    running.stopped().await;
    machine.namespace.kubectl(&["label", "secret", "appliance-initial-tenant", "seen-by=somebody"]).await;
    running.signal(Signal::CONT);
    let ended = running.end().await;
    assert!(ended.done().outcome("secrets").starts_with("changed: `appliance-initial-tenant` written"));
    let notes = ended.events().into_iter().filter_map(|event| event["text"].as_str().map(str::to_owned));
    let again =
        "could not apply Secret `appliance-initial-tenant`: somebody else changed it at the same time; looking again";
    assert_eq!(notes.filter(|note| note == again).count(), 1, "{}", ended.stdout);
    let tenant = machine.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    assert_eq!(tenant.get("INITIAL_ADMIN_FIRST_NAME").map(String::as_str), Some("Robin"));
}
