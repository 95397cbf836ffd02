//! A certificate that a company's authority has made with OpenSSL: it takes the place of the appliance's, or is refused with
//! everything that is wrong with it before the code is sent.

use std::fs;

use firstlight::error::ErrorId;

use crate::{
    crash::points,
    pki::{Files, LEAF_FILE, Parts, ROOT_FILE, assert_curl_trusts, changed, parts, server},
    support::{Machine, process::Ended},
};

const NAME: &str = "appliance.example";

/// What a server's certificate says besides its names.
pub(crate) const SERVER: &str = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";
pub(crate) const NAMES: &str = "subjectAltName=DNS:appliance.example,DNS:localhost,IP:127.0.0.1\n";
const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
pub(crate) const EC: &str = "ec -pkeyopt ec_paramgen_curve:P-256";

/// A company's authority, with one below it that signs.
pub(crate) struct Company(pub(crate) Files);

impl Company {
    pub(crate) async fn new() -> Self {
        let company = Self(Files(tempfile::tempdir().expect("a temporary directory")));
        let root =
            format!("req -x509 -newkey {EC} -nodes -keyout root.key -out root.pem -days 3650 -subj /CN=Corp_Root");
        company.0.openssl(&format!("{root} -addext keyUsage=critical,keyCertSign,cRLSign")).await;
        company.request("issuing", EC).await;
        company.sign("issuing", "root", AUTHORITY, "-days 1000").await;
        company
    }

    /// A key of this kind, and what asks for a certificate of it.
    async fn request(&self, name: &str, kind: &str) {
        let asked = format!("req -new -newkey {kind} -nodes -keyout {name}.key -out {name}.csr -subj /CN=Corp_{name}");
        self.0.openssl(&asked).await;
    }

    /// Signs what asks for it.
    pub(crate) async fn sign(&self, name: &str, by: &str, says: &str, more: &str) {
        self.write("says", says);
        let signed =
            format!("x509 -req -in {name}.csr -CA {by}.pem -CAkey {by}.key -out {name}.pem -extfile says {more}");
        self.0.openssl(&signed).await;
    }

    /// A server's certificate of this kind.
    pub(crate) async fn server(&self, name: &str, kind: &str, says: &str, more: &str) {
        self.request(name, kind).await;
        self.sign(name, "issuing", says, more).await;
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path(name), text).expect("written");
    }

    /// These files in one.
    pub(crate) fn all(&self, names: &[&str]) -> String {
        names.iter().map(|name| fs::read_to_string(self.0.path(name)).expect("written")).collect()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path(name)).expect("written")
    }
}

/// An appliance that shows a certificate in two places.
pub(crate) fn with_leaf(mut machine: Machine) -> Machine {
    machine.add_to_profile(&format!(
        "[endpoint]\nkind = 'url'\n\
         [pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt', 'file:{ROOT_FILE}']\n\
         [pki.leaf]\nnames = ['{{host}}', 'localhost', '127.0.0.1']\nkey = 'secret:tls/tls.key'\n\
         certificate = ['secret:tls/tls.crt', 'file:{LEAF_FILE}']\n"
    ));
    machine.answer_also(&answers(""));
    machine
}

/// Where the appliance is reached, and what is said of the certificate.
fn answers(more: &str) -> String {
    let certificate = if more.is_empty() { String::new() } else { format!("[certificate]\n{more}\n") };
    format!("[endpoint]\nurl = \"https://{NAME}\"\n{certificate}")
}

pub(crate) async fn parts_of(machine: &Machine) -> Parts {
    parts(machine, &machine.namespace).await
}

