//! Certificates of somebody's own, made in memory, and everything that can be wrong with them.

use std::net::IpAddr;

use p12_keystore::{
    Certificate as InArchive, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey as KeyInArchive,
    PrivateKeyChain,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use super::*;
use crate::{
    values::{
        Host, SecretText,
        pki::{Certificate, KeyAlgorithm, KeyForm, PrivateKey},
    },
    words::Say,
};

fn now() -> jiff::Timestamp {
    "2026-11-26T12:00:00Z".parse().expect("a moment")
}

fn date(year: i32, month: u8) -> time::OffsetDateTime {
    rcgen::date_time_ymd(year, month, 1)
}

/// Somebody with a certificate, as PEM, and a key.
struct Somebody {
    pem: String,
    der: Vec<u8>,
    key: KeyPair,
    params: CertificateParams,
}

fn somebody(name: &str, above: Option<&Somebody>, change: impl FnOnce(&mut CertificateParams)) -> Somebody {
    let key = KeyPair::generate().expect("a key");
    with_key(key, name, above, change)
}

fn with_key(
    key: KeyPair,
    name: &str,
    above: Option<&Somebody>,
    change: impl FnOnce(&mut CertificateParams),
) -> Somebody {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date(2026, 1), date(2027, 6));
    change(&mut params);
    let certificate = match above {
        Some(above) => params.signed_by(&key, &Issuer::new(above.params.clone(), &above.key)),
        None => params.self_signed(&key),
    };
    let certificate = certificate.expect("signed");
    Somebody { pem: certificate.pem(), der: certificate.der().to_vec(), key, params }
}

fn authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
}

fn server(params: &mut CertificateParams) {
    params.subject_alt_names = vec![
        SanType::DnsName("appliance.example".try_into().expect("a name")),
        SanType::IpAddress("192.0.2.7".parse().expect("an address")),
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
}

/// A root, an authority below it, and a server.
struct Acme {
    root: Somebody,
    issuing: Somebody,
    leaf: Somebody,
}

impl Acme {
    fn new() -> Self {
        let root = somebody("Acme Root", None, authority);
        let issuing = somebody("Acme Issuing", Some(&root), authority);
        let leaf = somebody("appliance.example", Some(&issuing), server);
        Self { root, issuing, leaf }
    }

    fn file(&self) -> String {
        [&self.leaf.pem, &self.leaf.key.serialize_pem(), &self.issuing.pem, &self.root.pem].map(String::as_str).concat()
    }
}

fn read(file: impl AsRef<[u8]>) -> Result<Bundle, Vec<(Part, Unreadable)>> {
    Bundle::read(&Files { file: file.as_ref(), key_file: None, password: None })
}

fn host(name: &str) -> Host {
    name.parse::<IpAddr>().map_or_else(|_| Host::Name(name.parse().expect("a name")), Host::Ip)
}

/// What is said of a file for a server of this name.
fn said(file: &str, name: &str, key: Option<&PrivateKey>) -> Vec<String> {
    let names = [host(name)];
    let wanted = Wanted { names: &names, key, form: KeyForm::Pkcs8, trusted: &[], now: now() };
    match read(file).map(|bundle| bundle.judged(&wanted).err()) {
        Ok(faults) => faults.into_iter().flatten().map(|fault| fault.to_string()).collect(),
        Err(wrong) => wrong.into_iter().map(|(_, why)| why.to_string()).collect(),
    }
}

#[test]
fn a_chain_in_any_order_is_shown_in_its_own_and_without_its_root() {
    let acme = Acme::new();
    let Acme { root, issuing, leaf } = &acme;
    let key = leaf.key.serialize_pem();
    let stranger = somebody("Stranger", None, authority);
    for parts in [
        [&leaf.pem, &issuing.pem, &root.pem, &key],
        [&root.pem, &issuing.pem, &key, &leaf.pem],
        [&key, &stranger.pem, &issuing.pem, &(leaf.pem.clone() + &root.pem)],
    ] {
        let file = format!("Bag Attributes\r\n{}", parts.map(String::as_str).join("# between\n").replace('\n', "\r\n"));
        let names = ["appliance.example", "192.0.2.7"].map(host);
        let wanted = Wanted { names: &names, key: None, form: KeyForm::Pkcs8, trusted: &[], now: now() };
        let bundle = read(&file).expect("it can be read");
        let own = bundle.judged(&wanted).expect("it will do");
        let wanted = [&leaf.pem, &issuing.pem].map(|pem| pem.replace("\r\n", "\n")).concat();
        assert_eq!(own.pem(None).expose(), wanted);
        assert_eq!(own.root().map(|root| root.der().to_vec()), Some(root.der.clone()));
        assert!(own.chain().is_of(own.key().expect("its key")));
        let told = own.told().to_string();
        assert!(told.starts_with("appliance.example, signed by Acme Issuing, valid until 2027-06-01T"), "{told}");
        assert_eq!(format!("{:?}", bundle.judged(&Wanted { now: now(), ..wanted_of(&names) }).map(|_| ())), "Ok(())");
    }
}

fn wanted_of(names: &[Host]) -> Wanted<'_> {
    Wanted { names, key: None, form: KeyForm::Pkcs8, trusted: &[], now: now() }
}

