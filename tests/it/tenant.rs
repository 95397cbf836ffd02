//! A cluster that belongs to somebody: nothing of it is overwritten, and no grant is lost.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use license_service::{Edition, Minted, NewCode};
use rustix::process::Signal;
use sha2::{Digest, Sha256};

use crate::support::{
    Machine,
    cluster::kubectl,
    hostile::{Answer, Hostile},
    machine::{PASSWORD, answers},
    process::Ended,
};

/// A machine with a code of its own, on a cluster that belongs to another tenant and has lost its license.
pub(crate) async fn on_a_foreign_cluster(label: &str) -> (Machine, Minted) {
    let mut machine = Machine::new(label).await;
    machine.run().await.done();
    let theirs = machine.minted.clone();
    machine.namespace.kubectl(&["delete", "secret", "appliance-license-seed"]).await;
    machine.replace(machine.service.store().mint(&NewCode::default()).expect("a code"));
    (machine, theirs)
}

/// Says that the code which is given shall be used whatever has set the machine up.
pub(crate) const CHANGE: &str = "[license]\nchange = true\n";

/// A free grant for a tenant of a service that looks at no tenant.
fn grant_for(tenant: &str, company: &str) -> Hostile {
    let grant = format!(r#"{{"tenant_id": "{tenant}", "edition": "essentials", "company_name": "{company}"}}"#);
    Hostile::start(Answer::json("200 OK", &grant))
}

const OTHER: &str = "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn on_a_cluster_of_another_tenant_nothing_is_overwritten_and_no_code_is_spent() {
    let (mut machine, theirs) = on_a_foreign_cluster("tenant").await;
    let ours = machine.minted.clone();
    let before = machine.namespace.secret("appliance-initial-tenant").await;
    let hide = |text: String| {
        text.replace(&theirs.tenant_id.to_string(), "[theirs]").replace(&ours.tenant_id.to_string(), "[ours]")
    };
    let ended = machine.run().await;
    assert_snapshot!(hide(ended.failed(ErrorId::OtherCode).told()), @r"
    other-code: this appliance was set up with another install code, and belongs to tenant [theirs] (Acme Managed Services); the code was not sent
      hint: Give the code that this machine was set up with. If this one is to be used all the same, as with a reissued code over old data or for another edition, say so: U in the wizard, or `change = true` under `[license]` in an answers file.
    ");
    assert_eq!((ended.code, machine.sent()), (Some(33), 1));

    // It is to be used all the same: the service is told whose cluster this is, and refuses before it is used up.
    machine.answer_also(CHANGE);
    assert_snapshot!(hide(machine.run().await.failed(ErrorId::LicenseRefused).told()), @r"
    license-refused: the license service does not take what it was sent (status 409, `tenant_mismatch`) (it says: This install code belongs to another tenant. It was not used up; use a code of this tenant.)
      hint: the install code is another tenant's, and was not used up: give a code of the tenant that this cluster belongs to
    ");
    assert_eq!(machine.service.store().claims().expect("counted"), 1);
    assert_eq!(machine.namespace.secret("appliance-initial-tenant").await, before);
    assert!(machine.namespace.secret("appliance-license-seed").await.is_none());

    // A code for the tenant of the cluster brings what is missing, once that is said.
    machine.use_code(machine.reissued(theirs.tenant_id));
    machine.run().await.failed(ErrorId::OtherCode);
    machine.answer_also(CHANGE);
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.namespace.secret("appliance-initial-tenant").await, before, "the license and nothing else");
    // From here on it is one of the codes of this machine.
    machine.answer(machine.minted.code.expose());
    assert!(machine.run().await.done().outcome("redeem").starts_with("unchanged: "));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_grant_for_another_tenant_is_kept_and_serves_its_code_alone() {
    let (mut machine, theirs) = on_a_foreign_cluster("kept").await;
    let hostile = grant_for(OTHER, "Their Neighbour");
    machine.use_hostile(&hostile);
    machine.answer_also(CHANGE);
    let hide = |text: String| text.replace(&theirs.tenant_id.to_string(), "[theirs]");
    assert_snapshot!(hide(machine.run().await.failed(ErrorId::OtherTenant).told()), @r"
    other-tenant: this cluster belongs to tenant [theirs] (Acme Managed Services), but the code was issued for tenant 7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66 (Their Neighbour); nothing was overwritten
      hint: run again with the code of tenant [theirs] (Acme Managed Services); what this one brought for tenant 7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66 (Their Neighbour) is kept in the journal, and serves this code if the cluster is reinstalled
    ");
    let registrations = hostile.registrations();
    assert!(registrations[0].contains(&format!(r#""tenant_id":"{}""#, theirs.tenant_id)), "{registrations:?}");
    // Again: the grant is in the journal, and the code is not sent again.
    machine.run().await.failed(ErrorId::OtherTenant);
    assert!(machine.namespace.secret("appliance-license-seed").await.is_none());

    // The cluster changes hands: the kept grant serves without its code being sent again.
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant"]).await;
    machine.answer(machine.minted.code.expose());
    machine.run().await.done();
    assert_eq!(hostile.registrations().len(), 1);
    let tenant = machine.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    assert_eq!(tenant.get("INITIAL_TENANT_ID").map(String::as_str), Some(OTHER));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn no_code_but_the_one_that_was_redeemed_ends_in_done() {
    let machine = Machine::new("complete").await.with_bootstrap();
    let minted = machine.minted.clone();
    let told =
        |ended: &Ended| ended.failed(ErrorId::OtherCode).told().replace(&minted.tenant_id.to_string(), "[tenant]");
    // A grant that waits.
    machine.cut_at("register.journalled").await;
    machine.answer("2222-2222");
    let waits = told(&machine.run().await);
    assert_snapshot!(waits.lines().next().unwrap_or_default(), @"other-code: another install code has brought a grant for tenant [tenant] (Example Company), which waits on this machine; the code was not sent");
    machine.assert_no_secrets().await;
    // A rehearsal alone says so as well.
    let rehearsed = machine.rehearse().await;
    assert_eq!(told(&rehearsed), waits);
    // A code that was to be used in its place, and was of no use, leaves it where it was.
    machine.answer_with("2222-2222", CHANGE);
    machine.run().await.failed(ErrorId::CodeUnknown);
    machine.answer("3333-3333");
    assert_eq!(told(&machine.run().await), waits);
    // Half of it, and all of it, before and after the bootstrap.
    for point in ["apply.answered", "secrets.verified", "child.started"] {
        machine.answer(minted.code.expose());
        machine.cut_at(point).await;
        machine.answer("2222-2222");
        told(&machine.run().await);
    }
    machine.answer(minted.code.expose());
    machine.assert_finishes().await;
    machine.answer("2222-2222");
    told(&machine.run().await);
    // Also where this machine remembers nothing.
    std::fs::remove_dir_all(machine.state()).expect("it was used");
    told(&machine.run().await);
    machine.answer(minted.code.expose());
    let outcome = machine.run().await.done().outcome("redeem").replace(&minted.tenant_id.to_string(), "[tenant]");
    assert_snapshot!(outcome, @"unchanged: this appliance already belongs to tenant [tenant] (Acme Managed Services); the code was not sent");
    assert_eq!(machine.sent(), 2, "one that was to be used, and the right one once");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_is_lost_of_a_set_up_cluster_is_written_again_with_its_own_code() {
    let machine = Machine::new("lost").await.with_bootstrap();
    machine.assert_finishes().await;
    // Nothing of the grant is on this machine any more.
    std::fs::remove_dir_all(machine.state()).expect("it was used");
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant"]).await;
    machine.run().await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 1, "whose it is stands on the license");
}

/// The product has taken over the administrator that it was set up with.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_license_that_is_lost_is_written_again_and_no_other_answers_with_it() {
    let machine = Machine::new("lost-license").await.with_bootstrap();
    machine.run().await.done();
    let tenant = machine.namespace.secret("appliance-initial-tenant").await;
    machine.namespace.kubectl(&["delete", "secret", "appliance-license-seed"]).await;
    let others = answers(&machine.minted.code.grouped(), "another horse battery").replace("\"Kim\"", "\"Robin\"");
    machine.write("/answers.toml", &others, 0o600);
    let ended = machine.run().await;
    let outcome = ended.done().outcome("secrets");
    assert!(outcome.starts_with("changed: `appliance-license-seed` written"), "{outcome}");
    assert_eq!(machine.namespace.secret("appliance-initial-tenant").await, tenant);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn another_code_of_the_tenant_changes_the_license_and_nothing_else() {
    let essentials = NewCode { edition: Edition::Essentials, ..NewCode::default() };
    for bootstrap in [false, true] {
        let mut machine = Machine::with("upgrade", essentials.clone(), |_| {}).await;
        if bootstrap {
            machine = machine.with_bootstrap();
        }
        machine.run().await.done();
        let tenant = machine.namespace.secret("appliance-initial-tenant").await;
        let hostile = Hostile::start(Answer::json(
            "200 OK",
            &format!(
                r#"{{"tenant_id": "{}", "edition": "essentials", "company_name": "Renamed"}}"#,
                machine.minted.tenant_id
            ),
        ));
        machine.use_hostile(&hostile);
        // Other answers besides: they came too late.
        let answers = answers("2222-2222", PASSWORD).replace("\"Kim\"", "\"Robin\"");
        machine.write("/answers.toml", &format!("{answers}{CHANGE}"), 0o600);
        let ended = machine.run().await;
        assert!(
            ended.done().outcome("secrets").starts_with("changed: `appliance-license-seed` written"),
            "{}",
            ended.stdout
        );
        assert_eq!(ended.stdout.contains("does not run again for it"), bootstrap, "{}", ended.stdout);
        assert_eq!(machine.namespace.secret("appliance-initial-tenant").await, tenant);
        // Twice is once, and without saying it again.
        machine.run().await.done();
        machine.write("/answers.toml", &answers, 0o600);
        let ended = machine.run().await;
        assert_eq!(ended.done().events().last().map(|event| event["changed"].clone()), Some(false.into()));
        assert_eq!(hostile.registrations().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn whose_a_secret_is_is_known_from_each_of_them() {
    let mut machine = Machine::new("owner").await;
    machine.run().await.done();
    let theirs = machine.minted.clone();
    let [tenant, license] = ["appliance-initial-tenant", "appliance-license-seed"];
    let mut told = Vec::new();
    // Each sign alone: the other Secret is gone, a key has another name, the note is not there.
    let strip = |secret| ["annotate", "secret", secret, "firstlight/tenant-", "firstlight/code-"];
    machine.replace(machine.service.store().mint(&NewCode::default()).expect("a code"));
    let license_of_theirs = machine.namespace.secret(license).await;
    machine.set("secrets.tenant.keys.INITIAL_TENANT_ID", "TENANT");
    told.push(machine.run().await.failed(ErrorId::OtherCode).told());
    machine.namespace.kubectl(&["delete", "secret", tenant]).await;
    told.push(machine.run().await.failed(ErrorId::OtherCode).told());
    // By its token alone.
    machine.namespace.kubectl(&strip(license)).await;
    told.push(machine.run().await.failed(ErrorId::OtherCode).told());
    assert!(told.iter().all(|told| told.contains(&theirs.tenant_id.to_string())), "{told:?}");
    assert_eq!(machine.namespace.secret(license).await, license_of_theirs);

    // Two tenants beside each other complete nothing, by whatever sign.
    machine.set("secrets.tenant.keys.INITIAL_TENANT_ID", "INITIAL_TENANT_ID");
    let id = format!("--from-literal=INITIAL_TENANT_ID={OTHER}");
    machine.namespace.kubectl(&["create", "secret", "generic", tenant, &id]).await;
    for code in [&theirs, &machine.minted] {
        machine.answer(code.code.expose());
        let told = machine.run().await.failed(ErrorId::OtherTenant).told();
        assert!(told.contains(OTHER) && told.contains(&theirs.tenant_id.to_string()), "{told}");
    }
    assert_eq!(machine.sent(), 1);
    assert_eq!(machine.namespace.secret(license).await, license_of_theirs);
}

/// The code itself stands nowhere, and what recognises it tells nothing of the same code in another cluster.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn whose_a_secret_is_and_by_which_code_is_noted_on_it() {
    let machine = Machine::new("noted").await;
    machine.run().await.done();
    let mut fingerprints = Vec::new();
    for name in ["appliance-initial-tenant", "appliance-license-seed"] {
        let secret = machine.namespace.get::<Secret>(name).await.expect("it was written");
        let text = serde_json::to_string(&secret.metadata).expect("JSON").to_uppercase();
        let code = machine.minted.code.expose();
        assert!(!text.contains(code) && !text.contains(&machine.minted.code.grouped()), "{name}: {text}");
        let noted = secret.metadata.annotations.expect("annotations");
        assert_eq!(noted.get("firstlight/tenant"), Some(&machine.minted.tenant_id.to_string()), "{name}");
        let fingerprint = noted.get("firstlight/code").expect("by which code");
        assert!(fingerprint.len() == 64 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()), "{fingerprint}");
        fingerprints.push(fingerprint.clone());
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    let salted = format!("{}{}", machine.minted.tenant_id, machine.minted.code.expose());
    let digest = Sha256::digest(salted);
    assert_eq!(fingerprints[0], digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat());
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
    for bootstrap in [false, true] {
        let mut machine = Machine::new("anew").await;
        if bootstrap {
            machine = machine.with_bootstrap();
        }
        // What the product was given goes with the Secrets; the Job and Helm's record of it stay.
        let wipe = async |machine: &Machine| {
            let secrets = ["appliance-initial-tenant", "appliance-license-seed"];
            machine.namespace.kubectl(&["delete", "secret", secrets[0], secrets[1]]).await;
            machine.namespace.kubectl(&["delete", "configmap", "appliance-tenant", "--ignore-not-found"]).await;
        };
        // Whom the bootstrap has taken the machine over for.
        let adopted = async |machine: &Machine| {
            let product = machine.namespace.get::<ConfigMap>("appliance-tenant").await?;
            product.data?.remove("tenant-id")
        };
        machine.run().await.done();
        wipe(&machine).await;
        let first =
            std::mem::replace(&mut machine.minted, machine.service.store().mint(&NewCode::default()).expect("a code"));
        machine.answer(machine.minted.code.expose());
        machine.run().await.failed(ErrorId::OtherCode);
        machine.answer_also(CHANGE);
        machine.run().await.done();
        machine.assert_secrets().await;
        assert_eq!(adopted(&machine).await, bootstrap.then(|| machine.minted.tenant_id.to_string()));
        assert_eq!(machine.sent(), 2, "each code once");
        // And again for the first one, whose grant is still kept.
        wipe(&machine).await;
        machine.answer(first.code.expose());
        machine.minted = first;
        machine.run().await.done();
        machine.assert_secrets().await;
        assert_eq!(adopted(&machine).await, bootstrap.then(|| machine.minted.tenant_id.to_string()));
        assert_eq!(machine.sent(), 2, "each code once");
    }
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