/// Sees that what is shown is the company's, and that OpenSSL and curl are content with it.
pub(crate) async fn assert_shown(machine: &Machine, company: &Company) -> Parts {
    let all = parts_of(machine).await;
    assert_eq!(all[LEAF_FILE], all["tls/tls.crt"]);
    assert_eq!(all["tls/tls.crt"].matches("BEGIN CERTIFICATE").count(), 2, "without the root");
    let files = Files::of(&all);
    fs::copy(company.0.path("root.pem"), files.path("corp.pem")).expect("copied");
    let verify = format!(
        "verify -x509_strict -purpose sslserver -CAfile corp.pem -untrusted tls-tls.crt -verify_hostname {NAME} tls-tls.crt"
    );
    assert_eq!(files.openssl(&verify).await, "tls-tls.crt: OK\n");
    let of_key = files.openssl("pkey -in tls-tls.key -pubout").await;
    assert_eq!(of_key, files.openssl("x509 -in tls-tls.crt -noout -pubkey").await);
    assert_curl_trusts(&all, &files.path("corp.pem")).await;
    all
}

fn identity(ended: &Ended) -> String {
    ended.done().outcome("identity")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_chain_in_a_file_is_shown_in_place_of_ours() {
    let company = Company::new().await;
    company.server("leaf", EC, &format!("{SERVER}{NAMES}"), "-days 300").await;
    let machine = with_leaf(Machine::new("own").await);
    // The root first: it is put in order.
    machine.write("/chain.pem", &company.all(&["root.pem", "leaf.key", "issuing.pem", "leaf.pem"]), 0o600);
    machine.answer_also(&answers("file = \"/chain.pem\""));
    let rehearsed = machine.rehearse().await;
    let told = &rehearsed.done().stdout;
    assert!(told.contains("Corp_leaf, signed by Corp_issuing, valid until"), "{told}");
    assert_eq!(parts_of(&machine).await, Parts::new(), "a rehearsal writes nothing");
    let first = machine.run().await;
    assert!(identity(&first).contains("the certificate of your own is written: Corp_leaf"), "{}", first.stdout);
    let key = company.all(&["leaf.key"]);
    let line = key.lines().nth(1).expect("base64");
    assert!(!first.stdout.contains(line) && !first.stderr.contains(line), "the key is told");
    let all = assert_shown(&machine, &company).await;
    let again = machine.run().await;
    assert!(identity(&again).starts_with("unchanged: "), "{}", again.stdout);
    assert_eq!(parts_of(&machine).await, all);

    // Somebody no longer gives it: what is there stays as long as it is good.
    machine.answer_also(&answers(""));
    assert!(identity(&machine.run().await).starts_with("unchanged: "));
    assert_eq!(parts_of(&machine).await, all);
    // The next one, for the same key.
    company.sign("leaf", "issuing", &format!("{SERVER}{NAMES}"), "-days 350").await;
    machine.write("/chain.pem", &company.all(&["leaf.pem", "issuing.pem", "root.pem"]), 0o644);
    machine.answer_also(&answers("file = \"/chain.pem\""));
    machine.run().await.done();
    let next = assert_shown(&machine, &company).await;
    assert_eq!(changed(&all, &next), [LEAF_FILE, "tls/tls.crt"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn archives_and_encrypted_keys_are_opened_with_their_password_alone() {
    let company = Company::new().await;
    company.server("leaf", "rsa:2048", &format!("{SERVER}{NAMES}"), "-days 300").await;
    company.write("above.pem", &company.all(&["issuing.pem", "root.pem"]));
    let export = "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile above.pem -passout pass:sesame -name x";
    company.0.openssl(&format!("{export} -out modern.p12")).await;
    company.0.openssl(&format!("{export} -legacy -out legacy.p12")).await;
    company.0.openssl("pkcs8 -topk8 -in leaf.key -passout pass:sesame -out encrypted.key").await;
    for (name, lies) in [
        ("modern.p12", "file = \"/own\""),
        ("legacy.p12", "file = \"/own\""),
        ("encrypted.key", "file = \"/chain.pem\"\nkey-file = \"/own\""),
    ] {
        let machine = with_leaf(Machine::new("own-archive").await);
        machine.write("/chain.pem", &company.all(&["leaf.pem", "issuing.pem", "root.pem"]), 0o644);
        // A password keeps it: others may read it.
        fs::write(machine.path("/own"), company.bytes(name)).expect("written");
        for (password, said) in [
            ("", "it is encrypted, and no password is given"),
            ("password = \"wrong-sesame\"", "it is encrypted with another password"),
        ] {
            machine.answer_also(&answers(&format!("{lies}\n{password}")));
            let refused = machine.run().await;
            let told = refused.failed(ErrorId::CertificateUnfit).told();
            assert!(told.contains(said) && !told.contains("wrong-sesame"), "{name}: {told}");
            assert_eq!(parts_of(&machine).await, Parts::new(), "{name}");
            machine.assert_unspent();
        }
        machine.write("/secret", "sesame\n", 0o600);
        machine.answer_also(&answers(&format!("{lies}\npassword-file = \"/secret\"")));
        machine.run().await.done();
        let all = assert_shown(&machine, &company).await;
        assert!(identity(&machine.run().await).starts_with("unchanged: "));
        assert_eq!(parts_of(&machine).await, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_written() {
    let company = Company::new().await;
    let good = format!("{SERVER}{NAMES}");
    company.server("leaf", EC, &good, "-days 300").await;
    company.server("other", EC, &format!("{SERVER}subjectAltName=DNS:other.example\n"), "-days 300").await;
    company.server("over", EC, &good, "-days -1").await;
    company.server("short", "rsa:1024", &good, "-days 300").await;
    company.server("sha1", EC, &good, "-days 300 -sha1").await;
    company.server("client", EC, &format!("extendedKeyUsage=clientAuth\n{NAMES}"), "-days 300").await;
    company.server("bad", "rsa:1024", "basicConstraints=CA:FALSE\n", "-days -1 -sha1").await;
    let names = "it is not for `appliance.example`, `localhost`, `127.0.0.1`: its names are `other.example`";
    let machine = with_leaf(Machine::new("own-wrong").await);
    for (files, said) in [
        (&["other.pem", "other.key", "issuing.pem", "root.pem"][..], &[names][..]),
        (&["over.pem", "over.key", "issuing.pem", "root.pem"], &["the time of the certificate is over since"]),
        (&["short.pem", "short.key", "issuing.pem", "root.pem"], &["the key of the certificate has 1024 bits"]),
        (&["sha1.pem", "sha1.key", "issuing.pem", "root.pem"], &["the certificate was signed with SHA-1"]),
        (&["client.pem", "client.key", "issuing.pem", "root.pem"], &["it is not for a server"]),
        (
            &["leaf.pem", "other.key", "issuing.pem", "root.pem"],
            &["for another key than the one that is given with it"],
        ),
        (&["leaf.pem", "issuing.pem", "root.pem"], &["no key is given with it, and the appliance has none yet"]),
        (
            &["leaf.pem", "leaf.key", "root.pem"],
            &["the certificate of `Corp_issuing`, who has signed the certificate, is missing"],
        ),
        (&["issuing.pem", "issuing.key", "root.pem"], &["it is the certificate of an authority", "it has no names"]),
        (&["leaf.csr"], &["there is no certificate in it"]),
        (
            &["bad.pem", "bad.key", "root.pem"],
            &[
                "the key of the certificate has 1024 bits",
                "it is not for a server",
                "it has no names in the subject alternative name",
                "the time of the certificate is over since",
                "the certificate was signed with SHA-1",
                "the certificate of `Corp_issuing`",
            ],
        ),
    ] {
        machine.write("/chain.pem", &company.all(files), 0o600);
        machine.answer_also(&answers("file = \"/chain.pem\""));
        let refused = machine.run().await;
        let told = refused.failed(ErrorId::CertificateUnfit).told();
        for said in said {
            assert!(told.contains(said), "{files:?}: {told}");
        }
        assert_eq!(refused.failures().len(), said.len(), "{files:?}: {told}");
        let about = refused.stdout.matches("\"about\":\"certificate.file\"").count();
        assert_eq!(about, said.len(), "{files:?}: {}", refused.stdout);
        assert!(!told.contains("BEGIN"), "{told}");
        assert_eq!(parts_of(&machine).await, Parts::new(), "{files:?}");
        machine.assert_unspent();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_lies_open_or_is_not_there_is_refused() {
    let company = Company::new().await;
    company.server("leaf", EC, &format!("{SERVER}{NAMES}"), "-days 300").await;
    let machine = with_leaf(Machine::new("own-open").await);
    machine.answer_also(&answers("file = \"/chain.pem\""));
    machine.write("/chain.pem", &company.all(&["leaf.pem", "leaf.key", "issuing.pem", "root.pem"]), 0o644);
    machine.run().await.failed(ErrorId::AnswersExposed);
    // Nor does an archive without a password close anything.
    company.write("above.pem", &company.all(&["issuing.pem", "root.pem"]));
    company
        .0
        .openssl("pkcs12 -export -inkey leaf.key -in leaf.pem -certfile above.pem -passout pass: -out open.p12")
        .await;
    fs::write(machine.path("/chain.pem"), company.bytes("open.p12")).expect("written");
    machine.run().await.failed(ErrorId::AnswersExposed);
    machine.answer_also(&answers("file = \"/nowhere.pem\""));
    machine.run().await.failed(ErrorId::AnswersUnreadable);
    machine.answer_also(&answers("key-file = \"/key.pem\""));
    machine.run().await.failed(ErrorId::AnswersInvalid);
    machine.assert_unspent();
}

/// Also by a later run, to which nobody gives it once more: else that would wait in vain for an appliance that is up.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn one_that_a_root_or_nobody_else_has_signed_is_trusted_by_every_run() {
    for by_itself in [false, true] {
        let company = Company::new().await;
        if by_itself {
            let asked =
                format!("req -x509 -newkey {EC} -nodes -keyout leaf.key -out leaf.pem -days 300 -subj /CN=Corp_leaf");
            let says = format!("{SERVER}{NAMES}").replace('\n', " -addext ");
            company.0.openssl(&format!("{asked} -addext {}", says.trim_end_matches(" -addext "))).await;
        } else {
            company.request("leaf", EC).await;
            company.sign("leaf", "root", &format!("{SERVER}{NAMES}"), "-days 300").await;
        }
        let files = [("tls/tls.crt", "leaf.pem"), ("tls/tls.key", "leaf.key"), ("pki/root.crt", "root.pem")];
        let appliance = server(&files.map(|(part, file)| (part.to_owned(), company.all(&[file]))).into());
        let mut machine = with_leaf(Machine::new("own-trusted").await);
        machine.set_ready(&format!("https://localhost:{}/", appliance.address.port()), 3);
        let above: &[&str] = if by_itself { &[] } else { &["root.pem"] };
        machine.write("/chain.pem", &company.all(&[&["leaf.pem", "leaf.key"], above].concat()), 0o600);
        machine.answer_also(&answers("file = \"/chain.pem\""));
        machine.run().await.done();
        machine.answer_also(&answers(""));
        assert_eq!(machine.run().await.done().outcome("ready"), "unchanged: ready: console", "{by_itself}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_power_cut_at_any_point_leaves_it_or_is_mended_by_the_next_run() {
    let company = Company::new().await;
    company.server("leaf", EC, &format!("{SERVER}{NAMES}"), "-days 300").await;
    let chain = company.all(&["leaf.pem", "leaf.key", "issuing.pem", "root.pem"]);
    let made = async |label: &str| {
        let machine = with_leaf(Machine::new(label).await);
        machine.write("/chain.pem", &chain, 0o600);
        machine.answer_also(&answers("file = \"/chain.pem\""));
        machine
    };
    let points = points(&made("own-trace").await).await;
    let sent = points.iter().position(|point| point == "register.send").expect("it is passed");
    for place in 1..=sent {
        let machine = made("own-cut").await;
        assert_eq!(machine.cut_at(&format!("#{place}")).await.code, None, "{place}");
        machine.run().await.done();
        assert_shown(&machine, &company).await;
        assert_eq!(machine.service.store().claims().expect("the database answers"), 1);
        let again = machine.run().await;
        assert!(identity(&again).starts_with("unchanged: "), "{place}: {}", again.stdout);
    }
}
