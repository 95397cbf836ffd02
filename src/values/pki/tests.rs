//! What is made, read and judged, in memory.

use std::{collections::BTreeMap, net::IpAddr};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::values::{Address, Authority, Fingerprint, Host, SecretText};

const ROOT_KEY: &str = "root-key";
const ROOT: &str = "root";
const MIDDLE_KEY: &str = "middle-key";
const MIDDLE: &str = "middle";
const LEAF_KEY: &str = "leaf-key";

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().expect("a moment")
}

fn subject(name: &str) -> Subject {
    Subject { common_name: Some(name.to_owned()), organization: None }
}

fn key() -> SecretText {
    PrivateKey::generate(KeyAlgorithm::P256).expect("a key").pem(KeyForm::Pkcs8)
}

fn leaf_spec(names: &[LeafName], days: u16) -> Material {
    Material::Leaf(LeafSpec { names: names.to_vec(), days, key: LEAF_KEY, above: (MIDDLE_KEY, MIDDLE) })
}

/// A root, an authority below it, and a key for a server.
struct Pki(BTreeMap<&'static str, SecretText>);

impl Pki {
    fn new() -> Self {
        Self::named("", &[])
    }

    /// With names that begin so, and with these in the place of new ones.
    fn named(beginning: &str, parts: &[(&'static str, SecretText)]) -> Self {
        let mut pki = Self([ROOT_KEY, MIDDLE_KEY, LEAF_KEY].into_iter().map(|id| (id, key())).collect());
        pki.0.extend(parts.iter().cloned());
        for (id, key, above) in [(ROOT, ROOT_KEY, None), (MIDDLE, MIDDLE_KEY, Some((ROOT_KEY, ROOT)))] {
            let subject = subject(&format!("{beginning}{id}"));
            let made = pki.issue(&Material::Authority(AuthoritySpec { subject, days: 500, key, above }));
            pki.0.insert(id, made);
        }
        pki
    }

    fn issue(&self, material: &Material) -> SecretText {
        material.issue(|id| self.0.get(id), &issuing(None), None).expect("signed").expect("everything is known")
    }

    fn fault(&self, material: &Material, text: &SecretText, now: Timestamp) -> Option<PkiFault> {
        material.fault(text, |id| self.0.get(id), now)
    }
}

fn issuing(address: Option<&Address>) -> Issuing<'_> {
    Issuing { now: now(), address, interface: None }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn fixed(name: &str) -> LeafName {
    LeafName::Fixed(match name.parse::<IpAddr>() {
        Ok(address) => Host::Ip(address),
        Err(_) => Host::Name(name.parse().expect("a name")),
    })
}

#[test]
fn keys_in_each_form() {
    for (algorithm, form, label) in [
        (KeyAlgorithm::P256, KeyForm::Pkcs8, "-----BEGIN PRIVATE KEY-----\n"),
        (KeyAlgorithm::P256, KeyForm::Sec1, "-----BEGIN EC PRIVATE KEY-----\n"),
        (KeyAlgorithm::Rsa2048, KeyForm::Pkcs8, "-----BEGIN PRIVATE KEY-----\n"),
        (KeyAlgorithm::Rsa2048, KeyForm::Pkcs1, "-----BEGIN RSA PRIVATE KEY-----\n"),
    ] {
        let key = PrivateKey::generate(algorithm).expect("a key");
        let pem = key.pem(form);
        assert!(pem.expose().starts_with(label) && pem.expose().ends_with("-----\n"), "{algorithm:?} {form:?}");
        let read = PrivateKey::read(&pem).expect("a key");
        assert_eq!(read.public(), key.public());
        let around = SecretText::new(format!("Bag Attributes\r\n{}\r\n", pem.expose().replace('\n', "\r\n")));
        assert_eq!(PrivateKey::read(&around).map(|read| read.public()), Some(key.public()));
        assert_eq!(format!("{key:?}"), "PrivateKey(redacted)");
    }
    for text in ["", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    {
        assert!(PrivateKey::read(&text.into()).is_none(), "{text}");
    }
}

#[test]
fn what_is_issued_is_of_its_key_and_its_issuer() {
    let pki = Pki::new();
    let read = |text| Certificate::read(text).expect("certificates");
    let (root, middle) = (read(&pki.0[ROOT]), read(&pki.0[MIDDLE]));
    let leaf =
        read(&pki.issue(&leaf_spec(&[fixed("appliance.example"), fixed("192.0.2.7"), fixed("2001:db8::7")], 397)));
    assert!(root.is_issued_by(&root) && middle.is_issued_by(&root) && leaf.is_issued_by(&middle));
    assert!(!middle.is_issued_by(&middle) && !leaf.is_issued_by(&root) && !root.is_issued_by(&middle));
    assert_eq!([&root, &middle, &leaf].map(Certificate::is_authority), [true, true, false]);
    assert_eq!([&root, &middle, &leaf].map(Certificate::is_of_server), [false, false, true]);
    for (name, is_one) in [
        ("appliance.example", true),
        ("192.0.2.7", true),
        ("2001:db8::7", true),
        ("example", false),
        ("192.0.2.8", false),
    ] {
        let LeafName::Fixed(host) = fixed(name) else { unreachable!("as made above") };
        assert_eq!(leaf.names(&host), is_one, "{name}");
    }
    let (from, to) = leaf.period().expect("a period");
    assert_eq!((now().duration_since(from), to.duration_since(now())), (SignedDuration::from_hours(1), days(397)));
    let text = pki.issue(&leaf_spec(&[fixed("localhost")], 397));
    assert_eq!(text.expose().matches("BEGIN CERTIFICATE").count(), 2, "the one in between comes along");
    assert!(text.expose().ends_with(pki.0[MIDDLE].expose()));
}

#[test]
fn no_two_certificates_have_one_number() {
    let pki = Pki::new();
    let leaf = leaf_spec(&[fixed("localhost")], 30);
    assert_ne!(pki.issue(&leaf), pki.issue(&leaf));
}

#[test]
fn what_is_wrong_with_one_that_is_there() {
    let (pki, other) = (Pki::new(), Pki::new());
    let root = Material::Authority(AuthoritySpec { subject: subject(ROOT), days: 500, key: ROOT_KEY, above: None });
    let above = Some((ROOT_KEY, ROOT));
    let middle = Material::Authority(AuthoritySpec { subject: subject(MIDDLE), days: 500, key: MIDDLE_KEY, above });
    let mixed = Pki(pki
        .0
        .iter()
        .map(|(id, text)| (*id, text.clone()))
        .chain([(MIDDLE_KEY, other.0[MIDDLE_KEY].clone())])
        .collect());
    // A root of the same name, made anew for another key.
    let other_root =
        Pki(pki.0.iter().map(|(id, text)| (*id, text.clone())).chain([(ROOT, other.0[ROOT].clone())]).collect());
    let period = Certificate::read(&pki.0[ROOT]).and_then(|root| root.period()).expect("a period");
    for (what, material, text, known, at, expected) in [
        ("as it was made", &root, &pki.0[ROOT], &pki, now(), None),
        ("below it", &middle, &pki.0[MIDDLE], &pki, now(), None),
        ("another key", &root, &other.0[ROOT], &pki, now(), Some(PkiFault::OtherKey)),
        ("another key below", &middle, &pki.0[MIDDLE], &mixed, now(), Some(PkiFault::OtherKey)),
        ("another issuer", &middle, &pki.0[MIDDLE], &other_root, now(), Some(PkiFault::OtherIssuer)),
        ("too late", &root, &pki.0[ROOT], &pki, period.1, Some(PkiFault::Expired(period.1))),
        ("too early", &root, &pki.0[ROOT], &pki, now() - days(1), Some(PkiFault::NotYetValid(period.0))),
    ] {
        assert_eq!(known.fault(material, text, at), expected, "{what}");
    }
}

#[test]
fn when_a_leaf_is_renewed() {
    let (pki, other) = (Pki::new(), Pki::new());
    let here: Address = "https://appliance.example".parse().expect("an address");
    let there: Address = "https://192.0.2.7:8443".parse().expect("an address");
    let spec = leaf_spec(&[LeafName::Host, LeafName::Interface, fixed("localhost")], 397);
    let known = |id: &str| pki.0.get(id);
    let leaf = spec.issue(known, &issuing(Some(&here)), None).expect("signed").expect("an address");
    assert!(spec.issue(known, &issuing(None), None).is_ok_and(|made| made.is_none()), "nobody knows for what");
    let interface = |address: &str| address.parse::<IpAddr>().ok();
    for (what, text, at, address, interface, expected) in [
        ("at once", &leaf, 0, Some(&here), None, false),
        ("31 days before its end", &leaf, 366, Some(&here), None, false),
        ("29 days before its end", &leaf, 368, Some(&here), None, true),
        ("after its end", &leaf, 400, Some(&here), None, true),
        ("before its time", &leaf, -1, Some(&here), None, true),
        ("under another address", &leaf, 0, Some(&there), None, true),
        ("at another interface", &leaf, 0, Some(&here), interface("192.0.2.7"), true),
        ("while no address is known", &leaf, 0, None, None, false),
        ("of another authority", &other.issue(&leaf_spec(&[fixed("localhost")], 397)), 0, None, None, true),
        ("no certificate", &pki.0[ROOT_KEY], 0, Some(&here), None, true),
        ("an authority's", &pki.0[MIDDLE], 0, Some(&here), None, true),
    ] {
        let issuing = Issuing { now: now() + days(at), address, interface };
        assert_eq!(spec.has_passed(text, known, &issuing), expected, "{what}");
    }
    // A company's own authority has signed it: it stays as long as it is valid and names the host.
    let theirs = Pki::named("theirs", &[(LEAF_KEY, pki.0[LEAF_KEY].clone())]);
    let corporate = theirs.issue(&leaf_spec(&[fixed("appliance.example"), fixed("localhost")], 397));
    for (at, address, expected) in [(0, &here, false), (380, &here, false), (398, &here, true), (0, &there, true)] {
        let issuing = Issuing { now: now() + days(at), address: Some(address), interface: None };
        assert_eq!(spec.has_passed(&corporate, known, &issuing), expected, "{at}");
    }
    // Of what is never valid for 30 days the last third counts.
    let short = leaf_spec(&[fixed("localhost")], 6);
    let leaf = pki.issue(&short);
    for (at, expected) in [(0, false), (3, false), (5, true)] {
        let issuing = Issuing { now: now() + days(at), ..issuing(None) };
        assert_eq!(short.has_passed(&leaf, known, &issuing), expected, "{at}");
    }
}

#[test]
fn lists_of_what_is_revoked() {
    let (pki, other) = (Pki::new(), Pki::new());
    let crl = Material::Crl(CrlSpec { days: 30, above: (ROOT_KEY, ROOT) });
    let list = pki.issue(&crl);
    assert!(list.expose().starts_with("-----BEGIN X509 CRL-----\n") && crl.is(&list));
    let number = |text: &SecretText| {
        let der = pem::parse(text.expose()).expect("PEM").into_contents();
        let (_, list) = x509_parser::parse_x509_crl(&der).expect("a list");
        assert_eq!(list.iter_revoked_certificates().count(), 0);
        list.crl_number().cloned().expect("a number")
    };
    let later = Issuing { now: now() + days(25), ..issuing(None) };
    let next = crl.issue(|id| pki.0.get(id), &later, None).expect("signed").expect("everything is known");
    assert!(number(&next) > number(&list));
    // After a clock that was fast.
    let again = crl.issue(|id| pki.0.get(id), &issuing(None), Some(&next)).expect("signed").expect("known");
    assert!(number(&again) > number(&next));
    for (known, at, expected) in
        [(&pki, 0, false), (&pki, 19, false), (&pki, 21, true), (&pki, -1, true), (&other, 0, true)]
    {
        let issuing = Issuing { now: now() + days(at), ..issuing(None) };
        assert_eq!(crl.has_passed(&list, |id| known.0.get(id), &issuing), expected, "{at}");
    }
}

#[test]
fn what_is_none() {
    let pki = Pki::new();
    let (root, leaf) = (
        Material::Authority(AuthoritySpec { subject: subject(ROOT), days: 1, key: ROOT_KEY, above: None }),
        leaf_spec(&[fixed("localhost")], 30),
    );
    let made = pki.issue(&leaf);
    for (material, text, expected) in [
        (&root, &pki.0[ROOT], true),
        (&root, &made, false),
        (&root, &pki.0[ROOT_KEY], false),
        (&leaf, &made, true),
        (&Material::Key(KeyAlgorithm::P256, KeyForm::Pkcs8), &pki.0[ROOT_KEY], true),
        (&Material::Key(KeyAlgorithm::Rsa4096, KeyForm::Pkcs1), &pki.0[ROOT_KEY], true),
        (&Material::Key(KeyAlgorithm::P256, KeyForm::Pkcs8), &pki.0[ROOT], false),
        (&Material::Crl(CrlSpec { days: 30, above: (ROOT_KEY, ROOT) }), &made, false),
    ] {
        assert_eq!(material.is(text), expected, "{material}");
        let cut = SecretText::from(&text.expose()[..text.expose().len() / 2]);
        assert!(!material.is(&cut) || text.expose().matches("BEGIN").count() > 1, "{material}, the half of it");
    }
    let around = SecretText::new(format!("# the root\n{}\n", pki.0[ROOT].expose().replace('\n', "\r\n")));
    assert_eq!(root.canonical(&around).as_ref(), Some(&pki.0[ROOT]));
}

#[test]
fn a_certificate_without_a_name_has_a_fingerprint() {
    let nameless = rustls::pki_types::CertificateDer::from(b"no certificate".to_vec());
    let wanted = Authority { name: "?".to_owned(), sha256: Fingerprint::of(&nameless) };
    assert_eq!(authority_of(&nameless), wanted);
    let root = Certificate::read(&Pki::new().0[ROOT]).expect("a certificate");
    assert_eq!(root.authority(), Authority { name: ROOT.to_owned(), sha256: Fingerprint::of(root.der()) });
}

#[test]
fn an_authority_below_the_root_is_signed_anew_in_its_time() {
    let pki = Pki::new();
    let authority =
        |id, key, days, above| Material::Authority(AuthoritySpec { subject: subject(id), days, key, above });
    let (root, middle) =
        (authority(ROOT, ROOT_KEY, 500, None), authority(MIDDLE, MIDDLE_KEY, 90, Some((ROOT_KEY, ROOT))));
    let short = pki.issue(&middle);
    for (what, material, text, at, expected) in [
        ("at once", &middle, &short, 0, false),
        ("before its last 30 days", &middle, &short, 59, false),
        ("in them", &middle, &short, 61, true),
        ("nothing lasts longer than the root", &middle, &pki.0[MIDDLE], 490, false),
        ("nobody signs the root", &root, &pki.0[ROOT], 501, false),
    ] {
        let issuing = Issuing { now: now() + days(at), ..issuing(None) };
        assert_eq!(material.has_passed(text, |id| pki.0.get(id), &issuing), expected, "{what}");
    }
}

/// Whatever is left to an authority: what it signs ends with it at the latest, is good at once, and is not made anew as long
/// as a new one would end no later.
#[test]
fn a_leaf_ends_with_its_authority() {
    let pki = Pki::new();
    let spec = leaf_spec(&[fixed("localhost")], 397);
    let known = |id: &str| pki.0.get(id);
    let period = |text: &SecretText| Certificate::read(text).and_then(|one| one.period()).expect("a period");
    let (_, end) = period(&pki.0[MIDDLE]);
    for left in [300, 40, 20, 3, 1] {
        let at = Issuing { now: end - days(left), ..issuing(None) };
        let leaf = spec.issue(known, &at, None).expect("signed").expect("everything is known");
        assert_eq!(period(&leaf).1, end, "{left}");
        for later in [0, left - 1] {
            let at = Issuing { now: at.now + days(later), ..at };
            assert!(!spec.has_passed(&leaf, known, &at), "{left} and {later}");
        }
        assert!(spec.has_passed(&leaf, known, &Issuing { now: end, ..at }), "{left}");
    }
}

#[test]
fn a_list_on_which_somebody_has_put_something_stays() {
    let (pki, crl) = (Pki::new(), Material::Crl(CrlSpec { days: 30, above: (ROOT_KEY, ROOT) }));
    let key = rcgen::KeyPair::from_pem(pki.0[ROOT_KEY].expose()).expect("a key");
    let issuer = rcgen::Issuer::from_ca_cert_pem(pki.0[ROOT].expose(), key).expect("an authority");
    let date = |day| rcgen::date_time_ymd(2026, 11, day);
    let entry = rcgen::RevokedCertParams {
        serial_number: 7_u64.into(),
        revocation_time: date(1),
        reason_code: None,
        invalidity_date: None,
    };
    for (revoked_certs, expected) in [(vec![entry], false), (Vec::new(), true)] {
        let list = rcgen::CertificateRevocationListParams {
            this_update: date(1),
            next_update: date(27),
            crl_number: 1_u64.into(),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&issuer).expect("signed").pem().expect("PEM").as_str().into();
        assert_eq!(crl.has_passed(&list, |id| pki.0.get(id), &issuing(None)), expected);
    }
}
