//! Where the appliance is reached: said once, it stands in every place, and a new one changes nothing else.

use std::fs;

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use serde_json::json;
use tokio::process::Command;
use toml_edit::{Array, Value};

use crate::{
    bootstrap::helm_release,
    support::{
        Machine, alone,
        cluster::Namespace,
        console::{Console, key},
        machine::PASSWORD,
        pages::Page,
        process,
    },
};

const ENV: &str = "/etc/nexus/gateway.env";

/// The gateway's shape: an issuer in a Secret, a file of a `ConfigMap` elsewhere, a variable of a file.
fn targets(other: &Namespace) -> String {
    let other = &other.name;
    format!(
        "[endpoint]\nkind = 'url'\n[endpoint.targets]\n'secret:gateway-env/AUTH_SERVER_ISSUER' = '{{origin}}/'\n\
         'configmap:{other}/gateway/config.yaml' = \"host: {{host}}\\n\"\n'file:{ENV}#PUBLIC_URL' = '{{origin}}/v1'\n"
    )
}

fn url(url: &str) -> String {
    format!("[endpoint]\nurl = \"{url}\"\n")
}

/// What stands in the Secret, the `ConfigMap` and the file.
async fn texts(machine: &Machine, other: &Namespace) -> [String; 3] {
    let secret = machine.namespace.secret("gateway-env").await.unwrap_or_default();
    let config_map = other.config_map("gateway").await.unwrap_or_default();
    let file = fs::read_to_string(machine.path(ENV)).unwrap_or_default();
    let at = |data: &std::collections::BTreeMap<String, String>, key| data.get(key).cloned().unwrap_or_default();
    [at(&secret, "AUTH_SERVER_ISSUER"), at(&config_map, "config.yaml"), file]
}

