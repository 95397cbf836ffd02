//! A certificate as it is there, perhaps with those that issued it behind it.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{
    error::X509Error,
    prelude::{FromDer, GeneralName, X509Certificate},
    public_key::PublicKey,
    x509::X509Name,
};

use super::private_key::{PrivateKey, encoded};
use crate::values::{Authority, Fingerprint, Host, SecretText, plain_text};

/// A certificate, and those that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    ders: Vec<CertificateDer<'static>>,
}

impl Certificate {
    /// Reads one or several as PEM; what stands around them is passed over.
    pub fn read(text: &SecretText) -> Option<Self> {
        let ders = CertificateDer::pem_slice_iter(text.expose().as_bytes()).collect::<Result<Vec<_>, _>>().ok()?;
        let is_sound = |der: &CertificateDer<'_>| Self::read_der(der).is_some();
        (!ders.is_empty() && ders.iter().all(is_sound)).then_some(Self { ders })
    }

    pub(super) fn of(der: &CertificateDer<'_>) -> Self {
        Self { ders: vec![der.clone().into_owned()] }
    }

    /// Reads one as DER.
    pub fn read_der(der: &CertificateDer<'_>) -> Option<Self> {
        X509Certificate::from_der(der).is_ok_and(|(rest, _)| rest.is_empty()).then(|| Self::of(der))
    }

