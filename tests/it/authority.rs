//! An authority that somebody has made with OpenSSL: it signs as its own do, or is refused before the code is sent.

use std::fs;

use firstlight::error::ErrorId;

use crate::{
    pki::{Files, LEAF_FILE, Parts, ROOT_FILE, changed, parts, with_authority},
    support::{Machine, cluster::Namespace},
};

/// An authority of somebody's own; gives its key and its certificate.
async fn authority_of_openssl(name: &str, more: &str) -> (String, String) {
    let files = Files(tempfile::tempdir().expect("a temporary directory"));
    files.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem").await;
    let certificate = format!("req -x509 -new -key key.pem -days 3650 -out crt.pem -subj {name} {more}");
    files.openssl(&certificate).await;
    let read = |name| fs::read_to_string(files.path(name)).expect("written");
    (read("key.pem"), read("crt.pem"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn an_authority_of_somebodys_own_signs_or_is_refused_before_the_code_is_sent() {
    let usage = "-addext keyUsage=critical,keyCertSign,cRLSign";
    for (name, more, signs) in [
        ("/O=Acme/CN=Acme_Root", usage, true),
        // What we would write as another name.
        ("/O=Acme/OU=IT/OU=PKI/CN=Acme_Root", usage, false),
        ("/CN=Acme_Root", "-addext keyUsage=critical,keyCertSign", false),
    ] {
        let other = Namespace::new("pki-own-other").await;
        let machine = with_authority(Machine::new("pki-own").await, &other);
        let (key, certificate) = authority_of_openssl(name, more).await;
        machine.namespace.create().await;
        let data = [("root.key", key.as_str()), ("root.crt", certificate.as_str())];
        machine.namespace.write_secret("somebody", "pki", &data).await;
        let ended = machine.run().await;
        if signs {
            ended.done();
            let all = parts(&machine, &other).await;
            let files = Files::of(&all);
            files.openssl("verify -CAfile ca-ca.crt -untrusted pki-issuing.crt tls-tls.crt").await;
            assert_eq!((&all["pki/root.key"], &all["pki/root.crt"]), (&key, &certificate), "it stays as it is");
        } else {
            let told = ended.failed(ErrorId::CertificateFaulty).told();
            assert!(told.contains("cannot sign") || told.contains("may not sign"), "{told}");
            machine.assert_unspent();
            let there: Vec<_> = parts(&machine, &other).await.into_keys().collect();
            assert_eq!(there, ["pki/root.crt", "pki/root.key"], "nothing is made below it");
        }
    }
}

const ISSUING_FILE: &str = "/etc/ssl/appliance/issuing.pem";

/// A root, a leaf, and what `more` there is.
fn with_root(mut machine: Machine, more: &str) -> Machine {
    machine.add_to_profile(&format!(
        "[pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt', 'file:{ROOT_FILE}']\n\
         [pki.leaf]\nkey = 'secret:tls/tls.key'\ncertificate = ['secret:tls/tls.crt', 'file:{LEAF_FILE}']\n{more}"
    ));
    machine
}

/// What is there; none of it is anywhere else than on this machine and in its namespace.
async fn parts_of(machine: &Machine) -> Parts {
    parts(machine, &machine.namespace).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_authority_below_the_root_comes_later_and_of_two_certificates_neither_stays() {
    let mut machine = with_root(Machine::new("pki-below").await, "[endpoint]\nkind = 'url'\n");
    machine.answer_also("[endpoint]\nurl = \"https://appliance.example\"\n");
    machine.run().await.done();
    let alone = parts_of(&machine).await;
    machine.add_to_profile(&format!(
        "[pki]\n[pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt', 'file:{ROOT_FILE}']\n\
         [pki.leaf]\nkey = 'secret:tls/tls.key'\ncertificate = ['secret:tls/tls.crt', 'file:{LEAF_FILE}']\n\
         [pki.intermediate]\nkey = 'secret:pki/issuing.key'\ncertificate = ['secret:pki/issuing.crt', 'file:{ISSUING_FILE}']\n"
    ));
    machine.run().await.done();
    let below = parts_of(&machine).await;
    for stays in ["pki/root.key", "pki/root.crt", "tls/tls.key"] {
        assert_eq!(below[stays], alone[stays], "{stays}");
    }
    let verify = "verify -CAfile pki-root.crt -untrusted pki-issuing.crt tls-tls.crt";
    Files::of(&below).openssl(verify).await;

    // As if a renewal had been cut between its two places.
    machine.write(ISSUING_FILE, "", 0o644);
    let without = format!("[{{\"op\":\"remove\",\"path\":\"/data/{}\"}}]", "issuing.crt");
    machine.namespace.kubectl(&["patch", "secret", "pki", "--type=json", "-p", &without]).await;
    machine.run().await.done();
    let renewed = parts_of(&machine).await;
    assert_ne!(renewed["pki/issuing.crt"], below["pki/issuing.crt"]);
    machine.write(ISSUING_FILE, &below["pki/issuing.crt"], 0o644);
    let mended = machine.run().await;
    assert!(mended.done().outcome("identity").contains("signed `pki-intermediate-certificate`"), "{}", mended.stdout);
    let after = parts_of(&machine).await;
    assert_eq!(fs::read_to_string(machine.path(ISSUING_FILE)).expect("written"), after["pki/issuing.crt"]);
    for stays in ["pki/root.key", "pki/root.crt", "pki/issuing.key", "tls/tls.key"] {
        assert_eq!(after[stays], below[stays], "{stays}");
    }
    Files::of(&after).openssl(verify).await;

    // Half of a key is not replaced, whatever it was: whoever has put it there knows the rest.
    let half = format!("{{\"stringData\":{{\"tls.key\":{:?}}}}}", &after["tls/tls.key"][..100]);
    machine.namespace.kubectl(&["patch", "secret", "tls", "-p", &half]).await;
    let told = machine.run().await.failed(ErrorId::ValueMalformed).told();
    assert!(told.contains("is no `pki-leaf-key`") && !told.contains("BEGIN"), "{told}");
    let broken = parts_of(&machine).await;
    assert_eq!(changed(&after, &broken), ["tls/tls.key"]);
}
