//! A Kubernetes that is down, starting, or not the one that was meant: told before the code is sent.

use std::{fs, io::Write, os::unix::fs::PermissionsExt, sync::Arc};

use firstlight::error::ErrorId;
use insta::assert_snapshot;

use crate::support::{
    Machine,
    cluster::{Change, with_authority, with_user},
    hostile::{Answer, Hostile},
    machine::{self, PASSWORD},
    process,
    relay::{Fault, Relay},
};

/// The first line of what was said, without what differs between runs.
fn first_line(told: &str, machine: &Machine) -> String {
    let root = machine.root().display().to_string();
    told.lines().next().unwrap_or_default().replace(&root, "[root]")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_api_server_that_is_down() {
    let mut machine = Machine::new("api-down").await;
    let mut relay = Relay::closed(Machine::api_server());
    machine.use_api_server_at(relay.port());
    machine.set("cluster.start-timeout-seconds", 1);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::KubernetesUnreachable).told();
    assert_snapshot!(told, @r"
    kubernetes-unreachable: Kubernetes did not start within 1 s
      cause: the Kubernetes API server cannot be reached to ask for /readyz
      cause: ServiceError: client error (Connect)
      cause: tcp connect error
      cause: Connection refused (os error 111)
      hint: Check that Kubernetes runs on this machine (for k3s: `systemctl status k3s`) and that the kubeconfig names its address.
    ");
    machine.assert_untouched().await;
    relay.open();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_api_server_that_is_starting_is_waited_for() {
    let mut machine = Machine::new("api-starting").await;
    let mut relay = Relay::closed(Machine::api_server());
    machine.use_api_server_at(relay.port());
    let mut running = machine.start();
    running.event("check", |event| event["id"] == "kubernetes" && event["state"] == "waiting").await;
    machine.assert_unspent();
    relay.open();
    running.end().await.done();
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubeconfig_that_is_written_late_is_waited_for() {
    let mut machine = Machine::new("late").await;
    machine.lose_kubeconfig();
    let mut running = machine.start();
    let waiting = |event: &serde_json::Value| event["id"] == "kubernetes" && event["state"] == "waiting";
    let event = running.event("check", waiting).await;
    assert!(event["text"].as_str().is_some_and(|text| text.contains("there is no kubeconfig")), "{event}");
    let kubeconfig = std::fs::read_to_string(crate::support::cluster::kubeconfig()).expect("a kubeconfig");
    machine.write("/etc/no-kubeconfig", &kubeconfig, 0o600);
    running.end().await.done();
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn connections_to_the_api_server_that_go_wrong() {
    let mut all = Vec::new();
    for (name, fault) in [
        ("silence", Fault::Blackhole),
        ("another protocol", Fault::Garbage),
        ("a reset within the handshake", Fault::ResetAfter(100)),
    ] {
        let mut machine = Machine::new("api-relay").await;
        let relay = Relay::with(Machine::api_server(), fault);
        machine.use_api_server_at(relay.port());
        machine.set("cluster.start-timeout-seconds", 1);
        let ended = machine.run().await;
        assert_eq!(ended.code, Some(30), "{name}: {}", ended.stdout);
        all.push(format!("# {name}\n{}", ended.told().replace(&machine.root().display().to_string(), "[root]")));
        machine.assert_untouched().await;
        relay.set(Fault::None);
        machine.assert_finishes().await;
    }
    assert_snapshot!(all.join("\n"), @r"
    # silence
    kubernetes-unreachable: Kubernetes did not start within 5 s
      cause: the Kubernetes API server cannot be reached to ask for /readyz
      cause: ServiceError: client error (Connect)
      cause: deadline has elapsed
      hint: Check that Kubernetes runs on this machine (for k3s: `systemctl status k3s`) and that the kubeconfig names its address.

    # another protocol
    kubeconfig-invalid: what answers at the address in the kubeconfig `[root]/etc/kubeconfig` is no Kubernetes API server
      cause: received corrupt message of type InvalidContentType
      hint: Correct the path with `--kubeconfig` or in the profile, or let Kubernetes write the file again.

    # a reset within the handshake
    kubernetes-unreachable: Kubernetes did not start within 1 s
      cause: the Kubernetes API server cannot be reached to ask for /readyz
      cause: ServiceError: client error (Connect)
      cause: tls handshake eof
      hint: Check that Kubernetes runs on this machine (for k3s: `systemctl status k3s`) and that the kubeconfig names its address.
    ");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_kubeconfig_that_is_not_finished_is_waited_for() {
    let other = Hostile::start(Answer::Never);
    let rows: [(&str, Change<'_>); 5] = [
        ("empty", &|_| String::new()),
        ("half", &|text| text[..text.len() / 2].to_owned()),
        ("a comment", &|_| "# soon\n".to_owned()),
        ("an empty object", &|_| "{}\n".to_owned()),
        ("that of an installation before", &|text| with_authority(&text, &other.authority_pem)),
    ];
    for (name, change) in rows {
        let mut machine = Machine::new("late").await;
        machine.change_kubeconfig(change);
        let mut running = machine.start();
        let waits = running.event("check", |event| event["id"] == "kubernetes" && event["state"] == "waiting").await;
        let told = waits["text"].as_str().unwrap_or_default();
        assert!(told.starts_with("waiting for a kubeconfig that can be used, "), "{name}: {told}");
        machine.change_kubeconfig(|text| text);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.told());
        machine.assert_installed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn kubeconfigs_that_are_not_the_clusters() {
    let other = Hostile::start(Answer::Never);
    let mut machine = Machine::new("kubeconfig").await;
    machine.set("cluster.start-timeout-seconds", 1);
    let (missing, wrong) = (ErrorId::KubernetesUnreachable, ErrorId::KubeconfigInvalid);
    let rows: &[(&str, ErrorId, Option<Change<'_>>)] = &[
        ("missing", missing, None),
        ("empty", wrong, Some(&|_| String::new())),
        ("not YAML", wrong, Some(&|_| "{{ kubeconfig }}\n\t:".to_owned())),
        ("another authority", wrong, Some(&|text| with_authority(&text, &other.authority_pem))),
        ("no certificate", wrong, Some(&|text| with_authority(&text, "nothing"))),
        ("an unknown token", ErrorId::KubernetesRefused, Some(&|text| with_user(&text, "token: unknown"))),
        ("nobody", ErrorId::KubernetesForbidden, Some(&|text| with_user(&text, "username: ''"))),
    ];
    let mut all = Vec::new();
    for (name, id, change) in rows {
        match change {
            Some(change) => machine.change_kubeconfig(change),
            None => machine.lose_kubeconfig(),
        }
        let ended = machine.run().await;
        all.push(format!("# {name}\n{}", first_line(&ended.failed(*id).told(), &machine)));
        machine.assert_untouched().await;
    }
    assert_snapshot!(all.join("\n\n"), @r#"
    # missing
    kubernetes-unreachable: Kubernetes did not start within 1 s

    # empty
    kubeconfig-invalid: the kubeconfig `[root]/etc/kubeconfig` cannot be used

    # not YAML
    kubeconfig-invalid: the kubeconfig `[root]/etc/kubeconfig` cannot be used

    # another authority
    kubeconfig-invalid: the Kubernetes API server's certificate does not fit the kubeconfig `[root]/etc/kubeconfig`

    # no certificate
    kubeconfig-invalid: the Kubernetes API server's certificate does not fit the kubeconfig `[root]/etc/kubeconfig`

    # an unknown token
    kubernetes-refused: the Kubernetes API server does not accept the credentials of the kubeconfig `[root]/etc/kubeconfig`

    # nobody
    kubernetes-forbidden: not permitted to ask for permissions: selfsubjectaccessreviews.authorization.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope
    "#);
    machine.use_cluster();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn an_api_server_that_goes_away_after_the_code_was_sent() {
    for attempts in [1, 3] {
        let mut machine = Machine::new("api-goes").await;
        let store = machine.service.store().clone();
        let relay =
            Relay::with(Machine::api_server(), Fault::ResetWhen(Arc::new(move || store.register_requests() == 1)));
        machine.use_api_server_at(relay.port());
        machine.set("license.attempts", attempts);
        let ended = machine.run().await;
        if attempts == 1 {
            ended.failed(ErrorId::KubernetesUnreachable);
            assert!(machine.state().join("journal.json").exists(), "the grant is kept");
            machine.assert_finishes().await;
        } else {
            ended.done();
        }
        machine.assert_installed().await;
        assert_eq!(machine.sent(), 1, "{attempts}: the grant is in the journal");
    }
}

/// Whoever may not look does not wait for what is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_entered() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| folder.path().join(name);
    let mut command = process::firstlight_as_nobody(folder.path());
    for part in ["k3s", "helm", "chart"] {
        fs::create_dir(at(part)).expect("a folder");
        fs::write(at(part).join(part), "").expect("written");
        fs::set_permissions(at(part), fs::Permissions::from_mode(0o000)).expect("a mode");
    }
    let profile =
        "[license]\nurl = 'https://license.invalid'\n[bootstrap]\nhelm = '/helm/helm'\nchart = '/chart/chart'\n";
    fs::write(at("profile.toml"), profile).expect("written");
    let answers = machine::answers("K7QP-M2RX", PASSWORD);
    command.current_dir(folder.path()).args(["--root", ".", "--profile", "profile.toml", "--kubeconfig", "k3s/k3s"]);
    // Its own file it could not read.
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(answers.as_bytes()).expect("it fits into a pipe");
    drop(writer);
    command.args(["--dry-run", "--answers", "-", "--output", "json"]).stdin(reader);
    let ended = process::run(command).await;
    for part in ["k3s", "helm", "chart"] {
        fs::set_permissions(at(part), fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let told = ended.told();
    assert!(!told.is_empty(), "{ended:?}");
    let kubernetes = told.find("kubeconfig-invalid: ").map(|start| &told[start..]).unwrap_or_default();
    let kubernetes: Vec<_> = kubernetes.lines().take(3).collect();
    assert_snapshot!(kubernetes.join("\n"), @r"
    kubeconfig-invalid: `k3s/k3s` cannot be reached: this user may not enter or read `k3s`
      cause: Permission denied (os error 13)
      hint: run firstlight as root, or let this user enter and read `k3s`
    ");
    for (id, part) in [("helm-missing", "helm"), ("chart-unreadable", "chart")] {
        let expected = format!("{id}: `./{part}/{part}` cannot be reached: this user may not enter or read `./{part}`");
        assert!(told.contains(&expected), "{told}");
    }
}
