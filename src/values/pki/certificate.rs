//! A certificate as it is there, perhaps with those that issued it behind it.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{
    prelude::{FromDer, GeneralName, X509Certificate},
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
        let is_sound = |der: &CertificateDer<'_>| X509Certificate::from_der(der).is_ok_and(|(rest, _)| rest.is_empty());
        (!ders.is_empty() && ders.iter().all(is_sound)).then_some(Self { ders })
    }

    pub(super) fn of(der: &CertificateDer<'_>) -> Self {
        Self { ders: vec![der.clone().into_owned()] }
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

    /// Whether it is for a host: for just that name or address.
    pub fn names(&self, host: &Host) -> bool {
        let is_host = |name: &GeneralName<'_>| match (name, host) {
            (GeneralName::DNSName(name), Host::Name(host)) => name.eq_ignore_ascii_case(host.as_str()),
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
            GeneralName::IPAddress(bytes) => {
                let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(Host::Ip)
            }
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