    /// Each of them, and what came with it.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        self.ders.iter().map(Self::of)
    }

    /// The same, with those of `others` behind it.
    pub(super) fn followed_by(mut self, others: &Self) -> Self {
        self.ders.extend(others.ders.iter().cloned());
        self
    }

    /// As PEM, without what stood around it.
    pub fn pem(&self) -> SecretText {
        SecretText::new(self.ders.iter().map(|der| encoded("CERTIFICATE", der)).collect())
    }

    /// By what people recognise it.
    pub fn authority(&self) -> Authority {
        authority_of(self.der())
    }

    /// As DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.ders[0]
    }

    fn seen<T>(&self, look: impl FnOnce(&X509Certificate<'_>) -> T) -> Option<T> {
        X509Certificate::from_der(self.der()).ok().map(|(_, certificate)| look(&certificate))
    }

    /// Whether it is for this key.
    pub fn is_of(&self, key: &PrivateKey) -> bool {
        self.seen(|certificate| certificate.public_key().raw == key.public()).unwrap_or_default()
    }

    /// Whether it was signed by the key of another one, and says so.
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        let verified = |issuer: &X509Certificate<'_>| {
            self.seen(|certificate| {
                certificate.issuer().as_raw() == issuer.subject().as_raw()
                    && certificate.verify_signature(Some(issuer.public_key())).is_ok()
            })
        };
        issuer.seen(verified).flatten().unwrap_or_default()
    }

    /// Whether it names another one as the authority that signed it, be that true or not.
    pub(super) fn says_it_is_issued_by(&self, issuer: &Self) -> bool {
        let named = |issuer: &X509Certificate<'_>| {
            self.seen(|certificate| certificate.issuer().as_raw() == issuer.subject().as_raw())
        };
        issuer.seen(named).flatten().unwrap_or_default()
    }

    /// Whether it names another one as its issuer, and was signed by the key of that, as far as this can be looked at: not with
    /// a key or in a way that nobody should use any more, or that is not known here.
    pub(super) fn may_be_issued_by(&self, issuer: &Self) -> bool {
        let verified = |other: &X509Certificate<'_>| {
            self.seen(|certificate| match certificate.verify_signature(Some(other.public_key())) {
                Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => true,
                Err(_) => matches!(issuer.key_kind(), KeyKind::Rsa(..KeyKind::SHORTEST)),
            })
        };
        self.says_it_is_issued_by(issuer) && issuer.seen(verified).flatten().unwrap_or_default()
    }

    /// Whom it is for, and who has signed it, made safe to show.
    pub fn subject_and_issuer(&self) -> (String, String) {
        let names = self.seen(|certificate| [certificate.subject(), certificate.issuer()].map(name_of));
        let [subject, issuer] = names.unwrap_or_default();
        (if subject.is_empty() { self.told_names().into_iter().next().unwrap_or_default() } else { subject }, issuer)
    }

    /// What its key is of.
    pub(super) fn key_kind(&self) -> KeyKind {
        let kind = |certificate: &X509Certificate<'_>| {
            let key = certificate.public_key();
            let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
            match (key.parsed(), curve.map(|curve| curve.to_id_string())) {
                (Ok(PublicKey::RSA(rsa)), _) => {
                    // A positive number may begin with a byte of nothing.
                    let modulus = rsa.modulus.iter().skip_while(|byte| **byte == 0);
                    KeyKind::Rsa(8 * modulus.count())
                }
                (Ok(PublicKey::EC(_)), Some(curve)) if curve == "1.2.840.10045.3.1.7" => KeyKind::P256,
                (Ok(PublicKey::EC(_)), Some(curve)) if curve == "1.3.132.0.34" => KeyKind::P384,
                _ => KeyKind::Other(key.algorithm.algorithm.to_id_string()),
            }
        };
        self.seen(kind).unwrap_or_else(|| KeyKind::Other(String::new()))
    }

    /// The digest that it was signed with, if others can be found that have the same.
    pub(super) fn weak_digest(&self) -> Option<&'static str> {
        let digest = |certificate: &X509Certificate<'_>| {
            let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
            WEAK_DIGESTS.iter().find(|(id, _)| *id == algorithm).map(|(_, name)| *name)
        };
        self.seen(digest).flatten()
    }

    /// What it is for, made safe to show; a name that is in its subject alone is none.
    pub(super) fn told_names(&self) -> Vec<String> {
        let told = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some(plain_text(name, 80)),
            GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
            _ => None,
        };
        let names = |certificate: &X509Certificate<'_>| {
            let names = certificate.subject_alternative_name().ok().flatten();
            names.map(|names| names.value.general_names.iter().filter_map(told).collect())
        };
        self.seen(names).flatten().unwrap_or_default()
    }

    /// Whether it may sign others, and lists of revoked ones.
    pub fn is_authority(&self) -> bool {
        let signs = |certificate: &X509Certificate<'_>| {
            let usage = certificate.key_usage().ok().flatten();
            certificate.is_ca() && usage.is_none_or(|usage| usage.value.key_cert_sign())
        };
        self.seen(signs).unwrap_or_default()
    }

    /// Whether a TLS server may show it.
    pub(super) fn is_of_server(&self) -> bool {
        let serves = |certificate: &X509Certificate<'_>| {
            certificate.extended_key_usage().ok().flatten().is_some_and(|usage| usage.value.server_auth)
        };
        self.seen(serves).unwrap_or_default()
    }

    /// From when to when it is valid.
    pub fn period(&self) -> Option<(Timestamp, Timestamp)> {
        self.seen(|certificate| {
            let validity = certificate.validity();
            let at = |seconds| Timestamp::from_second(seconds).ok();
            Some((at(validity.not_before.timestamp())?, at(validity.not_after.timestamp())?))
        })?
    }

    /// Whether it is for a host: for just that name or address, or for every name beside it (RFC 9525, section 6.3).
    pub fn names(&self, host: &Host) -> bool {
        let is_host = |name: &GeneralName<'_>| match (name, host) {
            (GeneralName::DNSName(name), Host::Name(host)) => {
                let above = name.strip_prefix("*.").zip(host.as_str().split_once('.'));
                let is_below = above.is_some_and(|(wanted, (_, above))| wanted.eq_ignore_ascii_case(above));
                is_below || name.eq_ignore_ascii_case(host.as_str())
            }
            (GeneralName::IPAddress(bytes), Host::Ip(IpAddr::V4(address))) => *bytes == address.octets(),
            (GeneralName::IPAddress(bytes), Host::Ip(IpAddr::V6(address))) => *bytes == address.octets(),
            _ => false,
        };
        let names = |certificate: &X509Certificate<'_>| {
            let names = certificate.subject_alternative_name().ok().flatten();
            names.is_some_and(|names| names.value.general_names.iter().any(is_host))
        };
        self.seen(names).unwrap_or_default()
    }

    /// What it is for: the names and addresses in it that this program could have put there.
    pub(super) fn hosts(&self) -> Vec<Host> {
        let host = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => name.parse().ok().map(Host::Name),
            GeneralName::IPAddress(bytes) => address(bytes).map(Host::Ip),
            _ => None,
        };
        let hosts = |certificate: &X509Certificate<'_>| {
            let names = certificate.subject_alternative_name().ok().flatten();
            names.map(|names| names.value.general_names.iter().filter_map(host).collect())
        };
        self.seen(hosts).flatten().unwrap_or_default()
    }

    pub(super) fn key_id(&self) -> Option<Vec<u8>> {
        self.seen(|certificate| {
            certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
                x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
                _ => None,
            })
        })?
    }
}

/// What a key is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// RSA with so many bits.
    Rsa(usize),
    P256,
    P384,
    /// Something else, by the number of its algorithm.
    Other(String),
}

impl KeyKind {
    /// The fewest bits of RSA that anybody takes.
    pub(super) const SHORTEST: usize = 2048;
}

/// Ways of signing for which two texts of one signature can be made, by their numbers.
const WEAK_DIGESTS: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
    ("1.2.840.10040.4.3", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
];

/// An address as a certificate has it.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// By what people recognise the authority whose certificate this is, as DER.
pub fn authority_of(root: &CertificateDer<'_>) -> Authority {
    let name = X509Certificate::from_der(root).map_or_else(|_| String::new(), |(_, root)| name_of(root.subject()));
    // It is told all the same: what counts is the fingerprint.
    let name = if name.is_empty() { "?".to_owned() } else { name };
    Authority { name, sha256: Fingerprint::of(root) }
}

/// What a certificate calls somebody, made safe to show.
pub fn name_of(somebody: &X509Name<'_>) -> String {
    let name = somebody.iter_common_name().chain(somebody.iter_organization()).find_map(|name| name.as_str().ok());
    plain_text(&name.map_or_else(|| somebody.to_string(), str::to_owned), 80)
}
