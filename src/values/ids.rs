//! The ids of a tenant and of an appliance, as the license service knows them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::SecretText;
use crate::words::said;

/// The id of the tenant this appliance belongs to: a UUID made by the vendor's control plane, never by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantId(Uuid);

/// A tenant id that is not a hyphenated, non-nil UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantIdError(String);

said! { TenantIdError: Self(text) => "tenant-id-form" { text } }

impl FromStr for TenantId {
    type Err = TenantIdError;

    fn from_str(text: &str) -> Result<Self, TenantIdError> {
        match Uuid::try_parse(text) {
            Ok(id) if !id.is_nil() && text.len() == 36 => Ok(Self(id)),
            _ => Err(TenantIdError(super::plain_text(text, 60))),
        }
    }
}

impl TenantId {
    /// A tenant id in canonical form, and as it stands what is none; `None` of what says nothing.
    pub fn canonical(text: &SecretText) -> Option<String> {
        let text = text.expose().trim();
        let id = text.parse::<Self>().map_or_else(|_foreign| text.to_owned(), |id| id.to_string());
        Some(id).filter(|id| !id.is_empty())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The id under which this machine redeems its code: `appliance-` and 16 hex digits, the same at every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplianceId(String);

impl ApplianceId {
    /// Derives the id of `/etc/machine-id` (machine-id(5)), or of the host name where there is none.
    ///
    /// A machine-id that is empty, `uninitialized` or otherwise not 32 hex
    /// digits counts as none, because it may change once the system is up.
    pub fn derive(machine_id: Option<&str>, host_name: &str) -> Self {
        let machine_id =
            machine_id.map(str::trim).filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = match machine_id {
            Some(id) => id[..16].to_ascii_lowercase(),
            None => {
                Sha256::digest(host_name)[..8].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
            }
        };
        Self(format!("appliance-{digits}"))
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hyphenated_uuids() {
        let id = "7D3F2B60-95a1-4b8e-9d12-3c1f0a4e5b66";
        assert_eq!(id.parse::<TenantId>().expect("a UUID").to_string(), id.to_lowercase());
        for bad in [
            "",
            "acme",
            "7d3f2b6095a14b8e9d123c1f0a4e5b66",
            "00000000-0000-0000-0000-000000000000",
            "{7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66}",
        ] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_id_of_an_appliance_is_derived() {
        for (machine_id, expected) in [
            (Some("1f0c2d3e4b5a6978aabbccddeeff0011\n"), "appliance-1f0c2d3e4b5a6978"),
            (Some("uninitialized\n"), "appliance-c0365b5a3867cc38"),
            (Some(""), "appliance-c0365b5a3867cc38"),
            (None, "appliance-c0365b5a3867cc38"),
        ] {
            assert_eq!(ApplianceId::derive(machine_id, "host1").as_str(), expected);
        }
        assert_ne!(ApplianceId::derive(None, "host1"), ApplianceId::derive(None, "host2"));
    }
}
