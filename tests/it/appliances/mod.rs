//! The profiles of real appliances, on a real API server, with a chart in the appliance's own shape: every object, key and
//! format that it documents.

mod cut;
mod edge;
mod nexus_gateway;
mod skreg;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Secret},
};

use crate::{
    scrub::assert_scrubbed,
    support::{
        Machine,
        cluster::Namespace,
        machine::answers,
        process, repository, until,
        web::{Web, answer},
    },
};

type Data = BTreeMap<String, String>;

/// The profile of an appliance.
fn profile(name: &str) -> String {
    fs::read_to_string(repository().join(format!("assets/profiles/{name}.toml"))).expect("the profile")
}

/// A machine with the profile of an appliance, and its chart; other namespaces are this test's own.
fn appliance(mut machine: Machine, name: &str, others: &[(&str, &Namespace)]) -> Machine {
    let text = profile(name);
    let renamed = |text: String, (theirs, ours): &(&str, &Namespace)| {
        text.replace(&format!(":{theirs}/"), &format!(":{}/", ours.name))
    };
    machine.use_profile_of_appliance(&others.iter().fold(text, renamed));
    let chart = repository().join("tests/charts").join(name);
    for file in ["Chart.yaml", "values.yaml", "templates/all.yaml"] {
        let text = fs::read_to_string(chart.join(file)).expect("a file of the chart");
        machine.write(&format!("/chart/{file}"), &text, 0o644);
    }
    machine.set("bootstrap.chart", "/chart").set("bootstrap.timeout-seconds", 90);
    machine
}

/// The data of these Secrets, each under `SECRET/KEY`.
async fn data(machine: &Machine, secrets: &[&str]) -> Data {
    let mut all = Data::new();
    for name in secrets {
        let data = machine.namespace.secret(name).await.unwrap_or_default();
        all.extend(data.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)));
    }
    all
}

/// The version of every Secret and `ConfigMap` in these namespaces, each of which changes with every write.
async fn versions(namespaces: &[&Namespace]) -> Data {
    let mut all = Data::new();
    for namespace in namespaces {
        let secrets = namespace.list::<Secret>().await.into_iter().map(|secret| secret.metadata);
        let config_maps = namespace.list::<ConfigMap>().await.into_iter().map(|config_map| config_map.metadata);
        for (kind, metadata) in secrets.map(|one| ("secret", one)).chain(config_maps.map(|one| ("configmap", one))) {
            let name = format!("{kind} {}/{}", namespace.name, metadata.name.expect("a name"));
            all.insert(name, metadata.resource_version.expect("a version"));
        }
    }
    all
}

/// A second run changes nothing; and a machine that is installed anew, with a code that was issued again, over what the
/// cluster still has, has the same values.
async fn assert_stays(mut machine: Machine, also: &str, secrets: &[&str]) {
    let (before, written) = (data(&machine, secrets).await, versions(&[&machine.namespace]).await);
    let again = machine.run().await;
    for step in ["identity", "redeem", "secrets", "bootstrap"] {
        assert!(again.done().outcome(step).starts_with("unchanged: "), "{step}: {}", again.stdout);
    }
    assert_eq!(versions(&[&machine.namespace]).await, written);
    machine.replace(machine.reissued(machine.minted.tenant_id));
    machine.answer_also(also);
    let two = ["appliance-initial-tenant", "appliance-license-seed"];
    machine.namespace.kubectl(&[&["delete", "secret"], &two[..]].concat()).await;
    let reinstalled = machine.run().await;
    assert!(reinstalled.done().outcome("identity").starts_with("unchanged: "), "{}", reinstalled.stdout);
    assert_eq!(data(&machine, secrets).await, before);
    machine.assert_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_profile_is_sound() {
    let folder = repository().join("assets/profiles");
    let files = fs::read_dir(folder).expect("the profiles").map(|entry| entry.expect("a file").path());
    let files: BTreeSet<_> = files.collect();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
    assert_eq!(names, cut::ALL, "each is cut by power in a test of its own");
    for profile in &files {
        let mut command = process::firstlight();
        command.args(["profile", "check"]).arg(profile);
        let ended = process::run(command).await;
        assert_eq!(ended.code, Some(0), "{}: {}{}", profile.display(), ended.stdout, ended.stderr);
    }
}

async fn becomes_available(namespace: &Namespace, name: &str) {
    let is_available = |deployment: Deployment| deployment.status?.available_replicas.filter(|replicas| *replicas == 1);
    let look = || async { namespace.get::<Deployment>(name).await.and_then(is_available).map(drop) };
    until(&format!("{name} is available"), look).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn nexus_broker() {
    let machine = appliance(Machine::new("nexus-broker").await, "nexus-broker", &[]);
    let also = "[answers]\nreturn-domains = \"app.acme.example\"\n";
    machine.answer_also(also);
    machine.run().await.done();
    machine.assert_secrets().await;
    let secrets = ["broker-env", "gateway-env", "postgres"];
    let first = data(&machine, &secrets).await;
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "broker-env/API_KEY",
            "broker-env/DATABASE_URL",
            "broker-env/ENCRYPTION_KEY",
            "broker-env/STATE_KEY",
            "gateway-env/BROKER_API_KEY",
            "gateway-env/STATE_KEY",
            "postgres/POSTGRES_PASSWORD",
        ]
    );
    for key in ["broker-env/ENCRYPTION_KEY", "broker-env/STATE_KEY"] {
        assert_eq!(STANDARD.decode(&first[key]).expect("base64").len(), 32, "{key}");
    }
    assert_ne!(first["broker-env/ENCRYPTION_KEY"], first["broker-env/STATE_KEY"]);
    assert_eq!(first["broker-env/STATE_KEY"], first["gateway-env/STATE_KEY"]);
    assert_eq!(first["broker-env/API_KEY"], first["gateway-env/BROKER_API_KEY"]);
    assert!(
        first["broker-env/API_KEY"].len() == 64 && first["broker-env/API_KEY"].bytes().all(|b| b.is_ascii_hexdigit())
    );
    // They end where a key has another form or a switch is off: that they run says that they took what they were given.
    becomes_available(&machine.namespace, "nexus-broker").await;
    becomes_available(&machine.namespace, "nexus-gateway").await;

    assert_stays(machine, also, &secrets).await;
}

