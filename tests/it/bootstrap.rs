//! A bootstrap that fails: the cause in one sentence, and the next run goes on from there.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::{batch::v1::Job, core::v1::Secret};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{Machine, cluster, process, until};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_job_that_fails() {
    let machine = Machine::new("job-fails").await.with_bootstrap();
    machine.namespace.create().await;
    let theirs = "--from-literal=tenant-id=00000000-0000-4000-8000-000000000000";
    machine.namespace.kubectl(&["create", "configmap", "appliance-tenant", theirs]).await;
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::BootstrapFailed).told();
    let told = told.replace(&machine.minted.tenant_id.to_string(), "[tenant]");
    let told = told.replace(&machine.namespace.name, "[namespace]");
    assert_snapshot!(hide_pod(&told), @r"
    bootstrap-failed: the bootstrap Job `bootstrap` failed: container `bootstrap` ended with status 2: this appliance belongs to tenant 00000000-0000-4000-8000-000000000000; it does not adopt tenant [tenant]
      hint: see `kubectl -n [namespace] logs [pod] -c bootstrap`, correct the cause, then run again
    ");
    machine.assert_installed().await;

    // The cause is gone, and the power goes while the failed Job is removed.
    machine.namespace.kubectl(&["delete", "configmap", "appliance-tenant"]).await;
    assert_eq!(machine.cut_at("delete.send").await.code, None);
    assert_eq!(machine.cut_at("child.start").await.code, None);
    machine.assert_finishes().await;
    assert_recorded(&machine).await;
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_image_that_cannot_be_pulled() {
    let mut machine = Machine::new("image").await.with_bootstrap();
    machine.set_value("image.repository", "registry.invalid/bootstrap");
    machine.set("bootstrap.timeout-seconds", 5);
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::BootstrapTimeout).told(), @r"
    bootstrap-timeout: the bootstrap Job `bootstrap` did not finish within 5 s: image `registry.invalid/bootstrap:0.1.0` cannot be pulled: the registry's name does not resolve
      hint: correct this machine's DNS so that `registry.invalid` resolves, then run again
    ");
    machine.assert_installed().await;

    machine.set("bootstrap.timeout-seconds", 90);
    machine.set_value("image.repository", "localhost/firstlight/bootstrap");
    machine.assert_finishes().await;
    assert_recorded(&machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn values_that_helm_refuses() {
    let mut machine = Machine::new("values").await.with_bootstrap();
    machine.set_value("job.backoffLimit", "often");
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::ChartRefused).told(), @r"
    chart-refused: `helm upgrade --install --dry-run=server` failed: values don't meet the specifications of the schema(s) in the following chart(s): bootstrap: - at '/job/backoffLimit': got string, want integer
      hint: Correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again.
    ");
    machine.assert_untouched().await;
    assert!(!machine.state().join("helm").exists(), "Helm wrote to the machine");

    machine.set_value("job.backoffLimit", 1);
    machine.assert_finishes().await;
    assert_recorded(&machine).await;

    // Helm does not touch an interrupted release, but what the chart makes of the values is still seen.
    machine.namespace.kubectl(&["delete", "job", "bootstrap"]).await;
    machine.namespace.kubectl(&["annotate", "secret", "appliance-initial-tenant", "firstlight/bootstrap-"]).await;
    make_pending(&machine).await;
    machine.set_value("job.backoffLimit", "often");
    let ended = machine.run().await;
    assert!(ended.failed(ErrorId::ChartRefused).told().contains("`helm template "), "{}", ended.told());
    assert!(machine.namespace.list::<Job>().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_helm_that_hangs_in_the_rehearsal_ends_with_it() {
    let mut machine = Machine::new("helm-hangs").await.with_bootstrap();
    machine.write("/bin/helm", "#!/bin/sh\nexec tail -f /dev/null\n", 0o755);
    machine.set("bootstrap.helm", "/bin/helm");
    let running = machine.start();
    let helm = until("helm runs", || async { process::children_of(running.pid()).first().copied() }).await;
    running.signal(Signal::TERM);
    running.end().await.failed(ErrorId::Stopped);
    let process = Path::new("/proc").join(helm.as_raw_nonzero().to_string());
    until("helm has ended", || async { (!process.exists()).then_some(()) }).await;
    machine.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_release_that_a_power_cut_left_pending() {
    let machine = Machine::new("pending").await.with_bootstrap();
    machine.assert_finishes().await;
    // As Helm leaves it when the power goes before the Job is created.
    machine.namespace.kubectl(&["delete", "job", "bootstrap"]).await;
    make_pending(&machine).await;
    let ended = machine.run().await;
    ended.done();
    let notes = ended.events().into_iter().filter(|event| event["type"] == "note");
    let notes: Vec<String> = notes.filter_map(|event| event["text"].as_str().map(str::to_owned)).collect();
    let removed = "removing Helm's record of an interrupted run (pending-install)";
    assert!(notes.iter().any(|note| note == removed), "{notes:?}");
    assert_recorded(&machine).await;
    assert_eq!(machine.sent(), 1);
    assert!(machine.run().await.done().outcome("bootstrap").starts_with("unchanged"));
}

/// Rewrites Helm's record of the release as one of an install that did not end.
pub(crate) async fn make_pending(machine: &Machine) {
    let name = "sh.helm.release.v1.bootstrap.v1";
    let secret = machine.namespace.get::<Secret>(name).await.expect("Helm's record");
    let mut release = helm_release(&secret);
    release["info"]["status"] = "pending-install".into();
    let packed = STANDARD.encode(STANDARD.encode(release.to_string()));
    let patch = json!({"metadata": {"labels": {"status": "pending-install"}}, "data": {"release": packed}});
    machine.namespace.kubectl(&["patch", "secret", name, "--type=merge", "--patch", &patch.to_string()]).await;
}

/// What Helm keeps of a release: JSON, gzip, base64, and the API's own base64.
pub(crate) fn helm_release(secret: &Secret) -> serde_json::Value {
    let data = secret.data.as_ref().and_then(|data| data.get("release")).expect("a release");
    let packed = STANDARD.decode(&data.0).expect("base64");
    serde_json::from_reader(flate2::read::GzDecoder::new(packed.as_slice())).expect("JSON")
}

/// The Job has run, with this machine's tenant.
async fn assert_recorded(machine: &Machine) {
    let record = machine.namespace.config_map("appliance-tenant").await.expect("the Job has recorded it");
    assert_eq!(record.get("tenant-id"), Some(&machine.minted.tenant_id.to_string()));
}

/// Pods end in random characters.
fn hide_pod(told: &str) -> String {
    let is_pod = |word: &str| word.strip_prefix("bootstrap-").is_some_and(|rest| rest.len() == 5);
    told.split(' ').map(|word| if is_pod(word) { "[pod]" } else { word }).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_the_bootstrap_needs_is_tried_before_the_code_is_sent() {
    let mut machine = Machine::new("no-helm").await.with_bootstrap();
    let mut command = machine.command();
    command.env("PATH", "/nowhere:/usr/bin");
    let ended = process::run(command).await;
    assert_snapshot!(ended.failed(ErrorId::HelmMissing).told(), @r"
    helm-missing: the `helm` command was not found in `/nowhere:/usr/bin`
      hint: Install `helm` into the PATH of firstlight, or point `bootstrap.helm` in the profile at it.
    ");
    machine.assert_untouched().await;

    for (name, content) in [("not a chart", "text"), ("nothing", "")] {
        let chart = machine.write("/usr/share/firstlight/broken.tgz", content, 0o644);
        machine.set("bootstrap.chart", "/usr/share/firstlight/broken.tgz");
        if content.is_empty() {
            std::fs::remove_file(chart).expect("written by us");
        }
        let ended = machine.run().await;
        assert!(ended.failed(ErrorId::ChartUnreadable).told().contains("broken.tgz"), "{name}");
        machine.assert_untouched().await;
    }
    machine.set("bootstrap.chart", "/usr/share/firstlight/bootstrap.tgz");
    machine.set("bootstrap.helm", cluster::programs().join("helm").display().to_string());
    // A path of the profile lies below the root.
    let ended = machine.run().await;
    ended.failed(ErrorId::HelmMissing);
    machine.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn large_numbers_stay_numbers() {
    let mut machine = Machine::new("numbers").await.with_bootstrap();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: numbers}\ndata:\n  limit: {{ .Values.limit | quote }}\n  \
               serial: {{ .Values.customer.serial | quote }}\n  least: {{ .Values.least | int64 | quote }}\n";
    machine.write("/chart/Chart.yaml", "apiVersion: v2\nname: numbers\nversion: 0.1.0\n", 0o644);
    machine.write("/chart/values.yaml", "limit: 1\ncustomer: {serial: 1, name: a}\nleast: 0\n", 0o644);
    machine.write("/chart/templates/map.yaml", map, 0o644);
    machine.set("bootstrap.chart", "/chart");
    machine.set_value("limit", 10_000_000_000_i64);
    machine.set_value("least", i64::MIN);
    machine.add_to_profile(
        "[[question]]\nid = \"serial\"\nkind = \"number\"\nlabel = \"Customer number\"\nvalue = \"customer.serial\"\n\
         min = 0\nmax = 9223372036854775807\n",
    );
    machine.answer_also("[answers]\nserial = 9007199254740993\n");
    machine.assert_finishes().await;
    let numbers = machine.namespace.config_map("numbers").await.expect("installed");
    let expected = [("least", "-9223372036854775808"), ("limit", "10000000000"), ("serial", "9007199254740993")];
    assert_eq!(numbers, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    // As Helm has recorded them they are the same values, too.
    assert!(machine.run().await.done().outcome("bootstrap").ends_with(" has already run"));
}

/// A plugin as login shells have them: it needs a home and a variable, which Helm itself does not see.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_credential_plugin_has_the_same_environment_for_helm() {
    let mut machine = Machine::new("plugin").await.with_bootstrap();
    let real = std::fs::read_to_string(cluster::kubeconfig()).expect("a kubeconfig");
    let data = |key: &str| {
        let base64 = real.lines().find_map(|line| line.trim().strip_prefix(key)).expect(key);
        String::from_utf8(STANDARD.decode(base64.trim()).expect("base64")).expect("PEM")
    };
    let status = json!({
        "clientCertificateData": data("client-certificate-data: "), "clientKeyData": data("client-key-data: "),
    });
    let credential =
        json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status});
    let home = machine.path("/home");
    machine.write("/home/.appliance", &credential.to_string(), 0o600);
    let script = "[ \"$APPLIANCE_PROFILE\" = x ] || { echo APPLIANCE_PROFILE is not set >&2; exit 1; }; cat \"$HOME/.appliance\"";
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "sh", "args": ["-c", script],
    });
    machine.change_kubeconfig(|text| cluster::with_user(&text, &format!("exec: {exec}")));
    let mut command = machine.command();
    command.env("APPLIANCE_PROFILE", "x").env("HOME", home);
    // What Helm itself would heed if it saw it.
    command.env("HELM_DRIVER", "configmap").env("HELM_NAMESPACE", "elsewhere").env("KUBECONFIG", "/nowhere");
    process::run(command).await.done();
    machine.assert_installed().await;
    assert!(machine.namespace.get::<Secret>("sh.helm.release.v1.bootstrap.v1").await.is_some());
}
