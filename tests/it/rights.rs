//! A Kubernetes that refuses: permissions, a namespace that is going, fields that somebody else manages.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use license_service::{Edition, NewCode};
use serde_json::json;

use crate::support::{Machine, cluster};

/// Uses a service account that may only read Secrets of its namespace.
pub(crate) async fn use_service_account(machine: &mut Machine) {
    let namespace = machine.namespace.name.clone();
    machine.namespace.create().await;
    let metadata = json!({"name": "installer", "namespace": namespace});
    let group = "rbac.authorization.k8s.io";
    let api_version = format!("{group}/v1");
    let rules = json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]);
    let role = json!({"apiGroup": group, "kind": "Role", "name": "installer"});
    let subjects = json!([{"kind": "ServiceAccount", "name": "installer", "namespace": namespace}]);
    for object in [
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
        json!({"apiVersion": api_version, "kind": "Role", "metadata": metadata, "rules": rules}),
        json!({"apiVersion": api_version, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": subjects}),
    ] {
        cluster::apply(&object).await;
    }
    let token = machine.namespace.kubectl(&["create", "token", "installer"]).await;
    machine.change_kubeconfig(|text| cluster::with_user(&text, &format!("token: {}", token.trim())));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn every_missing_permission_is_listed() {
    let mut machine = Machine::new("rbac").await.with_bootstrap();
    use_service_account(&mut machine).await;
    machine.set("reconcile.restart", toml_edit::Array::from_iter(["deployment:web"]));
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::KubernetesForbidden).told().replace(&machine.namespace.name, "[namespace]");
    assert_snapshot!(told, @r#"
    kubernetes-forbidden: the kubeconfig's user may not get namespaces, create secrets, patch secrets, list secrets, delete secrets, list pods, get pods/log, list events, list jobs.batch, watch jobs.batch, create jobs.batch, delete jobs.batch, patch deployments.apps in namespace `[namespace]`
      hint: Use the cluster's administrator kubeconfig, or grant the listed permissions.

    kubernetes-forbidden: not permitted to read namespace `[namespace]`: namespaces "[namespace]" is forbidden: User "system:serviceaccount:[namespace]:installer" cannot get resource "namespaces" in API group "" in the namespace "[namespace]"
      hint: Use the cluster's administrator kubeconfig, or grant the listed permissions.
    "#);
    machine.assert_no_secrets().await;
    machine.assert_unspent();
    machine.use_cluster();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_namespace_that_is_being_deleted() {
    let mut machine = Machine::new("terminating").await;
    machine.namespace.delete_held().await;
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::NamespaceTerminating).told().replace(&machine.namespace.name, "[namespace]");
    assert_snapshot!(told, @r"
    namespace-terminating: the namespace `[namespace]` is being deleted
      hint: Wait until `kubectl get namespace` no longer lists it (or clear what holds it up), then run again.
    ");
    machine.assert_no_secrets().await;
    machine.assert_unspent();
    machine.namespace.let_go().await;
    machine.assert_finishes().await;
}

/// Another program has written the Secret that the setup is to write.
pub(crate) async fn have_fields_managed(machine: &Machine) {
    machine.namespace.create().await;
    let theirs = [("INITIAL_ADMIN_EMAIL", "somebody@else.example"), ("INITIAL_ADMIN_LAST_NAME", "Else")];
    machine.namespace.write_secret("fleet-agent", "appliance-initial-tenant", &theirs).await;
}

/// The quota `none` leaves no room for a Secret.
pub(crate) async fn set_quota(machine: &Machine) {
    machine.namespace.create().await;
    machine.namespace.kubectl(&["create", "quota", "none", "--hard=secrets=0"]).await;
    // It counts once its controller has seen it.
    crate::support::until("the quota counts", || async {
        let status = machine.namespace.kubectl(&["get", "quota", "none", "--output=jsonpath={.status.hard}"]).await;
        status.contains("secrets").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn fields_that_another_program_manages() {
    let machine = Machine::new("conflict").await;
    have_fields_managed(&machine).await;
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::FieldConflict).told(), @r#"
    field-conflict: could not apply Secret `appliance-initial-tenant`: conflict with "fleet-agent" on `.data.INITIAL_ADMIN_EMAIL`; conflict with "fleet-agent" on `.data.INITIAL_ADMIN_LAST_NAME`
      hint: Stop that program from managing the object, take the named fields out of it (`kubectl edit`), and run again: firstlight writes them anew. Do not delete the Secret of the tenant that the cluster belongs to.
    "#);
    machine.assert_unspent();
    let kept = machine.namespace.secret("appliance-initial-tenant").await.expect("the other program's Secret");
    assert_eq!(kept.get("INITIAL_ADMIN_LAST_NAME").map(String::as_str), Some("Else"));
    assert_eq!(kept.len(), 2, "nothing was added");
    machine.namespace.kubectl(&["delete", "secret", "appliance-initial-tenant"]).await;
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_quota_that_leaves_no_room_is_told_before_the_code_is_sent() {
    let machine = Machine::new("quota").await;
    set_quota(&machine).await;
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::KubernetesRefused).told();
    assert_snapshot!(told, @r#"
    kubernetes-refused: the Kubernetes API server refused to apply Secret `appliance-initial-tenant` (status 403): secrets "appliance-initial-tenant" is forbidden: exceeded quota: none, requested: secrets=1, used: secrets=0, limited: secrets=0
      hint: Read the reason it gave; correct the policy or the kubeconfig's credentials, and run again.
    "#);
    machine.assert_no_secrets().await;
    machine.assert_unspent();
    machine.namespace.kubectl(&["delete", "quota", "none"]).await;
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_need_not_be_written_need_not_be_writable() {
    let code = NewCode { edition: Edition::Pro, ..NewCode::default() };
    let machine = Machine::with("rerun", code, |_| {}).await;
    machine.assert_finishes().await;
    let patch = |secret: &'static str, patch: &'static str| {
        let namespace = &machine.namespace;
        async move { namespace.kubectl(&["patch", "secret", secret, "--type=merge", "--patch", patch]).await }
    };
    // The appliance has renewed its token, as it does every day; then somebody has closed one, and marked it.
    for (secret, changed) in [
        ("appliance-license-seed", r#"{"stringData": {"LICENSE_TOKEN": "renewed"}}"#),
        ("appliance-initial-tenant", r#"{"immutable": true}"#),
        ("appliance-initial-tenant", r#"{"metadata": {"labels": {"backup": "yes"}}}"#),
    ] {
        patch(secret, changed).await;
        let (rehearsed, ended) = (machine.rehearse().await, machine.run().await);
        assert_eq!(ended.done().events().last().map(|event| event["changed"].clone()), Some(false.into()), "{changed}");
        let tried = rehearsed.done().events();
        let tried = tried.into_iter().find(|event| event["type"] == "check" && event["id"] == "secrets");
        assert_eq!(tried.expect("a check")["text"], "nothing has to be written", "{changed}");
    }
    // What does have to be written is told by the rehearsal.
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("written by us");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Robin\""), 0o600);
    for ended in [machine.rehearse().await, machine.run().await] {
        assert!(ended.failed(ErrorId::KubernetesRefused).told().contains("immutable"), "{}", ended.stdout);
    }
    machine.write("/answers.toml", &answers, 0o600);
    machine.run().await.done();
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_field_that_another_program_took_is_given_back_as_the_remedy_says() {
    let machine = Machine::new("taken").await;
    machine.assert_finishes().await;
    let patch = async |patch: &str, kind| {
        machine.namespace.kubectl(&["patch", "secret", "appliance-initial-tenant", kind, "--patch", patch]).await
    };
    patch(r#"{"stringData": {"INITIAL_ADMIN_EMAIL": "somebody@else.example"}}"#, "--type=merge").await;
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::FieldConflict).told(), @r#"
    field-conflict: could not apply Secret `appliance-initial-tenant`: conflict with "kubectl-patch" using v1 on `.data.INITIAL_ADMIN_EMAIL`
      hint: Stop that program from managing the object, take the named fields out of it (`kubectl edit`), and run again: firstlight writes them anew. Do not delete the Secret of the tenant that the cluster belongs to.
    "#);
    patch(r#"[{"op": "remove", "path": "/data/INITIAL_ADMIN_EMAIL"}]"#, "--type=json").await;
    machine.assert_finishes().await;
}
