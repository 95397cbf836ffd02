//! Why the network of this machine cannot be changed.

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
    world::{HostError, SystemdError},
};

/// Why the network of this machine cannot be changed.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum NetworkdError {
    /// Nobody can be asked.
    NoBus(SystemdError),
    /// networkd does not run; who runs the network in its place, if that is known.
    NotRunning { other: Option<&'static str> },
    /// It runs, and leaves an interface with its addresses to somebody else.
    Unmanaged { interface: String },
    /// systemd does not do its part.
    Systemd(SystemdError),
    /// networkd does not read its files.
    Refused(SystemdError),
    /// A file cannot be read or written.
    File(HostError),
    /// What was to be kept has been taken back.
    TooLate,
}

said! { NetworkdError:
    Self::NoBus(error) => "networkd-no-bus" because Ours(error),
    Self::NotRunning { other: None } => "networkd-none",
    Self::NotRunning { other: Some(other) } => "networkd-other" { other: *other },
    Self::Unmanaged { interface } => "networkd-unmanaged" { interface },
    Self::Systemd(error) => (error),
    Self::Refused(error) => "networkd-refused" because Ours(error),
    Self::File(error) => (error),
    Self::TooLate => "networkd-too-late",
}

impl Failure for NetworkdError {
    fn id(&self) -> ErrorId {
        match self {
            Self::NoBus(_) | Self::NotRunning { .. } | Self::Unmanaged { .. } => ErrorId::NetworkUnmanaged,
            Self::Systemd(error) => error.id(),
            Self::Refused(_) | Self::TooLate => ErrorId::NetworkTakenBack,
            Self::File(_) => ErrorId::FileUnusable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::NotRunning { other: Some(other) } => Some(phrase!("networkd-other-hint" { other: *other })),
            Self::Systemd(error) => error.hint(),
            Self::File(error) => error.hint(),
            _ => None,
        }
    }
}

impl From<SystemdError> for NetworkdError {
    fn from(error: SystemdError) -> Self {
        Self::Systemd(error)
    }
}

impl From<HostError> for NetworkdError {
    fn from(error: HostError) -> Self {
        Self::File(error)
    }
}
