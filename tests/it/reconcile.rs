//! An appliance that has come to another address: what follows from that follows it, once, and nothing else changes.

use std::{collections::BTreeMap, fs};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use serde_json::json;
use tokio::process::Command;
use toml_edit::{Array, Value};

use crate::support::{
    Machine, cluster,
    process::{self, Ended},
    systemd::Systemd,
    until,
};

const ENV: &str = "/etc/nexus/gateway.env";

/// A gateway's shape: an issuer, the pages to which a sign-in may return, a file, a certificate, and what reads them when it
/// starts.
fn with_address(mut machine: Machine, restart: &str) -> Machine {
    machine.add_to_profile(&format!(
        "[endpoint]\nkind = 'url'\nscheme = 'https'\n[endpoint.targets]\n\
         'secret:gateway-env/AUTH_SERVER_ISSUER' = '{{origin}}/'\n'file:{ENV}#PUBLIC_URL' = '{{origin}}/v1'\n\
         'secret:gateway-env/REDIRECT_URIS' = {{ text = '{{origin}}/cb', keep = ',' }}\n\
         [pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt']\n\
         [pki.leaf]\nkey = 'secret:tls/tls.key'\ncertificate = ['secret:tls/tls.crt']\n\
         [reconcile]\nrestart = [{restart}]\n"
    ));
    machine.set("endpoint.sources", Value::Array(["answer", "hostname", "interface"].into_iter().collect::<Array>()));
    machine
}

/// The machine has a name in this domain.
fn name(machine: &Machine, domain: &str) -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("proc is mounted");
    let host = host.trim().split('.').next().unwrap_or_default();
    machine.write("/etc/hosts", &format!("127.0.0.1 {host}.{domain} {host}\n"), 0o644);
    format!("https://{host}.{domain}")
}

fn command(machine: &Machine, arguments: &[&str]) -> Command {
    let mut command = process::firstlight();
    command.args(["reconcile", "--output", "json"]).args(arguments);
    machine.places(command)
}

async fn reconcile(machine: &Machine) -> Ended {
    process::run(command(machine, &[])).await
}

type Texts = BTreeMap<String, String>;

/// Everything that there is, with the version of each object.
async fn texts(machine: &Machine) -> Texts {
    let mut texts = Texts::new();
    for name in ["gateway-env", "pki", "tls", "firstlight-endpoint"] {
        let Some(secret) = machine.namespace.get::<Secret>(name).await else { continue };
        texts.insert(format!("{name} version"), secret.metadata.resource_version.unwrap_or_default());
        let data = machine.namespace.secret(name).await.unwrap_or_default();
        texts.extend(data.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)));
    }
    texts.insert(ENV.to_owned(), fs::read_to_string(machine.path(ENV)).unwrap_or_default());
    texts
}

async fn deploy(machine: &Machine) {
    let labels = json!({"app": "web"});
    let container = json!({"name": "web", "image": "pause"});
    cluster::apply(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": machine.namespace.name},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
    }))
    .await;
}

