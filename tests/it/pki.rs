//! The appliance's own authority, as OpenSSL and others see it: made once, signed for the address that there is, never mixed
//! up.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Secret;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::process::Command;

use crate::{
    crash::points,
    support::{
        Machine,
        cluster::Namespace,
        hostile::{Answer, Front, Hostile},
        process::{self, Ended},
    },
};

pub(crate) const ROOT_FILE: &str = "/etc/ssl/appliance/root.pem";
pub(crate) const LEAF_FILE: &str = "/etc/ssl/appliance/leaf.pem";

/// Everything that there is: a root in three places, an authority below it, a leaf and a list.
pub(crate) fn with_authority(mut machine: Machine, other: &Namespace) -> Machine {
    let other = &other.name;
    machine.add_to_profile(&format!(
        "[endpoint]\nkind = 'url'\n\
         [pki.root]\ncommon-name = 'Acme Root CA'\norganization = 'Acme'\nkey = 'secret:pki/root.key'\n\
         certificate = ['secret:pki/root.crt', 'configmap:{other}/ca/ca.crt', 'file:{ROOT_FILE}']\n\
         [pki.intermediate]\nalgorithm = 'rsa-2048'\nkey-form = 'pkcs1'\nkey = 'secret:pki/issuing.key'\n\
         certificate = ['secret:pki/issuing.crt']\n\
         [pki.leaf]\nnames = ['{{host}}', 'localhost', '127.0.0.1', '::1']\nkey = 'secret:tls/tls.key'\n\
         certificate = ['secret:tls/tls.crt', 'file:{LEAF_FILE}']\n\
         [pki.crl]\ntargets = ['configmap:{other}/ca/crl.pem']\n"
    ));
    machine.answer_also("[endpoint]\nurl = \"https://appliance.example\"\n");
    machine
}

pub(crate) type Parts = BTreeMap<String, String>;

/// Every copy that is there, by its place.
pub(crate) async fn parts(machine: &Machine, other: &Namespace) -> Parts {
    let mut parts = Parts::new();
    for name in ["pki", "tls"] {
        let data = machine.namespace.secret(name).await.unwrap_or_default();
        parts.extend(data.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)));
    }
    let data = other.config_map("ca").await.unwrap_or_default();
    parts.extend(data.into_iter().map(|(key, value)| (format!("ca/{key}"), value)));
    for path in [ROOT_FILE, LEAF_FILE] {
        let read = fs::read_to_string(machine.path(path)).ok();
        parts.extend(read.map(|text| (path.to_owned(), text)));
    }
    parts
}

/// The places in which something else stands than before.
pub(crate) fn changed<'p>(before: &'p Parts, after: &'p Parts) -> Vec<&'p str> {
    let differs = |(place, text): &(&'p String, &'p String)| before.get(*place) != Some(text);
    after.iter().filter(differs).map(|(place, _)| place.as_str()).collect()
}

/// A folder with every part in a file of its own, for programs that read files.
pub(crate) struct Files(pub(crate) tempfile::TempDir);

impl Files {
    pub(crate) fn of(parts: &Parts) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for (place, text) in parts.iter().filter(|(place, _)| !place.starts_with('/')) {
            fs::write(folder.path().join(place.replace('/', "-")), text).expect("written");
        }
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What OpenSSL says of them, which it has to be content with.
    pub(crate) async fn openssl(&self, arguments: &str) -> String {
        let ended = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output().await;
        let ended = ended.expect("openssl is there");
        let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "openssl {arguments}: {said}");
        said
    }
}

/// An authority's keys are written before what they sign, unless that lies beside them, and each object once.
fn assert_keys_come_first(ended: &Ended) {
    let events = ended.events();
    let written = events.iter().filter_map(|event| event["text"].as_str()?.strip_prefix("writing Secret "));
    let mut written: Vec<_> = written.filter(|name| !name.contains("appliance")).collect();
    assert_eq!(written.first(), Some(&"`pki`"));
    written.sort_unstable();
    assert_eq!(written, ["`firstlight-endpoint`", "`pki`", "`tls`"]);
}

