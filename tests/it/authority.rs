//! An authority that somebody has made with OpenSSL: it signs as its own do, or is refused before the code is sent.

use std::fs;

use firstlight::error::ErrorId;

use crate::{
    pki::{Files, parts, with_authority},
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
        }
    }
}
