//! What the license service, or something in its place, may do instead of granting.

use std::{io, time::Duration};

use rustls::CertificateError;

use super::{
    super::{proxy::ProxyError, tls::CertificateFault},
    period::Invalid,
};
use crate::{
    answers::fields::INSTALL_CODE,
    error::{ErrorId, Failure},
    values::Authority,
    words::{Phrase, phrase, said},
};

/// What the license service, or something in its place, did: `host` is its host and port, `sentence` what it said.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum LicenseError {
    /// The host name does not resolve.
    Resolve { host: String, source: io::Error },
    /// The proxy on the way does not let us through.
    Proxy(ProxyError),
    /// No connection, or it broke.
    Connect { host: String, source: reqwest::Error },
    /// It hung up instead of answering.
    Closed { host: String },
    /// No whole answer within the limit.
    Timeout { host: String, seconds: u64 },
    /// The certificate is not valid by what this machine's clock shows now, and it is the clock that is not to be believed.
    Clock { host: String, now: String, invalid: Invalid },
    /// This machine trusts no authority at all.
    NoAuthorities { host: String },
    /// The certificate is none for this server, or nobody trusted signed it; `wanted` is what it should name.
    Certificate { host: String, wanted: String, fault: CertificateFault },
    /// TLS failed in another way.
    Tls { host: String, source: rustls::Error },
    /// The code is not known.
    Unknown { sentence: String },
    /// The code has expired.
    Expired { sentence: String },
    /// The code was used.
    Used { sentence: String },
    /// A newer code was issued in its place.
    Superseded { sentence: String },
    /// The service does not take what it was sent, for a reason that only it knows, and will not take it later either.
    Refused { status: u16, code: Option<String>, sentence: String },
    /// There is no `/register` below the address that the profile names.
    NoService { host: String, status: u16 },
    /// Something refuses for the service, and without a code of its own.
    Blocked { host: String, status: u16 },
    /// The service cannot answer now, and perhaps says when it wants to be asked again.
    Unavailable { status: u16, sentence: String, retry_after: Option<Duration> },
    /// It sends us elsewhere, where the code does not go.
    Redirect { host: String, status: u16, target: Option<String> },
}

said! { LicenseError:
    Self::Resolve { host, source } => "license-unresolved" { host } because theirs(source),
    Self::Proxy(error) => (error),
    Self::Connect { host, source } => "license-unreachable" { host } because theirs(source),
    Self::Closed { host } => "license-closed" { host },
    Self::Timeout { host, seconds } => "license-silent" { host, seconds },
    Self::Clock { host, now, invalid: Invalid::NotYet } => "license-clock-early" { host, now },
    Self::Clock { host, now, invalid: Invalid::Expired } => "license-clock-late" { host, now },
    Self::NoAuthorities { host } => "license-no-authorities" { host },
    Self::Certificate { host, fault: CertificateFault::Authority, .. } => "license-certificate-authority" { host },
    Self::Certificate { host, fault: CertificateFault::Version(version), .. } => "license-certificate-version" { host, version },
    Self::Certificate { host, fault: CertificateFault::Nameless, .. } => "license-certificate-nameless" { host },
    Self::Certificate { host, wanted, fault: CertificateFault::OtherNames(names) } =>
        "license-certificate-other" { host, names, wanted },
    Self::Certificate { host, fault: CertificateFault::SelfSigned, .. } => "license-certificate-self" { host },
    Self::Certificate { host, fault: CertificateFault::Untrusted { issuer, .. }, .. } => "license-untrusted" { host, issuer },
    Self::Tls { host, source } => "license-tls" { host } because theirs(source),
    Self::Unknown { sentence } => "license-code-unknown" { says: says(sentence) },
    Self::Expired { sentence } => "license-code-expired" { says: says(sentence) },
    Self::Used { sentence } => "license-code-used" { says: says(sentence) },
    Self::Superseded { sentence } => "license-code-superseded" { says: says(sentence) },
    Self::Refused { status, code: Some(code), sentence } => "license-refused" { status, code, says: says(sentence) },
    Self::Refused { status, code: None, sentence } => "license-refused-uncoded" { status, says: says(sentence) },
    Self::NoService { host, status } => "license-no-service" { host, status },
    Self::Blocked { host, status } => "license-blocked" { host, status },
    Self::Unavailable { status, sentence, .. } => "license-unavailable" { status, says: says(sentence) },
    Self::Redirect { host, status, target: Some(target) } => "license-redirect" { host, status, target },
    Self::Redirect { host, status, target: None } => "license-redirect-nowhere" { host, status },
}

