//! Why a unit is not active in the end, and what helps.

use super::decide::Wrong;
use crate::{
    error::{ErrorId, Failure},
    values::UnitName,
    words::{Phrase, phrase, said},
};

/// A unit that is not active.
#[derive(Debug)]
pub(super) struct Inactive {
    pub(super) unit: UnitName,
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    /// It will not become so.
    Wrong(Wrong),
    /// It is not so in time, but in another state.
    Late { seconds: u64, state: String },
}

said! { Inactive:
    Self { unit, why: Why::Wrong(Wrong::Missing) } => "service-missing" { unit: unit.as_str() },
    Self { unit, why: Why::Wrong(Wrong::Masked) } => "service-masked" { unit: unit.as_str() },
    Self { unit, why: Why::Wrong(Wrong::Unreadable) } => "service-unreadable" { unit: unit.as_str() },
    Self { unit, why: Why::Wrong(Wrong::Unmet) } => "service-unmet" { unit: unit.as_str() },
    Self { unit, why: Why::Wrong(Wrong::Unbegun) } => "service-unbegun" { unit: unit.as_str() },
    Self { unit, why: Why::Wrong(Wrong::Status(status)) } =>
        "service-status" { unit: unit.as_str(), status: status.to_string() },
    Self { unit, why: Why::Wrong(Wrong::Signal(signal)) } =>
        "service-signal" { unit: unit.as_str(), signal: signal.to_string() },
    Self { unit, why: Why::Wrong(Wrong::Failed(result)) } => "service-failed" { unit: unit.as_str(), result },
    Self { unit, why: Why::Wrong(Wrong::Ended) } => "service-ended" { unit: unit.as_str() },
    Self { unit, why: Why::Late { seconds, state } } => "service-late" { unit: unit.as_str(), seconds, state },
}

impl Failure for Inactive {
    fn id(&self) -> ErrorId {
        match &self.why {
            Why::Wrong(Wrong::Missing | Wrong::Masked | Wrong::Unreadable) => ErrorId::ServiceUnusable,
            Why::Wrong(_) => ErrorId::ServiceFailed,
            Why::Late { .. } => ErrorId::ServiceTimeout,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        let unit = self.unit.as_str();
        Some(match &self.why {
            Why::Wrong(Wrong::Missing) => phrase!("service-missing-hint" { unit }),
            Why::Wrong(Wrong::Masked) => phrase!("service-masked-hint" { unit }),
            Why::Wrong(Wrong::Unreadable) => phrase!("service-unreadable-hint" { unit }),
            Why::Wrong(Wrong::Unmet | Wrong::Unbegun) => phrase!("service-unbegun-hint" { unit }),
            Why::Wrong(_) => phrase!("service-hint" { unit }),
            Why::Late { .. } => phrase!("service-late-hint" { unit }),
        })
    }
}
