//! Nothing that will be refused once the code is spent passes before it is sent.

use firstlight::error::ErrorId;

use crate::support::{Machine, cluster};

/// A machine with a chart that brings its namespace.
async fn with_own_namespace(label: &str, annotations: &str) -> Machine {
    let mut machine = Machine::new(label).await;
    let namespace = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{{{ .Release.Namespace }}}}\n  annotations: {annotations}\n  \
         labels:\n    pod-security.kubernetes.io/enforce: baseline\n"
    );
    for (name, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: own-namespace\nversion: 0.1.0\n"),
        ("templates/namespace.yaml", &namespace),
        ("templates/seen.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: seen\ndata:\n  ready: 'yes'\n"),
    ] {
        machine.write(&format!("/usr/share/firstlight/own/{name}"), text, 0o644);
    }
    machine.set("bootstrap.chart", "/usr/share/firstlight/own").set("bootstrap.timeout-seconds", 60);
    machine
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn helm_takes_over_the_namespace_that_its_chart_brings() {
    let machine = with_own_namespace("own", "{}").await;
    machine.run().await.done();
    machine.assert_installed().await;
    let name = machine.namespace.name.as_str();
    let labels = cluster::kubectl(&["get", "namespace", name, "--output", "jsonpath={.metadata}"]).await;
    assert!(labels.contains(r#""pod-security.kubernetes.io/enforce":"baseline""#), "{labels}");
    assert_eq!(machine.namespace.config_map("seen").await.expect("installed")["ready"], "yes");
    machine.run().await.done();

    // Somebody else's is not taken: Helm says so, and before the code is sent.
    let machine = with_own_namespace("theirs", "{}").await;
    machine.namespace.create().await;
    machine.run().await.failed(ErrorId::ChartRefused);
    machine.assert_unspent();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_namespace_that_a_hook_would_delete_is_refused() {
    let machine = with_own_namespace("hooked", "{helm.sh/hook: pre-install}").await;
    let told = machine.rehearse().await.failed(ErrorId::ChartRefused).told();
    assert!(told.contains("in a hook, and Helm deletes what is there before that"), "{told}");
    machine.run().await.failed(ErrorId::ChartRefused);
    machine.assert_untouched().await;
}

/// What Helm's marks are on is Helm's to delete.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_namespace_that_somebody_makes_meanwhile_is_not_given_to_helm() {
    let mut machine = with_own_namespace("meanwhile", "{}").await;
    let (kubeconfig, programs) = (cluster::kubeconfig(), cluster::programs());
    let counted = machine.path("/rendered");
    // The rehearsal renders the chart once for it, and the redemption once more.
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = template ]; then\n  echo once >> {counted}\n  [ \"$(wc -l < {counted})\" != 2 ] || \
         {programs}/kubectl --kubeconfig {kubeconfig} create namespace {name} > /dev/null\nfi\nexec {programs}/helm \"$@\"\n",
        counted = counted.display(),
        programs = programs.display(),
        kubeconfig = kubeconfig.display(),
        name = machine.namespace.name,
    );
    machine.write("/bin/helm", &script, 0o755);
    machine.set("bootstrap.helm", "/bin/helm");
    let ended = machine.run().await;
    assert_eq!(std::fs::read_to_string(&counted).expect("it was rendered").lines().count(), 2, "{}", ended.stdout);
    let jsonpath = "jsonpath={.metadata.annotations}";
    let marks = cluster::kubectl(&["get", "namespace", &machine.namespace.name, "--output", jsonpath]).await;
    assert!(!marks.contains("meta.helm.sh"), "{marks}\n{}", ended.stdout);
}
