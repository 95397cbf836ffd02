//! Section `[pki]`: the appliance's own authority, what it signs, and where that goes.

use serde_json::{Value, json};

use super::{
    brand::Brand,
    cluster::Cluster,
    destination::{Destination, Pem},
    generate::{Generate, Rotation, is_of_setup},
    kinds::{list_of, one_of, text, whole},
    secrets::Secrets,
    setting::{Form, Setting, Visit, optional_table, section, table},
};
use crate::{
    document::Section,
    values::{
        Host, Line, ValueFormat,
        pki::{AuthoritySpec, CrlSpec, KeyAlgorithm, KeyForm, LeafName, LeafSpec, Material, Subject},
    },
    words::{Phrase, phrase},
};

section! {
    /// The appliance's own authority.
    pub struct Pki {
        /// The authority at the top: it signs itself, is made once, and is never replaced.
        pub root: Option<Root> = shown(optional_table("root", Root::visit)),
        /// An authority that the root signs, and that signs in its place; what it signs cannot sign. Its certificate is made anew
        /// before its last 30 days; its key stays.
        pub intermediate: Option<Intermediate> = shown(optional_table("intermediate", Intermediate::visit)),
        /// What a TLS server shows. It is made anew before its last 30 days (or the last third of a shorter time), and when the
        /// appliance is reached under a name that it lacks; its key stays. One for that key which another authority has signed
        /// stays as long as it is valid under these names.
        pub leaf: Option<Leaf> = shown(optional_table("leaf", Leaf::visit)),
        /// A signed list of what is revoked: nothing. It is made anew like a leaf, each time with a greater number.
        pub crl: Option<Crl> = shown(optional_table("crl", Crl::visit)),
    }
}

section! {
    /// The authority at the top.
    pub struct Root {
        /// What its key is of: `p-256`, `rsa-2048` or `rsa-4096`.
        pub algorithm: KeyAlgorithm = algorithm(),
        /// How many days it is valid.
        pub days: u16 = days("days", 36_500).or(3650),
        /// What it is called; without it, the brand's name with `Root CA` behind it.
        pub common_name: Option<String> = name("common-name").optional("skreg Root CA"),
        /// Whose it is.
        pub organization: Option<String> = name("organization").optional("skreg"),
        /// Where its key goes: `secret:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH`.
        pub key: Destination = key("secret:skreg-pki/ROOT_CA_KEY_PEM"),
        /// How its key is written: `pkcs8`; of RSA also `pkcs1`, of P-256 also `sec1`.
        pub key_form: KeyForm = key_form(algorithm),
        /// Where its certificate goes: as its key, or `configmap:NAME/KEY`, or `trust`, this machine's own store of authorities.
        pub certificate: Vec<Destination> = places_of("certificate", Pem::Authority, phrase!("profile-certificate-hint"), json!(["secret:skreg-pki/ROOT_CA_CERT_PEM", "trust"])),
    }
}

section! {
    /// An authority below the root.
    pub struct Intermediate {
        /// What its key is of: `p-256`, `rsa-2048` or `rsa-4096`.
        pub algorithm: KeyAlgorithm = algorithm(),
        /// How many days it is valid.
        pub days: u16 = days("days", 36_500).or(1825),
        /// What it is called; without it, the brand's name with `Issuing CA` behind it.
        pub common_name: Option<String> = name("common-name").optional("skreg Publisher CA"),
        /// Whose it is.
        pub organization: Option<String> = name("organization").optional("skreg"),
        /// Where its key goes: `secret:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH`.
        pub key: Destination = key("secret:skreg-pki/PUBLISHER_CA_KEY_PEM"),
        /// How its key is written: `pkcs8`; of RSA also `pkcs1`, of P-256 also `sec1`.
        pub key_form: KeyForm = key_form(algorithm),
        /// Where its certificate goes: as its key, or `configmap:NAME/KEY`.
        pub certificate: Vec<Destination> = places_of("certificate", Pem::Public, phrase!("profile-certificate-hint"), json!(["secret:skreg-pki/PUBLISHER_CA_CERT_PEM"])),
    }
}