/// How often the Deployment has changed.
async fn generation(machine: &Machine) -> i64 {
    let web = machine.namespace.get::<Deployment>("web").await.expect("the Deployment");
    web.metadata.generation.expect("every Deployment has one")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_follows_from_the_address_follows_it_and_nothing_else() {
    let machine = with_address(Machine::new("reconcile").await, "'deployment:web', 'deployment:not-there'");
    name(&machine, "old.example");
    let outcome = |ended: &Ended| [ended.done().outcome("reconcile"), ended.outcome("restart")];
    let early = reconcile(&machine).await;
    assert_eq!(outcome(&early)[0], "unchanged: this machine is not set up yet");
    machine.namespace.create().await;
    deploy(&machine).await;
    machine.run().await.done();
    assert_eq!(generation(&machine).await, 1, "nothing has read another address");
    let before = texts(&machine).await;
    assert_eq!(before["firstlight-endpoint/source"], "hostname");

    let unchanged = reconcile(&machine).await;
    assert_snapshot!(
        "unchanged",
        outcome(&unchanged).join("\n").replace(&before["firstlight-endpoint/address"], "[old]")
    );
    assert_eq!(texts(&machine).await, before, "nothing is written");

    let new = name(&machine, "new.example");
    let foreseen = process::run(command(&machine, &["--dry-run"])).await;
    let told = format!(
        "unchanged: it is reached under `{new}`; to be written: `file:/etc/nexus/gateway.env#PUBLIC_URL`, `secret:gateway-env/AUTH_SERVER_ISSUER`, `secret:gateway-env/REDIRECT_URIS` and `secret:tls/tls.crt`"
    );
    assert_eq!(foreseen.done().outcome("reconcile"), told);
    assert_eq!(texts(&machine).await, before, "a rehearsal writes nothing");

    let moved = reconcile(&machine).await;
    assert_snapshot!("moved", outcome(&moved).join("\n").replace(&new, "[new]"));
    let after = texts(&machine).await;
    let changed: Vec<_> =
        after.iter().filter(|(place, text)| before[*place] != **text).map(|(place, _)| place).collect();
    assert_eq!(
        changed,
        [
            ENV,
            "firstlight-endpoint version",
            "firstlight-endpoint/address",
            "gateway-env version",
            "gateway-env/AUTH_SERVER_ISSUER",
            "gateway-env/REDIRECT_URIS",
            "tls version",
            "tls/tls.crt"
        ]
    );
    assert_eq!(after["gateway-env/AUTH_SERVER_ISSUER"], format!("{new}/"));
    assert_eq!(generation(&machine).await, 2);

    let again = reconcile(&machine).await;
    assert_eq!(outcome(&again)[1], "unchanged: nothing has to be started again");
    // A machine that does not know its name stays where it was, and takes no other address for it.
    machine.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644);
    let lost = reconcile(&machine).await;
    assert!(lost.stdout.contains("the last address stays"), "{}", lost.stdout);
    assert_eq!((texts(&machine).await, generation(&machine).await), (after, 2));
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_follows_from_the_time_alone_follows_it() {
    let mut machine = Machine::new("reconcile-time").await;
    machine.add_to_profile(
        "[pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt']\n\
         [pki.crl]\ntargets = ['configmap:well-known/crl.pem']\n",
    );
    machine.run().await.done();
    assert_eq!(reconcile(&machine).await.done().outcome("reconcile"), "unchanged: all 3 values are in place");
    // As if it were due.
    machine.namespace.kubectl(&["delete", "configmap", "well-known"]).await;
    assert_eq!(reconcile(&machine).await.done().outcome("reconcile"), "changed: signed `pki-crl`");
    let list = machine.namespace.config_map("well-known").await.expect("the ConfigMap");
    assert!(list["crl.pem"].starts_with("-----BEGIN X509 CRL-----"), "{list:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_that_somebody_has_chosen_stays() {
    let machine = with_address(Machine::new("reconcile-chosen").await, "'deployment:web'");
    name(&machine, "old.example");
    machine.answer_also("[endpoint]\nurl = \"https://appliance.example\"\n");
    machine.run().await.done();
    let before = texts(&machine).await;
    assert_eq!(before["firstlight-endpoint/source"], "answer");
    name(&machine, "new.example");
    reconcile(&machine).await.done();
    assert_eq!(texts(&machine).await, before);
    // Without the record nothing is known of an address; and one that is none is told.
    machine.namespace.kubectl(&["delete", "secret", "firstlight-endpoint", "tls"]).await;
    let lost = reconcile(&machine).await;
    assert!(lost.done().stdout.contains("is not recorded"), "{}", lost.stdout);
    // A key alone would give its Secret a type that no ingress takes, and that nobody can change.
    assert_eq!(machine.namespace.secret("tls").await, None);
    machine.run().await.done();
    let tls = machine.namespace.get::<Secret>("tls").await.expect("the Secret");
    assert_eq!(tls.type_.as_deref(), Some("kubernetes.io/tls"));
    machine.namespace.kubectl(&["delete", "secret", "firstlight-endpoint"]).await;
    machine
        .namespace
        .write_secret("somebody", "firstlight-endpoint", &[("address", "garbage"), ("source", "answer")])
        .await;
    let told = reconcile(&machine).await.told();
    assert!(told.starts_with("value-malformed: what is in `secret:firstlight-endpoint/address`"), "{told}");
    machine.namespace.kubectl(&["delete", "secret", "firstlight-endpoint"]).await;
    // What is lost comes back, but no root is made.
    machine.namespace.kubectl(&["delete", "secret", "pki"]).await;
    let told = reconcile(&machine).await.told();
    assert!(told.starts_with("key-lost: `pki-root-key` is nowhere to be found"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_power_cut_at_any_point_leads_to_one_restart() {
    let points = {
        let machine = with_address(Machine::new("reconcile-trace").await, "'deployment:web'");
        name(&machine, "old.example");
        machine.run().await.done();
        deploy(&machine).await;
        name(&machine, "new.example");
        let trace = machine.path("/trace");
        let mut command = command(&machine, &[]);
        process::run_with(command.env("FIRSTLIGHT_POINT_TRACE", &trace)).await.done();
        fs::read_to_string(trace).expect("the trace").lines().count()
    };
    assert!(points > 10, "{points}");
    for place in 1..=points {
        let machine = with_address(Machine::new("reconcile-cut").await, "'deployment:web'");
        let old = name(&machine, "old.example");
        machine.run().await.done();
        deploy(&machine).await;
        let new = name(&machine, "new.example");
        let mut cut = command(&machine, &[]);
        let cut = process::run_with(cut.env("FIRSTLIGHT_POINT", format!("kill:#{place}"))).await;
        assert_eq!(cut.code, None, "{place}");
        reconcile(&machine).await.done();
        let after = texts(&machine).await;
        assert_eq!(after["gateway-env/AUTH_SERVER_ISSUER"], format!("{new}/"));
        assert_eq!(after["gateway-env/REDIRECT_URIS"], format!("{old}/cb,{new}/cb"), "{place}");
        assert!(after[ENV].contains(&new), "{place}");
        assert_eq!(generation(&machine).await, 2, "{place}: started again once");
        assert_eq!(reconcile(&machine).await.done().outcome("restart"), "unchanged: nothing has to be started again");
    }
}

/// Who is still on an old address can finish there, wherever the list is and whoever has written in it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_list_keeps_the_old_texts_beside_the_new_one() {
    let mut machine = with_address(Machine::new("reconcile-list").await, "'deployment:web'");
    let target = |place: &str, separator: &str| {
        let list = format!("list = {{ text = '{{origin}}/cb', keep = '{separator}' }}");
        let list: toml_edit::DocumentMut = list.parse().expect("TOML");
        (place.to_owned(), list["list"].as_value().expect("a value").clone())
    };
    let file = format!("file:{ENV}#REDIRECT_URIS");
    for (place, list) in [target("configmap:clients/uris", " "), target(&file, ";")] {
        machine.set_in("endpoint.targets", &place, list);
    }
    let lists = async || {
        let secret = machine.namespace.secret("gateway-env").await.expect("the Secret")["REDIRECT_URIS"].clone();
        let config_map = machine.namespace.config_map("clients").await.expect("the ConfigMap")["uris"].clone();
        let file = fs::read_to_string(machine.path(ENV)).expect("the file");
        let file = file.lines().find_map(|line| line.strip_prefix("REDIRECT_URIS="));
        let file = file.expect("the variable").trim_matches('"').to_owned();
        [(secret, ','), (config_map, ' '), (file, ';')]
            .map(|(list, separator)| list.split(separator).map(str::to_owned).collect::<Vec<_>>())
    };
    let callbacks = |all: &[&str]| all.iter().map(|one| format!("{one}/cb")).collect::<Vec<_>>();
    let old = name(&machine, "old.example");
    machine.run().await.done();
    assert_eq!(lists().await, [(); 3].map(|()| callbacks(&[&old])));

    // Somebody adds to a list of theirs, and by that has it.
    let theirs = format!(r#"{{"stringData":{{"REDIRECT_URIS":"https://theirs/cb,{old}/cb"}}}}"#);
    machine.namespace.kubectl(&["patch", "secret", "gateway-env", "--type=merge", "--patch", &theirs]).await;
    let before = texts(&machine).await;
    assert_eq!(reconcile(&machine).await.done().outcome("restart"), "unchanged: nothing has to be started again");
    assert_eq!(texts(&machine).await, before, "it is as it should be");
    let new = name(&machine, "new.example");
    reconcile(&machine).await.done();
    let [secret, config_map, file] = lists().await;
    assert_eq!(secret, callbacks(&["https://theirs", &old, &new]));
    assert_eq!([config_map, file], [(); 2].map(|()| callbacks(&[&old, &new])));

    // Moved twice, by a setup that is run again: both old ones are there, each once. Back again, nothing is new.
    let third = name(&machine, "third.example");
    machine.run().await.done();
    let moved = lists().await;
    assert_eq!(moved[0], callbacks(&["https://theirs", &old, &new, &third]));
    assert_eq!(moved[1..], [(); 2].map(|()| callbacks(&[&old, &new, &third])));
    name(&machine, "old.example");
    reconcile(&machine).await.done();
    assert_eq!(lists().await, moved);

    // What is no list, somebody has for themselves, and then nothing is written; their list is no reason for that.
    let theirs = r#"{"stringData":{"AUTH_SERVER_ISSUER":"https://theirs/","REDIRECT_URIS":"https://theirs/cb"}}"#;
    machine.namespace.kubectl(&["patch", "secret", "gateway-env", "--type=merge", "--patch", theirs]).await;
    let told = reconcile(&machine).await.failed(ErrorId::FieldConflict).told();
    assert!(told.contains("AUTH_SERVER_ISSUER") && !told.contains("REDIRECT_URIS"), "{told}");
    assert_eq!(lists().await[0], ["https://theirs/cb"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn a_unit_that_reads_the_address_is_started_again_and_one_that_does_not_run_is_not() {
    let machine = with_address(Machine::new("reconcile-units").await, "'unit:reads.service', 'unit:rests.service'");
    let service = "[Service]\nExecStart=/bin/sleep 1000\n";
    let systemd = Systemd::start(&machine.root(), &[("reads.service", service), ("rests.service", service)]).await;
    systemd.start_until("reads.service", "active").await;
    name(&machine, "old.example");
    machine.run().await.done();
    let before = systemd.invocation("reads.service").await;
    name(&machine, "new.example");
    let moved = reconcile(&machine).await;
    assert_eq!(moved.done().outcome("restart"), "changed: started `unit:reads.service` again");
    assert_ne!(systemd.invocation("reads.service").await, before);
    assert_eq!(systemd.state("rests.service").await, "inactive");
}

/// One that has been started again is not once more because another one was not.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn a_unit_that_does_not_start_again_is_told_and_tried_again() {
    let machine = with_address(Machine::new("reconcile-failing").await, "'unit:good.service', 'unit:bad.service'");
    let stops = machine.path("/stops");
    let bad =
        format!("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'test ! -e {}'\n", stops.display());
    let good = "[Service]\nExecStart=/bin/sleep 1000\n";
    let systemd = Systemd::start(&machine.root(), &[("good.service", good), ("bad.service", &bad)]).await;
    for unit in ["good.service", "bad.service"] {
        systemd.start_until(unit, "active").await;
    }
    name(&machine, "old.example");
    machine.run().await.done();
    let before = systemd.invocation("good.service").await;
    name(&machine, "new.example");
    machine.write("/stops", "", 0o644);
    let told = reconcile(&machine).await.failed(ErrorId::ServiceFailed).told();
    assert!(told.contains("`bad.service` has failed") && !told.contains("good.service"), "{told}");
    let once = systemd.invocation("good.service").await;
    assert_ne!(once, before);
    fs::remove_file(stops).expect("removed");
    reconcile(&machine).await.done();
    assert_eq!(systemd.state("bad.service").await, "active");
    assert_eq!(systemd.invocation("good.service").await, once, "it has what there is");
    assert_eq!(reconcile(&machine).await.done().outcome("restart"), "unchanged: nothing has to be started again");
}

/// Until systemd comes to it, a unit is as it was before: active, of the old run.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn a_restart_that_systemd_has_not_come_to_yet_is_waited_for() {
    let machine = with_address(Machine::new("reconcile-queued").await, "'unit:bad.service'");
    let (stops, stopped) = (machine.path("/stops"), machine.path("/stopped"));
    let bad =
        format!("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'test ! -e {}'\n", stops.display());
    // What is stopped with it is stopped before it, and takes its time.
    let slow = format!(
        "[Unit]\nAfter=bad.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n\
         ExecStop=/bin/sh -c 'until test -e {}; do sleep 0.1; done'\n",
        stopped.display()
    );
    let systemd = Systemd::start(&machine.root(), &[("bad.service", &bad), ("slow.service", &slow)]).await;
    for unit in ["bad.service", "slow.service"] {
        systemd.start_until(unit, "active").await;
    }
    name(&machine, "old.example");
    machine.run().await.done();
    systemd.stop_until("slow.service", "deactivating").await;
    name(&machine, "new.example");
    machine.write("/stops", "", 0o644);
    let queued = async {
        until("the restart is queued", || async { systemd.is_queued("bad.service").await.then_some(()) }).await;
        machine.write("/stopped", "", 0o644);
    };
    let (told, ()) = tokio::join!(reconcile(&machine), queued);
    let told = told.failed(ErrorId::ServiceFailed).told();
    assert!(told.contains("`bad.service` has failed"), "{told}");
}

/// All of it or nothing: the Secret waits for the file.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_file_that_cannot_be_written_keeps_the_objects_as_they_are() {
    let machine = with_address(Machine::new("reconcile-file").await, "'deployment:web'");
    name(&machine, "old.example");
    machine.run().await.done();
    deploy(&machine).await;
    let before = texts(&machine).await;
    name(&machine, "new.example");
    let link = machine.path("/etc/nexus/other.env");
    fs::hard_link(machine.path(ENV), &link).expect("a link");
    let told = reconcile(&machine).await.failed(ErrorId::FileUnusable).told();
    assert!(told.contains("gateway.env"), "{told}");
    assert_eq!((texts(&machine).await, generation(&machine).await), (before, 1));
    fs::remove_file(link).expect("removed");
    reconcile(&machine).await.done();
    assert_eq!(generation(&machine).await, 2);
}
