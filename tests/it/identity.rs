//! Values that one appliance alone has: made once, in every place, whatever is lost or happens on the way.

use std::{collections::BTreeMap, fs};

use firstlight::error::ErrorId;
use k8s_openapi::api::core::v1::Secret;
use serde_json::json;
use tokio::process::Command;

use crate::{
    crash::points,
    support::{
        Machine,
        cluster::{self, Namespace},
        process::{self, Ended},
    },
};

const HUB: &str = "/etc/nexus/hub.env";

/// The broker's and the gateway's shape: keys in one place, in two, under two names, in a file, and a database's address.
fn with_values(mut machine: Machine, other: &Namespace) -> Machine {
    let other = &other.name;
    machine.add_to_profile(&format!(
        "[[generate]]\nid = 'encryption-key'\nformat = 'base64:32'\ntargets = ['secret:broker-env/ENCRYPTION_KEY']\n\
         data = ['path:/var/lib/postgresql']\n\
         [[generate]]\nid = 'state-key'\nformat = 'base64:32'\nrotate = 'manual'\ninvalidates = 'all sessions'\n\
         targets = ['secret:broker-env/STATE_KEY', 'secret:{other}/gateway-env/STATE_KEY', 'file:{HUB}#STATE_KEY']\n\
         [[generate]]\nid = 'api-key'\nformat = 'hex:32'\nrotate = 'manual'\n\
         targets = ['secret:broker-env/API_KEY', 'secret:{other}/gateway-env/BROKER_API_KEY']\n\
         [[generate]]\nid = 'database-password'\nformat = 'password:24'\ntargets = ['secret:database/password']\n\
         [[generate]]\nid = 'database-url'\nformat = 'url(postgresql://broker:{{database-password}}@db:5432/broker)'\n\
         targets = ['secret:broker-env/DATABASE_URL', 'file:{HUB}#DATABASE_URL']\n"
    ));
    machine
}

type Copies = BTreeMap<String, String>;

/// Every copy that is there, by its place.
async fn copies(machine: &Machine, other: &Namespace) -> Copies {
    let mut copies = Copies::new();
    for (namespace, name) in
        [(&machine.namespace, "broker-env"), (other, "gateway-env"), (&machine.namespace, "database")]
    {
        let data = namespace.secret(name).await.unwrap_or_default();
        copies.extend(data.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)));
    }
    let text = fs::read_to_string(machine.path(HUB)).unwrap_or_default();
    let assigned = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    copies.extend(assigned.map(|(key, value)| (format!("hub.env/{key}"), value.to_owned())));
    copies
}