section! {
    /// What a TLS server shows.
    pub struct Leaf {
        /// What its key is of: `p-256`, `rsa-2048` or `rsa-4096`.
        pub algorithm: KeyAlgorithm = algorithm(),
        /// How many days it is valid; browsers take no more than 398.
        pub days: u16 = days("days", 397).or(397),
        /// What it is for: `{host}`, the host of the appliance's address; `{interface}`, the address of the interface of the
        /// default route; names and IP addresses.
        pub names: Vec<LeafName> = list_of("names", leaf_name).or(json!(["{host}"])),
        /// Where its key goes: `secret:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH`. A Secret
        /// with `tls.key` and `tls.crt` in it is made with the type `kubernetes.io/tls`.
        pub key: Destination = key("secret:appliance-tls/tls.key"),
        /// How its key is written: `pkcs8`; of RSA also `pkcs1`, of P-256 also `sec1`.
        pub key_form: KeyForm = key_form(algorithm),
        /// Where it goes, with an intermediate authority behind it: as its key, or `configmap:NAME/KEY`.
        pub certificate: Vec<Destination> = places_of("certificate", Pem::Public, phrase!("profile-certificate-hint"), json!(["secret:appliance-tls/tls.crt"])),
    }
}

section! {
    /// A list of what is revoked.
    pub struct Crl {
        /// How many days until the next one is due.
        pub days: u16 = days("days", 397).or(30),
        /// Where it goes: `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or
        /// `file:PATH`.
        pub targets: Vec<Destination> = places_of("targets", Pem::Public, phrase!("profile-crl-hint"), json!(["configmap:well-known/crl.pem"])),
    }
}

const ALGORITHMS: &[(&str, KeyAlgorithm)] =
    &[("p-256", KeyAlgorithm::P256), ("rsa-2048", KeyAlgorithm::Rsa2048), ("rsa-4096", KeyAlgorithm::Rsa4096)];

const FORMS: &[(&str, KeyForm)] = &[("pkcs8", KeyForm::Pkcs8), ("pkcs1", KeyForm::Pkcs1), ("sec1", KeyForm::Sec1)];

/// A table that may be left out, shown in a comment.
fn shown<T>(table: impl Setting<Option<T>>) -> impl Setting<Option<T>> {
    move |visit: &mut Visit<'_, '_>| {
        let read = table(visit);
        visit.left_out();
        read
    }
}

fn algorithm() -> impl Setting<KeyAlgorithm> {
    one_of("algorithm", ALGORITHMS, phrase!("profile-algorithms")).or("p-256")
}

fn days(key: &'static str, most: u64) -> Form<u16> {
    whole(key, 1..=most)
}

fn key(example: &'static str) -> impl Setting<Destination> {
    let key = text("key", json!({"pattern": "^(secret|file):"}), |text| Pem::Key.destination(text));
    key.needed(phrase!("profile-pem-key-hint"), example)
}

fn places_of(key: &'static str, pem: Pem, hint: Phrase, example: Value) -> impl Setting<Vec<Destination>> {
    let places = list_of(key, move |text| pem.destination(text)).needed(hint, example);
    move |visit: &mut Visit<'_, '_>| {
        let places = places(visit)?;
        if places.is_empty() {
            visit.wrong(key, phrase!("profile-list-empty"));
        }
        Some(places)
    }
}

fn key_form(algorithm: Option<KeyAlgorithm>) -> impl Setting<KeyForm> {
    let form = one_of("key-form", FORMS, phrase!("profile-key-forms")).or("pkcs8");
    move |visit: &mut Visit<'_, '_>| {
        let form = form(visit)?;
        match (form, algorithm) {
            (KeyForm::Pkcs1, Some(KeyAlgorithm::P256)) => visit.wrong("key-form", phrase!("profile-key-form-rsa")),
            (KeyForm::Sec1, Some(KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa4096)) => {
                visit.wrong("key-form", phrase!("profile-key-form-curve"));
            }
            _ => {}
        }
        Some(form)
    }
}