/// What the operator says to `alga-psa`: where it is reached, and a password of all four classes.
fn says(machine: &Machine, app: &Web) {
    let answers = answers(&machine.minted.code.grouped(), "Nine-green-Lamps!4");
    machine.write("/answers.toml", &format!("{answers}[endpoint]\nurl = \"{}\"\n", app.url()), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes three namespaces)"]
async fn alga_psa() {
    let (system, status) = (Namespace::new("alga-system").await, Namespace::new("alga-status").await);
    let namespaces = [("alga-system", &system), ("appliance-system", &status)];
    let mut machine = appliance(Machine::new("alga-psa").await, "alga-psa", &namespaces);
    let page = |_request: &str| answer("200 OK", "text/html", "<title>AlgaPSA</title>");
    let (app, moved) = (Web::start(page).await, Web::start(page).await);

    // What the product's own pages would refuse, and what its bootstrap cannot do without.
    let refused = machine.run().await;
    assert!(refused.code == Some(10) && refused.stdout.contains("administrator.password"), "{}", refused.stdout);
    says(&machine, &app);
    let sound = fs::read_to_string(machine.path("/answers.toml")).expect("the answers");
    machine.write("/answers.toml", &sound.replace("name = \"Acme Managed Services\"\n", ""), 0o600);
    let refused = machine.run().await;
    assert!(refused.code == Some(10) && refused.stdout.contains("tenant.name"), "{}", refused.stdout);

    says(&machine, &app);
    machine.run().await.done();
    assert_scrubbed(&machine, 1).await;
    let shared = data(&machine, &["alga-psa-shared", "appliance-license-seed", "db-credentials"]).await;
    assert_eq!(URL_SAFE_NO_PAD.decode(&shared["alga-psa-shared/ALGA_AUTH_KEY"]).expect("base64url").len(), 32);
    let token = status.secret("appliance-status-auth").await.expect("the Secret")["token"].clone();
    assert_eq!(URL_SAFE_NO_PAD.decode(&token).expect("base64url").len(), 24);
    let values = async |release: &str| {
        let values = system.config_map(&format!("appliance-values-{release}")).await.expect("the ConfigMap");
        values[&format!("{release}.single-node.yaml")].clone()
    };
    let of_core = |app: &Web| format!("appUrl: {}\nhost: 127.0.0.1\ndomainSuffix: \"\"\n", app.url());
    let of_worker = |app: &Web| format!("publicBaseUrl: {}\n", app.url());
    assert_eq!((values("alga-core").await, values("temporal-worker").await), (of_core(&app), of_worker(&app)));
    // It ends where its key has another form.
    becomes_available(&machine.namespace, "alga-core-sebastian").await;

    let again = machine.run().await;
    for step in ["identity", "redeem", "secrets", "bootstrap", "scrub"] {
        assert!(again.done().outcome(step).starts_with("unchanged: "), "{step}: {}", again.stdout);
    }
    // Another address changes what is made of it, and nothing else.
    says(&machine, &moved);
    assert!(machine.run().await.done().outcome("identity").starts_with("changed: "));
    assert_eq!((values("alga-core").await, values("temporal-worker").await), (of_core(&moved), of_worker(&moved)));
    let secrets = ["alga-psa-shared", "appliance-license-seed", "db-credentials"];
    assert_eq!(data(&machine, &secrets).await, shared);
    assert_scrubbed(&machine, 1).await;

    // Installed anew over what the cluster still has.
    machine.replace(machine.reissued(machine.minted.tenant_id));
    says(&machine, &moved);
    let two = ["appliance-initial-tenant", "appliance-license-seed"];
    machine.namespace.kubectl(&[&["delete", "secret"], &two[..]].concat()).await;
    assert!(machine.run().await.done().outcome("identity").starts_with("unchanged: "));
    let stays = ["alga-psa-shared", "db-credentials"];
    let now = data(&machine, &stays).await;
    assert!(now.iter().all(|(key, value)| shared[key] == *value), "another value");
    assert_eq!(status.secret("appliance-status-auth").await.expect("the Secret")["token"], token);
    assert_scrubbed(&machine, 2).await;
}