/// What the service said, in brackets; nothing when it said nothing.
fn says(sentence: &str) -> Phrase {
    if sentence.is_empty() { Phrase::nothing() } else { phrase!("license-says" { sentence }) }
}

impl Failure for LicenseError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Resolve { .. } => ErrorId::NameResolution,
            Self::Proxy(error) => error.id(),
            Self::Connect { .. } | Self::Closed { .. } | Self::Timeout { .. } | Self::Unavailable { .. } => {
                ErrorId::LicenseUnavailable
            }
            Self::NoAuthorities { .. }
            | Self::Certificate { fault: CertificateFault::SelfSigned | CertificateFault::Untrusted { .. }, .. } => {
                ErrorId::TlsUntrusted
            }
            Self::Clock { .. } => ErrorId::ClockWrong,
            Self::Tls { .. } | Self::Certificate { .. } => ErrorId::TlsFailed,
            Self::Unknown { .. } => ErrorId::CodeUnknown,
            Self::Expired { .. } => ErrorId::CodeExpired,
            Self::Used { .. } => ErrorId::CodeUsed,
            Self::Superseded { .. } => ErrorId::CodeSuperseded,
            Self::Refused { .. } => ErrorId::LicenseRefused,
            Self::NoService { .. } => ErrorId::LicenseUrl,
            Self::Blocked { .. } | Self::Redirect { .. } => ErrorId::LicenseBlocked,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Proxy(error) => error.hint(),
            Self::Unavailable { retry_after: Some(pause), .. } => {
                Some(phrase!("license-unavailable-hint" { seconds: pause.as_secs() }))
            }
            Self::Redirect { .. } => Some(phrase!("license-redirect-hint")),
            Self::Refused { .. } if self.is_of_another_tenant() => Some(phrase!("license-other-tenant-hint")),
            Self::NoAuthorities { .. } => Some(phrase!("license-no-authorities-hint")),
            Self::Certificate { wanted, fault, .. } => Some(certificate_hint(wanted, fault)),
            Self::Tls { source, .. } if has_expired(source) => Some(phrase!("license-tls-hint")),
            _ => None,
        }
    }

    fn about(&self) -> Option<String> {
        let is_about_the_code =
            matches!(self, Self::Unknown { .. } | Self::Expired { .. } | Self::Used { .. } | Self::Superseded { .. });
        (is_about_the_code || self.is_of_another_tenant()).then(|| INSTALL_CODE.to_owned())
    }

    fn again(&self) -> Option<Duration> {
        match self {
            Self::Proxy(error) => error.again(),
            Self::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or_default()),
            Self::Connect { .. } | Self::Closed { .. } | Self::Timeout { .. } => Some(Duration::ZERO),
            _ => None,
        }
    }
}

impl LicenseError {
    /// The service was told whose cluster this is, and refused the code before it was used up.
    fn is_of_another_tenant(&self) -> bool {
        matches!(self, Self::Refused { code: Some(code), .. } if code == "tenant_mismatch")
    }
}

/// What helps: whom to trust, or how a good one is made.
fn certificate_hint(wanted: &str, fault: &CertificateFault) -> Phrase {
    match fault {
        CertificateFault::SelfSigned => return phrase!("license-certificate-self-hint"),
        CertificateFault::Untrusted { authority: Some(Authority { name, sha256 }), .. } => {
            return phrase!("license-untrusted-shown-hint" { issuer: name, fingerprint: sha256.groups(16).join(" ") });
        }
        CertificateFault::Untrusted { issuer, alone: true, .. } => {
            return phrase!("license-untrusted-alone-hint" { issuer });
        }
        CertificateFault::Untrusted { issuer, .. } => return phrase!("license-untrusted-hint" { issuer }),
        _ => {}
    }
    let name = wanted.split_once(':').map_or(wanted, |(_, name)| name);
    let command = format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN={name} \
         -addext subjectAltName={wanted} -addext basicConstraints=critical,CA:FALSE -keyout server.key -out server.pem"
    );
    phrase!("license-certificate-hint" { command })
}

fn has_expired(error: &rustls::Error) -> bool {
    let time = |error| matches!(error, &CertificateError::Expired | &CertificateError::ExpiredContext { .. });
    matches!(error, rustls::Error::InvalidCertificate(error) if time(error))
}
