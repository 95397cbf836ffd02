//! A cluster that belongs to somebody: nothing of it is overwritten, and no grant is lost.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use jiff::SignedDuration;
use license_service::{Minted, NewCode, TenantRef};

use crate::support::{Machine, cluster::kubectl};

/// A machine with a code of its own, on a cluster that belongs to another tenant and has lost its license.
async fn on_a_foreign_cluster(label: &str) -> (Machine, Minted) {
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
    let tenant = TenantRef::Id(theirs.tenant_id);
    let reissued = machine.service.store().reissue(&tenant, SignedDuration::from_hours(1)).expect("reissued");
    machine.answer(reissued.code.expose());
    machine.minted = reissued;
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
    assert!(!machine.state().join("journal.json").exists());
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
    let tenant = TenantRef::Id(theirs.tenant_id);
    let reissued = machine.service.store().reissue(&tenant, SignedDuration::from_hours(1)).expect("reissued");
    machine.answer(reissued.code.expose());
    machine.minted = reissued;
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