/// A server with this leaf and its key.
pub(crate) fn server(parts: &Parts) -> Hostile {
    let chain = CertificateDer::pem_slice_iter(parts["tls/tls.crt"].as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_slice(parts["tls/tls.key"].as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a key that fits its certificate");
    Hostile::with(Answer::json("200 OK", "{}"), Front::default(), (parts["pki/root.crt"].clone(), Arc::new(config)))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn an_authority_is_made_once_and_what_it_signs_is_good_to_openssl_and_curl() {
    let other = Namespace::new("pki-other").await;
    let machine = with_authority(Machine::new("pki").await, &other);
    let rehearsed = machine.rehearse().await;
    assert!(rehearsed.done().stdout.contains("0 in place, 7 to be made"), "{}", rehearsed.stdout);
    assert_eq!(parts(&machine, &other).await, Parts::new(), "a rehearsal makes nothing");

    let first = machine.run().await;
    let all = parts(&machine, &other).await;
    assert_snapshot!(first.done().outcome("identity"), @"changed: made `pki-root-key`, `pki-intermediate-key` and `pki-leaf-key`, once for this appliance; signed `pki-root-certificate`, `pki-intermediate-certificate`, `pki-leaf-certificate` and `pki-crl`");
    assert_keys_come_first(&first);
    let said = format!("{}{}", first.stdout, first.stderr);
    for key in ["pki/root.key", "pki/issuing.key", "tls/tls.key"] {
        let line = all[key].lines().nth(1).expect("a line of base64");
        assert!(!said.contains(line), "{key} is told");
    }
    for copy in ["ca/ca.crt", ROOT_FILE] {
        assert_eq!(all[copy], all["pki/root.crt"], "{copy}");
    }
    assert_eq!(all[LEAF_FILE], all["tls/tls.crt"]);
    assert!(all["pki/issuing.key"].starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "the form that was asked for");
    let tls = machine.namespace.get::<Secret>("tls").await.expect("the Secret");
    assert_eq!(tls.type_.as_deref(), Some("kubernetes.io/tls"));

    let files = Files::of(&all);
    for name in ["appliance.example", "localhost"] {
        let verified = format!(
            "verify -x509_strict -purpose sslserver -CAfile ca-ca.crt -untrusted tls-tls.crt -verify_hostname {name} tls-tls.crt"
        );
        assert_eq!(files.openssl(&verified).await, "tls-tls.crt: OK\n");
    }
    for address in ["127.0.0.1", "::1"] {
        let verified = format!("verify -CAfile ca-ca.crt -untrusted pki-issuing.crt -verify_ip {address} tls-tls.crt");
        assert_eq!(files.openssl(&verified).await, "tls-tls.crt: OK\n");
    }
    assert!(files.openssl("crl -in ca-crl.pem -CAfile ca-ca.crt -noout").await.contains("verify OK"));
    for (key, certificate) in
        [("pki-root.key", "pki-root.crt"), ("pki-issuing.key", "pki-issuing.crt"), ("tls-tls.key", "tls-tls.crt")]
    {
        let of_key = files.openssl(&format!("pkey -in {key} -pubout")).await;
        assert_eq!(of_key, files.openssl(&format!("x509 -in {certificate} -noout -pubkey")).await, "{key}");
        files.openssl(&format!("pkey -in {key} -check -noout")).await;
    }
    let shown = "x509 -noout -subject -issuer -ext basicConstraints,keyUsage,extendedKeyUsage,subjectAltName";
    let mut seen = String::new();
    for certificate in ["pki-root.crt", "pki-issuing.crt", "tls-tls.crt"] {
        seen += &files.openssl(&format!("{shown} -in {certificate}")).await;
    }
    assert_snapshot!("certificates", seen);

    assert_curl_trusts(&all, &files.path("ca-ca.crt")).await;

    let again = machine.run().await;
    assert_eq!(again.done().outcome("identity"), "unchanged: all 7 values are in place");
    assert_eq!(parts(&machine, &other).await, all);
}

/// A client that trusts the root alone takes the leaf.
pub(crate) async fn assert_curl_trusts(all: &Parts, root: &Path) {
    let server = server(all);
    for host in ["localhost".to_owned(), "127.0.0.1".to_owned()] {
        let url = format!("https://{host}:{}/", server.address.port());
        let curl = Command::new("curl").args(["-sS", "--noproxy", "*", "--cacert"]).arg(root).arg(&url).output().await;
        let curl = curl.expect("curl is there");
        assert!(curl.status.success(), "{url}: {}", String::from_utf8_lossy(&curl.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn another_address_changes_the_leaf_alone_and_what_is_lost_comes_back() {
    let other = Namespace::new("pki-moved-other").await;
    let machine = with_authority(Machine::new("pki-moved").await, &other);
    machine.run().await.done();
    let all = parts(&machine, &other).await;

    machine.answer_also("[endpoint]\nurl = \"https://192.0.2.7:8443\"\n");
    let moved = machine.run().await;
    assert_eq!(moved.done().outcome("identity"), "changed: signed `pki-leaf-certificate`");
    let now = parts(&machine, &other).await;
    assert_eq!(changed(&all, &now), [LEAF_FILE, "tls/tls.crt"]);
    let files = Files::of(&now);
    files.openssl("verify -CAfile ca-ca.crt -untrusted tls-tls.crt -verify_ip 192.0.2.7 tls-tls.crt").await;

    // Copies that are lost, and a text around one that is there.
    fs::remove_file(machine.path(LEAF_FILE)).expect("removed");
    machine.write(ROOT_FILE, &format!("# ours\r\n{}", now[ROOT_FILE].replace('\n', "\r\n")), 0o644);
    other.kubectl(&["delete", "configmap", "ca"]).await;
    let restored = machine.run().await;
    assert_snapshot!(restored.done().outcome("identity"), @"changed: missing copies are written again; all 6 values are kept; signed `pki-crl`");
    let back = parts(&machine, &other).await;
    assert_eq!(changed(&now, &back), [ROOT_FILE, "ca/crl.pem"], "the list is signed anew, and theirs stays as it is");

    // A leaf's key is nobody else's: with a new one comes a new leaf, in both places.
    machine.namespace.kubectl(&["delete", "secret", "tls"]).await;
    machine.run().await.done();
    let renewed = parts(&machine, &other).await;
    assert_eq!(changed(&back, &renewed), [LEAF_FILE, "tls/tls.crt", "tls/tls.key"]);
    assert_eq!(renewed[LEAF_FILE], renewed["tls/tls.crt"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes three namespaces)"]
async fn what_does_not_belong_together_is_told_before_the_code_is_sent() {
    let (other, theirs) = (Namespace::new("pki-wrong-other").await, Namespace::new("pki-theirs").await);
    let machine = with_authority(Machine::new("pki-wrong").await, &other);
    machine.run().await.done();
    let all = parts(&machine, &other).await;
    // Another appliance's.
    let stranger = with_authority(Machine::new("pki-stranger").await, &theirs);
    stranger.run().await.done();
    let strange = parts(&stranger, &theirs).await;
    let unlike = all.iter().filter(|(place, text)| strange[*place] != **text).count();
    assert_eq!(unlike, all.len(), "no two appliances have anything in common");

    let fresh = with_authority(Machine::new("pki-fresh").await, &other);
    let written = |key: &str, certificate: &str| {
        vec![("root.key".to_owned(), key.to_owned()), ("root.crt".to_owned(), certificate.to_owned())]
    };
    fresh.namespace.create().await;
    for (what, data, id, said) in [
        (
            "another root's certificate",
            written(&all["pki/root.key"], &strange["pki/root.crt"]),
            ErrorId::CopiesDiffer,
            "the copies of `pki-root-certificate` are not the same",
        ),
        (
            "a certificate without its key",
            written("", &all["pki/root.crt"]),
            ErrorId::KeyLost,
            "`pki-root-key` is nowhere to be found",
        ),
        (
            "another root's key",
            written(&strange["pki/root.key"], &all["pki/root.crt"]),
            ErrorId::CertificateFaulty,
            "will not do: it is for another key than the one that is there",
        ),
        (
            "a leaf in the place of a root",
            written(&all["pki/root.key"], &all["tls/tls.crt"]),
            ErrorId::ValueMalformed,
            "is no `pki-root-certificate` of the form `PEM certificate of a CA`",
        ),
        (
            "half a key",
            written(&all["pki/root.key"][..100], &all["pki/root.crt"]),
            ErrorId::ValueMalformed,
            "is no `pki-root-key` of the form `PEM private key`",
        ),
    ] {
        fresh.namespace.kubectl(&["delete", "secret", "pki", "--ignore-not-found"]).await;
        let data: Vec<_> = data.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        fresh.namespace.write_secret("somebody", "pki", &data).await;
        let ended = fresh.run().await;
        let told = ended.failed(id).told();
        assert!(told.contains(said), "{what}: {told}");
        assert!(!told.contains("BEGIN"), "{what}: {told}");
        fresh.assert_unspent();
    }
    assert_eq!(parts(&machine, &other).await, all);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_answers_with_the_leaf_is_ready_and_the_root_is_told_once() {
    let other = Namespace::new("pki-ready-other").await;
    let mut machine = with_authority(Machine::new("pki-ready").await, &other);
    machine.run().await.done();
    let all = parts(&machine, &other).await;
    let server = server(&all);
    machine.set_ready(&format!("https://localhost:{}/", server.address.port()), 5);
    let ended = machine.run().await;
    let facts: Vec<_> = ended.done().events().into_iter().filter(|event| event["type"] == "authority").collect();
    assert_eq!(facts.len(), 1, "{facts:?}");
    let fact = &facts[0];
    let shown = Files::of(&all).openssl("x509 -in ca-ca.crt -noout -fingerprint -sha256").await;
    let told = format!("sha256 Fingerprint={}\n", fact["sha256"].as_str().expect("a fingerprint"));
    assert_eq!(told.to_lowercase(), shown.to_lowercase());
    assert_eq!(fact["name"], "Acme Root CA");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_power_cut_at_any_point_leaves_one_authority() {
    let other = Namespace::new("pki-cut-other").await;
    let points = points(&with_authority(Machine::new("pki-trace").await, &other)).await;
    let sent = points.iter().position(|point| point == "register.send").expect("it is passed");
    for place in 1..=sent {
        other.kubectl(&["delete", "configmap", "ca", "--ignore-not-found"]).await;
        let machine = with_authority(Machine::new("pki-cut").await, &other);
        assert_eq!(machine.cut_at(&format!("#{place}")).await.code, None, "{place}");
        let before = parts(&machine, &other).await;
        machine.run().await.done();
        let after = parts(&machine, &other).await;
        assert!(before.iter().all(|(place, text)| after[place] == *text), "{place}: another one");
        let files = Files::of(&after);
        files.openssl("verify -CAfile ca-ca.crt -untrusted pki-issuing.crt tls-tls.crt").await;
        assert_eq!(machine.service.store().claims().expect("the database answers"), 1);
    }
}

/// The folders of this machine that a distribution's tool needs, below the root of another one.
const BELOW: &str = "set -e; ROOT=$1; shift
for folder in bin sbin lib lib64 usr dev; do mkdir -p $ROOT/$folder; mount --rbind /$folder $ROOT/$folder; done
mkdir -p $ROOT/tmp $ROOT/anchors $ROOT/etc/ssl/certs; cp /etc/ca-certificates.conf $ROOT/etc
mount --bind $ROOT/anchors $ROOT/usr/local/share/ca-certificates
exec \"$@\"";

/// Runs firstlight where a distribution's tool is below the machine's root.
pub(crate) async fn run_below(machine: &Machine) -> Ended {
    process::run(below(machine)).await
}

/// A headless run there.
pub(crate) fn below(machine: &Machine) -> Command {
    let root = machine.path("/");
    let arguments = ["--mount", "sh", "-c", BELOW, "sh"].map(OsStr::new);
    let under = process::firstlight_under("unshare", &[&arguments[..], &[root.as_os_str()]].concat());
    machine.arguments(under, "json")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn programs_on_the_machine_trust_the_root() {
    let mut machine = Machine::new("pki-trust").await;
    machine.add_to_profile(
        "[pki.root]\nkey = 'file:/etc/appliance/ca.key'\ncertificate = ['file:/etc/appliance/ca.crt', 'trust']\n",
    );
    let untrusting = machine.run().await;
    untrusting.failed(ErrorId::FileUnusable);
    assert!(untrusting.told().contains("no store of trusted authorities"), "{}", untrusting.told());
    machine.assert_unspent();

    let run = async || run_below(&machine).await;
    run().await.done();
    let bundle = || fs::read_to_string(machine.path("/etc/ssl/certs/ca-certificates.crt")).expect("the bundle");
    let certificate = fs::read_to_string(machine.path("/etc/appliance/ca.crt")).expect("the certificate");
    assert!(bundle().contains(certificate.trim()), "the root is among those that are trusted");
    assert!(bundle().matches("BEGIN CERTIFICATE").count() > 1, "and the others are still there");
    assert_eq!(run().await.done().outcome("identity"), "unchanged: all 2 values are in place");

    // As if the power had gone between the file and the tool.
    fs::write(machine.path("/etc/ssl/certs/ca-certificates.crt"), "").expect("emptied");
    assert_eq!(
        run().await.done().outcome("identity"),
        "changed: missing copies are written again; all 2 values are kept"
    );
    assert!(bundle().contains(certificate.trim()));
}
