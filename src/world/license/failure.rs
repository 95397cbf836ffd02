//! What the license service, or something in its place, may do instead of granting.

use std::{io, time::Duration};

use rustls::CertificateError;

use crate::error::{ErrorId, Failure};

/// What the license service, or something in its place, did.
#[derive(Debug, thiserror::Error)]
pub enum LicenseError {
    /// The host name does not resolve.
    #[error("the license service's name `{host}` does not resolve")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's reason.
        #[source]
        source: io::Error,
    },
    /// No connection, or it broke.
    #[error("the license service at `{host}` cannot be reached")]
    Connect {
        /// Host and port.
        host: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// No whole answer in time.
    #[error("the license service at `{host}` did not answer within {seconds} s")]
    Timeout {
        /// Host and port.
        host: String,
        /// The limit.
        seconds: u64,
    },
    /// The certificate was issued by somebody whom this machine does not trust.
    #[error(
        "the certificate presented for `{host}` was issued by \u{201c}{issuer}\u{201d}, which this machine does not trust"
    )]
    Untrusted {
        /// Host and port.
        host: String,
        /// The issuer's name, as the certificate says it.
        issuer: String,
    },
    /// The certificate is not valid by this machine's clock, and it is the clock that is not to be believed.
    #[error("by this machine's clock, which shows {now}, the certificate of `{host}` {what}")]
    Clock {
        /// Host and port.
        host: String,
        /// What the clock shows.
        now: String,
        /// How it is not valid.
        what: &'static str,
    },
    /// TLS failed in another way.
    #[error("no TLS connection to the license service at `{host}`")]
    Tls {
        /// Host and port.
        host: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The code is not known.
    #[error("the license service does not know this install code{}", said(.sentence))]
    Unknown {
        /// What the service said.
        sentence: String,
    },
    /// The code has expired.
    #[error("the install code has expired{}", said(.sentence))]
    Expired {
        /// What the service said.
        sentence: String,
    },
    /// The code was used.
    #[error("the install code has already been used{}", said(.sentence))]
    Used {
        /// What the service said.
        sentence: String,
    },
    /// The service cannot answer now.
    #[error("the license service cannot answer now (status {status}){}", said(.sentence))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        sentence: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// An answer that is not the service's.
    #[error("the answer from `{host}` is not one of a license service: {what}")]
    Answer {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        what: String,
    },
}

/// `: sentence`, or nothing when the service said nothing.
fn said(sentence: &str) -> String {
    if sentence.is_empty() { String::new() } else { format!(" (it says: {sentence})") }
}

impl Failure for LicenseError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Resolve { .. } => ErrorId::NameResolution,
            Self::Connect { .. } | Self::Timeout { .. } | Self::Unavailable { .. } => ErrorId::LicenseUnavailable,
            Self::Untrusted { .. } => ErrorId::TlsUntrusted,
            Self::Clock { .. } => ErrorId::ClockWrong,
            Self::Tls { .. } => ErrorId::TlsFailed,
            Self::Unknown { .. } => ErrorId::CodeUnknown,
            Self::Expired { .. } => ErrorId::CodeExpired,
            Self::Used { .. } => ErrorId::CodeUsed,
            Self::Answer { .. } => ErrorId::LicenseAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unavailable { retry_after: Some(pause), .. } => {
                Some(format!("run again in {} s: the code is kept, and sending it again is safe", pause.as_secs()))
            }
            Self::Untrusted { issuer, .. } => Some(format!(
                "if \u{201c}{issuer}\u{201d} is your organisation's proxy, ask for the license service to be exempt from inspection, or add that authority to the system's trust store; otherwise somebody is intercepting the connection"
            )),
            Self::Tls { source, .. } if has_expired(source) => Some(
                "ask the vendor to renew the license service's certificate; if the causes show a time that is not now, set this machine's clock".to_owned(),
            ),
            _ => None,
        }
    }
}

fn has_expired(error: &rustls::Error) -> bool {
    let time = |error| matches!(error, &CertificateError::Expired | &CertificateError::ExpiredContext { .. });
    matches!(error, rustls::Error::InvalidCertificate(error) if time(error))
}

impl LicenseError {
    /// The pause after which asking again by ourselves is sensible; `None` when the answer is final.
    #[must_use]
    pub fn again(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or_default()),
            Self::Connect { .. } | Self::Timeout { .. } => Some(Duration::ZERO),
            _ => None,
        }
    }
}
