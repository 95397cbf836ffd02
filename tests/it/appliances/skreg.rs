//! The registry: keys in the form that each reader takes, one authority, Secrets in two namespaces.

use firstlight::error::ErrorId;
use jiff::Timestamp;
use serde_json::json;

use super::{Data, appliance, becomes_available, data, versions};
use crate::{
    pki::Files,
    support::{
        Machine,
        cluster::{self, Namespace},
        web::{Web, answer},
    },
};

/// Everything that is written besides the two Secrets, each key by its object; those of the other namespace with `infra/`.
async fn everything(machine: &Machine, infra: &Namespace) -> Data {
    let mut all = data(machine, &["skreg-pki", "skreg-db", "skreg-minio"]).await;
    for name in ["skreg-db", "skreg-minio"] {
        let data = infra.secret(name).await.unwrap_or_default();
        all.extend(data.into_iter().map(|(key, value)| (format!("infra/{name}/{key}"), value)));
    }
    let public = machine.namespace.config_map("skreg-well-known").await.unwrap_or_default();
    all.extend(public.into_iter().map(|(key, value)| (format!("skreg-well-known/{key}"), value)));
    all
}

const KEYS: [&str; 14] = [
    "infra/skreg-db/password",
    "infra/skreg-minio/AWS_ACCESS_KEY_ID",
    "infra/skreg-minio/AWS_SECRET_ACCESS_KEY",
    "infra/skreg-minio/rootPassword",
    "infra/skreg-minio/rootUser",
    "skreg-db/DATABASE_URL",
    "skreg-minio/AWS_ACCESS_KEY_ID",
    "skreg-minio/AWS_SECRET_ACCESS_KEY",
    "skreg-pki/PUBLISHER_CA_CERT_PEM",
    "skreg-pki/PUBLISHER_CA_KEY_PEM",
    "skreg-pki/REGISTRY_CA_KEY_PEM",
    "skreg-pki/ROOT_CA_CERT_PEM",
    "skreg-well-known/crl.pem",
    "skreg-well-known/root-ca.pem",
];

fn assert_values(all: &Data) {
    assert_eq!(all.keys().collect::<Vec<_>>(), KEYS);
    let password = &all["infra/skreg-db/password"];
    let url = format!("postgresql://skreg:{password}@skreg-db-postgresql.skreg-infra.svc:5432/skreg?sslmode=disable");
    assert_eq!(all["skreg-db/DATABASE_URL"], url);
    for (copy, of, length) in [
        ("infra/skreg-minio/AWS_ACCESS_KEY_ID", "infra/skreg-minio/rootUser", 20),
        ("skreg-minio/AWS_ACCESS_KEY_ID", "infra/skreg-minio/rootUser", 20),
        ("infra/skreg-minio/AWS_SECRET_ACCESS_KEY", "infra/skreg-minio/rootPassword", 32),
        ("skreg-minio/AWS_SECRET_ACCESS_KEY", "infra/skreg-minio/rootPassword", 32),
    ] {
        assert_eq!(all[copy], all[of], "{copy}");
        assert!(all[of].len() == length && all[of].bytes().all(|byte| byte.is_ascii_alphanumeric()), "{of}");
    }
    assert_eq!(all["skreg-well-known/root-ca.pem"], all["skreg-pki/ROOT_CA_CERT_PEM"]);
}

/// For how long a certificate is valid.
pub(crate) async fn days(files: &Files, certificate: &str) -> i64 {
    let shown = format!("x509 -in {certificate} -noout -startdate -enddate -dateopt iso_8601");
    let shown = files.openssl(&shown).await;
    let dates = shown.lines().map(|line| line.split_once('=').expect("a date").1.parse::<Timestamp>().expect("a date"));
    let [from, to] = dates.collect::<Vec<_>>()[..] else { unreachable!("{shown}") };
    to.duration_since(from).as_hours() / 24
}

