//! The certificates that a server shows, and what is wrong with its own: how people make them by hand, or who signed it.

use std::time::Duration;

use rustls::{
    CertificateError,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Version};

use crate::values::{
    Authority,
    pki::{Certificate, name_of},
    plain_text,
};

/// The most names that are told.
const MOST_NAMES: usize = 5;

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is an authority's own.
    Authority,
    /// It is older than X.509 version 3.
    Version(u32),
    /// It names no host.
    Nameless,
    /// It names others.
    OtherNames(String),
    /// Only it vouches for itself.
    SelfSigned,
    /// Its issuer is not trusted; it may have come `alone`, without its issuer's certificate, or with that of an authority that
    /// signs for it.
    Untrusted { issuer: String, alone: bool, authority: Option<Authority> },
}

/// What a server showed, and what it was asked for.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) end_entity: CertificateDer<'static>,
    pub(super) intermediates: Vec<CertificateDer<'static>>,
    pub(super) server_name: ServerName<'static>,
    pub(super) now: UnixTime,
}

impl Chain {
    /// What is wrong with the server's certificate, if that explains why it was refused.
    pub(super) fn fault(&self, error: &CertificateError) -> Option<CertificateFault> {
        let (_, certificate) = X509Certificate::from_der(&self.end_entity).ok()?;
        match error {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                let names = names(&certificate);
                Some(if names.is_empty() { CertificateFault::Nameless } else { CertificateFault::OtherNames(names) })
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                // With a bad signature the issuer's name is known, and no certificate is missing.
                let alone = *error == CertificateError::UnknownIssuer && self.intermediates.is_empty();
                if alone && certificate.issuer() == certificate.subject() {
                    return Some(CertificateFault::SelfSigned);
                }
                let authority = self.authorities().last().map(Certificate::authority);
                self.issuer().map(|issuer| CertificateFault::Untrusted { issuer, alone, authority })
            }
            CertificateError::Other(_) if certificate.version() != X509Version::V3 => {
                Some(CertificateFault::Version(certificate.version().0.saturating_add(1)))
            }
            CertificateError::Other(_) if certificate.is_ca() => Some(CertificateFault::Authority),
            _ => None,
        }
    }

    /// Whom the server was taken for, as a `subjectAltName` has it.
    pub(super) fn wanted(&self) -> String {
        match &self.server_name {
            ServerName::IpAddress(address) => format!("IP:{}", std::net::IpAddr::from(*address)),
            name => format!("DNS:{}", name.to_str()),
        }
    }

    /// Who issued it, made safe to show: the name that tells an operator of an intercepting proxy.
    fn issuer(&self) -> Option<String> {
        // The last certificate sent names the authority nearest to the root.
        let last = self.intermediates.last().unwrap_or(&self.end_entity);
        X509Certificate::from_der(last).ok().map(|(_, parsed)| name_of(parsed.issuer()))
    }
}

/// From when on and until when a certificate is valid, in seconds since 1970.
fn period(certificate: &CertificateDer<'_>) -> Option<(u64, u64)> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let validity = certificate.validity();
    let [from, until] = [validity.not_before, validity.not_after].map(|time| u64::try_from(time.timestamp()).ok());
    from.zip(until)
}

/// A time at which a certificate is valid: `now`, or the nearest one to it.
pub(super) fn when_valid(certificate: &CertificateDer<'_>, now: UnixTime) -> UnixTime {
    let Some((from, until)) = period(certificate).filter(|(from, until)| from <= until) else { return now };
    UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().clamp(from, until)))
}

/// The hosts that a certificate names, made safe to show.
fn names(certificate: &X509Certificate<'_>) -> String {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|extension| &extension.value.general_names);
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(format!("`DNS:{}`", plain_text(name, 80))),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from)).ok()?;
            Some(format!("`IP:{address}`"))
        }
        _ => None,
    });
    names.take(MOST_NAMES).collect::<Vec<_>>().join(", ")
}
