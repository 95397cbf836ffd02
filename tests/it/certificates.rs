//! Certificates and dates as people and caches make them: what each is told as.

use std::{fs, path::Path, sync::Arc};

use firstlight::error::ErrorId;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;

use crate::support::{
    alone::{check, folder, rehearsal},
    hostile::{self, Answer, Front, Hostile},
    process::{self, Ended},
};

/// Rehearses with a service whose authority is trusted.
async fn rehearse(service: &Hostile, change: impl FnOnce(&Path, &mut tokio::process::Command)) -> Ended {
    let folder = folder();
    fs::create_dir_all(folder.path().join("etc")).expect("a folder");
    fs::write(folder.path().join("etc/ca.pem"), &service.authority_pem).expect("a file");
    let mut command = rehearsal(folder.path(), &service.url(), "ca-file = '/etc/ca.pem'\n");
    change(folder.path(), &mut command);
    process::run(command).await
}

/// A certificate that signs for itself, and so is the authority that is trusted.
pub(crate) fn own(names: &[&str], is_ca: IsCa) -> (String, Arc<ServerConfig>) {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut parameters = CertificateParams::new(names).expect("names");
    parameters.is_ca = is_ca;
    let key = KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    (certificate.pem(), hostile::server(&[&certificate], &key))
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_people_make_by_hand() {
    let authority = || IsCa::Ca(BasicConstraints::Unconstrained);
    for (names, is_ca, said) in [
        (&["127.0.0.1"][..], authority(), "is an authority's own"),
        (&[], IsCa::ExplicitNoCa, "names no host: it has no `subjectAltName`"),
        (&["other.example"], IsCa::ExplicitNoCa, "is for `DNS:other.example`, and not for `IP:127.0.0.1`"),
        (&["127.0.0.2"], IsCa::ExplicitNoCa, "is for `IP:127.0.0.2`, and not for `IP:127.0.0.1`"),
    ] {
        let service = Hostile::with(Answer::Never, Front::default(), own(names, is_ca));
        let ended = rehearse(&service, |_, _| {}).await;
        let told = ended.failed(ErrorId::TlsFailed).failures().remove(0);
        assert!(told.contains(said), "{said}: {told}");
        assert!(
            told.contains("-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"),
            "{told}"
        );
    }
    // What the profile names as exactly that is taken.
    let service = Hostile::with(Answer::Never, Front::default(), own(&["127.0.0.1"], IsCa::ExplicitNoCa));
    let ended = rehearse(&service, |_, _| {}).await;
    assert_eq!(check(&ended, "license-service").0, "passed", "{}", ended.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_nobody_vouches_for_and_a_machine_that_trusts_nobody() {
    let service = Hostile::with(Answer::Never, Front::default(), own(&["127.0.0.1"], IsCa::ExplicitNoCa));
    let other = hostile::certificates().0;
    let ended = rehearse(&service, |root, _| fs::write(root.join("etc/ca.pem"), other).expect("a file")).await;
    let told = ended.failed(ErrorId::TlsUntrusted).told();
    assert!(told.contains("is self-signed, and nobody else vouches for it"), "{told}");

    let (folder, service) = (folder(), Hostile::start(Answer::Never));
    let mut command = rehearsal(folder.path(), &service.url(), "");
    let nothing = folder.path().join("nothing");
    fs::create_dir(&nothing).expect("a folder");
    fs::write(folder.path().join("empty.pem"), "").expect("a file");
    command.env("SSL_CERT_DIR", nothing).env("SSL_CERT_FILE", folder.path().join("empty.pem"));
    let ended = process::run(command).await;
    let told = ended.failed(ErrorId::TlsUntrusted).told();
    assert!(told.contains("this machine trusts no authority at all") && told.contains("`ca-certificates`"), "{told}");
    assert!(!told.contains("intercepting"), "{told}");
}

/// A root, and a server below an intermediate authority that sends that authority's certificate or not.
fn below_an_intermediate(sends_it: bool) -> (String, Arc<ServerConfig>) {
    let params = |name: &str, is_ca| {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = is_ca;
        params
    };
    let [root_key, middle_key, key] = [(); 3].map(|()| KeyPair::generate().expect("a key"));
    let root = params("Vendor Root CA", IsCa::Ca(BasicConstraints::Unconstrained));
    let pem = root.self_signed(&root_key).expect("a certificate").pem();
    let middle = params("Vendor Issuing CA", IsCa::Ca(BasicConstraints::Unconstrained));
    let sent = middle.signed_by(&middle_key, &Issuer::new(root, root_key)).expect("a certificate");
    let leaf = params("service", IsCa::ExplicitNoCa).signed_by(&key, &Issuer::new(middle, middle_key));
    let leaf = leaf.expect("a certificate");
    let chain = [&leaf, &sent];
    (pem, hostile::server(if sends_it { &chain } else { &chain[..1] }, &key))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_comes_without_its_issuers() {
    let [alone, whole] =
        [false, true].map(|sends_it| Hostile::with(Answer::Never, Front::default(), below_an_intermediate(sends_it)));
    let told = rehearse(&alone, |_, _| {}).await.failed(ErrorId::TlsUntrusted).told();
    for said in ["was issued by “Vendor Issuing CA”", "(`fullchain`)", "intercepting", "trust store"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let ended = rehearse(&whole, |_, _| {}).await;
    assert_eq!(check(&ended, "license-service").0, "passed", "{}", ended.told());
    // Whose whole chain was sent lacks nothing but trust.
    let other = &alone.authority_pem;
    let ended = rehearse(&whole, |root, _| fs::write(root.join("etc/ca.pem"), other).expect("a file")).await;
    let told = ended.failed(ErrorId::TlsUntrusted).told();
    assert!(!told.contains("fullchain") && told.contains("intercepting"), "{told}");
}

/// A status with a date so many seconds from now.
fn dated(status: &str, off: i64, more: &str) -> &'static str {
    let date = Timestamp::now() + SignedDuration::from_secs(off);
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&date).expect("a date");
    format!("{status}\ndate: {date}{more}").leak()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_a_cache_kept_is_no_wrong_clock() {
    let old = -7200;
    for (head, options, passes) in [
        (dated("200 OK", 0, ""), "501 Not Implemented", true),
        (dated("200 OK", old, "\nage: 7200"), "501 Not Implemented", true),
        (dated("200 OK", old, ""), dated("405 Method Not Allowed", 0, ""), true),
        (dated("200 OK", old, "\nage: soon"), dated("200 OK", 0, ""), true),
        (dated("200 OK", old, ""), dated("501 Not Implemented", old, ""), false),
        (dated("200 OK", old, ""), "501 Not Implemented", false),
        (dated("200 OK", -7200, "\nage: 60"), dated("200 OK", old, ""), false),
    ] {
        let service = Hostile::with(Answer::Never, Front { head, options }, hostile::certificates());
        let ended = rehearse(&service, |_, _| {}).await;
        let expected = if passes { "passed" } else { "failed" };
        assert_eq!(check(&ended, "clock").0, expected, "{head}; {options}: {}", ended.told());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_page_decides_nothing() {
    for head in
        ["500 No", "501 No", "502 No", "503 No\nretry-after: 90", "403 No", "404 No", "302 No\nlocation: /login"]
    {
        let front = Front { head, ..Front::default() };
        let service = Hostile::with(Answer::Never, front, hostile::certificates());
        let ended = rehearse(&service, |_, _| {}).await;
        assert_eq!(check(&ended, "license-service").0, "passed", "{head}: {}", ended.told());
    }
}