async fn assert_authority(all: &Data) {
    let files = Files::of(all);
    let (root, publisher) = ("skreg-pki-ROOT_CA_CERT_PEM", "skreg-pki-PUBLISHER_CA_CERT_PEM");
    for (key, certificate, begins, bits, name, constraints, valid) in [
        ("REGISTRY_CA_KEY_PEM", root, "-----BEGIN RSA PRIVATE KEY-----\n", 4096, "Root", "CA:TRUE\n", 3650),
        (
            "PUBLISHER_CA_KEY_PEM",
            publisher,
            "-----BEGIN PRIVATE KEY-----\n",
            2048,
            "Publisher",
            "CA:TRUE, pathlen:0\n",
            1825,
        ),
    ] {
        assert!(all[&format!("skreg-pki/{key}")].starts_with(begins), "{key}");
        let key = format!("skreg-pki-{key}");
        let shown = files.openssl(&format!("pkey -in {key} -noout -text -check")).await;
        assert!(shown.contains(&format!("Private-Key: ({bits} bit")), "{key}");
        let of_key = files.openssl(&format!("pkey -in {key} -pubout")).await;
        assert_eq!(of_key, files.openssl(&format!("x509 -in {certificate} -noout -pubkey")).await, "{key}");
        let shown = "-noout -subject -issuer -nameopt RFC2253 -ext basicConstraints,keyUsage";
        let shown = files.openssl(&format!("x509 -in {certificate} {shown}")).await;
        let names = format!("subject=CN=skreg {name} CA,O=skreg\nissuer=CN=skreg Root CA,O=skreg\n");
        assert!(shown.starts_with(&names), "{shown}");
        assert!(shown.contains(&format!("Basic Constraints: critical\n    {constraints}")), "{shown}");
        assert!(shown.contains("Certificate Sign, CRL Sign"), "{shown}");
        assert_eq!(days(&files, certificate).await, valid, "{certificate}");
    }
    files.openssl(&format!("verify -x509_strict -CAfile {root} {publisher}")).await;
    let list = files.openssl(&format!("crl -in skreg-well-known-crl.pem -CAfile {root} -noout -text")).await;
    assert!(list.contains("verify OK") && list.contains("No Revoked Certificates"), "{list}");
}

pub(super) fn says(machine: &Machine, app: &Web) {
    machine.answer_also(&format!("[endpoint]\nurl = \"{}\"\n[answers]\nsender = \"skreg@acme.example\"\n", app.url()));
}

/// The registry's own answers.
pub(super) fn registry(request: &str) -> String {
    match request.split(' ').nth(1) {
        Some("/healthz") => answer("200 OK", "application/json", r#"{"status":"ok"}"#),
        Some("/.well-known/crl.pem") => {
            answer("200 OK", "application/x-pem-file", "-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n")
        }
        _ => answer("404 Not Found", "text/plain", ""),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn skreg() {
    let infra = Namespace::new("skreg-infra").await;
    let mut machine = appliance(Machine::new("skreg").await, "skreg", &[("skreg-infra", &infra)]);
    machine.set_value("infrastructure", infra.name.clone());
    let (app, moved) = (Web::start(registry).await, Web::start(registry).await);
    says(&machine, &app);
    machine.run().await.done();
    machine.assert_secrets().await;
    let first = everything(&machine, &infra).await;
    assert_values(&first);
    assert_authority(&first).await;
    // They end where a key has another form.
    for (namespace, name) in
        [(&infra, "postgresql"), (&machine.namespace, "skreg-api"), (&machine.namespace, "skreg-worker")]
    {
        becomes_available(namespace, name).await;
    }

    // Neither a second run nor another address changes any of it: only who asks is led elsewhere, and that is recorded.
    let all = async || {
        let mut all = versions(&[&machine.namespace, &infra]).await;
        all.retain(|object, _| !object.ends_with("/firstlight-endpoint"));
        all
    };
    let before = all().await;
    for app in [&app, &moved] {
        says(&machine, app);
        let again = machine.run().await;
        for step in ["identity", "redeem", "secrets", "bootstrap"] {
            assert!(again.done().outcome(step).starts_with("unchanged: "), "{step}: {}", again.stdout);
        }
        assert_eq!(all().await, before);
        assert!(app.asked().contains(&"GET /.well-known/crl.pem".to_owned()));
    }

    // Installed anew over what the cluster still has.
    machine.replace(machine.reissued(machine.minted.tenant_id));
    says(&machine, &moved);
    let two = ["appliance-initial-tenant", "appliance-license-seed"];
    machine.namespace.kubectl(&[&["delete", "secret"], &two[..]].concat()).await;
    assert!(machine.run().await.done().outcome("identity").starts_with("unchanged: "));
    machine.assert_secrets().await;
    assert_eq!(everything(&machine, &infra).await, first);

    assert_no_second_password(&machine, &infra).await;
}

/// Where the database's volume is, a password comes back from the other place in which it stands, and never anew.
async fn assert_no_second_password(machine: &Machine, infra: &Namespace) {
    cluster::apply(&json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "postgresql-data", "namespace": infra.name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }))
    .await;
    let before = everything(machine, infra).await;
    infra.kubectl(&["delete", "secret", "skreg-db"]).await;
    machine.run().await.done();
    assert_eq!(everything(machine, infra).await, before);
    for namespace in [infra, &machine.namespace] {
        namespace.kubectl(&["delete", "secret", "skreg-db"]).await;
    }
    let told = machine.run().await.failed(ErrorId::KeyLost).told();
    assert!(told.contains("database-password"), "{told}");
    assert!(infra.secret("skreg-db").await.is_none());
}