/// A name in a certificate.
fn name(key: &'static str) -> Form<String> {
    let schema = json!({"minLength": 1, "maxLength": Subject::LONGEST_NAME});
    text(key, schema, |text| {
        let line = Line::parse(text)?;
        let (have, most) = (line.as_str().chars().count(), Subject::LONGEST_NAME);
        if have > most {
            Err(phrase!("value-long" { what: Phrase::OPEN, have, most }))
        } else {
            Ok(line.as_str().to_owned())
        }
    })
}

fn leaf_name(text: &str) -> Result<LeafName, Phrase> {
    match text {
        "{host}" => Ok(LeafName::Host),
        "{interface}" => Ok(LeafName::Interface),
        _ => match text.parse() {
            Ok(address) => Ok(LeafName::Fixed(Host::Ip(address))),
            Err(_no_address) => {
                text.parse().map(|name| LeafName::Fixed(Host::Name(name))).map_err(|_form| phrase!("profile-leaf-name"))
            }
        },
    }
}

/// The section; nothing is signed without a root, and no two things go to one place.
pub(super) fn pki(secrets: Option<&Secrets>, cluster: Option<&Cluster>) -> impl Setting<Pki> {
    move |visit: &mut Visit<'_, '_>| {
        let pki = table("pki", Pki::visit)(visit)?;
        if let Visit::Read(section) = visit {
            compare(section, &pki, secrets, cluster.map_or("", |cluster| &cluster.namespace));
        }
        Some(pki)
    }
}

fn compare(section: &Section<'_>, pki: &Pki, secrets: Option<&Secrets>, own: &str) {
    let Pki { root, intermediate, leaf, crl } = pki;
    for (key, is_there) in [("intermediate", intermediate.is_some()), ("leaf", leaf.is_some()), ("crl", crl.is_some())]
    {
        if is_there && root.is_none() {
            section.wrong_at(&["pki", key], phrase!("profile-pki-root"));
        }
    }
    let mut taken: Vec<Destination> = Vec::new();
    for (path, target) in places(pki) {
        let target = target.within(own);
        if taken.contains(&target) {
            section.wrong_at(&path, phrase!("profile-target-taken" { target: target.to_string() }));
        } else if is_of_setup(&target, secrets) {
            section.wrong_at(&path, phrase!("profile-target-of-setup" { target: target.to_string() }));
        }
        taken.push(target);
    }
}