/// Every value is in each of its places, and nobody has been told of one.
fn assert_whole(copies: &Copies, told: &[&Ended]) {
    let same = |one: &str, other: &str| assert_eq!(copies[one], copies[other], "{one}, {other}");
    same("broker-env/STATE_KEY", "gateway-env/STATE_KEY");
    same("broker-env/STATE_KEY", "hub.env/STATE_KEY");
    same("broker-env/API_KEY", "gateway-env/BROKER_API_KEY");
    same("broker-env/DATABASE_URL", "hub.env/DATABASE_URL");
    let password = &copies["database/password"];
    assert_eq!(copies["broker-env/DATABASE_URL"], format!("postgresql://broker:{password}@db:5432/broker"));
    assert_eq!(copies["broker-env/ENCRYPTION_KEY"].len(), 44);
    assert_eq!(copies["broker-env/API_KEY"].len(), 64);
    for (ended, (place, value)) in told.iter().flat_map(|ended| copies.iter().map(move |copy| (ended, copy))) {
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(place.ends_with("THEIRS") || !said.contains(value.as_str()), "{place} is told: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_one_appliance_alone_has_is_made_once_and_never_replaced() {
    let other = Namespace::new("identity-other").await;
    let machine = with_values(Machine::new("identity").await, &other);
    // Somebody has edited the file, and a Secret of theirs stands in the other namespace.
    machine.write(HUB, "# the hub's\nTHEIRS=1\nLOG_LEVEL=debug", 0o600);
    other.create().await;
    other.write_secret("somebody", "gateway-env", &[("THEIRS", "3")]).await;

    let rehearsed = machine.rehearse().await;
    assert!(rehearsed.done().stdout.contains("0 in place, 5 to be made"), "{}", rehearsed.stdout);
    assert_eq!(copies(&machine, &other).await.len(), 3, "a rehearsal writes nothing");
    let first = machine.run().await;
    let made = "`encryption-key`, `state-key`, `api-key`, `database-password` and `database-url`";
    assert_eq!(first.done().outcome("identity"), format!("changed: made {made}, once for this appliance"));
    let all = copies(&machine, &other).await;
    assert_whole(&all, &[&rehearsed, &first]);
    assert_eq!((all["gateway-env/THEIRS"].as_str(), all["hub.env/THEIRS"].as_str()), ("3", "1"));
    let text = fs::read_to_string(machine.path(HUB)).expect("the file");
    assert!(text.starts_with("# the hub's\nTHEIRS=1\nLOG_LEVEL=debug\nSTATE_KEY="), "theirs stays as it is");

    let again = machine.run().await;
    assert_eq!(again.done().outcome("identity"), "unchanged: all 5 values are in place");
    assert_eq!(copies(&machine, &other).await, all);

    // The data is there now; what is lost comes back from the other copies, as it was.
    machine.write("/var/lib/postgresql/PG_VERSION", "15", 0o600);
    fs::remove_file(machine.path(HUB)).expect("removed");
    other.kubectl(&["delete", "secret", "gateway-env"]).await;
    let restored = machine.run().await;
    let outcome = restored.done().outcome("identity");
    assert_eq!(outcome, "changed: missing copies are written again; all 5 values are kept");
    let now = copies(&machine, &other).await;
    assert_whole(&now, &[&again, &restored]);
    assert!(now.iter().all(|(place, value)| all[place] == *value), "another value");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_contradicts_itself_or_is_lost_is_told_before_the_code_is_sent() {
    let other = Namespace::new("contrary-other").await;
    let machine = with_values(Machine::new("contrary").await, &other);
    let one = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let two = "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    machine.namespace.create().await;
    other.create().await;
    machine.namespace.write_secret("somebody", "broker-env", &[("STATE_KEY", one), ("API_KEY", "short")]).await;
    other.write_secret("somebody", "gateway-env", &[("STATE_KEY", two)]).await;
    machine.write("/var/lib/postgresql/PG_VERSION", "15", 0o600);
    let before = copies(&machine, &other).await;

    let ended = machine.run().await;
    let failures = ended.failed(ErrorId::KeyLost).told();
    for said in [
        "key-lost: `encryption-key` is nowhere to be found, and data that was written with it is there: `path:/var/lib/postgresql`",
        "copies-differ: the copies of `state-key` are not the same: `secret:broker-env/STATE_KEY` (",
        "value-malformed: what is in `secret:broker-env/API_KEY` is no `api-key` of the form `hex:32`",
    ] {
        assert!(failures.contains(said), "{failures}");
    }
    assert!(![one, two].iter().any(|value| failures.contains(value)), "{failures}");
    machine.assert_unspent();
    assert_eq!(copies(&machine, &other).await, before, "nothing is overwritten, and nothing made besides");

    // Each mended as it says.
    fs::remove_dir_all(machine.path("/var/lib/postgresql")).expect("removed");
    other.kubectl(&["delete", "secret", "gateway-env"]).await;
    machine.namespace.kubectl(&["patch", "secret", "broker-env", "-p", r#"{"data": {"API_KEY": null}}"#]).await;
    machine.run().await.done();
    let now = copies(&machine, &other).await;
    assert_whole(&now, &[]);
    assert_eq!(now["gateway-env/STATE_KEY"], one, "what was there is taken over");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_power_cut_at_any_point_leaves_one_value() {
    let other = Namespace::new("identity-cut-other").await;
    let points = points(&with_values(Machine::new("identity-trace").await, &other)).await;
    let sent = points.iter().position(|point| point == "register.send").expect("it is passed");
    assert!(points[..sent].iter().any(|point| point == "file.renamed"), "{points:?}");
    for place in 1..=sent {
        other.kubectl(&["delete", "secret", "gateway-env", "--ignore-not-found"]).await;
        let machine = with_values(Machine::new("identity-cut").await, &other);
        assert_eq!(machine.cut_at(&format!("#{place}")).await.code, None, "{place}");
        let before = copies(&machine, &other).await;
        let ended = machine.run().await;
        ended.done();
        let after = copies(&machine, &other).await;
        assert_whole(&after, &[&ended]);
        assert!(before.iter().all(|(place, value)| after[place] == *value), "{place}: another value");
        assert_eq!(machine.service.store().claims().expect("the database answers"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_file_that_cannot_be_written_is_told_before_the_code_is_sent() {
    let other = Namespace::new("identity-file-other").await;
    let mut machine = with_values(Machine::new("identity-file").await, &other);
    machine.set("files.group", "nobody-has-this-group");
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::FileUnusable).told();
    assert!(told.contains("hub.env") && told.contains("there is no group `nobody-has-this-group`"), "{told}");
    machine.assert_unspent();
}

/// `firstlight rotate ID`, with further arguments.
fn rotating(machine: &Machine, arguments: &[&str]) -> Command {
    let mut command = process::firstlight();
    command.arg("rotate").args(arguments);
    machine.places(command)
}

async fn rotate(machine: &Machine, id: &str) -> Ended {
    process::run(rotating(machine, &[id, "--yes", "--output", "json"])).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_may_be_replaced_is_replaced_everywhere_and_when_somebody_asks_for_it() {
    let other = Namespace::new("rotate-other").await;
    let machine = with_values(Machine::new("rotate").await, &other);
    machine.run().await.done();
    let before = copies(&machine, &other).await;

    let unconfirmed = process::run(rotating(&machine, &["state-key"])).await;
    assert_eq!(unconfirmed.code, Some(2));
    for said in ["`state-key` was not replaced yet", "no longer good: all sessions", "gateway-env/STATE_KEY", "--yes"] {
        assert!(unconfirmed.stdout.contains(said), "{said}: {}", unconfirmed.stdout);
    }
    for (id, said) in [
        ("encryption-key", "`encryption-key` is never to be"),
        ("database-password", "`database-password` is never to be"),
        ("key", "it has `encryption-key`, `state-key`"),
    ] {
        let refused = rotate(&machine, id).await;
        assert_eq!(refused.code, Some(2));
        assert!(refused.stdout.contains(said), "{id}: {}", refused.stdout);
    }
    assert_eq!(copies(&machine, &other).await, before, "nothing was replaced");

    let rotated = rotate(&machine, "state-key").await;
    assert!(rotated.done().outcome("rotate").starts_with("changed: replaced `state-key`"), "{}", rotated.stdout);
    let after = copies(&machine, &other).await;
    assert_whole(&after, &[&rotated]);
    let changed: Vec<&String> =
        after.iter().filter(|(place, value)| before[*place] != **value).map(|copy| copy.0).collect();
    assert_eq!(changed, ["broker-env/STATE_KEY", "gateway-env/STATE_KEY", "hub.env/STATE_KEY"]);

    // Cut in two it leaves copies that are not the same: the next one makes them so again.
    for point in ["apply.send:2", "file.create"] {
        let mut command = rotating(&machine, &["state-key", "--yes"]);
        command.env("FIRSTLIGHT_POINT", format!("kill:{point}"));
        assert_eq!(process::run(command).await.code, None, "{point}");
        let contrary = machine.run().await;
        let told = contrary.failed(ErrorId::CopiesDiffer).told();
        assert!(told.contains("firstlight rotate state-key"), "{told}");
        rotate(&machine, "state-key").await.done();
        machine.run().await.done();
        assert_whole(&copies(&machine, &other).await, &[&contrary]);
    }
}

/// Values that are no text, objects with labels and a type of somebody else's, and volumes that hold data.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_somebody_else_has_made_is_taken_over_as_it_is() {
    let other = Namespace::new("theirs-other").await;
    let mut machine = with_values(Machine::new("theirs").await, &other);
    machine.namespace.create().await;
    other.create().await;
    let name = &other.name;
    cluster::apply(&json!({
        "apiVersion": "v1", "kind": "Secret", "type": "example.com/env",
        "metadata": {"name": "gateway-env", "namespace": name, "labels": {"app.kubernetes.io/managed-by": "Helm"}},
        "stringData": {"THEIRS": "3", "STATE_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
    }))
    .await;
    cluster::apply(&json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "broker-env", "namespace": machine.namespace.name},
        "data": {"ENCRYPTION_KEY": "//79/A=="},
    }))
    .await;
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::ValueMalformed).told();
    assert!(told.contains("what is in `secret:broker-env/ENCRYPTION_KEY` is no `encryption-key`"), "{told}");
    machine.namespace.kubectl(&["delete", "secret", "broker-env"]).await;

    // The volume of a database that is gone, but for it.
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data-0", "namespace": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "1Mi"}}},
    });
    cluster::apply(&claim).await;
    machine.add_to_profile(&format!(
        "[[generate]]\nid = 'encryption-key'\nformat = 'base64:32'\ntargets = ['secret:broker-env/ENCRYPTION_KEY']\n\
         data = ['claim:{name}/data-0']\n"
    ));
    let told = machine.run().await.failed(ErrorId::KeyLost).told();
    assert!(told.contains(&format!("`claim:{name}/data-0`")), "{told}");
    let machine = with_values(machine, &other);
    other.kubectl(&["delete", "pvc", "data-0"]).await;

    machine.run().await.done();
    let before = copies(&machine, &other).await;
    assert_whole(&before, &[]);
    assert_eq!(before["gateway-env/STATE_KEY"], "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    // Who asks for a new value means theirs as well; nothing else of the object becomes ours.
    rotate(&machine, "state-key").await.done();
    let after = copies(&machine, &other).await;
    assert_whole(&after, &[]);
    assert_ne!(after["gateway-env/STATE_KEY"], before["gateway-env/STATE_KEY"]);
    assert_eq!(after["gateway-env/THEIRS"], "3");
    let secret: Secret = other.get("gateway-env").await.expect("it is there");
    assert_eq!(secret.type_.as_deref(), Some("example.com/env"));
    assert_eq!(secret.metadata.labels.expect("labels")["app.kubernetes.io/managed-by"], "Helm");
}

/// A password that may never be replaced, and the address that is made of it and may.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_is_lost_is_made_by_no_rotation_either() {
    let mut machine = Machine::new("rotate-lost").await;
    machine.add_to_profile(
        "[[generate]]\nid = 'password'\nformat = 'password:24'\ntargets = ['secret:postgres/PASSWORD']\n\
         data = ['path:/var/lib/postgresql']\n\
         [[generate]]\nid = 'url'\nformat = 'url(postgresql://app:{password}@db/app)'\nrotate = 'manual'\n\
         targets = ['secret:app/URL']\n",
    );
    let nowhere = rotate(&machine, "url").await;
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.told());
    machine.run().await.done();
    machine.write("/var/lib/postgresql/PG_VERSION", "15", 0o600);
    machine.namespace.kubectl(&["delete", "secret", "postgres"]).await;
    machine
        .namespace
        .kubectl(&["patch", "secret", "app", "-p", r#"{"stringData": {"URL": "postgresql://other@db/"}}"#])
        .await;
    let told = rotate(&machine, "url").await.failed(ErrorId::KeyLost).told();
    assert!(told.contains("`password` is nowhere to be found"), "{told}");
    machine.run().await.failed(ErrorId::KeyLost);
}