/// The versions of the Secret and the `ConfigMap`, each of which changes with every write.
async fn versions(machine: &Machine, other: &Namespace) -> [Option<String>; 2] {
    let secret = machine.namespace.get::<Secret>("gateway-env").await.expect("the Secret");
    let config_map = other.get::<ConfigMap>("gateway").await.expect("the ConfigMap");
    [secret.metadata.resource_version, config_map.metadata.resource_version]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn an_address_is_in_every_place_and_a_new_one_changes_nothing_else() {
    let other = Namespace::new("endpoint-other").await;
    let mut machine = Machine::new("endpoint").await;
    machine.add_to_profile(&targets(&other));
    machine.add_to_profile(
        "[[generate]]\nid = 'state-key'\nformat = 'base64:32'\ntargets = ['secret:gateway-env/STATE_KEY']\n",
    );
    other.create().await;
    machine.namespace.create().await;
    machine.namespace.write_secret("somebody", "gateway-env", &[("THEIRS", "3")]).await;
    machine.write(ENV, "# theirs\nPUBLIC_URL=http://localhost\nTHEIRS=1\n", 0o600);
    machine.answer_also(&url("http://192.168.1.50:3000/"));

    let rehearsed = machine.rehearse().await;
    let told = "0 in place, 1 to be made; the address is to be written to 3 places";
    assert!(rehearsed.done().stdout.contains(told), "{}", rehearsed.stdout);
    assert_eq!(texts(&machine, &other).await[..2], ["", ""], "a rehearsal writes nothing");
    let first = machine.run().await.done().outcome("identity").replace(&other.name, "[other]");
    assert_snapshot!(first, @"changed: made `state-key`, once for this appliance; the address `http://192.168.1.50:3000` is written to `configmap:[other]/gateway/config.yaml`, `file:/etc/nexus/gateway.env#PUBLIC_URL` and `secret:gateway-env/AUTH_SERVER_ISSUER`");
    let file = "# theirs\nPUBLIC_URL=http://192.168.1.50:3000/v1\nTHEIRS=1\n";
    assert_eq!(texts(&machine, &other).await, ["http://192.168.1.50:3000/", "host: 192.168.1.50\n", file]);
    let (key, before) = (machine.namespace.secret("gateway-env").await.expect("it"), versions(&machine, &other).await);
    assert_eq!(key["THEIRS"], "3");

    let again = machine.run().await;
    let outcome = again.done().outcome("identity");
    assert_eq!(outcome, "unchanged: the value is in place; the address `http://192.168.1.50:3000` is in place");
    assert_eq!(versions(&machine, &other).await, before, "an unchanged run writes nothing");

    // The host stays, so the ConfigMap does; what somebody else has changed is corrected.
    machine.answer_also(&url("https://192.168.1.50"));
    let moved = machine.run().await.done().outcome("identity");
    assert_snapshot!(moved, @"changed: the value is in place; the address `https://192.168.1.50` is written to `file:/etc/nexus/gateway.env#PUBLIC_URL` and `secret:gateway-env/AUTH_SERVER_ISSUER`");
    let file = "# theirs\nPUBLIC_URL=https://192.168.1.50/v1\nTHEIRS=1\n";
    assert_eq!(texts(&machine, &other).await, ["https://192.168.1.50/", "host: 192.168.1.50\n", file]);
    assert_eq!(versions(&machine, &other).await[1], before[1], "the ConfigMap is as it was");
    let now = machine.namespace.secret("gateway-env").await.expect("the Secret");
    assert_eq!((&now["STATE_KEY"], &now["THEIRS"]), (&key["STATE_KEY"], &key["THEIRS"]));
    assert_eq!(machine.sent(), 1);
}

/// Where this machine is reached over its default route, as its own tools say it.
pub(crate) async fn own_address() -> Option<String> {
    let output = Command::new("ip").args(["-4", "-o", "route", "get", "203.0.113.1"]).output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (_, rest) = text.split_once(" src ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_nobody_says_is_found_out() {
    let other = Namespace::new("endpoint-found-other").await;
    let mut machine = Machine::new("endpoint-found").await;
    machine.add_to_profile(&targets(&other));
    machine.set("endpoint.scheme", "http").set("endpoint.port", 3000);
    let sources = ["answer", "hostname", "interface"].into_iter().collect::<Array>();
    machine.set("endpoint.sources", Value::Array(sources));
    machine.write("/etc/hosts", &format!("127.0.0.1 {0}.acme.example {0}\n", host_name()), 0o644);
    machine.run().await.done();
    assert_eq!(texts(&machine, &other).await[0], format!("http://{}.acme.example:3000/", host_name()));

    // An answer comes before all of them.
    machine.answer_also(&url("https://appliance.acme.example"));
    machine.run().await.done();
    assert_eq!(texts(&machine, &other).await[0], "https://appliance.acme.example/");

    // A machine without a domain, and without the answer; one without a network is asked for it.
    machine.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644);
    machine.answer_also("");
    let Some(address) = own_address().await else { return };
    let found = machine.run().await;
    found.done();
    let told = format!("The appliance will be reached under http://{address}:3000. This is the address of ");
    assert!(found.stdout.contains(&told), "{}", found.stdout);
    assert_eq!(texts(&machine, &other).await[0], format!("http://{address}:3000/"));
    let arguments = ["--net", "--map-root-user"].map(std::ffi::OsStr::new);
    let alone = machine.arguments(process::firstlight_under("unshare", &arguments), "text");
    let ended = process::run(alone).await;
    assert!(ended.stdout.contains("endpoint.url: is missing"), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(machine.sent(), 1);
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").expect("proc is mounted");
    name.trim().split('.').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_wizard_proposes_what_it_finds() {
    let mut machine = Machine::new("endpoint-wizard").await;
    machine.add_to_profile("[endpoint]\nkind = 'url'\nscheme = 'http'\nport = 3000\n");
    machine.set("endpoint.sources", Value::Array(["answer", "hostname"].into_iter().collect()));
    machine.add_to_profile("[[generate]]\nid = 'key'\nformat = 'hex:16'\ntargets = ['secret:keys/KEY']\n");
    machine.write("/etc/hosts", &format!("127.0.0.1 {0}.acme.example {0}\n", host_name()), 0o644);
    let mut console = Console::open(machine.wizard(), (80, 24));
    console.answer_until(Page::Password, &machine.minted.code.grouped()).await;
    console.press(&format!("{PASSWORD}{0}{PASSWORD}{0}", key::ENTER)).await;
    console.wait_for_text("This is the name of this machine").await;
    console.press(key::ENTER).await;
    console.on(Page::Review).await;
    console.press(key::ENTER).await;
    console.on(Page::Done).await;
    console.wait_for_text(&format!("http://{}.acme.example:3000/", host_name())).await;
    console.press(key::ENTER).await;
    console.end().await.ended(0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn an_address_becomes_helm_values() {
    let other = Namespace::new("endpoint-chart-other").await;
    let mut machine = Machine::new("endpoint-chart").await.with_bootstrap();
    let values =
        "'value:global.host' = '{host}'\n'value:global.issuer' = '{origin}/'\n'value:global.port' = '{port}'\n";
    machine.add_to_profile(&(targets(&other) + values));
    machine.set("endpoint.value", "global.url");
    machine.answer_also(&url("http://[2001:db8::1]:3000"));
    let ended = machine.run().await;
    ended.done();
    let record = machine.namespace.get::<Secret>("sh.helm.release.v1.bootstrap.v1").await.expect("Helm's record");
    let given = json!({"global": {
        "url": "http://[2001:db8::1]:3000",
        "host": "2001:db8::1",
        "issuer": "http://[2001:db8::1]:3000/",
        "port": "3000",
    }});
    assert_eq!(helm_release(&record)["config"], given);
    assert_eq!(texts(&machine, &other).await[1], "host: 2001:db8::1\n");
    let again = machine.run().await;
    let told = ["rehearse", "identity", "redeem", "secrets", "bootstrap"].map(|step| again.done().outcome(step));
    assert!(told.iter().all(|outcome| outcome.starts_with("unchanged")), "{told:?}");

    // What the release was made with stays: it is the product's by now.
    machine.answer_also(&url("http://192.168.1.50:3000"));
    let moved = machine.run().await;
    let told = ["identity", "bootstrap"].map(|step| moved.done().outcome(step).replace(&other.name, "[other]"));
    assert!(told[0].contains("is written to `configmap:[other]/gateway/config.yaml`"), "{told:?}");
    assert!(told[1].starts_with("unchanged"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_cannot_be_written_is_told_before_the_code_is_sent() {
    let other = Namespace::new("endpoint-refused-other").await;
    let mut machine = Machine::new("endpoint-refused").await;
    machine.add_to_profile(&targets(&other));
    machine.answer_also(&url("http://a.example"));
    // A file in the place of its folder.
    machine.write("/etc/nexus", "", 0o600);
    let told = machine.run().await.failed(ErrorId::FileUnusable).told();
    assert!(told.contains("gateway.env"), "{told}");
    machine.assert_unspent();
}

#[tokio::test]
async fn an_answers_file_may_leave_out_what_its_machine_finds_out() {
    for (sources, sound) in [("'answer', 'interface'", true), ("'answer'", false)] {
        let folder = alone::folder();
        let endpoint = format!("[endpoint]\nkind = 'url'\nsources = [{sources}]\n");
        drop(alone::rehearsal(folder.path(), "https://license.invalid", &endpoint));
        let mut command = process::firstlight();
        command.args(["answers", "check"]).arg(folder.path().join("answers.toml"));
        let ended = process::run_with(command.arg("--profile").arg(folder.path().join("profile.toml"))).await;
        assert_eq!(ended.code == Some(0), sound, "{sources}: {}{}", ended.stdout, ended.stderr);
    }
}