/// Sees what is said of each file.
fn check(all: &[(&str, String, &[&str])]) {
    for (what, file, expected) in all {
        assert_eq!(said(file, "appliance.example", None), *expected, "{what}");
    }
}

#[test]
fn what_is_wrong_with_a_chain_and_with_its_key_is_told() {
    let acme = Acme::new();
    let Acme { root, issuing, leaf } = &acme;
    let other = somebody("Other", None, authority);
    let old = somebody("Old", Some(root), |params| {
        authority(params);
        params.not_after = date(2026, 10);
    });
    let below_old = somebody("appliance.example", Some(&old), server);
    let unsupported = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    let unsupported = with_key(unsupported, "appliance.example", Some(issuing), server);
    let own = |parts: &[&str]| parts.concat();
    let key = leaf.key.serialize_pem();
    let chain = issuing.pem.clone() + &root.pem;
    check(&[
        ("as it should be", acme.file(), &[]),
        ("no key", own(&[&leaf.pem, &chain]), &["no key is given with it, and the appliance has none yet"]),
        (
            "somebody else's key",
            own(&[&leaf.pem, &chain, &other.key.serialize_pem()]),
            &["the certificate is for another key than the one that is given with it"],
        ),
        (
            "nobody above it",
            own(&[&leaf.pem, &key]),
            &["the certificate of `Acme Issuing`, who has signed the certificate, is missing"],
        ),
        (
            "no root",
            own(&[&leaf.pem, &key, &issuing.pem]),
            &["the certificate of `Acme Root`, who has signed the certificate of `Acme Issuing` above it, is missing"],
        ),
        (
            "an old authority",
            own(&[&below_old.pem, &below_old.key.serialize_pem(), &old.pem, &root.pem]),
            &["the time of the certificate of `Old` above it is over since 2026-10-01T00:00:00Z"],
        ),
        (
            "a kind of key that browsers do not take",
            own(&[&unsupported.pem, &unsupported.key.serialize_pem(), &chain]),
            &["the key of the certificate is of a kind that browsers do not take: that has to be RSA, P-256 or P-384"],
        ),
        ("nothing", String::new(), &["it is neither PEM nor DER nor PKCS #12"]),
        ("no certificate", key.clone(), &["there is no certificate in it"]),
        (
            "cut off",
            acme.file()[..300].to_owned(),
            &["a block of PEM in it cannot be read: it is cut off or was changed"],
        ),
        (
            "two keys",
            acme.file() + &key,
            &["there are several private keys in it, and nobody knows which one is meant"],
        ),
    ]);
}

/// What is said where a server has no names.
const NAMELESS: &str = "it is not for `appliance.example`: it has no names in the subject alternative name, and others do \
                        not look at the common name";

