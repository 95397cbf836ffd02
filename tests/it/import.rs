//! An appliance that is set up has its own key signed by a company's authority, or is given a certificate with its key.

use std::{fs, path::Path};

use firstlight::error::ErrorId;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    own::{Company, EC, NAMES, SERVER, assert_shown, parts_of, with_leaf},
    pki::{Files, LEAF_FILE, changed},
    support::{
        Machine, cluster,
        process::{self, Ended},
    },
};

/// `firstlight certificate …` of this machine.
pub(crate) fn certificate(machine: &Machine, what: &[&str]) -> Command {
    let mut command = process::firstlight();
    command.arg("certificate").args(what).args(["--output", "json"]);
    machine.places(command)
}

async fn run(machine: &Machine, what: &[&str]) -> Ended {
    process::run(certificate(machine, what)).await
}

async fn reconcile(machine: &Machine) -> Ended {
    let mut command = process::firstlight();
    command.args(["reconcile", "--output", "json"]);
    process::run(machine.places(command)).await
}

/// What a command of its own tells.
fn told(ended: &Ended) -> Value {
    ended.done().events().into_iter().next().expect("an event")
}

/// Has the company sign what the appliance asks for, and puts that where the appliance finds it.
async fn signed(machine: &Machine, company: &Company) {
    let asked = told(&run(machine, &["request"]).await);
    company.write("asked.csr", asked["pem"].as_str().expect("PEM"));
    company.sign("asked", "issuing", SERVER, "-days 300 -copy_extensions copyall").await;
    machine.write("/answer.pem", &company.all(&["asked.pem", "issuing.pem", "root.pem"]), 0o644);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_authority_signs_what_the_appliance_asks_for() {
    let company = Company::new().await;
    let mut machine = with_leaf(Machine::new("import").await);
    machine.add_to_profile("[reconcile]\nrestart = ['deployment:web']\n");
    run(&machine, &["request"]).await.refused(ErrorId::Usage);
    run(&machine, &["show"]).await.refused(ErrorId::Usage);
    machine.write("/answer.pem", &company.all(&["issuing.pem", "root.pem"]), 0o644);
    run(&machine, &["import", "/answer.pem"]).await.failed(ErrorId::Usage);
    machine.namespace.create().await;
    deploy(&machine).await;
    machine.run().await.done();
    let ours = parts_of(&machine).await;

    signed(&machine, &company).await;
    let asked = company.0.openssl("req -in asked.csr -verify -noout -subject -text").await;
    for said in ["verify OK", "CN = appliance.example", "DNS:appliance.example, DNS:localhost", "TLS Web Server"] {
        assert!(asked.contains(said), "{asked}");
    }
    let foreseen = run(&machine, &["import", "/answer.pem", "--dry-run"]).await;
    let outcome = foreseen.done().outcome("certificate");
    assert!(
        outcome.starts_with("unchanged: the certificate of your own will do: appliance.example, signed by"),
        "{outcome}"
    );
    assert!(outcome.contains("to be written: ") && outcome.contains(LEAF_FILE), "{outcome}");
    assert_eq!(parts_of(&machine).await, ours, "a rehearsal writes nothing");

    let imported = run(&machine, &["import", "/answer.pem"]).await;
    let outcome = imported.done().outcome("certificate");
    assert!(
        outcome.starts_with("changed: ") && outcome.contains("the certificate of your own is written"),
        "{outcome}"
    );
    assert_eq!(imported.outcome("restart"), "changed: started `deployment:web` again");
    let theirs = assert_shown(&machine, &company).await;
    assert_eq!(changed(&ours, &theirs), [LEAF_FILE, "tls/tls.crt"], "the key stays");

    for again in [run(&machine, &["import", "/answer.pem"]).await, reconcile(&machine).await, machine.run().await] {
        again.done();
        assert!(!again.stdout.contains("\"outcome\":\"changed\",\"summary\":\"the certificate"), "{}", again.stdout);
        assert_eq!(parts_of(&machine).await, theirs);
    }
    let shown = told(&run(&machine, &["show"]).await);
    let seen = |shown: &Value, key: &str| shown[key].as_str().expect("text").to_owned();
    assert_eq!(
        (seen(&shown["leaf"], "issuer"), seen(&shown["leaf"], "subject")),
        ("Corp_issuing".into(), "appliance.example".into())
    );
    let fingerprint = Files::of(&theirs).openssl("x509 -in tls-tls.crt -noout -fingerprint -sha256").await;
    let wanted = format!("sha256 Fingerprint={}\n", seen(&shown["leaf"], "sha256"));
    assert_eq!(fingerprint.to_lowercase(), wanted.to_lowercase());
    assert_eq!(shown["leaf"]["names"], json!(["appliance.example", "localhost", "127.0.0.1"]));
}

async fn deploy(machine: &Machine) {
    let labels = json!({"app": "web"});
    cluster::apply(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": machine.namespace.name},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "pause"}]}}},
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_with_its_key_takes_the_place_of_both_or_of_neither() {
    let company = Company::new().await;
    company.server("leaf", EC, &format!("{SERVER}{NAMES}"), "-days 300").await;
    company.write("above.pem", &company.all(&["issuing.pem", "root.pem"]));
    let export = "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile above.pem -passout pass:sesame";
    company.0.openssl(&format!("{export} -out own.p12")).await;
    let machine = with_leaf(Machine::new("import-key").await);
    machine.run().await.done();
    let ours = parts_of(&machine).await;
    fs::copy(company.0.path("own.p12"), machine.path("/own.p12")).expect("copied");
    machine.write("/right", "sesame\n", 0o600);
    machine.write("/wrong", "open\n", 0o600);
    machine.write("/chain.pem", &company.all(&["leaf.pem", "issuing.pem", "root.pem"]), 0o644);
    for (what, said) in [
        (&["/own.p12"][..], "no password is given"),
        (&["/own.p12", "--password-file", "/wrong"], "another password"),
        (&["/chain.pem"], "it is for another key than the appliance's"),
    ] {
        let refused = run(&machine, &[&["import"], what].concat()).await;
        let told = refused.failed(ErrorId::CertificateUnfit).told();
        assert!(told.contains(said), "{told}");
        assert_eq!(parts_of(&machine).await, ours);
    }
    run(&machine, &["import", "/own.p12", "--password-file", "/right"]).await.done();
    let theirs = assert_shown(&machine, &company).await;
    assert_eq!(changed(&ours, &theirs), [LEAF_FILE, "tls/tls.crt", "tls/tls.key"]);
    reconcile(&machine).await.done();
    assert_eq!(parts_of(&machine).await, theirs);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn what_was_cut_is_ended_by_whatever_runs_next() {
    let company = Company::new().await;
    let machine = with_leaf(Machine::new("import-cut").await);
    machine.run().await.done();
    signed(&machine, &company).await;
    let ours = parts_of(&machine).await;
    let trace = machine.path("/trace");
    let mut traced = certificate(&machine, &["import", "/answer.pem"]);
    traced.env("FIRSTLIGHT_POINT_TRACE", &trace);
    process::run(traced).await.done();
    let theirs = assert_shown(&machine, &company).await;
    let points = fs::read_to_string(Path::new(&trace)).expect("points were passed").lines().count();
    assert!(points > 4, "{points}");
    machine.write("/ours.pem", &format!("{}{}", ours["tls/tls.crt"], ours["pki/root.crt"]), 0o644);
    for place in 1..=points {
        run(&machine, &["import", "/ours.pem"]).await.done();
        assert_eq!(parts_of(&machine).await, ours, "{place}: the old one comes back");
        let mut cut = certificate(&machine, &["import", "/answer.pem"]);
        cut.env("FIRSTLIGHT_POINT", format!("kill:#{place}"));
        let cut = process::run(cut).await;
        assert_eq!(cut.code, None, "{place}");
        let before = parts_of(&machine).await;
        // Ours is still everywhere, or theirs comes everywhere: with the boot, or with the next try.
        reconcile(&machine).await.done();
        let after = parts_of(&machine).await;
        let begun = [LEAF_FILE, "tls/tls.crt"].iter().any(|part| before[*part] == theirs[*part]);
        assert_eq!(after, if begun { theirs.clone() } else { ours.clone() }, "{place}");
        run(&machine, &["import", "/answer.pem"]).await.done();
        assert_eq!(parts_of(&machine).await, theirs, "{place}");
    }
}