/// Every place of the section, with the path of its setting.
fn places(pki: &Pki) -> Vec<([&'static str; 3], &Destination)> {
    let of = |table: &'static str, key, certificate: &'static str, targets| {
        let key = Option::into_iter(key).map(move |key| (["pki", table, "key"], key));
        let targets = <[Destination]>::iter(targets).map(move |target| (["pki", table, certificate], target));
        key.chain(targets)
    };
    let root = pki.root.iter().flat_map(|root| of("root", Some(&root.key), "certificate", &root.certificate));
    let below = pki.intermediate.iter();
    let below = below.flat_map(|below| of("intermediate", Some(&below.key), "certificate", &below.certificate));
    let leaf = pki.leaf.iter().flat_map(|leaf| of("leaf", Some(&leaf.key), "certificate", &leaf.certificate));
    let crl = pki.crl.iter().flat_map(|crl| of("crl", None, "targets", &crl.targets));
    root.chain(below).chain(leaf).chain(crl).collect()
}

/// The ids of what an authority has; a profile's own ids cannot be these, because a value with one of them is taken.
mod ids {
    pub(super) const ROOT_KEY: &str = "pki-root-key";
    pub(super) const ROOT: &str = "pki-root-certificate";
    pub(super) const INTERMEDIATE_KEY: &str = "pki-intermediate-key";
    pub(super) const INTERMEDIATE: &str = "pki-intermediate-certificate";
    pub(super) const LEAF_KEY: &str = "pki-leaf-key";
    pub(super) const LEAF: &str = "pki-leaf-certificate";
    pub(super) const CRL: &str = "pki-crl";
}

/// What is made for one appliance of this section.
pub(super) fn values(pki: Option<&Pki>, brand: Option<&Brand>, cluster: Option<&Cluster>) -> Vec<Generate> {
    let (Some(Pki { root: Some(root), intermediate, leaf, crl }), Some(brand)) = (pki, brand) else {
        return Vec::new();
    };
    let below =
        intermediate.as_ref().map_or((ids::ROOT_KEY, ids::ROOT), |_| (ids::INTERMEDIATE_KEY, ids::INTERMEDIATE));
    let Root { algorithm, days, common_name, organization, key, key_form, certificate } = root;
    let subject = self::subject(common_name.as_ref(), organization.as_ref(), brand, "Root CA");
    let root_values = [
        value(ids::ROOT_KEY, Material::Key(*algorithm, *key_form), Rotation::Never, vec![key.clone()]),
        authority(ids::ROOT, AuthoritySpec { subject, days: *days, key: ids::ROOT_KEY, above: None }, certificate),
    ];
    let intermediate = intermediate.iter().flat_map(|intermediate| {
        let Intermediate { algorithm, days, common_name, organization, key, key_form, certificate } = intermediate;
        let subject = self::subject(common_name.as_ref(), organization.as_ref(), brand, "Issuing CA");
        let above = Some((ids::ROOT_KEY, ids::ROOT));
        let spec = AuthoritySpec { subject, days: *days, key: ids::INTERMEDIATE_KEY, above };
        [
            value(ids::INTERMEDIATE_KEY, Material::Key(*algorithm, *key_form), Rotation::Never, vec![key.clone()]),
            // With the same key; what the root is, nobody can sign anew.
            Generate { rotate: Rotation::Renewed, ..authority(ids::INTERMEDIATE, spec, certificate) },
        ]
    });
    let leaf = leaf.iter().flat_map(|leaf| {
        let spec = LeafSpec { names: leaf.names.clone(), days: leaf.days, key: ids::LEAF_KEY, above: below };
        let key = Material::Key(leaf.algorithm, leaf.key_form);
        [
            value(ids::LEAF_KEY, key, Rotation::Renewed, vec![leaf.key.clone()]),
            value(ids::LEAF, Material::Leaf(spec), Rotation::Renewed, leaf.certificate.clone()),
        ]
    });
    let crl = crl.iter().map(|crl| {
        let spec = CrlSpec { days: crl.days, above: (ids::ROOT_KEY, ids::ROOT) };
        value(ids::CRL, Material::Crl(spec), Rotation::Renewed, crl.targets.clone())
    });
    let mut values: Vec<Generate> = root_values.into_iter().chain(intermediate).chain(leaf).chain(crl).collect();
    if let Some(Cluster { namespace, .. }) = cluster {
        let targets = values.iter_mut().flat_map(|value| &mut value.targets);
        targets.for_each(|target| *target = target.within(namespace));
    }
    values
}

/// Who an authority is, by its own name or the brand's.
fn subject(name: Option<&String>, organization: Option<&String>, brand: &Brand, kind: &str) -> Subject {
    let of_brand = || {
        let room = Subject::LONGEST_NAME - kind.len() - 1;
        format!("{} {kind}", brand.name.as_str().chars().take(room).collect::<String>().trim_end())
    };
    Subject { common_name: Some(name.cloned().unwrap_or_else(of_brand)), organization: organization.cloned() }
}

fn authority(id: &str, spec: AuthoritySpec, targets: &[Destination]) -> Generate {
    value(id, Material::Authority(spec), Rotation::Never, targets.to_vec())
}

fn value(id: &str, material: Material, rotate: Rotation, targets: Vec<Destination>) -> Generate {
    let format = ValueFormat::Pki(material);
    Generate { id: id.to_owned(), format, rotate, invalidates: None, targets, data: Vec::new() }
}