#[test]
fn everything_that_is_wrong_with_a_servers_is_told() {
    let acme = Acme::new();
    let made = |above, change: fn(&mut CertificateParams)| {
        let leaf = somebody("appliance.example", above, change);
        [&leaf.pem, &leaf.key.serialize_pem(), &acme.issuing.pem, &acme.root.pem].map(String::as_str).concat()
    };
    let other = somebody("Other", None, authority);
    let by = Some(&acme.issuing);
    let of_another = |params: &mut CertificateParams| {
        server(params);
        params.subject_alt_names.remove(0);
    };
    let beside = |params: &mut CertificateParams| {
        server(params);
        params.subject_alt_names = vec![SanType::DnsName("*.example".try_into().expect("a name"))];
    };
    let over = |params: &mut CertificateParams| {
        server(params);
        params.not_after = date(2026, 11);
    };
    let early = |params: &mut CertificateParams| {
        server(params);
        params.not_before = date(2026, 12);
    };
    let above = |params: &mut CertificateParams| {
        server(params);
        authority(params);
    };
    let several = |params: &mut CertificateParams| {
        params.not_after = date(2026, 11);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    let is_over = "the time of the certificate is over since 2026-11-01T00:00:00Z";
    let of_none = "it is not for a server: the extended key usage `serverAuth` is missing";
    check(&[
        ("another's names", made(by, of_another), &["it is not for `appliance.example`: its names are `192.0.2.7`"]),
        ("a common name alone, and for no server", made(by, |_| {}), &[of_none, NAMELESS]),
        ("every name beside it", made(by, beside), &[]),
        ("over", made(by, over), &[is_over]),
        (
            "too early",
            made(by, early),
            &["the certificate is valid from 2026-12-01T00:00:00Z on, and the clock shows an earlier time"],
        ),
        ("an authority's", made(by, above), &["it is the certificate of an authority, and not of a server"]),
        ("signed by itself", made(None, server), &[]),
        (
            "several things at once",
            made(Some(&other), several),
            &[of_none, NAMELESS, is_over, "the certificate of `Other`, who has signed the certificate, is missing"],
        ),
    ]);
}

#[test]
fn without_a_key_it_is_for_the_one_that_is_there() {
    let acme = Acme::new();
    let file = [&acme.leaf.pem, &acme.issuing.pem, &acme.root.pem].map(String::as_str).concat();
    let here = PrivateKey::read(&SecretText::new(acme.leaf.key.serialize_pem())).expect("a key");
    assert_eq!(said(&file, "appliance.example", Some(&here)), [""; 0]);
    let other = PrivateKey::generate(KeyAlgorithm::P256).expect("a key");
    let expected = ["no key is given with it, and it is for another key than the appliance's"];
    assert_eq!(said(&file, "appliance.example", Some(&other)), expected);
}

#[test]
fn what_this_machine_trusts_may_be_left_out_and_an_end_that_is_near_is_told() {
    let acme = Acme::new();
    let file = [&acme.leaf.pem, &acme.leaf.key.serialize_pem(), &acme.issuing.pem].map(String::as_str).concat();
    let root = Certificate::read(&SecretText::new(acme.root.pem.clone())).expect("a certificate");
    let (trusted, names) = ([root], [host("appliance.example")]);
    let bundle = read(file).expect("it can be read");
    for (at, soon) in [("2026-11-26T12:00:00Z", false), ("2027-05-20T12:00:00Z", true)] {
        let at = at.parse().expect("a moment");
        let own = bundle.judged(&Wanted { trusted: &trusted, now: at, ..wanted_of(&names) }).expect("it will do");
        assert_eq!(own.told().to_string().contains("it ends in less than 30 days"), soon);
    }
}

#[test]
fn the_form_of_a_key_is_that_of_its_kind() {
    let acme = Acme::new();
    let (bundle, names) = (read(acme.file()).expect("it can be read"), [host("appliance.example")]);
    for (form, fits) in [(KeyForm::Pkcs8, true), (KeyForm::Sec1, true), (KeyForm::Pkcs1, false)] {
        let judged = bundle.judged(&Wanted { form, ..wanted_of(&names) });
        assert_eq!(judged.map(|_| ()).map_err(|faults| faults.len()), if fits { Ok(()) } else { Err(1) }, "{form:?}");
    }
}

/// A file as programs write it.
fn archive(acme: &Acme, encryption: EncryptionAlgorithm, mac: MacAlgorithm) -> Vec<u8> {
    let certificate = |somebody: &Somebody| InArchive::from_der(&somebody.der).expect("a certificate");
    let key = KeyInArchive::from_der(acme.leaf.key.serialized_der()).expect("a key");
    let chain = PrivateKeyChain::new("1", key, [&acme.leaf, &acme.issuing, &acme.root].map(certificate));
    let mut store = KeyStore::new();
    store.add_entry("appliance", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store.writer("open sesame").encryption_algorithm(encryption).mac_algorithm(mac);
    writer.encryption_iterations(10).mac_iterations(10).write().expect("written")
}

#[test]
fn archives_of_today_and_of_ten_years_ago() {
    let acme = Acme::new();
    let names = [host("appliance.example")];
    for (encryption, mac) in [
        (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
        (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1),
        (EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc, MacAlgorithm::HmacSha1),
    ] {
        let file = archive(&acme, encryption, mac);
        let with = |file: &[u8], password: Option<&str>| {
            let password = password.map(SecretText::from);
            Bundle::read(&Files { file, key_file: None, password: password.as_ref() })
        };
        let bundle = with(&file, Some("open sesame")).expect("it can be read");
        assert!(bundle.exposed().is_empty(), "a password keeps it");
        let own = bundle.judged(&wanted_of(&names)).expect("it will do");
        assert_eq!(own.pem(None).expose().matches("BEGIN").count(), 2);
        for (password, why) in [(Some("wrong"), Unreadable::OtherPassword), (None, Unreadable::NoPassword)] {
            assert_eq!(with(&file, password).err(), Some(vec![(Part::Password, why)]), "{password:?}");
        }
        let cut = with(&file[..file.len() / 2], Some("open sesame")).expect_err("it is cut off");
        assert!(cut.iter().all(|(part, _)| *part == Part::File), "{cut:?}");
    }
}

#[test]
fn a_key_lies_beside_it_open_or_encrypted() {
    let acme = Acme::new();
    let chain = [&acme.leaf.pem, &acme.issuing.pem, &acme.root.pem].map(String::as_str).concat();
    let with = |key: &str, password: Option<&str>| {
        let password = password.map(SecretText::from);
        Bundle::read(&Files { file: chain.as_bytes(), key_file: Some(key.as_bytes()), password: password.as_ref() })
    };
    let open = with(&acme.leaf.key.serialize_pem(), None).expect("it can be read");
    assert_eq!(open.exposed(), [Part::KeyFile]);
    assert!(open.judged(&wanted_of(&[host("appliance.example")])).is_ok());
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let unknown = "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n";
    for (key, part, why) in [
        (old, Part::KeyFile, Unreadable::Encryption),
        (ENCRYPTED, Part::Password, Unreadable::NoPassword),
        (&chain, Part::KeyFile, Unreadable::NoKey),
    ] {
        assert_eq!(with(key, None).err(), Some(vec![(part, why)]));
    }
    assert_eq!(with(ENCRYPTED, Some("wrong")).err(), Some(vec![(Part::Password, Unreadable::OtherPassword)]));
    for key in [with(unknown, None), with(ENCRYPTED, Some("open sesame"))] {
        let faults = key.expect("it can be read").judged(&wanted_of(&[host("appliance.example")])).err();
        assert_eq!(faults.map(|faults| faults.iter().map(Fault::part).collect()), Some(vec![Part::KeyFile]));
    }
}

/// Somebody's key, as `openssl pkcs8 -topk8 -v2 aes-256-cbc` encrypts it with `open sesame`.
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\
     MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgk2ByY93VghQICCAAw\n\
     DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENUcqjwazg6PtlBZtieGm4AEgZDF\n\
     TYoQmR6SdvFHO0uk1uAHsYci3KgWCE6fczYTfLFuQr5oaDvSFw7Iy69pG+KyQuCi\n\
     HGBjXBntyOZT1GEX4vjxs0bi1UbwkWe938qutXDryc2RWyW45MjM/GC41NkG1CWq\n\
     Nfkb4lzAhsWcrFtaFdbrFyAFyLe1whwMo/u6cNdlQD1ag85tH8e96CDCETCyFtI=\n\
     -----END ENCRYPTED PRIVATE KEY-----\n";

/// Nothing that they say quotes what was given, or a key.
#[test]
fn no_secret_is_printed() {
    let acme = Acme::new();
    let bundle = read(acme.file()).expect("it can be read");
    let printed = format!("{bundle:?}{:?}", bundle.judged(&wanted_of(&[])));
    let line = acme.leaf.key.serialize_pem().lines().nth(1).expect("base64").to_owned();
    assert!(!printed.contains(&line) && printed.contains("PrivateKey(redacted)"));
    assert!(Unreadable::OtherPassword.phrase().to_string().contains("another password"));
}
