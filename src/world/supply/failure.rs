//! Why answers that are given to this machine cannot be had.

use std::time::Duration;

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
    world::{HostError, ProbeError},
};

/// Why answers that are given to this machine cannot be had.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum SupplyError {
    /// What the kernel's command line says will not do.
    Told(Phrase),
    /// There is no volume of this label.
    NoVolume { label: String },
    /// It cannot be mounted.
    Unmounted { label: String, device: String, why: String },
    /// It has no such file.
    NoFile { label: String, file: String },
    /// A file or credential cannot be read.
    Unreadable { name: Phrase, source: HostError },
    /// The `user-data` of cloud-init cannot be read, and has something for us in it.
    UserData { label: String, why: Phrase },
    /// A server does not give them.
    Silent { url: String, source: ProbeError },
    /// It answers with something else.
    Status { url: String, status: u16 },
    /// It answers with more than an answers file can be.
    TooLong { url: String },
}

said! { SupplyError:
    Self::Told(why) => "supply-told" { why },
    Self::NoVolume { label } => "supply-no-volume" { label },
    Self::Unmounted { label, device, why } => "supply-unmounted" { label, device, why },
    Self::NoFile { label, file } => "supply-no-file" { label, file },
    Self::Unreadable { name, source } => "supply-unreadable" { name } because Ours(source),
    Self::UserData { label, why } => "supply-user-data" { label, why },
    Self::Silent { url, source } => "supply-silent" { url } because Ours(source),
    Self::Status { url, status } => "supply-status" { url, status },
    Self::TooLong { url } => "supply-too-long" { url },
}

impl Failure for SupplyError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Silent { source: ProbeError::Proxy(_), .. } => ErrorId::Proxy,
            Self::Silent { source: ProbeError::Unresolved(_), .. } => ErrorId::NameResolution,
            Self::Silent { source: ProbeError::Certificate { .. } | ProbeError::OtherCertificate(_), .. } => {
                ErrorId::TlsUntrusted
            }
            Self::Silent { source: ProbeError::Period | ProbeError::NoTls | ProbeError::Tls(_), .. } => {
                ErrorId::TlsFailed
            }
            Self::Silent { .. } | Self::Status { .. } => ErrorId::Unreachable,
            Self::Unreadable { source, .. } => source.id(),
            _ => ErrorId::AnswersSource,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Silent { source: ProbeError::Proxy(error), .. } => error.hint(),
            Self::Silent { source: ProbeError::OtherCertificate(_), .. } => {
                Some(phrase!("supply-other-certificate-hint"))
            }
            Self::Silent { .. } | Self::Status { .. } => Some(phrase!("supply-silent-hint")),
            Self::Unreadable { source, .. } => source.hint(),
            _ => None,
        }
    }

    /// A network, a server and a stick may come later than this program.
    fn again(&self) -> Option<Duration> {
        match self {
            Self::NoVolume { .. } | Self::Status { status: 500.. | 429 | 408, .. } => Some(Duration::ZERO),
            Self::Silent { source: ProbeError::Proxy(error), .. } => error.again(),
            Self::Silent { source, .. } => source.is_silence().then_some(Duration::ZERO),
            _ => None,
        }
    }
}
